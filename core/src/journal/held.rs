//! What recovery finds of messages that an exchange holds back or keeps: they are in memory from the start.

use std::sync::Arc;

use super::record::Place;
use crate::{Instant, message::Message, ordered::OrdMap};

/// What an exchange holds, by position.
#[derive(Default)]
pub(crate) struct FoundHolding {
    pub(crate) messages: OrdMap<u64, FoundHeld>,
    pub(crate) next_position: u64,
}

/// A message that an exchange holds.
pub(crate) struct FoundHeld {
    pub(crate) message: Arc<Message>,
    pub(crate) place: Place,
    /// Until when it is held back. `None`: it is kept for queues that are bound later.
    pub(crate) due: Option<Instant>,
}

impl FoundHolding {
    pub(super) fn add(&mut self, position: u64, held: FoundHeld) {
        self.next_position = self.next_position.max(position + 1);
        self.messages.insert(position, held);
    }

    /// Nothing is recorded of a position after it was removed: what was moved elsewhere was still there then.
    pub(super) fn remove(&mut self, first: u64, last: u64) {
        self.next_position = self.next_position.max(last + 1);
        while let Some((&position, _)) = self.messages.range(first..=last).next() {
            self.messages.remove(&position);
        }
    }
}
