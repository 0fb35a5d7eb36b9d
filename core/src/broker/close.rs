//! Refusals and ends: closing a channel, closing a connection, and forgetting one.

use super::{Broker, Output, connection::CHANNEL_0, fault::NOBODY, timers::Timer};
use crate::{ChannelNumber, ConnectionId, ReplyCode, refusal::Refusal, session::Phase, wire::Method};

/// The method that RabbitMQ blames for values of connection.tune-ok that it does not take.
const CONNECTION_TUNE: (u16, u16) = (10, 30);

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
                self.close_connection(connection, refusal, cause);
            }
            Phase::Running => self.close_channel(connection, channel, refusal, cause),
            Phase::Closing | Phase::Deaf => {}
            _ => self.refuse_handshake(connection, refusal, cause),
        }
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
        self.notice(connection, refusal.reason.as_deref().unwrap_or(&refusal.text));
        let Some(session) = self.sessions.get(&connection) else { return };
        match (session.phase, refusal.code) {
            (Phase::Starting, ReplyCode::AccessRefused)
                if session.capabilities.authentication_failure_close =>
            {
                self.close_connection(connection, refusal, NOBODY);
            }
            (Phase::Starting, ReplyCode::AccessRefused) => self.enter(connection, Phase::Closing),
            (Phase::Tuning, ReplyCode::NotAllowed) => {
                self.close_connection(connection, refusal, CONNECTION_TUNE);
            }
            (Phase::Opening, code) if code != ReplyCode::InternalError => {
                self.close_connection(connection, refusal, cause);
            }
            _ => self.enter(connection, Phase::Deaf),
        }
    }

    /// Tells the operator.
    pub(super) fn notice(&mut self, connection: ConnectionId, text: &str) {
        let Some(session) = self.sessions.get(&connection) else { return };
        let peer = session.peer.address.clone();
        self.outputs.push_back(Output::Notice { connection, peer, text: text.into() });
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
