//! Memory beyond the budget: the middle of long queues is on the disk only, and comes back before it is needed.

use super::{Broker, channel::Caller, disk::Reading, work::Task};
use crate::{
    ConnectionId, QueueId,
    event::DeathReason,
    journal::{StoredCopy, put_stored},
    queue::{Entry, Kind},
    session::PendingGet,
};

/// How many queues are looked at after one input.
const QUEUES_AT_ONCE: usize = 64;
/// How many messages of a queue get their record at once, to be let go of when that is written.
const RECORDS_AT_ONCE: usize = 16_384;
/// What stays in memory of each queue at least, in bytes.
const LEAST_KEPT_BYTES: u64 = 4 << 10;

impl Broker {
    /// Lets go of messages that are on the disk, and writes others there, until memory is within the budget.
    pub(super) fn keep_budget(&mut self) {
        let budget = self.config.memory_budget_bytes;
        if self.message_bytes <= budget {
            return;
        }
        let kept_bytes = (budget / 4 / (self.queues.len() as u64).max(1)).max(LEAST_KEPT_BYTES);
        let after = self.queues.range(self.paged_to..).map(|(&id, _)| id);
        let all = after.chain(self.queues.keys().copied());
        let some: Vec<QueueId> = all.take(QUEUES_AT_ONCE.min(self.queues.len())).collect();
        for id in some {
            self.page_out(id, kept_bytes);
            self.paged_to = QueueId(id.0 + 1);
            if self.message_bytes <= budget {
                break;
            }
        }
    }

    fn page_out(&mut self, id: QueueId, kept_bytes: u64) {
        let Some(journal) = &mut self.journal else { return };
        let Some(queue) = self.queues.get_mut(&id) else { return };
        if let Some(stream) = &mut queue.stream {
            self.message_bytes -= stream.let_go(|place| journal.is_written(place));
        }
        for (_, level) in queue.ready.levels_mut() {
            level.split(kept_bytes);
            self.message_bytes -= level.park(|place| journal.is_written(place));
            let mut room = self.config.disk_backlog_bytes.saturating_sub(journal.unwritten_bytes());
            for entry in level.unrecorded(RECORDS_AT_ONCE) {
                if room == 0 {
                    break;
                }
                room = room.saturating_sub(entry.message.size());
                let copy = StoredCopy {
                    queue: id,
                    position: entry.position,
                    held: false,
                    redelivered: entry.redelivered,
                    time_ms: None,
                    returns: entry.returns,
                };
                let place = journal.append(|out| put_stored(out, &entry.message, true, &[copy]));
                journal.hold(place, 1);
                entry.place = Some(place);
            }
        }
        let lined_up = queue.ready.lined_up_bytes();
        self.lined_up_bytes = self.lined_up_bytes - queue.lined_up_bytes + lined_up;
        queue.lined_up_bytes = lined_up;
    }

    /// Reads on where a queue's messages in memory come to an end.
    pub(super) fn read_ahead(&mut self, id: QueueId) {
        let Some(journal) = &mut self.journal else { return };
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let Some((level, chunk)) = queue.ready.wanted() else { return };
        if self.opening.is_some() || !journal.is_readable(chunk.segment, chunk.end) {
            self.thirsty.insert(id);
            return;
        }
        let op = journal.read(chunk.segment, chunk.start, chunk.span());
        if let Some(found) = queue.ready.level_mut(level) {
            found.loading = Some(op);
            self.reads.insert(op, Reading::Line { queue: id, level });
        }
    }

    /// Whether somebody still waits for what an operation reads.
    pub(super) fn still_wants(&mut self, op: u64, reading: Reading) -> bool {
        match reading {
            Reading::Line { queue, level } => {
                let queue = self.queues.get_mut(&queue);
                let level = queue.and_then(|queue| queue.ready.level_mut(level));
                level.is_some_and(|level| level.loading == Some(op))
            }
            Reading::Stream { queue } => {
                let stream = self.queues.get(&queue).and_then(|queue| queue.stream.as_ref());
                stream.and_then(|stream| stream.loading).is_some_and(|(loading, _)| loading == op)
            }
            Reading::Move => self.moves(op),
        }
    }

    pub(super) fn read_back(&mut self, op: u64, reading: Reading, bytes: &[u8]) {
        // Nothing that is read may lead to anything once the last record is written.
        if self.stopping.is_some() || !self.still_wants(op, reading) {
            return;
        }
        match reading {
            Reading::Line { queue, level } => self.line_goes_on(queue, level, bytes),
            Reading::Stream { queue } => self.stream_goes_on(queue, bytes),
            Reading::Move => self.move_chunk(bytes),
        }
    }

    fn line_goes_on(&mut self, id: QueueId, level: u8, bytes: &[u8]) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let Some(level) = queue.ready.level_mut(level) else { return };
        let Some(mut entries) = level.first_chunk().and_then(|chunk| chunk.load(id, bytes)) else {
            return self.halt("the journal is damaged: a message is not what was written");
        };
        if planted!(self.config, RecoveredNotRedelivered) {
            entries.iter_mut().for_each(|entry| entry.redelivered = false);
        }
        self.message_bytes += entries.iter().map(|entry| entry.message.size()).sum::<u64>();
        // A crash counts as a failed delivery, and may have been the last one.
        let limit = queue.settings.delivery_limit.filter(|_| queue.kind == Kind::Quorum);
        let is_over = |entry: &mut Entry| limit.is_some_and(|limit| u64::from(entry.returns.failed) > limit);
        let failed: Vec<Entry> = entries.extract_if(.., is_over).collect();
        level.loaded(entries);
        for entry in failed {
            if let Some(queue) = self.queues.get_mut(&id) {
                queue.ready.forget(&entry);
            }
            self.give_up(id, &entry, DeathReason::DeliveryLimit, false);
        }
        self.drop_expired(id);
        self.serve_pending_gets(id);
        self.dispatch_and_limit(id);
    }

    /// A basic.get waits for its queue, and all that comes behind it on this connection with it.
    pub(super) fn postpone_get(&mut self, caller: &Caller, queue: QueueId, no_ack: bool) {
        if let Some(session) = self.sessions.get_mut(&caller.connection) {
            self.latest.get += 1;
            let number = self.latest.get;
            session.pending_get = Some(PendingGet { channel: caller.channel, queue, no_ack, number });
            self.getters.insert((queue, number), caller.connection);
        }
    }

    /// A queue is in memory again, or gone: who waits for it gets an answer, in turn.
    pub(super) fn serve_pending_gets(&mut self, id: QueueId) {
        let waiting = self.getters.range((id, 0)..).take_while(|((queue, _), _)| *queue == id);
        let waiting: Vec<ConnectionId> = waiting.map(|(_, &connection)| connection).collect();
        waiting.into_iter().for_each(|connection| self.resume_get(connection));
    }

    /// Answers a basic.get that waits, if nothing keeps it waiting any more.
    pub(super) fn resume_get(&mut self, connection: ConnectionId) {
        let pending = self.sessions.get(&connection).and_then(|session| session.pending_get.as_ref());
        let Some(&PendingGet { channel, queue, no_ack, number }) = pending else { return };
        if !self.may_answer_get(connection, queue) {
            return;
        }
        self.getters.remove(&(queue, number));
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.pending_get = None;
        let caller = Caller { connection, channel, vhost: session.vhost.clone() };
        self.get_from(&caller, queue, no_ack);
        self.work.add(Task::Input(connection));
    }
}
