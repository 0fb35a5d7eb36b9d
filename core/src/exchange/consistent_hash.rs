//! `x-consistent-hash`: of a ring of buckets, the one that a hash of the message falls into. A binding key is the number
//! of its destination's buckets. Ring, hashes and texts are those of RabbitMQ's plugin.

use std::sync::Arc;

use super::{Binding, Properties, Routable, jump, phash2};
use crate::{
    Behaviour, Behaviours, ReplyCode,
    event::Destination,
    ordered::OrdMap,
    refusal::{Outcome, Refusal},
    wire::{FieldTable, FieldValue, Octets, ShortStr},
};

/// The bindings, and the buckets that they made.
#[derive(Clone, Default)]
pub(super) struct ConsistentHash {
    on: HashOn,
    /// For each destination the binding that counts, with its share of the buckets, in the order of their coming.
    ring: OrdMap<u64, (Arc<Binding>, u64)>,
    /// Where each destination's share is in `ring`.
    by_destination: OrdMap<Destination, u64>,
    /// The shares of all.
    buckets: u64,
}

/// What of a message is hashed.
#[derive(Clone, Default)]
enum HashOn {
    #[default]
    RoutingKey,
    Header(Box<str>),
    Property(Property),
}

#[derive(Clone, Copy)]
enum Property {
    CorrelationId,
    MessageId,
    Timestamp,
}

/// What is hashed: numbers count as hashes, texts do not.
enum Key {
    Number(u64),
    Octets(Vec<u8>),
}

/// Erlang's hashes of the words that stand for what is not there and for truth values.
const UNDEFINED: u64 = 45_914_356;
const TRUE: u64 = 506_293;
const FALSE: u64 = 7_111_573;

impl ConsistentHash {
    pub(super) fn new(properties: &Properties) -> Self {
        ConsistentHash { on: hash_on(&properties.arguments).unwrap_or_default(), ..ConsistentHash::default() }
    }

    /// The first binding to a destination decides on its share.
    pub(super) fn add(&mut self, age: u64, binding: Arc<Binding>) {
        if self.by_destination.contains_key(&binding.destination) {
            return;
        }
        let share =
            weight(&binding.routing_key).and_then(|share| u64::try_from(share).ok()).unwrap_or_default();
        self.by_destination.insert(binding.destination.clone(), age);
        self.buckets += share;
        self.ring.insert(age, (binding, share));
    }

    /// A destination's buckets go with any of its bindings.
    pub(super) fn remove(&mut self, binding: &Binding) {
        let share = self.by_destination.remove(&binding.destination).and_then(|age| self.ring.remove(&age));
        self.buckets -= share.map_or(0, |(_, share)| share);
    }

    pub(super) fn route<'a>(&'a self, message: &Routable<'_>, mut found: impl FnMut(&'a Binding)) -> u64 {
        if self.buckets == 0 {
            return 0;
        }
        let key = match self.on.key(message) {
            Key::Number(number) => number,
            Key::Octets(octets) => phash2::of_binary(&octets).into(),
        };
        let mut left = jump::bucket(key, self.buckets);
        for (binding, share) in self.ring.values() {
            if left < *share {
                found(binding);
                break;
            }
            left -= share;
        }
        self.ring.len() as u64 / 8
    }
}

impl HashOn {
    fn key(&self, message: &Routable<'_>) -> Key {
        let text = |text: Option<ShortStr<'_>>| match text {
            Some(text) => Key::Octets(text.as_bytes().to_vec()),
            None => Key::Number(UNDEFINED),
        };
        match self {
            HashOn::RoutingKey => Key::Octets(message.routing_key.into()),
            HashOn::Header(name) => {
                let key = match message.compat.has(Behaviour::HeaderHashedByValue) {
                    true => header_key,
                    false => typed_header_key,
                };
                message.headers.and_then(|headers| headers.get(name)).map_or(Key::Number(UNDEFINED), key)
            }
            HashOn::Property(Property::CorrelationId) => text(message.properties().correlation_id),
            HashOn::Property(Property::MessageId) => text(message.properties().message_id),
            HashOn::Property(Property::Timestamp) => match message.properties().timestamp {
                Some(seconds) => Key::Octets(seconds.to_string().into()),
                None => Key::Number(UNDEFINED),
            },
        }
    }
}

