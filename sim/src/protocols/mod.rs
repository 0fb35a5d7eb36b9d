//! The same message in four versions of AMQP, byte by byte, and what each byte is for.
//!
//! AMQP 0-8 and 0-9-1 are written by the core's own codec. Warren serves neither 0-10 nor 1.0: their bytes are put together
//! here as their specifications say, and every frame names the section that it follows.

mod basic;
mod compose;
mod v0_10;
mod v1_0;

use warren_texts::text;

/// A version of AMQP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is the version that it is called after")]
pub enum Version {
    V0_8,
    V0_9_1,
    V0_10,
    V1_0,
}

/// What some bytes are for: the same in every version, wherever it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Purpose {
    /// Where frames begin and end, which channel they are on, and of which kind they are.
    Framing,
    /// What is asked for: "publish", "transfer".
    Operation,
    /// The exchange.
    Exchange,
    /// The routing key.
    RoutingKey,
    /// Whether the message is to survive a restart.
    Durability,
    /// The content type.
    ContentType,
    /// Which fields follow, and how long they or the body are.
    Structure,
    /// The body.
    Body,
    /// Options and numbers that this message makes no use of.
    Other,
}

/// Some bytes of a frame that belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// As in the specification: `routing-key`.
    pub name: String,
    /// The value, for people.
    pub value: String,
    /// The bytes, in order; those of a frame's parts one after the other are the frame.
    pub bytes: Vec<u8>,
    /// What they are for.
    pub purpose: Purpose,
}

/// A frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// What it carries: `basic.publish`.
    pub name: &'static str,
    /// The section of the specification that it follows.
    pub source: &'static str,
    /// What it is made of.
    pub parts: Vec<Part>,
}

/// The message in one version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encoded {
    /// The version.
    pub version: Version,
    /// The frames that carry the message, in the order in which they are sent.
    pub frames: Vec<Frame>,
}

/// The exchange that the message is published to.
pub const EXCHANGE: &str = "orders";
/// Its routing key.
pub const ROUTING_KEY: &str = "order.new";
/// Its content type. It is persistent.
pub const CONTENT_TYPE: &str = "text/plain";
/// Its body.
pub const BODY: &[u8] = b"hello";

/// The channel that it is sent on.
const CHANNEL: u16 = 1;

impl Version {
    /// All of them, the oldest first.
    pub const ALL: [Version; 4] = [Version::V0_8, Version::V0_9_1, Version::V0_10, Version::V1_0];

    /// What the version is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Version::V0_8 => "0-8",
            Version::V0_9_1 => "0-9-1",
            Version::V0_10 => "0-10",
            Version::V1_0 => "1.0",
        }
    }

    /// The eight bytes with which a client begins: the letters and a version. Whoever speaks another answers with the
    /// header that it would take, and closes the connection.
    #[must_use]
    pub const fn header(self) -> [u8; 8] {
        match self {
            Version::V0_8 => *b"AMQP\x01\x01\x08\x00",
            Version::V0_9_1 => warren_core::wire::PROTOCOL_HEADER,
            Version::V0_10 => *b"AMQP\x01\x01\x00\x0a",
            Version::V1_0 => *b"AMQP\x00\x01\x00\x00",
        }
    }

    /// Whether the bytes come from the codec with which Warren serves the version.
    #[must_use]
    pub const fn is_served(self) -> bool {
        matches!(self, Version::V0_8 | Version::V0_9_1)
    }

    /// What is different about it, in a few sentences.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Version::V0_8 => text!(
                "Three frames: method, header, body, each with its own end (CE). The first field of basic.publish is a ticket \
                 from access.request."
            ),
            Version::V0_9_1 => text!(
                "The same three frames. access.request is gone, and the ticket's two bytes are reserved. The protocol header, \
                 connection.close, basic.consume and others changed, so the versions are told apart by the header."
            ),
            Version::V0_10 => text!(
                "Twelve bytes before each frame and no end mark; segments and tracks; structures in which flags say what is \
                 there. basic.publish does not exist: message.transfer carries the exchange, and the routing key stands with \
                 the message. Sessions replay commands after a broken connection."
            ),
            Version::V1_0 => text!(
                "One frame of eight bytes and a performative; every value says its own type. There are no exchanges in the \
                 protocol: the message has an address (to), and what that means is the broker's business. Here it is \
                 the form that RabbitMQ 4 reads."
            ),
        }
    }

    /// The message in this version.
    #[must_use]
    pub fn encoded(self) -> Encoded {
        let frames = match self {
            Version::V0_8 | Version::V0_9_1 => basic::frames(self),
            Version::V0_10 => v0_10::frames(),
            Version::V1_0 => v1_0::frames(),
        };
        Encoded { version: self, frames }
    }
}

impl Purpose {
    /// All of them, in the order in which people ask.
    pub const ALL: [Purpose; 9] = [
        Purpose::Exchange,
        Purpose::RoutingKey,
        Purpose::Durability,
        Purpose::ContentType,
        Purpose::Body,
        Purpose::Operation,
        Purpose::Framing,
        Purpose::Structure,
        Purpose::Other,
    ];

    /// What it is called in the page's HTML.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Purpose::Framing => "framing",
            Purpose::Operation => "operation",
            Purpose::Exchange => "exchange",
            Purpose::RoutingKey => "routing-key",
            Purpose::Durability => "durability",
            Purpose::ContentType => "content-type",
            Purpose::Structure => "structure",
            Purpose::Body => "body",
            Purpose::Other => "other",
        }
    }

    /// What it is called for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Framing => text!("frame"),
            Purpose::Operation => text!("operation"),
            Purpose::Exchange => text!("exchange"),
            Purpose::RoutingKey => text!("routing key"),
            Purpose::Durability => text!("persistent"),
            Purpose::ContentType => text!("content type"),
            Purpose::Structure => text!("lengths and flags"),
            Purpose::Body => text!("body"),
            Purpose::Other => text!("unused here"),
        }
    }
}

impl Encoded {
    /// All bytes, frame after frame.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.frames.iter().flat_map(Frame::bytes).collect()
    }

    /// The parts that are there for `purpose`.
    pub fn parts_for(&self, purpose: Purpose) -> impl Iterator<Item = &Part> {
        self.frames.iter().flat_map(|frame| &frame.parts).filter(move |part| part.purpose == purpose)
    }
}

impl Frame {
    /// All its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.parts.iter().flat_map(|part| part.bytes.iter().copied()).collect()
    }
}
