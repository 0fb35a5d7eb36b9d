//! Lists; one element may stand alone.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// A time, or a list of them.
pub(crate) mod durations {
    use std::time::Duration;

    use serde::{Deserializer, Serializer};

    use super::super::time::{Time, show};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Duration>, D::Error> {
        let times: Vec<Time> = deserializer.deserialize_any(super::one_or_more("a time such as \"2s\""))?;
        Ok(times.into_iter().map(|time| time.0).collect())
    }

    pub(crate) fn serialize<S: Serializer>(times: &[Duration], serializer: S) -> Result<S::Ok, S::Error> {
        super::write(times.iter().map(|time| show(*time)), serializer)
    }
}

/// A text, or a list of them.
pub(crate) mod texts {
    use serde::{Deserializer, Serializer};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        deserializer.deserialize_any(super::one_or_more("a text"))
    }

    pub(crate) fn serialize<S: Serializer>(texts: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        super::write(texts.iter(), serializer)
    }
}

/// A number, or a list of them.
pub(crate) mod numbers {
    use serde::{Deserializer, Serializer};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_any(super::one_or_more("a number from 0 to 255"))
    }

    pub(crate) fn serialize<S: Serializer>(numbers: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        super::write(numbers.iter(), serializer)
    }
}

/// A table of headers, or a list of them.
pub(crate) mod tables {
    use serde::{Deserializer, Serializer};
    use warren_core::wire::FieldTable;

    use super::super::argument::Arguments;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<FieldTable>, D::Error> {
        let tables: Vec<Arguments> =
            deserializer.deserialize_any(super::one_or_more("a table of headers"))?;
        Ok(tables.into_iter().map(|table| table.0).collect())
    }

    pub(crate) fn serialize<S: Serializer>(tables: &[FieldTable], serializer: S) -> Result<S::Ok, S::Error> {
        super::write(tables.iter().map(|table| Arguments(table.clone())), serializer)
    }
}

fn write<S: Serializer, T: Serialize>(
    mut list: impl ExactSizeIterator<Item = T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match list.next() {
        Some(one) if list.len() == 0 => one.serialize(serializer),
        first => serializer.collect_seq(first.into_iter().chain(list)),
    }
}

const fn one_or_more<T>(what: &'static str) -> OneOrMore<T> {
    OneOrMore(PhantomData, what)
}

/// Reads `x` as `[x]`.
struct OneOrMore<T>(PhantomData<T>, &'static str);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMore<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, or a list of them", self.1)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
        T::deserialize(de::value::StrDeserializer::new(text)).map(|one| vec![one])
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Vec<T>, E> {
        T::deserialize(de::value::I64Deserializer::new(number)).map(|one| vec![one])
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Vec<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(table)).map(|one| vec![one])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = list.next_element()? {
            all.push(one);
        }
        if all.is_empty() { Err(de::Error::invalid_length(0, &self)) } else { Ok(all) }
    }
}
