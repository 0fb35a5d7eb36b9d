//! The journal as it is written: records collect, and go to the disk together.
//!
//! Everything that is appended while a commit is on its way to the disk shares the next one (group commit). At most one
//! commit, and so at most one sync, is in flight.

use std::{collections::VecDeque, time::Duration};

use super::{
    Bounds, DiskAction, DiskFailure, Snapshot, SyncPolicy,
    bounds::BoundsFile,
    flight::Flight,
    record::{MARK_BYTES, Place, put_begin, put_end, put_record},
    report::Recovered,
    segment::{Header, Usage},
};
use crate::{Config, Instant, QueueId, id::SegmentId, ordered::OrdMap};

/// Which commit a record is part of. Commits become safe in the order of their numbers.
pub(crate) type Group = u64;

#[derive(Clone)]
pub(crate) struct Journal {
    pub(super) sync: SyncPolicy,
    segment_bytes: u32,
    /// Every segment that is still needed; the last one is written to.
    pub(super) usage: OrdMap<SegmentId, Usage>,
    pub(super) active: SegmentId,
    /// Where the next record goes.
    pub(super) end: u32,
    /// The length of the latest snapshot, and how much has been recorded behind it, in bytes.
    snapshot_bytes: u64,
    behind_snapshot: u64,
    /// What has not been given to the disk.
    pub(super) pieces: Vec<Piece>,
    /// What a write sets aside at first, in bytes: as much as the latest one took.
    pub(super) first_capacity: u32,
    /// Positions that messages have left, not recorded yet, as first and last ones.
    pub(super) removed: OrdMap<QueueId, Vec<(u64, u64)>>,
    /// Positions that quorum queues have delivered, not recorded yet: queue, first and last one.
    pub(super) delivered: Vec<(QueueId, u64, u64)>,
    pub(super) group: Group,
    pub(super) safe: Group,
    /// The latest commit of which everything is synced.
    pub(super) synced_group: Group,
    /// A transaction has been begun and not ended.
    pub(super) in_transaction: bool,
    pub(super) flight: Option<Flight>,
    /// Up to where the files can be read.
    pub(super) written: (SegmentId, u32),
    /// Up to where they have been synced.
    pub(super) synced: (SegmentId, u32),
    pub(super) synced_at: Instant,
    pub(super) bounds_file: BoundsFile,
    /// Segments have lost so much that it is time to ask whether to clean.
    pub(super) dirty: bool,
    /// Somebody waits for the open commit.
    pub(super) urgent: bool,
    /// When the open commit goes to the disk though nobody waits for it.
    pub(super) lazy_due: Option<Instant>,
    /// The disk is full: when to try again.
    pub(super) retry_at: Option<Instant>,
    /// Segments that nothing in memory needs any more, the oldest first, and the commit that has to be synced before a
    /// restart does not need them either.
    pub(super) doomed: VecDeque<(Group, SegmentId)>,
    /// The oldest segment that a restart needs.
    pub(super) oldest: SegmentId,
    /// Older ones, which are deleted when the file of bounds says that they are not needed.
    pub(super) trimmed: VecDeque<SegmentId>,
    /// A record that is longer than any may be: nothing of the open commit may become safe.
    overlong: Option<u64>,
    latest_op: u64,
    actions: VecDeque<(u64, DiskAction)>,
    #[cfg(feature = "planted-bugs")]
    pub(super) bug: Option<crate::Bug>,
}

/// Bytes that go to one file in one write.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) segment: SegmentId,
    pub(super) offset: u32,
    pub(super) create: bool,
    /// Where in `bytes` its mark is, if it has one.
    pub(super) mark_at: Option<u32>,
    pub(super) bytes: Vec<u8>,
}

/// What an answer of the disk has led to.
pub(crate) enum Progress {
    None,
    /// A commit has come further.
    On {
        /// More of the files can be read back.
        readable: bool,
        /// All of this commit is written.
        written: Option<Group>,
        /// All commits up to this one are synced, and were not before.
        synced: Option<Group>,
        /// A commit is safe, and so are all before it.
        safe: bool,
    },
    /// There is no space left.
    Full,
    /// Nothing can be written any more.
    Broken(DiskFailure),
}

/// What nobody waits for is written after this time, or as soon as there is this much of it.
const LAZY: Duration = Duration::from_millis(10);
const LAZY_BYTES: usize = 256 << 10;
/// How long to wait for space before trying again.
pub(super) const RETRY: Duration = Duration::from_secs(1);
/// What a write sets aside at first at least and at most, in bytes.
pub(super) const LEAST_CAPACITY: u32 = 4 << 10;
pub(super) const MOST_CAPACITY: u32 = 128 << 10;
/// A write that has so many bytes is not continued; what follows is another one.
pub(super) const LONG_PIECE: usize = 1 << 20;
/// No record may be longer, in bytes. Messages are shorter by far, and what has no bound of its own is told in several.
const LONGEST_RECORD: u64 = 1 << 30;
/// No segment becomes so long that a place in it would not fit 32 bits, the longest record included.
const LONGEST_SEGMENT: u64 = 2 << 30;
/// A snapshot is not written again before this many times its length has been recorded behind it.
const SNAPSHOTS_APART: u64 = 2;

