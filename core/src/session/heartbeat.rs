//! When a connection needs looking after: heartbeats both ways, and handshakes and closes that take too long.

use std::time::Duration;

use super::{Phase, Session};
use crate::{Instant, event::MISSED_HEARTBEATS};

/// A handshake has this long, from the first step to the last (RabbitMQ's `handshake_timeout`).
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A stream that is to be closed has this long, or one heartbeat interval if that is shorter (RabbitMQ).
const CLOSING: Duration = Duration::from_secs(30);
/// The same before a heartbeat interval is agreed on, and with clients that are not listened to any more (RabbitMQ's
/// `NORMAL_TIMEOUT` and `SILENT_CLOSE_DELAY`).
const SHORT: Duration = Duration::from_secs(3);

/// What is due.
pub(crate) enum Due {
    /// Send a heartbeat frame: nothing else was sent for half the interval.
    Heartbeat,
    /// Give the connection up.
    GiveUp(&'static str),
}

impl Session {
    /// When to look again.
    pub(crate) fn next_look(&self) -> Option<Instant> {
        match self.phase {
            Phase::Running if self.heartbeat_s == 0 => None,
            Phase::Running if self.is_not_read() => Some(self.heartbeat_at()),
            Phase::Running => Some(self.heartbeat_at().min(self.silence_at())),
            Phase::Closing | Phase::Deaf => Some(self.closed_at()),
            _ => Some(self.handshake_ends_at()),
        }
    }

    /// When the client is given up if nothing comes from it until then; `None` without heartbeats, and while it is not read.
    pub(crate) fn given_up_at(&self) -> Option<Instant> {
        let is_watched = self.phase == Phase::Running && self.heartbeat_s > 0 && !self.is_not_read();
        is_watched.then(|| self.silence_at())
    }

    /// What is due at `now`.
    pub(crate) fn due(&self, now: Instant) -> Option<Due> {
        match self.phase {
            Phase::Running if self.heartbeat_s == 0 => None,
            // Who is not read from cannot be heard (RabbitMQ).
            Phase::Running if !self.is_not_read() && self.silence_at() <= now => {
                Some(Due::GiveUp(MISSED_HEARTBEATS))
            }
            Phase::Running => (self.heartbeat_at() <= now).then_some(Due::Heartbeat),
            Phase::Closing | Phase::Deaf => {
                (self.closed_at() <= now).then_some(Due::GiveUp("the client did not close the stream"))
            }
            _ => (self.handshake_ends_at() <= now).then_some(Due::GiveUp("handshake timeout")),
        }
    }

    /// Whether what the client sends is left with the host for now.
    fn is_not_read(&self) -> bool {
        self.paused || self.holds_input
    }

    /// When the client has had time enough to answer connection.close, and to close the stream.
    fn closed_at(&self) -> Instant {
        let interval = Duration::from_secs(self.heartbeat_s.into());
        let patience = match self.phase {
            Phase::Deaf => SHORT,
            _ if !self.tuned => SHORT,
            _ if interval.is_zero() => CLOSING,
            _ => interval.min(CLOSING),
        };
        self.spared(self.since + patience)
    }

    fn handshake_ends_at(&self) -> Instant {
        self.spared(self.accepted + HANDSHAKE)
    }

    /// When the client has waited half the interval for a sign of life.
    fn heartbeat_at(&self) -> Instant {
        self.last_sent + Duration::from_millis(500) * u32::from(self.heartbeat_s)
    }

    /// When the client has been silent for two intervals (AMQP 0-9-1, section 4.2.7).
    fn silence_at(&self) -> Instant {
        self.spared(self.last_received + Duration::from_secs(2) * u32::from(self.heartbeat_s))
    }

    fn spared(&self, at: Instant) -> Instant {
        self.spared_until.map_or(at, |until| at.max(until))
    }
}
