//! Permissions, asked for where RabbitMQ asks for them, and refused with its texts.

use std::fmt;

use super::{
    Broker,
    channel::Caller,
    exchange::{check_destination, check_not_default},
    reply_to::check_not_reply_address,
};
use crate::{
    Behaviour, ChannelNumber, ConnectionId, Name, ReplyCode,
    access::{Pattern, Rights},
    event::{Destination, ExchangeKind},
    message::Message,
    refusal::{Outcome, Refusal, exchange_in, queue_in},
};

/// What a permission is asked for.
#[derive(Clone, Copy)]
pub(super) enum Resource<'a> {
    Queue(&'a str),
    Exchange(&'a str),
}

/// What somebody wants to do with it.
#[derive(Clone, Copy)]
enum Right {
    Configure,
    Write,
    Read,
}

impl Broker {
    pub(super) fn check_configure(&self, caller: &Caller, resource: Resource<'_>) -> Outcome {
        self.check_right(caller.connection, &caller.vhost, resource, Right::Configure)
    }

    pub(super) fn check_write(&self, caller: &Caller, resource: Resource<'_>) -> Outcome {
        self.check_right(caller.connection, &caller.vhost, resource, Right::Write)
    }

    pub(super) fn check_read(&self, caller: &Caller, resource: Resource<'_>) -> Outcome {
        self.check_right(caller.connection, &caller.vhost, resource, Right::Read)
    }

    /// A passive declare needs any of the three.
    pub(super) fn check_any(&self, caller: &Caller, resource: Resource<'_>) -> Outcome {
        if !self.config.has(Behaviour::PermissionToAsk) {
            return Ok(());
        }
        self.check_read(caller, resource)
            .or_else(|_| self.check_write(caller, resource))
            .or_else(|_| self.check_configure(caller, resource))
    }

    /// Declaring something that passes messages on to an exchange of its own choice.
    pub(super) fn check_forwarding(&self, caller: &Caller, from: Resource<'_>, to: &str) -> Outcome {
        self.check_read(caller, from)?;
        self.check_write(caller, Resource::Exchange(to))
    }

    /// Binding and unbinding need write on the destination, and read on the source and on the key of a topic
    /// exchange. The default exchange takes no part.
    pub(super) fn check_binding(
        &self,
        caller: &Caller,
        source: &str,
        destination: &Destination,
        routing_key: &str,
    ) -> Outcome {
        let bound = match destination {
            Destination::Queue(queue) => Resource::Queue(queue),
            Destination::Exchange(exchange) => Resource::Exchange(exchange),
        };
        if self.config.has(Behaviour::ReplyAddressIsQueue) {
            check_not_reply_address(destination)?;
        }
        self.check_write(caller, bound)?;
        check_destination(destination)?;
        check_not_default(source)?;
        self.check_read(caller, Resource::Exchange(source))?;
        self.check_topic(caller.connection, source, routing_key, Right::Read)
    }

    /// basic.publish. The exchange that a channel may publish to is remembered, because it asks again and again.
    pub(super) fn check_publish(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        exchange: &Name,
    ) -> Outcome {
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        if session.rights.write.is_everything() {
            return Ok(());
        }
        let Some(channel) = session.channels.get_mut(&number) else { return Ok(()) };
        if channel.may_publish_to.as_ref() == Some(exchange) {
            return Ok(());
        }
        channel.may_publish_to = Some(exchange.clone());
        let vhost = session.vhost.clone();
        let outcome = self.check_right(connection, &vhost, Resource::Exchange(exchange), Right::Write);
        if outcome.is_err()
            && let Some(channel) = self.channel_mut(connection, number)
        {
            channel.may_publish_to = None;
        }
        outcome
    }

    /// basic.publish to what may be a topic exchange: every key is asked for.
    pub(super) fn check_publish_keys(&self, connection: ConnectionId, message: &Message) -> Outcome {
        let Some(session) = self.sessions.get(&connection) else { return Ok(()) };
        if session.rights.topics.is_empty() {
            return Ok(());
        }
        self.check_topic(connection, &message.exchange, message.routing_key(), Right::Write)?;
        if !self.config.has(Behaviour::TopicPermissionsOfCc) {
            return Ok(());
        }
        let further = message.further_keys(true);
        further.iter().try_for_each(|key| self.check_topic(connection, &message.exchange, key, Right::Write))
    }

    fn check_topic(&self, connection: ConnectionId, exchange: &str, key: &str, right: Right) -> Outcome {
        let Some(session) = self.sessions.get(&connection) else { return Ok(()) };
        let Some((write, read)) = session.rights.topics.get(exchange) else { return Ok(()) };
        let is_topic = self.vhosts.get(&session.vhost).and_then(|vhost| vhost.exchanges.get(exchange));
        if is_topic.is_none_or(|exchange| exchange.properties.kind != ExchangeKind::Topic) {
            return Ok(());
        }
        let pattern = if matches!(right, Right::Write) { write } else { read };
        if pattern.matches(key) {
            return Ok(());
        }
        let topic = format!("topic '{key}' in exchange '{exchange}' in vhost '{}'", session.vhost);
        Err(self.access_refused(right, &topic, &session.user))
    }

    fn check_right(
        &self,
        connection: ConnectionId,
        vhost: &Name,
        resource: Resource<'_>,
        right: Right,
    ) -> Outcome {
        let Some(session) = self.sessions.get(&connection) else { return Ok(()) };
        if right.pattern(&session.rights).matches(resource.name()) {
            return Ok(());
        }
        let resource = match resource {
            Resource::Queue(queue) => queue_in(queue, vhost),
            Resource::Exchange(_) => exchange_in(resource.name(), vhost),
        };
        Err(self.access_refused(right, &resource, &session.user))
    }

    fn access_refused(&self, right: Right, resource: &str, user: &str) -> Refusal {
        let access = match self.config.has(Behaviour::PermissionNamed) {
            true => format!("{right} access"),
            false => "access".into(),
        };
        let text = format!("{access} to {resource} refused for user '{user}'");
        Refusal::new(ReplyCode::AccessRefused, text)
    }
}

impl Resource<'_> {
    /// The name that patterns see.
    fn name(&self) -> &str {
        match self {
            Resource::Exchange("") => "amq.default",
            Resource::Exchange(name) | Resource::Queue(name) => name,
        }
    }
}

impl Right {
    fn pattern(self, rights: &Rights) -> &Pattern {
        match self {
            Right::Configure => &rights.configure,
            Right::Write => &rights.write,
            Right::Read => &rights.read,
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Right::Configure => "configure",
            Right::Write => "write",
            Right::Read => "read",
        })
    }
}
