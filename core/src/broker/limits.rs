//! How many connections, channels and queues there may be; the texts are RabbitMQ's.

use super::Broker;
use crate::{
    Behaviour, ConnectionId, Name, ReplyCode,
    access::Rights,
    refusal::{Outcome, Refusal},
    session::Session,
};

impl Broker {
    /// connection.open: the virtual host and the user may have one more.
    pub(super) fn check_connection_limits(&self, connection: ConnectionId, vhost: &Name) -> Outcome {
        let Some(session) = self.sessions.get(&connection) else { return Ok(()) };
        let user = &session.user;
        // One that is closed counts until its stream is (RabbitMQ).
        let opened = || self.sessions.values().filter(|session| session.opened);
        let limit = self.access.vhost_limits(vhost).and_then(|limits| limits.max_connections);
        let here = |session: &&Session| session.vhost == *vhost;
        if let Some(limit) = reached(limit, || opened().filter(here).count() as u64) {
            return not_allowed(format!(
                "access to vhost '{vhost}' refused for user '{user}': connection limit ({limit}) is reached"
            ));
        }
        let limit = self.access.user(user).and_then(|user| user.limits.max_connections);
        let own = |session: &&Session| session.user == *user;
        if let Some(limit) = reached(limit, || opened().filter(own).count() as u64) {
            return not_allowed(format!(
                "connection refused for user '{user}': user connection limit ({limit}) is reached"
            ));
        }
        Ok(())
    }

    /// The first frame of another channel: the connection and the user may have one more.
    pub(super) fn check_channel_limits(&self, connection: ConnectionId) -> Outcome {
        let Some(session) = self.sessions.get(&connection) else { return Ok(()) };
        let (open, max) = (session.channels.len(), session.channel_max);
        if max != 0 && open >= usize::from(max) {
            return not_allowed(format!(
                "number of channels opened ({open}) has reached the negotiated channel_max ({max})"
            ));
        }
        let user = &session.user;
        let limit = self.access.user(user).and_then(|user| user.limits.max_channels);
        let own = self.sessions.values().filter(|session| session.user == *user);
        if let Some(limit) = reached(limit, || own.map(|session| session.channels.len() as u64).sum()) {
            let limit = match self.config.has(Behaviour::LimitBare) {
                true => limit.to_string(),
                false => format!("({limit})"),
            };
            return not_allowed(format!(
                "number of channels opened for user '{user}' has reached the maximum allowed user limit of {limit}"
            ));
        }
        Ok(())
    }

    /// queue.declare of a new queue.
    pub(super) fn check_queue_limit(&self, vhost: &Name, queue: &str) -> Outcome {
        let limit = self.access.vhost_limits(vhost).and_then(|limits| limits.max_queues);
        let count = || self.vhosts.get(vhost).map_or(0, |vhost| vhost.queues.len() as u64);
        let Some(limit) = reached(limit, count) else { return Ok(()) };
        let text =
            format!("cannot declare queue '{queue}': queue limit in vhost '{vhost}' ({limit}) is reached");
        Err(Refusal::new(ReplyCode::PreconditionFailed, text))
    }

    /// What the connection's user may do on the virtual host, if it may open it.
    pub(super) fn vhost_rights(&self, connection: ConnectionId, vhost: &Name) -> Outcome<Rights> {
        let user = self.sessions.get(&connection).map(|session| session.user.clone()).unwrap_or_default();
        self.access.rights(&user, vhost).ok_or_else(|| {
            let text = format!("access to vhost '{vhost}' refused for user '{user}'");
            Refusal::new(ReplyCode::NotAllowed, text)
        })
    }
}

/// The limit, if there is one and it is reached. Nothing is counted without one.
fn reached(limit: Option<u64>, count: impl FnOnce() -> u64) -> Option<u64> {
    limit.filter(|&limit| count() >= limit)
}

fn not_allowed(text: String) -> Outcome {
    Err(Refusal::new(ReplyCode::NotAllowed, text))
}
