//! The ready messages of one priority, oldest first. In the middle of a long line they may be on the disk only.

use std::collections::VecDeque;

use super::{
    Entry,
    line::Line,
    walk::{AT_ONCE, Visit, Visited},
};
use crate::{
    SegmentId,
    journal::{Chunk, Place},
    ordered::OrdMap,
};

/// Ready messages of one priority.
///
/// What has been taken out and comes back goes to `returned`. All of it is older than everything else here, because
/// messages are taken out in the order of their positions: so it goes out first, and giving back any number of messages in
/// any order costs no more than putting them in order.
#[derive(Clone, Default)]
pub(crate) struct Level {
    /// By position.
    returned: OrdMap<u64, Entry>,
    front: Line,
    /// On the disk only.
    middle: VecDeque<Chunk>,
    /// What came after them; empty as long as there is room in front.
    back: Line,
    /// The operation that reads the first chunk.
    pub(crate) loading: Option<u64>,
}

/// How many messages stay in memory at the front, and how many bytes of them.
const KEPT: u64 = 2048;
const KEPT_BYTES: u64 = 512 << 10;

impl Level {
    pub(crate) fn is_empty(&self) -> bool {
        self.returned.is_empty() && self.front.is_empty() && self.middle.is_empty() && self.back.is_empty()
    }

    /// The first one, if it is in memory.
    pub(crate) fn first(&self) -> Option<&Entry> {
        if self.returned.is_empty() {
            return self.front.first();
        }
        self.returned.first_key_value().map(|(_, entry)| entry)
    }

    /// The position of the first one, in memory or not.
    pub(crate) fn first_position(&self) -> Option<u64> {
        let in_memory = self.first().map(|entry| entry.position);
        in_memory.or_else(|| self.middle.front().map(|chunk| chunk.first_position))
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        if self.middle.is_empty() && self.back.is_empty() {
            self.front.push(entry);
        } else {
            self.back.push(entry);
        }
    }

