//! When RabbitMQ takes two values for the same: as Erlang terms, whatever their types on the wire.

use super::FieldValue;

impl FieldValue {
    /// Numbers are the same by value, texts and byte arrays octet by octet; a whole number is never the same as a
    /// float; nothing tells an empty list from an empty table. What stands in lists and tables has its type with it.
    #[must_use]
    pub fn same_term(&self, other: &FieldValue) -> bool {
        match (self.number(), other.number()) {
            (Some(one), Some(other)) => return one == other,
            (None, None) => {}
            _ => return false,
        }
        match (self, other) {
            (
                FieldValue::LongStr(one) | FieldValue::Bytes(one),
                FieldValue::LongStr(other) | FieldValue::Bytes(other),
            ) => one == other,
            (FieldValue::F32(one), FieldValue::F64(other))
            | (FieldValue::F64(other), FieldValue::F32(one)) => {
                f64::from(f32::from_bits(*one)).to_bits() == *other
            }
            (FieldValue::Array(one), FieldValue::Table(other))
            | (FieldValue::Table(other), FieldValue::Array(one)) => one.is_empty() && other.is_empty(),
            _ => self == other,
        }
    }

    /// Whether one of the two is a whole number, the other a float, and their values are the same.
    #[must_use]
    pub fn same_number(&self, other: &FieldValue) -> bool {
        match (self.float(), self.number(), other.float(), other.number()) {
            (Some(float), _, _, Some(whole)) | (_, Some(whole), Some(float), _) => {
                // The cast rounds, and what is beyond the range becomes its end: both have to fit.
                float as i128 == whole && whole as f64 == float
            }
            _ => false,
        }
    }

    fn float(&self) -> Option<f64> {
        match self {
            FieldValue::F32(bits) => Some(f32::from_bits(*bits).into()),
            FieldValue::F64(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    fn number(&self) -> Option<i128> {
        match self {
            FieldValue::Timestamp(seconds) => Some((*seconds).into()),
            other => other.as_integer().map(i128::from),
        }
    }
}
