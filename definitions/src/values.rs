//! Values of JSON as AMQP has them (RabbitMQ's `rabbit_misc:to_amqp_table`).

use serde_json::Value;
use warren_core::wire::{FieldTable, FieldValue};

/// A table; an empty list is one, too.
pub(crate) fn table(value: &Value) -> Option<FieldTable> {
    match value {
        Value::Object(fields) => {
            let mut table = FieldTable::default();
            fields.iter().for_each(|(name, value)| table.insert(name, field(value)));
            table.sort();
            Some(table)
        }
        Value::Array(empty) if empty.is_empty() => Some(FieldTable::default()),
        _ => None,
    }
}

fn field(value: &Value) -> FieldValue {
    match value {
        Value::Null => FieldValue::Void,
        Value::Bool(flag) => FieldValue::Bool(*flag),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| FieldValue::F64(number.as_f64().unwrap_or_default().to_bits()), FieldValue::I64),
        Value::String(text) => FieldValue::LongStr(text.as_bytes().to_vec()),
        Value::Array(values) => FieldValue::Array(values.iter().map(field).collect()),
        Value::Object(_) => FieldValue::Table(table(value).unwrap_or_default()),
    }
}
