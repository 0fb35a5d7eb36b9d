//! Whether declaring a thing again says the same (AMQP 0-9-1 reference, exchange.declare and queue.declare); the texts
//! are RabbitMQ's.

use crate::{
    ReplyCode,
    refusal::{Outcome, Refusal},
    wire::{FieldValue, Term},
};

/// `thing` is as RabbitMQ names it: `queue 'q' in vhost '/'`.
pub(crate) fn check_word(thing: &str, key: &str, current: &str, received: &str) -> Outcome {
    if current == received {
        return Ok(());
    }
    Err(inequivalent(thing, key, &format!("'{current}'"), &format!("'{received}'")))
}

pub(crate) fn check_flag(thing: &str, key: &str, current: bool, received: bool) -> Outcome {
    let word = |flag| if flag { "true" } else { "false" };
    check_word(thing, key, word(current), word(received))
}

pub(crate) fn check_argument(
    thing: &str,
    key: &str,
    current: Option<&FieldValue>,
    received: Option<&FieldValue>,
) -> Outcome {
    match (current, received) {
        (None, None) => Ok(()),
        (Some(one), Some(other)) if one.same_term(other) => Ok(()),
        // RabbitMQ names the types only where one of the two is missing.
        (Some(current), Some(received)) => {
            Err(inequivalent(thing, key, &format!("'{}'", Term(current)), &format!("'{}'", Term(received))))
        }
        _ => Err(inequivalent(thing, key, &describe(current), &describe(received))),
    }
}

fn describe(value: Option<&FieldValue>) -> String {
    match value {
        None => "none".into(),
        Some(value) => format!("the value '{}' of type '{}'", Term(value), value.type_name()),
    }
}

fn inequivalent(thing: &str, key: &str, current: &str, received: &str) -> Refusal {
    let text = format!("inequivalent arg '{key}' for {thing}: received {received} but current is {current}");
    Refusal::new(ReplyCode::PreconditionFailed, text)
}
