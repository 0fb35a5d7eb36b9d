//! queue.declare's optional arguments: which are served, and whether two sets say the same.

use super::{Properties, Queue};
use crate::{
    ConnectionId, ReplyCode,
    refusal::{Outcome, Refusal, queue_in},
    wire::{FieldTable, FieldValue},
};

/// Arguments that change what a queue does and that Warren does not serve yet. Ignoring them would lose or keep
/// messages against the application's will, so they are refused.
const NOT_SERVED: [&str; 13] = [
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-dead-letter-strategy",
    "x-delivery-limit",
    "x-expires",
    "x-max-age",
    "x-max-in-memory-length",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-priority",
    "x-message-ttl",
    "x-overflow",
    "x-single-active-consumer",
];

const QUEUE_TYPE: &str = "x-queue-type";

/// Refuses arguments that this broker cannot honour.
pub(crate) fn check_arguments(queue: &str, vhost: &str, arguments: &FieldTable) -> Outcome {
    let invalid = |key: &str, why: &str| {
        let queue = queue_in(queue, vhost);
        Err(Refusal::new(ReplyCode::PreconditionFailed, format!("invalid arg '{key}' for {queue}: {why}")))
    };
    if let Some(key) = NOT_SERVED.iter().find(|key| arguments.get(key).is_some()) {
        return invalid(key, "not supported by this version of Warren");
    }
    match arguments.get(QUEUE_TYPE) {
        None => Ok(()),
        Some(FieldValue::LongStr(kind)) => match kind.as_slice() {
            b"classic" => Ok(()),
            b"quorum" | b"stream" => invalid(QUEUE_TYPE, "not supported by this version of Warren"),
            other => {
                let kind = String::from_utf8_lossy(other);
                invalid(QUEUE_TYPE, &format!("\"unsupported queue type '{kind}'\""))
            }
        },
        Some(other) => invalid(QUEUE_TYPE, &format!("\"expected longstr, got {}\"", other.type_name())),
    }
}

/// Refuses to declare a queue again as something else. The texts and their order are RabbitMQ's.
pub(crate) fn check_equivalent(existing: &Queue, asked: &Properties) -> Outcome {
    if existing.owner != asked.owner {
        return Err(locked(existing));
    }
    check_flag(existing, "durable", existing.durable, asked.durable)?;
    check_flag(existing, "auto_delete", existing.auto_delete, asked.auto_delete)?;
    let compared = NOT_SERVED.iter().chain(&[QUEUE_TYPE]);
    compared.copied().try_for_each(|key| {
        let (current, received) = (existing.arguments.get(key), asked.arguments.get(key));
        let is_default = |value: Option<&FieldValue>| {
            key == QUEUE_TYPE && value.is_none_or(|value| *value == FieldValue::LongStr(b"classic".to_vec()))
        };
        if current == received || (is_default(current) && is_default(received)) {
            return Ok(());
        }
        Err(inequivalent(existing, key, &describe(received), &describe(current)))
    })
}

/// The refusal to touch another connection's exclusive queue.
pub(super) fn locked(queue: &Queue) -> Refusal {
    Refusal::new(
        ReplyCode::ResourceLocked,
        format!(
            "cannot obtain exclusive access to locked {}. It could be originally declared on another connection \
             or the exclusive property value does not match that of the original declaration.",
            queue_in(&queue.name, &queue.vhost)
        ),
    )
}

fn check_flag(queue: &Queue, key: &str, current: bool, received: bool) -> Outcome {
    if current == received {
        return Ok(());
    }
    Err(inequivalent(queue, key, &format!("'{received}'"), &format!("'{current}'")))
}

fn inequivalent(queue: &Queue, key: &str, received: &str, current: &str) -> Refusal {
    let queue = queue_in(&queue.name, &queue.vhost);
    Refusal::new(
        ReplyCode::PreconditionFailed,
        format!("inequivalent arg '{key}' for {queue}: received {received} but current is {current}"),
    )
}

fn describe(value: Option<&FieldValue>) -> String {
    match value {
        None => "none".into(),
        Some(value) => format!("the value '{value}' of type '{}'", value.type_name()),
    }
}

impl Queue {
    /// Refuses access to another connection's exclusive queue.
    pub(crate) fn check_access(&self, connection: ConnectionId) -> Outcome {
        if self.owner.is_none_or(|owner| owner == connection) { Ok(()) } else { Err(locked(self)) }
    }
}
