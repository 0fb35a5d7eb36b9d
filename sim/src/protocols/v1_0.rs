//! AMQP 1.0: one transfer frame, on a link that is attached without a target address (an anonymous terminus), so that the
//! message itself has the address.
//!
//! Values are written with a constructor before them: one byte that says type and width. A composite is a described list:
//! 00, its descriptor, and the list of its fields, in which what is missing at the end is left out.

use super::{
    BODY, CHANNEL, CONTENT_TYPE, EXCHANGE, Frame, Purpose, ROUTING_KEY,
    compose::{Parts, short},
};

/// Constructors (part 1, section 1.6).
const DESCRIBED: u8 = 0x00;
const NULL: u8 = 0x40;
const TRUE: u8 = 0x41;
const FALSE: u8 = 0x42;
const UINT_0: u8 = 0x43;
const SMALL_ULONG: u8 = 0x53;
const BINARY_8: u8 = 0xa0;
const STRING_8: u8 = 0xa1;
const SYMBOL_8: u8 = 0xa3;
const LIST_8: u8 = 0xc0;

pub(super) fn frames() -> Vec<Frame> {
    let mut payload = Parts::default();
    payload.append(transfer());
    payload.append(header());
    payload.append(properties());
    payload.append(data());
    let size = 8 + u32::from(payload.size());
    let mut parts = Parts::default();
    parts.push("size", size.to_string(), &size.to_be_bytes(), Purpose::Structure);
    parts.push("data offset", "2 (in 4 bytes)", &[2], Purpose::Structure);
    parts.push("type", "0 AMQP", &[0], Purpose::Framing);
    parts.push("channel", CHANNEL.to_string(), &CHANNEL.to_be_bytes(), Purpose::Framing);
    parts.append(payload);
    let source = "AMQP 1.0, part 2: 2.3.1 and 2.7.5; part 3: 3.2.1, 3.2.4 and 3.2.6; part 1: 1.6";
    vec![parts.into_frame("transfer", source)]
}

/// A described list of fields.
fn list(name: &str, descriptor: u8, purpose: Purpose, count: u8, fields: Parts) -> Parts {
    // The size counts the byte with the count.
    let size = fields.size() + 1;
    let mut parts = Parts::default();
    parts.push("descriptor", name, &[DESCRIBED, SMALL_ULONG, descriptor], purpose);
    parts.push("list8", format!("{count} fields"), &[LIST_8, size, count], Purpose::Structure);
    parts.append(fields);
    parts
}

fn transfer() -> Parts {
    let mut fields = Parts::default();
    fields.push("handle", "0", &[UINT_0], Purpose::Other);
    fields.push("delivery-id", "0", &[UINT_0], Purpose::Other);
    fields.push("delivery-tag", "01", &[BINARY_8, 1, 1], Purpose::Other);
    fields.push("message-format", "0", &[UINT_0], Purpose::Other);
    fields.push("settled", "false", &[FALSE], Purpose::Other);
    list("transfer", 0x14, Purpose::Operation, 5, fields)
}

fn header() -> Parts {
    let mut fields = Parts::default();
    fields.push("durable", "true", &[TRUE], Purpose::Durability);
    list("header", 0x70, Purpose::Structure, 1, fields)
}

fn properties() -> Parts {
    let mut fields = Parts::default();
    fields.push("message-id, user-id", "null", &[NULL, NULL], Purpose::Other);
    // One string: its constructor and its length belong to the whole.
    let to = format!("/exchanges/{EXCHANGE}/{ROUTING_KEY}");
    let (prefix, slash) = ("/exchanges/", "/");
    let length = short(&to);
    let length = length.first().copied().unwrap_or_default();
    fields.push("to", to.as_str(), &[STRING_8, length], Purpose::Structure);
    fields.push("to", prefix, prefix.as_bytes(), Purpose::Structure);
    fields.push("to", EXCHANGE, EXCHANGE.as_bytes(), Purpose::Exchange);
    fields.push("to", slash, slash.as_bytes(), Purpose::Structure);
    fields.push("to", ROUTING_KEY, ROUTING_KEY.as_bytes(), Purpose::RoutingKey);
    fields.push("subject, reply-to, correlation-id", "null", &[NULL; 3], Purpose::Other);
    let content_type = [&[SYMBOL_8][..], &short(CONTENT_TYPE)].concat();
    fields.push("content-type", CONTENT_TYPE, &content_type, Purpose::ContentType);
    list("properties", 0x73, Purpose::Structure, 7, fields)
}

fn data() -> Parts {
    let mut parts = Parts::default();
    let length = u8::try_from(BODY.len()).unwrap_or(u8::MAX);
    parts.push("descriptor", "data", &[DESCRIBED, SMALL_ULONG, 0x75], Purpose::Structure);
    parts.push("vbin8", length.to_string(), &[BINARY_8, length], Purpose::Structure);
    parts.push("data", String::from_utf8_lossy(BODY), BODY, Purpose::Body);
    parts
}
