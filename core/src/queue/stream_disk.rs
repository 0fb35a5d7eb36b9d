//! A stream's messages that are on the disk only: which they are, and how they come back.

use std::sync::Arc;

use super::{
    stream::{Record, Stream},
    walk::{AT_ONCE, Step, Visit, Visited},
};
use crate::{
    QueueId, SegmentId,
    journal::{Place, stored_at},
};

/// How many messages stay in memory at the end, and how many are read back at once.
const KEPT: u64 = 1024;
/// Over how many bytes of a file a read reaches.
const MAX_SPAN: u32 = 256 << 10;

impl Stream {
    /// Lets go of messages that are on the disk and that no reader is at; returns what memory they took, in bytes.
    pub(crate) fn let_go(&mut self, is_written: impl Fn(Place) -> bool) -> u64 {
        let mut freed = self.let_go_of_loaded(&is_written);
        self.let_go_to = self.let_go_to.max(self.first_offset());
        let end = self.next_offset().saturating_sub(KEPT);
        while self.let_go_to < end {
            let offset = self.let_go_to;
            if let Some(record) = self.record_mut(offset) {
                if !record.place.is_some_and(&is_written) {
                    break;
                }
                freed += record.let_go();
            }
            self.let_go_to += 1;
        }
        freed
    }

    /// Recovery has found it, and nothing of it is in memory.
    pub(crate) fn is_all_on_disk(&mut self) {
        self.let_go_to = self.next_offset();
    }

    /// The same for what has been read back, and moved since perhaps.
    fn let_go_of_loaded(&mut self, is_written: impl Fn(Place) -> bool) -> u64 {
        let reading: Vec<u64> = self.offsets_of_readers().collect();
        let written =
            |offset| self.record(offset).and_then(|record: &Record| record.place).is_none_or(&is_written);
        let is_used = |&(first, last): &(u64, u64)| {
            reading.iter().any(|at| (first..=last).contains(at)) || !(first..=last).all(written)
        };
        let (used, unused): (Vec<_>, Vec<_>) = self.loaded.iter().copied().partition(is_used);
        self.loaded = used;
        let mut freed = 0;
        for offset in unused.into_iter().flat_map(|(first, last)| first..=last) {
            freed += self.record_mut(offset).map_or(0, Record::let_go);
        }
        freed
    }

    /// Where to read for the messages from this offset on: the first record, and how many bytes.
    pub(crate) fn run_at(&self, offset: u64) -> Option<(Place, u32)> {
        let first = self.record(offset)?.place?;
        let mut end = first.end();
        for next in offset + 1..offset + KEPT {
            let place =
                self.record(next).filter(|record| record.message.is_none()).and_then(|record| record.place);
            match place {
                Some(place)
                    if place.segment == first.segment
                        && place.offset >= end
                        && place.end() - first.offset <= MAX_SPAN =>
                {
                    end = place.end();
                }
                _ => break,
            }
        }
        Some((first, end - first.offset))
    }

    /// Takes in what stands there, from the record at this offset on; returns what memory that takes, in bytes, or `None`
    /// if it is not what was written.
    pub(crate) fn fill(&mut self, queue: QueueId, first: u64, bytes: &[u8]) -> Option<u64> {
        let start = self.record(first)?.place?;
        let (mut taken, mut last) = (0, first);
        for offset in first..(first + KEPT).min(self.let_go_to) {
            let Some(record) = self.record_mut(offset) else { break };
            let Some(place) = record.place.filter(|place| place.segment == start.segment) else { break };
            let at = place.offset.checked_sub(start.offset).map_or(usize::MAX, |at| at as usize);
            let Some(found) = bytes.get(at..at.saturating_add(place.bytes as usize)) else { break };
            if record.message.is_none() {
                let message = stored_at(found, queue, offset)?;
                taken += u64::from(record.size);
                record.message = Some(Arc::new(message));
            }
            last = offset;
        }
        self.loaded.push((first, last));
        Some(taken)
    }

    /// Visits some of the messages from an offset on; returns where the next ones begin, and whether there may be any, or
    /// whether they are on the disk only, in this segment.
    pub(super) fn visit(&mut self, from: u64, segment: SegmentId, visit: &mut Visit<'_>) -> (u64, Step) {
        let mut offset = from.max(self.first_offset());
        for _ in 0..AT_ONCE {
            // There may be gaps.
            let Some(record) = self.record_mut(offset) else {
                return match self.first_offset_behind(offset) {
                    Some(next) => (next, Step::Further),
                    None => (u64::MAX, Step::End),
                };
            };
            let is_there = record.place.is_some_and(|place| place.segment == segment);
            if is_there && record.message.is_none() {
                return (offset, Step::StreamOnDisk(offset));
            }
            let goes_on = visit(Visited::Record(offset, record));
            offset += 1;
            if !goes_on {
                break;
            }
        }
        (offset, Step::Further)
    }

    /// The messages from an offset on that have been read back together.
    pub(crate) fn visit_loaded(&mut self, first: u64, visit: &mut Visit<'_>) {
        for offset in first..first + KEPT {
            let Some(record) = self.record_mut(offset).filter(|record| record.message.is_some()) else {
                break;
            };
            visit(Visited::Record(offset, record));
        }
    }
}

impl Record {
    /// What it takes of memory is free, in bytes.
    fn let_go(&mut self) -> u64 {
        self.message.take().map_or(0, |_| self.size.into())
    }
}
