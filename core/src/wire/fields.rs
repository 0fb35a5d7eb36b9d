//! The elementary fields of methods, properties and tables (AMQP 0-9-1, section 4.2.5).

use std::fmt;

use super::FieldTable;

/// Bytes that do not hold what they should.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// The bytes end before the value does.
    Truncated,
    /// There are bytes behind the last field.
    Trailing,
    /// No such method.
    UnknownMethod {
        /// Its class.
        class_id: u16,
        /// Its number in the class.
        method_id: u16,
    },
    /// A content header whose weight, which nobody uses, is not zero.
    Weight,
    /// A short string that is not UTF-8 (AMQP 0-9-1, section 4.2.5.3).
    NotUtf8,
    /// A table whose bytes end before its last value does.
    CutTable,
    /// A table value of a type that nobody knows.
    UnknownFieldType(u8),
    /// A floating point number that is none: NaN or infinite, which RabbitMQ cannot read.
    NotANumber,
    /// Tables within tables beyond all reason.
    TooDeep,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Truncated => write!(f, "the frame ends in the middle of a field"),
            DecodeError::Trailing => write!(f, "the frame goes on behind its last field"),
            DecodeError::UnknownMethod { class_id, method_id } => {
                write!(f, "unknown method {method_id} of class {class_id}")
            }
            DecodeError::Weight => write!(f, "the weight of a content header is not zero"),
            DecodeError::NotUtf8 => write!(f, "Malformed UTF-8 in shortstr"),
            DecodeError::CutTable => write!(f, "a table ends in the middle of a field"),
            DecodeError::NotANumber => write!(f, "a number in a table is none"),
            DecodeError::UnknownFieldType(letter) => {
                write!(f, "unknown field type '{}' in a table", char::from(*letter).escape_default())
            }
            DecodeError::TooDeep => write!(f, "tables are nested too deeply"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Bytes being read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Everything not read yet.
    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*head)
    }

    pub(super) fn end(self) -> Result<(), DecodeError> {
        if self.is_empty() { Ok(()) } else { Err(DecodeError::Trailing) }
    }
}

/// What a field is on the wire, where its value alone does not say it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Bit,
    Octet,
    Short,
    Long,
    LongLong,
    /// Of UTF-8.
    Text,
    /// Of any bytes.
    ShortStr,
    LongStr,
    Table,
}

/// A type of field: what it is called in the table of methods, and how it reads and writes itself.
pub(super) trait Field<'a>: Sized {
    const KIND: Kind;
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError>;
    fn write(&self, out: &mut Vec<u8>);
}

macro_rules! integer_fields {
    ($($int:ty = $kind:ident),*) => {$(
        impl<'a> Field<'a> for $int {
            const KIND: Kind = Kind::$kind;

            #[inline]
            fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
                Ok(<$int>::from_be_bytes(reader.array()?))
            }

            #[inline]
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
        }
    )*};
}

integer_fields!(
    u8 = Octet,
    u16 = Short,
    u32 = Long,
    u64 = LongLong,
    i8 = Octet,
    i16 = Short,
    i32 = Long,
    i64 = LongLong
);

/// A short string: at most 255 bytes of UTF-8.
impl<'a> Field<'a> for &'a str {
    const KIND: Kind = Kind::Text;

    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let length = u8::read(reader)?;
        str::from_utf8(reader.take(length.into())?).map_err(|_| DecodeError::NotUtf8)
    }

    /// What does not fit is cut off: only reply texts are ever that long, and half a reason beats none.
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        let fitting = &self[..self.floor_char_boundary(usize::from(u8::MAX))];
        out.push(fitting.len() as u8);
        out.extend_from_slice(fitting.as_bytes());
    }
}

/// A long string: any bytes.
impl<'a> Field<'a> for &'a [u8] {
    const KIND: Kind = Kind::LongStr;

    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let length = u32::read(reader)?;
        reader.take(length as usize)
    }

    fn write(&self, out: &mut Vec<u8>) {
        let length = u32::try_from(self.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&self[..length as usize]);
    }
}

impl<'a> Field<'a> for FieldTable {
    const KIND: Kind = Kind::Table;

    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        FieldTable::decode_pairs(<&[u8]>::read(reader)?)
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.encode(out);
    }
}
