//! What happens in a world: the broker's facts, and what the clients around it do.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use warren_core::{
    ChannelNumber, ConnectionId, ConsumerRef, Event, Instant, MessageId, Name, wire::FieldTable,
};

use crate::scenario::{Mishap, Unsynced, headers};

/// A producer or a consumer, by its place in the scenario: producers first, from 0, then consumers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct ActorId(pub u32);

/// A channel. Its number is never used again on its connection, so this names it for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ChannelRef {
    /// Its connection.
    pub connection: ConnectionId,
    /// Its number there, from 1.
    pub channel: ChannelNumber,
}

impl ChannelRef {
    /// A channel of a connection.
    #[must_use]
    pub const fn new(connection: ConnectionId, channel: ChannelNumber) -> ChannelRef {
        ChannelRef { connection, channel }
    }

    /// The channel of a consumer.
    #[must_use]
    pub const fn of(consumer: &ConsumerRef) -> ChannelRef {
        ChannelRef::new(consumer.connection, consumer.channel)
    }
}

/// Something that happened, and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct WorldEvent {
    /// When, in µs of virtual time.
    pub at: Instant,
    /// Its place in the stream, from 1, without gaps.
    pub seq: u64,
    /// What.
    pub what: Happening,
}

/// A message on its way to the broker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Sending {
    /// Who.
    pub actor: ActorId,
    /// On which connection.
    pub connection: ConnectionId,
    /// On which channel of it.
    #[serde(skip_serializing_if = "is_first")]
    pub channel: ChannelNumber,
    /// Which of the channel's publishes it is, from 1: the `number` of [`warren_core::Fact::Published`].
    pub number: u64,
    /// Where it goes; empty for the default exchange.
    pub exchange: Name,
    /// With which key.
    pub routing_key: Name,
    /// What it says.
    pub body: String,
    /// What it is called, whenever it is sent; an answer has no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// How long it may wait in a queue, in ms, if it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_ms: Option<u64>,
    /// Its priority, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Its headers.
    #[serde(serialize_with = "headers", skip_serializing_if = "FieldTable::is_empty")]
    pub headers: FieldTable,
    /// Whether it is to survive a restart.
    pub persistent: bool,
    /// Whether it comes back if no queue takes it.
    pub mandatory: bool,
    /// The check sum of body and properties, but for what a broker may change on the way.
    pub seal: u32,
    /// When the broker has it.
    pub arrives_at: Instant,
}

