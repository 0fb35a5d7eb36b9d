//! Read-only state, for screens and HTTP.

use crate::{
    Broker, ChannelNumber, ConnectionId, MessageId, Name,
    event::{ConsumerRef, Destination, ExchangeKind},
};

/// A look at a broker that cannot change it. Everything is listed in the order of names or ids.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub(crate) broker: &'a Broker,
}

/// A connection that has finished its handshake.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ConnectionView {
    /// Its id.
    pub connection: ConnectionId,
    /// Who logged in.
    pub user: Name,
    /// The virtual host it opened.
    pub vhost: Name,
    /// The `connection_name` client property, or empty.
    pub client_name: Name,
    /// The peer's address as the host gave it.
    pub peer: String,
    /// Open channels.
    pub channels: Vec<ChannelNumber>,
}

/// An exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ExchangeView {
    /// Its virtual host.
    pub vhost: Name,
    /// Its name; empty for the default exchange.
    pub name: Name,
    /// Its type.
    pub kind: ExchangeKind,
    /// Whether it is to survive a restart.
    pub durable: bool,
    /// Whether it goes with its last binding.
    pub auto_delete: bool,
    /// Whether clients may not publish to it.
    pub internal: bool,
}

/// A binding. Those of the default exchange are implied and not listed.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BindingView {
    /// Its virtual host.
    pub vhost: Name,
    /// The exchange it leads from.
    pub exchange: Name,
    /// Where it leads.
    pub destination: Destination,
    /// The binding key.
    pub routing_key: Name,
}

/// A queue.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct QueueView {
    /// Its virtual host.
    pub vhost: Name,
    /// Its name.
    pub name: Name,
    /// Whether it is to survive a restart.
    pub durable: bool,
    /// Whether it belongs to one connection and goes with it.
    pub exclusive: bool,
    /// Whether it goes with its last consumer.
    pub auto_delete: bool,
    /// Messages waiting for a consumer.
    pub ready: u64,
    /// Messages delivered and not yet acked.
    pub unacked: u64,
    /// Who consumes from it, in the order in which they started.
    pub consumers: Vec<ConsumerRef>,
}

/// A message in a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MessageView {
    /// Its id.
    pub message: MessageId,
    /// The exchange it was published to.
    pub exchange: Name,
    /// The key it was published with.
    pub routing_key: Name,
    /// Its properties as `name: value` pairs, in the order of the specification.
    pub properties: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// Whether it has been delivered before.
    pub redelivered: bool,
}

/// Sums over the whole broker.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Totals {
    /// Connections that have finished their handshake.
    pub connections: u64,
    /// Open channels.
    pub channels: u64,
    /// Queues.
    pub queues: u64,
    /// Consumers.
    pub consumers: u64,
    /// Messages ready in queues.
    pub ready: u64,
    /// Messages delivered and not yet acked.
    pub unacked: u64,
    /// Bytes of messages that queues and unacked deliveries hold.
    pub message_bytes: u64,
}

impl View<'_> {
    /// Every open connection.
    #[must_use]
    pub fn connections(self) -> Vec<ConnectionView> {
        todo!()
    }

    /// Every exchange.
    #[must_use]
    pub fn exchanges(self) -> Vec<ExchangeView> {
        todo!()
    }

    /// Every binding.
    #[must_use]
    pub fn bindings(self) -> Vec<BindingView> {
        todo!()
    }

    /// Every queue.
    #[must_use]
    pub fn queues(self) -> Vec<QueueView> {
        todo!()
    }

    /// The messages ready in a queue, first to be delivered first, at most `limit`.
    #[must_use]
    pub fn ready_messages(self, vhost: &str, queue: &str, limit: u32) -> Vec<MessageView> {
        todo!()
    }

    /// The sums.
    #[must_use]
    pub fn totals(self) -> Totals {
        todo!()
    }
}
