//! Which behaviours a difference comes from: it is gone when they are switched back in the newer release.

use warren_core::Behaviours;

use super::{Answering, Comparison, Difference, Measure, Play, chance::Found};

impl Comparison {
    /// The difference with its reason; or what has to be played next in order to know it.
    pub(super) fn explained(&self, found: &Found) -> Result<Difference, Play> {
        let because = self.because(found)?;
        let (seed, older, newer) = found
            .differing
            .first_key_value()
            .map_or((0, 0, 0), |(seed, (older, newer))| (*seed, *older, *newer));
        let (spot, measure) = found.key.clone();
        let seeds = u32::try_from(found.differing.len()).unwrap_or(u32::MAX);
        let (sums, can_be_chance) = (found.sums, found.can_be_chance);
        Ok(Difference { spot, measure, older, newer, seed, seeds, sums, because, can_be_chance })
    }

    /// Those behaviours each of which alone makes the difference; or as few as make it together. None if it stays though
    /// all are as in the older release.
    fn because(&self, found: &Found) -> Result<Behaviours, Play> {
        let all = self.newer.behaviours().differing_from(self.older.behaviours());
        if !self.is_gone(found, all)? {
            return Ok(Behaviours::NONE);
        }
        let mut alone = Behaviours::NONE;
        for behaviour in all.iter() {
            if self.is_gone(found, Behaviours::NONE.with(behaviour))? {
                alone = alone.with(behaviour);
            }
        }
        if !alone.is_empty() {
            return Ok(alone);
        }
        let mut together = all;
        for behaviour in all.iter() {
            let fewer = together.without(behaviour);
            if self.is_gone(found, fewer)? {
                together = fewer;
            }
        }
        Ok(together)
    }

    /// Whether the value is that of the older release if the newer one has these behaviours switched back. Asked of the
    /// smallest seed that shows the difference, and where the seed decides on the value of the largest, too: in one
    /// alone it may have come back by chance.
    fn is_gone(&self, found: &Found, switched: Behaviours) -> Result<bool, Play> {
        let (smallest, largest) = (found.differing.first_key_value(), found.differing.last_key_value());
        for (seed, (older, _)) in smallest.into_iter().chain(largest.filter(|_| found.varies())) {
            let play = Play { seed: *seed, broker: Answering::Newer(switched) };
            let value = self.observed(play)?.value(&found.key);
            let is_back = match found.key.1 {
                // What counts is whether it comes at all.
                Measure::Header(_) => (value > 0) == (*older > 0),
                _ => value == *older,
            };
            if !is_back {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
