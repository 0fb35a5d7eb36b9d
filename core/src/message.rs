//! A message as the broker keeps it: immutable, shared by every queue that holds it.

use crate::{MessageId, Name};

/// A published message. Routing key, properties and body share one allocation, because most messages are small.
pub(crate) struct Message {
    pub(crate) id: MessageId,
    /// The exchange it was published to.
    pub(crate) exchange: Name,
    /// Whether it asks to survive a restart (delivery mode 2).
    pub(crate) persistent: bool,
    routing_key_len: u8,
    properties_len: u32,
    payload: Box<[u8]>,
}

impl Message {
    /// Puts a message together from `payload`: routing key, then properties as they were on the wire, then body.
    pub(crate) fn new(
        id: MessageId,
        exchange: Name,
        persistent: bool,
        routing_key_len: u8,
        properties_len: u32,
        payload: Vec<u8>,
    ) -> Self {
        Message {
            id,
            exchange,
            persistent,
            routing_key_len,
            properties_len,
            payload: payload.into_boxed_slice(),
        }
    }

    /// The key it was published with.
    pub(crate) fn routing_key(&self) -> &str {
        let key = self.payload.get(..usize::from(self.routing_key_len)).unwrap_or_default();
        str::from_utf8(key).unwrap_or_default()
    }

    /// Property flags and values, as they were on the wire.
    pub(crate) fn properties(&self) -> &[u8] {
        let start = usize::from(self.routing_key_len);
        self.payload.get(start..start + self.properties_len as usize).unwrap_or_default()
    }

    /// The body.
    pub(crate) fn body(&self) -> &[u8] {
        self.payload
            .get(usize::from(self.routing_key_len) + self.properties_len as usize..)
            .unwrap_or_default()
    }

    /// What it counts for in memory limits, in bytes.
    pub(crate) fn size(&self) -> u64 {
        /// What the structures around a payload take, roughly.
        const OVERHEAD_BYTES: u64 = 128;
        self.payload.len() as u64 + OVERHEAD_BYTES
    }
}
