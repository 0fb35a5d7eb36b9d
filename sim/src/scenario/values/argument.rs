//! Optional arguments of a method: `{ x-max-length = 5, x-overflow = "reject-publish" }`.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};
use warren_core::{
    ordered::OrdMap,
    wire::{FieldTable, FieldValue},
};

/// A field that holds them.
pub(crate) mod arguments {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use warren_core::wire::FieldTable;

    use super::Arguments;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FieldTable, D::Error> {
        Arguments::deserialize(deserializer).map(|arguments| arguments.0)
    }

    pub(crate) fn serialize<S: Serializer>(table: &FieldTable, serializer: S) -> Result<S::Ok, S::Error> {
        Arguments(table.clone()).serialize(serializer)
    }
}

#[derive(Clone)]
pub(super) struct Arguments(pub(super) FieldTable);

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let arguments = OrdMap::<String, Argument>::deserialize(deserializer)?;
        Ok(Arguments(arguments.into_iter().map(|(key, Argument(value))| (key, value)).collect()))
    }
}

/// An argument's value, with the type that most clients would send.
struct Argument(FieldValue);

impl<'de> Deserialize<'de> for Argument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl Visitor<'_> for Value {
            type Value = Argument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a text, true or false")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Argument, E> {
                Ok(Argument(FieldValue::Bool(value)))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Argument, E> {
                Ok(Argument(FieldValue::I64(value)))
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Argument, E> {
                Ok(Argument(FieldValue::LongStr(value.as_bytes().to_vec())))
            }
        }
        deserializer.deserialize_any(Value)
    }
}

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name.to_string(), Shown(value))))
    }
}

struct Shown<'a>(&'a FieldValue);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            FieldValue::Bool(value) => serializer.serialize_bool(*value),
            FieldValue::I64(value) => serializer.serialize_i64(*value),
            // A scenario file brings no other types.
            value => serializer.collect_str(value),
        }
    }
}
