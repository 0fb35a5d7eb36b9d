//! Read-only state, for screens and HTTP.

use crate::{
    Alarm, Broker, ChannelNumber, ConnectionId, Instant, MessageId, Name,
    broker::Alarms,
    event::{ConsumerRef, Destination, ExchangeKind},
    exchange::Exchange,
    message::Message,
    queue::Queue,
    session::Phase,
    vhost::Vhost,
    wire::Properties,
};

/// A look at a broker that cannot change it. Everything is listed in the order of names or ids.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub(crate) broker: &'a Broker,
}

/// A virtual host that nobody can open, because the configuration does not name it any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClosedVhost {
    /// Its name.
    pub name: Name,
    /// Queues that it keeps.
    pub queues: u64,
    /// Messages that are ready in them.
    pub messages: u64,
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
    /// The policy that holds for it.
    pub policy: Option<Name>,
    /// The operator's policy that holds for it.
    pub operator_policy: Option<Name>,
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
    /// The policy that holds for it.
    pub policy: Option<Name>,
    /// The operator's policy that holds for it.
    pub operator_policy: Option<Name>,
    /// Messages waiting for a consumer; in a stream, all that it keeps.
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
    /// Why publishers are paused; empty if they are not.
    #[must_use]
    pub fn alarms(self) -> Vec<Alarm> {
        let Alarms { memory, disk } = self.broker.alarms;
        let all = [(memory, Alarm::Memory), (disk, Alarm::Disk)];
        all.into_iter().filter(|(on, _)| *on).map(|(_, alarm)| alarm).collect()
    }

    /// Virtual hosts that nobody can open.
    #[must_use]
    pub fn closed_vhosts(self) -> Vec<ClosedVhost> {
        let closed = self.broker.vhosts.values().filter(|vhost| vhost.closed);
        closed
            .map(|vhost| ClosedVhost {
                name: vhost.name.clone(),
                queues: vhost.queues.len() as u64,
                messages: vhost
                    .queues
                    .values()
                    .filter_map(|id| self.broker.queues.get(id))
                    .map(Queue::ready_count)
                    .sum(),
            })
            .collect()
    }

    /// Every open connection.
    #[must_use]
    pub fn connections(self) -> Vec<ConnectionView> {
        let open = self.broker.sessions.values().filter(|session| session.phase == Phase::Running);
        open.map(|session| ConnectionView {
            connection: session.id,
            user: session.user.clone(),
            vhost: session.vhost.clone(),
            client_name: session.client_name.clone(),
            peer: session.peer.address.clone(),
            channels: session.channels.keys().copied().collect(),
        })
        .collect()
    }

    /// When the broker gives a connection up if nothing comes on it until then: after two heartbeat intervals of silence.
    /// `None` if there is no such connection, or none that is watched.
    #[must_use]
    pub fn given_up_at(self, connection: ConnectionId) -> Option<Instant> {
        self.broker.sessions.get(&connection)?.given_up_at()
    }

    /// Every exchange.
    #[must_use]
    pub fn exchanges(self) -> Vec<ExchangeView> {
        let of_vhost = |vhost: &Vhost| -> Vec<ExchangeView> {
            let exchanges = vhost.exchanges.values();
            exchanges.map(|exchange| exchange_view(vhost, exchange)).collect()
        };
        self.broker.vhosts.values().flat_map(of_vhost).collect()
    }

    /// Every binding.
    #[must_use]
    pub fn bindings(self) -> Vec<BindingView> {
        let exchanges = self
            .broker
            .vhosts
            .values()
            .flat_map(|vhost| vhost.exchanges.values().map(move |exchange| (vhost, exchange)));
        exchanges
            .flat_map(|(vhost, exchange)| {
                let there = exchange.bindings().filter(|binding| !vhost.is_unbinding(&binding.destination));
                there.map(move |binding| BindingView {
                    vhost: vhost.name.clone(),
                    exchange: exchange.name.clone(),
                    destination: binding.destination.clone(),
                    routing_key: binding.routing_key.clone(),
                })
            })
            .collect()
    }

    /// Every queue.
    #[must_use]
    pub fn queues(self) -> Vec<QueueView> {
        let ids = self.broker.vhosts.values().flat_map(|vhost| vhost.queues.values());
        ids.filter_map(|id| Some(self.queue_view(self.broker.queues.get(id)?))).collect()
    }

    /// How many messages of a queue are ready and unacked; `None` if there is no such queue.
    #[must_use]
    pub fn queue_counts(self, vhost: &str, queue: &str) -> Option<(u64, u64)> {
        let id = self.broker.vhosts.get(vhost)?.queues.get(queue)?;
        let queue = self.broker.queues.get(id)?;
        Some((queue.ready_count(), queue.unacked))
    }

    /// Which messages are ready in a queue, first to be delivered first, at most `limit`.
    #[must_use]
    pub fn ready_ids(self, vhost: &str, queue: &str, limit: u32) -> Vec<MessageId> {
        let found = self.broker.vhosts.get(vhost).and_then(|vhost| vhost.queues.get(queue));
        let Some(queue) = found.and_then(|id| self.broker.queues.get(id)) else { return Vec::new() };
        queue.messages().take(limit as usize).map(|(message, _)| message.id).collect()
    }

    /// When the messages ready in a queue expire, of the first `limit` to be delivered those that do.
    #[must_use]
    pub fn expiries(self, vhost: &str, queue: &str, limit: u32) -> Vec<(MessageId, Instant)> {
        let found = self.broker.vhosts.get(vhost).and_then(|vhost| vhost.queues.get(queue));
        let Some(queue) = found.and_then(|id| self.broker.queues.get(id)) else { return Vec::new() };
        queue.expiries(limit as usize).collect()
    }

    /// Which messages the exchanges of a virtual host hold back (x-delayed-message), and which exchange each: first those
    /// that go on first.
    pub fn held_back(&self, vhost: &str) -> impl Iterator<Item = (MessageId, &Name)> {
        self.broker.delayed.iter().filter_map(move |((_, number), delayed)| {
            let is_there = delayed.vhost == *vhost && !self.broker.is_forgotten(*number, delayed);
            is_there.then_some((delayed.message.id, &delayed.exchange))
        })
    }

    /// Which messages are delivered to consumers or got and not yet acked, in no queue's order.
    #[must_use]
    pub fn unacked_ids(self) -> Vec<MessageId> {
        let channels = self.broker.sessions.values().flat_map(|session| session.channels.values());
        channels.flat_map(|channel| channel.unacked.values()).map(|held| held.entry.message.id).collect()
    }

    /// The messages ready in a queue, first to be delivered first, at most `limit`.
    #[must_use]
    pub fn ready_messages(self, vhost: &str, queue: &str, limit: u32) -> Vec<MessageView> {
        let found = self.broker.vhosts.get(vhost).and_then(|vhost| vhost.queues.get(queue));
        let Some(queue) = found.and_then(|id| self.broker.queues.get(id)) else { return Vec::new() };
        queue
            .messages()
            .take(limit as usize)
            .map(|(message, redelivered)| message_view(message, redelivered))
            .collect()
    }

    /// The messages delivered to consumers or got and not yet acked, in no queue's order, at most `limit`.
    #[must_use]
    pub fn unacked_messages(self, limit: u32) -> Vec<MessageView> {
        let channels = self.broker.sessions.values().flat_map(|session| session.channels.values());
        let unacked = channels.flat_map(|channel| channel.unacked.values());
        let shown = unacked.take(limit as usize).map(|unacked| &unacked.entry);
        shown.map(|entry| message_view(&entry.message, entry.redelivered)).collect()
    }

    /// The sums.
    #[must_use]
    pub fn totals(self) -> Totals {
        let running = || self.broker.sessions.values().filter(|session| session.phase == Phase::Running);
        let (ready, unacked) = self.broker.counted;
        debug_assert_eq!(ready, self.broker.queues.values().map(Queue::ready_count).sum::<u64>());
        debug_assert_eq!(unacked, self.broker.queues.values().map(|queue| queue.unacked).sum::<u64>());
        Totals {
            connections: running().count() as u64,
            channels: running().map(|session| session.channels.len() as u64).sum(),
            queues: self.broker.queues.len() as u64,
            consumers: self.broker.consumers.len() as u64,
            ready,
            unacked,
            message_bytes: self.broker.message_bytes,
        }
    }

    fn queue_view(self, queue: &Queue) -> QueueView {
        let consumers = queue.consumers.iter();
        QueueView {
            vhost: queue.vhost.clone(),
            name: queue.name.clone(),
            durable: queue.durable,
            exclusive: queue.owner.is_some(),
            auto_delete: queue.auto_delete,
            policy: queue.policy.policy.clone(),
            operator_policy: queue.policy.operator_policy.clone(),
            ready: queue.ready_count(),
            unacked: queue.unacked,
            consumers: consumers.filter_map(|id| Some(self.broker.consumers.get(id)?.address())).collect(),
        }
    }
}

fn exchange_view(vhost: &Vhost, exchange: &Exchange) -> ExchangeView {
    ExchangeView {
        vhost: vhost.name.clone(),
        name: exchange.name.clone(),
        kind: exchange.properties.kind,
        durable: exchange.properties.durable,
        auto_delete: exchange.properties.auto_delete,
        internal: exchange.properties.internal,
        policy: exchange.policy.policy.clone(),
        operator_policy: exchange.policy.operator_policy.clone(),
    }
}

fn message_view(message: &Message, redelivered: bool) -> MessageView {
    MessageView {
        message: message.id,
        exchange: message.exchange.clone(),
        routing_key: message.routing_key().into(),
        properties: Properties::decode(message.properties()).map_or_else(|_| Vec::new(), |p| p.shown()),
        body: message.body().to_vec(),
        redelivered,
    }
}
