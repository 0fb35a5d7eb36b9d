//! Short strings that are passed on as they came.

use std::fmt;

use super::{
    DecodeError,
    fields::{Field, Kind, Reader},
};

/// A short string of a message's properties or tables: at most 255 bytes on the wire, and UTF-8 by the
/// specification (AMQP 0-9-1, section 4.2.5.3). RabbitMQ does not look, and passes on whatever it is; so do we.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShortStr<'a>(&'a [u8]);

impl<'a> ShortStr<'a> {
    /// The bytes.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        str::from_utf8(self.0).ok()
    }

    /// Whether it begins so.
    #[must_use]
    pub fn starts_with(self, prefix: &str) -> bool {
        self.0.starts_with(prefix.as_bytes())
    }
}

impl<'a> From<&'a str> for ShortStr<'a> {
    fn from(text: &'a str) -> Self {
        ShortStr(text.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for ShortStr<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        ShortStr(bytes)
    }
}

impl PartialEq<str> for ShortStr<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for ShortStr<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

/// Shows what is no text as best it can.
impl fmt::Display for ShortStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(self.0))
    }
}

impl fmt::Debug for ShortStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*String::from_utf8_lossy(self.0), f)
    }
}

impl<'a> Field<'a> for ShortStr<'a> {
    const KIND: Kind = Kind::ShortStr;

    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let length = u8::read(reader)?;
        reader.take(length.into()).map(ShortStr)
    }

    /// What does not fit is cut off.
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        let fitting = &self.0[..self.0.len().min(usize::from(u8::MAX))];
        out.push(fitting.len() as u8);
        out.extend_from_slice(fitting);
    }
}
