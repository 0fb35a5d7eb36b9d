//! A bucket: what happened within a stretch of time, and how it was at its end.

use std::time::Duration;

use warren_core::ordered::OrdMap;

/// Steps of the histogram for each time that a wait doubles: it is known to a twelfth.
const STEPS: u32 = 3;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Bucket {
    pub(super) published: u32,
    pub(super) delivered: u32,
    pub(super) acked: u32,
    /// Ready and unacked, by the queue's column, at the end.
    pub(super) depths: Vec<(u64, u64)>,
    /// From publish to ack.
    pub(super) waits: Waits,
    /// How long the consumer of each column had a message in hand, in µs.
    pub(super) busy_us: Vec<u64>,
}

impl Bucket {
    /// The one that comes after it: with everything as it is at its end.
    pub(super) fn next(&self) -> Bucket {
        Bucket { depths: self.depths.clone(), ..Bucket::default() }
    }

    /// Both in one.
    pub(super) fn followed_by(&self, later: &Bucket) -> Bucket {
        let mut both = self.clone();
        both.depths.clone_from(&later.depths);
        both.count(later);
        both
    }

    /// Adds what happened in another one.
    pub(super) fn count(&mut self, other: &Bucket) {
        self.published += other.published;
        self.delivered += other.delivered;
        self.acked += other.acked;
        for (wait, count) in &other.waits.0 {
            *self.waits.0.entry(*wait).or_default() += count;
        }
        for (column, busy_us) in other.busy_us.iter().enumerate() {
            *at(&mut self.busy_us, column) += busy_us;
        }
    }

    pub(super) fn shift(&mut self, column: usize, ready: i64, unacked: i64) {
        let depth = at(&mut self.depths, column);
        depth.0 = depth.0.saturating_add_signed(ready);
        depth.1 = depth.1.saturating_add_signed(unacked);
    }

    pub(super) fn work(&mut self, column: usize, time: Duration) {
        *at(&mut self.busy_us, column) += u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    }
}

/// The column of a list that grows when it is needed.
fn at<T: Clone + Default>(list: &mut Vec<T>, column: usize) -> &mut T {
    if list.len() <= column {
        list.resize(column + 1, T::default());
    }
    &mut list[column]
}

/// How long something took, how often: a histogram with steps that become wider.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Waits(OrdMap<u16, u32>);

impl Waits {
    pub(super) fn add(&mut self, us: u64) {
        *self.0.entry(step(us)).or_default() += 1;
    }

    /// What so many in a hundred are not longer than, in µs; `None` if there were none.
    pub(super) fn percentile(&self, percent: u32) -> Option<u64> {
        let all: u64 = self.0.values().map(|count| u64::from(*count)).sum();
        let wanted = (all * u64::from(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        self.0.iter().find_map(|(step, count)| {
            seen += u64::from(*count);
            (seen >= wanted).then(|| middle(*step))
        })
    }
}

/// Which step a time of so many µs is on: the place of its highest bit, and the next bits below that.
fn step(us: u64) -> u16 {
    let us = us.max(1 << STEPS);
    let doublings = us.ilog2();
    let rest = (us >> (doublings - STEPS)) & ((1 << STEPS) - 1);
    ((doublings << STEPS) as u16) | rest as u16
}

/// The time in the middle of a step, in µs.
fn middle(step: u16) -> u64 {
    let (doublings, rest) = (u32::from(step) >> STEPS, u64::from(step) & ((1 << STEPS) - 1));
    let width = 1_u64 << (doublings - STEPS);
    ((1 << STEPS) + rest) * width + width / 2
}

#[cfg(test)]
mod tests {
    use super::Waits;

    #[test]
    fn percentiles_are_known_to_a_twelfth() {
        let mut waits = Waits::default();
        assert_eq!(waits.percentile(50), None);
        (1..=1_000).for_each(|ms| waits.add(ms * 1_000));
        for (percent, wanted) in [(1, 10_000), (50, 500_000), (99, 990_000), (100, 1_000_000)] {
            let found = waits.percentile(percent).expect("there are some");
            assert!(found.abs_diff(wanted) * 12 <= wanted, "p{percent}: {found} µs for {wanted}");
        }
        waits.add(u64::MAX);
        waits.add(0);
        assert!(waits.percentile(100) > Some(1 << 63));
    }
}
