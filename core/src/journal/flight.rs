//! Commits on their way to the disk: written, synced if the setting says so, one file after the other.

use std::{collections::VecDeque, sync::Arc};

use super::{
    Bounds, DiskAction, DiskResult, Group, Journal, SyncPolicy,
    log::{LEAST_CAPACITY, MOST_CAPACITY, Piece, Progress, RETRY},
    record::{MARK_BYTES, write_mark},
};
use crate::{Instant, id::SegmentId};

/// A commit on its way.
#[derive(Clone)]
pub(super) struct Flight {
    group: Group,
    op: u64,
    step: Step,
    segment: SegmentId,
    offset: u32,
    bytes: Arc<Vec<u8>>,
    next: VecDeque<Piece>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Create,
    Write,
    Sync,
}

impl Journal {
    /// Takes in how an operation went that is no read.
    pub(crate) fn done(&mut self, op: u64, result: DiskResult, now: Instant) -> Progress {
        let Some(flight) = self.flight.as_mut().filter(|flight| flight.op == op) else {
            let failure = match result {
                DiskResult::Failed(failure) => Some(failure),
                _ => None,
            };
            return self.bounds_done(op, failure.clone()).unwrap_or_else(|| {
                // What was deleted after one that cannot be deleted would look as if it were missing.
                failure.map_or(Progress::None, Progress::Broken)
            });
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
        let readable = flight.step == Step::Write && flight.segment != SegmentId::BOUNDS;
        // A commit may go to several files: it is written with the last of them, and synced with that one's sync.
        let written = (readable && flight.next.is_empty()).then_some(flight.group);
        let synced_before = self.synced_group;
        let safe = self.go_on(now);
        let synced = (self.synced_group > synced_before).then_some(self.synced_group);
        Progress::On { readable, written, synced, safe }
    }

    /// The step in flight is done: on to the next. `true` if that was the commit's last.
    fn go_on(&mut self, now: Instant) -> bool {
        let Some(flight) = &mut self.flight else { return false };
        let end = (flight.segment, flight.offset + flight.bytes.len() as u32);
        let of_bounds = flight.segment == SegmentId::BOUNDS;
        match flight.step {
            Step::Create => flight.step = Step::Write,
            Step::Write => {
                if !of_bounds {
                    self.written = end;
                }
                // A file is whole before the next one is there, whatever the setting. A snapshot is written in parts, which
                // count together.
                let next = flight.next.front();
                let rolls = next.is_some_and(|next| next.create);
                let goes_on = next.is_some_and(|next| !next.create && next.segment == flight.segment);
                if goes_on {
                    flight.take_next();
                } else if self.sync.is_due(self.synced_at, now) || rolls {
                    flight.step = Step::Sync;
                } else if !flight.take_next() {
                    return self.land();
                }
            }
            Step::Sync if of_bounds => {
                let made = Bounds::of_file(&flight.bytes).unwrap_or_default();
                self.bounds_file.made(made);
                if !flight.take_next() {
                    return self.land();
                }
            }
            Step::Sync => {
                self.synced = end;
                self.synced_at = now;
                let landed = !flight.take_next();
                let whole = if landed { flight.group } else { flight.group.saturating_sub(1) };
                self.synced_group = self.synced_group.max(whole);
                self.delete_doomed();
                self.keep_bounds();
                if landed {
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
        true
    }

    /// Syncs what was written without (`SyncPolicy::Interval`).
    pub(super) fn sync_rest(&mut self, now: Instant) {
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
        });
        self.repeat();
    }

    /// When what was written without is to be synced.
    pub(super) fn sync_due(&self) -> Option<Instant> {
        match self.sync {
            SyncPolicy::Interval(interval) if self.synced != self.written => Some(self.synced_at + interval),
            _ => None,
        }
    }

    /// Everything that has collected goes to the disk.
    pub(super) fn commit(&mut self) {
        self.record_removed();
        // What was written without a sync is whole before the next segment is there.
        let creates = self.pieces.first().is_some_and(|piece| piece.create);
        let (segment, offset) = if creates { self.written } else { self.synced };
        for piece in &mut self.pieces {
            let took = piece.bytes.len().next_power_of_two().min(MOST_CAPACITY as usize);
            self.first_capacity = (took as u32).max(LEAST_CAPACITY);
            let mark =
                piece.mark_at.and_then(|at| piece.bytes[at as usize..].first_chunk_mut::<MARK_BYTES>());
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
        };
        if creates && self.synced != self.written {
            flight.step = Step::Sync;
            (flight.segment, flight.offset) = self.written;
        } else {
            flight.take_next();
        }
        self.flight = Some(flight);
        self.group += 1;
        (self.urgent, self.lazy_due) = (false, None);
        self.repeat();
    }

    /// Asks the disk for the step in flight.
    pub(super) fn repeat(&mut self) {
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
}

impl Flight {
    pub(super) fn bytes(&self) -> usize {
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
