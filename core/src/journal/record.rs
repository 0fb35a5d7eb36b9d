//! Records: how they stand in a segment, and what they say. `FORMAT.md` gives the bytes.

use super::{
    change::Change,
    codec::{Decoder, put_number},
    stored::{Head, StoredCopy, put_message, read_head, read_message},
};
use crate::{QueueId, checksum, id::SegmentId, message::Message, queue::Returns};

/// Where a record is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Place {
    pub(crate) segment: SegmentId,
    /// In bytes from the segment's beginning.
    pub(crate) offset: u32,
    /// Its whole length, in bytes.
    pub(crate) bytes: u32,
}

impl Place {
    /// Where the next one begins.
    pub(crate) fn end(self) -> u32 {
        self.offset + self.bytes
    }
}

/// Bytes before what a record says: its length and a check sum.
pub(super) const PREFIX_BYTES: usize = 8;

/// What begins every write: by it a reader finds its feet again behind damage.
pub(super) const MARK: [u8; 9] = [KIND_MARK, b'W', b'a', b'r', b'r', b'e', b'n', 0xf0, 0x9f];
/// The length of a mark, prefix included.
pub(super) const MARK_BYTES: usize = PREFIX_BYTES + MARK.len() + 8;

const KIND_MARK: u8 = 1;
pub(super) const KIND_SNAPSHOT: u8 = 2;
pub(super) const KIND_CHANGE: u8 = 3;
const KIND_MESSAGE: u8 = 4;
const KIND_MOVED: u8 = 5;
const KIND_REMOVED: u8 = 6;
const KIND_RETURNED: u8 = 7;
const KIND_BEGIN: u8 = 8;
const KIND_END: u8 = 9;
const KIND_REDELIVERED: u8 = 10;
const KIND_CLOSED: u8 = 11;
const KIND_SNAPSHOT_CONTINUES: u8 = 12;
const KIND_DELIVERED: u8 = 13;

/// What a record says, as far as recovery wants to know.
#[derive(Clone)]
pub(super) enum Record {
    /// Everything before this place had been synced when this was written.
    Mark(SegmentId, u32),
    /// The state at the beginning of a segment.
    Snapshot(Vec<Change>),
    /// More of it.
    SnapshotContinues(Vec<Change>),
    Change(Change),
    Message(Head),
    /// A message that stood in an old segment, so that this can go: it counts when that is gone.
    Moved(SegmentId, Head),
    /// Positions of a queue that are not needed any more, as first and last ones.
    Removed(QueueId, Vec<(u64, u64)>),
    /// How often a delivery came back.
    Returned(QueueId, u64, Returns),
    /// What follows counts only if the end is there, too.
    Begin,
    End,
    /// Positions of a queue whose messages have been delivered before; ranges as above.
    Redelivered(QueueId, Vec<(u64, u64)>),
    /// Positions of a quorum queue whose messages have been delivered, until the queue gets them back or removes them;
    /// ranges as above.
    Delivered(QueueId, Vec<(u64, u64)>),
    /// The broker was shut down in order: what it said last of redelivered messages is all there is to say.
    Closed,
}

/// Puts a record whose content `put` writes; returns its length. One of more than 32 bits is not whole.
pub(super) fn put_record(out: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) -> u64 {
    let start = out.len();
    out.extend_from_slice(&[0; PREFIX_BYTES]);
    put(out);
    seal(&mut out[start..]);
    (out.len() - start) as u64
}

/// Writes length and check sum into a record's prefix.
pub(super) fn seal(record: &mut [u8]) {
    let length = (record.len() - PREFIX_BYTES) as u32;
    record[..4].copy_from_slice(&length.to_le_bytes());
    let sum = check_sum(length, &record[PREFIX_BYTES..]);
    record[4..PREFIX_BYTES].copy_from_slice(&sum.to_le_bytes());
}

fn check_sum(length: u32, content: &[u8]) -> u32 {
    let mut hasher = checksum::Hasher::new();
    hasher.update(&length.to_le_bytes());
    hasher.update(content);
    hasher.finalize()
}

/// The content of the record that begins here, and how long the record is.
pub(super) enum Framed<'a> {
    Whole(&'a [u8]),
    /// At least this many bytes are needed to go on.
    Needs(u64),
    /// Its length or its check sum is none.
    Broken,
}

/// Takes the record that begins here apart.
pub(super) fn frame(bytes: &[u8]) -> Framed<'_> {
    let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX_BYTES>() else {
        return Framed::Needs(PREFIX_BYTES as u64);
    };
    let [a, b, c, d, e, f, g, h] = *prefix;
    let (length, sum) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    if length == 0 {
        return Framed::Broken;
    }
    match rest.get(..length as usize) {
        None => Framed::Needs(PREFIX_BYTES as u64 + u64::from(length)),
        Some(content) if check_sum(length, content) == sum => Framed::Whole(content),
        Some(_) => Framed::Broken,
    }
}

