//! Where an actor sits: in which client, on which of its connections.

use std::time::Duration;

use super::{Consumer, Producer, Scenario};

/// An actor's place. Each has a channel of its own; actors of one client share its connections, and die with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seat<'a> {
    /// The actor's name.
    pub actor: &'a str,
    /// The client that it is a part of; empty if it is one of its own.
    pub client: &'a str,
    /// Which of the client's connections it uses; the one without a name if this is empty.
    pub connection: &'a str,
    /// The latency that it asks for.
    pub latency: Option<Duration>,
    /// The queue that it takes messages or answers from.
    pub takes_from: Option<&'a str>,
}

impl Seat<'_> {
    /// Whether both are parts of one program.
    #[must_use]
    pub fn shares_client(self, other: Seat<'_>) -> bool {
        self.actor == other.actor || (!self.client.is_empty() && self.client == other.client)
    }

    /// Whether both have a channel on one connection.
    #[must_use]
    pub fn shares_connection(self, other: Seat<'_>) -> bool {
        self.shares_client(other) && self.connection == other.connection
    }

    /// What the client is called: as its actor if there is only one.
    #[must_use]
    pub const fn client_name(&self) -> &str {
        if self.client.is_empty() { self.actor } else { self.client }
    }

    /// What the connection is called: by its client, and by its own name if it has one.
    #[must_use]
    pub fn connection_name(self) -> String {
        let client = self.client_name();
        if self.connection.is_empty() { client.into() } else { format!("{client}/{}", self.connection) }
    }
}

impl Scenario {
    /// Where everyone sits, in the order of the actors' ids.
    pub fn seats(&self) -> impl Iterator<Item = Seat<'_>> {
        self.producers.iter().map(Producer::seat).chain(self.consumers.iter().map(Consumer::seat))
    }
}

impl Seat<'_> {
    /// The place of an actor that is a client of its own, and takes from no queue.
    pub(crate) const fn alone(actor: &str) -> Seat<'_> {
        Seat { actor, client: "", connection: "", latency: None, takes_from: None }
    }
}

impl Producer {
    pub(super) fn seat(&self) -> Seat<'_> {
        Seat {
            actor: &self.name,
            client: &self.client,
            connection: &self.connection,
            latency: self.latency,
            takes_from: self.reply_to.as_deref(),
        }
    }
}

impl Consumer {
    pub(super) fn seat(&self) -> Seat<'_> {
        Seat {
            actor: &self.name,
            client: &self.client,
            connection: &self.connection,
            latency: self.latency,
            takes_from: Some(&self.queue),
        }
    }
}
