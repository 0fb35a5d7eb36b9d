//! Choices.

use std::time::Duration;

use warren_core::Random;

/// Decides by chance.
pub(super) struct Dice(Random);

impl Dice {
    pub(super) const fn new(seed: u64) -> Dice {
        Dice(Random::new(seed))
    }

    /// From `low` to `high`, both included.
    pub(super) fn number(&mut self, low: u64, high: u64) -> u64 {
        low + self.0.below(high - low + 1)
    }

    /// `times` times in a hundred.
    pub(super) fn percent(&mut self, times: u64) -> bool {
        self.0.below(100) < times
    }

    /// One of these; `None` if there are none.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = self.0.below(u64::try_from(list.len()).unwrap_or_default());
        list.get(usize::try_from(index).unwrap_or_default())
    }

    /// One of these words.
    pub(super) fn word(&mut self, list: &[&str]) -> String {
        self.pick(list).copied().unwrap_or_default().to_owned()
    }

    /// From `low` to `high` ms.
    pub(super) fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.number(low, high))
    }
}
