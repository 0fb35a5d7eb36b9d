//! The fields of each thing, as the inspector shows them: what they are called in the file, of what kind they are, and
//! what they mean.

use warren_core::Release;
use warren_texts::text;

use crate::i18n::Lang;

/// Whose fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Item {
    Scenario,
    Network,
    Broker,
    Disk,
    Producer(usize),
    Consumer(usize),
    Exchange(usize),
    Queue(usize),
    Binding(usize),
}

/// How a field is typed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FieldKind {
    Text,
    Number,
    Flag,
    /// `300ms`, and for some `100ms..2s`.
    Time,
    Choice(&'static [&'static str]),
    /// The name of a queue.
    Queue,
    /// The name of an exchange; nothing for the default exchange.
    Exchange,
    /// With commas between.
    Texts,
    Numbers,
    Times,
    /// Names and values, one a line.
    Table,
    /// Tables, one a line.
    Tables,
}

/// A field that can be edited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Field {
    /// What it is called in the file, and in AMQP if there is such a thing.
    pub(crate) name: &'static str,
    pub(crate) kind: FieldKind,
    /// Whether it is one of those that are seldom needed.
    pub(crate) is_rare: bool,
    hint: &'static str,
}

impl Field {
    /// What it means.
    pub(crate) fn hint(&self, lang: Lang) -> &'static str {
        lang.catalogue().text(self.hint)
    }
}

impl Item {
    /// The fields, the usual ones first.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Item::Scenario => SCENARIO,
            Item::Network => NETWORK,
            Item::Broker => BROKER,
            Item::Disk => DISK,
            Item::Producer(_) => PRODUCER,
            Item::Consumer(_) => CONSUMER,
            Item::Exchange(_) => EXCHANGE,
            Item::Queue(_) => QUEUE,
            Item::Binding(_) => BINDING,
        }
    }
}

pub(super) fn kind_of(item: Item, name: &str) -> Option<FieldKind> {
    item.fields().iter().find(|field| field.name == name).map(|field| field.kind)
}

const fn usual(name: &'static str, kind: FieldKind, hint: &'static str) -> Field {
    Field { name, kind, is_rare: false, hint }
}

const fn rare(name: &'static str, kind: FieldKind, hint: &'static str) -> Field {
    Field { name, kind, is_rare: true, hint }
}

use FieldKind::{Choice, Exchange, Flag, Number, Numbers, Queue, Table, Tables, Text, Texts, Time, Times};

const SCENARIO: &[Field] = &[usual("until", Time, text!("how long it is played"))];

const NETWORK: &[Field] = &[
    usual("latency", Time, text!("one way between a program and the broker")),
    usual("jitter", Time, text!("up to this much more, by chance")),
    rare("bandwidth", Number, text!("bytes a second, 0 for any number")),
    rare("heartbeat", Time, text!("silence after which a connection is given up")),
];

const BROKER: &[Field] = &[
    usual(
        "compat",
        Choice(&[Release::V3_10.as_str(), Release::V4_0.as_str(), Release::V4_3.as_str()]),
        text!("the version of RabbitMQ that it behaves like; 4.3 if nothing is chosen"),
    ),
    rare("consumer_timeout", Text, text!("how long a delivery may stay unacked: 30min, or none")),
    rare("memory_limit", Number, text!("bytes of messages beyond which publishers wait")),
];

const DISK: &[Field] = &[
    usual("write", Time, text!("until a write is in the cache")),
    usual("sync", Time, text!("until the cache is on the disk for good")),
];

const EXCHANGE: &[Field] = &[
    usual(
        "type",
        Choice(&[
            "direct",
            "fanout",
            "topic",
            "headers",
            "x-consistent-hash",
            "x-modulus-hash",
            "x-random",
            "x-local-random",
            "x-delayed-message",
            "x-recent-history",
        ]),
        text!("how it chooses among its bindings"),
    ),
    usual("durable", Flag, text!("survives a restart of the broker")),
    usual("arguments", Table, text!("alternate-exchange = …")),
];

/// How a queue is kept. It is an argument of its declaration, and a field, too, as nobody guesses its name.
pub(super) const QUEUE_TYPE: &str = "x-queue-type";

