//! The method whose content is on its way (AMQP 0-9-1, section 2.3.5.2); but for clients in error, a basic.publish.

use crate::{
    Name, ReplyCode,
    message::Payload,
    refusal::{Outcome, Refusal},
    wire::ContentHeader,
};

/// What has come of a message so far.
#[derive(Clone, Default)]
pub(crate) struct Incoming {
    pub(crate) awaits: Awaits,
    /// The method's class and number, for the close that may follow.
    pub(crate) method: (u16, u16),
    pub(crate) fate: Fate,
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

/// What becomes of a content that has come whole.
#[derive(Clone, Default)]
pub(crate) enum Fate {
    /// It is published.
    #[default]
    Publish,
    /// The channel is closing: it goes unnoticed.
    Ignore,
    /// Its method, or its size, is refused, and only now (RabbitMQ).
    Refuse(Refusal),
}

/// A body may have this many bytes, whatever the configuration (RabbitMQ).
const MAX_BODY_BYTES: u64 = 512 << 20;
/// What a channel sets aside for a body before any of it has come, in bytes.
const BODY_CAPACITY: u64 = 128 << 10;

impl Incoming {
    /// basic.publish has come.
    pub(crate) fn begin(&mut self, exchange: Name, routing_key: &str, mandatory: bool) {
        const BASIC_PUBLISH: (u16, u16) = (60, 40);
        self.expect(BASIC_PUBLISH, Fate::Publish);
        self.exchange = Some(exchange);
        self.mandatory = mandatory;
        self.routing_key.clear();
        self.routing_key.push_str(routing_key);
    }

    /// A method has come, and its content is to meet this fate.
    pub(crate) fn expect(&mut self, method: (u16, u16), fate: Fate) {
        self.awaits = Awaits::Header;
        self.method = method;
        self.fate = fate;
    }

    /// Takes the content header, which says what is to come.
    pub(crate) fn take_header(&mut self, header: &ContentHeader<'_>, max_message_bytes: u64) -> Outcome {
        let (class, size) = (self.method.0, header.body_size);
        if header.class_id != class {
            let text = format!(
                "expected content header for class {class}, got one for class {} instead",
                header.class_id
            );
            return Err(Refusal::new(ReplyCode::UnexpectedFrame, text));
        }
        if size > MAX_BODY_BYTES {
            let text = format!("content body size {size} exceeds maximum allowed size {MAX_BODY_BYTES}");
            return Err(Refusal::new(ReplyCode::FrameError, text));
        }
        self.awaits = Awaits::Body(size);
        if size > max_message_bytes && matches!(self.fate, Fate::Publish) {
            let text = format!("message size {size} is larger than configured max size {max_message_bytes}");
            self.fate = Fate::Refuse(Refusal::new(ReplyCode::PreconditionFailed, text));
        }
        if !matches!(self.fate, Fate::Publish) {
            return Ok(());
        }
        // A claimed size is no reason to set memory aside for all of it.
        let body = size.min(BODY_CAPACITY) as usize;
        self.payload = Vec::with_capacity(self.routing_key.len() + header.properties.len() + body);
        self.payload.extend_from_slice(self.routing_key.as_bytes());
        self.payload.extend_from_slice(header.properties);
        self.properties_len = header.properties.len() as u32;
        Ok(())
    }

    /// The size of what has come of a content that is to be published, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.payload.len() as u64
    }

    /// What has come is forgotten, and so is what will; when all of it has come, it is refused.
    pub(crate) fn refuse_when_whole(&mut self, refusal: Refusal) {
        self.payload = Vec::new();
        self.fate = Fate::Refuse(refusal);
    }

    /// Takes a part of the body, of which `missing` bytes were still to come.
    pub(crate) fn take_body(&mut self, part: &[u8], missing: u64) -> Outcome {
        let Some(missing) = missing.checked_sub(part.len() as u64) else {
            let text = "content body frame exceeds remaining content size";
            return Err(Refusal::new(ReplyCode::FrameError, text));
        };
        self.awaits = Awaits::Body(missing);
        if matches!(self.fate, Fate::Publish) {
            self.payload.extend_from_slice(part);
        }
        Ok(())
    }

    /// The content is whole: what becomes of it. One that is not published is forgotten.
    pub(crate) fn end(&mut self) -> Fate {
        let fate = std::mem::take(&mut self.fate);
        if !matches!(fate, Fate::Publish) {
            *self = Incoming::default();
        }
        fate
    }

    /// Gives out a content that is to be published, and waits for the next method.
    pub(crate) fn finish(&mut self) -> (Name, Payload) {
        self.awaits = Awaits::Method;
        // A routing key is a short string: 255 bytes at most.
        let key_len = self.routing_key.len() as u8;
        let payload = Payload::new(key_len, self.properties_len, std::mem::take(&mut self.payload));
        (self.exchange.take().unwrap_or_default(), payload)
    }
}
