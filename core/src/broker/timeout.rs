//! Deliveries that a client does not settle in time (RabbitMQ's consumer timeout).

use super::{
    Broker,
    timers::{GRACE, Timer},
};
use crate::{ChannelNumber, ConnectionId, Instant, ReplyCode, refusal::Refusal, session::Unacked};

impl Broker {
    /// A delivery has gone out; its channel's alarm is set if it is the first to be due.
    #[inline]
    pub(super) fn watch_delivery(&mut self, address: (ConnectionId, ChannelNumber), due: Option<Instant>) {
        let Some(due) = due.filter(|_| !planted!(self.config, ConsumerTimeoutIgnored)) else { return };
        let (connection, number) = address;
        let Some(channel) = self.sessions.get_mut(&connection).and_then(|s| s.channels.get_mut(&number))
        else {
            return;
        };
        // An alarm that turns out to be early costs less than moving it with every ack.
        if channel.alarm.is_none_or(|alarm| due < alarm) {
            channel.alarm = Some(due);
            self.timers.set(Timer::Channel(connection, number), Some(due));
        }
    }

    /// A channel's alarm: it is closed if a delivery is overdue, else the alarm is set for the next.
    pub(super) fn channel_is_due(&mut self, connection: ConnectionId, number: ChannelNumber, is_late: bool) {
        let now = self.now.instant;
        let Some(channel) = self.channel_mut(connection, number) else { return };
        channel.alarm = None;
        let overdue = channel.unacked.values().find(|unacked| unacked.due().is_some_and(|due| due <= now));
        if overdue.is_some() && is_late {
            // The ack may have come and not been read yet.
            return self.watch_delivery((connection, number), Some(now + GRACE));
        }
        if let Some(unacked) = overdue {
            let text = format!(
                "delivery acknowledgement on channel {number} timed out. Timeout value used: {} ms. This timeout \
                 value can be configured, see consumers doc guide to learn more",
                unacked.timeout_ms
            );
            let refusal = Refusal::new(ReplyCode::PreconditionFailed, text);
            return self.refuse(connection, number, &refusal, (0, 0));
        }
        let next = channel.unacked.values().filter_map(Unacked::due).min();
        self.watch_delivery((connection, number), next);
    }
}
