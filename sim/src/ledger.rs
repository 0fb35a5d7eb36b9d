//! The ledger: what became of the messages, in numbers.

use serde::Serialize;
use warren_core::{Event, Fact, Instant, MessageId, Name, ordered::OrdMap};

use crate::happening::{ActorId, Happening, LossReason, WorldEvent};

/// Sums over all that has happened, from the events alone. A message that a fanout copies into three queues is
/// published and routed once; deliveries, acks, work and losses count copies.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Ledger {
    /// Messages that producers put on the wire.
    pub sent: u64,
    /// Messages that reached the broker.
    pub published: u64,
    /// Messages that found nobody, because the broker had ended since they were sent.
    pub not_arrived: u64,
    /// Messages that at least one queue took.
    pub routed: u64,
    /// Messages that no queue took.
    pub unroutable: u64,
    /// Messages that came back to their producer because no queue took them.
    pub returned: u64,
    /// Messages whose confirm, or the answer to whose commit, reached the producer.
    pub confirmed: u64,
    /// Messages that their producer took back in a transaction.
    pub rolled_back: u64,
    /// Requests whose answer reached who asked.
    pub answered: u64,
    /// How long producers waited to hear of their messages.
    paces: OrdMap<ActorId, Pace>,
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

/// How long a producer waited to hear of its messages: that they are safe, or the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Pace {
    /// Of how many it has heard.
    pub heard: u64,
    /// How long it waited for that, from the sending of each message, in µs in all.
    pub waited_us: u64,
    /// When it sent its first message.
    pub began_at: Instant,
    /// When it heard for the last time.
    pub heard_at: Instant,
}

impl Pace {
    /// How long it waited for each message on average, to the ms.
    #[must_use]
    pub fn average(&self) -> Instant {
        let average_us = self.waited_us.checked_div(self.heard).unwrap_or_default();
        Instant::from_micros(average_us - average_us % 1_000)
    }

    /// How long it took from its first message until it had heard of all of them, on a clock that starts then.
    #[must_use]
    pub fn total(&self) -> Instant {
        Instant::ZERO + self.heard_at.since(self.began_at)
    }
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
    pub fn lost_by_reason(&self) -> OrdMap<LossReason, u64> {
        let mut counts = OrdMap::new();
        for loss in &self.losses {
            *counts.entry(loss.reason).or_default() += 1;
        }
        counts
    }

    /// How those producers fare that have heard of messages.
    pub fn paces(&self) -> impl Iterator<Item = (ActorId, &Pace)> {
        self.paces.iter().filter(|(_, pace)| pace.heard > 0).map(|(actor, pace)| (*actor, pace))
    }

    /// Enters an event.
    pub(crate) fn apply(&mut self, event: &WorldEvent) {
        match &event.what {
            Happening::Broker(Event { fact, .. }) => self.apply_fact(fact),
            Happening::Sent(sending) => {
                self.sent += 1;
                let (began_at, heard_at) = (event.at, event.at);
                let pace = Pace { heard: 0, waited_us: 0, began_at, heard_at };
                self.paces.entry(sending.actor).or_insert(pace);
            }
            Happening::NeverArrived(_) => self.not_arrived += 1,
            Happening::Confirmed { .. } => self.confirmed += 1,
            Happening::Answered { .. } => self.answered += 1,
            // What it had in memory is gone; what it finds again is told by facts.
            Happening::BrokerCrashed { .. } | Happening::BrokerHalted { .. } | Happening::BrokerStopped => {
                (self.ready, self.unacked) = (0, 0);
            }
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

    /// Enters that a producer has heard at `at` of a message that it sent at `sent_at`.
    pub(crate) fn heard(&mut self, actor: ActorId, sent_at: Instant, at: Instant) {
        if let Some(pace) = self.paces.get_mut(&actor) {
            pace.heard += 1;
            pace.waited_us += at.as_micros().saturating_sub(sent_at.as_micros());
            pace.heard_at = at;
        }
    }

    fn apply_fact(&mut self, fact: &Fact) {
        if let Some(shift) = Shift::of(fact) {
            self.ready = self.ready.saturating_add_signed(shift.ready);
            self.unacked = self.unacked.saturating_add_signed(shift.unacked);
        }
        match fact {
            Fact::Published { .. } => self.published += 1,
            Fact::Routed { .. } => self.routed += 1,
            Fact::Unroutable { .. } => self.unroutable += 1,
            Fact::Delivered { redelivered, .. } | Fact::Got { redelivered, .. } => {
                self.delivered += 1;
                self.redelivered += u64::from(*redelivered);
            }
            Fact::Read { .. } => self.delivered += 1,
            Fact::ReadSettled { acked, .. } => self.acked += u64::from(*acked),
            Fact::Acked { .. } => self.acked += 1,
            Fact::Requeued { .. } => self.requeued += 1,
            Fact::RolledBack { publishes, .. } => self.rolled_back += publishes,
            Fact::DeadLettered { .. } => self.dead_lettered += 1,
            _ => {}
        }
    }
}

/// By how much a fact changes what is in a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shift<'a> {
    /// Which queue.
    pub queue: &'a Name,
    /// So many copies more that wait, or are kept in a stream.
    pub ready: i64,
    /// So many copies more that are delivered and not acked.
    pub unacked: i64,
}

impl Shift<'_> {
    /// `None` for a fact that leaves every queue as it is.
    #[must_use]
    pub fn of(fact: &Fact) -> Option<Shift<'_>> {
        let (queue, ready, unacked) = match fact {
            Fact::Enqueued { queue, .. } | Fact::Recovered { queue, .. } => (queue, 1, 0),
            Fact::Delivered { queue, no_ack, .. } | Fact::Got { queue, no_ack, .. } => {
                (queue, -1, i64::from(!no_ack))
            }
            // A stream keeps what is read.
            Fact::Read { queue, .. } => (queue, 0, 1),
            Fact::ReadSettled { queue, .. } | Fact::Acked { queue, .. } => (queue, 0, -1),
            Fact::Requeued { queue, .. } => (queue, 1, -1),
            Fact::Dropped { queue, unacked, .. } | Fact::DeadLettered { queue, unacked, .. } => {
                if *unacked {
                    (queue, 0, -1)
                } else {
                    (queue, -1, 0)
                }
            }
            Fact::DroppedUnread { queue, messages, .. } => {
                (queue, i64::try_from(*messages).unwrap_or(i64::MAX).saturating_neg(), 0)
            }
            _ => return None,
        };
        Some(Shift { queue, ready, unacked })
    }
}
