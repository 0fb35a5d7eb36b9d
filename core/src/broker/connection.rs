//! Class connection: from the protocol header to connection.close (AMQP 0-9-1, section 1.4 of the reference).

use super::{
    Broker, Output, Peer,
    ending::Answer,
    timers::{GRACE, Timer},
};
use crate::{
    ChannelNumber, Config, ConnectionId, Fact, Name, Notice, ReplyCode, User,
    refusal::{Outcome, Refusal},
    session::{Capabilities, Due, Phase, Session, login},
    wire::{Dialect, FieldTable, FieldValue, Method, encode_heartbeat},
};

/// The smallest frame-max that a client of AMQP 0-8 may ask for, in bytes; RabbitMQ 3 served them.
const FRAME_MIN_SIZE_OF_0_8: u32 = 4096;

/// Where a connection's own methods go.
pub(super) const CHANNEL_0: ChannelNumber = ChannelNumber(0);

impl Broker {
    pub(super) fn accept(&mut self, connection: ConnectionId, peer: Peer) {
        if self.shutting_down {
            self.outputs.push_back(Output::Close { connection });
            return;
        }
        let session =
            Session::new(connection, peer, self.config.compat.smallest_frame_max(), self.now.instant);
        self.sessions.insert(connection, session);
        self.set_timer(connection);
    }

    /// A method on channel 0.
    pub(super) fn connection_method(&mut self, connection: ConnectionId, method: Method<'_>) -> Outcome {
        let Some(session) = self.sessions.get(&connection) else { return Ok(()) };
        match (session.phase, method) {
            (Phase::Starting, Method::ConnectionStartOk { client_properties, mechanism, response, .. }) => {
                self.start_ok(connection, &client_properties, mechanism, response)
            }
            (Phase::Tuning, Method::ConnectionTuneOk { channel_max, frame_max, heartbeat }) => {
                self.tune_ok(connection, channel_max, frame_max, heartbeat)
            }
            (Phase::Opening, Method::ConnectionOpen { virtual_host, .. }) => {
                self.open(connection, virtual_host)
            }
            (Phase::Closing, Method::ConnectionCloseOk {}) => {
                self.hang_up(connection, "closed");
                Ok(())
            }
            (Phase::Running, Method::ConnectionClose { reply_code, reply_text, .. }) => {
                let reason = format!("closed by the client: {reply_code} {reply_text}");
                self.release_connection(connection, &reason, Some(Answer::ConnectionCloseOk));
                Ok(())
            }
            (Phase::Closing, Method::ConnectionClose { .. }) => {
                self.send(connection, CHANNEL_0, &Method::ConnectionCloseOk {});
                Ok(())
            }
            (Phase::Closing, _) => Ok(()),
            (Phase::Running, Method::ConnectionUpdateSecret { .. }) => {
                self.send(connection, CHANNEL_0, &Method::ConnectionUpdateSecretOk {});
                Ok(())
            }
            (phase, _) => {
                let text = format!("unexpected method in connection state {}", phase.as_str());
                Err(Refusal::new(ReplyCode::ChannelError, text))
            }
        }
    }

    fn start_ok(
        &mut self,
        connection: ConnectionId,
        client_properties: &FieldTable,
        mechanism: &str,
        response: &[u8],
    ) -> Outcome {
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        session.capabilities = Capabilities::of(client_properties);
        if let Some(FieldValue::LongStr(name)) = client_properties.get("connection_name") {
            session.client_name = Name::from(String::from_utf8_lossy(name).into_owned());
        }
        session.user = login(mechanism, response, &self.access, (&session.peer, self.config.compat))?;
        // What a user is tagged with later is for its next login (RabbitMQ).
        let user = self.access.user(&session.user);
        session.impersonates = user.is_some_and(|user| user.has_tag(User::IMPERSONATOR));
        let Config { channel_max, frame_max, heartbeat_s, .. } = self.config;
        self.enter(connection, Phase::Tuning);
        let tune = Method::ConnectionTune { channel_max, frame_max, heartbeat: heartbeat_s };
        self.send(connection, CHANNEL_0, &tune);
        Ok(())
    }

