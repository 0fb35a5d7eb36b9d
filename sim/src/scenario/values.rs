//! The values of a scenario file that TOML has no type for.

use std::{collections::BTreeMap, fmt, marker::PhantomData, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use warren_core::wire::{FieldTable, FieldValue};

/// A time: a whole number and a unit.
struct Time(Duration);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as \"300ms\" or \"2s\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
                parse(text)
                    .map(Time)
                    .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

fn parse(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().ok()?;
    let us_per_unit = match unit.trim_start() {
        "us" | "µs" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "min" => 60_000_000,
        _ => return None,
    };
    number.checked_mul(us_per_unit).map(Duration::from_micros)
}

/// A time.
pub(crate) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    Time::deserialize(deserializer).map(|time| time.0)
}

/// A time, in a field that may be missing.
pub(crate) fn some_duration<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    duration(deserializer).map(Some)
}

/// A time, or a list of them.
pub(crate) fn one_or_more_durations<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Duration>, D::Error> {
    let times: Vec<Time> = deserializer.deserialize_any(OneOrMore(PhantomData, "a time such as \"2s\""))?;
    Ok(times.into_iter().map(|time| time.0).collect())
}

/// A text, or a list of them.
pub(crate) fn one_or_more_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(OneOrMore(PhantomData, "a text"))
}

/// A number, or a list of them.
pub(crate) fn one_or_more_numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    deserializer.deserialize_any(OneOrMore(PhantomData, "a number from 0 to 255"))
}

/// A table of headers, or a list of them.
pub(crate) fn one_or_more_tables<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<FieldTable>, D::Error> {
    let tables: Vec<Arguments> =
        deserializer.deserialize_any(OneOrMore(PhantomData, "a table of headers"))?;
    Ok(tables.into_iter().map(|table| table.0).collect())
}

/// Optional arguments of a method: `{ x-max-length = 5, x-overflow = "reject-publish" }`.
pub(crate) fn arguments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FieldTable, D::Error> {
    Arguments::deserialize(deserializer).map(|arguments| arguments.0)
}

struct Arguments(FieldTable);

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let arguments = BTreeMap::<String, Argument>::deserialize(deserializer)?;
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
