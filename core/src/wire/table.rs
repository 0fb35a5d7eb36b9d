//! Field tables (AMQP 0-9-1, section 4.2.5.5), with the types that RabbitMQ reads and writes.

use std::fmt;

use super::{
    DecodeError, ShortStr,
    fields::{Field, Reader},
};
use crate::ordered::sort_by;

/// Names and values in the order in which they came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FieldTable(Vec<(Box<[u8]>, FieldValue)>);

/// A value in a table, by RabbitMQ's type letters. Floats are kept as bits, because the core has none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldValue {
    /// `t`
    Bool(bool),
    /// `b`
    I8(i8),
    /// `B`
    U8(u8),
    /// `s`, signed in RabbitMQ's reading
    I16(i16),
    /// `u`
    U16(u16),
    /// `I`
    I32(i32),
    /// `i`
    U32(u32),
    /// `l`, signed in RabbitMQ's reading
    I64(i64),
    /// `f`, as its bits
    F32(u32),
    /// `d`, as its bits
    F64(u64),
    /// `D`
    Decimal {
        /// How many digits follow the point.
        scale: u8,
        /// The number without the point.
        value: u32,
    },
    /// `S`: any bytes
    LongStr(Vec<u8>),
    /// `A`
    Array(Vec<FieldValue>),
    /// `T`, in seconds since 1970
    Timestamp(u64),
    /// `F`
    Table(FieldTable),
    /// `V`
    Void,
    /// `x`: any bytes
    Bytes(Vec<u8>),
}

/// Tables may be this deep; deeper ones would only serve to exhaust the stack.
pub(super) const MAX_DEPTH: u8 = 100;

impl FieldTable {
    /// The value of the first field called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.find(name.into())
    }

    /// The value of the first field with this name, text or not.
    #[must_use]
    pub fn find(&self, name: ShortStr<'_>) -> Option<&FieldValue> {
        self.iter().find(|&(key, _)| key == name).map(|(_, value)| value)
    }

    /// Adds a field at the end, or changes the one that is there.
    pub fn insert(&mut self, name: &str, value: FieldValue) {
        let name = name.as_bytes();
        match self.0.iter_mut().find(|(key, _)| **key == *name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.into(), value)),
        }
    }

    /// Orders the fields by name.
    pub fn sort(&mut self) {
        sort_by(&mut self.0, |(one, _), (other, _)| one.cmp(other));
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<FieldValue> {
        let at = self.0.iter().position(|(key, _)| **key == *name.as_bytes())?;
        Some(self.0.remove(at).1)
    }

    /// Keeps the fields for which `keep` says so, in their order; it may change their values.
    pub fn retain(&mut self, mut keep: impl FnMut(ShortStr<'_>, &mut FieldValue) -> bool) {
        self.0.retain_mut(|(name, value)| keep(ShortStr::from(&**name), value));
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (ShortStr<'_>, &FieldValue)> {
        self.0.iter().map(|(key, value)| (ShortStr::from(&**key), value))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a table without the length that stands before it on the wire.
    ///
    /// # Errors
    /// Bytes that are no table.
    pub fn decode_pairs(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode_pairs(bytes, 0).map_err(|error| match error {
            DecodeError::Truncated => DecodeError::CutTable,
            other => other,
        })
    }

    /// Writes the table with its length. A name is cut at 255 bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        with_length(out, |out| {
            for (name, value) in self.iter() {
                name.write(out);
                value.encode(out);
            }
        });
    }
}

impl<const N: usize> From<[(&str, FieldValue); N]> for FieldTable {
    fn from(pairs: [(&str, FieldValue); N]) -> Self {
        FieldTable(pairs.into_iter().map(|(name, value)| (name.as_bytes().into(), value)).collect())
    }
}

impl FromIterator<(String, FieldValue)> for FieldTable {
    fn from_iter<I: IntoIterator<Item = (String, FieldValue)>>(pairs: I) -> Self {
        FieldTable(pairs.into_iter().map(|(name, value)| (name.into_bytes().into(), value)).collect())
    }
}

