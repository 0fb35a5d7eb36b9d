//! The journal as it is written: records collect, and go to the disk together.
//!
//! Everything that is appended while a commit is on its way to the disk shares the next one (group commit). At most one
//! commit, and so at most one sync, is in flight.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::{
    DiskAction, DiskFailure, DiskResult, SyncPolicy,
    ranges::ranges_of,
    record::{MARK_BYTES, Place, put_record, put_removed, write_mark},
    segment::{Header, Usage},
};
use crate::{
    Config, Instant, QueueId,
    id::SegmentId,
    ordered::{OrdMap, sort_by},
};

/// Which commit a record is part of. Commits become safe in the order of their numbers.
pub(crate) type Group = u64;

#[derive(Clone)]
pub(crate) struct Journal {
    pub(super) sync: SyncPolicy,
    /// Every segment that is still needed; the last one is written to.
    pub(super) usage: OrdMap<SegmentId, Usage>,
    pub(super) active: SegmentId,
    /// Where the next record goes.
    pub(super) end: u32,
    /// What has not been given to the disk.
    pieces: Vec<Piece>,
    /// Positions that messages have left, not recorded yet.
    removed: OrdMap<QueueId, Vec<u64>>,
    pub(super) group: Group,
    pub(super) safe: Group,
    flight: Option<Flight>,
    /// Up to where the files can be read.
    pub(super) written: (SegmentId, u32),
    /// Up to where they have been synced.
    pub(super) synced: (SegmentId, u32),
    synced_at: Instant,
    /// What has been synced since the latest mark said so.
    unmarked: bool,
    /// Segments have lost so much that it is time to ask whether to clean.
    pub(super) dirty: bool,
    /// Somebody waits for the open commit.
    urgent: bool,
    /// When the open commit goes to the disk though nobody waits for it.
    lazy_due: Option<Instant>,
    /// The disk is full: when to try again.
    retry_at: Option<Instant>,
    /// Segments to be deleted, in this order, and up to where the journal has to be synced before.
    pub(super) doomed: VecDeque<((SegmentId, u32), SegmentId)>,
    latest_op: u64,
    actions: VecDeque<(u64, DiskAction)>,
    #[cfg(feature = "planted-bugs")]
    pub(super) bug: Option<crate::Bug>,
}

/// Bytes that go to one segment in one write.
#[derive(Clone)]
struct Piece {
    segment: SegmentId,
    offset: u32,
    create: bool,
    /// Where in `bytes` its mark is.
    mark_at: u32,
    bytes: Vec<u8>,
}

/// A commit on its way.
#[derive(Clone)]
struct Flight {
    group: Group,
    op: u64,
    step: Step,
    segment: SegmentId,
    offset: u32,
    bytes: Arc<Vec<u8>>,
    next: VecDeque<Piece>,
    only_marks: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Create,
    Write,
    Sync,
}

