//! What the broker sends, as lines.

use warren_core::wire::{ContentHeader, Dialect, FrameReader, Method, PROTOCOL_HEADER, Properties, RawFrame};

use super::methods;

/// Reads one connection's stream. A method and its content make one line.
pub(crate) struct Listener {
    reader: FrameReader,
    /// The version that the broker announced.
    pub(crate) dialect: Dialect,
    /// A line whose content has not come whole, with the bytes of body still missing.
    open: Option<(String, u64, Vec<Vec<u8>>)>,
}

impl Listener {
    pub(crate) fn new() -> Self {
        Listener { reader: FrameReader::new(0), dialect: Dialect::default(), open: None }
    }

    /// The lines that these bytes complete.
    pub(crate) fn hear(&mut self, mut bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        if bytes == PROTOCOL_HEADER {
            return vec!["AMQP 0 0 9 1".into()];
        }
        let mut reader = std::mem::replace(&mut self.reader, FrameReader::new(0));
        while let Some(frame) = reader.read(&mut bytes).expect("the broker sends frames") {
            lines.extend(self.frame(&frame));
        }
        self.reader = reader;
        lines
    }

    fn frame(&mut self, frame: &RawFrame<'_>) -> Option<String> {
        match (frame.kind, self.open.take()) {
            (1, None) => {
                let method = self.dialect.decode(frame.payload).expect("a method");
                if matches!(method, Method::ConnectionStart { version_major: 8, .. }) {
                    self.dialect = Dialect::V0_8;
                }
                let line = format!("{} {}", frame.channel, methods::show(&method));
                if !method.has_content() {
                    return Some(line);
                }
                self.open = Some((line, 0, Vec::new()));
                None
            }
            (2, Some((line, ..))) => {
                let header = ContentHeader::decode(frame.payload).expect("a content header");
                let properties = Properties::decode(header.properties).expect("properties");
                let shown = properties.shown();
                let shown: String =
                    shown.iter().map(|(key, value)| format!(" {key}={}", quoted(value))).collect();
                self.open = Some((line + &shown, header.body_size, Vec::new()));
                self.finish()
            }
            (3, Some((line, missing, mut parts))) => {
                parts.push(frame.payload.to_vec());
                let missing =
                    missing.checked_sub(frame.payload.len() as u64).expect("no more body than said");
                self.open = Some((line, missing, parts));
                self.finish()
            }
            (8, None) => Some(format!("{} heartbeat", frame.channel)),
            (kind, _) => panic!("frame of type {kind} out of turn"),
        }
    }

    /// The line, once its body is whole.
    fn finish(&mut self) -> Option<String> {
        let (line, _, parts) = self.open.take_if(|(_, missing, _)| *missing == 0)?;
        let body = parts.concat();
        Some(match parts.len() {
            0 | 1 if body.len() <= 40 => format!("{line} body={}", quoted(&String::from_utf8_lossy(&body))),
            1 => format!("{line} body=<{} bytes>", body.len()),
            frames => format!("{line} body=<{} bytes in {frames} frames>", body.len()),
        })
    }
}

/// Quotes what would not be one word.
pub(crate) fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains(' ') { format!("'{text}'") } else { text.to_owned() }
}
