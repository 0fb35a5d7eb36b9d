//! What the broker's settings are spelled as.

use std::{fmt, time::Duration};

use warren_core::Release;

use super::time;
use crate::document::{self, Error, Field, Node, Value};

impl Field for Release {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        document::spelled(node, "a release of RabbitMQ: \"3.10\", \"4.0\" or \"4.3\"", |text| {
            text.parse().ok()
        })
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Text(self.to_string()))
    }
}

/// How long a delivery may be unacked before its queue takes it back, or as an older RabbitMQ before its channel is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConsumerTimeout {
    /// For ever: `"none"`.
    Never,
    /// For so long: `"30min"`.
    After(Duration),
}

impl ConsumerTimeout {
    /// In ms, where 0 is for ever.
    pub(crate) fn as_ms(self) -> u64 {
        match self {
            ConsumerTimeout::Never => 0,
            ConsumerTimeout::After(time) => u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1),
        }
    }
}

impl fmt::Display for ConsumerTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConsumerTimeout::Never => f.write_str("none"),
            ConsumerTimeout::After(time) => write!(f, "{}", time::show(*time)),
        }
    }
}

impl Field for ConsumerTimeout {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        document::spelled(node, "a time such as \"30min\", or \"none\"", |text| match text {
            "none" => Some(ConsumerTimeout::Never),
            text => time::parse(text).map(ConsumerTimeout::After),
        })
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Text(self.to_string()))
    }
}
