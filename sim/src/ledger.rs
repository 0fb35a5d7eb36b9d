//! The ledger: what became of the messages, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;
use warren_core::{Event, Fact, Instant, MessageId, Name};

use crate::happening::{Happening, LossReason, WorldEvent};

/// Sums over all that has happened, from the events alone. A message that a fanout copies into three queues is
/// published and routed once; deliveries, acks, work and losses count copies.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Ledger {
    /// Messages that producers put on the wire.
    pub sent: u64,
    /// Messages that reached the broker.
    pub published: u64,
    /// Messages that at least one queue took.
    pub routed: u64,
    /// Messages that no queue took.
    pub unroutable: u64,
    /// Messages that came back to their producer because no queue took them.
    pub returned: u64,
    /// Messages whose confirm reached the producer.
    pub confirmed: u64,
    /// Copies that the broker sent to consumers, each time it did.
    pub delivered: u64,
    /// Those of them that had been delivered before.
    pub redelivered: u64,
    /// Copies that consumers finished work on.
    pub processed: u64,
    /// How often work on a copy failed.
    pub failed: u64,
    /// Copies whose ack reached the broker.
    pub acked: u64,
    /// Copies that went back to their queue.
    pub requeued: u64,
    /// Copies that a queue gave up and sent on to its dead-letter exchange.
    pub dead_lettered: u64,
    /// Copies that wait in queues now, or are kept in streams.
    pub ready: u64,
    /// Copies that are delivered and not acked now.
    pub unacked: u64,
    /// Copies that nobody will ever finish work on, in the order in which they were lost.
    pub losses: Vec<Loss>,
}

/// A message that is gone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Loss {
    /// When.
    pub at: Instant,
    /// Which.
    pub message: MessageId,
    /// Which copy; `None` for a message that never was in a queue.
    pub queue: Option<Name>,
    /// Why.
    pub reason: LossReason,
}

impl Ledger {
    /// How many copies are lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.losses.len() as u64
    }

    /// How many copies are lost for each reason.
    #[must_use]
    pub fn lost_by_reason(&self) -> BTreeMap<LossReason, u64> {
        let mut counts = BTreeMap::new();
        for loss in &self.losses {
            *counts.entry(loss.reason).or_default() += 1;
        }
        counts
    }

    /// Enters an event.
    pub(crate) fn apply(&mut self, event: &WorldEvent) {
        match &event.what {
            Happening::Broker(Event { fact, .. }) => self.apply_fact(fact),
            Happening::Sent { .. } => self.sent += 1,
            Happening::Confirmed { .. } => self.confirmed += 1,
            Happening::Returned { .. } => self.returned += 1,
            Happening::WorkDone { .. } => self.processed += 1,
            Happening::WorkFailed { .. } => self.failed += 1,
            Happening::Lost { message, queue, reason } => {
                let (message, queue, reason) = (*message, queue.clone(), *reason);
                self.losses.push(Loss { at: event.at, message, queue, reason });
            }
            _ => {}
        }
    }

    fn apply_fact(&mut self, fact: &Fact) {
        match fact {
            Fact::Published { .. } => self.published += 1,
            Fact::Routed { .. } => self.routed += 1,
            Fact::Unroutable { .. } => self.unroutable += 1,
            Fact::Enqueued { .. } => self.ready += 1,
            Fact::Delivered { redelivered, no_ack, .. } | Fact::Got { redelivered, no_ack, .. } => {
                self.delivered += 1;
                self.redelivered += u64::from(*redelivered);
                self.ready -= 1;
                self.unacked += u64::from(!no_ack);
            }
            // A stream keeps what is read.
            Fact::Read { .. } => {
                self.delivered += 1;
                self.unacked += 1;
            }
            Fact::ReadSettled { acked, .. } => {
                self.acked += u64::from(*acked);
                self.unacked -= 1;
            }
            Fact::Acked { .. } => {
                self.acked += 1;
                self.unacked -= 1;
            }
            Fact::Requeued { .. } => {
                self.requeued += 1;
                self.unacked -= 1;
                self.ready += 1;
            }
            Fact::Dropped { unacked: true, .. } => self.unacked -= 1,
            Fact::Dropped { unacked: false, .. } => self.ready -= 1,
            Fact::DeadLettered { unacked, .. } => {
                self.dead_lettered += 1;
                if *unacked { self.unacked -= 1 } else { self.ready -= 1 }
            }
            _ => {}
        }
    }
}
