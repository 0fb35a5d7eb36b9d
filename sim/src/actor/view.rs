//! Actors as a screen shows them.

use serde::Serialize;
use warren_core::{ChannelNumber, ConnectionId, Instant, MessageId};

use super::{Actor, Connection, Role, Running};
use crate::{happening::ActorId, scenario::AckMode};

/// A look at an actor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ActorView {
    /// Its id.
    pub id: ActorId,
    /// Its name. If it is a client of its own, that is the connection's `client_name`, too.
    pub name: String,
    /// How it fares.
    pub status: Status,
    /// The latency of its link, in µs each way.
    pub latency_us: u64,
    /// Its connection, while it has one.
    pub connection: Option<ConnectionId>,
    /// Its channel on that connection.
    pub channel: Option<ChannelNumber>,
    /// What it does.
    pub kind: ActorKind,
}

/// How an actor fares.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It has not started yet.
    Waiting,
    /// It is busy with the handshake and its declarations.
    Connecting,
    /// It works.
    Up,
    /// It stands still, with its connection open.
    Paused,
    /// Its connection broke, and it is going to connect again.
    Disconnected,
    /// The broker closed its channel or connection.
    Refused,
    /// It has crashed.
    Crashed,
    /// Its program has come to its end.
    Finished,
}

/// What an actor does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// It sends.
    Producer {
        /// Where it publishes; empty for the default exchange.
        exchange: String,
        /// The routing keys of its messages, in turn.
        routing_keys: Vec<String>,
        /// Messages sent so far.
        sent: u32,
        /// Messages it sends in all.
        count: u32,
    },
    /// It receives.
    Consumer {
        /// The queue it takes from.
        queue: String,
        /// When it acks.
        ack: AckMode,
        /// How many unacked messages it takes at most; 0 for any number.
        prefetch: u16,
        /// What waits in its buffer, first to be worked on first.
        buffered: Vec<MessageId>,
        /// What it works on.
        working: Option<WorkView>,
        /// What it has worked on and not acked: not yet, or never.
        kept: Vec<MessageId>,
        /// How often it has finished work on a message.
        processed: u64,
        /// How often its work on a message has failed.
        failed: u64,
    },
    /// It deletes and purges queues.
    Operator,
}

/// Work on a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct WorkView {
    /// Which.
    pub message: MessageId,
    /// When it began.
    pub started_at: Instant,
    /// When it will be finished.
    pub done_at: Instant,
}

impl Actor {
    /// A look at the actor, which bears `id`, and has or will have this connection.
    pub(crate) fn view(&self, id: ActorId, connection: &Connection) -> ActorView {
        ActorView {
            id,
            name: self.name.clone(),
            status: if self.is_paused { Status::Paused } else { self.status },
            latency_us: u64::try_from(connection.delay.latency.as_micros()).unwrap_or(u64::MAX),
            connection: self.channel.map(|channel| channel.at.connection),
            channel: self.channel.map(|channel| channel.at.channel),
            kind: self.role.view(self.running.as_ref()),
        }
    }
}

impl Role {
    fn view(&self, running: Option<&Running>) -> ActorKind {
        match self {
            Role::Producer(producer) => ActorKind::Producer {
                exchange: producer.plan.exchange.clone(),
                routing_keys: producer.plan.routing_key.clone(),
                sent: producer.sent,
                count: producer.plan.count.max(producer.sent),
            },
            Role::Operator => ActorKind::Operator,
            Role::Consumer(consumer) => ActorKind::Consumer {
                queue: consumer.plan.queue.clone(),
                ack: consumer.plan.ack,
                prefetch: consumer.plan.prefetch,
                buffered: match running {
                    Some(running) => running.in_hand().collect(),
                    None => consumer.buffer.iter().map(|held| held.message).collect(),
                },
                working: consumer.work.as_ref().map(|work| WorkView {
                    message: work.held.message,
                    started_at: work.started_at,
                    done_at: work.done_at,
                }),
                kept: consumer.kept().collect(),
                processed: consumer.processed,
                failed: consumer.failed,
            },
        }
    }
}