/// What an answer of the disk has led to.
pub(crate) enum Progress {
    None,
    /// A commit has come further; when it is `safe`, so are all before it.
    On {
        commit: Group,
        written: bool,
        synced: bool,
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
const RETRY: Duration = Duration::from_secs(1);
/// What a write sets aside at first, in bytes.
const FIRST_CAPACITY: usize = 4 << 10;

impl Journal {
    /// Goes on behind the segments that recovery has found; the host has to call [`Journal::roll`] first.
    pub(crate) fn behind(config: &Config, usage: OrdMap<SegmentId, Usage>, latest: (SegmentId, u32)) -> Self {
        Journal {
            sync: config.sync,
            usage,
            active: latest.0,
            end: latest.1,
            pieces: Vec::new(),
            removed: OrdMap::new(),
            group: 1,
            safe: 0,
            flight: None,
            written: latest,
            // The broker before may have been killed between a write and its sync. The file can be read, and a power cut
            // would take it all the same: it is synced before anything is built on it.
            synced: (latest.0, 0),
            synced_at: Instant::ZERO,
            unmarked: false,
            dirty: false,
            urgent: false,
            lazy_due: None,
            retry_at: None,
            doomed: VecDeque::new(),
            latest_op: 0,
            actions: VecDeque::new(),
            #[cfg(feature = "planted-bugs")]
            bug: config.bug,
        }
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
        let (segment, offset) = (self.active, self.open().end);
        let Some(piece) = self.pieces.last_mut() else { return Place::default() };
        let bytes = put_record(&mut piece.bytes, put);
        self.end += bytes;
        self.grown(bytes);
        Place { segment, offset, bytes }
    }

    /// Begins the next segment with a snapshot of the state.
    pub(crate) fn roll(&mut self, put_snapshot: impl FnOnce(&mut Vec<u8>)) {
        self.record_removed();
        let previous_end = self.end;
        self.active = SegmentId(self.active.0 + 1);
        let header = Header { segment: self.active, previous_end };
        self.usage.insert(self.active, Usage::default());
        self.end = 0;
        self.begin_piece(true, header.encode().to_vec());
        self.append(put_snapshot);
        self.urgent = true;
    }

    /// How long the segment that is written to has become.
    pub(crate) fn active_bytes(&self) -> u32 {
        self.end
    }

    /// A message has left a position of a durable queue for good.
    pub(crate) fn remove(&mut self, queue: QueueId, position: u64) {
        self.removed.entry(queue).or_default().push(position);
    }

    /// A queue is gone: what it still has to say of its positions is of no use.
    pub(crate) fn forget_queue(&mut self, queue: QueueId) {
        self.removed.remove(&queue);
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
        if self.flight.is_some() {
            return;
        }
        let waiting = !self.pieces.is_empty() || !self.removed.is_empty();
        if !waiting && !self.unmarked {
            self.lazy_due = None;
            return self.sync_rest(now);
        }
        let bytes = self.pieces.last().map_or(0, |piece| piece.bytes.len());
        let due = *self.lazy_due.get_or_insert(now + LAZY) <= now;
        if self.urgent || due || bytes >= LAZY_BYTES {
            self.commit(!waiting);
        }
    }

    /// When to call [`Journal::advance`] next, if nothing happens first.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let idle = self.flight.is_none();
        let lazy_due = self.lazy_due.or_else(|| self.sync_due()).filter(|_| idle);
        self.retry_at.or(lazy_due)
    }

    /// Takes in how an operation went that is no read.
    pub(crate) fn done(&mut self, op: u64, result: DiskResult, now: Instant) -> Progress {
        let Some(flight) = self.flight.as_mut().filter(|flight| flight.op == op) else {
            // What was deleted after one that cannot be deleted would look as if it were missing.
            return match result {
                DiskResult::Failed(failure) => Progress::Broken(failure),
                _ => Progress::None,
            };
        };
        match (result, flight.step) {
            (DiskResult::Failed(failure), step) if failure.full && step != Step::Sync => {
                let known = self.retry_at.is_some();
                self.retry_at = Some(now + RETRY);
                return if known { Progress::None } else { Progress::Full };
            }
            (DiskResult::Failed(failure), _) => return Progress::Broken(failure),
            _ => {}
        }
        self.retry_at = None;
        let (commit, step) = (flight.group, flight.step);
        let safe = self.go_on(now);
        Progress::On { commit, written: step == Step::Write, synced: step == Step::Sync, safe }
    }

    /// The step in flight is done: on to the next. `true` if that was the commit's last.
    fn go_on(&mut self, now: Instant) -> bool {
        let Some(flight) = &mut self.flight else { return false };
        let end = (flight.segment, flight.offset + flight.bytes.len() as u32);
        match flight.step {
            Step::Create => flight.step = Step::Write,
            Step::Write => {
                self.written = end;
                // A segment is whole before the next one is there, whatever the setting.
                let rolls = flight.next.front().is_some_and(|next| next.create);
                if self.sync.is_due(self.synced_at, now) || rolls {
                    flight.step = Step::Sync;
                } else if !flight.take_next() {
                    return self.land();
                }
            }
            Step::Sync => {
                self.synced = end;
                self.synced_at = now;
                self.unmarked |= !flight.only_marks;
                if !flight.take_next() {
                    return self.land();
                }
            }
        }
        self.repeat();
        false
    }

    /// The commit is safe.
    fn land(&mut self) -> bool {
        if let Some(flight) = self.flight.take() {
            self.safe = flight.group;
        }
        self.delete_doomed();
        true
    }

    /// Syncs what was written without (`SyncPolicy::Interval`).
    fn sync_rest(&mut self, now: Instant) {
        if self.sync_due().is_none_or(|due| due > now) {
            return;
        }
        let (segment, offset) = self.written;
        self.flight = Some(Flight {
            group: self.safe,
            op: 0,
            step: Step::Sync,
            segment,
            offset,
            bytes: Arc::default(),
            next: VecDeque::new(),
            only_marks: false,
        });
        self.repeat();
    }

    /// When what was written without is to be synced.
    fn sync_due(&self) -> Option<Instant> {
        match self.sync {
            SyncPolicy::Interval(interval) if self.synced != self.written => Some(self.synced_at + interval),
            _ => None,
        }
    }

    /// Everything that has collected goes to the disk.
    fn commit(&mut self, only_marks: bool) {
        self.record_removed();
        self.open();
        let (segment, offset) = self.synced;
        for piece in &mut self.pieces {
            let mark = piece.bytes[piece.mark_at as usize..].first_chunk_mut::<MARK_BYTES>();
            if let Some(mark) = mark {
                write_mark(mark, segment, offset);
            }
        }
        let mut flight = Flight {
            group: self.group,
            op: 0,
            step: Step::Write,
            segment: self.active,
            offset: 0,
            bytes: Arc::default(),
            next: std::mem::take(&mut self.pieces).into(),
            only_marks,
        };
        // What was written without a sync is whole before the next segment is there.
        let rolls = flight.next.front().is_some_and(|next| next.create);
        if rolls && self.synced != self.written {
            flight.step = Step::Sync;
            (flight.segment, flight.offset) = self.written;
        } else {
            flight.take_next();
        }
        self.flight = Some(flight);
        self.group += 1;
        (self.urgent, self.unmarked, self.lazy_due) = (false, false, None);
        self.repeat();
    }

    /// Asks the disk for the step in flight.
    fn repeat(&mut self) {
        let Some(flight) = &self.flight else { return };
        let segment = flight.segment;
        let action = match flight.step {
            Step::Create => DiskAction::Create { segment },
            Step::Write => {
                DiskAction::Write { segment, offset: flight.offset.into(), bytes: flight.bytes.clone() }
            }
            Step::Sync => DiskAction::Sync { segment },
        };
        let op = self.ask(action);
        if let Some(flight) = &mut self.flight {
            flight.op = op;
        }
    }

    pub(super) fn ask(&mut self, action: DiskAction) -> u64 {
        self.latest_op += 1;
        self.actions.push_back((self.latest_op, action));
        self.latest_op
    }

    /// Sees to it that there is a piece to append to.
    fn open(&mut self) -> &mut Self {
        if self.pieces.is_empty() {
            self.begin_piece(false, Vec::with_capacity(FIRST_CAPACITY));
        }
        self
    }

    /// Every piece begins with a mark, behind the header of a new segment.
    fn begin_piece(&mut self, create: bool, mut bytes: Vec<u8>) {
        let (offset, mark_at) = (self.end, bytes.len() as u32);
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

    /// Records the positions that messages have left.
    pub(crate) fn record_removed(&mut self) {
        for (queue, mut positions) in std::mem::take(&mut self.removed) {
            sort_by(&mut positions, u64::cmp);
            let ranges = ranges_of(&positions);
            self.append(|out| put_removed(out, queue, &ranges));
        }
    }
}

impl Flight {
    fn bytes(&self) -> usize {
        self.bytes.len() + self.next.iter().map(|piece| piece.bytes.len()).sum::<usize>()
    }

    /// Goes on with the next piece, if there is one.
    fn take_next(&mut self) -> bool {
        let Some(Piece { segment, offset, create, bytes, .. }) = self.next.pop_front() else { return false };
        self.step = if create { Step::Create } else { Step::Write };
        (self.segment, self.offset, self.bytes) = (segment, offset, Arc::new(bytes));
        true
    }
}