/// What can happen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happening {
    /// The broker states a fact.
    Broker(Event),
    /// The broker's process ends without a word; its streams are cut.
    BrokerCrashed {
        /// What is left of what its disk has not synced.
        unsynced: Unsynced,
    },
    /// The broker starts again, with what it finds on its disk.
    BrokerStarted,
    /// The broker was asked to stop, has written down the last of everything, and ends.
    BrokerStopped,
    /// The broker stops itself: its disk failed.
    BrokerHalted {
        /// What the disk said.
        reason: String,
    },
    /// The broker does not start: what is on its disk is damaged.
    BrokerRefused {
        /// Where, and how.
        damage: String,
    },
    /// Something goes wrong that no other event tells of.
    Mishap(Mishap),
    /// All that went wrong is over, and whoever is down starts again.
    Healed,
    /// An actor opens a connection, under a number that is never used again, or a channel on one that its client has.
    Connecting {
        /// Who.
        actor: ActorId,
        /// The connection that appears in the broker's facts.
        connection: ConnectionId,
        /// The channel that it opens there; the first one comes with the connection.
        #[serde(skip_serializing_if = "is_first")]
        channel: ChannelNumber,
        /// When the broker hears of it.
        arrives_at: Instant,
    },
    /// An actor's channel is open, and all that it declared has been answered.
    Ready {
        /// Who.
        actor: ActorId,
    },
    /// An actor's connection is over: the broker closed it or its channel, or it broke.
    Refused {
        /// Who.
        actor: ActorId,
        /// Only its channel is over: others of its client go on, on the same connection.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        others_go_on: bool,
        /// The broker's reply code and text, or what happened to the connection.
        reason: String,
        /// When it tries again; `None` if it does nothing more until it is revived.
        again_at: Option<Instant>,
    },
    /// A producer put a message on the wire, or a consumer an answer or one that it gives up.
    Sent(#[serde(serialize_with = "whole")] Arc<Sending>),
    /// What was put on the wire found nobody: the broker had ended since.
    NeverArrived(#[serde(serialize_with = "whole")] Arc<Sending>),
    /// The broker's confirm, or the answer to a commit, reached the producer.
    Confirmed {
        /// Who.
        actor: ActorId,
        /// What the broker has taken responsibility for.
        message: MessageId,
    },
    /// The broker's word that a queue did not take a message reached the producer.
    Nacked {
        /// Who.
        actor: ActorId,
        /// What.
        message: MessageId,
    },
    /// A producer put the end of a transaction on the wire: tx.commit.
    CommitSent {
        /// Who.
        actor: ActorId,
        /// How many messages are in it.
        messages: u32,
        /// When the broker has it.
        arrives_at: Instant,
    },
    /// A producer put the end of a transaction on the wire: tx.rollback. Its messages are taken back.
    RollbackSent {
        /// Who.
        actor: ActorId,
        /// How many messages are in it.
        messages: u32,
        /// When the broker has it.
        arrives_at: Instant,
    },
    /// The answer to a request reached who asked.
    Answered {
        /// Who.
        actor: ActorId,
        /// The request.
        message: MessageId,
        /// The answer.
        reply: MessageId,
        /// What it says.
        body: String,
    },
    /// A mandatory message that no queue took came back to its producer.
    Returned {
        /// Who.
        actor: ActorId,
        /// What.
        message: MessageId,
    },
    /// The broker put a message on the wire to a consumer.
    Dispatched {
        /// To whom.
        actor: ActorId,
        /// What.
        message: MessageId,
        /// From which queue; `amq.rabbitmq.reply-to` for an answer that no queue held.
        queue: Name,
        /// Whether it has been delivered before.
        redelivered: bool,
        /// When the consumer has it, if it lives until then.
        arrives_at: Instant,
    },
    /// A message reached a consumer's buffer.
    Received {
        /// Who.
        actor: ActorId,
        /// What.
        message: MessageId,
        /// From which queue.
        queue: Name,
        /// Whether it has been delivered before.
        redelivered: bool,
        /// The check sum of what arrived: [`Sending::seal`] of what was sent.
        seal: u32,
        /// How often queues gave it up on its way, by its `x-death` header.
        deaths: u64,
    },
    /// A message reached an actor that the broker has told nobody of.
    Invented {
        /// Who.
        actor: ActorId,
    },
    /// A consumer took a message out of its buffer and works on it.
    WorkStarted {
        /// Who.
        actor: ActorId,
        /// On what.
        message: MessageId,
        /// From which queue.
        queue: Name,
        /// When it will have finished, if it lives until then; `None` if only its program knows.
        #[serde(skip_serializing_if = "Option::is_none")]
        done_at: Option<Instant>,
    },
    /// A consumer finished its work on a message.
    WorkDone {
        /// Who.
        actor: ActorId,
        /// On what.
        message: MessageId,
        /// From which queue.
        queue: Name,
    },
    /// A consumer put an ack on the wire.
    AckSent {
        /// Who.
        actor: ActorId,
        /// For what.
        message: MessageId,
        /// From which queue.
        queue: Name,
        /// When the broker has it.
        arrives_at: Instant,
    },
    /// A consumer's work on a message failed.
    WorkFailed {
        /// Who.
        actor: ActorId,
        /// On what.
        message: MessageId,
        /// From which queue.
        queue: Name,
        /// How often consumers of the queue have rejected it before, by its `x-death` header.
        rejections: u64,
    },
    /// A consumer put a reject on the wire.
    RejectSent {
        /// Who.
        actor: ActorId,
        /// Of what.
        message: MessageId,
        /// From which queue.
        queue: Name,
        /// Whether it is to go back there.
        requeue: bool,
        /// When the broker has it.
        arrives_at: Instant,
    },
    /// An actor died: its stream is cut, and its buffer and work are gone.
    Crashed {
        /// Who.
        actor: ActorId,
        /// When the broker hears that the stream is cut; `None` if there was none.
        noticed_at: Option<Instant>,
    },
    /// An actor is up again and starts to connect.
    Revived {
        /// Who.
        actor: ActorId,
    },
    /// An actor's program printed a line.
    Printed {
        /// Who.
        actor: ActorId,
        /// The line.
        text: String,
        /// Whether it is meant as an error.
        is_error: bool,
        /// The line of the code that the error comes from, if it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    /// An actor's program ended by an error that it did not catch, or went beyond a limit: it crashes.
    CodeFailed {
        /// Who.
        actor: ActorId,
        /// What was wrong.
        message: String,
        /// The line of the code, from 1, if it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    /// An actor's program came to its end, and closed its connection in order.
    Finished {
        /// Who.
        actor: ActorId,
    },
    /// An actor that stood still goes on with what came due in the meantime.
    WentOn {
        /// Who.
        actor: ActorId,
    },
    /// A message, or its copy in one queue, is gone and nobody has finished work on it.
    Lost {
        /// What.
        message: MessageId,
        /// Which copy; `None` for a message that never was in a queue.
        queue: Option<Name>,
        /// Why.
        reason: LossReason,
    },
}

/// Why a message is lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossReason {
    /// Auto-ack: the broker forgot it when it was sent out, and the consumer crashed before its work was done.
    HeldByCrashed {
        /// The consumer.
        actor: ActorId,
        /// Whether it was being worked on, not only waiting in the buffer.
        working: bool,
    },
    /// Auto-ack: the broker forgot it when it was sent out, and the stream was cut before it arrived.
    InSocket {
        /// The consumer.
        actor: ActorId,
    },
    /// Auto-ack: the broker forgot it when it was sent out, and the work on it failed.
    WorkFailed {
        /// Whose.
        actor: ActorId,
    },
    /// No binding matched, and the producer had not asked for it back.
    Unroutable,
    /// A consumer rejected it without requeue.
    Rejected,
    /// It expired, and its queue has no dead-letter exchange.
    Expired,
    /// Its queue was too long, and has no dead-letter exchange.
    MaxLength,
    /// Its delivery failed too often, and its queue has no dead-letter exchange.
    DeliveryLimit,
    /// The queue was full and did not take it; a producer that waits for confirms hears so.
    Refused,
    /// As a dead letter it came round to a queue that had given it up before, and to no other.
    DeadLetterCycle,
    /// The broker crashed, and it was only in the broker's memory: it is transient, or its queue is.
    InMemory,
    /// The broker crashed, and the disk had not synced it.
    NotSynced,
    /// Its queue was purged.
    Purged,
    /// Its queue was deleted.
    QueueDeleted,
}

impl Happening {
    /// The message it is about, if it is about one that the broker has numbered.
    #[must_use]
    pub const fn message(&self) -> Option<MessageId> {
        match self {
            Happening::Broker(event) => message_of(&event.fact),
            Happening::Confirmed { message, .. }
            | Happening::Nacked { message, .. }
            | Happening::Returned { message, .. }
            | Happening::Answered { message, .. }
            | Happening::Dispatched { message, .. }
            | Happening::Received { message, .. }
            | Happening::WorkStarted { message, .. }
            | Happening::WorkDone { message, .. }
            | Happening::WorkFailed { message, .. }
            | Happening::AckSent { message, .. }
            | Happening::RejectSent { message, .. }
            | Happening::Lost { message, .. } => Some(*message),
            Happening::Connecting { .. }
            | Happening::Ready { .. }
            | Happening::Refused { .. }
            | Happening::Sent(_)
            | Happening::NeverArrived(_)
            | Happening::CommitSent { .. }
            | Happening::RollbackSent { .. }
            | Happening::Crashed { .. }
            | Happening::Revived { .. }
            | Happening::WentOn { .. }
            | Happening::Printed { .. }
            | Happening::CodeFailed { .. }
            | Happening::Finished { .. }
            | Happening::BrokerCrashed { .. }
            | Happening::BrokerStarted
            | Happening::BrokerStopped
            | Happening::BrokerHalted { .. }
            | Happening::BrokerRefused { .. }
            | Happening::Mishap(_)
            | Happening::Healed
            | Happening::Invented { .. } => None,
        }
    }
}

const fn message_of(fact: &warren_core::Fact) -> Option<MessageId> {
    use warren_core::Fact;
    match fact {
        Fact::Published { message, .. }
        | Fact::Routed { message, .. }
        | Fact::Unroutable { message, .. }
        | Fact::Delayed { message, .. }
        | Fact::ReturnedEarly { message }
        | Fact::Enqueued { message, .. }
        | Fact::Delivered { message, .. }
        | Fact::Got { message, .. }
        | Fact::Acked { message, .. }
        | Fact::Requeued { message, .. }
        | Fact::Dropped { message, .. }
        | Fact::DeadLettered { message, .. }
        | Fact::DeadLetterCycle { message, .. }
        | Fact::DeadLetterWaits { message, .. }
        | Fact::DeadLetterTaken { message, .. }
        | Fact::DeadLetterDropped { message, .. }
        | Fact::Refused { message, .. }
        | Fact::Recorded { message, .. }
        | Fact::Recovered { message, .. }
        | Fact::RecoveredDelayed { message, .. }
        | Fact::Replied { message, .. } => Some(*message),
        _ => None,
    }
}

impl Sending {
    /// The channel that it is sent on.
    #[must_use]
    pub const fn channel(&self) -> ChannelRef {
        ChannelRef::new(self.connection, self.channel)
    }
}

/// Most connections have one channel, and nothing is said of it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_first(channel: &ChannelNumber) -> bool {
    channel.0 == 1
}

fn whole<S: Serializer>(sending: &Arc<Sending>, serializer: S) -> Result<S::Ok, S::Error> {
    sending.as_ref().serialize(serializer)
}
