//! The search for what a power cut takes: the power is cut behind every step of a run, each time in a copy of the world.

use warren_core::Instant;

use crate::{Ending, Happening, Outcome, Trial, Unsynced, WorldEvent};

/// A power cut behind a step of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PowerCut {
    /// How many steps of the world there were before ([`World::steps`](crate::World::steps)).
    pub steps: u64,
    /// When it is.
    pub at: Instant,
    /// What becomes of what was written and not synced.
    pub unsynced: Unsynced,
}

impl Trial<'_> {
    /// Plays to the end of the scenario or to the first violation, and cuts the power behind every step in which the
    /// broker told something or its disk did something, if `choose` says yes to it. Each cut is made in copies of
    /// this trial, one for each [`Unsynced`]: their brokers start again with what is left. `ending` says whether it is
    /// looked at only what they find, or whether they go on until all is calm.
    ///
    /// Returns the first outcome with a violation, and the power cut that led to it if there was one.
    pub fn cut_power(
        mut self,
        ending: Ending,
        mut choose: impl FnMut() -> bool,
    ) -> Option<(Option<PowerCut>, Outcome)> {
        let end = Instant::ZERO + self.scenario().until;
        self.look(&mut |_: &WorldEvent| {});
        while self.world.next_at().is_some_and(|next| next <= end) {
            let disk_operations = self.world.disk_operations();
            self.world.step();
            let mut is_news = self.world.disk_operations() > disk_operations;
            self.look(&mut |event| is_news |= matches!(event.what, Happening::Broker(_)));
            if !self.checks.violations().is_empty() {
                return Some((None, self.outcome()));
            }
            if !is_news || !self.world.broker_is_up() || !choose() {
                continue;
            }
            for unsynced in Unsynced::ALL {
                let cut = PowerCut { steps: self.world.steps(), at: self.world.now(), unsynced };
                let outcome = self.clone().without_power(unsynced, ending);
                if outcome.violation().is_some() {
                    return Some((Some(cut), outcome));
                }
            }
        }
        None
    }

    fn without_power(mut self, unsynced: Unsynced, ending: Ending) -> Outcome {
        let mut see = |_: &WorldEvent| {};
        self.world.crash_the_broker(unsynced);
        self.look(&mut see);
        match ending {
            Ending::AsItIs => {
                self.world.start_the_broker();
                self.look(&mut see);
            }
            Ending::Healed => {
                let now = self.world.now();
                self.heal(now, &mut see);
            }
        }
        if self.checks.violations().is_empty() {
            self.checks.finish();
        }
        self.outcome()
    }
}
