//! What actors declare: exchanges, queues and bindings.

use serde::{Deserialize, Serialize};
use warren_core::wire::FieldTable;

use super::values::{self, is_default};

/// `[[exchange]]`
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Its name.
    pub name: String,
    /// How it chooses among its bindings.
    #[serde(rename = "type")]
    pub kind: ExchangeType,
    /// Whether it is to survive a restart.
    #[serde(default, skip_serializing_if = "is_default")]
    pub durable: bool,
    /// What else is asked of it: `alternate-exchange` …
    #[serde(default, with = "values::arguments", skip_serializing_if = "is_default")]
    pub arguments: FieldTable,
}

impl Exchange {
    /// A transient exchange without arguments.
    #[must_use]
    pub fn new(name: &str, kind: ExchangeType) -> Exchange {
        Exchange { name: name.into(), kind, durable: false, arguments: FieldTable::default() }
    }
}

/// The `type` of an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExchangeType {
    /// The binding key equals the routing key.
    Direct,
    /// Every binding.
    Fanout,
    /// The binding key is a mask over dot-separated words.
    Topic,
    /// The binding's arguments are compared with the message's headers.
    Headers,
    /// A hash of the message picks a bucket; the binding key says how many of them a binding has.
    #[serde(rename = "x-consistent-hash")]
    ConsistentHash,
    /// A hash of the routing key picks a binding.
    #[serde(rename = "x-modulus-hash")]
    ModulusHash,
    /// One binding, at random.
    #[serde(rename = "x-random")]
    Random,
    /// One binding, at random, to a queue of this node: all are.
    #[serde(rename = "x-local-random")]
    LocalRandom,
}

impl ExchangeType {
    /// Every type that scenarios know. Messages that an exchange holds back or keeps (`x-delayed-message`,
    /// `x-recent-history`) are not for them yet.
    pub const ALL: [ExchangeType; 8] = [
        ExchangeType::Direct,
        ExchangeType::Fanout,
        ExchangeType::Topic,
        ExchangeType::Headers,
        ExchangeType::ConsistentHash,
        ExchangeType::ModulusHash,
        ExchangeType::Random,
        ExchangeType::LocalRandom,
    ];

    /// The type's name in exchange.declare.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ExchangeType::Direct => "direct",
            ExchangeType::Fanout => "fanout",
            ExchangeType::Topic => "topic",
            ExchangeType::Headers => "headers",
            ExchangeType::ConsistentHash => "x-consistent-hash",
            ExchangeType::ModulusHash => "x-modulus-hash",
            ExchangeType::Random => "x-random",
            ExchangeType::LocalRandom => "x-local-random",
        }
    }
}

/// `[[queue]]`
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Whether it is to survive a restart.
    #[serde(default, skip_serializing_if = "is_default")]
    pub durable: bool,
    /// Whether it belongs to the connection of the one actor that takes from it, and goes with it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub exclusive: bool,
    /// What else is asked of it: `x-message-ttl`, `x-max-priority` …
    #[serde(default, with = "values::arguments", skip_serializing_if = "is_default")]
    pub arguments: FieldTable,
}

impl Queue {
    /// A transient queue without arguments.
    #[must_use]
    pub fn new(name: &str) -> Queue {
        Queue { name: name.into(), durable: false, exclusive: false, arguments: FieldTable::default() }
    }
}

/// `[[binding]]`: from an exchange to a queue, or to another exchange.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Where it leads from.
    pub exchange: String,
    /// The queue that it leads to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub queue: Option<String>,
    /// Or the exchange that it leads to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub to_exchange: Option<String>,
    /// The binding key; for a topic exchange a mask.
    #[serde(default, skip_serializing_if = "is_default")]
    pub routing_key: String,
    /// For a headers exchange the headers that it looks for, and `x-match`.
    #[serde(default, with = "values::arguments", skip_serializing_if = "is_default")]
    pub arguments: FieldTable,
}

impl Binding {
    /// From an exchange to a queue.
    #[must_use]
    pub fn new(exchange: &str, queue: &str, routing_key: &str) -> Binding {
        Binding {
            exchange: exchange.into(),
            queue: Some(queue.into()),
            to_exchange: None,
            routing_key: routing_key.into(),
            arguments: FieldTable::default(),
        }
    }
}
