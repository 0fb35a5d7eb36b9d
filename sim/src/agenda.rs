//! What is going to happen, in the order in which it will.

use warren_core::{Instant, ordered::OrdMap};

/// Items by the moment they are due; items due at one moment keep the order in which they were added, those that were
/// planned before those that followed.
#[derive(Clone, Debug)]
pub(crate) struct Agenda<T> {
    items: OrdMap<(Instant, u64), T>,
    added: u64,
}

/// Added to the turn of what follows: what was planned comes before it.
const FOLLOWING: u64 = 1 << 63;

impl<T> Agenda<T> {
    /// Nothing to do.
    pub(crate) const fn new() -> Self {
        Agenda { items: OrdMap::new(), added: 0 }
    }

    /// Puts `item` behind everything that is already due at `at`.
    pub(crate) fn add(&mut self, at: Instant, item: T) {
        self.added += 1;
        self.items.insert((at, FOLLOWING | self.added), item);
    }

    /// Puts `item` before everything at `at` that follows from what happens, however late it is planned.
    pub(crate) fn plan(&mut self, at: Instant, item: T) {
        self.added += 1;
        self.items.insert((at, self.added), item);
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// When the next item is due.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.items.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next item.
    pub(crate) fn pop(&mut self) -> Option<(Instant, T)> {
        self.items.pop_first().map(|((at, _), item)| (at, item))
    }
}
