//! A set of positions, kept as runs.

use crate::ordered::{OrdMap, sort_by};

/// Positions; those that follow each other take no more room than one.
#[derive(Default)]
pub(super) struct Ranges(OrdMap<u64, u64>);

impl Ranges {
    /// Adds all from `first` to `last`.
    pub(super) fn insert(&mut self, mut first: u64, mut last: u64) {
        while let Some((&from, &to)) = self.0.range(..=last.saturating_add(1)).next_back()
            && to >= first.saturating_sub(1)
        {
            self.0.remove(&from);
            (first, last) = (first.min(from), last.max(to));
        }
        self.0.insert(first, last);
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, position: u64) {
        let Some((&first, &last)) = self.0.range(..=position).next_back() else { return };
        if last < position {
            return;
        }
        self.0.remove(&first);
        if first < position {
            self.0.insert(first, position - 1);
        }
        if position < last {
            self.0.insert(position + 1, last);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(&first, &last)| (first, last))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, position: u64) -> bool {
        self.0.range(..=position).next_back().is_some_and(|(_, &last)| last >= position)
    }
}

/// Puts ranges that have nothing in common in order, and makes one of those that follow each other.
pub(super) fn join(ranges: &mut Vec<(u64, u64)>) {
    sort_by(ranges, Ord::cmp);
    ranges.dedup_by(|next, before| {
        let follows = before.1 + 1 == next.0;
        if follows {
            before.1 = next.1;
        }
        follows
    });
}

/// Runs of positions that follow each other, as first and last ones; `positions` in their order.
pub(crate) fn ranges_of(positions: &[u64]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for &position in positions {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == position => *last = position,
            _ => ranges.push((position, position)),
        }
    }
    ranges
}
