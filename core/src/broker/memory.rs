//! Publishers pause while queues hold too much, or the disk is full (RabbitMQ's alarms).

use super::{Broker, Output, connection::CHANNEL_0};
use crate::{
    Alarm, ConnectionId, Fact, Name, Notice, ReplyCode, journal::Journal, refusal::Refusal, session::Phase,
    wire::Method,
};

/// Alarms that last.
#[derive(Clone, Copy, Default)]
pub(crate) struct Alarms {
    pub(crate) memory: bool,
    pub(crate) disk: bool,
}

impl Alarms {
    /// Whether publishers are paused.
    pub(crate) const fn any(self) -> bool {
        self.memory || self.disk
    }
}

impl Broker {
    /// Above the limit, pauses those who publish all the same, and lets them go on once an eighth of it is free again.
    /// Who has published before may still ack and consume on the same connection (RabbitMQ).
    pub(super) fn check_memory(&mut self) {
        let limit = self.config.memory_limit_bytes;
        let unfinished = self.unfinished_bytes.min(limit / 2);
        let bytes = self.message_bytes + unfinished + self.history_bytes + self.unwritten_bytes();
        let was_blocked = self.alarms.any();
        self.set_alarm(Alarm::Memory, bytes > if self.alarms.memory { limit - limit / 8 } else { limit });
        self.set_alarm(Alarm::Disk, self.journal.as_ref().is_some_and(Journal::is_full));
        let blocked = self.alarms.any();
        if blocked && !was_blocked {
            self.events.emit(&Name::default(), || Fact::Blocked);
        } else if was_blocked && !blocked {
            self.events.emit(&Name::default(), || Fact::Unblocked);
            self.pause_publishers(false);
        }
        if blocked {
            self.pause_publishers(true);
        }
    }

    /// What messages may take that have not come whole or are not committed: half of the limit at which publishers are
    /// paused, because who is paused cannot finish, and would wait for himself; but always as much as one message may.
    pub(super) fn unfinished_limit(&self) -> u64 {
        (self.config.memory_limit_bytes / 2).max(self.config.max_message_bytes)
    }

    fn set_alarm(&mut self, alarm: Alarm, on: bool) {
        let before = match alarm {
            Alarm::Memory => &mut self.alarms.memory,
            Alarm::Disk => &mut self.alarms.disk,
        };
        if std::mem::replace(before, on) != on {
            self.notice(if on { Notice::AlarmBegan(alarm) } else { Notice::AlarmEnded(alarm) });
        }
    }

    fn pause_publishers(&mut self, pause: bool) {
        let publishers = if pause { &mut self.publish_while_blocked } else { &mut self.paused };
        let mut changed: Vec<(ConnectionId, bool, bool)> = Vec::new();
        for connection in std::mem::take(publishers) {
            let session = self.sessions.get_mut(&connection);
            let Some(session) = session.filter(|session| session.phase == Phase::Running) else { continue };
            (session.paused, session.publishes) = (pause, pause);
            session.last_received = self.now.instant;
            changed.push((session.id, session.capabilities.connection_blocked, session.holds_input));
        }
        if pause {
            self.paused.extend(changed.iter().map(|(connection, ..)| *connection));
        }
        let reason = if self.alarms.disk { "low on disk" } else { "low on memory" };
        for (connection, told, holds_input) in changed {
            self.set_timer(connection);
            if !holds_input {
                self.outputs.push_back(if pause {
                    Output::PauseReads { connection }
                } else {
                    Output::ResumeReads { connection }
                });
            }
            if told && pause {
                self.send(connection, CHANNEL_0, &Method::ConnectionBlocked { reason });
            } else if told {
                self.send(connection, CHANNEL_0, &Method::ConnectionUnblocked {});
            }
        }
    }
}

/// A message, or a transaction, cannot be finished.
pub(super) fn too_much_unfinished(limit: u64) -> Refusal {
    let text = format!("messages that have not come whole or are not committed take more than {limit} bytes");
    Refusal::new(ReplyCode::PreconditionFailed, text)
}
