//! The ready messages of a queue, in the order in which they will be delivered.

use super::{Entry, Level, Order, Priorities};
use crate::{
    Instant,
    blocks::Blocks,
    journal::{Chunk, ranges_of},
    ordered::{OrdMap, sort_by},
};

/// Of quorum queues before 4.3: what is above is high, the rest normal; of both high goes first so many times.
const HIGHEST_NORMAL: u8 = 4;
const AT_MOST_BEFORE_LOWER: u8 = 2;

/// Ready messages: by priority, and within a priority by age.
#[derive(Clone, Default)]
pub(crate) struct Ready {
    /// What a quorum queue got back; it goes out before everything else, in the order of its return.
    pub(super) returned: Blocks<Entry>,
    /// Those of priority 0, or of all priorities where the queue tells none apart.
    lowest: Level,
    /// Higher priorities that there are messages of: a queue with 255 priorities costs no more than one without, as long as
    /// nobody uses them.
    pub(super) higher: OrdMap<u8, Level>,
    priorities: Priorities,
    order: Order,
    count: u64,
    /// Bytes of bodies.
    body_bytes: u64,
}

impl Ready {
    pub(crate) fn new(priorities: Priorities, order: Order) -> Self {
        Ready {
            returned: Blocks::new(),
            lowest: Level::default(),
            higher: OrdMap::new(),
            priorities,
            order,
            count: 0,
            body_bytes: 0,
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// The entry that goes out next, if it is in memory.
    pub(crate) fn first(&self) -> Option<&Entry> {
        let by_priority = || self.level_at(self.next_level())?.first();
        self.returned.front().or_else(by_priority)
    }

    /// What is first of what came back and of each priority, as far as it is in memory, from the highest priority on.
    pub(crate) fn heads(&self) -> impl Iterator<Item = &Entry> {
        self.returned.front().into_iter().chain(self.levels().filter_map(Level::first))
    }

    /// Takes out a message that has expired and is first of what came back or of its priority.
    pub(crate) fn pop_expired_head(&mut self, now: Instant) -> Option<Entry> {
        let is_expired =
            |entry: Option<&Entry>| entry.and_then(|entry| entry.expires_at).is_some_and(|at| at <= now);
        let entry = if is_expired(self.returned.front()) {
            self.returned.pop_front()?
        } else {
            let higher = self.higher.iter().rev().find(|(_, level)| is_expired(level.first()));
            let priority = match higher {
                Some((&priority, _)) => priority,
                None if is_expired(self.lowest.first()) => 0,
                None => return None,
            };
            self.pop_level(priority)?
        };
        self.count -= 1;
        self.body_bytes -= entry.body_bytes();
        Some(entry)
    }

    /// Puts a new entry at the end of its priority.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        self.count += 1;
        self.body_bytes += entry.body_bytes();
        self.level(&entry).push(entry);
    }

    /// Takes out what goes out next, if it is in memory.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        let entry = match self.returned.pop_front() {
            Some(entry) => entry,
            None if self.higher.is_empty() => self.lowest.pop()?,
            None => self.pop_next()?,
        };
        self.count -= 1;
        self.body_bytes -= entry.body_bytes();
        Some(entry)
    }

    fn pop_next(&mut self) -> Option<Entry> {
        let entry = self.pop_level(self.next_level())?;
        if let Order::TwoToOne { taken } = &mut self.order {
            *taken = (*taken + 1) % (AT_MOST_BEFORE_LOWER + 1);
        }
        Some(entry)
    }

    fn pop_level(&mut self, priority: u8) -> Option<Entry> {
        if priority == 0 {
            return self.lowest.pop();
        }
        let level = self.higher.get_mut(&priority)?;
        let entry = level.pop()?;
        if level.is_empty() {
            self.higher.remove(&priority);
        }
        Some(entry)
    }

    /// The priority of what goes out next, if nothing came back.
    fn next_level(&self) -> u8 {
        match self.order {
            Order::Strict => self.higher.last_key_value().map_or(0, |(&priority, _)| priority),
            Order::Arrival => self.earliest(|_| true).map_or(0, |(_, priority)| priority),
            Order::TwoToOne { taken } => {
                let high = self.earliest(|priority| priority > HIGHEST_NORMAL);
                let normal = self.earliest(|priority| priority <= HIGHEST_NORMAL);
                let next = match (high, normal) {
                    (Some(high), Some(normal)) if taken == AT_MOST_BEFORE_LOWER => high.min(normal),
                    (high, normal) => high.or(normal).unwrap_or_default(),
                };
                next.1
            }
        }
    }

    /// Of the messages with these priorities the one that came first: its position, and its priority.
    fn earliest(&self, is_meant: impl Fn(u8) -> bool) -> Option<(u64, u8)> {
        let higher = self.higher.iter().map(|(&priority, level)| (priority, level));
        let levels =
            std::iter::once((0, &self.lowest)).chain(higher).filter(|(priority, _)| is_meant(*priority));
        levels.filter_map(|(priority, level)| Some((level.first_position()?, priority))).min()
    }

    fn level_at(&self, priority: u8) -> Option<&Level> {
        if priority == 0 { Some(&self.lowest) } else { self.higher.get(&priority) }
    }

    /// An entry that has been read is not to be one of these.
    pub(crate) fn forget(&mut self, entry: &Entry) {
        self.count -= 1;
        self.body_bytes -= entry.body_bytes();
    }

    /// Puts an entry back where it was.
    pub(crate) fn put_back(&mut self, entry: Entry) {
        self.count += 1;
        self.body_bytes += entry.body_bytes();
        self.level(&entry).put_back(entry);
    }

    /// Puts an entry before all that were not returned (RabbitMQ's quorum queues).
    pub(crate) fn put_first(&mut self, entry: Entry) {
        self.count += 1;
        self.body_bytes += entry.body_bytes();
        self.returned.push_back(entry);
    }

    /// Takes everything out.
    pub(crate) fn take_all(&mut self) -> Ready {
        let empty = Ready::new(self.priorities, self.order);
        std::mem::replace(self, empty)
    }

    /// Takes out messages that are on the disk only, when they are first.
    pub(crate) fn take_chunk(&mut self) -> Option<Chunk> {
        let priority = self.next_level();
        if priority == 0 {
            return self.lowest.take_chunk();
        }
        let level = self.higher.get_mut(&priority)?;
        let chunk = level.take_chunk();
        if level.is_empty() {
            self.higher.remove(&priority);
        }
        chunk
    }

    /// What is in memory, by priority, and within a priority in the order of delivery.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.returned.iter().chain(self.levels().flat_map(Level::iter))
    }

    /// The positions of messages that were delivered before, as runs.
    pub(crate) fn redelivered(&self) -> Vec<(u64, u64)> {
        let chunks = self.levels().flat_map(Level::chunks);
        let parked = chunks.flat_map(|chunk| chunk.iter().filter(|parked| parked.redelivered));
        let resident = self.iter().filter(|entry| entry.redelivered && entry.place.is_some());
        let parked = parked.map(|parked| parked.position);
        let mut positions: Vec<u64> = resident.map(|entry| entry.position).chain(parked).collect();
        sort_by(&mut positions, u64::cmp);
        ranges_of(&positions)
    }

    /// The level whose next chunk is to be read now, with that chunk.
    pub(crate) fn wanted(&self) -> Option<(u8, &Chunk)> {
        let priority = self.next_level();
        Some((priority, self.level_at(priority)?.wanted()?))
    }

    /// Bytes of messages in memory that are to be on the disk only.
    pub(crate) fn lined_up_bytes(&self) -> u64 {
        self.levels().map(Level::lined_up_bytes).sum()
    }

    /// From the highest priority on.
    fn levels(&self) -> impl Iterator<Item = &Level> {
        self.higher.values().rev().chain([&self.lowest])
    }

    /// With their priorities, from the lowest on.
    pub(crate) fn levels_mut(&mut self) -> impl Iterator<Item = (u8, &mut Level)> {
        let higher = self.higher.iter_mut().map(|(&priority, level)| (priority, level));
        std::iter::once((0, &mut self.lowest)).chain(higher)
    }

    pub(crate) fn level_mut(&mut self, priority: u8) -> Option<&mut Level> {
        if priority == 0 { Some(&mut self.lowest) } else { self.higher.get_mut(&priority) }
    }

    /// Takes over what recovery has found of one priority.
    pub(crate) fn restore(&mut self, level: u8, chunks: Vec<Chunk>) {
        for chunk in &chunks {
            self.count += u64::from(chunk.count);
            self.body_bytes += chunk.body_bytes;
        }
        if !chunks.is_empty() {
            self.level_of(level).restore(chunks);
        }
    }

    fn level(&mut self, entry: &Entry) -> &mut Level {
        self.level_of(self.priorities.level_of(entry.message.priority))
    }

    #[inline]
    fn level_of(&mut self, priority: u8) -> &mut Level {
        if priority == 0 { &mut self.lowest } else { self.higher.entry(priority).or_default() }
    }
}
