//! Repair: what can still be read of a damaged segment, and what cannot.

use super::{
    record::{Framed, MARK, PREFIX_BYTES, Record, frame},
    segment::{HEADER_BYTES, Header},
};
use crate::id::SegmentId;

/// A segment as far as it can be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repaired {
    /// The file as it should be.
    pub bytes: Vec<u8>,
    /// Records that are in it.
    pub records: u64,
    /// What is not in it any more.
    pub dropped: Vec<Dropped>,
}

/// A part of a segment that says nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// From where, in bytes.
    pub offset: u64,
    /// How much.
    pub bytes: u64,
}

/// Reads all that can be read of a segment. Marks are left out: they tell of places in the damaged file.
///
/// `previous_end` is the length of the segment before it as it is now, `end` what the next one's header says of this one's
/// length; what stands behind that was never safe.
#[must_use]
pub fn repair(segment: SegmentId, bytes: &[u8], previous_end: u32, end: Option<u32>) -> Repaired {
    let bytes = bytes.get(..end.map_or(bytes.len(), |end| end as usize)).unwrap_or(bytes);
    let mut repaired = Repaired {
        bytes: Header { segment, previous_end }.encode().to_vec(),
        records: 0,
        dropped: Vec::new(),
    };
    if Header::decode(bytes).is_err() {
        repaired.drop_bytes(0, bytes.len().min(HEADER_BYTES));
    }
    let mut at = HEADER_BYTES;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = whole(rest).unwrap_or_else(|| {
            let lost = next_record(rest);
            repaired.drop_bytes(at, lost);
            lost
        });
        if let Some(record) = rest.get(..length).filter(|_| whole(rest).is_some()) {
            repaired.keep(record);
        }
        at += length;
    }
    repaired
}

/// Where the segment before ends, as a header says that is whole.
#[must_use]
pub fn previous_end(bytes: &[u8]) -> Option<u32> {
    Header::decode(bytes).ok().map(|header| header.previous_end)
}

impl Repaired {
    fn keep(&mut self, record: &[u8]) {
        self.records += 1;
        let is_mark = record.get(PREFIX_BYTES..).is_some_and(|content| content.starts_with(&MARK));
        if !is_mark {
            self.bytes.extend_from_slice(record);
        }
    }

    fn drop_bytes(&mut self, offset: usize, bytes: usize) {
        self.dropped.push(Dropped { offset: offset as u64, bytes: bytes as u64 });
    }
}

/// The length of the record that begins here, if it is one.
fn whole(bytes: &[u8]) -> Option<usize> {
    let Framed::Whole(content) = frame(bytes) else { return None };
    Record::decode(content).map(|_| PREFIX_BYTES + content.len())
}

/// How far the next record is from here: behind the length that stands here, if it is right, else at the next place
/// where one begins.
fn next_record(bytes: &[u8]) -> usize {
    let length = bytes.first_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length) as usize);
    let behind = length.saturating_add(PREFIX_BYTES);
    if bytes.get(behind..).is_some_and(|rest| rest.is_empty() || whole(rest).is_some()) {
        return behind;
    }
    (1..bytes.len()).find(|&at| whole(&bytes[at..]).is_some()).unwrap_or(bytes.len())
}
