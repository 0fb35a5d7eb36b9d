//! What the page makes of what happens; it is rewound with the world.

use std::{collections::VecDeque, rc::Rc};

use warren_core::ordered::OrdSet;
use warren_sim::{
    GoalWatch, Happening, Scenario, Spectator, WorldEvent,
    warren_core::{
        Event, Fact, Instant, MessageId, Name,
        event::{DeathReason, DropReason},
        explain::Passage,
    },
};

use super::chart::Chart;
use crate::scene::{Captions, Motion};

/// Copies whose work is remembered, so that the same work done twice is seen: so many times so many.
const PARTS: usize = 20;
const PART: usize = 1_000;

/// What moves, what the charts show, and the sums that the world's ledger does not have.
#[derive(Clone, Default)]
pub(crate) struct Picture {
    pub(crate) motion: Motion,
    pub(crate) captions: Captions,
    /// How far the goal of the lesson is.
    pub(crate) goal: GoalWatch,
    pub(crate) chart: Chart,
    /// Copies that waited in a queue for too long.
    pub(crate) expired: u64,
    /// How often a copy was worked on again after somebody had finished with it.
    pub(crate) duplicated: u64,
    /// In parts, the latest last, that worlds which are kept share.
    done: VecDeque<Rc<OrdSet<(MessageId, Name)>>>,
}

impl Picture {
    /// Of a world of this scenario, from its first moment.
    pub(crate) fn of(scenario: &Scenario) -> Picture {
        Picture { motion: Motion::of(scenario), goal: GoalWatch::new(scenario), ..Picture::default() }
    }
}

impl Spectator for Picture {
    fn see(&mut self, event: &WorldEvent) {
        self.motion.apply(event);
        self.captions.see(event, &self.motion);
        self.goal.see(event);
        self.chart.apply(event);
        match &event.what {
            what if is_expiry(what) => self.expired += 1,
            Happening::WorkDone { message, queue, .. } => {
                self.duplicated += u64::from(!self.is_first_done(*message, queue));
            }
            _ => {}
        }
    }

    fn see_passage(&mut self, at: Instant, passage: &Passage) {
        self.motion.pass(at, passage);
    }
}

impl Picture {
    /// Whether this work on a copy is the first, as far as can be remembered.
    fn is_first_done(&mut self, message: MessageId, queue: &Name) -> bool {
        let copy = (message, queue.clone());
        if self.done.iter().any(|part| part.contains(&copy)) {
            return false;
        }
        if self.done.back().is_none_or(|part| part.len() >= PART) {
            self.done.push_back(Rc::default());
            if self.done.len() > PARTS {
                self.done.pop_front();
            }
        }
        self.done.back_mut().is_some_and(|part| Rc::make_mut(part).insert(copy))
    }
}

/// Whether a copy has waited for too long.
pub(crate) const fn is_expiry(what: &Happening) -> bool {
    matches!(
        what,
        Happening::Broker(Event {
            fact: Fact::DeadLettered { reason: DeathReason::Expired, .. }
                | Fact::Dropped { reason: DropReason::Expired, .. },
            ..
        })
    )
}
