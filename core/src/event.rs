//! What happened, for whoever watches: the picture, the ledger, the checks and the live view all read this stream.
//!
//! An event is a fact that has already happened, never a cause. A broker that nobody watches makes none
//! and sends the same bytes.

use std::collections::VecDeque;

use crate::{
    ChannelNumber, ConnectionId, DeliveryTag, Instant, MessageId, Name, ReplyCode,
    refusal::{Outcome, Refusal},
};

/// Why a connection is over on which nothing came for two heartbeat intervals (AMQP 0-9-1, section 4.2.7).
pub const MISSED_HEARTBEATS: &str = "missed heartbeats from the client";

/// One fact, and when it came to be.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Event {
    /// When, on the clock that was handed in.
    pub at: Instant,
    /// Its place in the stream, from 1, without gaps.
    pub seq: u64,
    /// The virtual host it concerns; empty for a fact about a connection that is in none yet.
    pub vhost: Name,
    /// What happened.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub fact: Fact,
}

/// A consumer's address: tags are unique only within a channel.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ConsumerRef {
    /// Its connection.
    pub connection: ConnectionId,
    /// Its channel.
    pub channel: ChannelNumber,
    /// Its tag.
    pub tag: Name,
}

/// What can happen in a broker.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "fact", rename_all = "kebab-case"))]
#[expect(missing_docs, reason = "each variant's sentence makes its fields plain")]
pub enum Fact {
    /// A client finished the handshake.
    ConnectionOpened { connection: ConnectionId, user: Name, client_name: Name },
    /// A connection is over, in any way; [`MISSED_HEARTBEATS`] is one of the reasons. What it held is released by the facts
    /// that precede this one.
    ConnectionClosed { connection: ConnectionId, reason: String },
    /// A channel was opened.
    ChannelOpened { connection: ConnectionId, channel: ChannelNumber },
    /// A channel is over, in any way.
    ChannelClosed { connection: ConnectionId, channel: ChannelNumber, reason: String },

    /// An exchange came to be.
    ExchangeDeclared { exchange: Name, kind: ExchangeKind, durable: bool },
    /// An exchange is gone.
    ExchangeDeleted { exchange: Name },
    /// A queue came to be.
    QueueDeclared { queue: Name, durable: bool, exclusive: bool, auto_delete: bool },
    /// A queue is gone, with `messages` that were ready in it.
    QueueDeleted { queue: Name, messages: u64, reason: QueueEnd },
    /// A binding came to be.
    Bound { exchange: Name, destination: Destination, routing_key: Name },
    /// A binding is gone.
    Unbound { exchange: Name, destination: Destination, routing_key: Name },
    /// Other policies hold for a queue or an exchange than did before.
    PoliciesChanged { of: Destination, policy: Option<Name>, operator_policy: Option<Name> },
    /// A consumer started.
    ConsumerStarted { consumer: ConsumerRef, queue: Name, no_ack: bool, exclusive: bool, prefetch: u16 },
    /// It is this consumer's turn alone (single active consumer).
    ConsumerActivated { consumer: ConsumerRef, queue: Name },
    /// A consumer had deliveries unacked for too long: they are ready again, and it gets nothing until its client has
    /// settled them.
    ConsumerTimedOut { consumer: ConsumerRef, queue: Name },
    /// The client has settled what was overdue, and the consumer gets messages again.
    ConsumerResumed { consumer: ConsumerRef, queue: Name },
    /// A consumer is over, in any way.
    ConsumerStopped { consumer: ConsumerRef, queue: Name },

