//! Whose turn it is: the highest priority first, and within a priority one after the other.

use std::collections::VecDeque;

use crate::{id::ConsumerId, ordered::OrdMap};

/// The consumers that may be served. Who is served goes to the end, who has no credit leaves until it has some.
#[derive(Clone, Default)]
pub(crate) struct Turns {
    by_priority: OrdMap<i64, VecDeque<ConsumerId>>,
}

impl Turns {
    /// Puts a consumer at the end of its priority (`x-priority` of basic.consume).
    pub(crate) fn push(&mut self, consumer: ConsumerId, priority: i64) {
        self.by_priority.entry(priority).or_default().push_back(consumer);
    }

    /// Leaves a consumer its turn, which never should happen.
    pub(crate) fn keep(&mut self, consumer: ConsumerId, priority: i64) {
        self.by_priority.entry(priority).or_default().push_front(consumer);
    }

    /// Takes out whose turn it is.
    pub(crate) fn pop(&mut self) -> Option<ConsumerId> {
        self.by_priority.values_mut().rev().find_map(VecDeque::pop_front)
    }

    pub(crate) fn remove(&mut self, consumer: ConsumerId) {
        self.by_priority.retain(|_, turns| {
            turns.retain(|&id| id != consumer);
            !turns.is_empty()
        });
    }
}
