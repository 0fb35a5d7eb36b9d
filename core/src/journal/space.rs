//! Which segments are still of use, and the end of those that are not.

use super::{
    DiskAction, Group, Journal, Place,
    record::{put_begin, put_end},
};
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
        let in_transaction = self.in_transaction;
        if let Some(usage) = self.usage.get_mut(&segment) {
            let before = usage.live;
            usage.live = usage.live.saturating_sub(copies);
            // Whether cleaning is worth it is asked only now and then.
            let less_than_half = usage.copies.saturating_sub(1) / 2;
            self.dirty |= usage.live == 0 || (before > less_than_half && usage.live <= less_than_half);
            if in_transaction {
                usage.replaced = Group::MAX;
            }
        }
    }

    /// One of them is not needed any more because of something that has been recorded just before: its segment has to stay
    /// until that is synced.
    pub(crate) fn release_replaced(&mut self, segment: SegmentId) {
        let group = self.group;
        if let Some(usage) = self.usage.get_mut(&segment) {
            usage.replaced = usage.replaced.max(group);
        }
        self.release(segment, 1);
    }

    /// What is recorded from now on counts only with the end of the transaction, and so does what it releases.
    pub(crate) fn begin_transaction(&mut self) {
        self.record_removed();
        self.append(put_begin);
        self.in_transaction = true;
    }

    /// It counts from now on.
    pub(crate) fn end_transaction(&mut self) {
        self.record_removed();
        self.append(put_end);
        self.in_transaction = false;
        let released = self.usage.values_mut().filter(|usage| usage.replaced == Group::MAX);
        released.for_each(|usage| usage.replaced = self.group);
    }

    /// Has the oldest segments deleted if nothing in them is of use. One without a snapshot goes with the one before it.
    pub(crate) fn trim(&mut self) {
        while self.usage.first_key_value().is_some_and(|(_, usage)| usage.live == 0)
            && let Some((&next, begun)) = self.next_snapshot()
            && self.usage.range(..next).all(|(_, usage)| usage.live == 0)
        {
            // A message may be of no use there because it stands elsewhere now: that has to be synced before it goes, and
            // the next snapshot, too. What was just taken out of a queue need not be: a full disk could not record that,
            // and gets room by it.
            let replaced = self.usage.range(..next).map(|(_, usage)| usage.replaced).max();
            let group = if planted!(self, SegmentDeletedEarly) {
                0
            } else {
                replaced.max(Some(begun)).unwrap_or(begun)
            };
            let kept = self.usage.split_off(&next);
            let trimmed = std::mem::replace(&mut self.usage, kept);
            self.doomed.extend(trimmed.keys().map(|&segment| (group, segment)));
        }
        self.delete_doomed();
    }

    /// The second segment with a snapshot, and the commit that has it.
    fn next_snapshot(&self) -> Option<(&SegmentId, Group)> {
        let mut behind = self.usage.iter().skip(1);
        behind.find(|(_, usage)| !usage.continues).map(|(segment, usage)| (segment, usage.begun))
    }

    /// No restart needs what nothing in memory needs, once what took its place is synced.
    pub(super) fn delete_doomed(&mut self) {
        while let Some(&(group, segment)) = self.doomed.front()
            && group <= self.synced_group
        {
            self.doomed.pop_front();
            self.oldest = SegmentId(segment.0 + 1);
            self.trimmed.push_back(segment);
        }
        if self.durable_oldest() < self.oldest {
            self.keep_bounds();
        }
        self.delete_trimmed();
    }

    /// Deletes what nobody misses any more.
    pub(super) fn delete_trimmed(&mut self) {
        while let Some(&segment) = self.trimmed.front()
            && segment < self.durable_oldest()
        {
            self.trimmed.pop_front();
            self.ask(DiskAction::Delete { segment });
        }
    }

    /// The oldest segment, if more than half of all that the files hold is of no use.
    pub(crate) fn dirtiest(&mut self) -> Option<SegmentId> {
        if !std::mem::take(&mut self.dirty) {
            return None;
        }
        let in_use = self.usage.iter().find(|(_, usage)| usage.live > 0);
        let (&oldest, _) = in_use.filter(|&(&oldest, _)| oldest != self.active)?;
        let others = || self.usage.iter().filter(|&(&segment, _)| segment != self.active);
        let bytes: u64 = others().map(|(_, usage)| usage.bytes).sum();
        let live: u64 = others().map(|(_, usage)| usage.live_bytes()).sum();
        (live < bytes / 2).then_some(oldest)
    }

    /// Whether nothing in a segment is of use. It may be there all the same, until what continues it goes, too.
    pub(crate) fn is_of_no_use(&self, segment: SegmentId) -> bool {
        self.usage.get(&segment).is_none_or(|usage| usage.live == 0)
    }
}
