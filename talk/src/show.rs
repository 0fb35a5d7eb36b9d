//! What the broker sends, as lines.

use std::collections::{BTreeMap, BTreeSet};

use warren_core::wire::{ContentHeader, Dialect, FrameReader, Method, Properties, RawFrame};

use crate::{fields::quoted, methods};

/// Reads one connection's stream. A method and its content make one line.
pub(crate) struct Listener {
    reader: FrameReader,
    /// The version that the broker announced.
    pub(crate) dialect: Dialect,
    /// The broker has answered with a protocol header: what follows is another protocol's, or nothing.
    is_foreign: bool,
    /// A line whose content has not come whole, by channel.
    open: BTreeMap<u16, OpenLine>,
    confirms: BTreeMap<u16, Confirms>,
}

struct OpenLine {
    text: String,
    /// Bytes of body that are still to come.
    missing: u64,
    parts: Vec<Vec<u8>>,
}

/// What a channel in confirm mode knows of its publishes. How a broker bundles its acks is its own affair: what is
/// told is which publishes they settle.
#[derive(Default)]
struct Confirms {
    published: u64,
    outstanding: BTreeSet<u64>,
    confirmed: Vec<u64>,
    refused: Vec<u64>,
}

impl Listener {
    pub(crate) fn new() -> Self {
        Listener {
            reader: FrameReader::new(0),
            dialect: Dialect::default(),
            is_foreign: false,
            open: BTreeMap::new(),
            confirms: BTreeMap::new(),
        }
    }

    /// The client says something.
    pub(crate) fn note(&mut self, channel: u16, verb: &str, publish: bool) {
        match verb {
            "confirm.select" => {
                self.confirms.entry(channel).or_default();
            }
            "channel.open" | "channel.close-ok" => {
                self.confirms.remove(&channel);
            }
            _ => {}
        }
        if let Some(confirms) = self.confirms.get_mut(&channel).filter(|_| publish) {
            confirms.published += 1;
            confirms.outstanding.insert(confirms.published);
        }
    }

    /// The lines that these bytes complete, with their channels.
    pub(crate) fn hear(&mut self, mut bytes: &[u8]) -> Vec<(u16, String)> {
        if self.is_foreign {
            return Vec::new();
        }
        // Whether more has come in the same piece is a matter of chance.
        if let [b'A', b'M', b'Q', b'P', a, b, c, d, ..] = bytes {
            self.is_foreign = true;
            return vec![(0, format!("AMQP {a} {b} {c} {d}"))];
        }
        let mut lines = Vec::new();
        let mut reader = std::mem::replace(&mut self.reader, FrameReader::new(0));
        loop {
            match reader.read(&mut bytes) {
                Ok(Some(frame)) => lines.extend(self.frame(&frame).map(|line| (frame.channel, line))),
                Ok(None) => break,
                Err(error) => {
                    lines.push((0, format!("bytes that are no frame: {error}")));
                    break;
                }
            }
        }
        self.reader = reader;
        lines
    }

    /// The confirms since the last call: `1 confirmed 1-3`.
    pub(crate) fn confirms(&mut self) -> Vec<(u16, String)> {
        let mut lines = Vec::new();
        for (&channel, confirms) in &mut self.confirms {
            for (what, numbers) in
                [("confirmed", &mut confirms.confirmed), ("refused", &mut confirms.refused)]
            {
                numbers.sort_unstable();
                if !numbers.is_empty() {
                    lines.push((channel, format!("{channel} {what} {}", ranges(&std::mem::take(numbers)))));
                }
            }
        }
        lines
    }

    fn frame(&mut self, frame: &RawFrame<'_>) -> Option<String> {
        let channel = frame.channel;
        match (frame.kind, self.open.remove(&channel)) {
            (1, None) => self.method(frame),
            (2, Some(open)) => self.header(channel, open, frame.payload),
            (3, Some(mut open)) => {
                open.missing = open.missing.saturating_sub(frame.payload.len() as u64);
                open.parts.push(frame.payload.to_vec());
                self.finish(channel, open)
            }
            (8, None) => Some(format!("{channel} heartbeat")),
            (kind, _) => Some(format!("{channel} frame of type {kind} out of turn")),
        }
    }

    fn method(&mut self, frame: &RawFrame<'_>) -> Option<String> {
        let channel = frame.channel;
        let method = match self.dialect.decode(frame.payload) {
            Ok(method) => method,
            Err(error) => return Some(format!("{channel} no method: {error}")),
        };
        if matches!(method, Method::ConnectionStart { version_major: 8, .. }) {
            self.dialect = Dialect::V0_8;
        }
        if let (Some(confirms), Some((tag, multiple, taken))) =
            (self.confirms.get_mut(&channel), confirmation(&method))
        {
            confirms.settle(tag, multiple, taken);
            return None;
        }
        let text = format!("{channel} {}", methods::show(&method));
        if !method.has_content() {
            return Some(text);
        }
        self.open.insert(channel, OpenLine { text, missing: 0, parts: Vec::new() });
        None
    }

    fn header(&mut self, channel: u16, mut open: OpenLine, payload: &[u8]) -> Option<String> {
        let Ok(header) = ContentHeader::decode(payload) else {
            return Some(format!("{} (a content header that is none)", open.text));
        };
        match Properties::decode(header.properties) {
            Ok(mut properties) => {
                properties.headers = properties.headers.map(|headers| methods::sorted(&headers));
                for (key, value) in properties.shown() {
                    open.text += &format!(" {key}={}", quoted(&value));
                }
            }
            Err(error) => open.text += &format!(" (properties that are none: {error})"),
        }
        open.missing = header.body_size;
        self.finish(channel, open)
    }

    /// The line, once its body is whole.
    fn finish(&mut self, channel: u16, open: OpenLine) -> Option<String> {
        if open.missing > 0 {
            self.open.insert(channel, open);
            return None;
        }
        let OpenLine { text, parts, .. } = open;
        let body = parts.concat();
        Some(match parts.len() {
            0 | 1 if body.len() <= 40 => format!("{text} body={}", quoted(&String::from_utf8_lossy(&body))),
            1 => format!("{text} body=<{} bytes>", body.len()),
            frames => format!("{text} body=<{} bytes in {frames} frames>", body.len()),
        })
    }
}

impl Confirms {
    fn settle(&mut self, tag: u64, multiple: bool, taken: bool) {
        let settled: Vec<u64> = if multiple {
            let later = self.outstanding.split_off(&(tag + 1));
            std::mem::replace(&mut self.outstanding, later).into_iter().collect()
        } else {
            self.outstanding.remove(&tag);
            vec![tag]
        };
        let told = if taken { &mut self.confirmed } else { &mut self.refused };
        told.extend(settled);
    }
}

fn confirmation(method: &Method<'_>) -> Option<(u64, bool, bool)> {
    match *method {
        Method::BasicAck { delivery_tag, multiple } => Some((delivery_tag, multiple, true)),
        Method::BasicNack { delivery_tag, multiple, .. } => Some((delivery_tag, multiple, false)),
        _ => None,
    }
}

/// `1-3, 5`
fn ranges(numbers: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            _ => runs.push((number, number)),
        }
    }
    let shown = runs.iter().map(|(start, end)| match start == end {
        true => start.to_string(),
        false => format!("{start}-{end}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}
