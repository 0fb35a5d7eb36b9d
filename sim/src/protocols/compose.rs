//! Puts a frame together, part by part.

use super::{Frame, Part, Purpose};

/// Parts of a frame that is being written.
#[derive(Default)]
pub(super) struct Parts(Vec<Part>);

impl Parts {
    /// Adds some bytes.
    pub(super) fn push(&mut self, name: &str, value: impl Into<String>, bytes: &[u8], purpose: Purpose) {
        self.0.push(Part { name: name.into(), value: value.into(), bytes: bytes.to_vec(), purpose });
    }

    /// Adds what was put together elsewhere.
    pub(super) fn append(&mut self, parts: Parts) {
        self.0.extend(parts.0);
    }

    /// How many bytes there are. Frames of this module have fewer than 256.
    pub(super) fn size(&self) -> u8 {
        let size = self.0.iter().map(|part| part.bytes.len()).sum::<usize>();
        u8::try_from(size).unwrap_or(u8::MAX)
    }

    pub(super) fn into_frame(self, name: &'static str, source: &'static str) -> Frame {
        Frame { name, source, parts: self.0 }
    }
}

/// A text after its length in one byte.
pub(super) fn short(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    std::iter::once(length).chain(text.bytes().take(length.into())).collect()
}
