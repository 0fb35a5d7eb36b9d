//! What actors declare: exchanges, queues and bindings.

use warren_core::wire::{FieldTable, FieldValue};

use crate::document::{self, Error, Field, Fields, Node, Record, Value};

/// `[[exchange]]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// Its name.
    pub name: String,
    /// How it chooses among its bindings.
    pub kind: ExchangeType,
    /// Whether it is to survive a restart.
    pub durable: bool,
    /// What else is asked of it: `alternate-exchange` …
    pub arguments: FieldTable,
}

impl Exchange {
    /// A transient exchange without arguments.
    #[must_use]
    pub fn new(name: &str, kind: ExchangeType) -> Exchange {
        Exchange { name: name.into(), kind, durable: false, arguments: FieldTable::default() }
    }

    /// How it chooses among its bindings when it holds no message back.
    pub(crate) fn rule(&self) -> ExchangeType {
        let inner =
            self.arguments.get("x-delayed-type").filter(|_| self.kind == ExchangeType::DelayedMessage);
        let inner = inner.and_then(FieldValue::as_text);
        ExchangeType::ALL.into_iter().find(|kind| inner == Some(kind.as_str())).unwrap_or(self.kind)
    }
}

impl Record for Exchange {
    fn plain() -> Self {
        Exchange::new("", ExchangeType::Direct)
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("name", &mut self.name);
        fields.needed("type", &mut self.kind);
        fields.optional("durable", &mut self.durable);
        fields.optional("arguments", &mut self.arguments);
    }
}

/// The `type` of an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    ConsistentHash,
    /// A hash of the routing key picks a binding.
    ModulusHash,
    /// One binding, at random.
    Random,
    /// One binding, at random, to a queue of this node: all are.
    LocalRandom,
    /// As `x-delayed-type` says, when the time of the header `x-delay` (ms) is over.
    DelayedMessage,
    /// Every binding; and the latest messages for every binding that is new.
    RecentHistory,
}

impl ExchangeType {
    /// Every type.
    pub const ALL: [ExchangeType; 10] = [
        ExchangeType::Direct,
        ExchangeType::Fanout,
        ExchangeType::Topic,
        ExchangeType::Headers,
        ExchangeType::ConsistentHash,
        ExchangeType::ModulusHash,
        ExchangeType::Random,
        ExchangeType::LocalRandom,
        ExchangeType::DelayedMessage,
        ExchangeType::RecentHistory,
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
            ExchangeType::DelayedMessage => "x-delayed-message",
            ExchangeType::RecentHistory => "x-recent-history",
        }
    }
}

impl Field for ExchangeType {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        document::word(node, &ExchangeType::ALL.map(|kind| (kind.as_str(), kind)))
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Text(self.as_str().to_owned()))
    }
}

/// `[[queue]]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Whether it is to survive a restart.
    pub durable: bool,
    /// Whether it belongs to the connection of the one actor that takes from it, and goes with it.
    pub exclusive: bool,
    /// What else is asked of it: `x-message-ttl`, `x-max-priority` …
    pub arguments: FieldTable,
}

impl Queue {
    /// A transient queue without arguments.
    #[must_use]
    pub fn new(name: &str) -> Queue {
        Queue { name: name.into(), durable: false, exclusive: false, arguments: FieldTable::default() }
    }
}

impl Record for Queue {
    fn plain() -> Self {
        Queue::new("")
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("name", &mut self.name);
        fields.optional("durable", &mut self.durable);
        fields.optional("exclusive", &mut self.exclusive);
        fields.optional("arguments", &mut self.arguments);
    }
}

/// `[[binding]]`: from an exchange to a queue, or to another exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Binding {
    /// Where it leads from.
    pub exchange: String,
    /// The queue that it leads to.
    pub queue: Option<String>,
    /// Or the exchange that it leads to.
    pub to_exchange: Option<String>,
    /// The binding key; for a topic exchange a mask.
    pub routing_key: String,
    /// For a headers exchange the headers that it looks for, and `x-match`.
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

impl Record for Binding {
    fn plain() -> Self {
        Binding { queue: None, ..Binding::new("", "", "") }
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("exchange", &mut self.exchange);
        fields.optional("queue", &mut self.queue);
        fields.optional("to_exchange", &mut self.to_exchange);
        fields.optional("routing_key", &mut self.routing_key);
        fields.optional("arguments", &mut self.arguments);
    }
}
