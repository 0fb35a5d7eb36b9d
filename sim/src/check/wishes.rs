//! What no broker promises, and a topology may: that nothing is lost, and that nothing is done twice.

use warren_core::{MessageId, Name};

use super::{Checks, Property, Violation};
use crate::LossReason;

impl Checks {
    /// A copy is gone. Whether the message is lost is known in the end: it may have been done before, or its producer may
    /// send it again.
    pub(super) fn lost(&mut self, message: MessageId, queue: Option<&Name>, reason: LossReason) {
        if !self.wishes.contains(&Property::NothingLost) {
            return;
        }
        let name = self.name_of(message);
        if queue.is_some_and(|queue| self.worked_on.contains(&(queue.clone(), name.clone()))) {
            return;
        }
        let from = queue.map_or_else(String::new, |queue| format!(" of queue {queue}"));
        let violation = Violation {
            property: Property::NothingLost,
            at: self.at,
            seq: self.seq,
            message: Some(message),
            detail: format!("{name}{from} is lost, and nobody sends it again"),
            reason: Some(reason),
        };
        self.lost.entry((queue.cloned(), name)).or_insert(violation);
    }

    pub(super) fn worked(&mut self, message: MessageId, queue: &Name) {
        if self.wishes.is_empty() {
            return;
        }
        let name = self.name_of(message);
        if self.wishes.contains(&Property::NothingLost) {
            self.exercise(Property::NothingLost);
            self.lost.remove(&(None, name.clone()));
            self.lost.remove(&(Some(queue.clone()), name.clone()));
        }
        let is_first = self.worked_on.insert((queue.clone(), name.clone()));
        if self.wishes.contains(&Property::NothingTwice) {
            self.check(Property::NothingTwice, message, is_first, || {
                format!("work on {name} of queue {queue} was done for the second time")
            });
        }
    }

    /// What it is called, whenever it is sent.
    fn name_of(&self, message: MessageId) -> String {
        let name = self.messages.get(&message).and_then(|book| book.sending.message_id.clone());
        name.unwrap_or_else(|| format!("message {message}"))
    }

    /// The run is over: what is lost now is lost for good.
    pub fn finish(&mut self) {
        if self.is_recovering {
            self.recovered();
        }
        let first = self.lost.values().min_by_key(|violation| violation.seq);
        self.violations.extend(first.cloned());
    }
}
