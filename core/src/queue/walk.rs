//! A walk through a queue's messages that can be interrupted: whatever is taken out or comes meanwhile, none is missed that
//! was there at the beginning and still is. Those that come back to the queue meanwhile may be.
//!
//! Messages of one priority are passed in the order of their positions, which they keep wherever in memory or on the disk they
//! are. What a quorum queue got back is passed from the last one to the first, because it is taken out at the front.

use std::ops::Bound::{Excluded, Unbounded};

use super::{Entry, Queue, Ready, StreamRecord};
use crate::SegmentId;

/// Where a walk is.
#[derive(Clone)]
pub(crate) struct Walk {
    at: At,
    /// Messages from this position or offset on have come since it began.
    until: u64,
}

#[derive(Clone, Copy)]
enum At {
    /// So many of what a quorum queue got back are left.
    Returned(u64),
    /// This priority, from this position on.
    Level(u8, u64),
    /// A stream's messages from this offset on.
    Stream(u64),
}

/// What a walk comes to in memory.
pub(crate) enum Visited<'a> {
    Entry(&'a mut Entry),
    /// A stream's message at an offset, which may be on the disk only.
    Record(u64, &'a mut StreamRecord),
}

/// What to do with a message that a walk comes to; `false`: nothing more in this step.
pub(crate) type Visit<'a> = dyn FnMut(Visited<'_>) -> bool + 'a;

/// How a step has ended.
pub(crate) enum Step {
    /// There may be more.
    Further,
    /// The next ones are on the disk only: those of this priority, from this position on. The walk goes on when they are
    /// elsewhere.
    OnDisk(u8, u64),
    /// The same of a stream, from this offset on.
    StreamOnDisk(u64),
    End,
}

/// So many messages, or runs of them on the disk, are passed in one step.
pub(super) const AT_ONCE: usize = 256;

impl Queue {
    pub(crate) fn begin_walk(&self) -> Walk {
        match &self.stream {
            Some(stream) => Walk { at: At::Stream(0), until: stream.next_offset() },
            None => Walk { at: At::Returned(u64::MAX), until: self.next_position },
        }
    }

    /// Goes on with a walk, as far as one step goes. It stops at messages that are on the disk only, in this segment.
    pub(crate) fn walk(&mut self, walk: &mut Walk, segment: SegmentId, visit: &mut Visit<'_>) -> Step {
        let At::Stream(from) = walk.at else { return self.ready.walk(walk, segment, visit) };
        let Some(stream) = self.stream.as_mut().filter(|_| from < walk.until) else { return Step::End };
        let (next, step) = stream.visit(from, segment, visit);
        walk.at = At::Stream(next);
        step
    }
}

impl Ready {
    fn walk(&mut self, walk: &mut Walk, segment: SegmentId, visit: &mut Visit<'_>) -> Step {
        match walk.at {
            At::Returned(left) => {
                let left = left.min(self.returned.len());
                walk.at =
                    if left == 0 { At::Level(0, 0) } else { At::Returned(self.visit_returned(left, visit)) };
                Step::Further
            }
            At::Level(priority, from) if from < walk.until => {
                let level = self.level_mut(priority);
                match level.and_then(|level| level.visit(from, segment, visit)) {
                    Some(Ok(next)) => walk.at = At::Level(priority, next),
                    Some(Err(position)) => return Step::OnDisk(priority, position),
                    None => walk.at = At::Level(priority, u64::MAX),
                }
                Step::Further
            }
            At::Level(priority, _) => {
                let Some((&next, _)) = self.higher.range((Excluded(priority), Unbounded)).next() else {
                    return Step::End;
                };
                walk.at = At::Level(next, 0);
                Step::Further
            }
            At::Stream(_) => Step::End,
        }
    }

    /// Visits the last ones of the first `left`; returns how many are left then.
    fn visit_returned(&mut self, left: u64, visit: &mut Visit<'_>) -> u64 {
        let rest = left.saturating_sub(AT_ONCE as u64);
        let mut batch = self.returned.range_mut(rest, left);
        // What has been visited and is visited again takes no harm.
        if batch.all(|entry| visit(Visited::Entry(entry))) { rest } else { left }
    }
}
