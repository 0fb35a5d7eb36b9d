//! The versions of RabbitMQ whose answers conversations record.

use std::{fmt, str::FromStr};

/// A release series of RabbitMQ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Version {
    /// 3.10, as Debian 12 has it.
    V3_10,
    /// 4.0, as Debian 13 has it.
    V4_0,
    /// 4.3, which Warren follows.
    V4_3,
}

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Version; 3] = [Version::V3_10, Version::V4_0, Version::V4_3];

    /// `3.10`
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Version::V3_10 => "3.10",
            Version::V4_0 => "4.0",
            Version::V4_3 => "4.3",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Version::ALL.into_iter().find(|version| version.as_str() == text);
        found.ok_or_else(|| format!("conversations know RabbitMQ 3.10, 4.0 and 4.3, not {text:?}"))
    }
}
