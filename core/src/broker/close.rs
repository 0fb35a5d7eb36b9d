//! Refusals and ends: closing a channel, closing a connection, and forgetting one.

use super::{Broker, Output, connection::CHANNEL_0, fault::NOBODY, timers::Timer};
use crate::{
    ChannelNumber, Client, ConnectionId, Notice, ReplyCode, refusal::Refusal, session::Phase, wire::Method,
};

impl Broker {
    /// Closes the channel, or for a hard error the connection, for the reason given; `cause` is the class and
    /// method that led to it.
    pub(super) fn refuse(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        refusal: &Refusal,
        cause: (u16, u16),
    ) {
        let Some(session) = self.sessions.get(&connection) else { return };
        // Nobody blames a method for a defect of the broker.
        let is_defect = refusal.code == ReplyCode::InternalError && refusal.text.is_empty();
        let cause = if is_defect { NOBODY } else { cause };
        match session.phase {
            Phase::Running if channel == CHANNEL_0 || refusal.code.closes_connection() => {
                self.tell_refused(connection, None, refusal);
                self.close_connection(connection, refusal, cause);
            }
            Phase::Running => {
                self.tell_refused(connection, Some(channel), refusal);
                self.close_channel(connection, channel, refusal, cause);
            }
            Phase::Closing | Phase::Deaf => {}
            _ => self.refuse_handshake(connection, refusal, cause),
        }
    }

    fn tell_refused(&mut self, connection: ConnectionId, channel: Option<ChannelNumber>, refusal: &Refusal) {
        let (code, text) = (refusal.code, refusal.reason.as_deref().unwrap_or(&refusal.text));
        self.notice_of(connection, |client| Notice::Refused { client, channel, code, text: text.into() });
    }

    fn close_channel(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        refusal: &Refusal,
        (class_id, method_id): (u16, u16),
    ) {
        let reply_text = refusal.reply_text();
        self.refuse_channel(connection, number, &reply_text);
        let reply_code = refusal.code.code();
        let close = Method::ChannelClose { reply_code, reply_text: &reply_text, class_id, method_id };
        self.send(connection, number, &close);
    }

    pub(super) fn close_connection(
        &mut self,
        connection: ConnectionId,
        refusal: &Refusal,
        (class_id, method_id): (u16, u16),
    ) {
        let reply_text = refusal.reply_text();
        self.release_connection(connection, &reply_text, None);
        let reply_code = refusal.code.code();
        let close = Method::ConnectionClose { reply_code, reply_text: &reply_text, class_id, method_id };
        self.send(connection, CHANNEL_0, &close);
        self.enter(connection, Phase::Closing);
    }

    /// A handshake fails: the client is told why where RabbitMQ would tell it, else the stream is closed.
    fn refuse_handshake(&mut self, connection: ConnectionId, refusal: &Refusal, cause: (u16, u16)) {
        let text = refusal.reason.as_deref().unwrap_or(&refusal.text);
        self.turned_away(connection, Some(refusal.code), text);
        let Some(session) = self.sessions.get(&connection) else { return };
        match (session.phase, refusal.code) {
            (Phase::Starting, ReplyCode::AccessRefused)
                if session.capabilities.authentication_failure_close =>
            {
                self.close_connection(connection, refusal, NOBODY);
            }
            (Phase::Starting, ReplyCode::AccessRefused) => self.enter(connection, Phase::Closing),
            (Phase::Opening, code) if code != ReplyCode::InternalError => {
                self.close_connection(connection, refusal, cause);
            }
            _ => self.enter(connection, Phase::Deaf),
        }
    }

    /// Tells the operator that a client was turned away, or dropped without a word.
    pub(super) fn turned_away(&mut self, connection: ConnectionId, code: Option<ReplyCode>, text: &str) {
        self.notice_of(connection, |client| Notice::TurnedAway { client, code, text: text.into() });
    }

    /// Tells the operator something of a client.
    pub(super) fn notice_of(&mut self, connection: ConnectionId, notice: impl FnOnce(Client) -> Notice) {
        let Some(session) = self.sessions.get(&connection) else { return };
        let client = Client {
            connection,
            peer: session.peer.address.clone(),
            user: session.user.clone(),
            vhost: session.vhost.clone(),
            client_name: session.client_name.clone(),
        };
        self.notice(notice(client));
    }

    /// Tells the operator.
    pub(super) fn notice(&mut self, notice: Notice) {
        self.outputs.push_back(Output::Notice(Box::new(notice)));
    }

    /// Has the host close the stream behind what still waits to be sent, and forgets the connection.
    pub(super) fn hang_up(&mut self, connection: ConnectionId, reason: &str) {
        let held = self.is_held(connection);
        self.drop_connection(connection, reason);
        self.put_off(held, Output::Close { connection });
    }

    /// Forgets a connection. What waits to be sent is left to the host.
    pub(super) fn drop_connection(&mut self, connection: ConnectionId, reason: &str) {
        let Some(session) = self.sessions.get(&connection) else { return };
        if session.phase == Phase::Running {
            self.release_connection(connection, reason, None);
        }
        let held = self.is_held(connection);
        if let Some(output) = self.take_bytes(connection) {
            self.put_off(held, output);
        }
        self.sessions.remove(&connection);
        self.timers.set(Timer::Connection(connection), None);
    }
}
