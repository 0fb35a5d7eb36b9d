//! `x-delayed-message`: holds messages back for as long as they ask, and then is what `x-delayed-type` says
//! (RabbitMQ's plugin).

use crate::{
    ReplyCode,
    event::ExchangeKind,
    refusal::{Outcome, Refusal},
    wire::{FieldTable, FieldValue},
};

/// How long a message is to wait, in ms. When it goes on it says so with a number below 0.
pub(crate) const DELAY: &str = "x-delay";
const TYPE: &str = "x-delayed-type";

/// What `x-delayed-type` says.
pub(super) fn inner_kind(arguments: &FieldTable) -> Outcome<ExchangeKind> {
    let refuse =
        |why: &str| Err(Refusal::new(ReplyCode::PreconditionFailed, format!("Invalid argument, {why}")));
    match arguments.get(TYPE) {
        Some(FieldValue::LongStr(kind) | FieldValue::Bytes(kind)) => {
            match ExchangeKind::named(&String::from_utf8_lossy(kind))? {
                ExchangeKind::DelayedMessage => {
                    refuse("'x-delayed-message' can't be used for 'x-delayed-type'")
                }
                kind => Ok(kind),
            }
        }
        _ => refuse("'x-delayed-type' must be an existing exchange type"),
    }
}

/// How long a message with these headers is to wait, in ms, if at all.
pub(super) fn delay_ms(headers: Option<&FieldTable>) -> Outcome<Option<u64>> {
    /// The longest that an Erlang timer runs.
    const LONGEST_MS: u64 = u32::MAX as u64;
    let asked = asked_ms(headers)?.and_then(|ms| u64::try_from(ms).ok());
    Ok(asked.filter(|ms| (1..=LONGEST_MS).contains(ms)))
}

/// The header as a whole number, if it is one in any way that the plugin reads.
pub(crate) fn asked_ms(headers: Option<&FieldTable>) -> Outcome<Option<i64>> {
    Ok(match headers.and_then(|headers| headers.get(DELAY)) {
        Some(FieldValue::I8(_)) => None,
        Some(FieldValue::F32(bits)) => Some(f32::from_bits(*bits) as i64),
        Some(FieldValue::F64(bits)) => Some(f64::from_bits(*bits) as i64),
        Some(FieldValue::LongStr(text) | FieldValue::Bytes(text)) => Some(parse(text)?),
        other => other.and_then(FieldValue::as_integer),
    })
}

/// The plugin stumbles over a text that is no number.
fn parse(text: &[u8]) -> Outcome<i64> {
    let number = str::from_utf8(text).ok().and_then(|text| text.parse::<i128>().ok());
    let number = number.ok_or_else(Refusal::internal_error)?;
    Ok(i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX }))
}
