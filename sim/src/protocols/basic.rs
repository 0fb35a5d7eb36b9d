//! AMQP 0-8 and 0-9-1: basic.publish, a content header and a content body, as the core writes and describes them.

use warren_core::wire::{ContentHeader, Dialect, Method, Properties, ShortStr, describe, encode_body};

use super::{BODY, CHANNEL, CONTENT_TYPE, EXCHANGE, Frame, Part, Purpose, ROUTING_KEY, Version};

/// Of class basic.
const CLASS_BASIC: u16 = 60;
/// What connection.tune usually settles on, in bytes.
const FRAME_MAX: u32 = 131_072;
/// What access.request-ok gave a client of AMQP 0-8.
const TICKET: u16 = 1;

pub(super) fn frames(version: Version) -> Vec<Frame> {
    let is_early = version == Version::V0_8;
    let (dialect, ticket) = if is_early { (Dialect::V0_8, TICKET) } else { (Dialect::V0_9_1, 0) };
    let (mut publish, mut header, mut body) = (Vec::new(), Vec::new(), Vec::new());
    let method = Method::BasicPublish {
        ticket,
        exchange: EXCHANGE,
        routing_key: ROUTING_KEY,
        mandatory: false,
        immediate: false,
    };
    dialect.encode(&method, CHANNEL, &mut publish);
    let content_type = Some(ShortStr::from(CONTENT_TYPE));
    let properties = Properties { content_type, delivery_mode: Some(2), ..Properties::default() }.to_bytes();
    let content =
        ContentHeader { class_id: CLASS_BASIC, body_size: BODY.len() as u64, properties: &properties };
    content.encode(CHANNEL, &mut header);
    encode_body(CHANNEL, FRAME_MAX, BODY, &mut body);
    let sources = if is_early {
        [
            "AMQP 0-8: class basic (60), method publish (40)",
            "AMQP 0-8: content header, properties of class basic",
            "AMQP 0-8: content body",
        ]
    } else {
        ["AMQP 0-9-1, 4.2.4 and class basic, method publish", "AMQP 0-9-1, 4.2.6.1", "AMQP 0-9-1, 4.2.6.2"]
    };
    [publish, header, body].iter().zip(sources).map(|(bytes, source)| frame(bytes, source)).collect()
}

/// The core's description, with bits of one octet put together.
fn frame(bytes: &[u8], source: &'static str) -> Frame {
    let description = describe(bytes);
    let mut parts: Vec<Part> = Vec::new();
    let mut end = 0;
    for part in &description.parts {
        match parts.last_mut() {
            // The octet has its part already: the first bit's.
            Some(last) if part.bytes.end <= end => {
                if part.bit.is_some() && part.value == "true" && part.depth > 0 {
                    last.value.push_str(&format!(" {}", part.name));
                } else if part.depth == 0 {
                    last.name.push_str(&format!(", {}", part.name));
                }
            }
            _ => {
                parts.push(Part {
                    name: part.name.clone(),
                    value: part.value.clone(),
                    bytes: bytes.get(part.bytes.clone()).unwrap_or_default().to_vec(),
                    purpose: purpose(&part.name),
                });
                end = part.bytes.end;
            }
        }
    }
    Frame { name: description.name, source, parts }
}

fn purpose(name: &str) -> Purpose {
    match name {
        "type" | "channel" | "frame-end" => Purpose::Framing,
        "class-id" | "method-id" => Purpose::Operation,
        "exchange" => Purpose::Exchange,
        "routing-key" => Purpose::RoutingKey,
        "delivery-mode" => Purpose::Durability,
        "content-type" => Purpose::ContentType,
        "size" | "body-size" | "property-flags" => Purpose::Structure,
        "body" => Purpose::Body,
        _ => Purpose::Other,
    }
}
