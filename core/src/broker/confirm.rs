//! Publisher confirms (RabbitMQ's extension): telling publishers what became of their messages.

use super::{
    Broker,
    channel::{Caller, senseless},
};
use crate::{
    ChannelNumber, ConnectionId, Fact, ReplyCode,
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
    pub(super) fn owe_confirm(&mut self, connection: ConnectionId, number: ChannelNumber, taken: bool) {
        let Some(channel) = self.sessions.get_mut(&connection).and_then(|s| s.channels.get_mut(&number))
        else {
            return;
        };
        let Mode::Confirm(confirms) = &mut channel.mode else { return };
        if confirms.latest == confirms.told {
            self.unconfirmed.push((connection, number));
        }
        confirms.latest += 1;
        if !taken {
            confirms.refused.push(confirms.latest);
        }
    }

    /// Tells publishers what became of the messages that they have not been told of yet.
    pub(super) fn confirm_publishes(&mut self) {
        let mut unconfirmed = std::mem::take(&mut self.unconfirmed);
        for (connection, number) in unconfirmed.drain(..) {
            let Some(channel) = self.channel_mut(connection, number) else { continue };
            let Mode::Confirm(confirms) = &mut channel.mode else { continue };
            if channel.closing {
                continue;
            }
            let (mut told, latest) = (confirms.told, confirms.latest);
            confirms.told = latest;
            for refused in std::mem::take(&mut confirms.refused) {
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
        self.send(connection, channel, &Method::BasicAck { delivery_tag: latest, multiple });
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
