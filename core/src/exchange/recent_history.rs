//! `x-recent-history`: fanout that keeps the latest messages for whoever is bound later (RabbitMQ's plugin).

use std::{collections::VecDeque, sync::Arc};

use crate::{
    ReplyCode,
    journal::Place,
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
    messages: VecDeque<Kept>,
    /// What they take, in bytes.
    bytes: u64,
}

/// A message that is kept.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) message: Arc<Message>,
    /// Its position among what the exchange holds, and its record in the journal, if it has one.
    pub(crate) stored: Option<(u64, Place)>,
}

impl History {
    pub(super) fn new(arguments: &FieldTable) -> Self {
        let length = arguments.get(LENGTH).and_then(FieldValue::as_integer);
        let length = length.and_then(|length| u64::try_from(length).ok()).unwrap_or(DEFAULT_LENGTH);
        History { length, messages: VecDeque::new(), bytes: 0 }
    }

    /// Keeps one more.
    pub(crate) fn keep(&mut self, kept: Kept) {
        self.bytes += kept.message.size();
        self.messages.push_back(kept);
    }

    /// Takes the oldest message out if the exchange's length and `max_bytes` do not allow all of them.
    pub(crate) fn pop_overflow(&mut self, max_bytes: u64) -> Option<Kept> {
        let over = self.messages.len() as u64 > self.length || self.bytes > max_bytes;
        if over { self.pop() } else { None }
    }

    /// Takes the oldest message out.
    pub(crate) fn pop(&mut self) -> Option<Kept> {
        let oldest = self.messages.pop_front()?;
        self.bytes -= oldest.message.size();
        Some(oldest)
    }

    /// What the kept messages take, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.messages.iter().map(|kept| &kept.message)
    }

    /// The last ones of the first `left` messages, at most so many, and how many are left then.
    pub(crate) fn last_of(&mut self, left: u64, most: u64) -> (impl Iterator<Item = &mut Kept>, u64) {
        let left = left.min(self.messages.len() as u64);
        let rest = left.saturating_sub(most);
        (self.messages.range_mut(rest as usize..left as usize), rest)
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