impl Journal {
    /// Goes on behind the segments that recovery has found; the host has to call [`Journal::roll`] first.
    pub(crate) fn behind(config: &Config, usage: OrdMap<SegmentId, Usage>, found: &Recovered) -> Self {
        let latest = found.latest;
        let mut journal = Journal {
            sync: config.sync,
            segment_bytes: config.segment_bytes,
            oldest: usage.first_key_value().map_or(SegmentId(latest.0.0 + 1), |(&oldest, _)| oldest),
            usage,
            active: latest.0,
            end: latest.1,
            snapshot_bytes: 0,
            behind_snapshot: 0,
            pieces: Vec::new(),
            first_capacity: LEAST_CAPACITY,
            removed: OrdMap::new(),
            delivered: Vec::new(),
            group: 1,
            safe: 0,
            synced_group: 0,
            in_transaction: false,
            flight: None,
            written: latest,
            // The broker before may have been killed between a write and its sync. The file can be read, and a power cut
            // would take it all the same: it is synced before anything is built on it.
            synced: (latest.0, 0),
            synced_at: Instant::ZERO,
            bounds_file: BoundsFile::of(found.bounds),
            dirty: false,
            urgent: false,
            lazy_due: None,
            retry_at: None,
            doomed: VecDeque::new(),
            trimmed: found.leftover.iter().copied().collect(),
            overlong: None,
            latest_op: 0,
            actions: VecDeque::new(),
            #[cfg(feature = "planted-bugs")]
            bug: config.bug,
        };
        if journal.bounds_file.is_missing {
            let bounds = Bounds { synced: latest, oldest: journal.oldest };
            let (segment, bytes) = (SegmentId::BOUNDS, bounds.to_file());
            journal.pieces.push(Piece { segment, offset: 0, create: true, mark_at: None, bytes });
        }
        journal
    }

    /// The commit that the next record will be part of.
    pub(crate) fn group(&self) -> Group {
        self.group
    }

    /// The latest commit that is safe: synced, or what the setting takes for it.
    pub(crate) fn safe(&self) -> Group {
        self.safe
    }

    /// Somebody waits for what has been appended.
    pub(crate) fn hurry(&mut self) {
        self.urgent = true;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.retry_at.is_some()
    }

    /// Whether this much of a segment can be read back from the disk.
    pub(crate) fn is_readable(&self, segment: SegmentId, end: u32) -> bool {
        (segment, end) <= self.written
    }

    /// Whether a record can be read back from the disk.
    pub(crate) fn is_written(&self, place: Place) -> bool {
        self.is_readable(place.segment, place.end())
    }

    /// Bytes that wait for the disk.
    pub(crate) fn unwritten_bytes(&self) -> u64 {
        let waiting: usize = self.pieces.iter().map(|piece| piece.bytes.len()).sum();
        let flying = self.flight.as_ref().map_or(0, Flight::bytes);
        (waiting + flying) as u64
    }

    /// Adds a record.
    pub(crate) fn append(&mut self, put: impl FnOnce(&mut Vec<u8>)) -> Place {
        self.make_room();
        let (segment, offset) = (self.active, self.open().end);
        let Some(piece) = self.pieces.last_mut() else { return Place::default() };
        let start = piece.bytes.len();
        let length = put_record(&mut piece.bytes, put);
        let Some(bytes) = u32::try_from(length).ok().filter(|_| length <= LONGEST_RECORD) else {
            piece.bytes.truncate(start);
            self.overlong = Some(length);
            return Place::default();
        };
        self.has_put(length);
        Place { segment, offset, bytes }
    }

    /// The length of a record that could not be added because it is longer than any may be. Nothing of the open commit may
    /// be told to anybody then.
    pub(crate) fn overlong(&self) -> Option<u64> {
        self.overlong
    }

    /// One input may lead to any number of records: the next segment begins in the middle if it has to, without a
    /// snapshot. It belongs to this one then.
    fn make_room(&mut self) {
        let most = self.snapshot_bytes.saturating_add(2 * self.roll_after()).min(LONGEST_SEGMENT);
        if u64::from(self.end) >= most {
            self.begin_segment(true);
        }
    }

