//! From a document to whatever serde reads.

use std::{fmt, slice};

use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_spanned::de::{SpannedDeserializer, is_spanned};
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{Error, Span, whole};

/// Reads a value from a text.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let document = DeTable::parse(text).map_err(|error| Error::of_toml(&error))?;
    let span = document.span();
    let root = DeValue::Table(document.into_inner());
    T::deserialize(Node { value: &root, span })
}

/// A value and its place. All that does not depend on the type that is read is outside of its functions: there is a
/// copy of them for each.
struct Node<'a> {
    value: &'a DeValue<'a>,
    span: Span,
}

impl<'a> Node<'a> {
    fn of(spanned: &'a Spanned<DeValue<'a>>) -> Node<'a> {
        Node { value: spanned.get_ref(), span: spanned.span() }
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let read = match self.value {
            DeValue::String(text) => visitor.visit_str(text),
            DeValue::Integer(number) => match (whole(number), number.as_str().parse()) {
                (Some(number), _) => visitor.visit_i64(number),
                (None, Ok(large)) => visitor.visit_u64(large),
                (None, Err(_)) => Err(de::Error::custom("integer number overflowed")),
            },
            DeValue::Boolean(flag) => visitor.visit_bool(*flag),
            DeValue::Array(list) => visitor.visit_seq(List(list.iter())),
            DeValue::Table(table) => visitor.visit_map(Fields { rest: table.iter(), value: None }),
            // No scenario has these.
            DeValue::Float(number) => Err(unexpected(&format!("floating point `{number}`"), &visitor)),
            DeValue::Datetime(date) => Err(unexpected(&format!("date `{date}`"), &visitor)),
        };
        read.map_err(|error| error.within(&self.span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if is_spanned(name) {
            let span = self.span.clone();
            return visitor.visit_map(SpannedDeserializer::new(self, span));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let read = match self.value {
            DeValue::String(text) => visitor.visit_enum(text_of(text)),
            _ => Err(de::Error::custom("wanted string or table")),
        };
        read.map_err(|error| error.within(&self.span))
    }

    forward_to_deserialize_any! {
        bool u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 char str string seq bytes byte_buf map unit newtype_struct
        ignored_any unit_struct tuple_struct tuple identifier
    }
}

impl<'de> IntoDeserializer<'de, Error> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A list that is being read.
struct List<'a>(slice::Iter<'a, Spanned<DeValue<'a>>>);

impl<'de> SeqAccess<'de> for List<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|one| seed.deserialize(Node::of(one))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A table that is being read, and the value whose key has been.
struct Fields<'a, I: Iterator<Item = Field<'a>>> {
    rest: I,
    value: Option<&'a Spanned<DeValue<'a>>>,
}

type Field<'a> = (&'a Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>);

impl<'de, I: Iterator<Item = Field<'de>>> MapAccess<'de> for Fields<'de, I> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        let read = seed.deserialize(text_of(key.get_ref()));
        read.map(Some).map_err(|error: Error| error.within(&key.span()))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(Node::of(value)).map_err(|error| error.within(&value.span())),
            None => Err(de::Error::custom("a value is read before its key")),
        }
    }
}

fn text_of(text: &str) -> StrDeserializer<'_, Error> {
    text.into_deserializer()
}

fn unexpected(what: &str, wanted: &dyn de::Expected) -> Error {
    de::Error::invalid_type(Unexpected::Other(what), wanted)
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        fn told(message: &dyn fmt::Display) -> Error {
            Error::new(message.to_string(), None)
        }
        told(&message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
