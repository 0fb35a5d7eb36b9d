//! Optional arguments of a method: `{ x-max-length = 5, x-overflow = "reject-publish" }`.

use serde::{Serialize, Serializer};
use toml::de::DeValue;
use warren_core::wire::{FieldTable, FieldValue};

use crate::document::{self, Error, Field, Node, Value};

impl Field for FieldTable {
    const ALONE: Option<&'static str> = Some("a table of headers");

    fn read(node: &Node<'_>) -> Result<Self, Error> {
        document::entries(node)?
            .map(|(key, value)| Ok((key.get_ref().to_string(), argument(value)?)))
            .collect()
    }

    fn write(&self) -> Option<Value> {
        Some(Value::table(self.iter().map(|(name, value)| (name.to_string(), Some(shown(value))))))
    }
}

/// An argument's value, with the type that most clients would send.
fn argument(node: &Node<'_>) -> Result<FieldValue, Error> {
    match node.get_ref() {
        DeValue::Boolean(flag) => Ok(FieldValue::Bool(*flag)),
        DeValue::Integer(_) => i64::read(node).map(FieldValue::I64),
        DeValue::String(text) => Ok(FieldValue::LongStr(text.as_bytes().to_vec())),
        _ => Err(Error::wanted("a number, a text, true or false", node)),
    }
}

fn shown(value: &FieldValue) -> Value {
    match value {
        FieldValue::Bool(value) => Value::Flag(*value),
        FieldValue::I64(value) => Value::Integer(*value),
        // A scenario file brings no other types.
        value => Value::Text(value.to_string()),
    }
}

/// Headers in events: as in a file.
pub(crate) fn headers<S: Serializer>(table: &FieldTable, serializer: S) -> Result<S::Ok, S::Error> {
    table.write().serialize(serializer)
}
