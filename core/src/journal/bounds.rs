//! Where the journal begins and how far it has been synced, in a small file of its own: without it nobody could tell that
//! the oldest or the newest files are missing, or that the newest has been cut off.
//!
//! It has room for the bounds twice. Only one of the two is written to until it has been synced, so that the other one is
//! whole whenever the power is cut.

use super::{
    DiskAction, DiskFailure, Journal,
    log::Progress,
    segment::{VERSION, put_fields, read_fields},
};
use crate::id::SegmentId;

const MAGIC: [u8; 8] = *b"WarrenB\n";
/// The bytes of one of the two.
const SLOT_BYTES: usize = 32;
/// The bytes of the file.
pub(super) const BOUNDS_BYTES: usize = 2 * SLOT_BYTES;

/// What must be there of a journal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Bounds {
    /// Up to where the journal has been synced: the segment, and the offset in it in bytes. Segment 0: nothing has been
    /// yet.
    pub synced: (SegmentId, u32),
    /// The oldest segment that is needed. Older ones may still be there, because a crash came before they were deleted.
    pub oldest: SegmentId,
}

impl Bounds {
    /// The whole file that says so, as if it had just been made.
    #[must_use]
    pub fn to_file(self) -> Vec<u8> {
        let mut bytes = self.to_slot();
        bytes.resize(BOUNDS_BYTES, 0);
        bytes
    }

    fn to_slot(self) -> Vec<u8> {
        let mut bytes = vec![0; SLOT_BYTES];
        let (segment, offset) = self.synced;
        put_fields(&mut bytes, &MAGIC, &[VERSION, self.oldest.0, segment.0, offset]);
        bytes
    }

    /// What the file says; `None` if it says nothing.
    #[must_use]
    pub fn of_file(bytes: &[u8]) -> Option<Bounds> {
        Self::found(bytes).map(|(bounds, _)| bounds)
    }

    /// The same, and which of the two it is.
    pub(super) fn found(bytes: &[u8]) -> Option<(Bounds, u32)> {
        let slots = (0..).zip(bytes.chunks(SLOT_BYTES));
        let whole = slots.filter_map(|(slot, bytes)| {
            let [_, oldest, segment, offset] = read_fields::<4>(bytes, &MAGIC)?;
            Some((Bounds { synced: (SegmentId(segment), offset), oldest: SegmentId(oldest) }, slot))
        });
        whole.max()
    }
}

/// How the file is kept up to date.
#[derive(Clone, Default)]
pub(super) struct BoundsFile {
    /// It is made with the first commit.
    pub(super) is_missing: bool,
    /// Which of the two is written to.
    slot: u32,
    /// What the latest write says.
    written: Bounds,
    /// What is there whatever happens.
    durable: Bounds,
    latest_write: u64,
    /// A sync on its way, and whether the write before it has been done.
    syncing: Option<(u64, bool)>,
}

impl BoundsFile {
    /// For a file in which this one of the two holds.
    pub(super) fn of(found: Option<(Bounds, u32)>) -> BoundsFile {
        match found {
            None => BoundsFile { is_missing: true, ..BoundsFile::default() },
            Some((bounds, slot)) => BoundsFile {
                slot: 1 - slot.min(1),
                written: bounds,
                durable: bounds,
                ..BoundsFile::default()
            },
        }
    }

    /// It has just been made, and synced.
    pub(super) fn made(&mut self, bounds: Bounds) {
        *self = BoundsFile { slot: 1, written: bounds, durable: bounds, ..BoundsFile::default() };
    }
}

impl Journal {
    /// What is to stand in the file.
    pub(super) fn bounds(&self) -> Bounds {
        // A broker that has just started has synced nothing yet, and the one before had.
        Bounds { synced: self.synced.max(self.bounds_file.written.synced), oldest: self.oldest }
    }

    /// Whether the file would say less than is known after a power cut, and nothing is being done about it.
    pub(super) fn bounds_are_behind(&self) -> bool {
        let file = &self.bounds_file;
        !file.is_missing && file.syncing.is_none() && file.durable != self.bounds()
    }

    /// Writes down how far the journal has been synced. That is synced itself when there is time, or when old segments wait
    /// to be deleted: they go only when nobody needs them to be there any more.
    pub(super) fn keep_bounds(&mut self) {
        let bounds = self.bounds();
        let file = &mut self.bounds_file;
        if file.is_missing || file.syncing.is_some() {
            return;
        }
        if file.written != bounds {
            file.written = bounds;
            let offset = u64::from(file.slot) * SLOT_BYTES as u64;
            let bytes = bounds.to_slot().into();
            let op = self.ask(DiskAction::Write { segment: SegmentId::BOUNDS, offset, bytes });
            self.bounds_file.latest_write = op;
        }
        if self.bounds_file.durable.oldest < self.oldest {
            self.sync_bounds();
        }
    }

    /// Makes it survive a power cut.
    pub(super) fn sync_bounds(&mut self) {
        if self.bounds_file.syncing.is_some() {
            return;
        }
        let op = self.ask(DiskAction::Sync { segment: SegmentId::BOUNDS });
        self.bounds_file.syncing = Some((op, true));
    }

    /// An operation on the file is done, or has failed. `None`: the operation was another one.
    pub(super) fn bounds_done(&mut self, op: u64, failure: Option<DiskFailure>) -> Option<Progress> {
        let file = &mut self.bounds_file;
        let is_sync = file.syncing.is_some_and(|(sync, _)| sync == op);
        match failure {
            _ if op != file.latest_write && !is_sync => return None,
            Some(failure) if is_sync || !failure.full => return Some(Progress::Broken(failure)),
            Some(_) => {
                // Not even these few bytes have room. The next commit that is synced has them written again.
                file.written = file.durable;
                file.syncing = file.syncing.map(|(sync, _)| (sync, false));
            }
            None if is_sync => {
                let is_written = file.syncing.take().is_some_and(|(_, is_written)| is_written);
                if is_written {
                    file.durable = file.written;
                    file.slot = 1 - file.slot;
                    self.delete_trimmed();
                    self.keep_bounds();
                }
            }
            None => {}
        }
        Some(Progress::None)
    }

    /// The oldest segment that is needed, as the file says it whatever happens.
    pub(super) fn durable_oldest(&self) -> SegmentId {
        self.bounds_file.durable.oldest
    }
}
