//! Class channel, and which file serves which method.

use super::{Broker, ending::Answer, work::cost};
use crate::{
    ChannelNumber, ConnectionId, DeliveryTag, Fact, Name, ReplyCode,
    refusal::{Outcome, Refusal},
    session::{Channel, Fate, Settlement},
    wire::Method,
};

/// On whose behalf a method is served.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) connection: ConnectionId,
    pub(super) channel: ChannelNumber,
    pub(super) vhost: Name,
}

impl Broker {
    /// A method on a channel other than 0. Publishes, acks and rejects come first: they are most of what comes.
    pub(super) fn channel_method(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        method: Method<'_>,
    ) -> Outcome {
        match self.channel_mut(connection, channel) {
            None => return self.open_channel(connection, channel, &method),
            Some(open) if open.closing => return self.method_while_closing(connection, channel, &method),
            Some(_) => {}
        }
        let here = (connection, channel);
        match method {
            Method::BasicPublish { exchange, routing_key, mandatory, immediate: false, .. } => {
                self.begin_publish(connection, channel, (exchange, routing_key), mandatory)
            }
            Method::BasicAck { delivery_tag, multiple } => {
                self.settle(here, DeliveryTag(delivery_tag), multiple, Settlement::Ack)
            }
            Method::BasicNack { delivery_tag, multiple, requeue } => {
                let requeue = requeue && !planted!(self.config, RequeueDrops);
                self.settle(here, DeliveryTag(delivery_tag), multiple, Settlement::nack(requeue))
            }
            Method::BasicReject { delivery_tag, requeue } => {
                let requeue = requeue && !planted!(self.config, RequeueDrops);
                self.settle(here, DeliveryTag(delivery_tag), false, Settlement::reject(requeue))
            }
            other if other.has_content() => {
                let refusal = match other {
                    Method::BasicPublish { .. } => Refusal::new(ReplyCode::NotImplemented, "immediate=true"),
                    _ => senseless(),
                };
                self.expect_content(here, &other, Fate::Refuse(refusal));
                Ok(())
            }
            other => self.other_method(connection, channel, other),
        }
    }

    /// After channel.close has been sent only its answer counts, or the client's own close that crossed it.
    fn method_while_closing(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        method: &Method<'_>,
    ) -> Outcome {
        match method {
            Method::ChannelCloseOk {} => self.release_channel(connection, number, "", None),
            Method::ChannelClose { .. } => self.send(connection, number, &Method::ChannelCloseOk {}),
            Method::ChannelOpen { .. } => return Err(second_open()),
            method if method.has_content() => self.expect_content((connection, number), method, Fate::Ignore),
            _ => {}
        }
        Ok(())
    }

    /// The content that follows the method will not be published.
    fn expect_content(
        &mut self,
        (connection, number): (ConnectionId, ChannelNumber),
        method: &Method<'_>,
        fate: Fate,
    ) {
        if let Some(channel) = self.channel_mut(connection, number) {
            channel.incoming.expect((method.class_id(), method.method_id()), fate);
        }
    }

    fn open_channel(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        method: &Method<'_>,
    ) -> Outcome {
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        if !matches!(method, Method::ChannelOpen { .. }) {
            let refusal = Refusal::new(ReplyCode::ChannelError, "expected 'channel.open'");
            if !method.has_content() {
                return Err(refusal);
            }
            session.channels.insert(channel, Channel { closing: true, ..Channel::default() });
            self.expect_content((connection, channel), method, Fate::Refuse(refusal));
            return Ok(());
        }
        session.channels.insert(channel, Channel::default());
        let vhost = session.vhost.clone();
        self.send(connection, channel, &Method::ChannelOpenOk { channel_id: b"" });
        self.events.emit(&vhost, || Fact::ChannelOpened { connection, channel });
        Ok(())
    }

    fn other_method(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        method: Method<'_>,
    ) -> Outcome {
        let Some(session) = self.sessions.get(&connection) else { return Ok(()) };
        let caller = Caller { connection, channel, vhost: session.vhost.clone() };
        self.work.charge(cost::CHANGE);
        match method.class_id() {
            class::CHANNEL => self.channel_class(&caller, &method),
            class::ACCESS => {
                self.send(connection, channel, &Method::AccessRequestOk { ticket: 1 });
                Ok(())
            }
            class::EXCHANGE | class::QUEUE if self.comes_too_early(&caller, &method) => Ok(()),
            class::EXCHANGE => self.exchange_class(&caller, method),
            class::QUEUE => self.queue_class(&caller, method),
            class::BASIC => self.basic_class(&caller, method),
            class::CONFIRM => self.confirm_select(&caller, &method),
            class::TX => self.tx_class(&caller, &method),
            _ => Err(senseless()),
        }
    }

    fn channel_class(&mut self, caller: &Caller, method: &Method<'_>) -> Outcome {
        match method {
            Method::ChannelOpen { .. } => Err(second_open()),
            Method::ChannelClose { reply_code, reply_text, .. } => {
                let reason = format!("closed by the client: {reply_code} {reply_text}");
                let answer = Answer::ChannelCloseOk(caller.channel);
                self.release_channel(caller.connection, caller.channel, &reason, Some(answer));
                Ok(())
            }
            Method::ChannelFlow { active: true } => {
                self.send(caller.connection, caller.channel, &Method::ChannelFlowOk { active: true });
                Ok(())
            }
            // RabbitMQ does not let clients stop deliveries so: basic.qos is the way.
            Method::ChannelFlow { active: false } => {
                Err(Refusal::new(ReplyCode::NotImplemented, "active=false"))
            }
            _ => Err(senseless()),
        }
    }

    pub(super) fn channel_mut(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
    ) -> Option<&mut Channel> {
        self.sessions.get_mut(&connection)?.channels.get_mut(&channel)
    }

    /// Sends a method to a client.
    pub(super) fn send(&mut self, connection: ConnectionId, channel: ChannelNumber, method: &Method<'_>) {
        if let Some(session) = self.sessions.get_mut(&connection) {
            if session.out.is_empty() {
                self.unsent.push_back(connection);
            }
            session.send(channel, method);
        }
    }

    /// Answers a method, unless the client wants no answer.
    pub(super) fn reply(&mut self, caller: &Caller, nowait: bool, method: &Method<'_>) {
        if !nowait {
            self.send(caller.connection, caller.channel, method);
        }
    }
}

fn second_open() -> Refusal {
    Refusal::new(ReplyCode::ChannelError, "second 'channel.open' seen")
}

/// A method that only brokers send, or one of another time.
pub(super) fn senseless() -> Refusal {
    Refusal::new(ReplyCode::CommandInvalid, "unimplemented method")
}

mod class {
    pub(super) const CHANNEL: u16 = 20;
    pub(super) const ACCESS: u16 = 30;
    pub(super) const EXCHANGE: u16 = 40;
    pub(super) const QUEUE: u16 = 50;
    pub(super) const BASIC: u16 = 60;
    pub(super) const CONFIRM: u16 = 85;
    pub(super) const TX: u16 = 90;
}
