//! Frames (AMQP 0-9-1, section 4.2.3): type, channel, size, payload, end.

use std::fmt;

use super::octets::Octets;

/// A frame's bytes before its payload.
pub(super) const HEADER_SIZE: usize = 7;
/// A frame's bytes besides its payload: header and end.
pub(super) const OVERHEAD: u32 = 8;
pub(super) const FRAME_END: u8 = 0xCE;

pub(super) const KIND_METHOD: u8 = 1;
pub(super) const KIND_HEADER: u8 = 2;
pub(super) const KIND_BODY: u8 = 3;
pub(super) const KIND_HEARTBEAT: u8 = 8;

/// A whole frame whose payload has not been looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RawFrame<'a> {
    /// 1 method, 2 content header, 3 content body, 8 heartbeat; anything else is an error.
    pub kind: u8,
    /// The channel's number; 0 is the connection itself.
    pub channel: u16,
    /// The bytes between header and end.
    pub payload: &'a [u8],
}

/// As RabbitMQ's texts show a frame: `type 9, all octets = <<1,2>>`.
impl fmt::Display for RawFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 16;
        let (which, shown) = match self.payload.get(..SHOWN) {
            Some(first) if self.payload.len() > SHOWN => ("first 16", first),
            _ => ("all", self.payload),
        };
        write!(f, "type {}, {which} octets = {}", self.kind, Octets(shown))
    }
}

/// Bytes that are no frame. The stream cannot be followed any further.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FrameError {
    /// The header announces more than frame-max allows.
    TooLarge {
        /// The frame's type.
        kind: u8,
        /// The payload's size, in bytes.
        size: u32,
        /// The largest payload allowed, in bytes.
        max: u32,
    },
    /// The byte behind the payload is not the end of a frame.
    BadEnd {
        /// The frame as texts show it.
        frame: String,
        /// What is there instead.
        found: u8,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::TooLarge { kind, size, max } => {
                write!(f, "type {kind}, all octets = <<>>: {{frame_too_large,{size},{max}}}")
            }
            FrameError::BadEnd { frame, found } => write!(f, "{frame}: {{invalid_frame_end_marker,{found}}}"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Cuts a stream of bytes, split anywhere, into frames. It keeps only the frame that has not come whole.
#[derive(Clone, Debug)]
pub struct FrameReader {
    /// The largest payload taken, in bytes.
    largest: u32,
    partial: Vec<u8>,
    /// `partial` holds a frame that has been handed out.
    handed_out: bool,
}

impl FrameReader {
    /// A reader that refuses frames larger than `frame_max` bytes in all; 0 is no limit.
    #[must_use]
    pub const fn new(frame_max: u32) -> Self {
        FrameReader { largest: largest_payload(frame_max), partial: Vec::new(), handed_out: false }
    }

    /// Changes the limit for the frames that follow.
    pub fn set_frame_max(&mut self, frame_max: u32) {
        self.largest = largest_payload(frame_max);
    }

    /// The next whole frame. `input` is advanced past what was used: with `None`, all of it was, and the rest is
    /// kept for the next call. A frame that lies whole in `input` is not copied.
    ///
    /// # Errors
    /// A frame that is too large or has no end. The reader is of no use afterwards.
    #[inline]
    pub fn read<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<RawFrame<'a>>, FrameError> {
        if self.handed_out {
            self.handed_out = false;
            self.partial.clear();
            self.give_memory_back();
        }
        if !self.partial.is_empty() {
            return self.read_partial(input);
        }
        let whole: &'i [u8] = input;
        match self.length(whole)? {
            Some(length) if whole.len() >= length => {
                let (frame, rest) = whole.split_at(length);
                *input = rest;
                cut(frame).map(Some)
            }
            _ => {
                self.partial.extend_from_slice(whole);
                *input = &[];
                Ok(None)
            }
        }
    }

    /// Goes on with a frame that began in earlier input: first its header, then the rest.
    fn read_partial(&mut self, input: &mut &[u8]) -> Result<Option<RawFrame<'_>>, FrameError> {
        self.take(input, HEADER_SIZE);
        let Some(length) = self.length(&self.partial)? else { return Ok(None) };
        self.take(input, length);
        if self.partial.len() < length {
            return Ok(None);
        }
        self.handed_out = true;
        cut(&self.partial).map(Some)
    }

    /// Moves bytes over until there are `wanted`.
    fn take(&mut self, input: &mut &[u8], wanted: usize) {
        let missing = wanted.saturating_sub(self.partial.len()).min(input.len());
        let (head, rest) = input.split_at(missing);
        self.partial.extend_from_slice(head);
        *input = rest;
    }

    /// The whole frame's length in bytes, once its header is there.
    #[inline]
    fn length(&self, bytes: &[u8]) -> Result<Option<usize>, FrameError> {
        let &[kind, _, _, a, b, c, d, ..] = bytes else { return Ok(None) };
        let size = u32::from_be_bytes([a, b, c, d]);
        if size > self.largest {
            return Err(FrameError::TooLarge { kind, size, max: self.largest.saturating_sub(OVERHEAD) });
        }
        Ok(Some(size as usize + OVERHEAD as usize))
    }

    /// One large frame is no reason to keep its buffer for ever.
    fn give_memory_back(&mut self) {
        const KEPT: usize = 16 << 10;
        if self.partial.capacity() > KEPT {
            self.partial = Vec::new();
        }
    }
}