    /// Begins the next segment with a snapshot of the state. A long one comes in several records that count together.
    pub(crate) fn roll(&mut self, snapshot: Snapshot) {
        self.record_removed();
        self.begin_segment(false);
        self.behind_snapshot = 0;
        let mut parts = snapshot.into_parts();
        if parts.len() > 1 {
            self.append(put_begin);
            parts.into_iter().for_each(|part| self.put_part(part));
            self.append(put_end);
        } else if let (Some(part), Some(piece)) = (parts.pop(), self.pieces.last_mut()) {
            let record = &part[MARK_BYTES..];
            piece.bytes.extend_from_slice(record);
            self.has_put(record.len() as u64);
        }
        self.snapshot_bytes = std::mem::take(&mut self.behind_snapshot);
        self.urgent = true;
    }

    /// A record of a snapshot, behind room for a mark, is a write of its own.
    fn put_part(&mut self, bytes: Vec<u8>) {
        self.make_room();
        let (segment, offset, length) = (self.active, self.end, bytes.len() as u64);
        self.pieces.push(Piece { segment, offset, create: false, mark_at: Some(0), bytes });
        self.has_put(length);
    }

    /// So many bytes of records have been put behind what was there; they are fewer than a segment may have.
    fn has_put(&mut self, length: u64) {
        self.end += length as u32;
        self.grown(length as u32);
        self.behind_snapshot += length;
    }

    /// Whether a transaction has been begun and not ended.
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.in_transaction
    }

    /// Whether it is time for the next segment. Topology that takes longer than a segment does not count: its snapshot
    /// would be written again and again.
    pub(crate) fn is_due_to_roll(&self) -> bool {
        self.behind_snapshot >= self.roll_after()
    }

    fn roll_after(&self) -> u64 {
        u64::from(self.segment_bytes).max(SNAPSHOTS_APART * self.snapshot_bytes)
    }

    fn begin_segment(&mut self, continues: bool) {
        let previous_end = self.end;
        self.active = SegmentId(self.active.0 + 1);
        let header = Header::new(self.active, previous_end, continues);
        self.usage.insert(self.active, Usage { continues, begun: self.group, ..Usage::default() });
        self.end = 0;
        self.begin_piece(true, header.encode().to_vec());
    }

    /// Asks for a part of a segment; the answer has this number.
    pub(crate) fn read(&mut self, segment: SegmentId, offset: u32, bytes: u32) -> u64 {
        self.ask(DiskAction::Read { segment, offset: offset.into(), bytes })
    }

    /// The next operation for the disk.
    pub(crate) fn next_action(&mut self) -> Option<(u64, DiskAction)> {
        self.actions.pop_front()
    }

    /// Sends what has collected to the disk, if it is time and nothing is on its way.
    pub(crate) fn advance(&mut self, now: Instant) {
        if let Some(retry_at) = self.retry_at {
            if retry_at <= now {
                self.retry_at = Some(now + RETRY);
                self.repeat();
            }
            return;
        }
        // A transaction that is not whole must not become safe, nor what was recorded in the middle of it.
        if self.flight.is_some() || self.in_transaction {
            return;
        }
        let waiting = !self.pieces.is_empty() || !self.removed.is_empty() || !self.delivered.is_empty();
        if !waiting && !self.bounds_are_behind() {
            self.lazy_due = None;
            return self.sync_rest(now);
        }
        let bytes: usize = self.pieces.iter().map(|piece| piece.bytes.len()).sum();
        let due = *self.lazy_due.get_or_insert(now + LAZY) <= now;
        if waiting && (self.urgent || due || bytes >= LAZY_BYTES) {
            self.commit();
        } else if !waiting && due {
            self.lazy_due = None;
            self.keep_bounds();
            self.sync_bounds();
        }
    }

    /// When to call [`Journal::advance`] next, if nothing happens first.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let idle = self.flight.is_none();
        let lazy_due = self.lazy_due.or_else(|| self.sync_due()).filter(|_| idle);
        self.retry_at.or(lazy_due)
    }

    pub(super) fn ask(&mut self, action: DiskAction) -> u64 {
        self.latest_op += 1;
        self.actions.push_back((self.latest_op, action));
        self.latest_op
    }

    /// Sees to it that there is a piece to append to, and that none becomes long: one that grows is copied.
    fn open(&mut self) -> &mut Self {
        if self.pieces.last().is_none_or(|last| last.bytes.len() >= LONG_PIECE) {
            self.begin_piece(false, Vec::with_capacity(self.first_capacity as usize));
        }
        self
    }

    /// Every piece begins with a mark, behind the header of a new segment.
    fn begin_piece(&mut self, create: bool, mut bytes: Vec<u8>) {
        let (offset, mark_at) = (self.end, Some(bytes.len() as u32));
        bytes.resize(bytes.len() + MARK_BYTES, 0);
        self.end += bytes.len() as u32;
        self.grown(bytes.len() as u32);
        self.pieces.push(Piece { segment: self.active, offset, create, mark_at, bytes });
    }

    fn grown(&mut self, bytes: u32) {
        if let Some(usage) = self.usage.get_mut(&self.active) {
            usage.bytes += u64::from(bytes);
        }
    }
}
