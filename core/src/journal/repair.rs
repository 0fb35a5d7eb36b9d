//! Repair: a copy of a damaged journal with everything that can still be read, and what is gone.

use std::fmt;

use super::{
    Bounds,
    record::{Framed, MARK, PREFIX_BYTES, Record, frame},
    segment::{HEADER_BYTES, Header},
};
use crate::{SegmentId, ordered::sort_by};

/// Something that a damaged journal has lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lost {
    /// The file of bounds is missing, or nothing in it can be read.
    Bounds,
    /// Segments are missing.
    Segments {
        /// The first of them.
        first: SegmentId,
        /// And the last, which may be the same.
        last: SegmentId,
    },
    /// The end of a segment is missing.
    End {
        /// Which.
        segment: SegmentId,
        /// Where the file ends, in bytes.
        offset: u64,
        /// How much is missing at least, in bytes.
        bytes: u64,
    },
    /// A part of a segment is no record.
    Part {
        /// Which.
        segment: SegmentId,
        /// From where, in bytes.
        offset: u64,
        /// How much, in bytes.
        bytes: u64,
    },
}

/// Makes a copy of a journal: `files` are all of its files, `read` hands out one, and `write` takes one of the copy.
/// Returns what is gone. Where segments are missing, those behind them get other numbers.
///
/// # Errors
/// Those of `read` and `write`.
pub fn repair<E>(
    files: &[SegmentId],
    mut read: impl FnMut(SegmentId) -> Result<Vec<u8>, E>,
    mut write: impl FnMut(SegmentId, &[u8]) -> Result<(), E>,
) -> Result<Vec<Lost>, E> {
    let bounds =
        if files.contains(&SegmentId::BOUNDS) { Bounds::of_file(&read(SegmentId::BOUNDS)?) } else { None };
    let needed = bounds.unwrap_or_default();
    let mut segments: Vec<SegmentId> = files.to_vec();
    segments.retain(|file| *file != SegmentId::BOUNDS && *file >= needed.oldest);
    sort_by(&mut segments, Ord::cmp);
    let mut lost = Vec::new();
    // The number of the segment that was copied last, and that of the copy and where it ends.
    let mut copied: Option<(SegmentId, (SegmentId, u32))> = None;
    let mut is_latest_version = false;
    for (index, &segment) in segments.iter().enumerate() {
        let behind = &segments[index + 1..];
        let expected = copied.map_or(needed.oldest.0.max(1), |(before, _)| before.0 + 1);
        // Nothing says that there were older ones than the first, if nothing says where the journal begins.
        let is_known = copied.is_some() || bounds.is_some();
        if is_known && expected < segment.0 {
            let last = SegmentId(segment.0 - 1);
            lost.push(Lost::Segments { first: SegmentId(expected), last });
            if let Some((_, (before, end))) = copied {
                let number = SegmentId(before.0 + 1);
                let bridge = bridge(number, end, next_snapshot(&segments[index..], &mut read)?.as_deref());
                write(number, &bridge)?;
                copied = Some((last, (number, bridge.len() as u32)));
            }
        }
        let bytes = read(segment)?;
        is_latest_version |= Header::decode(&bytes).is_ok_and(|header| header.version > 1);
        let next = behind.first().filter(|next| next.0 == segment.0 + 1);
        let end = match next {
            Some(next) => Header::decode(&read(*next)?).ok().map(|header| header.previous_end),
            None => None,
        };
        let number = copied.map_or(segment, |(_, (before, _))| SegmentId(before.0 + 1));
        let mut repaired = Repaired::of(segment, &bytes, end, &mut lost);
        let before = copied.map_or_else(
            // The first one may follow others that are not needed any more.
            || Header::decode(&bytes).map_or(0, |header| header.previous_end),
            |(_, (_, end))| end,
        );
        if !repaired.has_snapshot && (copied.is_none() || !repaired.continues) {
            repaired.insert_snapshot(next_snapshot(behind, &mut read)?);
        }
        let file = repaired.to_file(number, before);
        write(number, &file)?;
        copied = Some((segment, (number, file.len() as u32)));
        if behind.is_empty() && needed.synced.0 == segment && bytes.len() < needed.synced.1 as usize {
            let (offset, synced) = (bytes.len() as u64, u64::from(needed.synced.1));
            lost.push(Lost::End { segment, offset, bytes: synced - offset });
        }
    }
    let last = copied.map_or(needed.oldest.0.max(1).saturating_sub(1), |(last, _)| last.0);
    if last < needed.synced.0.0 {
        lost.push(Lost::Segments { first: SegmentId(last + 1), last: needed.synced.0 });
    }
    if bounds.is_none() && is_latest_version {
        lost.push(Lost::Bounds);
    }
    if let (Some(&oldest), Some((_, synced))) = (segments.first(), copied) {
        write(SegmentId::BOUNDS, &Bounds { oldest, synced }.to_file())?;
    }
    Ok(lost)
}

/// What can be read of a segment. Marks are left out: they tell of places in the damaged file.
struct Repaired {
    continues: bool,
    has_snapshot: bool,
    records: Vec<u8>,
}

