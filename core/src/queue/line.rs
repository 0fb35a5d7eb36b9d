//! Messages in memory, one behind the other, and what memory they take.

use std::collections::VecDeque;

use super::Entry;

#[derive(Clone, Default)]
pub(super) struct Line {
    entries: VecDeque<Entry>,
    /// Bytes of messages.
    bytes: u64,
}

impl Line {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn first(&self) -> Option<&Entry> {
        self.entries.front()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.bytes += entry.message.size();
        self.entries.push_back(entry);
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Entry> {
        const WORTH_IT: usize = 4096;
        let entry = self.entries.pop_front()?;
        self.bytes -= entry.message.size();
        // A backlog that is gone must not keep its memory.
        if self.entries.capacity() > WORTH_IT && self.entries.len() < self.entries.capacity() / 8 {
            self.entries.shrink_to(self.entries.capacity() / 4);
        }
        Some(entry)
    }

    /// Cuts off what is behind so many bytes and `count` entries.
    pub(super) fn split_off(&mut self, count: usize, max_bytes: u64) -> Line {
        let mut bytes = 0;
        let fits = self.entries.iter().take_while(|entry| {
            bytes += entry.message.size();
            bytes <= max_bytes
        });
        let kept = fits.count().clamp(1, count).min(self.entries.len());
        let rest = self.entries.split_off(kept);
        let bytes = rest.iter().map(|entry| entry.message.size()).sum();
        self.bytes -= bytes;
        Line { entries: rest, bytes }
    }

    /// Takes everything out of another one.
    pub(super) fn append(&mut self, other: &mut Line) {
        self.entries.append(&mut other.entries);
        self.bytes += std::mem::take(&mut other.bytes);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The sizes of messages do not change.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut()
    }
}
