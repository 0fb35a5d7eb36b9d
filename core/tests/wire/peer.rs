//! The codec of the `amq-protocol` crate, which knows nothing of ours.

use amq_protocol::{
    frame::{AMQPContentHeader, AMQPFrame, WriteContext, gen_frame, parse_frame},
    protocol::{AMQPClass, basic::AMQPProperties},
    types::{AMQPValue, DecimalValue, FieldTable as TheirTable, LongString, ShortString},
};
use warren_core::wire::{FieldTable, FieldValue, Properties, ShortStr};

/// A value of ours as the other codec has it.
pub(crate) trait Theirs {
    type Theirs;
    fn theirs(&self) -> Self::Theirs;
}

macro_rules! the_same {
    ($($type:ty),*) => {$(
        impl Theirs for $type {
            type Theirs = $type;

            fn theirs(&self) -> $type {
                *self
            }
        }
    )*};
}

the_same!(bool, u8, u16, u32, u64);

impl Theirs for &str {
    type Theirs = ShortString;

    fn theirs(&self) -> ShortString {
        ShortString::from(*self)
    }
}

impl Theirs for ShortStr<'_> {
    type Theirs = ShortString;

    fn theirs(&self) -> ShortString {
        ShortString::from(self.to_string())
    }
}

impl Theirs for &[u8] {
    type Theirs = LongString;

    fn theirs(&self) -> LongString {
        LongString::from(*self)
    }
}

impl Theirs for FieldTable {
    type Theirs = TheirTable;

    fn theirs(&self) -> TheirTable {
        let mut table = TheirTable::default();
        for (name, value) in self.iter() {
            table.insert(name.theirs(), value.theirs());
        }
        table
    }
}

impl Theirs for FieldValue {
    type Theirs = AMQPValue;

    fn theirs(&self) -> AMQPValue {
        match self {
            FieldValue::Bool(value) => AMQPValue::Boolean(*value),
            FieldValue::I8(value) => AMQPValue::ShortShortInt(*value),
            FieldValue::U8(value) => AMQPValue::ShortShortUInt(*value),
            FieldValue::I16(value) => AMQPValue::ShortInt(*value),
            FieldValue::U16(value) => AMQPValue::ShortUInt(*value),
            FieldValue::I32(value) => AMQPValue::LongInt(*value),
            FieldValue::U32(value) => AMQPValue::LongUInt(*value),
            FieldValue::I64(value) => AMQPValue::LongLongInt(*value),
            FieldValue::F32(bits) => AMQPValue::Float(f32::from_bits(*bits)),
            FieldValue::F64(bits) => AMQPValue::Double(f64::from_bits(*bits)),
            FieldValue::Decimal { scale, value } => {
                AMQPValue::DecimalValue(DecimalValue { scale: *scale, value: *value })
            }
            FieldValue::LongStr(bytes) => AMQPValue::LongString(bytes.as_slice().into()),
            FieldValue::Array(values) => {
                AMQPValue::FieldArray(values.iter().map(Theirs::theirs).collect::<Vec<_>>().into())
            }
            FieldValue::Timestamp(seconds) => AMQPValue::Timestamp(*seconds),
            FieldValue::Table(table) => AMQPValue::FieldTable(table.theirs()),
            FieldValue::Void => AMQPValue::Void,
            FieldValue::Bytes(bytes) => AMQPValue::ByteArray(bytes.as_slice().into()),
        }
    }
}

pub(crate) fn method(channel: u16, class: AMQPClass) -> AMQPFrame {
    AMQPFrame::Method(channel, class)
}

pub(crate) fn header(channel: u16, body_size: u64, ours: &Properties<'_>) -> AMQPFrame {
    let properties = their_properties(ours);
    AMQPFrame::Header(channel, AMQPContentHeader { class_id: 60, body_size, properties })
}

fn their_properties(ours: &Properties<'_>) -> AMQPProperties {
    let mut properties = AMQPProperties::default();
    macro_rules! set {
        ($($ours:ident $with:ident)*) => {$(
            if let Some(value) = &ours.$ours {
                properties = properties.$with(value.theirs());
            }
        )*};
    }
    set! {
        content_type with_content_type
        content_encoding with_content_encoding
        headers with_headers
        delivery_mode with_delivery_mode
        priority with_priority
        correlation_id with_correlation_id
        reply_to with_reply_to
        expiration with_expiration
        message_id with_message_id
        timestamp with_timestamp
        message_type with_type
        user_id with_user_id
        app_id with_app_id
        cluster_id with_cluster_id
    }
    properties
}

pub(crate) fn encode(frame: &AMQPFrame) -> Vec<u8> {
    let written = gen_frame(frame)(WriteContext::from(Vec::new())).expect("it encodes its own frames");
    written.into_inner().0
}

pub(crate) fn decode(bytes: &[u8]) -> AMQPFrame {
    let (rest, frame) = parse_frame(bytes).expect("a frame");
    assert!(rest.is_empty(), "it leaves {} bytes", rest.len());
    frame
}
