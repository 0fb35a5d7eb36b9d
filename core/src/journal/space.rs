//! Which segments are still of use, and the end of those that are not.

use super::{DiskAction, Journal, Place};
use crate::id::SegmentId;

impl Journal {
    /// The messages of this record have so many places in queues.
    pub(crate) fn hold(&mut self, place: Place, copies: u64) {
        if let Some(usage) = self.usage.get_mut(&place.segment) {
            usage.live += copies;
            usage.copies += copies;
        }
    }

    /// So many of them are not needed any more.
    pub(crate) fn release(&mut self, segment: SegmentId, copies: u64) {
        if let Some(usage) = self.usage.get_mut(&segment) {
            usage.live = usage.live.saturating_sub(copies);
            // Whether cleaning is worth it is asked only now and then.
            self.dirty |= usage.live == 0 || usage.live == usage.copies / 2;
        }
    }

    /// Has the oldest segments deleted if nothing in them is of use.
    pub(crate) fn trim(&mut self) {
        while let Some((&segment, usage)) = self.usage.first_key_value()
            && segment != self.active
            && usage.live == 0
        {
            self.usage.remove(&segment);
            // A message may be of no use there because it stands elsewhere now, as a dead letter or moved: whatever has
            // been recorded up to this moment has to be synced before its old record goes.
            let recorded = (self.active, self.end);
            let early = planted!(self, SegmentDeletedEarly);
            self.doomed.push_back((if early { Default::default() } else { recorded }, segment));
        }
        self.delete_doomed();
    }

    /// Deletes what is of no use any more, the oldest first. A segment with a later snapshot has to be synced before.
    pub(super) fn delete_doomed(&mut self) {
        let (snapshot_in, _) = self.synced;
        while let Some(&(recorded, segment)) = self.doomed.front()
            && recorded <= self.synced
            && segment < snapshot_in
        {
            self.doomed.pop_front();
            self.ask(DiskAction::Delete { segment });
        }
    }

    /// The oldest segment, if more than half of all that the files hold is of no use.
    pub(crate) fn dirtiest(&mut self) -> Option<SegmentId> {
        if !std::mem::take(&mut self.dirty) {
            return None;
        }
        let (&oldest, _) = self.usage.first_key_value().filter(|&(&oldest, _)| oldest != self.active)?;
        let others = || self.usage.iter().filter(|&(&segment, _)| segment != self.active);
        let bytes: u64 = others().map(|(_, usage)| usage.bytes).sum();
        let live: u64 = others().map(|(_, usage)| usage.live_bytes()).sum();
        (live < bytes / 2).then_some(oldest)
    }

    pub(crate) fn is_gone(&self, segment: SegmentId) -> bool {
        !self.usage.contains_key(&segment)
    }
}
