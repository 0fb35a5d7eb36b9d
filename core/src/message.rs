//! A message as the broker keeps it: immutable, shared by every queue that holds it.

use crate::{MessageId, Name, event::DeathReason};

/// A published message. Routing key, properties and body share one allocation, because most messages are small.
pub(crate) struct Message {
    pub(crate) id: MessageId,
    /// The exchange it was published to.
    pub(crate) exchange: Name,
    /// Whether it asks to survive a restart (delivery mode 2).
    pub(crate) persistent: bool,
    /// Its priority property.
    pub(crate) priority: Option<u8>,
    /// Its expiration property, in ms.
    pub(crate) expiration_ms: Option<u64>,
    /// What few messages have.
    pub(crate) extras: Option<Box<Extras>>,
    pub(crate) payload: Payload,
}

/// What few messages have.
#[derive(Clone, Default)]
pub(crate) struct Extras {
    /// The keys of the CC header.
    pub(crate) cc: Vec<Name>,
    /// The keys of the BCC header, which was taken off.
    pub(crate) bcc: Vec<Name>,
    /// How it was dead-lettered, the latest first.
    pub(crate) deaths: Vec<Death>,
    /// The first queue that gave it up.
    pub(crate) first_death: Option<DeathRef>,
    /// The latest queue that gave it up.
    pub(crate) last_death: Option<DeathRef>,
    /// How many deliveries of it had failed when a queue gave it up last, in all queues that it has been in.
    pub(crate) failed: u32,
}

/// How often a queue gave a message up for the same reason.
#[derive(Clone)]
pub(crate) struct Death {
    pub(crate) queue: Name,
    pub(crate) reason: DeathReason,
    pub(crate) count: u64,
    /// When it first did, in seconds since 1970.
    pub(crate) first_time_s: u64,
    /// The exchange and keys that the message had then.
    pub(crate) exchange: Name,
    pub(crate) routing_keys: Vec<Name>,
    /// The expiration that was taken off.
    pub(crate) expiration_ms: Option<u64>,
}

/// One of the queues that gave a message up.
#[derive(Clone)]
pub(crate) struct DeathRef {
    pub(crate) queue: Name,
    pub(crate) reason: DeathReason,
    pub(crate) exchange: Name,
}

/// Routing key, properties as on the wire, and body.
pub(crate) struct Payload {
    routing_key_len: u8,
    properties_len: u32,
    bytes: Box<[u8]>,
}

impl Message {
    /// The key it was published with.
    pub(crate) fn routing_key(&self) -> &str {
        self.payload.routing_key()
    }

    /// Property flags and values, as they were on the wire.
    pub(crate) fn properties(&self) -> &[u8] {
        self.payload.properties()
    }

    /// The body.
    pub(crate) fn body(&self) -> &[u8] {
        self.payload.body()
    }

    /// The keys of the CC header and, with `bcc`, of the BCC header.
    pub(crate) fn further_keys(&self, bcc: bool) -> Vec<Name> {
        let Some(extras) = &self.extras else { return Vec::new() };
        let hidden = if bcc { extras.bcc.as_slice() } else { &[] };
        extras.cc.iter().chain(hidden).cloned().collect()
    }

    /// How many deliveries of it have failed in queues that gave it up.
    pub(crate) fn failed_deliveries(&self) -> u32 {
        self.extras.as_ref().map_or(0, |extras| extras.failed)
    }

    /// What it counts for in memory limits, in bytes.
    pub(crate) fn size(&self) -> u64 {
        /// What the structures around a payload take, roughly.
        const OVERHEAD_BYTES: u64 = 128;
        self.payload.bytes.len() as u64 + OVERHEAD_BYTES
    }
}

impl Payload {
    /// Takes routing key, properties and body that stand one behind the other.
    pub(crate) fn new(routing_key_len: u8, properties_len: u32, bytes: Vec<u8>) -> Self {
        Payload { routing_key_len, properties_len, bytes: bytes.into_boxed_slice() }
    }

    /// Puts the parts together.
    pub(crate) fn join(routing_key: &str, properties: &[u8], body: &[u8]) -> Self {
        let bytes = [routing_key.as_bytes(), properties, body].concat();
        // A routing key is a short string: 255 bytes at most. Properties fit in a frame.
        Payload::new(routing_key.len() as u8, properties.len() as u32, bytes)
    }

    pub(crate) fn routing_key(&self) -> &str {
        let key = self.bytes.get(..usize::from(self.routing_key_len)).unwrap_or_default();
        str::from_utf8(key).unwrap_or_default()
    }

    pub(crate) fn properties(&self) -> &[u8] {
        let start = usize::from(self.routing_key_len);
        self.bytes.get(start..start + self.properties_len as usize).unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &[u8] {
        let start = usize::from(self.routing_key_len) + self.properties_len as usize;
        self.bytes.get(start..).unwrap_or_default()
    }
}
