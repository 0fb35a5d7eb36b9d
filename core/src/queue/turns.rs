//! Whose turn it is: the highest priority first, and within a priority one after the other.

use std::collections::VecDeque;

use crate::{id::ConsumerId, ordered::OrdMap};

/// The consumers that may be served. Who is served goes to the end, who has no credit leaves until it has some.
#[derive(Clone, Default)]
pub(crate) struct Turns {
    /// Those of priority 0, which nearly all have.
    usual: VecDeque<ConsumerId>,
    /// All others, by priority; none of these lists is empty.
    others: OrdMap<i64, VecDeque<ConsumerId>>,
    /// How many consumers are in all lists.
    count: u64,
    /// How many consumers have ended since the lists were last cleared of them.
    ended: u64,
}

impl Turns {
    /// Puts a consumer at the end of its priority (`x-priority` of basic.consume).
    pub(crate) fn push(&mut self, consumer: ConsumerId, priority: i64) {
        self.count += 1;
        self.list(priority).push_back(consumer);
    }

    /// Leaves a consumer its turn, which never should happen.
    pub(crate) fn keep(&mut self, consumer: ConsumerId, priority: i64) {
        self.count += 1;
        self.list(priority).push_front(consumer);
    }

    /// Takes out whose turn it is. A consumer that has ended may still be among them.
    pub(crate) fn pop(&mut self) -> Option<ConsumerId> {
        let higher = self.others.last_key_value().is_some_and(|(&priority, _)| priority > 0);
        let usual = if higher { None } else { self.usual.pop_front() };
        let next = usual.or_else(|| self.pop_other());
        self.count -= u64::from(next.is_some());
        next
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them; some may have ended.
    pub(crate) fn iter(&self) -> impl Iterator<Item = ConsumerId> {
        self.usual.iter().chain(self.others.values().flatten()).copied()
    }

    fn pop_other(&mut self) -> Option<ConsumerId> {
        let (&priority, _) = self.others.last_key_value()?;
        let list = self.others.get_mut(&priority)?;
        let next = list.pop_front();
        if list.is_empty() {
            self.others.remove(&priority);
        }
        next
    }

    fn list(&mut self, priority: i64) -> &mut VecDeque<ConsumerId> {
        match priority {
            0 => &mut self.usual,
            other => self.others.entry(other).or_default(),
        }
    }

    /// Takes out a consumer that goes on living.
    pub(crate) fn remove(&mut self, consumer: ConsumerId) {
        self.retain(|id| id != consumer);
    }

    /// A consumer has ended. Looking for it would cost as much as there are consumers, so it stays until it is popped, or
    /// until half of the lists are such: then all of them go, at a cost that their ends have paid for.
    pub(crate) fn consumer_ended(&mut self, is_alive: impl Fn(ConsumerId) -> bool) {
        const FEW: u64 = 32;
        self.ended += 1;
        if self.ended > FEW && self.ended > self.count / 2 {
            self.ended = 0;
            self.retain(is_alive);
        }
    }

    fn retain(&mut self, stays: impl Fn(ConsumerId) -> bool) {
        self.usual.retain(|&id| stays(id));
        self.others.retain(|_, list| {
            list.retain(|&id| stays(id));
            !list.is_empty()
        });
        let others: usize = self.others.values().map(VecDeque::len).sum();
        self.count = (self.usual.len() + others) as u64;
    }
}