impl FieldValue {
    /// The type's name in RabbitMQ's texts.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            FieldValue::Bool(_) => "bool",
            FieldValue::I8(_) => "byte",
            FieldValue::U8(_) => "unsignedbyte",
            FieldValue::I16(_) => "short",
            FieldValue::U16(_) => "unsignedshort",
            FieldValue::I32(_) => "signedint",
            FieldValue::U32(_) => "unsignedint",
            FieldValue::I64(_) => "long",
            FieldValue::F32(_) => "float",
            FieldValue::F64(_) => "double",
            FieldValue::Decimal { .. } => "decimal",
            FieldValue::LongStr(_) => "longstr",
            FieldValue::Array(_) => "array",
            FieldValue::Timestamp(_) => "timestamp",
            FieldValue::Table(_) => "table",
            FieldValue::Void => "void",
            FieldValue::Bytes(_) => "binary",
        }
    }

    /// The number, if it is an integer of any width (one too large for 64 signed bits does not occur on the wire).
    #[must_use]
    pub const fn as_integer(&self) -> Option<i64> {
        Some(match *self {
            FieldValue::I8(value) => value as i64,
            FieldValue::U8(value) => value as i64,
            FieldValue::I16(value) => value as i64,
            FieldValue::U16(value) => value as i64,
            FieldValue::I32(value) => value as i64,
            FieldValue::U32(value) => value as i64,
            FieldValue::I64(value) => value,
            _ => return None,
        })
    }

    /// The text, if it is a long string of UTF-8.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            FieldValue::LongStr(bytes) => str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let mut typed = |letter: u8, value: &[u8]| {
            out.push(letter);
            out.extend_from_slice(value);
        };
        match self {
            FieldValue::Bool(value) => typed(b't', &[u8::from(*value)]),
            FieldValue::I8(value) => typed(b'b', &value.to_be_bytes()),
            FieldValue::U8(value) => typed(b'B', &[*value]),
            FieldValue::I16(value) => typed(b's', &value.to_be_bytes()),
            FieldValue::U16(value) => typed(b'u', &value.to_be_bytes()),
            FieldValue::I32(value) => typed(b'I', &value.to_be_bytes()),
            FieldValue::U32(value) => typed(b'i', &value.to_be_bytes()),
            FieldValue::I64(value) => typed(b'l', &value.to_be_bytes()),
            FieldValue::F32(bits) => typed(b'f', &bits.to_be_bytes()),
            FieldValue::F64(bits) => typed(b'd', &bits.to_be_bytes()),
            FieldValue::Timestamp(seconds) => typed(b'T', &seconds.to_be_bytes()),
            FieldValue::Void => typed(b'V', &[]),
            FieldValue::Decimal { scale, value } => {
                typed(b'D', &[*scale]);
                value.write(out);
            }
            FieldValue::LongStr(bytes) => {
                out.push(b'S');
                bytes.as_slice().write(out);
            }
            FieldValue::Bytes(bytes) => {
                out.push(b'x');
                bytes.as_slice().write(out);
            }
            FieldValue::Table(table) => {
                out.push(b'F');
                table.encode(out);
            }
            FieldValue::Array(values) => {
                out.push(b'A');
                with_length(out, |out| values.iter().for_each(|value| value.encode(out)));
            }
        }
    }
}

