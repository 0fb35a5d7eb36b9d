//! Everything that is due at some time, in one order with stable ties.

use std::time::Duration;

use super::{Broker, work::cost};
use crate::{
    ChannelNumber, ConnectionId, Instant, QueueId,
    ordered::{OrdMap, OrdSet},
};

/// An alarm that is later than this shows that the host stood still: its process was stopped, or its machine was. What
/// clients have sent meanwhile has not been read yet, so that none is blamed for its silence.
const LATE: Duration = Duration::from_millis(100);

/// How long the host then has to read it.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// What is waited for. Each has one alarm at most.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Timer {
    /// A handshake, a heartbeat, a close.
    Connection(ConnectionId),
    /// A delivery that is unacked for too long.
    Channel(ConnectionId, ChannelNumber),
    /// A message that expires, or the queue itself.
    Queue(QueueId),
    /// A message that an exchange holds back.
    Delayed,
    /// Dead letters that could not go on are tried again.
    DeadLetters,
    /// What has collected goes to the disk.
    Journal,
}

/// The alarms that are set.
#[derive(Clone, Default)]
pub(crate) struct Timers {
    order: OrdSet<(Instant, Timer)>,
    set: OrdMap<Timer, Instant>,
}

impl Timers {
    /// Sets or moves an alarm; `None` stops it.
    pub(super) fn set(&mut self, timer: Timer, at: Option<Instant>) {
        let before = match at {
            Some(at) => self.set.insert(timer.clone(), at),
            None => self.set.remove(&timer),
        };
        if before == at {
            return;
        }
        match (before, at) {
            (Some(before), Some(at)) => {
                self.order.remove(&(before, timer.clone()));
                self.order.insert((at, timer));
            }
            (Some(before), None) => {
                self.order.remove(&(before, timer));
            }
            (None, Some(at)) => {
                self.order.insert((at, timer));
            }
            (None, None) => {}
        }
    }

    /// When the first alarm is due.
    pub(super) fn first(&self) -> Option<Instant> {
        self.order.first().map(|&(at, _)| at)
    }

    /// Takes out the first alarm that is due, with the time at which it was.
    fn take_due(&mut self, now: Instant) -> Option<(Instant, Timer)> {
        if self.first()? > now {
            return None;
        }
        let (at, timer) = self.order.pop_first()?;
        self.set.remove(&timer);
        Some((at, timer))
    }
}

impl Broker {
    /// Does what is due, as far as this slice goes.
    pub(super) fn run_timers(&mut self) {
        self.work.timers_are_due = false;
        loop {
            if self.work.is_spent() {
                self.work.timers_are_due = self.timers.first().is_some_and(|first| first <= self.now.instant);
                return;
            }
            let Some((at, timer)) = self.timers.take_due(self.now.instant) else { return };
            self.work.charge(cost::SETTLE);
            let is_late = self.now.instant.since(at) > LATE;
            match timer {
                // It is looked after behind every input.
                Timer::Journal => self.journal_alarm = None,
                // The last of everything is written down already.
                _ if self.stopping.is_some() => continue,
                Timer::Connection(connection) => self.look_after(connection, is_late),
                Timer::Channel(connection, channel) => self.channel_is_due(connection, channel, is_late),
                Timer::Queue(queue) => self.queue_is_due(queue, is_late),
                Timer::Delayed => self.delays_are_due(),
                Timer::DeadLetters => self.dead_letters_are_due(),
            }
            self.publish_dead_letters();
        }
    }
}
