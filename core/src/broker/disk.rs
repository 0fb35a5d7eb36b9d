//! The disk answers: commits become safe, and messages come back into memory.

use super::{Broker, Output, timers::Timer};
use crate::{
    Fact, Name, QueueId,
    journal::{
        DiskFailure, DiskResult, Journal, Progress, RANGES_AT_ONCE, put_closed, put_redelivered, ranges_of,
    },
};

/// Who waits for what is read.
#[derive(Clone, Copy)]
pub(super) enum Reading {
    /// A queue whose line goes on there.
    Line { queue: QueueId, level: u8 },
    /// Readers of a stream.
    Stream { queue: QueueId },
    /// Messages that are to be moved out of the oldest segment.
    Move,
}

impl Broker {
    /// An operation is done.
    pub(super) fn disk(&mut self, op: u64, result: DiskResult) {
        if let Some(reading) = self.reads.remove(&op) {
            return match result {
                DiskResult::Read(bytes) => self.read_back(op, reading, &bytes),
                DiskResult::Failed(failure) => self.read_failed(op, reading, &failure),
                DiskResult::Done => {}
            };
        }
        let Some(journal) = &mut self.journal else { return };
        match journal.done(op, result, self.now.instant) {
            Progress::None => {}
            Progress::On { readable, written, synced, safe } => {
                if readable {
                    std::mem::take(&mut self.thirsty).into_iter().for_each(|queue| self.read_ahead(queue));
                }
                if let Some(commit) = written {
                    self.tell(|| Fact::Written { commit });
                }
                if let Some(commit) = synced {
                    self.tell(|| Fact::Synced { commit });
                }
                if safe {
                    self.commit_is_safe();
                }
            }
            Progress::Full => self.tell(|| Fact::DiskFull),
            Progress::Broken(failure) => {
                self.halt(&format!("the journal cannot be written: {}", failure.text));
            }
        }
    }

    fn tell(&mut self, fact: impl FnOnce() -> Fact) {
        self.events.emit(&Name::default(), fact);
    }

    /// Clients hear what has waited for this.
    fn commit_is_safe(&mut self) {
        self.unsent.extend(std::mem::take(&mut self.held));
        self.unconfirmed.append(&mut self.unsafe_confirms);
        let safe = self.journal.as_ref().map_or(0, Journal::safe);
        let parting = self.parting.extract_if(.., |(group, _)| *group <= safe);
        self.outputs.extend(parting.map(|(_, output)| output));
        if self.opening.is_some_and(|group| group <= safe) {
            self.opening = None;
            std::mem::take(&mut self.thirsty).into_iter().for_each(|queue| self.read_ahead(queue));
        }
        if !self.halted && self.stopping.is_some_and(|group| group <= safe) {
            // Behind the last record nothing may follow: it goes on stopping, so that nothing that is due begins now.
            self.halted = true;
            self.outputs.push_back(Output::Stopped);
        }
    }

    /// What is left to do for the journal after an input: memory and files are kept within bounds, and what has collected
    /// goes to the disk.
    pub(super) fn keep_journal(&mut self) {
        if self.journal.is_none() {
            return;
        }
        self.keep_budget();
        self.keep_segments();
        let Some(journal) = &mut self.journal else { return };
        if let Some(bytes) = journal.overlong() {
            return self.halt(&format!("a record of {bytes} bytes is longer than the journal can hold"));
        }
        journal.advance(self.now.instant);
        self.go_on_after_disk();
        let Some(journal) = &self.journal else { return };
        let due = journal.deadline();
        if self.journal_alarm != due {
            self.journal_alarm = due;
            self.timers.set(Timer::Journal, due);
        }
    }

    /// Begins another segment when one is long enough, and gives back those that nobody needs.
    fn keep_segments(&mut self) {
        // Behind the last record of a broker that stops nothing may follow, and a snapshot is not part of a transaction.
        let Some(journal) = self.journal.as_ref().filter(|_| self.stopping.is_none()) else { return };
        if journal.is_in_transaction() {
            return;
        }
        self.keep_rolling();
        if let Some(journal) = &mut self.journal {
            journal.trim();
        }
        self.clean();
    }

    /// The last records: what only an end in order can say.
    pub(super) fn stop(&mut self) {
        self.finish_work();
        let delivered = self.delivered_dead_letters();
        let Some(journal) = &mut self.journal else { return self.outputs.push_back(Output::Stopped) };
        journal.record_removed();
        for queue in self.queues.values().filter(|queue| queue.durable && queue.stream.is_none()) {
            for ranges in queue.ready.redelivered().chunks(RANGES_AT_ONCE) {
                journal.append(|out| put_redelivered(out, queue.id, ranges));
            }
        }
        for (queue, positions) in delivered {
            for ranges in ranges_of(&positions).chunks(RANGES_AT_ONCE) {
                journal.append(|out| put_redelivered(out, queue, ranges));
            }
        }
        journal.append(put_closed);
        journal.hurry();
        self.stopping = Some(journal.group());
    }

    fn read_failed(&mut self, op: u64, reading: Reading, failure: &DiskFailure) {
        // What is not waited for any more may be gone.
        if self.still_wants(op, reading) {
            self.halt(&format!("the journal cannot be read: {}", failure.text));
        }
    }

    /// Nothing can be promised any more: the host is to end the process, and a restart finds all that was confirmed.
    pub(super) fn halt(&mut self, reason: &str) {
        if !self.halted {
            self.halted = true;
            self.outputs.push_back(Output::Halt { reason: reason.into() });
        }
    }
}
