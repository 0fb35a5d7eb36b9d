//! The bytes of what a line says.

use warren_core::wire::{ContentHeader, Dialect, encode_body, encode_heartbeat};

use crate::{fields::Fields, hex, methods};

/// What a line says, on the wire.
pub(crate) struct Said {
    pub(crate) bytes: Vec<u8>,
    /// The answer to wait for, if the method has one: `queue.declare-ok`.
    pub(crate) answered: bool,
    /// It is a whole basic.publish.
    pub(crate) publish: bool,
}

/// The frames of a method with its content, or of a single frame.
pub(crate) fn encode(dialect: Dialect, channel: u16, verb: &str, rest: &str) -> Result<Said, String> {
    let mut bytes = Vec::new();
    let fields = Fields::parse(if verb == "frame" { "" } else { rest })?;
    let (mut answered, mut publish) = (false, false);
    match verb {
        "heartbeat" => encode_heartbeat(&mut bytes),
        "header" => encode_header(&fields, channel, fields.number("body_size")?.unwrap_or(0), &mut bytes)?,
        "body" => encode_body(channel, 0, repeated(&fields, "text")?.as_bytes(), &mut bytes),
        "frame" => bytes = frame(channel, &hex::parse(rest)?)?,
        name => {
            let method = methods::parse(name, &fields)?;
            dialect.encode(&method, channel, &mut bytes);
            answered = methods::is_answered(name) && !fields.flag("nowait");
            if method.has_content() && !fields.flag("bare") {
                publish = name == "basic.publish";
                let body = repeated(&fields, "body")?;
                encode_header(&fields, channel, body.len() as u64, &mut bytes)?;
                encode_body(channel, 131_072, body.as_bytes(), &mut bytes);
            }
        }
    }
    fields.check_used()?;
    Ok(Said { bytes, answered, publish })
}

/// `body=ab times=1000`
fn repeated(fields: &Fields, key: &str) -> Result<String, String> {
    Ok(fields.text(key)?.unwrap_or_default().repeat(fields.number("times")?.unwrap_or(1)))
}

fn encode_header(fields: &Fields, channel: u16, body_size: u64, out: &mut Vec<u8>) -> Result<(), String> {
    let properties = methods::properties(fields)?.to_bytes();
    let class_id = fields.number("class_id")?.unwrap_or(60);
    ContentHeader { class_id, body_size, properties: &properties }.encode(channel, out);
    Ok(())
}

/// A frame of any type: the first byte says which, the others are its payload.
fn frame(channel: u16, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let (kind, payload) = bytes.split_first().ok_or("frame 01 …: the frame's type is missing")?;
    let size = u32::try_from(payload.len()).map_err(|_| "the frame is too large")?;
    Ok([&[*kind][..], &channel.to_be_bytes(), &size.to_be_bytes(), payload, &[0xCE]].concat())
}
