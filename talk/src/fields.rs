//! `key=value` words: what a line of a conversation says about a method, its content and its tables.

use std::{cell::RefCell, collections::BTreeSet};

use warren_core::wire::{FieldTable, FieldValue};

/// The words behind a method's name. Every word must be used: one that nobody asks for is misspelt.
pub(crate) struct Fields {
    pairs: Vec<(String, Value)>,
    used: RefCell<BTreeSet<String>>,
}

/// A value, with its form on the wire still open.
enum Value {
    Flag,
    Text { text: String, table: FieldTable },
}

impl Fields {
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let pair = |word: String| match word.split_once('=') {
            None => Ok((word, Value::Flag)),
            Some((key, value)) => {
                let table = if value.starts_with('{') { parse_table(value)? } else { FieldTable::default() };
                Ok((key.to_owned(), Value::Text { text: unquote(value)?, table }))
            }
        };
        let pairs: Result<Vec<_>, String> = split(line).into_iter().map(pair).collect();
        Ok(Fields { pairs: pairs?, used: RefCell::default() })
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<&str>, String> {
        match self.find(key) {
            None => Ok(None),
            Some(Value::Flag) => Err(format!("{key} needs a value: {key}=…")),
            Some(Value::Text { text, .. }) => Ok(Some(text)),
        }
    }

    pub(crate) fn table(&self, key: &str) -> Result<Option<FieldTable>, String> {
        match self.find(key) {
            None => Ok(None),
            Some(Value::Flag) => Err(format!("{key} needs a value: {key}={{a=1}}")),
            Some(Value::Text { table, .. }) => Ok(Some(table.clone())),
        }
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, key: &str) -> Result<Option<T>, String> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("{key}={text} is no number, or too large a one"))
    }

    /// Refuses a word that nobody asked for.
    pub(crate) fn check_used(&self) -> Result<(), String> {
        let used = self.used.borrow();
        match self.pairs.iter().find(|(key, _)| !used.contains(key)) {
            None => Ok(()),
            Some((key, _)) => {
                let nearest = used.iter().min_by_key(|known| strsim::damerau_levenshtein(key, known));
                let hint = nearest.map(|known| format!("; did you mean {known}?")).unwrap_or_default();
                Err(format!("there is no field {key:?} here{hint}"))
            }
        }
    }

    fn find(&self, key: &str) -> Option<&Value> {
        self.used.borrow_mut().insert(key.to_owned());
        self.pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

/// Words, cut at spaces outside of quotes and braces.
fn split(line: &str) -> Vec<String> {
    split_at(line, ' ').into_iter().filter(|word| !word.is_empty()).collect()
}

fn split_at(text: &str, separator: char) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut depth, mut quoted) = (0, false);
    for letter in text.chars() {
        match letter {
            '\'' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            _ => {}
        }
        if letter == separator && depth == 0 && !quoted {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words
}

/// `{a=1, b=text, c=long:7, d={e=true}}`; a type can be named: `byte:1 short:1 int:1 long:1 str:1 timestamp:1
/// double:1.5 bytes:x`.
fn parse_table(text: &str) -> Result<FieldTable, String> {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let inner = inner.ok_or_else(|| format!("a table ends in }}: {text}"))?;
    let pairs = split_at(inner, ',').into_iter().filter(|pair| !pair.trim().is_empty());
    let pair = |pair: String| {
        let (key, value) = pair.trim().split_once('=').ok_or_else(|| format!("key=value, not {pair}"))?;
        Ok((key.to_owned(), parse_value(value)?))
    };
    pairs.map(pair).collect()
}

fn parse_value(text: &str) -> Result<FieldValue, String> {
    if let Some(items) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        let items = split_at(items, ',').into_iter().filter(|item| !item.trim().is_empty());
        let values: Result<Vec<_>, _> = items.map(|item| parse_value(item.trim())).collect();
        return values.map(FieldValue::Array);
    }
    if let Some((kind, value)) = text.split_once(':')
        && let Some(typed) = parse_typed(kind, value)
    {
        return typed.ok_or_else(|| format!("{value} is no {kind}"));
    }
    Ok(match text {
        "true" => FieldValue::Bool(true),
        "false" => FieldValue::Bool(false),
        "void" => FieldValue::Void,
        _ if text.starts_with('{') => FieldValue::Table(parse_table(text)?),
        _ => match text.parse() {
            Ok(number) => FieldValue::I32(number),
            Err(_) => FieldValue::LongStr(unquote(text)?.into()),
        },
    })
}

/// `None` if that is no type, `Some(None)` if the value is none of it.
fn parse_typed(kind: &str, value: &str) -> Option<Option<FieldValue>> {
    Some(match kind {
        "byte" => value.parse().ok().map(FieldValue::I8),
        "ubyte" => value.parse().ok().map(FieldValue::U8),
        "short" => value.parse().ok().map(FieldValue::I16),
        "ushort" => value.parse().ok().map(FieldValue::U16),
        "int" => value.parse().ok().map(FieldValue::I32),
        "uint" => value.parse().ok().map(FieldValue::U32),
        "long" => value.parse().ok().map(FieldValue::I64),
        "float" => value.parse().ok().map(|float: f32| FieldValue::F32(float.to_bits())),
        "double" => value.parse().ok().map(|double: f64| FieldValue::F64(double.to_bits())),
        "timestamp" => value.parse().ok().map(FieldValue::Timestamp),
        "str" => unquote(value).ok().map(|text| FieldValue::LongStr(text.into())),
        "bytes" => unquote(value).ok().map(|text| FieldValue::Bytes(text.into())),
        _ => return None,
    })
}

/// Quotes what would not be one word.
pub(crate) fn quoted(text: &str) -> String {
    let text = text.replace('\n', "\\n").replace('\0', "\\0");
    if text.is_empty() || text.contains(' ') { format!("'{text}'") } else { text }
}

/// Quotes keep spaces together; `\0`, `\n` and `\x05` are the characters.
fn unquote(text: &str) -> Result<String, String> {
    let mut parts = text.trim_matches('\'').split("\\x");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        out.push(char::from(digits.ok_or_else(|| format!("two hex digits follow \\x, not {part:?}"))?));
        out.push_str(&part[2..]);
    }
    Ok(out.replace("\\0", "\0").replace("\\n", "\n"))
}
