//! Content headers (AMQP 0-9-1, section 4.2.6.1): how long the body is, and the message's properties.

use super::{
    DecodeError,
    fields::{Field, Reader},
    frame::{KIND_HEADER, encode_frame},
};

/// A content header. The properties stay as they came, because most messages are passed on unread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContentHeader<'a> {
    /// The class of the method before it.
    pub class_id: u16,
    /// The body's length, in bytes.
    pub body_size: u64,
    /// Property flags and values: see [`Properties`](super::Properties).
    pub properties: &'a [u8],
}

impl<'a> ContentHeader<'a> {
    /// Reads the payload of a content header frame.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] and [`DecodeError::Weight`].
    #[inline]
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(payload);
        let class_id = u16::read(&mut reader)?;
        let weight = u16::read(&mut reader)?;
        let body_size = u64::read(&mut reader)?;
        if weight != 0 {
            return Err(DecodeError::Weight);
        }
        Ok(ContentHeader { class_id, body_size, properties: reader.rest() })
    }

    /// Writes the whole frame.
    #[inline]
    pub fn encode(&self, channel: u16, out: &mut Vec<u8>) {
        const WEIGHT: u16 = 0;
        encode_frame(KIND_HEADER, channel, out, |out| {
            self.class_id.write(out);
            WEIGHT.write(out);
            self.body_size.write(out);
            out.extend_from_slice(self.properties);
        });
    }
}
