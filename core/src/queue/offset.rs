//! Where a consumer of a stream starts, and what it wants to see: `x-stream-offset`, `x-stream-filter` and
//! `x-stream-match-unfiltered`. Checks and texts are RabbitMQ 4's.

use crate::{
    Behaviour, Behaviours, ReplyCode, WallTime,
    message::Message,
    refusal::{Outcome, Refusal, queue_in},
    wire::{FieldTable, FieldValue, Octets, Properties},
};

/// A place in a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StartAt {
    First,
    /// At the last message that is there.
    Last,
    /// At the next message that will be there.
    Next,
    Offset(u64),
    /// At the first message written then or later.
    Time(WallTime),
}

impl StartAt {
    /// Reads `x-stream-offset`; without it a consumer gets what is new.
    pub(crate) fn read(
        arguments: &FieldTable,
        (queue, vhost): (&str, &str),
        (now, compat): (WallTime, Behaviours),
    ) -> Outcome<Self> {
        let Some(value) = arguments.get("x-stream-offset") else { return Ok(StartAt::Next) };
        match value {
            FieldValue::LongStr(text) => StartAt::parse(text, now).ok_or_else(|| {
                if !compat.has(Behaviour::StreamOffsetChecked) && !has_number(text) {
                    return Refusal::internal_error();
                }
                let queue = queue_in(queue, vhost);
                let text = Octets(text);
                Refusal::new(
                    ReplyCode::PreconditionFailed,
                    format!(
                        "invalid arg 'x-stream-offset' for {queue}: {{invalid_stream_offset_arg,{{longstr,{text}}}}}"
                    ),
                )
            }),
            FieldValue::Timestamp(seconds) => {
                let ms = i64::try_from(*seconds).unwrap_or(i64::MAX).saturating_mul(1000);
                Ok(StartAt::Time(WallTime::from_millis(ms)))
            }
            other => match other.as_integer() {
                Some(offset) => Ok(StartAt::Offset(u64::try_from(offset).unwrap_or(0))),
                // RabbitMQ stumbles over it.
                None => Err(Refusal::internal_error()),
            },
        }
    }

    fn parse(text: &[u8], now: WallTime) -> Option<Self> {
        Some(match text {
            b"first" => StartAt::First,
            b"last" => StartAt::Last,
            b"next" => StartAt::Next,
            age => {
                let ms = now.as_millis().saturating_sub_unsigned(parse_age(age)?);
                StartAt::Time(WallTime::from_millis(ms))
            }
        })
    }
}

/// Whether a text begins with a number, as ages do: RabbitMQ failed over others, because it read the number first.
pub(super) fn has_number(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
}

/// `7D`: a number above 0 and a unit, in ms.
pub(crate) fn parse_age(text: &[u8]) -> Option<u64> {
    const SECOND: u64 = 1000;
    const DAY: u64 = 24 * 3600 * SECOND;
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit_ms = match unit {
        b"Y" => 365 * DAY,
        b"M" => 30 * DAY,
        b"D" => DAY,
        b"h" => 3600 * SECOND,
        b"m" => 60 * SECOND,
        b"s" => SECOND,
        _ => return None,
    };
    let digits = number.iter().map(|byte| u64::from(byte - b'0'));
    let number = digits.fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(digit));
    (number > 0).then(|| number.saturating_mul(unit_ms))
}

/// Which messages a consumer wants, by their `x-stream-filter-value` header.
#[derive(Clone)]
pub(crate) struct Filter {
    values: Vec<Vec<u8>>,
    /// Those without the header, too.
    unfiltered: bool,
}

impl Filter {
    /// Reads `x-stream-filter`, one value or several, and `x-stream-match-unfiltered`.
    pub(crate) fn read(arguments: &FieldTable) -> Option<Self> {
        let values = match arguments.get("x-stream-filter")? {
            FieldValue::LongStr(value) => vec![value.clone()],
            FieldValue::Array(values) => values.iter().filter_map(long_string).collect(),
            _ => return None,
        };
        let unfiltered = arguments.get("x-stream-match-unfiltered") == Some(&FieldValue::Bool(true));
        Some(Filter { values, unfiltered })
    }

    pub(super) fn passes(&self, message: &Message) -> bool {
        let headers = Properties::decode(message.properties()).ok().and_then(|properties| properties.headers);
        match headers.as_ref().and_then(|headers| headers.get("x-stream-filter-value")).and_then(long_string)
        {
            Some(value) => self.values.contains(&value),
            None => self.unfiltered,
        }
    }
}

fn long_string(value: &FieldValue) -> Option<Vec<u8>> {
    match value {
        FieldValue::LongStr(bytes) => Some(bytes.clone()),
        _ => None,
    }
}