    fn tune_ok(
        &mut self,
        connection: ConnectionId,
        channel_max: u16,
        frame_max: u32,
        heartbeat: u16,
    ) -> Outcome {
        let frame_min = match self.sessions.get(&connection).map(|session| session.dialect) {
            Some(Dialect::V0_8) => FRAME_MIN_SIZE_OF_0_8,
            _ => self.config.compat.smallest_frame_max(),
        };
        check_negotiated("frame_max", frame_min, self.config.frame_max, frame_max)?;
        check_negotiated("channel_max", 1, self.config.channel_max.into(), channel_max.into())?;
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        session.channel_max = channel_max;
        session.frame_max = frame_max;
        session.heartbeat_s = heartbeat;
        session.tuned = true;
        self.enter(connection, Phase::Opening);
        Ok(())
    }

    fn open(&mut self, connection: ConnectionId, virtual_host: &str) -> Outcome {
        let Some(vhost) = self.vhosts.get(virtual_host) else {
            return Err(Refusal::new(ReplyCode::NotAllowed, format!("vhost {virtual_host} not found")));
        };
        let name = vhost.name.clone();
        if vhost.closed {
            let user = self.sessions.get(&connection).map(|session| session.user.clone()).unwrap_or_default();
            let text = format!(
                "access to vhost '{name}' refused for user '{user}': it is closed, because the configuration does not \
                 name it any more"
            );
            return Err(Refusal::new(ReplyCode::NotAllowed, text));
        }
        self.check_connection_limits(connection, &name)?;
        let rights = self.vhost_rights(connection, &name)?;
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        session.vhost = name.clone();
        session.rights = rights;
        session.opened = true;
        let (user, client_name) = (session.user.clone(), session.client_name.clone());
        self.enter(connection, Phase::Running);
        self.send(connection, CHANNEL_0, &Method::ConnectionOpenOk { known_hosts: "" });
        self.notice_of(connection, |client| Notice::LoggedIn { client });
        self.events.emit(&name, || Fact::ConnectionOpened { connection, user, client_name });
        Ok(())
    }

    /// Starts a phase, and the clock that bounds it.
    pub(super) fn enter(&mut self, connection: ConnectionId, phase: Phase) {
        let now = self.now.instant;
        if let Some(session) = self.sessions.get_mut(&connection) {
            session.phase = phase;
            session.since = now;
            session.last_sent = now;
        }
        self.set_timer(connection);
    }

    /// Puts the connection on the clock again after something about its deadlines has changed.
    pub(super) fn set_timer(&mut self, connection: ConnectionId) {
        let Some(session) = self.sessions.get(&connection) else { return };
        self.timers.set(Timer::Connection(connection), session.next_look());
    }

    /// Sends the heartbeat that is due, or gives the connection up if it has been silent for too long; not at once, if the
    /// host may not have read what it has sent.
    pub(super) fn look_after(&mut self, connection: ConnectionId, is_late: bool) {
        let now = self.now.instant;
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        let due = session.due(now);
        match due {
            Some(Due::GiveUp(_)) if is_late && session.spared_until.is_none() => {
                session.spared_until = Some(now + GRACE);
            }
            Some(Due::GiveUp(reason)) => {
                self.notice_of(connection, |client| Notice::GivenUp { client, reason });
                return self.hang_up(connection, reason);
            }
            Some(Due::Heartbeat) => self.send_heartbeat(connection),
            None => {}
        }
        self.set_timer(connection);
    }

    fn send_heartbeat(&mut self, connection: ConnectionId) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.last_sent = self.now.instant;
        encode_heartbeat(&mut session.out);
        self.unsent.push_back(connection);
    }
}

/// Refuses a negotiated value outside the limits, with RabbitMQ's text; 0 means no limit.
fn check_negotiated(field: &str, min: u32, max: u32, value: u32) -> Outcome {
    let refuse = |relation: &str, bound: &str, limit: u32| {
        let detail = if field == "channel_max" && value == 0 { " (no limit)" } else { "" };
        let text = format!(
            "negotiated {field} = {value}{detail} is {relation} than the {bound} allowed value ({limit})"
        );
        Err(Refusal::new(ReplyCode::NotAllowed, text))
    };
    if value != 0 && value < min {
        refuse("lower", "minimum", min)
    } else if max != 0 && (value == 0 || value > max) {
        refuse("higher", "maximum", max)
    } else {
        Ok(())
    }
}