    /// A message reached the broker whole. `number` counts the publishes of its channel from 1.
    Published {
        message: MessageId,
        connection: ConnectionId,
        channel: ChannelNumber,
        number: u64,
        exchange: Name,
        routing_key: Name,
        body_bytes: u64,
        persistent: bool,
    },
    /// The bindings were asked: each of these queues takes the message, once.
    Routed { message: MessageId, queues: Vec<Name> },
    /// No queue took the message; it is gone, or goes back to the publisher if it was mandatory.
    Unroutable { message: MessageId, mandatory: bool },
    /// An exchange holds the message back, and routes it in `delay_ms` (x-delayed-message).
    Delayed { message: MessageId, exchange: Name, delay_ms: u64 },
    /// It is held back, and goes back to its publisher all the same: it was mandatory, and no queue has it yet
    /// (x-delayed-message).
    ReturnedEarly { message: MessageId },
    /// A queue has the message, ready for a consumer.
    Enqueued { message: MessageId, queue: Name },
    /// A message went out to a consumer. With `no_ack` the broker forgets it now.
    Delivered {
        message: MessageId,
        queue: Name,
        consumer: ConsumerRef,
        delivery_tag: DeliveryTag,
        redelivered: bool,
        no_ack: bool,
    },
    /// A message went out as the answer to basic.get. With `no_ack` the broker forgets it now.
    Got {
        message: MessageId,
        queue: Name,
        connection: ConnectionId,
        channel: ChannelNumber,
        delivery_tag: DeliveryTag,
        redelivered: bool,
        no_ack: bool,
    },
    /// A stream's message went out to a consumer; the stream keeps it, at this offset.
    Read { message: MessageId, queue: Name, consumer: ConsumerRef, delivery_tag: DeliveryTag, offset: u64 },
    /// What a consumer read is settled, by an ack or in any other way; the stream keeps the message all the same.
    ReadSettled { message: MessageId, queue: Name, acked: bool },
    /// A client took responsibility; the queue forgets the message.
    Acked { message: MessageId, queue: Name, connection: ConnectionId, channel: ChannelNumber },
    /// The message went back to its place in the queue, ready again.
    Requeued { message: MessageId, queue: Name, reason: RequeueReason },
    /// The queue forgot the message without an ack; `unacked` if it was with a client, else it was ready.
    Dropped { message: MessageId, queue: Name, reason: DropReason, unacked: bool },
    /// The queue forgot messages that were on the disk only, without a look at them; all were ready.
    DroppedUnread { queue: Name, messages: u64, reason: DropReason },
    /// The queue gave the message up, and it goes on to the dead-letter exchange; `unacked` if it was with a client,
    /// else it was ready.
    DeadLettered { message: MessageId, queue: Name, reason: DeathReason, exchange: Name, unacked: bool },
    /// Not everything that a dead letter is routed to takes it, or nothing is there to take it: its queue keeps it and tries
    /// again (at-least-once dead-lettering).
    DeadLetterWaits { message: MessageId, queue: Name },
    /// A dead letter that had to wait is where it goes: its queue keeps it no longer.
    DeadLetterTaken { message: MessageId, queue: Name },
    /// The queue that kept a dead letter is gone, and the dead letter with it.
    DeadLetterDropped { message: MessageId, queue: Name },
    /// A dead letter does not enter these queues, which have given it up before. `is_gone`: nothing else takes it.
    DeadLetterCycle { message: MessageId, queues: Vec<Name>, is_gone: bool },
    /// The queue is full and did not take the message (`x-overflow` reject-publish).
    Refused { message: MessageId, queue: Name },
    /// The publisher was told that the broker has taken responsibility (basic.ack from the broker), up to
    /// and including `number` where `multiple`.
    Confirmed { connection: ConnectionId, channel: ChannelNumber, number: u64, multiple: bool },
    /// The publisher was told that a queue did not take the message (basic.nack from the broker).
    Nacked { connection: ConnectionId, channel: ChannelNumber, number: u64 },
    /// A transaction was committed: its publishes and acks took effect in the facts before this one.
    Committed { connection: ConnectionId, channel: ChannelNumber },
    /// A transaction was rolled back: `publishes` messages are gone, `acks` deliveries are unacked as before.
    RolledBack { connection: ConnectionId, channel: ChannelNumber, publishes: u64, acks: u64 },
    /// A message went straight to the channel that waits for it (direct reply-to); no queue held it.
    Replied {
        message: MessageId,
        connection: ConnectionId,
        channel: ChannelNumber,
        delivery_tag: DeliveryTag,
    },

    /// A broker that starts has found the message on its disk, ready again.
    Recovered { message: MessageId, queue: Name },
    /// A broker that starts has found the message on its disk: the exchange holds it back for so many ms more.
    RecoveredDelayed { message: MessageId, exchange: Name, delay_ms: u64 },
    /// The message was written down in the broker's memory, to go to the disk with this commit.
    Recorded { message: MessageId, commit: u64 },
    /// All of the commit is in the operating system's cache: it survives the end of the broker, and no power cut.
    Written { commit: u64 },
    /// All of the commit is on the disk for good, and so are all before it.
    Synced { commit: u64 },
    /// There is no space left on the disk: publishers wait.
    DiskFull,

    /// Publishers are paused: the queues hold more than the memory limit, or the disk is full.
    Blocked,
    /// Publishers go on.
    Unblocked,
}

/// How an exchange chooses among its bindings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum ExchangeKind {
    /// The binding key equals the routing key.
    Direct,
    /// Every binding.
    Fanout,
    /// The binding key is a mask over dot-separated words.
    Topic,
    /// The binding's arguments are compared with the message's headers.
    Headers,
    /// A hash of the message picks a bucket, and every binding has its share of them.
    #[cfg_attr(feature = "serde", serde(rename = "x-consistent-hash"))]
    ConsistentHash,
    /// Messages wait, and then it is an exchange of another type.
    #[cfg_attr(feature = "serde", serde(rename = "x-delayed-message"))]
    DelayedMessage,
    /// One binding, at random, to a queue of this node.
    #[cfg_attr(feature = "serde", serde(rename = "x-local-random"))]
    LocalRandom,
    /// A hash of the routing keys picks a binding.
    #[cfg_attr(feature = "serde", serde(rename = "x-modulus-hash"))]
    ModulusHash,
    /// One binding, at random.
    #[cfg_attr(feature = "serde", serde(rename = "x-random"))]
    Random,
    /// Every binding; the latest messages are kept for those that come later.
    #[cfg_attr(feature = "serde", serde(rename = "x-recent-history"))]
    RecentHistory,
}

