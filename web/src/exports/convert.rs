//! Between Rust and JavaScript. What serde hands over goes through one type, JSON's value: the code that writes events as
//! JSON is there anyway, for the trace, and a second one for JavaScript's values would be forty kilobytes more.

use serde::Serialize;
use serde_json::Value;
use serde_wasm_bindgen::Serializer;
use warren_sim::document::{Table, Value as Toml};
use wasm_bindgen::JsValue;

/// Fields that are ids of 64 bits: texts in JavaScript, whose numbers have 53.
const IDS: [&str; 8] =
    ["message", "reply", "connection", "number", "delivery_tag", "commit", "offset", "seq"];

/// A plain JavaScript value: ids as texts, moments in seconds.
pub(super) fn to_js(value: &impl Serialize) -> JsValue {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut value = serde_json::from_str(&text).unwrap_or_default();
    plain(&mut value);
    // JSON has nothing that JavaScript could not take.
    value.serialize(&Serializer::json_compatible()).unwrap_or_default()
}

fn plain(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(plain),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Number(id) if IDS.contains(&name.as_str()) => {
                        *value = Value::String(id.to_string());
                    }
                    Value::Number(us) if name == "at" || name.ends_with("_at") => {
                        *value = us.as_f64().map_or(Value::Null, |us| Value::from(us / 1e6));
                    }
                    _ => plain(value),
                }
            }
        }
        _ => {}
    }
}

/// A plain object as the fields of a table in a scenario.
///
/// # Errors
/// Something else than an object, or a value that no scenario has.
pub(super) fn to_table(object: JsValue) -> Result<Table, String> {
    let value: Value = serde_wasm_bindgen::from_value(object).map_err(|error| error.to_string())?;
    match toml(value)? {
        Toml::Table(table) => Ok(table),
        other => Err(format!("{other} is no object with the fields of a [[fault]]")),
    }
}

fn toml(value: Value) -> Result<Toml, String> {
    Ok(match value {
        Value::String(text) => Toml::Text(text),
        Value::Bool(flag) => Toml::Flag(flag),
        Value::Array(list) => Toml::List(list.into_iter().map(toml).collect::<Result<_, _>>()?),
        Value::Object(fields) => {
            let mut table = Table::default();
            for (name, value) in fields {
                table.insert(&name, toml(value)?);
            }
            Toml::Table(table)
        }
        Value::Number(number) => match number.as_f64() {
            // JavaScript tells no whole numbers from others.
            Some(whole) if whole.fract() == 0.0 && whole.abs() <= MOST => Toml::Integer(whole as i64),
            _ => return Err(format!("{number} is no whole number")),
        },
        Value::Null => return Err("null is no value of a [[fault]]: leave the field out".into()),
    })
}

/// The largest number up to which JavaScript has every whole one: 2⁵³.
const MOST: f64 = 9_007_199_254_740_992.0;

/// A seed: a number, a bigint, or either as a text; 1 if there is none.
///
/// # Errors
/// Something else.
pub(super) fn to_seed(seed: JsValue) -> Result<u64, String> {
    let wrong = || "a seed is a whole number from 0 to 2**64 - 1".to_owned();
    if seed.is_undefined() || seed.is_null() {
        return Ok(1);
    }
    if let Some(text) = seed.as_string() {
        return text.parse().map_err(|_| wrong());
    }
    match seed.as_f64() {
        Some(number) if number >= 0.0 && number.fract() == 0.0 && number <= MOST => Ok(number as u64),
        Some(_) => Err(wrong()),
        None => u64::try_from(seed).map_err(|_| wrong()),
    }
}
