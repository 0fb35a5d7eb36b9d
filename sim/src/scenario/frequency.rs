//! How often something goes wrong.

use std::fmt;

use warren_core::Random;

use crate::document::{self, Error, Field, Node, Value};

/// `"never"`, `"always"`, `"every 3"`, or by the seed `"20%"`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Frequency {
    /// Not at all.
    #[default]
    Never,
    /// Each time that this number divides the count of the times; 1 for always.
    Every(u32),
    /// So many times in a hundred, by chance.
    Percent(u8),
}

impl Frequency {
    /// Whether it happens the `turn`-th time, from 1.
    pub(crate) fn strikes(self, turn: u64, random: &mut Random) -> bool {
        match self {
            Frequency::Never => false,
            Frequency::Every(number) => turn.is_multiple_of(u64::from(number)),
            Frequency::Percent(percent) => random.below(100) < u64::from(percent),
        }
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Frequency::Never => f.write_str("never"),
            Frequency::Every(1) => f.write_str("always"),
            Frequency::Every(number) => write!(f, "every {number}"),
            Frequency::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl Field for Frequency {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        document::spelled(node, "\"always\", \"every 3\" or \"20%\"", parse)
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Text(self.to_string()))
    }
}

fn parse(text: &str) -> Option<Frequency> {
    if let Some(percent) = text.strip_suffix('%') {
        return percent.parse().ok().filter(|percent| *percent <= 100).map(Frequency::Percent);
    }
    if let Some(number) = text.strip_prefix("every ") {
        return number.parse().ok().filter(|number| *number > 0).map(Frequency::Every);
    }
    match text {
        "never" => Some(Frequency::Never),
        "always" => Some(Frequency::Every(1)),
        _ => None,
    }
}
