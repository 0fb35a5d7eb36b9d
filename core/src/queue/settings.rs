//! What a queue's arguments and policy ask for, put together.

use super::{Kind, offset::parse_age};
use crate::{
    Behaviour, Behaviours, Name,
    wire::{FieldTable, FieldValue},
};

/// How a queue behaves. Arguments win over a policy, except that of two limits the lower one holds (RabbitMQ).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Settings {
    /// How long a message may be ready, in ms.
    pub(crate) message_ttl_ms: Option<u64>,
    /// How long the queue may be unused, in ms.
    pub(crate) expires_ms: Option<u64>,
    /// How many messages may be ready.
    pub(crate) max_length: Option<u64>,
    /// How many bytes of bodies may be ready.
    pub(crate) max_length_bytes: Option<u64>,
    pub(crate) overflow: Overflow,
    pub(crate) dead_letter: Option<DeadLetterTo>,
    /// How often a delivery may fail (quorum queues).
    pub(crate) delivery_limit: Option<u64>,
    /// How long a delivery may be unacked, in ms.
    pub(crate) consumer_timeout_ms: Option<u64>,
    /// What a stream keeps.
    pub(crate) retention: Retention,
}

/// What a stream keeps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Retention {
    /// How many bytes, as far as whole segments can go (`x-max-length-bytes`).
    pub(crate) max_bytes: Option<u64>,
    /// How long, in ms, as far as whole segments can go (`x-max-age`).
    pub(crate) max_age_ms: Option<u64>,
    /// How large a segment becomes, in bytes (`x-stream-max-segment-size-bytes`).
    pub(crate) segment_bytes: u64,
}

/// What happens to messages beyond the limits (`x-overflow`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Overflow {
    #[default]
    DropHead,
    RejectPublish,
    /// The rejected message is dead-lettered, too.
    RejectPublishDlx,
}

/// Where messages go that a queue gives up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct DeadLetterTo {
    pub(crate) exchange: Name,
    /// `None`: the message's own keys.
    pub(crate) routing_key: Option<Name>,
    /// Whether the queue keeps a message until everything that it is routed to has taken it
    /// (`x-dead-letter-strategy`).
    pub(crate) at_least_once: bool,
}

/// The default for quorum queues ([`Behaviour::DeliveryLimit20`]).
const DELIVERY_LIMIT: i64 = 20;
/// RabbitMQ's default for streams, in bytes.
const SEGMENT_BYTES: u64 = 500_000_000;

impl Settings {
    /// `policy` has policy keys (`message-ttl`), `arguments` the keys of queue.declare (`x-message-ttl`); both
    /// have been checked.
    pub(crate) fn new(kind: Kind, arguments: &FieldTable, policy: &FieldTable, compat: Behaviours) -> Self {
        let source = Source { arguments, policy };
        if kind == Kind::Stream {
            return Settings { retention: source.retention(), ..Settings::default() };
        }
        let default = compat.has(Behaviour::DeliveryLimit20).then_some(DELIVERY_LIMIT);
        let delivery_limit = source.delivery_limit().or(default);
        let overflow = match source.overflow(kind).as_deref() {
            Some("reject-publish") => Overflow::RejectPublish,
            // Quorum queues take it for their default (RabbitMQ).
            Some("reject-publish-dlx") if kind == Kind::Classic => Overflow::RejectPublishDlx,
            _ => Overflow::DropHead,
        };
        // What the queue keeps must not push out what is new, so RabbitMQ asks for this overflow.
        let at_least_once = kind == Kind::Quorum
            && overflow == Overflow::RejectPublish
            && source.text("dead-letter-strategy").as_deref() == Some("at-least-once");
        Settings {
            message_ttl_ms: source.limit("message-ttl"),
            expires_ms: source.limit("expires"),
            max_length: source.limit("max-length"),
            max_length_bytes: source.limit("max-length-bytes"),
            overflow,
            dead_letter: source.text("dead-letter-exchange").map(|exchange| DeadLetterTo {
                exchange,
                routing_key: source.text("dead-letter-routing-key"),
                at_least_once,
            }),
            // A negative limit is none (RabbitMQ).
            delivery_limit: delivery_limit
                .and_then(|limit| u64::try_from(limit).ok())
                .filter(|_| kind == Kind::Quorum),
            consumer_timeout_ms: source.limit("consumer-timeout"),
            retention: Retention::default(),
        }
    }
}

struct Source<'a> {
    arguments: &'a FieldTable,
    policy: &'a FieldTable,
}

impl Source<'_> {
    /// For streams a policy wins over arguments (RabbitMQ).
    fn retention(&self) -> Retention {
        let asked = |key: &str| {
            let (argument, policy) = self.both(key);
            policy.or(argument)
        };
        let bytes =
            |key| asked(key).and_then(FieldValue::as_integer).and_then(|size| u64::try_from(size).ok());
        Retention {
            max_bytes: bytes("max-length-bytes"),
            max_age_ms: asked("max-age")
                .and_then(FieldValue::as_text)
                .and_then(|age| parse_age(age.as_bytes())),
            segment_bytes: bytes("stream-max-segment-size-bytes").unwrap_or(SEGMENT_BYTES),
        }
    }

    fn limit(&self, key: &str) -> Option<u64> {
        self.lowest(key).and_then(|limit| u64::try_from(limit).ok())
    }

    fn lowest(&self, key: &str) -> Option<i64> {
        let (argument, policy) = self.both(key);
        let (argument, policy) =
            (argument.and_then(FieldValue::as_integer), policy.and_then(FieldValue::as_integer));
        argument.into_iter().chain(policy).min()
    }

    /// A negative limit is none, and then the other one holds (RabbitMQ).
    fn delivery_limit(&self) -> Option<i64> {
        let (argument, policy) = self.both("delivery-limit");
        let limits = || [argument, policy].into_iter().flatten().filter_map(FieldValue::as_integer);
        if limits().any(|limit| limit < 0) { limits().max() } else { limits().min() }
    }

    /// For quorum queues, what a policy says of it wins over the argument (RabbitMQ).
    fn overflow(&self, kind: Kind) -> Option<Name> {
        let (argument, policy) = self.both("overflow");
        let value = match kind {
            Kind::Quorum => policy.or(argument),
            _ => argument.or(policy),
        };
        value.and_then(FieldValue::as_text).map(Name::from)
    }

    fn text(&self, key: &str) -> Option<Name> {
        let (argument, policy) = self.both(key);
        argument.or(policy).and_then(FieldValue::as_text).map(Name::from)
    }

    fn both(&self, key: &str) -> (Option<&FieldValue>, Option<&FieldValue>) {
        (self.arguments.get(&format!("x-{key}")), self.policy.get(key))
    }
}