impl ExchangeKind {
    /// Every type.
    pub const ALL: [ExchangeKind; 10] = [
        ExchangeKind::Direct,
        ExchangeKind::Fanout,
        ExchangeKind::Topic,
        ExchangeKind::Headers,
        ExchangeKind::ConsistentHash,
        ExchangeKind::DelayedMessage,
        ExchangeKind::LocalRandom,
        ExchangeKind::ModulusHash,
        ExchangeKind::Random,
        ExchangeKind::RecentHistory,
    ];

    /// The type's name in exchange.declare.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ExchangeKind::Direct => "direct",
            ExchangeKind::Fanout => "fanout",
            ExchangeKind::Topic => "topic",
            ExchangeKind::Headers => "headers",
            ExchangeKind::ConsistentHash => "x-consistent-hash",
            ExchangeKind::DelayedMessage => "x-delayed-message",
            ExchangeKind::LocalRandom => "x-local-random",
            ExchangeKind::ModulusHash => "x-modulus-hash",
            ExchangeKind::Random => "x-random",
            ExchangeKind::RecentHistory => "x-recent-history",
        }
    }

    /// The type with this name; the refusal is RabbitMQ's.
    pub(crate) fn named(name: &str) -> Outcome<ExchangeKind> {
        // RabbitMQ knows the empty word, though not as a type.
        let why = if name.is_empty() { "invalid" } else { "unknown" };
        let refuse = || Refusal::new(ReplyCode::PreconditionFailed, format!("{why} exchange type '{name}'"));
        ExchangeKind::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(refuse)
    }
}

/// Where a binding leads.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Destination {
    /// To a queue.
    Queue(Name),
    /// To another exchange.
    Exchange(Name),
}

/// Why a message is ready again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum RequeueReason {
    /// basic.reject with requeue.
    Rejected,
    /// basic.nack with requeue.
    Nacked,
    /// basic.recover.
    Recovered,
    /// Its channel was closed.
    ChannelClosed,
    /// Its connection was closed or lost.
    ConnectionClosed,
    /// It was unacked for too long (RabbitMQ's consumer timeout of quorum queues).
    TimedOut,
}

/// Why a message is gone without an ack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum DropReason {
    /// basic.nack or basic.reject without requeue.
    Rejected,
    /// It was not worth delivering any more (`expiration`, `x-message-ttl`).
    Expired,
    /// The queue was too long (`x-max-length`, `x-max-length-bytes`).
    MaxLength,
    /// Its delivery failed too often (`x-delivery-limit`).
    DeliveryLimit,
    /// Its stream keeps no more, or nothing so old (`x-max-length-bytes`, `x-max-age`).
    Retention,
    /// queue.purge.
    Purged,
    /// Its queue was deleted.
    QueueDeleted,
}

/// Why a queue gave a message up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum DeathReason {
    /// basic.nack or basic.reject without requeue.
    Rejected,
    /// It was not worth delivering any more (`expiration`, `x-message-ttl`).
    Expired,
    /// The queue was too long (`x-max-length`, `x-max-length-bytes`).
    MaxLength,
    /// Its delivery failed too often (`x-delivery-limit`).
    DeliveryLimit,
}

impl DeathReason {
    /// The word in the `x-death` header (RabbitMQ).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            DeathReason::Rejected => "rejected",
            DeathReason::Expired => "expired",
            DeathReason::MaxLength => "maxlen",
            DeathReason::DeliveryLimit => "delivery_limit",
        }
    }
}

/// Why a queue is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum QueueEnd {
    /// queue.delete.
    Deleted,
    /// Auto-delete, and the last consumer is gone.
    Unused,
    /// Exclusive, and its connection is gone.
    OwnerGone,
    /// Nobody used it for too long (`x-expires`).
    Expired,
}

/// Events that no output has carried yet.
#[derive(Clone)]
pub(crate) struct Events {
    watched: bool,
    at: Instant,
    seq: u64,
    pending: VecDeque<Event>,
}

impl Events {
    pub(crate) const fn new(watched: bool) -> Self {
        Events { watched, at: Instant::ZERO, seq: 0, pending: VecDeque::new() }
    }

    pub(crate) fn set_time(&mut self, at: Instant) {
        self.at = at;
    }

    /// Notes a fact if somebody watches; if nobody does, it is not even put together.
    #[inline]
    pub(crate) fn emit(&mut self, vhost: &Name, fact: impl FnOnce() -> Fact) {
        if self.watched {
            self.seq += 1;
            let event = Event { at: self.at, seq: self.seq, vhost: vhost.clone(), fact: fact() };
            self.pending.push_back(event);
        }
    }

    pub(crate) fn next(&mut self) -> Option<Event> {
        self.pending.pop_front()
    }
}
