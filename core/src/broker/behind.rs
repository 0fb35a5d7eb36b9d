//! A disk that is behind: who publishes much waits for it, so that what waits to be written does not fill the memory. Who
//! publishes little goes on.

use super::{Broker, work::Task};
use crate::{ConnectionId, journal::Journal};

/// A connection may send this part of the backlog while the disk is behind. More is held back.
const LITTLE_PART: u64 = 256;

/// Who waits for the disk.
#[derive(Clone, Default)]
pub(super) struct Behind {
    /// Whether it is behind: since somebody found it so, until it has caught up.
    pub(super) is_so: bool,
    /// How often it has been so.
    pub(super) times: u64,
    connections: Vec<ConnectionId>,
}

impl Broker {
    pub(super) fn unwritten_bytes(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::unwritten_bytes)
    }

    /// Whether more waits for the disk than is good for those who publish little. Who finds it so may stop there:
    /// [`Broker::go_on_after_disk`] goes on with it.
    pub(super) fn is_disk_behind(&mut self) -> bool {
        let is_behind = self.waits_for_disk(self.config.disk_backlog_bytes);
        if is_behind && !std::mem::replace(&mut self.behind.is_so, true) {
            self.behind.times += 1;
        }
        is_behind
    }

    /// Whether so much waits to be written, or, beyond the memory's budget, twice that for a record of its own. A disk that
    /// has nothing to do is not waited for: nothing would end that.
    fn waits_for_disk(&self, bytes: u64) -> bool {
        let unwritten = self.unwritten_bytes();
        let is_over_budget = self.message_bytes > self.config.memory_budget_bytes;
        unwritten > 0 && (unwritten >= bytes || (is_over_budget && self.lined_up_bytes >= 2 * bytes))
    }

    /// This connection has published while the disk is behind: its frames wait, if they have been many.
    pub(super) fn await_disk(&mut self, connection: ConnectionId) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        if session.sent_meanwhile.in_time(self.behind.times) >= self.config.disk_backlog_bytes / LITTLE_PART
            && !std::mem::replace(&mut session.awaits_disk, true)
        {
            self.behind.connections.push(connection);
        }
    }

    /// Who waits for the disk may go on, if it has caught up. To be asked after every input: it may be the end of a write,
    /// the end of a sync, or a purge that was waited for.
    pub(super) fn go_on_after_disk(&mut self) {
        if !self.behind.is_so || self.waits_for_disk(self.config.disk_backlog_bytes / 2) {
            return;
        }
        if planted!(self.config, BacklogForgotten) {
            return;
        }
        self.behind.is_so = false;
        for connection in std::mem::take(&mut self.behind.connections) {
            if let Some(session) = self.sessions.get_mut(&connection) {
                session.awaits_disk = false;
                self.work.add(Task::Input(connection));
            }
        }
        self.work.let_dead_letters_wait(false);
        self.delays_are_due();
        self.publish_dead_letters();
        // What is due and did not fit into this slice goes on with the next one, and not with the next deadline.
        self.work.timers_are_due |= self.timers.first().is_some_and(|first| first <= self.now.instant);
    }
}
