//! AMQP 0-10: message.transfer as three segments of one assembly, a frame each.
//!
//! A frame has twelve bytes before its payload: flags, the segment's type, the size with these twelve, a reserved byte, the
//! track, the channel, and four reserved bytes. In structures packing flags say which fields are there; the first field is
//! the lowest bit of the first byte.

use super::{
    BODY, CHANNEL, CONTENT_TYPE, EXCHANGE, Frame, Purpose, ROUTING_KEY,
    compose::{Parts, short},
};

const FIRST_SEGMENT: u8 = 8;
const LAST_SEGMENT: u8 = 4;
/// Each segment is one frame: its first and its last.
const WHOLE_SEGMENT: u8 = 3;
const HEADER_SIZE: u8 = 12;

/// Segment types.
const COMMAND: u8 = 1;
const HEADER: u8 = 2;
const CONTENT: u8 = 3;
/// The track that commands are on; controls have track 0.
const COMMAND_TRACK: u8 = 1;

pub(super) fn frames() -> Vec<Frame> {
    vec![
        frame(
            FIRST_SEGMENT,
            (COMMAND, "command"),
            transfer(),
            "message.transfer",
            "AMQP 0-10: framing; class message (0x4), command transfer (0x1); session.header",
        ),
        frame(
            0,
            (HEADER, "header"),
            header(),
            "message header",
            "AMQP 0-10: structs delivery-properties (0x4 0x1) and message-properties (0x4 0x3)",
        ),
        frame(
            LAST_SEGMENT,
            (CONTENT, "body"),
            body(),
            "message body",
            "AMQP 0-10: framing, segment type body",
        ),
    ]
}

fn frame(
    flags: u8,
    (kind, kind_name): (u8, &str),
    payload: Parts,
    name: &'static str,
    source: &'static str,
) -> Frame {
    let flags = flags | WHOLE_SEGMENT;
    let size = u16::from(HEADER_SIZE) + u16::from(payload.size());
    let is_first = if flags & FIRST_SEGMENT > 0 { "first segment " } else { "" };
    let is_last = if flags & LAST_SEGMENT > 0 { "last segment " } else { "" };
    let mut parts = Parts::default();
    parts.push("flags", format!("{is_first}{is_last}whole"), &[flags], Purpose::Framing);
    parts.push("type", format!("{kind} {kind_name}"), &[kind], Purpose::Framing);
    parts.push("size", size.to_string(), &size.to_be_bytes(), Purpose::Structure);
    parts.push("reserved, track", COMMAND_TRACK.to_string(), &[0, COMMAND_TRACK], Purpose::Framing);
    parts.push("channel", CHANNEL.to_string(), &CHANNEL.to_be_bytes(), Purpose::Framing);
    parts.push("reserved", "", &[0; 4], Purpose::Framing);
    parts.append(payload);
    parts.into_frame(name, source)
}

fn transfer() -> Parts {
    // Destination, accept-mode and acquire-mode are there.
    const ALL_FIELDS: [u8; 2] = [0b0000_0111, 0];
    let mut parts = Parts::default();
    parts.push("class, command", "message.transfer", &[4, 1], Purpose::Operation);
    parts.push("session.header size", "1", &[1], Purpose::Structure);
    parts.push("session.header flags", "sync false", &[0], Purpose::Other);
    parts.push("packing flags", "destination, accept-mode, acquire-mode", &ALL_FIELDS, Purpose::Structure);
    parts.push("destination", EXCHANGE, &short(EXCHANGE), Purpose::Exchange);
    parts.push("accept-mode", "1 none", &[1], Purpose::Other);
    parts.push("acquire-mode", "0 pre-acquired", &[0], Purpose::Other);
    parts
}

fn header() -> Parts {
    // The fifth and the tenth field of delivery-properties, the first and the fifth of message-properties.
    const DELIVERY_FIELDS: [u8; 2] = [0b0001_0000, 0b0000_0010];
    const MESSAGE_FIELDS: [u8; 2] = [0b0001_0001, 0];
    let mut delivery = Parts::default();
    delivery.push("struct code", "delivery-properties", &[4, 1], Purpose::Structure);
    delivery.push("packing flags", "delivery-mode, routing-key", &DELIVERY_FIELDS, Purpose::Structure);
    delivery.push("delivery-mode", "2", &[2], Purpose::Durability);
    delivery.push("routing-key", ROUTING_KEY, &short(ROUTING_KEY), Purpose::RoutingKey);
    let mut message = Parts::default();
    message.push("struct code", "message-properties", &[4, 3], Purpose::Structure);
    message.push("packing flags", "content-length, content-type", &MESSAGE_FIELDS, Purpose::Structure);
    let length = BODY.len() as u64;
    message.push("content-length", length.to_string(), &length.to_be_bytes(), Purpose::Structure);
    message.push("content-type", CONTENT_TYPE, &short(CONTENT_TYPE), Purpose::ContentType);
    let mut parts = Parts::default();
    for properties in [delivery, message] {
        let size = u32::from(properties.size());
        parts.push("struct size", size.to_string(), &size.to_be_bytes(), Purpose::Structure);
        parts.append(properties);
    }
    parts
}

fn body() -> Parts {
    let mut parts = Parts::default();
    parts.push("body", String::from_utf8_lossy(BODY), BODY, Purpose::Body);
    parts
}
