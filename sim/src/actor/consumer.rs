//! Consumers: one message at a time out of a local buffer.

use std::{collections::VecDeque, time::Duration};

use warren_core::{DeliveryTag, Instant, MessageId, Name};

use crate::scenario;

/// A consumer's plan, and what it has in hand.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub plan: scenario::Consumer,
    /// What has arrived and waits.
    pub buffer: VecDeque<Held>,
    pub work: Option<Work>,
    pub processed: u64,
}

/// A message on its way to a consumer, or in its hands.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub message: MessageId,
    pub queue: Name,
    pub delivery_tag: DeliveryTag,
    /// The time that the message says work on it takes.
    pub work: Duration,
}

/// What a consumer works on.
#[derive(Debug)]
pub(crate) struct Work {
    pub held: Held,
    pub started_at: Instant,
    pub done_at: Instant,
}

impl Consumer {
    /// Takes up the next message, unless it is busy or has none.
    pub(crate) fn take_up(&mut self, now: Instant) -> Option<&Work> {
        if self.work.is_some() {
            return None;
        }
        let held = self.buffer.pop_front()?;
        let done_at = now + self.plan.work.unwrap_or(held.work);
        Some(self.work.insert(Work { held, started_at: now, done_at }))
    }

    /// Finishes the work at hand.
    pub(crate) fn finish(&mut self) -> Option<Held> {
        let work = self.work.take()?;
        self.processed += 1;
        Some(work.held)
    }
}
