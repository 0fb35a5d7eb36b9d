//! Times: a whole number and a unit.

use std::{fmt, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

/// A time, as an element of a list.
#[derive(Clone, Copy)]
pub(super) struct Time(pub(super) Duration);

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

pub(in crate::scenario) fn parse(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().ok()?;
    let us_per_unit = match unit.trim_start() {
        "us" | "µs" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "min" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return None,
    };
    number.checked_mul(us_per_unit).map(Duration::from_micros)
}

/// In the largest unit in which it is a whole number.
pub(in crate::scenario) fn show(time: Duration) -> String {
    let us = time.as_micros();
    let units = [(3_600_000_000, "h"), (60_000_000, "min"), (1_000_000, "s"), (1_000, "ms")];
    let unit = units.into_iter().find(|(us_per_unit, _)| us > 0 && us.is_multiple_of(*us_per_unit));
    match unit {
        Some((us_per_unit, name)) => format!("{}{name}", us / us_per_unit),
        None if us == 0 => "0s".into(),
        None => format!("{us}us"),
    }
}

/// A field that is a time.
pub(crate) mod duration {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        super::Time::deserialize(deserializer).map(|time| time.0)
    }

    pub(crate) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::show(*time))
    }
}

/// A field that is a time, or missing.
pub(crate) mod some_duration {
    use std::time::Duration;

    use serde::{Deserializer, Serializer};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        super::duration::deserialize(deserializer).map(Some)
    }

    pub(crate) fn serialize<S: Serializer>(
        time: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::duration::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }
}