const QUEUE: &[Field] = &[
    usual(
        QUEUE_TYPE,
        Choice(&["classic", "quorum", "stream"]),
        text!("classic, if nothing else is said; the others are always durable"),
    ),
    usual("durable", Flag, text!("survives a restart of the broker")),
    usual("arguments", Table, text!("x-message-ttl = 5000, x-dead-letter-exchange = …")),
    rare("exclusive", Flag, text!("belongs to one connection, and goes with it")),
];

const BINDING: &[Field] = &[
    usual("routing_key", Text, text!("the binding key; for topics with * and #")),
    usual("arguments", Table, text!("for headers: x-match = any, type = pdf")),
];

const CLIENT: Field =
    rare("client", Text, text!("the program that it is a part of, with a channel of its own"));

const CONNECTION: Field =
    rare("connection", Text, text!("which of the client's connections; nothing for the common one"));

const DECLARES: Field = rare(
    "declares",
    Table,
    text!(
        "its own declaration of a queue: queue = orders, durable = true, arguments = { x-message-ttl = 60000 }"
    ),
);

const PRODUCER: &[Field] = &[
    usual("exchange", Exchange, text!("where it publishes")),
    usual("routing_key", Texts, text!("of its messages, in turn")),
    usual("interval", Time, text!("from one message to the next")),
    usual("count", Number, text!("how many it sends in all")),
    usual("persistent", Flag, text!("its messages are to survive a restart")),
    usual("confirms", Flag, text!("the broker confirms each message")),
    usual("work", Times, text!("how long work on its messages takes, in turn")),
    rare("body", Text, text!("{n}: the number, {key}: the routing key")),
    rare("bytes", Number, text!("bodies are filled up to so many bytes")),
    rare("burst", Number, text!("messages at once")),
    DECLARES,
    CLIENT,
    CONNECTION,
    rare("start", Time, text!("when it connects")),
    rare("latency", Time, text!("of its own link")),
    rare("headers", Tables, text!("type = pdf, size = 3; a line for each message, in turn")),
    rare("priority", Numbers, text!("in turn")),
    rare("expiration", Time, text!("how long a message may wait")),
    rare("mandatory", Flag, text!("what no queue takes comes back")),
    rare("window", Number, text!("messages without confirm or answer before it waits")),
    rare("republishes", Flag, text!("sends again what was not confirmed")),
    rare("transaction", Number, text!("messages in a transaction")),
    rare("rolls_back", Text, text!("never, always, every 3, 20%")),
    rare("reply_to", Text, text!("amq.rabbitmq.reply-to, or a queue")),
    rare("timeout", Time, text!("how long it waits for an answer")),
    rare("fails", Numbers, text!("how often work on its messages fails, in turn")),
    rare("reconnect", Table, text!("after = 500ms, up_to = 8s")),
];

const CONSUMER: &[Field] = &[
    usual("queue", Queue, text!("where it takes from")),
    usual(
        "ack",
        Choice(&["after-work", "on-receipt", "auto", "never"]),
        text!("when it acks; auto: the broker does not wait"),
    ),
    usual("prefetch", Number, text!("unacked messages at most (basic.qos), 0 for any number")),
    usual("work", Time, text!("time per message, unless the message sets its own")),
    usual("fails", Text, text!("never, always, every 3, 20%")),
    usual(
        "on_failure",
        Choice(&["reject", "requeue", "nack", "nack-requeue"]),
        text!("how it answers for a message that it could not process"),
    ),
    rare("arguments", Table, text!("x-priority = 10")),
    rare("ack_every", Number, text!("acks so many at once (multiple)")),
    rare("ack_delay", Time, text!("how long after its work")),
    rare("reply", Text, text!("its answer; {body}: what the message says")),
    rare("give_up", Table, text!("after = 3, to = parked")),
    DECLARES,
    CLIENT,
    CONNECTION,
    rare("start", Time, text!("when it connects")),
    rare("latency", Time, text!("of its own link")),
    rare("reconnect", Table, text!("after = 500ms, up_to = 8s")),
];
