//! A way from one thing to another, and who is on it.

use std::time::Duration;

use warren_sim::warren_core::{Instant, MessageId, Name};

use super::{DotKind, Label, Place, QueueRow, Settlement};

/// A way, with all that is on it.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) ends: (Place, Place),
    journeys: Vec<Journey>,
    /// With so many it is time to forget those that are over.
    full_at: usize,
    /// Who set out lately, each the less the longer ago: in a steady stream, messages a second.
    recent: f64,
    /// When the last one set out.
    last_at: Instant,
    /// How long the last one takes.
    takes: Duration,
}

/// A message that goes somewhere, or an ack.
#[derive(Clone)]
pub(crate) struct Carried {
    pub(crate) kind: DotKind,
    /// Which message, as soon as the broker has numbered it.
    pub(crate) message: Option<MessageId>,
    pub(crate) label: Label,
    pub(crate) routing_key: Name,
    pub(crate) persistent: bool,
    /// The row of a queue that it comes from or goes to.
    pub(crate) row: QueueRow,
}

/// It, on a way.
#[derive(Clone)]
pub(crate) struct Journey {
    pub(crate) carried: Carried,
    pub(crate) starts_at: Instant,
    pub(crate) ends_at: Instant,
    /// Which of those it is that set out together, from 0: they go side by side and a little after one another.
    pub(crate) lane: u8,
    /// Its place beside a client that has crashed, if it comes from there.
    pub(crate) held_at: Option<usize>,
}

/// Who sets out so soon after another goes beside it.
const TOGETHER: Duration = Duration::from_millis(60);
/// So many go side by side.
const LANES: u8 = 5;
/// So much later than the one before sets out who goes beside it, but no later than this part of the way.
const AFTER: Duration = Duration::from_millis(80);
const LATEST: f64 = 0.4;
/// So many journeys are kept without a look at whether they are over.
const FEW: usize = 32;

impl Way {
    pub(super) fn new(ends: (Place, Place)) -> Way {
        let (last_at, takes) = (Instant::ZERO, Duration::ZERO);
        Way { ends, journeys: Vec::new(), full_at: FEW, recent: 0.0, last_at, takes }
    }

    /// Something sets out.
    pub(super) fn enter(
        &mut self,
        carried: Carried,
        (starts_at, ends_at): (Instant, Instant),
        held_at: Option<usize>,
    ) {
        if self.journeys.len() >= self.full_at {
            self.forget(starts_at);
            self.full_at = FEW.max(2 * self.journeys.len());
        }
        let before = self.journeys.last().filter(|before| {
            before.carried.kind == carried.kind && starts_at.since(before.starts_at) < TOGETHER
        });
        let lane = before.map_or(0, |before| (before.lane + 1) % LANES);
        self.recent = self.rate(starts_at) + 1.0;
        self.last_at = self.last_at.max(starts_at);
        self.takes = ends_at.since(starts_at);
        self.journeys.push(Journey { carried, starts_at, ends_at, lane, held_at });
    }

    /// How many set out in a second, up to `now`.
    pub(crate) fn rate(&self, now: Instant) -> f64 {
        // Forgotten by two thirds within a second.
        self.recent * (-now.since(self.last_at).as_secs_f64()).exp()
    }

    /// How long it takes.
    pub(crate) const fn takes(&self) -> Duration {
        self.takes
    }

    /// Who is on the way at `now`.
    pub(crate) fn on_it(&self, now: Instant) -> impl Iterator<Item = &Journey> {
        self.journeys.iter().filter(move |journey| journey.starts_at <= now && now < journey.ends_at)
    }

    /// Whether a message is on the way, or is going to be.
    pub(crate) fn carries(&self, message: MessageId) -> bool {
        self.journeys.iter().any(|journey| journey.is_of(message))
    }

    /// The messages that are on the way, or are going to be.
    pub(super) fn messages(&self) -> impl Iterator<Item = MessageId> {
        let messages = self.journeys.iter().filter(|journey| !journey.carried.kind.is_settlement());
        messages.filter_map(|journey| journey.carried.message)
    }

    /// Whether an ack of a message is on the way.
    pub(super) fn carries_ack(&self, message: MessageId) -> bool {
        let ack = DotKind::Settled(Settlement::Ack);
        let is_ack = |carried: &Carried| carried.kind == ack && carried.message == Some(message);
        self.journeys.iter().any(|journey| is_ack(&journey.carried))
    }

    /// The latest journey of a message, if it is not over.
    pub(super) fn latest_of(&mut self, message: MessageId, now: Instant) -> Option<&mut Journey> {
        // Whoever asks has mostly just seen it set out.
        self.journeys.iter_mut().rev().find(|journey| journey.is_of(message) && journey.ends_at > now)
    }

    /// Forgets who has arrived.
    pub(super) fn forget(&mut self, now: Instant) {
        self.journeys.retain(|journey| journey.ends_at > now);
    }

    /// Forgets everyone.
    pub(super) fn clear(&mut self) {
        self.journeys.clear();
    }
}

impl Journey {
    fn is_of(&self, message: MessageId) -> bool {
        self.carried.message == Some(message) && !self.carried.kind.is_settlement()
    }

    /// How much of the way is behind it, from 0 to 1: slow at both ends.
    pub(crate) fn part(&self, now: Instant) -> f64 {
        let all_us = self.ends_at.since(self.starts_at).as_micros().max(1) as f64;
        let late_us = (AFTER.as_micros() as f64 * f64::from(self.lane)).min(LATEST * all_us);
        let gone_us = now.since(self.starts_at).as_micros() as f64 - late_us;
        let part = (gone_us / (all_us - late_us)).clamp(0.0, 1.0);
        part * part * (3.0 - 2.0 * part)
    }

    /// How far beside the way it is there, in diameters of a message: nothing at both ends.
    pub(crate) fn beside(&self, part: f64) -> f64 {
        let side = if self.lane.is_multiple_of(2) { -0.5 } else { 0.5 };
        let lane = side * f64::from(self.lane.div_ceil(2) * 2);
        lane * (part * std::f64::consts::PI).sin()
    }
}
