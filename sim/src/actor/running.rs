//! A program that runs: what it has been told, and what it has in hand.

use std::rc::Rc;

use warren_core::{DeliveryTag, Instant, MessageId, ordered::OrdSet};

use super::Held;
use crate::script::{Call, Calls, Heard, MOST_CALLS, MOST_TIMERS, Script};

/// A run of an actor's program, from its first line on.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub script: Script,
    /// Which run of its program it is, from 1.
    pub start: u32,
    /// The timers that are set.
    timers: OrdSet<u32>,
    /// What it has been given and has not settled, in the order in which it came.
    in_hand: Vec<InHand>,
}

/// A message in the hands of a program.
#[derive(Clone, Debug)]
pub(crate) struct InHand {
    pub held: Held,
    /// The work on it has ended, and its ack may follow.
    pub is_done: bool,
}

impl Running {
    pub(super) fn new(actor: &str, code: Rc<str>, seed: u64, start: u32) -> Running {
        let script = Script { actor: actor.into(), code, seed, calls: Calls::default() };
        Running { script, start, timers: OrdSet::new(), in_hand: Vec::new() }
    }

    /// Adds a call. `false` if there have been too many.
    pub(crate) fn tell(&mut self, at: Instant, what: Heard) -> bool {
        let is_full = self.script.calls.len() >= usize::try_from(MOST_CALLS).unwrap_or(usize::MAX);
        if !is_full {
            self.script.calls.push(Call { at, what });
        }
        !is_full
    }

    /// A timer is set. `false` if there are too many.
    pub(crate) fn set_timer(&mut self, timer: u32) -> bool {
        self.timers.insert(timer);
        self.timers.len() <= MOST_TIMERS
    }

    /// A timer is taken back, or its time has come. `false` if it is not set.
    pub(crate) fn take_timer(&mut self, timer: u32) -> bool {
        self.timers.remove(&timer)
    }

    /// It is given a message.
    pub(crate) fn take_in(&mut self, held: Held) {
        self.in_hand.push(InHand { held, is_done: false });
    }

    /// The messages that it settles by a delivery tag; 0 stands for all.
    pub(crate) fn settle(&mut self, tag: u64, multiple: bool) -> Vec<InHand> {
        let is_meant = |held: &Held| {
            let of_held = held.delivery_tag.0;
            !held.no_ack && (of_held == tag || (multiple && (tag == 0 || of_held < tag)))
        };
        let in_hand = std::mem::take(&mut self.in_hand);
        let (settled, left) = in_hand.into_iter().partition(|one| is_meant(&one.held));
        self.in_hand = left;
        settled
    }

    /// The work on a delivery ends: the message, unless it has ended before. What needs no ack is in hand no longer.
    pub(crate) fn finish(&mut self, tag: u64) -> Option<Held> {
        let at =
            self.in_hand.iter().position(|one| one.held.delivery_tag == DeliveryTag(tag) && !one.is_done)?;
        if self.in_hand[at].held.no_ack {
            return Some(self.in_hand.remove(at).held);
        }
        self.in_hand[at].is_done = true;
        Some(self.in_hand[at].held.clone())
    }

    /// Lets go of a message, to settle it out of turn.
    pub(crate) fn let_go(&mut self, message: MessageId) -> Option<Held> {
        let at = self.in_hand.iter().position(|one| one.held.message == message)?;
        Some(self.in_hand.remove(at).held)
    }

    /// What it has in hand, and has not finished.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = &Held> {
        self.in_hand.iter().filter(|one| !one.is_done).map(|one| &one.held)
    }

    /// All that it has in hand.
    pub(crate) fn in_hand(&self) -> impl Iterator<Item = MessageId> {
        self.in_hand.iter().map(|one| one.held.message)
    }

    /// How many things there are to be copied with it, roughly.
    pub(crate) fn weight(&self) -> usize {
        self.in_hand.len() + self.timers.len() + self.script.calls.len() / 64
    }
}
