//! Two releases of RabbitMQ side by side: what of a scenario goes otherwise, and which behaviours that comes from.

mod because;
mod chance;
mod difference;
mod observation;

use std::{ops::Range, rc::Rc};

use warren_core::{Behaviours, Release, ordered::OrdMap};

use crate::{Scenario, script::Interpreter, swarm};
use chance::Found;
pub use difference::{Difference, Measure};
use observation::Observation;

/// A comparison of two releases of RabbitMQ: the same scenario is played in both from the same seeds, and what comes of it
/// is compared. Where something differs, the newer release is played again with single behaviours as in the older one,
/// until it is known which of them the difference comes from.
///
/// ```
/// use std::time::Duration;
/// use warren_sim::{
///     Comparison, Consumer, Frequency, Lapse, Measure, OnFailure, Producer, Queue, Scenario,
///     warren_core::{Behaviour, Release, wire::{FieldTable, FieldValue}},
/// };
///
/// let mut arguments = FieldTable::default();
/// arguments.insert("x-queue-type", FieldValue::LongStr(b"quorum".as_slice().into()));
/// let retries = Scenario {
///     queues: vec![Queue { durable: true, arguments, ..Queue::new("orders") }],
///     producers: vec![Producer::new("website", "orders", 1)],
///     consumers: vec![Consumer {
///         work: Some(Lapse::Fixed(Duration::from_millis(10))),
///         fails: Frequency::Every(1),
///         on_failure: OnFailure::Requeue,
///         ..Consumer::new("warehouse", "orders")
///     }],
///     ..Scenario::new("a message that always fails")
/// };
///
/// let differences = Comparison::new(&retries, Release::V3_10, Release::V4_3).seeds(0..2).run();
/// let lost = &differences[0];
/// assert_eq!(lost.spot.to_string(), "queue orders");
/// assert_eq!((lost.older, lost.newer, lost.can_be_chance), (0, 1, false));
/// assert!(lost.because.iter().eq([Behaviour::DeliveryLimit20]));
/// ```
#[derive(Clone)]
pub struct Comparison {
    scenario: Scenario,
    older: Release,
    newer: Release,
    seeds: Range<u64>,
    has_faults: bool,
    interpreter: Option<Rc<dyn Interpreter>>,
    /// What has been played that is still needed.
    played: OrdMap<Play, Observation>,
    /// What differs, once all seeds have been played in both releases.
    found: Option<Vec<Found>>,
}

/// A world that is played.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Play {
    seed: u64,
    broker: Answering,
}

/// How the broker of a world answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Answering {
    /// Like the older release.
    Older,
    /// Like the newer one, but for these behaviours.
    Newer(Behaviours),
}

/// The seeds that are played unless others are asked for: enough to tell chance from what is always so.
const SEEDS: Range<u64> = 0..16;

impl Comparison {
    /// A comparison of two releases, in either order. The release in the scenario does not count.
    #[must_use]
    pub fn new(scenario: &Scenario, one: Release, other: Release) -> Comparison {
        Comparison {
            scenario: scenario.clone(),
            older: one.min(other),
            newer: one.max(other),
            seeds: SEEDS,
            has_faults: false,
            interpreter: None,
            played: OrdMap::new(),
            found: None,
        }
    }

    /// Plays these seeds. With one alone, everything that differs may be chance; with two, whatever varies from seed to
    /// seed; with ten, only what does not always differ in the same direction. 0 to 15 unless others are given.
    #[must_use]
    pub fn seeds(mut self, seeds: Range<u64>) -> Self {
        self.seeds = seeds;
        self
    }

    /// Has things go wrong besides what the scenario says, each seed in its own way ([`swarm`]).
    #[must_use]
    pub fn with_faults(mut self) -> Self {
        self.has_faults = true;
        self
    }

    /// Has the code of actors played by `interpreter`; without one they do not start.
    #[must_use]
    pub fn playing(mut self, interpreter: Rc<dyn Interpreter>) -> Self {
        self.interpreter = Some(interpreter);
        self
    }

    /// Plays all that is needed, and says what differs: first what cannot be chance, and there what matters most.
    #[must_use]
    pub fn run(mut self) -> Vec<Difference> {
        loop {
            if let Some(differences) = self.advance() {
                return differences;
            }
        }
    }

    /// Plays one world more, for a host that has other things to do, too; `Some` when all has been played.
    pub fn advance(&mut self) -> Option<Vec<Difference>> {
        match self.conclude() {
            Ok(differences) => Some(differences),
            Err(next) => {
                let observation = self.play(next);
                self.played.insert(next, observation);
                None
            }
        }
    }

    /// What differs; or what has to be played next in order to know.
    fn conclude(&mut self) -> Result<Vec<Difference>, Play> {
        if self.older == self.newer {
            return Ok(Vec::new());
        }
        if self.found.is_none() {
            self.found = Some(chance::found(&self.pairs()?));
            self.played.retain(|play, _| play.broker == Answering::Older);
        }
        let found = self.found.iter().flatten();
        let mut differences = found.map(|found| self.explained(found)).collect::<Result<Vec<_>, _>>()?;
        difference::sort(&mut differences);
        Ok(differences)
    }

    /// What came of every seed in both releases.
    fn pairs(&self) -> Result<Vec<(u64, &Observation, &Observation)>, Play> {
        let pair = |seed| {
            let older = self.observed(Play { seed, broker: Answering::Older })?;
            let newer = self.observed(Play { seed, broker: Answering::Newer(Behaviours::NONE) })?;
            Ok((seed, older, newer))
        };
        self.seeds.clone().map(pair).collect()
    }

    fn observed(&self, play: Play) -> Result<&Observation, Play> {
        self.played.get(&play).ok_or(play)
    }

    fn play(&self, play: Play) -> Observation {
        let mut scenario =
            if self.has_faults { swarm(&self.scenario, play.seed) } else { self.scenario.clone() };
        let (release, switched) = match play.broker {
            Answering::Older => (self.older, Behaviours::NONE),
            Answering::Newer(switched) => (self.newer, switched),
        };
        scenario.broker.compat = Some(release);
        Observation::of(&scenario, (play.seed, switched), self.interpreter.clone())
    }
}
