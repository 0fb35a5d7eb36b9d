//! Which differences there are, and which of them may be chance.
//!
//! The same seed gives the same world. But where a broker answers otherwise, its clients draw other random numbers from
//! there on, and a sum that depends on them differs without any reason that a person could name. What does not depend on
//! them is the same from every seed; of the rest, only what differs nearly always in the same direction is no chance.

use warren_core::ordered::OrdMap;

use super::{
    Measure,
    observation::{Key, Observation, all_counted},
};

/// A seed, and what came of it in the older and in the newer release.
pub(super) type Pair<'a> = (u64, &'a Observation, &'a Observation);

/// Something that differs.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) key: Key,
    /// The values of each seed where they differ, those of the older release first.
    pub(super) differing: OrdMap<u64, (u64, u64)>,
    /// The sums over all seeds.
    pub(super) sums: (u64, u64),
    pub(super) can_be_chance: bool,
}

impl Found {
    /// Whether its values are not the same in all seeds.
    pub(super) fn varies(&self) -> bool {
        let values = self.differing.values();
        values.zip(self.differing.values().skip(1)).any(|(one, next)| one != next)
    }
}

/// What differs in any seed.
pub(super) fn found(pairs: &[Pair<'_>]) -> Vec<Found> {
    let keys = all_counted(pairs.iter().flat_map(|(_, older, newer)| [*older, *newer]));
    let counts = keys.into_iter().filter_map(|key| difference(pairs, key));
    counts.chain(orders(pairs)).collect()
}

fn difference(pairs: &[Pair<'_>], key: &Key) -> Option<Found> {
    let values: Vec<(u64, u64)> =
        pairs.iter().map(|(_, older, newer)| (older.value(key), newer.value(key))).collect();
    let seeds = pairs.iter().map(|(seed, ..)| *seed).zip(values.iter().copied());
    let differing: OrdMap<u64, (u64, u64)> = seeds.filter(|(_, (older, newer))| older != newer).collect();
    let sums = values
        .iter()
        .fold((0_u64, 0_u64), |sums, value| (sums.0.saturating_add(value.0), sums.1.saturating_add(value.1)));
    let is_header = matches!(key.1, Measure::Header(_));
    if is_header && sums.0 > 0 && sums.1 > 0 {
        // It comes in both releases, and how often follows from what else is counted.
        return None;
    }
    let can_be_chance = !is_header && !is_constant(&values) && !has_direction(&values);
    (!differing.is_empty()).then(|| Found { key: key.clone(), differing, sums, can_be_chance })
}

/// The order of messages, where nothing else differs and no chance decides it.
fn orders(pairs: &[Pair<'_>]) -> Vec<Found> {
    let Some((_, first, _)) = pairs.first() else { return Vec::new() };
    if pairs.iter().any(|(_, older, newer)| !older.counts_as(newer)) {
        return Vec::new();
    }
    let order = |spot: &crate::Spot| difference(pairs, &(spot.clone(), Measure::Order));
    first.ordered().filter_map(order).filter(|found| !found.can_be_chance).collect()
}

/// Whether the values do not depend on the seed, in either release.
fn is_constant(values: &[(u64, u64)]) -> bool {
    values.len() > 1 && values.windows(2).all(|pair| pair[0] == pair[1])
}

/// Whether far more seeds have more in one release than in the other than a coin would have given: by three standard
/// deviations and a bit, as there are many sums (a sign test; ten of ten, or fifteen of sixteen).
fn has_direction(values: &[(u64, u64)]) -> bool {
    let count = |is: fn(&(u64, u64)) -> bool| {
        u64::try_from(values.iter().filter(|pair| is(pair)).count()).unwrap_or(u64::MAX)
    };
    let (more, fewer) = (count(|(older, newer)| newer > older), count(|(older, newer)| newer < older));
    more.abs_diff(fewer).pow(2) >= 10 * (more + fewer)
}

#[cfg(test)]
mod tests {
    use super::{has_direction, is_constant};

    /// `more` seeds with more in the newer release, `fewer` with fewer, and two where nothing differs.
    fn values(more: usize, fewer: usize) -> Vec<(u64, u64)> {
        let more = std::iter::repeat_n((3, 4), more);
        more.chain(std::iter::repeat_n((4, 3), fewer)).chain([(5, 5), (6, 6)]).collect()
    }

    #[test]
    fn a_direction_is_what_a_coin_hardly_ever_has() {
        let table = [(9, 0), (10, 0), (0, 10), (10, 1), (14, 2), (15, 1), (60, 40), (70, 30)];
        let told = table.map(|(more, fewer)| has_direction(&values(more, fewer)));
        assert_eq!(told, [false, true, true, false, false, true, false, true]);
    }

    #[test]
    fn one_seed_does_not_tell_whether_a_value_is_constant() {
        assert!(!is_constant(&[(1, 2)]));
        assert!(is_constant(&[(1, 2), (1, 2)]));
        assert!(!is_constant(&[(1, 2), (1, 3)]));
    }
}
