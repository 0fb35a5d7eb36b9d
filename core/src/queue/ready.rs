//! The ready messages of a queue, in the order in which they will be delivered.

use std::collections::VecDeque;

use super::{Entry, Level, Priorities};
use crate::{
    journal::{Chunk, ranges_of},
    ordered::sort_by,
};

/// Ready messages: by priority, and within a priority by age.
#[derive(Clone)]
pub(crate) struct Ready {
    /// What a quorum queue got back; it goes out before everything else, in the order of its return.
    returned: VecDeque<Entry>,
    /// One per priority, from 0.
    levels: Vec<Level>,
    priorities: Priorities,
    count: u64,
    /// Bytes of bodies.
    body_bytes: u64,
}

impl Ready {
    pub(crate) fn new(priorities: Priorities) -> Self {
        let levels = (0..=priorities.highest).map(|_| Level::default()).collect();
        Ready { returned: VecDeque::new(), levels, priorities, count: 0, body_bytes: 0 }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// The entry that goes out next, if it is in memory.
    pub(crate) fn first(&self) -> Option<&Entry> {
        let by_priority = || self.levels.iter().rev().find(|level| !level.is_empty())?.first();
        self.returned.front().or_else(by_priority)
    }

    /// Puts a new entry at the end of its priority.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        self.count += 1;
        self.body_bytes += entry.body_bytes();
        if let Some(level) = self.level(&entry) {
            level.push(entry);
        }
    }

    /// Takes out what goes out next, if it is in memory.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        let entry = match self.returned.pop_front() {
            Some(entry) => entry,
            None => self.levels.iter_mut().rev().find(|level| !level.is_empty())?.pop()?,
        };
        self.count -= 1;
        self.body_bytes -= entry.body_bytes();
        Some(entry)
    }

    /// Puts an entry back where it was.
    pub(crate) fn put_back(&mut self, entry: Entry) {
        self.count += 1;
        self.body_bytes += entry.body_bytes();
        if let Some(level) = self.level(&entry) {
            level.put_back(entry);
        }
    }

    /// Puts an entry before all that were not returned (RabbitMQ's quorum queues).
    pub(crate) fn put_first(&mut self, entry: Entry) {
        self.count += 1;
        self.body_bytes += entry.body_bytes();
        self.returned.push_back(entry);
    }

    /// Takes everything out: what is in memory, in order, and what is on the disk only.
    pub(crate) fn take_all(&mut self) -> (Vec<Entry>, Vec<Chunk>) {
        (self.count, self.body_bytes) = (0, 0);
        let mut all = (self.returned.drain(..).collect::<Vec<_>>(), Vec::new());
        for (entries, chunks) in self.levels.iter_mut().rev().map(Level::take_all) {
            all.0.extend(entries);
            all.1.extend(chunks);
        }
        all
    }

    /// What is in memory, in the order of delivery.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.returned.iter().chain(self.levels.iter().rev().flat_map(Level::iter))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.returned.iter_mut().chain(self.levels.iter_mut().rev().flat_map(Level::iter_mut))
    }

    /// The positions of messages that were delivered before, as runs.
    pub(crate) fn redelivered(&self) -> Vec<(u64, u64)> {
        let chunks = self.levels.iter().flat_map(Level::chunks);
        let parked = chunks.flat_map(|chunk| chunk.iter().filter(|parked| parked.redelivered));
        let resident = self.iter().filter(|entry| entry.redelivered && entry.place.is_some());
        let parked = parked.map(|parked| parked.position);
        let mut positions: Vec<u64> = resident.map(|entry| entry.position).chain(parked).collect();
        sort_by(&mut positions, u64::cmp);
        ranges_of(&positions)
    }

    /// The level whose next chunk is to be read now, with that chunk.
    pub(crate) fn wanted(&self) -> Option<(u8, &Chunk)> {
        let levels = (0..=self.priorities.highest).zip(&self.levels);
        let (index, level) = levels.rev().find(|(_, level)| !level.is_empty())?;
        Some((index, level.wanted()?))
    }

    pub(crate) fn levels_mut(&mut self) -> impl Iterator<Item = &mut Level> {
        self.levels.iter_mut()
    }

    pub(crate) fn level_mut(&mut self, index: u8) -> Option<&mut Level> {
        self.levels.get_mut(usize::from(index))
    }

    /// Takes over what recovery has found of one priority.
    pub(crate) fn restore(&mut self, level: u8, chunks: Vec<Chunk>) {
        for chunk in &chunks {
            self.count += u64::from(chunk.count);
            self.body_bytes += chunk.body_bytes;
        }
        if let Some(level) = self.level_mut(level) {
            level.restore(chunks);
        }
    }

    fn level(&mut self, entry: &Entry) -> Option<&mut Level> {
        let index = self.priorities.level_of(entry.message.priority);
        self.level_mut(index)
    }
}