/// RabbitMQ lets a payload be as large as the whole frame may be: many clients forget the 8 bytes around it. Without a
/// limit there is still this one, because what a frame declares is one record of the journal.
const fn largest_payload(frame_max: u32) -> u32 {
    const LAST: u32 = 512 << 20;
    if frame_max == 0 || frame_max > LAST { LAST } else { frame_max }
}

/// Header, payload and end apart; `whole` is as long as its header says.
#[inline]
fn cut(whole: &[u8]) -> Result<RawFrame<'_>, FrameError> {
    let &[kind, c0, c1, _, _, _, _, ref payload @ .., end] = whole else {
        return Err(FrameError::BadEnd { frame: String::new(), found: 0 });
    };
    let frame = RawFrame { kind, channel: u16::from_be_bytes([c0, c1]), payload };
    if end == FRAME_END { Ok(frame) } else { Err(bad_end(&frame, end)) }
}

#[cold]
fn bad_end(frame: &RawFrame<'_>, found: u8) -> FrameError {
    FrameError::BadEnd { frame: frame.to_string(), found }
}

/// Writes a frame whose payload `write` appends.
#[inline]
pub(super) fn encode_frame(kind: u8, channel: u16, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let [c0, c1] = channel.to_be_bytes();
    out.extend_from_slice(&[kind, c0, c1, 0, 0, 0, 0]);
    let start = out.len();
    write(out);
    // A payload of 4 GiB cannot come to be: every field is bounded and bodies are cut by frame-max.
    let size = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
    out[start - 4..start].copy_from_slice(&size.to_be_bytes());
    out.push(FRAME_END);
}

/// Writes a body as frames of at most `frame_max` bytes each (0 is no limit); none for an empty body.
pub fn encode_body(channel: u16, frame_max: u32, body: &[u8], out: &mut Vec<u8>) {
    let limit = if frame_max == 0 { u32::MAX } else { frame_max };
    let chunk = limit.saturating_sub(OVERHEAD).max(1) as usize;
    for part in body.chunks(chunk) {
        encode_frame(KIND_BODY, channel, out, |out| out.extend_from_slice(part));
    }
}

/// Writes a heartbeat.
pub fn encode_heartbeat(out: &mut Vec<u8>) {
    encode_frame(KIND_HEARTBEAT, 0, out, |_| {});
}