    /// Takes the first one, if it is in memory.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        if !self.returned.is_empty() {
            return self.returned.pop_first().map(|(_, entry)| entry);
        }
        let entry = self.front.pop()?;
        if self.front.is_empty() && self.middle.is_empty() {
            std::mem::swap(&mut self.front, &mut self.back);
        }
        Some(entry)
    }

    /// Puts one back where it was.
    pub(crate) fn put_back(&mut self, entry: Entry) {
        self.returned.insert(entry.position, entry);
    }

    /// The chunk that is to be read now, because what is in front of it comes to an end.
    pub(crate) fn wanted(&self) -> Option<&Chunk> {
        // Most queues have nothing on the disk only.
        let next = self.middle.front()?;
        let low = self.returned.len() as u64 + self.front.len() < KEPT && self.front.bytes() < KEPT_BYTES;
        (low && self.loading.is_none()).then_some(next)
    }

    /// The first chunk has been read.
    pub(crate) fn loaded(&mut self, entries: Vec<Entry>) {
        self.loading = None;
        self.middle.pop_front();
        entries.into_iter().for_each(|entry| self.front.push(entry));
        if self.middle.is_empty() {
            self.front.append(&mut self.back);
        }
    }

    pub(crate) fn first_chunk(&self) -> Option<&Chunk> {
        self.middle.front()
    }

    /// Sets what can go to the disk apart from what stays in memory, which is at most so many bytes.
    pub(crate) fn split(&mut self, kept_bytes: u64) {
        let kept_bytes = kept_bytes.min(KEPT_BYTES);
        let long = self.front.len() > KEPT || self.front.bytes() > kept_bytes;
        if long && self.middle.is_empty() && self.back.is_empty() {
            self.back = self.front.split_off(KEPT, kept_bytes);
        }
    }

    /// Lets go of messages whose records are on the disk, as many as there are in line; returns what memory they took,
    /// in bytes.
    pub(crate) fn park(&mut self, is_written: impl Fn(Place) -> bool) -> u64 {
        let mut freed = 0;
        while let Some(first) = self.back.first()
            && let Some(place) = first.place.filter(|&place| is_written(place))
        {
            let parked = first.parked_at(place);
            freed += first.message.size();
            self.back.pop();
            // The first chunk may be being read: it stays as it is.
            let free = self.loading.is_none() || self.middle.len() > 1;
            let last = self.middle.back_mut().filter(|_| free);
            if !last.is_some_and(|chunk| chunk.push(&parked)) {
                if let Some(full) = self.middle.back_mut() {
                    full.close();
                }
                self.middle.push_back(Chunk::new(&parked));
            }
        }
        if self.middle.is_empty() && self.front.is_empty() {
            std::mem::swap(&mut self.front, &mut self.back);
        }
        freed
    }

    /// Bytes of the messages in line for the disk.
    pub(crate) fn lined_up_bytes(&self) -> u64 {
        self.back.bytes()
    }

    /// The messages in line for the disk that have no record there yet, at most so many; none as long as the first one
    /// has one.
    pub(crate) fn unrecorded(&mut self, count: usize) -> impl Iterator<Item = &mut Entry> {
        let first_is = self.back.first().is_some_and(|entry| entry.place.is_none());
        let count = if first_is { count } else { 0 };
        self.back.iter_mut().take(count).filter(|entry| entry.place.is_none())
    }

    /// Everything that recovery has found.
    pub(crate) fn restore(&mut self, chunks: Vec<Chunk>) {
        self.middle = chunks.into();
    }

    /// What is on the disk only.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.middle.iter()
    }

    /// The chunk that begins at this position.
    pub(crate) fn chunk_at(&self, first_position: u64) -> Option<&Chunk> {
        let index = self.middle.partition_point(|chunk| chunk.first_position < first_position);
        self.middle.get(index).filter(|chunk| chunk.first_position == first_position)
    }

    /// Whether the chunk that begins at this position is being read.
    pub(crate) fn is_loading(&self, first_position: u64) -> bool {
        let first = self.middle.front().map(|chunk| chunk.first_position);
        self.loading.is_some() && first == Some(first_position)
    }

    /// Puts chunks in the place of the one that begins at this position.
    pub(crate) fn replace(&mut self, first_position: u64, chunks: Vec<Chunk>) {
        let index = self.middle.partition_point(|chunk| chunk.first_position < first_position);
        self.middle.remove(index);
        // Chunks are replaced from the first one on, and few go between those before and those behind.
        chunks.into_iter().rev().for_each(|chunk| self.middle.insert(index, chunk));
    }

    /// Visits some of the messages in memory from a position on, and returns the position behind the last one. `Err`: the next
    /// ones are on the disk only, in this segment, from this position on. `None`: there are none.
    pub(super) fn visit(
        &mut self,
        from: u64,
        segment: SegmentId,
        visit: &mut Visit<'_>,
    ) -> Option<Result<u64, u64>> {
        let next = self.visit_returned(from, visit).or_else(|| self.front.visit(from, visit));
        if let Some(next) = next {
            return Some(Ok(next));
        }
        let first = self.middle.partition_point(|chunk| chunk.last_position < from);
        let mut chunks = self.middle.range(first..).take(AT_ONCE);
        if let Some(there) = chunks.clone().find(|chunk| chunk.segment == segment) {
            return Some(Err(there.first_position));
        }
        chunks.next_back().map(|last| last.last_position + 1).or_else(|| self.back.visit(from, visit)).map(Ok)
    }

    fn visit_returned(&mut self, from: u64, visit: &mut Visit<'_>) -> Option<u64> {
        let some = self.returned.range(from..).take(AT_ONCE).map(|(&position, _)| position);
        let mut next = None;
        for position in some.collect::<Vec<u64>>() {
            let Some(entry) = self.returned.get_mut(&position) else { continue };
            next = Some(position + 1);
            if !visit(Visited::Entry(entry)) {
                break;
            }
        }
        next
    }

    /// Takes out the first messages that are on the disk only, if nothing in memory is before them.
    pub(crate) fn take_chunk(&mut self) -> Option<Chunk> {
        if !self.returned.is_empty() || !self.front.is_empty() {
            return None;
        }
        let chunk = self.middle.pop_front();
        if self.middle.is_empty() {
            std::mem::swap(&mut self.front, &mut self.back);
        }
        chunk
    }

    /// What is in memory, in the order of delivery.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.returned.values().chain(self.front.iter()).chain(self.back.iter())
    }
}