/// As RabbitMQ shows values in reply texts.
impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldValue::Bool(value) => value.fmt(f),
            FieldValue::I8(value) => value.fmt(f),
            FieldValue::U8(value) => value.fmt(f),
            FieldValue::I16(value) => value.fmt(f),
            FieldValue::U16(value) => value.fmt(f),
            FieldValue::I32(value) => value.fmt(f),
            FieldValue::U32(value) => value.fmt(f),
            FieldValue::I64(value) => value.fmt(f),
            FieldValue::Timestamp(value) => value.fmt(f),
            FieldValue::F32(bits) => write!(f, "{}", f32::from_bits(*bits)),
            FieldValue::F64(bits) => write!(f, "{}", f64::from_bits(*bits)),
            FieldValue::Decimal { scale, value } => write!(f, "{value}e-{scale}"),
            FieldValue::LongStr(bytes) | FieldValue::Bytes(bytes) => {
                f.write_str(&String::from_utf8_lossy(bytes))
            }
            FieldValue::Void => f.write_str("undefined"),
            FieldValue::Array(values) => f.debug_list().entries(values.iter().map(Shown)).finish(),
            FieldValue::Table(table) => table.fmt(f),
        }
    }
}

impl fmt::Display for FieldTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(key, value)| (key, Shown(value)))).finish()
    }
}

/// A value within a list or table, shown as it would be alone.
struct Shown<'a>(&'a FieldValue);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)
    }
}

fn decode_pairs(bytes: &[u8], depth: u8) -> Result<FieldTable, DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut pairs = Vec::new();
    while !reader.is_empty() {
        let name = ShortStr::read(&mut reader)?;
        pairs.push((name.as_bytes().into(), decode_value(&mut reader, depth)?));
    }
    Ok(FieldTable(pairs))
}

pub(super) fn decode_value(reader: &mut Reader<'_>, depth: u8) -> Result<FieldValue, DecodeError> {
    if depth > MAX_DEPTH {
        return Err(DecodeError::TooDeep);
    }
    Ok(match u8::read(reader)? {
        b't' => FieldValue::Bool(u8::read(reader)? != 0),
        b'b' => FieldValue::I8(i8::read(reader)?),
        b'B' => FieldValue::U8(u8::read(reader)?),
        b's' => FieldValue::I16(i16::read(reader)?),
        b'u' => FieldValue::U16(u16::read(reader)?),
        b'I' => FieldValue::I32(i32::read(reader)?),
        b'i' => FieldValue::U32(u32::read(reader)?),
        // RabbitMQ reads the specification's letter for unsigned numbers as signed, too.
        b'l' | b'L' => FieldValue::I64(i64::read(reader)?),
        b'f' => FieldValue::F32(finite_32(u32::read(reader)?)?),
        b'd' => FieldValue::F64(finite_64(u64::read(reader)?)?),
        b'D' => FieldValue::Decimal { scale: u8::read(reader)?, value: u32::read(reader)? },
        b'S' => FieldValue::LongStr(<&[u8]>::read(reader)?.to_vec()),
        b'T' => FieldValue::Timestamp(u64::read(reader)?),
        b'F' => FieldValue::Table(decode_pairs(<&[u8]>::read(reader)?, depth + 1)?),
        b'V' => FieldValue::Void,
        b'x' => FieldValue::Bytes(<&[u8]>::read(reader)?.to_vec()),
        b'A' => {
            let mut items = Reader::new(<&[u8]>::read(reader)?);
            let mut values = Vec::new();
            while !items.is_empty() {
                values.push(decode_value(&mut items, depth + 1)?);
            }
            FieldValue::Array(values)
        }
        letter => return Err(DecodeError::UnknownFieldType(letter)),
    })
}

/// The bits of a 32-bit float, if it is finite.
fn finite_32(bits: u32) -> Result<u32, DecodeError> {
    const EXPONENT: u32 = 0x7F80_0000;
    if bits & EXPONENT == EXPONENT { Err(DecodeError::NotANumber) } else { Ok(bits) }
}

/// The bits of a 64-bit float, if it is finite.
fn finite_64(bits: u64) -> Result<u64, DecodeError> {
    const EXPONENT: u64 = 0x7FF0_0000_0000_0000;
    if bits & EXPONENT == EXPONENT { Err(DecodeError::NotANumber) } else { Ok(bits) }
}

/// Writes the length of what `write` appends before it.
fn with_length(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}
