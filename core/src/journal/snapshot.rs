//! A snapshot as it is put together: in records, so that a segment can begin with it at once, however long it is.

use super::{
    Change,
    log::LONG_PIECE,
    record::{MARK_BYTES, put_record, put_snapshot_part},
};

/// Changes that lead from nothing to the durable part of the state.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    /// Records that are whole, each behind room for a mark.
    whole: Vec<Vec<u8>>,
    /// Changes of the record that is not whole, encoded, and how many they are.
    changes: Vec<u8>,
    count: u64,
}

impl Snapshot {
    /// Adds a change. Returns how many bytes had to be copied because that makes a record whole.
    pub(crate) fn add(&mut self, change: &Change) -> u64 {
        change.encode(&mut self.changes);
        self.count += 1;
        if self.changes.len() < LONG_PIECE {
            return 0;
        }
        self.end_part();
        self.whole.last().map_or(0, |part| part.len() as u64)
    }

    fn end_part(&mut self) {
        let mut part = Vec::with_capacity(MARK_BYTES + self.changes.len() + 32);
        part.resize(MARK_BYTES, 0);
        let is_first = self.whole.is_empty();
        put_record(&mut part, |out| put_snapshot_part(out, is_first, self.count, &self.changes));
        self.whole.push(part);
        self.changes.clear();
        self.count = 0;
    }

    /// All of it: at least one record, each behind room for a mark.
    pub(super) fn into_parts(mut self) -> Vec<Vec<u8>> {
        if self.count > 0 || self.whole.is_empty() {
            self.end_part();
        }
        self.whole
    }
}
