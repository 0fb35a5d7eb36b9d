//! What has become of messages in queues: their positions collect, and are recorded as ranges with the next commit.

use super::{
    Journal,
    ranges::{Ranges, join},
    record::{put_delivered, put_removed},
};
use crate::{QueueId, ordered::sort_by};

/// Ranges of removed positions in one record at most.
pub(crate) const RANGES_AT_ONCE: usize = 65_536;

impl Journal {
    /// A message has left a position of a durable queue for good.
    pub(crate) fn remove(&mut self, queue: QueueId, position: u64) {
        let ranges = self.removed.entry(queue).or_default();
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == position => *last = position,
            _ => ranges.push((position, position)),
        }
    }

    /// A quorum queue has delivered a message, and waits for its ack.
    #[inline]
    pub(crate) fn deliver(&mut self, queue: QueueId, position: u64) {
        match self.delivered.last_mut() {
            Some((same, _, last)) if *same == queue && *last + 1 == position => *last = position,
            _ => self.delivered.push((queue, position, position)),
        }
    }

    /// A queue is gone: what it still has to say of its positions is of no use.
    pub(crate) fn forget_queue(&mut self, queue: QueueId) {
        self.removed.remove(&queue);
    }

    /// Records the positions that quorum queues have delivered.
    pub(crate) fn record_delivered(&mut self) {
        let mut delivered = std::mem::take(&mut self.delivered);
        sort_by(&mut delivered, Ord::cmp);
        for of_queue in delivered.chunk_by(|one, other| one.0 == other.0) {
            let mut ranges = Ranges::default();
            of_queue.iter().for_each(|&(_, first, last)| ranges.insert(first, last));
            let ranges: Vec<(u64, u64)> = ranges.iter().collect();
            for some in ranges.chunks(RANGES_AT_ONCE) {
                self.append(|out| put_delivered(out, of_queue[0].0, some));
            }
        }
        delivered.clear();
        self.delivered = delivered;
    }

    /// Records what has been delivered, and the positions that messages have left.
    pub(crate) fn record_removed(&mut self) {
        self.record_delivered();
        for (queue, mut ranges) in std::mem::take(&mut self.removed) {
            join(&mut ranges);
            for ranges in ranges.chunks(RANGES_AT_ONCE) {
                self.append(|out| put_removed(out, queue, ranges));
            }
        }
    }
}
