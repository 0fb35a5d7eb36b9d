//! Publishers pause while queues hold too much, or the disk is full (RabbitMQ's alarms).

use super::{Broker, Output, connection::CHANNEL_0};
use crate::{ConnectionId, Fact, Name, journal::Journal, session::Phase, wire::Method};

impl Broker {
    /// Above the limit, pauses those who publish all the same, and lets them go on once an eighth of it is free again.
    /// Who has published before may still ack and consume on the same connection (RabbitMQ).
    pub(super) fn check_memory(&mut self) {
        let limit = self.config.memory_limit_bytes;
        let unwritten = self.journal.as_ref().map_or(0, Journal::unwritten_bytes);
        let (bytes, disk_full) = (self.message_bytes + unwritten, self.is_disk_full());
        if !self.blocked && (bytes > limit || disk_full) {
            self.blocked = true;
            self.events.emit(&Name::default(), || Fact::Blocked);
        } else if self.blocked && bytes <= limit - limit / 8 && !disk_full {
            self.blocked = false;
            self.events.emit(&Name::default(), || Fact::Unblocked);
            self.pause_publishers(false);
        }
        if self.blocked {
            self.pause_publishers(true);
        }
    }

    fn is_disk_full(&self) -> bool {
        self.journal.as_ref().is_some_and(Journal::is_full)
    }

    fn pause_publishers(&mut self, pause: bool) {
        let publishers = self.sessions.values_mut().filter(|session| {
            session.publishes && session.phase == Phase::Running && session.paused != pause
        });
        let mut changed: Vec<(ConnectionId, bool, bool)> = Vec::new();
        for session in publishers {
            session.paused = pause;
            session.publishes = pause;
            session.last_received = self.now.instant;
            changed.push((session.id, session.capabilities.connection_blocked, session.holds_input));
        }
        let reason = if self.is_disk_full() { "low on disk" } else { "low on memory" };
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
