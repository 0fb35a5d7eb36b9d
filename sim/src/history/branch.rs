//! A branch: one future, with the worlds that were kept on the way.

use std::{rc::Rc, time::Duration};

use warren_core::Instant;

use super::log::Log;
use crate::{Fault, Mishap, Scenario, World};

/// Steps between two checkpoints at first: about a millisecond to play again. In a heavy world there are more: as many as
/// it has things to copy, so that keeping it takes little of the time that playing takes.
const FIRST_STRIDE: u64 = 1_000;
/// When there are more, every second one goes.
const MOST_CHECKPOINTS: usize = 64;
/// The same when they hold more things than this together, a few hundred bytes each.
const HEAVIEST: u64 = 400_000;
/// But so many always stay.
const FEWEST_CHECKPOINTS: usize = 8;

/// A world that was kept.
pub(super) struct Checkpoint<S> {
    pub(super) world: World,
    pub(super) spectator: S,
    /// How many things there are in this world.
    weight: u64,
}

pub(super) struct Branch<S> {
    /// With all that was done on it: these faults come last.
    pub(super) scenario: Scenario,
    /// How many faults the scenario had in the beginning.
    given: u32,
    /// How long the scenario was to be played in the beginning.
    given_until: Duration,
    pub(super) log: Log,
    /// How far it has been played, while the present is elsewhere.
    pub(super) frontier: Option<Rc<Checkpoint<S>>>,
    /// When it turned off from another branch.
    pub(super) from: Option<Instant>,
    pub(super) deed: Option<Mishap>,
    /// Oldest first; the first is the beginning. The branches that turn off share them.
    checkpoints: Vec<Rc<Checkpoint<S>>>,
    stride: u64,
}

impl<S: Clone> Checkpoint<S> {
    pub(super) fn of(world: &World, spectator: &S) -> Checkpoint<S> {
        Checkpoint { world: world.clone(), spectator: spectator.clone(), weight: world.weight() }
    }
}

impl<S: Clone> Branch<S> {
    pub(super) fn new(scenario: Scenario, world: &World, spectator: &S) -> Branch<S> {
        Branch {
            given: u32::try_from(scenario.faults.len()).unwrap_or(u32::MAX),
            given_until: scenario.until,
            scenario,
            log: Log::default(),
            frontier: None,
            from: None,
            deed: None,
            checkpoints: vec![Rc::new(Checkpoint::of(world, spectator))],
            stride: FIRST_STRIDE,
        }
    }

    /// Another future from this step on.
    pub(super) fn fork(&self, step: u64, from: Instant, deed: Mishap) -> Branch<S> {
        let is_earlier = |kept: &&Rc<Checkpoint<S>>| kept.world.steps() <= step && kept.world.now() <= from;
        let mut scenario = self.scenario.clone();
        let done = self.deeds().iter().filter(|deed| Instant::ZERO + deed.at <= from).count();
        scenario.faults.truncate(self.given() + done);
        if from < Instant::ZERO + self.given_until {
            scenario.until = self.given_until;
        }
        Branch {
            given: self.given,
            given_until: self.given_until,
            scenario,
            log: self.log.truncated(step),
            frontier: None,
            from: Some(from),
            deed: Some(deed),
            checkpoints: self.checkpoints.iter().filter(is_earlier).cloned().collect(),
            stride: self.stride,
        }
    }

    /// The same, played as far, but without what is remembered of it.
    pub(super) fn copy(&self) -> Branch<S> {
        Branch {
            scenario: self.scenario.clone(),
            log: Log::default(),
            frontier: None,
            deed: self.deed.clone(),
            checkpoints: self.checkpoints.clone(),
            ..*self
        }
    }

    /// From which step on the world is to be kept again.
    pub(super) fn next_checkpoint(&self) -> u64 {
        self.checkpoints.last().map_or(0, |last| last.world.steps() + self.stride.max(last.weight))
    }

    pub(super) fn keep(&mut self, world: &World, spectator: &S) {
        self.checkpoints.push(Rc::new(Checkpoint::of(world, spectator)));
        let (count, weight) =
            (self.checkpoints.len(), self.checkpoints.iter().map(|kept| kept.weight).sum::<u64>());
        if count > MOST_CHECKPOINTS || (count > FEWEST_CHECKPOINTS && weight > HEAVIEST) {
            let mut index = 0;
            self.checkpoints.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride *= 2;
        }
    }

    /// The last one before `at`.
    pub(super) fn checkpoint_at(&self, at: Instant) -> Rc<Checkpoint<S>> {
        let behind = self.checkpoints.partition_point(|kept| kept.world.now() <= at);
        self.checkpoints[behind.saturating_sub(1)].clone()
    }

    /// The last one that has not gone beyond `step`.
    pub(super) fn checkpoint_at_step(&self, step: u64) -> Rc<Checkpoint<S>> {
        let behind = self.checkpoints.partition_point(|kept| kept.world.steps() <= step);
        self.checkpoints[behind.saturating_sub(1)].clone()
    }

    /// The scenario as it was before anything was done.
    pub(super) fn given_scenario(&self) -> Scenario {
        let mut scenario = self.scenario.clone();
        scenario.faults.truncate(self.given());
        scenario.until = self.given_until;
        scenario
    }

    /// The beginning of the scenario: it is never among the checkpoints that go.
    pub(super) fn beginning(&self) -> Rc<Checkpoint<S>> {
        self.checkpoints[0].clone()
    }

    fn given(&self) -> usize {
        usize::try_from(self.given).unwrap_or(usize::MAX)
    }

    /// What was done by hand, in order.
    pub(super) fn deeds(&self) -> &[Fault] {
        self.scenario.faults.get(self.given()..).unwrap_or_default()
    }

    /// What was done after `at`: a world that was kept then does not know of it yet.
    pub(super) fn deeds_after(&self, at: Instant) -> impl Iterator<Item = &Fault> {
        self.deeds().iter().filter(move |deed| Instant::ZERO + deed.at > at)
    }
}
