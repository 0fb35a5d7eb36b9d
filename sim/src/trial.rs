//! A trial: a scenario played under the eyes of the checks, with everything healed in the end if that is wanted.

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use warren_core::Instant;

use crate::{
    Ledger, Scenario, World, WorldEvent,
    check::{Checks, Property, Violation},
    script::Interpreter,
};

/// How long, in virtual time, a healed world may take to become calm.
const CALM_WITHIN: Duration = Duration::from_secs(600);
/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What a trial does when the scenario is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// It stops as things are: only safety is checked.
    AsItIs,
    /// All that went wrong is healed, and everything has to drain: liveness is checked, too.
    Healed,
}

/// What came of a trial.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What did not hold, first things first. A trial ends with the first.
    pub violations: Vec<Violation>,
    /// How often each property was looked at with something to see.
    pub exercised: BTreeMap<Property, u64>,
    /// The sums.
    pub ledger: Ledger,
    /// How much virtual time it took.
    pub time: Duration,
    /// How many events there were.
    pub events: u64,
    /// What went wrong, by the words of `[[fault]]`, and how often.
    pub faults: BTreeMap<&'static str, u64>,
}

impl Outcome {
    /// What did not hold first.
    #[must_use]
    pub fn violation(&self) -> Option<&Violation> {
        self.violations.first()
    }

    /// Whether what did not hold first is like this.
    #[must_use]
    pub fn shows(&self, violation: &Violation) -> bool {
        self.violation().is_some_and(|ours| ours.is_like(violation))
    }

    /// Whether this property did not hold.
    #[must_use]
    pub fn breaks(&self, property: Property) -> bool {
        self.violation().is_some_and(|violation| violation.property == property)
    }
}

/// A scenario that is played under the eyes of the checks.
#[derive(Clone)]
pub struct Trial<'a> {
    scenario: &'a Scenario,
    pub(crate) world: World,
    pub(crate) checks: Checks,
    events: u64,
}

impl<'a> Trial<'a> {
    /// A trial of `scenario` in the world of `seed`.
    #[must_use]
    pub fn new(scenario: &'a Scenario, seed: u64) -> Trial<'a> {
        Trial::of(scenario, World::new(scenario, seed))
    }

    /// The same with a bug in the broker, to see whether the checks notice.
    #[cfg(feature = "planted-bugs")]
    #[must_use]
    pub fn planting(scenario: &'a Scenario, seed: u64, bug: warren_core::Bug) -> Trial<'a> {
        Trial::of(scenario, World::planting(scenario, seed, bug))
    }

    fn of(scenario: &'a Scenario, world: World) -> Trial<'a> {
        Trial { scenario, world: world.without_stories(), checks: Checks::new(scenario), events: 0 }
    }

    /// Has the code of actors played by `interpreter`.
    #[must_use]
    pub fn playing(mut self, interpreter: Rc<dyn Interpreter>) -> Self {
        self.world = self.world.playing(interpreter);
        self
    }

    /// Looks at these properties, too, which no broker promises ([`Property::is_a_wish`]).
    #[must_use]
    pub fn wishing(mut self, wishes: &[Property]) -> Self {
        self.checks.wish(wishes);
        self
    }

    pub(crate) const fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// Plays to the end, or to the first violation. `see` gets every event.
    pub fn run(mut self, ending: Ending, mut see: impl FnMut(&WorldEvent)) -> Outcome {
        self.look(&mut see);
        let end = Instant::ZERO + self.scenario.until;
        self.play(end, &mut see);
        if ending == Ending::Healed && self.checks.violations().is_empty() {
            self.heal(end, &mut see);
        }
        if self.checks.violations().is_empty() {
            self.checks.finish();
        }
        self.outcome()
    }

    pub(crate) fn heal(&mut self, end: Instant, see: &mut impl FnMut(&WorldEvent)) {
        self.world.heal();
        self.look(see);
        let mut look_at = end;
        while self.checks.violations().is_empty() && self.world.broker_is_up() {
            look_at = look_at + LOOK_EVERY;
            self.play(look_at, see);
            let is_over = look_at.since(end) >= CALM_WITHIN;
            if is_over || self.checks.unrest(self.scenario, &self.world).is_empty() {
                return self.checks.settle(self.scenario, &self.world);
            }
        }
    }

    fn play(&mut self, until: Instant, see: &mut impl FnMut(&WorldEvent)) {
        while self.checks.violations().is_empty() && self.world.next_at().is_some_and(|next| next <= until) {
            self.world.step();
            self.look(see);
        }
        if self.checks.violations().is_empty() {
            self.world.run_until(until);
        }
    }

    /// Looks at what has happened in one step.
    pub(crate) fn look(&mut self, see: &mut impl FnMut(&WorldEvent)) {
        let events = self.world.take_events();
        self.events += events.len() as u64;
        for event in &events {
            self.checks.apply(event);
            see(event);
        }
        if self.world.broker_is_at_rest() {
            self.checks.compare(self.world.broker());
        }
    }

    pub(crate) fn outcome(self) -> Outcome {
        let mut faults = BTreeMap::new();
        for fault in self.scenario.faults.iter().filter(|fault| Instant::ZERO + fault.at <= self.world.now())
        {
            *faults.entry(fault.what.word()).or_default() += 1;
        }
        Outcome {
            violations: self.checks.violations().to_vec(),
            exercised: self.checks.exercised().clone(),
            ledger: self.world.ledger().clone(),
            time: self.world.now().since(Instant::ZERO),
            events: self.events,
            faults,
        }
    }
}
