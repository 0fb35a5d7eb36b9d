//! Times: a whole number and a unit.

use std::time::Duration;

use crate::document::{self, Error, Field, Node, Value};

impl Field for Duration {
    const ALONE: Option<&'static str> = Some("a time such as \"2s\"");

    fn read(node: &Node<'_>) -> Result<Self, Error> {
        document::spelled(node, "a time such as \"300ms\" or \"2s\"", parse)
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Text(show(*self)))
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
