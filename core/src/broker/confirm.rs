//! Publisher confirms (RabbitMQ's extension): telling publishers what became of their messages.

use super::{
    Broker,
    channel::{Caller, senseless},
    durable::Taken,
};
use crate::{
    ChannelNumber, ConnectionId, Fact, ReplyCode,
    journal::{Group, Journal},
    refusal::{Outcome, Refusal},
    session::{Confirms, Mode},
    wire::Method,
};

impl Broker {
    pub(super) fn confirm_select(&mut self, caller: &Caller, method: &Method<'_>) -> Outcome {
        let &Method::ConfirmSelect { nowait } = method else { return Err(senseless()) };
        let Some(channel) = self.channel_mut(caller.connection, caller.channel) else { return Ok(()) };
        match channel.mode {
            Mode::Plain => channel.mode = Mode::Confirm(Confirms::default()),
            Mode::Confirm(_) => {}
            Mode::Transaction(_) => {
                let text = "cannot switch from tx to confirm mode";
                return Err(Refusal::new(ReplyCode::PreconditionFailed, text));
            }
        }
        self.reply(caller, nowait, &Method::ConfirmSelectOk {});
        Ok(())
    }

    /// Counts a publish of a channel in confirm mode; `taken` as far as the queues are concerned.
    pub(super) fn owe_confirm(&mut self, connection: ConnectionId, number: ChannelNumber, taken: Taken) {
        let Some(channel) = self.sessions.get_mut(&connection).and_then(|s| s.channels.get_mut(&number))
        else {
            return;
        };
        let Mode::Confirm(confirms) = &mut channel.mode else { return };
        if confirms.latest == confirms.told {
            self.unconfirmed.push((connection, number));
        }
        confirms.latest += 1;
        if !taken.by_all && !planted!(self.config, ConfirmRefused) {
            confirms.refused.push(confirms.latest);
        }
        if let Some(group) = taken.group {
            match confirms.unsafe_until.back_mut() {
                Some((latest, same)) if *same == group => *latest = confirms.latest,
                _ => confirms.unsafe_until.push_back((confirms.latest, group)),
            }
            if let Some(journal) = &mut self.journal {
                journal.hurry();
            }
        }
    }

    /// Tells publishers what became of the messages that they have not been told of yet, in order: one that is not safe
    /// yet is waited for.
    pub(super) fn confirm_publishes(&mut self) {
        let mut unconfirmed = std::mem::take(&mut self.unconfirmed);
        let mut safe = self.journal.as_ref().map_or(0, Journal::safe);
        if planted!(self.config, ConfirmBeforeSync) {
            safe = Group::MAX;
        }
        for (connection, number) in unconfirmed.drain(..) {
            let Some(channel) = self.channel_mut(connection, number) else { continue };
            let Mode::Confirm(confirms) = &mut channel.mode else { continue };
            if channel.closing {
                continue;
            }
            let (mut told, latest) = (confirms.told, confirms.take_safe(safe));
            confirms.told = latest;
            let unsafe_ones = confirms.refused.split_off(confirms.refused.partition_point(|&n| n <= latest));
            let refused = std::mem::replace(&mut confirms.refused, unsafe_ones);
            if latest < confirms.latest {
                self.unsafe_confirms.push((connection, number));
            }
            for refused in refused {
                self.acknowledge(connection, number, told, refused - 1);
                self.nack(connection, number, refused);
                told = refused;
            }
            self.acknowledge(connection, number, told, latest);
        }
        // The list is empty again; its memory is kept.
        self.unconfirmed = unconfirmed;
    }

    /// Confirms the publishes behind `told` up to `latest`.
    fn acknowledge(&mut self, connection: ConnectionId, channel: ChannelNumber, told: u64, latest: u64) {
        if told == latest {
            return;
        }
        let multiple = latest - told > 1;
        let delivery_tag = latest + u64::from(multiple && planted!(self.config, ConfirmOneMore));
        self.send(connection, channel, &Method::BasicAck { delivery_tag, multiple });
        let Some(session) = self.sessions.get(&connection) else { return };
        self.events.emit(&session.vhost, || Fact::Confirmed {
            connection,
            channel,
            number: latest,
            multiple,
        });
    }

    fn nack(&mut self, connection: ConnectionId, channel: ChannelNumber, number: u64) {
        let nack = Method::BasicNack { delivery_tag: number, multiple: false, requeue: false };
        self.send(connection, channel, &nack);
        let Some(session) = self.sessions.get(&connection) else { return };
        self.events.emit(&session.vhost, || Fact::Nacked { connection, channel, number });
    }
}

impl Confirms {
    /// Up to which number everything is safe.
    fn take_safe(&mut self, safe: Group) -> u64 {
        let mut up_to = self.told;
        while let Some(&(latest, _)) = self.unsafe_until.front().filter(|(_, group)| *group <= safe) {
            up_to = latest;
            self.unsafe_until.pop_front();
        }
        if self.unsafe_until.is_empty() { self.latest } else { up_to }
    }
}
