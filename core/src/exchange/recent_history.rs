//! `x-recent-history`: fanout that keeps the latest messages for whoever is bound later (RabbitMQ's plugin).

use std::{collections::VecDeque, sync::Arc};

use crate::{
    ReplyCode,
    message::Message,
    refusal::{Outcome, Refusal},
    wire::{FieldTable, FieldValue, Octets, Term},
};

const LENGTH: &str = "x-recent-history-length";
const DEFAULT_LENGTH: u64 = 20;
/// The header of messages that are not kept.
const NO_STORE: &str = "x-recent-history-no-store";

/// The messages that an exchange keeps, the oldest first.
#[derive(Clone)]
pub(crate) struct History {
    length: u64,
    messages: VecDeque<Arc<Message>>,
    /// What they take, in bytes.
    bytes: u64,
}

impl History {
    pub(super) fn new(arguments: &FieldTable) -> Self {
        let length = arguments.get(LENGTH).and_then(FieldValue::as_integer);
        let length = length.and_then(|length| u64::try_from(length).ok()).unwrap_or(DEFAULT_LENGTH);
        History { length, messages: VecDeque::new(), bytes: 0 }
    }

    /// Keeps one more, and as many of the latest ones as the exchange's length and `max_bytes` allow.
    pub(crate) fn keep(&mut self, message: Arc<Message>, max_bytes: u64) {
        self.bytes += message.size();
        self.messages.push_back(message);
        while self.messages.len() as u64 > self.length || self.bytes > max_bytes {
            let Some(oldest) = self.messages.pop_front() else { return };
            self.bytes -= oldest.size();
        }
    }

    /// What the kept messages take, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.messages.iter()
    }
}

/// Whether a message with these headers is kept.
pub(super) fn keeps(headers: Option<&FieldTable>) -> bool {
    headers.and_then(|headers| headers.get(NO_STORE)) != Some(&FieldValue::Bool(true))
}

/// Refuses a length that is none; the text is RabbitMQ's.
pub(super) fn check_arguments(arguments: &FieldTable) -> Outcome {
    let Some(value) = arguments.get(LENGTH) else { return Ok(()) };
    let shown = match value {
        FieldValue::I8(1..) | FieldValue::I16(1..) | FieldValue::I32(1..) | FieldValue::I64(1..) => {
            return Ok(());
        }
        FieldValue::LongStr(octets) | FieldValue::Bytes(octets) => Octets(octets).to_string(),
        other => Term(other).to_string(),
    };
    let text = format!("Invalid argument {shown}, '{LENGTH}' must be a positive integer");
    Err(Refusal::new(ReplyCode::PreconditionFailed, text))
}
