//! Arbitrary field values, tables and properties.

use proptest::{collection::vec, option, prelude::*};
use warren_core::wire::{FieldTable, FieldValue, Properties, ShortStr};

/// A short string: at most 255 bytes.
pub(crate) fn short_string() -> impl Strategy<Value = String> {
    prop_oneof![6 => "[a-z.#*]{0,12}", 1 => "\\PC{0,60}", 1 => "x{255}"]
}

/// A table whose names are sorted and unique, because the other codec keeps them so.
pub(crate) fn table() -> impl Strategy<Value = FieldTable> {
    table_of(value().boxed())
}

fn table_of(value: BoxedStrategy<FieldValue>) -> impl Strategy<Value = FieldTable> {
    let pairs = prop::collection::btree_map(short_string(), value, 0..5);
    pairs.prop_map(|pairs| pairs.into_iter().collect())
}

pub(crate) fn value() -> impl Strategy<Value = FieldValue> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(FieldValue::Array),
            table_of(inner).prop_map(FieldValue::Table),
        ]
    })
}

fn scalar() -> impl Strategy<Value = FieldValue> {
    // Values of floats, because not every codec keeps the bits of what is not a number.
    prop_oneof![
        any::<bool>().prop_map(FieldValue::Bool),
        any::<i8>().prop_map(FieldValue::I8),
        any::<u8>().prop_map(FieldValue::U8),
        any::<i16>().prop_map(FieldValue::I16),
        any::<u16>().prop_map(FieldValue::U16),
        any::<i32>().prop_map(FieldValue::I32),
        any::<u32>().prop_map(FieldValue::U32),
        any::<i64>().prop_map(FieldValue::I64),
        any::<f32>().prop_map(|value| FieldValue::F32(value.to_bits())),
        any::<f64>().prop_map(|value| FieldValue::F64(value.to_bits())),
        (any::<u8>(), any::<u32>()).prop_map(|(scale, value)| FieldValue::Decimal { scale, value }),
        vec(any::<u8>(), 0..40).prop_map(FieldValue::LongStr),
        any::<u64>().prop_map(FieldValue::Timestamp),
        Just(FieldValue::Void),
        vec(any::<u8>(), 0..40).prop_map(FieldValue::Bytes),
    ]
}

/// Properties as they are kept by whoever owns their strings.
#[derive(Clone, Debug)]
pub(crate) struct OwnedProperties {
    /// In wire order: all the short strings.
    texts: Vec<Option<String>>,
    headers: Option<FieldTable>,
    delivery_mode: Option<u8>,
    priority: Option<u8>,
    timestamp: Option<u64>,
}

impl OwnedProperties {
    pub(crate) fn borrow(&self) -> Properties<'_> {
        let text = |index: usize| self.texts[index].as_deref().map(ShortStr::from);
        Properties {
            content_type: text(0),
            content_encoding: text(1),
            headers: self.headers.clone(),
            delivery_mode: self.delivery_mode,
            priority: self.priority,
            correlation_id: text(2),
            reply_to: text(3),
            expiration: text(4),
            message_id: text(5),
            timestamp: self.timestamp,
            message_type: text(6),
            user_id: text(7),
            app_id: text(8),
            cluster_id: text(9),
        }
    }
}

pub(crate) fn properties() -> impl Strategy<Value = OwnedProperties> {
    let texts = vec(option::of(short_string()), 10);
    (texts, option::of(table()), any::<Option<u8>>(), any::<Option<u8>>(), any::<Option<u64>>()).prop_map(
        |(texts, headers, delivery_mode, priority, timestamp)| OwnedProperties {
            texts,
            headers,
            delivery_mode,
            priority,
            timestamp,
        },
    )
}
