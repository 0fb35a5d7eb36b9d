//! The basic.publish whose content is on its way (AMQP 0-9-1, section 2.3.5.2).

use crate::{Name, message::Payload, wire::ContentHeader};

/// What has come of a message so far.
#[derive(Default)]
pub(crate) struct Incoming {
    pub(crate) awaits: Awaits,
    pub(crate) exchange: Option<Name>,
    pub(crate) mandatory: bool,
    routing_key: String,
    /// From the content header on: routing key, properties and as much of the body as has come.
    payload: Vec<u8>,
    properties_len: u32,
}

/// Which frame a channel expects next.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Awaits {
    #[default]
    Method,
    Header,
    /// This many bytes of body.
    Body(u64),
}

/// What a channel sets aside for a body before any of it has come, in bytes.
const BODY_CAPACITY: u64 = 128 << 10;

impl Incoming {
    /// The method has come.
    pub(crate) fn begin(&mut self, exchange: Name, routing_key: &str, mandatory: bool) {
        self.awaits = Awaits::Header;
        self.exchange = Some(exchange);
        self.mandatory = mandatory;
        self.routing_key.clear();
        self.routing_key.push_str(routing_key);
    }

    pub(crate) fn take_header(&mut self, header: &ContentHeader<'_>) {
        // A claimed size is no reason to set memory aside for all of it.
        let body = header.body_size.min(BODY_CAPACITY) as usize;
        self.payload = Vec::with_capacity(self.routing_key.len() + header.properties.len() + body);
        self.payload.extend_from_slice(self.routing_key.as_bytes());
        self.payload.extend_from_slice(header.properties);
        self.properties_len = header.properties.len() as u32;
        self.awaits = Awaits::Body(header.body_size);
    }

    /// Takes a part of the body, after which `missing` bytes of it are still to come.
    pub(crate) fn take_body(&mut self, part: &[u8], missing: u64) {
        self.payload.extend_from_slice(part);
        self.awaits = Awaits::Body(missing);
    }

    /// The content is whole; gives it out and waits for the next method.
    pub(crate) fn finish(&mut self) -> (Name, Payload) {
        self.awaits = Awaits::Method;
        // A routing key is a short string: 255 bytes at most.
        let key_len = self.routing_key.len() as u8;
        let payload = Payload::new(key_len, self.properties_len, std::mem::take(&mut self.payload));
        (self.exchange.take().unwrap_or_default(), payload)
    }
}