/// Of a list, its first item; what has no simple value counts as not there.
fn header_key(value: &FieldValue) -> Key {
    match value {
        FieldValue::LongStr(octets) | FieldValue::Bytes(octets) => Key::Octets(octets.clone()),
        FieldValue::Bool(true) => Key::Number(TRUE),
        FieldValue::Bool(false) => Key::Number(FALSE),
        FieldValue::Timestamp(seconds) => Key::Number(seconds.wrapping_mul(1000)),
        other => Key::Number(other.as_integer().map_or(UNDEFINED, i64::cast_unsigned)),
    }
}

/// A header's type and value together: what has no simple value counts as not there.
fn typed_header_key(value: &FieldValue) -> Key {
    let kind = value.type_name();
    let hash = match value {
        FieldValue::LongStr(octets) | FieldValue::Bytes(octets) => {
            phash2::of_tagged(kind, phash2::Term::Binary(octets))
        }
        FieldValue::Bool(value) => {
            phash2::of_tagged(kind, phash2::Term::Atom(if *value { "true" } else { "false" }))
        }
        FieldValue::Void => phash2::of_tagged(kind, phash2::Term::Atom("undefined")),
        other => match other.as_integer().and_then(|value| i32::try_from(value).ok()) {
            Some(value) => phash2::of_tagged(kind, phash2::Term::Integer(value)),
            None => return Key::Number(UNDEFINED),
        },
    };
    Key::Number(hash.into())
}

/// Refuses what cannot be hashed.
pub(super) fn check_arguments(arguments: &FieldTable) -> Outcome {
    hash_on(arguments).map(|_| ())
}

fn hash_on(arguments: &FieldTable) -> Outcome<HashOn> {
    let (header, property) = (text(arguments, "hash-header")?, text(arguments, "hash-property")?);
    match (header, property) {
        (None, None) => Ok(HashOn::RoutingKey),
        (Some(header), None) => Ok(HashOn::Header(header.into())),
        (None, Some("correlation_id")) => Ok(HashOn::Property(Property::CorrelationId)),
        (None, Some("message_id")) => Ok(HashOn::Property(Property::MessageId)),
        (None, Some("timestamp")) => Ok(HashOn::Property(Property::Timestamp)),
        (None, Some(other)) => Err(refused(&format!("Unsupported property: {other}"))),
        (Some(_), Some(_)) => Err(refused("hash-header and hash-property are mutually exclusive")),
    }
}

/// RabbitMQ stumbles over what is no text.
fn text<'a>(arguments: &'a FieldTable, key: &str) -> Outcome<Option<&'a str>> {
    match arguments.get(key) {
        None => Ok(None),
        Some(value @ FieldValue::LongStr(_)) => Ok(value.as_text()),
        Some(_) => Err(Refusal::internal_error()),
    }
}

/// Refuses a binding key that is no share of the ring.
pub(super) fn check_binding(routing_key: &str, compat: Behaviours) -> Outcome {
    const MOST: i64 = 10_000;
    match weight(routing_key) {
        None => {
            let key = Octets(routing_key.as_bytes());
            Err(refused(&format!("The binding key must be an integer: {key}")))
        }
        Some(..1) => Err(refused("The binding key must be greater than 0")),
        Some(1..=MOST) => Ok(()),
        Some(_) if !compat.has(Behaviour::HashWeightLimit) => Ok(()),
        Some(_) => Err(refused(&format!("The binding key must not exceed {MOST}"))),
    }
}

/// A whole number of any length, with or without a sign; a longer one is as good as the greatest.
fn weight(routing_key: &str) -> Option<i64> {
    let digits = routing_key.strip_prefix(['+', '-']).unwrap_or(routing_key);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let extreme = if routing_key.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(routing_key.parse().unwrap_or(extreme))
}

fn refused(text: &str) -> Refusal {
    Refusal::new(ReplyCode::PreconditionFailed, text)
}
