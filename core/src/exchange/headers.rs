//! `headers`: the binding's arguments are compared with the message's headers (AMQP 0-9-1, section 3.1.3.4).
//! `x-match` says how; keys that start with `x-` take no part unless it ends in `-with-x` (RabbitMQ).

use super::{Binding, Routable, bindings::ByAge};
use crate::{
    Behaviour, Behaviours, ReplyCode,
    explain::Mismatch,
    refusal::{Outcome, Refusal},
    wire::{FieldTable, FieldValue, Octets, ShortStr, Term},
};

pub(super) fn route<'a>(list: &'a ByAge, message: &Routable<'_>, mut found: impl FnMut(&'a Binding)) -> u64 {
    let none = FieldTable::default();
    let headers = message.headers.unwrap_or(&none);
    let any = |binding: &Binding| {
        let mut all = binding.arguments.iter();
        planted!(message, HeadersAllAsAny)
            && all.any(|(key, wanted)| {
                headers.find(key).is_some_and(|value| agrees(wanted, value, message.compat))
            })
    };
    let matching =
        list.values().filter(|binding| matches(&binding.arguments, headers, message.compat) || any(binding));
    matching.for_each(|binding| found(binding));
    list.len() as u64
}

/// Refuses an `x-match` that says nothing known, with RabbitMQ's text.
pub(super) fn check_arguments(arguments: &FieldTable) -> Outcome {
    match arguments.get("x-match") {
        None => Ok(()),
        Some(FieldValue::LongStr(how)) if Match::parse(how).is_some() => Ok(()),
        Some(FieldValue::LongStr(how)) => Err(invalid(&format!(
            "Invalid x-match field value {}; expected all, any, all-with-x, or any-with-x",
            Octets(how)
        ))),
        Some(other) => {
            let (kind, value) = (other.type_name(), Term(other));
            Err(invalid(&format!("Invalid x-match field type {kind} (value {value}); expected longstr")))
        }
    }
}

fn invalid(text: &str) -> Refusal {
    Refusal::new(ReplyCode::PreconditionFailed, text)
}

#[derive(Clone, Copy)]
struct Match {
    every: bool,
    with_x: bool,
}

impl Match {
    fn parse(text: &[u8]) -> Option<Match> {
        match text {
            b"all" => Some(Match { every: true, with_x: false }),
            b"any" => Some(Match { every: false, with_x: false }),
            b"all-with-x" => Some(Match { every: true, with_x: true }),
            b"any-with-x" => Some(Match { every: false, with_x: true }),
            _ => None,
        }
    }
}

fn matches(arguments: &FieldTable, headers: &FieldTable, compat: Behaviours) -> bool {
    let (every, mut compared) = compared(arguments);
    let agrees = |(key, wanted): (ShortStr<'_>, &FieldValue)| {
        headers.find(key).is_some_and(|value| agrees(wanted, value, compat))
    };
    if every { compared.all(agrees) } else { compared.any(agrees) }
}

/// Why a binding with these arguments, which did not match, does not.
pub(super) fn mismatch(arguments: &FieldTable, message: &Routable<'_>) -> Mismatch {
    let (every, compared) = compared(arguments);
    let header = |key| message.headers.and_then(|headers| headers.find(key));
    let mut amiss = compared.filter_map(|(key, wanted)| match header(key) {
        None => Some(Mismatch::NoHeader(key.to_string())),
        Some(value) if agrees(wanted, value, message.compat) => None,
        Some(value) => {
            let (wants, has) = (wanted.to_string(), value.to_string());
            Some(Mismatch::Header { name: key.to_string(), wants, has })
        }
    });
    if every { amiss.next().unwrap_or(Mismatch::NoneOfHeaders) } else { Mismatch::NoneOfHeaders }
}

/// Whether all arguments have to agree, and those that are compared.
fn compared(arguments: &FieldTable) -> (bool, impl Iterator<Item = (ShortStr<'_>, &FieldValue)>) {
    let how = match arguments.get("x-match") {
        Some(FieldValue::LongStr(how)) => Match::parse(how),
        _ => None,
    };
    let how = how.unwrap_or(Match { every: true, with_x: false });
    let takes_part = move |key: ShortStr<'_>| key != "x-match" && (how.with_x || !key.starts_with("x-"));
    (how.every, arguments.iter().filter(move |(key, _)| takes_part(*key)))
}

/// A void argument asks only that the header is there.
fn agrees(wanted: &FieldValue, header: &FieldValue, compat: Behaviours) -> bool {
    match (wanted, header) {
        (FieldValue::Void, _) => true,
        (_, FieldValue::Timestamp(seconds)) if compat.has(Behaviour::HeaderTimesInMs) => {
            wanted.same_term(&FieldValue::Timestamp(seconds.saturating_mul(1000)))
        }
        _ => {
            let by_value = !compat.has(Behaviour::FloatsAreNoIntegers) && wanted.same_number(header);
            by_value || wanted.same_term(header)
        }
    }
}