impl Record {
    /// Reads a record's content; `None` if it is none.
    pub(super) fn decode(content: &[u8]) -> Option<Record> {
        let (&kind, rest) = content.split_first()?;
        let mut from = Decoder(rest);
        let from = &mut from;
        let record = match kind {
            KIND_MARK => {
                let place = content.strip_prefix(&MARK)?;
                let (segment, offset) = (place.first_chunk::<4>()?, place.get(4..)?.first_chunk::<4>()?);
                return Some(Record::Mark(
                    SegmentId(u32::from_le_bytes(*segment)),
                    u32::from_le_bytes(*offset),
                ));
            }
            // The message itself follows, and is read only when it is needed.
            KIND_MESSAGE => return read_head(from).map(Record::Message),
            KIND_MOVED => return Some(Record::Moved(SegmentId(from.small()?), read_head(from)?)),
            KIND_SNAPSHOT => Record::Snapshot(from.list(Change::decode)?),
            KIND_SNAPSHOT_CONTINUES => Record::SnapshotContinues(from.list(Change::decode)?),
            KIND_CHANGE => Record::Change(Change::decode(from)?),
            KIND_REMOVED => Record::Removed(QueueId(from.number()?), read_ranges(from)?),
            KIND_REDELIVERED => Record::Redelivered(QueueId(from.number()?), read_ranges(from)?),
            KIND_DELIVERED => Record::Delivered(QueueId(from.number()?), read_ranges(from)?),
            KIND_RETURNED => {
                let (queue, position) = (QueueId(from.number()?), from.number()?);
                let returns = Returns { acquired: from.small()?, failed: from.small()? };
                Record::Returned(queue, position, returns)
            }
            KIND_BEGIN => Record::Begin,
            KIND_END => Record::End,
            KIND_CLOSED => Record::Closed,
            _ => return None,
        };
        from.0.is_empty().then_some(record)
    }
}

/// Writes what a mark says into the room left for it.
pub(super) fn write_mark(record: &mut [u8; MARK_BYTES], segment: SegmentId, offset: u32) {
    let (_, content) = record.split_at_mut(PREFIX_BYTES);
    let (magic, place) = content.split_at_mut(MARK.len());
    magic.copy_from_slice(&MARK);
    place[..4].copy_from_slice(&segment.0.to_le_bytes());
    place[4..].copy_from_slice(&offset.to_le_bytes());
    seal(record);
}

/// A whole snapshot, or a part of one: so many changes, encoded.
pub(super) fn put_snapshot_part(out: &mut Vec<u8>, is_first: bool, count: u64, changes: &[u8]) {
    out.push(if is_first { KIND_SNAPSHOT } else { KIND_SNAPSHOT_CONTINUES });
    put_number(out, count);
    out.extend_from_slice(changes);
}

pub(crate) fn put_change(out: &mut Vec<u8>, change: &Change) {
    out.push(KIND_CHANGE);
    change.encode(out);
}

pub(crate) fn put_stored(out: &mut Vec<u8>, message: &Message, transient: bool, copies: &[StoredCopy]) {
    out.push(KIND_MESSAGE);
    put_message(out, message, transient, copies);
}

pub(crate) fn put_moved(
    out: &mut Vec<u8>,
    from: SegmentId,
    message: &Message,
    transient: bool,
    copy: StoredCopy,
) {
    out.push(KIND_MOVED);
    put_number(out, from.0.into());
    put_message(out, message, transient, &[copy]);
}

/// `ranges` of positions, first and last, in their order.
pub(super) fn put_removed(out: &mut Vec<u8>, queue: QueueId, ranges: &[(u64, u64)]) {
    put_ranges(out, KIND_REMOVED, queue, ranges);
}

pub(crate) fn put_redelivered(out: &mut Vec<u8>, queue: QueueId, ranges: &[(u64, u64)]) {
    put_ranges(out, KIND_REDELIVERED, queue, ranges);
}

pub(super) fn put_delivered(out: &mut Vec<u8>, queue: QueueId, ranges: &[(u64, u64)]) {
    put_ranges(out, KIND_DELIVERED, queue, ranges);
}

/// Each range is told from the end of the one before.
fn put_ranges(out: &mut Vec<u8>, kind: u8, queue: QueueId, ranges: &[(u64, u64)]) {
    out.push(kind);
    put_number(out, queue.0);
    put_number(out, ranges.len() as u64);
    let mut latest = 0;
    for &(first, last) in ranges {
        put_number(out, first - latest);
        put_number(out, last - first);
        latest = last;
    }
}

fn read_ranges(from: &mut Decoder<'_>) -> Option<Vec<(u64, u64)>> {
    let mut ranges = from.list(|from| Some((from.number()?, from.number()?)))?;
    let mut latest = 0_u64;
    for (first, last) in &mut ranges {
        *first = latest.checked_add(*first)?;
        *last = first.checked_add(*last)?;
        latest = *last;
    }
    Some(ranges)
}

pub(crate) fn put_returned(out: &mut Vec<u8>, queue: QueueId, position: u64, returns: Returns) {
    out.push(KIND_RETURNED);
    [queue.0, position, returns.acquired.into(), returns.failed.into()]
        .into_iter()
        .for_each(|number| put_number(out, number));
}

pub(super) fn put_begin(out: &mut Vec<u8>) {
    out.push(KIND_BEGIN);
}

pub(super) fn put_end(out: &mut Vec<u8>) {
    out.push(KIND_END);
}

pub(crate) fn put_closed(out: &mut Vec<u8>) {
    out.push(KIND_CLOSED);
}

/// The message in a record's content, and its places in queues.
pub(super) fn message_of(content: &[u8]) -> Option<(Message, Vec<StoredCopy>)> {
    let (&kind, rest) = content.split_first()?;
    let mut from = Decoder(rest);
    match kind {
        KIND_MESSAGE => {}
        KIND_MOVED => {
            from.small()?;
        }
        _ => return None,
    }
    read_message(&mut from)
}

/// The message in the record that stands here, which has this place in this queue.
pub(crate) fn stored_at(bytes: &[u8], queue: QueueId, position: u64) -> Option<Message> {
    let Framed::Whole(content) = frame(bytes) else { return None };
    let (message, copies) = message_of(content)?;
    copies.iter().any(|copy| copy.queue == queue && copy.position == position).then_some(message)
}
