//! What the page makes of what happens; it is rewound with the world.

use std::collections::BTreeSet;

use warren_sim::{
    GoalWatch, Happening, Scenario, Spectator, WorldEvent,
    warren_core::{
        Event, Fact, MessageId, Name,
        event::{DeathReason, DropReason},
    },
};

use super::chart::Chart;
use crate::scene::Motion;

/// Copies whose work is remembered, so that the same work done twice is seen.
const REMEMBERED: usize = 20_000;

/// What moves, what the charts show, and the sums that the world's ledger does not have.
#[derive(Clone, Default)]
pub(crate) struct Picture {
    pub(crate) motion: Motion,
    /// How far the goal of the lesson is.
    pub(crate) goal: GoalWatch,
    pub(crate) chart: Chart,
    /// Copies that waited in a queue for too long.
    pub(crate) expired: u64,
    /// How often a copy was worked on again after somebody had finished with it.
    pub(crate) duplicated: u64,
    done: BTreeSet<(MessageId, Name)>,
}

impl Picture {
    /// Of a world of this scenario, from its first moment.
    pub(crate) fn of(scenario: &Scenario) -> Picture {
        Picture { goal: GoalWatch::new(scenario), ..Picture::default() }
    }
}

impl Spectator for Picture {
    fn see(&mut self, event: &WorldEvent) {
        self.motion.apply(event);
        self.goal.see(event);
        self.chart.apply(event);
        match &event.what {
            what if is_expiry(what) => self.expired += 1,
            Happening::WorkDone { message, queue, .. } => {
                if !self.done.insert((*message, queue.clone())) {
                    self.duplicated += 1;
                }
                if self.done.len() > REMEMBERED {
                    self.done.pop_first();
                }
            }
            _ => {}
        }
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
