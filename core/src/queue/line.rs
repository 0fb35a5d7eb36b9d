//! Messages in memory, one behind the other, and what memory they take.

use super::{
    Entry,
    walk::{AT_ONCE, Visit, Visited},
};
use crate::blocks::Blocks;

#[derive(Clone, Default)]
pub(super) struct Line {
    entries: Blocks<Entry>,
    /// Bytes of messages.
    bytes: u64,
}

impl Line {
    pub(super) fn len(&self) -> u64 {
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
        let entry = self.entries.pop_front()?;
        self.bytes -= entry.message.size();
        Some(entry)
    }

    /// Cuts off what is behind so many bytes and `count` entries.
    pub(super) fn split_off(&mut self, count: u64, max_bytes: u64) -> Line {
        let mut bytes = 0;
        let fits = self.entries.iter().take_while(|entry| {
            bytes += entry.message.size();
            bytes <= max_bytes
        });
        let kept = (fits.take(count as usize).count() as u64).max(1);
        let first = self.entries.split_front(kept);
        let bytes = first.iter().map(|entry| entry.message.size()).sum();
        let rest = std::mem::replace(&mut self.entries, first);
        Line { entries: rest, bytes: std::mem::replace(&mut self.bytes, bytes) - bytes }
    }

    /// Visits some of the entries from a position on; returns the position behind the last one, or `None` if there are none.
    pub(super) fn visit(&mut self, from: u64, visit: &mut Visit<'_>) -> Option<u64> {
        let mut next = None;
        for entry in self.entries.behind_mut(|entry| entry.position < from).take(AT_ONCE) {
            next = Some(entry.position + 1);
            if !visit(Visited::Entry(entry)) {
                break;
            }
        }
        next
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
