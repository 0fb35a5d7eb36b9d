//! What a stream makes of a message's properties. RabbitMQ keeps a stream's messages in AMQP 1.0's form, which has no
//! place for some of them.

use super::Entry;
use crate::wire::{FieldTable, FieldValue, Properties, ShortStr};
use crate::{Behaviour, Behaviours};

/// The properties of what a consumer reads, with its offset.
pub(crate) fn kept_properties(entry: &Entry, compat: Behaviours) -> Vec<u8> {
    let message = &entry.message;
    let mut properties = Properties::decode(message.properties()).unwrap_or_default();
    let mut headers = properties.headers.take().unwrap_or_default();
    keep_headers(&mut headers, compat);
    headers.insert("x-stream-offset", FieldValue::I64(i64::try_from(entry.position).unwrap_or(i64::MAX)));
    headers.sort();
    let expiration = message.expiration_ms.map(|ms| ms.to_string());
    properties.expiration = expiration.as_deref().map(ShortStr::from);
    if compat.has(Behaviour::StreamDeliveryMode) {
        properties.delivery_mode = Some(if message.persistent { 2 } else { 1 });
    }
    properties.headers = Some(headers);
    properties.cluster_id = None;
    properties.to_bytes()
}

/// Lists and tables are kept only in headers that begin with `x-`, and in CC ([`Behaviour::StreamListsKept`]).
fn keep_headers(headers: &mut FieldTable, compat: Behaviours) {
    let keeps = compat.has(Behaviour::StreamListsKept);
    headers.retain(|key, value| {
        if let FieldValue::Bytes(bytes) = value {
            *value = FieldValue::LongStr(std::mem::take(bytes));
        }
        let nested = matches!(value, FieldValue::Array(_) | FieldValue::Table(_));
        !nested || (keeps && (key.starts_with("x-") || key == *"CC"))
    });
}