impl Repaired {
    /// `end`: what the next segment says of this one's length; what stands behind that was never safe.
    fn of(segment: SegmentId, bytes: &[u8], end: Option<u32>, lost: &mut Vec<Lost>) -> Repaired {
        let header = Header::decode(bytes);
        let continues = header.is_ok_and(|header| header.continues);
        let mut repaired = Repaired { continues, has_snapshot: false, records: Vec::new() };
        let expected = end.map_or(bytes.len(), |end| end as usize);
        let drop = |lost: &mut Vec<Lost>, at: usize, bytes: usize| {
            lost.push(Lost::Part { segment, offset: at as u64, bytes: bytes as u64 });
        };
        if header.is_err() {
            drop(lost, 0, bytes.len().min(HEADER_BYTES));
        }
        let mut at = header.map_or(HEADER_BYTES, |header| header.bytes() as usize);
        let known = bytes.get(..expected).unwrap_or(bytes);
        while let Some(rest) = known.get(at..).filter(|rest| !rest.is_empty()) {
            let whole = whole(rest);
            let length = whole.unwrap_or_else(|| next_record(rest));
            match rest.get(..length).filter(|_| whole.is_some()) {
                Some(record) => repaired.keep(record),
                None => drop(lost, at, length),
            }
            at += length;
        }
        if known.len() < expected {
            let (offset, bytes) = (known.len() as u64, (expected - known.len()) as u64);
            lost.push(Lost::End { segment, offset, bytes });
        }
        repaired
    }

    fn keep(&mut self, record: &[u8]) {
        let content = record.get(PREFIX_BYTES..).unwrap_or_default();
        self.has_snapshot |= matches!(Record::decode(content), Some(Record::Snapshot(_)));
        if !content.starts_with(&MARK) {
            self.records.extend_from_slice(record);
        }
    }

    /// In place of the one that it has lost: without any, nobody would know the queues of its messages.
    fn insert_snapshot(&mut self, snapshot: Option<Vec<u8>>) {
        if let Some(snapshot) = snapshot {
            self.records.splice(..0, snapshot);
            (self.continues, self.has_snapshot) = (false, true);
        }
    }

    fn to_file(&self, number: SegmentId, previous_end: u32) -> Vec<u8> {
        let header = Header::new(number, previous_end, self.continues || !self.has_snapshot);
        [&header.encode()[..], &self.records].concat()
    }
}

/// A segment in place of one that is missing. It has the next snapshot: the queues of that are those of the messages
/// behind it.
fn bridge(segment: SegmentId, previous_end: u32, snapshot: Option<&[u8]>) -> Vec<u8> {
    let header = Header::new(segment, previous_end, snapshot.is_none());
    [&header.encode()[..], snapshot.unwrap_or_default()].concat()
}

/// The records of the first snapshot in these segments.
fn next_snapshot<E>(
    segments: &[SegmentId],
    read: &mut impl FnMut(SegmentId) -> Result<Vec<u8>, E>,
) -> Result<Option<Vec<u8>>, E> {
    for &segment in segments {
        if let Some(snapshot) = snapshot_of(&read(segment)?) {
            return Ok(Some(snapshot));
        }
    }
    Ok(None)
}

/// The records of a segment's snapshot, if all of it can be read.
fn snapshot_of(bytes: &[u8]) -> Option<Vec<u8>> {
    // A damaged header takes nothing from the snapshot behind it.
    let mut at = Header::decode(bytes).map_or(HEADER_BYTES, |header| header.bytes() as usize);
    let (mut found, mut is_in_parts) = (Vec::new(), false);
    loop {
        let rest = bytes.get(at..)?;
        let record = rest.get(..whole(rest)?)?;
        at += record.len();
        match Record::decode(record.get(PREFIX_BYTES..)?)? {
            Record::Mark(..) => continue,
            Record::Begin if found.is_empty() => is_in_parts = true,
            Record::SnapshotContinues(_) if is_in_parts => {}
            Record::End if is_in_parts => is_in_parts = false,
            Record::Snapshot(_) => {}
            _ => return None,
        }
        found.extend_from_slice(record);
        if !is_in_parts {
            return Some(found);
        }
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

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Bounds => write!(
                f,
                "{} cannot be read: older or newer segments may be missing as well",
                SegmentId::BOUNDS.file_name()
            ),
            Lost::Segments { first, last } => {
                match first == last {
                    true => write!(f, "{} is missing", first.file_name())?,
                    false => write!(f, "{} to {} are missing", first.file_name(), last.file_name())?,
                }
                f.write_str(
                    ": messages recorded only there are gone, and messages whose acks were recorded only there come back",
                )
            }
            Lost::End { segment, offset, bytes } => {
                write!(
                    f,
                    "{} ends at byte {offset}: {bytes} bytes behind it are missing",
                    segment.file_name()
                )
            }
            Lost::Part { segment, offset, bytes } => {
                write!(f, "{}: {bytes} bytes from byte {offset} on say nothing", segment.file_name())
            }
        }
    }
}
