//! The ready messages of a queue, in the order in which they will be delivered.

use std::collections::VecDeque;

use super::{Entry, Priorities};

/// Ready messages: by priority, and within a priority by age.
pub(crate) struct Ready {
    /// What a quorum queue got back; it goes out before everything else, in the order of its return.
    returned: VecDeque<Entry>,
    /// One list per priority, from 0.
    levels: Vec<VecDeque<Entry>>,
    /// The priority of a message that names none.
    default_priority: u8,
    count: u64,
    /// Bytes of bodies.
    body_bytes: u64,
}

impl Ready {
    pub(crate) fn new(Priorities { highest, default }: Priorities) -> Self {
        let levels = (0..=highest).map(|_| VecDeque::new()).collect();
        Ready { returned: VecDeque::new(), levels, default_priority: default, count: 0, body_bytes: 0 }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// The entry that goes out next.
    pub(crate) fn first(&self) -> Option<&Entry> {
        let by_priority = || self.levels.iter().rev().find_map(VecDeque::front);
        self.returned.front().or_else(by_priority)
    }

    /// Puts a new entry at the end of its priority.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        self.count += 1;
        self.body_bytes += entry.body_bytes();
        if let Some(level) = self.level(&entry) {
            level.push_back(entry);
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        let entry = match self.returned.pop_front() {
            Some(entry) => entry,
            None => self.levels.iter_mut().rev().find_map(take_first)?,
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
            let at = level.partition_point(|other| other.position < entry.position);
            level.insert(at, entry);
        }
    }

    /// Puts an entry before all that were not returned (RabbitMQ's quorum queues).
    pub(crate) fn put_first(&mut self, entry: Entry) {
        self.count += 1;
        self.body_bytes += entry.body_bytes();
        self.returned.push_back(entry);
    }

    /// Takes everything out, in order.
    pub(crate) fn take_all(&mut self) -> Vec<Entry> {
        let mut all = Vec::new();
        while let Some(entry) = self.pop() {
            all.push(entry);
        }
        all
    }

    /// In the order of delivery.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.returned.iter().chain(self.levels.iter().rev().flatten())
    }

    /// A priority above the highest is the highest (RabbitMQ).
    fn level(&mut self, entry: &Entry) -> Option<&mut VecDeque<Entry>> {
        let highest = self.levels.len() - 1;
        let priority = entry.message.priority.unwrap_or(self.default_priority);
        self.levels.get_mut(usize::from(priority).min(highest))
    }
}

/// A backlog that is gone must not keep its memory.
#[inline]
fn take_first(level: &mut VecDeque<Entry>) -> Option<Entry> {
    const WORTH_IT: usize = 4096;
    let entry = level.pop_front()?;
    if level.capacity() > WORTH_IT && level.len() < level.capacity() / 8 {
        level.shrink_to(level.capacity() / 4);
    }
    Some(entry)
}
