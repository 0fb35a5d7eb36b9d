//! A way from one thing to another, and who is on it.

use std::time::Duration;

use warren_sim::warren_core::{Instant, MessageId};

use super::{DotKind, Place};

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

/// A message on a way.
#[derive(Clone, Copy)]
pub(crate) struct Journey {
    pub(crate) starts_at: Instant,
    pub(crate) ends_at: Instant,
    pub(crate) kind: DotKind,
    /// Which message, as soon as the broker has numbered it.
    pub(crate) message: Option<MessageId>,
    pub(crate) ordinal: u64,
}

/// So many journeys are kept without a look at whether they are over.
const FEW: usize = 32;

impl Way {
    pub(super) fn new(ends: (Place, Place)) -> Way {
        let (last_at, takes) = (Instant::ZERO, Duration::ZERO);
        Way { ends, journeys: Vec::new(), full_at: FEW, recent: 0.0, last_at, takes }
    }

    /// Somebody sets out.
    pub(super) fn enter(&mut self, journey: Journey) {
        if self.journeys.len() >= self.full_at {
            self.forget(journey.starts_at);
            self.full_at = FEW.max(2 * self.journeys.len());
        }
        self.recent = self.rate(journey.starts_at) + 1.0;
        self.last_at = self.last_at.max(journey.starts_at);
        self.takes = journey.ends_at.since(journey.starts_at);
        self.journeys.push(journey);
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
    pub(super) fn carries(&self, message: MessageId) -> bool {
        self.journeys.iter().any(|journey| journey.is_of(message))
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
        self.message == Some(message) && self.kind != DotKind::Ack
    }

    /// How much of the way is behind it, from 0 to 1: slow at both ends.
    pub(crate) fn part(&self, now: Instant) -> f64 {
        let all_us = self.ends_at.since(self.starts_at).as_micros().max(1) as f64;
        let part = (now.since(self.starts_at).as_micros() as f64 / all_us).clamp(0.0, 1.0);
        part * part * (3.0 - 2.0 * part)
    }
}
