//! A queue: messages ready in order, and the consumers that take turns.

mod arguments;
mod consumer;
mod kept;
mod level;
mod line;
mod offset;
mod ready;
mod settings;
mod stream;
mod stream_disk;
mod turns;
mod walk;

pub(crate) use arguments::{
    Kind, MASTER_LOCATOR, check_arguments, check_duration_ms, check_equivalent, check_kind, kind_of,
};
pub(crate) use consumer::{Consumer, ConsumerArguments, Lacks, Parked as ParkedConsumer};
pub(crate) use kept::kept_properties;
pub(crate) use offset::parse_age;
pub(crate) use settings::{DeadLetterTo, Overflow, Settings};

use std::{cmp::Reverse, sync::Arc, time::Duration};

use crate::{
    Behaviour, Behaviours, Config, ConnectionId, Instant, MessageId, Name, QueueId,
    id::ConsumerId,
    journal::{Parked, Place},
    message::Message,
    ordered::OrdSet,
    policy::Effective,
    wire::FieldTable,
};
pub(crate) use level::Level;
pub(crate) use ready::Ready;
pub(crate) use stream::{Record as StreamRecord, Records as StreamRecords, Seek};
pub(crate) use walk::{Step, Visited, Walk};
use {stream::Stream, turns::Turns};

/// A queue. What is delivered and not acked is with the channel that has it; the queue only counts it.
#[derive(Clone)]
pub(crate) struct Queue {
    pub(crate) id: QueueId,
    pub(crate) vhost: Name,
    pub(crate) name: Name,
    pub(crate) kind: Kind,
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    /// The connection that an exclusive queue belongs to.
    pub(crate) owner: Option<ConnectionId>,
    pub(crate) arguments: FieldTable,
    /// What policies say of it.
    pub(crate) policy: Effective,
    pub(crate) settings: Settings,
    pub(crate) unacked: u64,
    /// What the broker's totals count for it: ready, and unacked.
    pub(crate) counted: (u64, u64),
    /// What it adds to [`Broker`](crate::Broker)'s bytes of messages that are to leave the memory.
    pub(crate) lined_up_bytes: u64,
    /// Every consumer, in the order in which they started, which is that of their ids.
    pub(crate) consumers: OrdSet<ConsumerId>,
    /// The consumer that may not have another beside it.
    pub(crate) exclusive_consumer: Option<ConsumerId>,
    /// Whether one consumer at a time is served (`x-single-active-consumer`).
    pub(crate) single_active: bool,
    /// With `single_active`: the one.
    pub(crate) active_consumer: Option<ConsumerId>,
    /// With `single_active`: every consumer, in the order in which they become the active one: the highest priority first,
    /// then who started first.
    candidates: OrdSet<(Reverse<i64>, ConsumerId)>,
    pub(crate) turns: Turns,
    /// When it was last of use to somebody (`x-expires`).
    pub(crate) last_used: Instant,
    /// The alarm that is set for it.
    pub(crate) alarm: Option<Instant>,
    /// Where a stream's messages are; nothing is `ready` in it then.
    pub(crate) stream: Option<Box<Stream>>,
    pub(crate) ready: Ready,
    pub(crate) next_position: u64,
    /// Dead letters of this queue that a restart would find in it, because they are not published yet.
    pub(crate) unpublished: u64,
    /// The release of RabbitMQ that it behaves like.
    pub(crate) compat: Behaviours,
    #[cfg(feature = "planted-bugs")]
    pub(crate) bug: Option<crate::Bug>,
}

/// A message's place in a queue. It keeps its position for life, so that it can go back there.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) message: Arc<Message>,
    /// When it is not worth delivering any more.
    pub(crate) expires_at: Option<Instant>,
    pub(crate) position: u64,
    /// How often it came back, and how many of these times count against a delivery limit.
    pub(crate) returns: Returns,
    pub(crate) redelivered: bool,
    /// A stream still has it, at offset `position`: this is only what a consumer reads.
    pub(crate) kept: bool,
    /// Its record in the journal.
    pub(crate) place: Option<Place>,
}

/// The priorities that a queue tells apart.
#[derive(Clone, Copy, Default)]
pub(crate) struct Priorities {
    highest: u8,
    /// That of a message without one.
    default: u8,
}

/// In which order ready messages go out that did not come back.
#[derive(Clone, Copy, Default)]
pub(crate) enum Order {
    /// The highest priority first.
    #[default]
    Strict,
    /// As they came, whatever their priorities.
    Arrival,
    /// Quorum queues of RabbitMQ 4.0: high priorities before normal ones, except that every third may be a normal one that
    /// is older. `taken`: how many went out since the last of these.
    TwoToOne { taken: u8 },
}

/// What is counted of a message that comes back; it begins with what the queues counted that have given it up before.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Returns {
    /// `x-acquired-count`: all of them, in quorum queues.
    pub(crate) acquired: u32,
    /// `x-delivery-count`: those that count as failed.
    pub(crate) failed: u32,
}

/// What queue.declare says of a queue.
#[derive(Clone, PartialEq)]
pub(crate) struct Properties {
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    pub(crate) owner: Option<ConnectionId>,
    pub(crate) arguments: FieldTable,
}

impl Returns {
    /// What queues have counted that gave the message up before it came here (RabbitMQ 4.3).
    pub(crate) fn before(message: &Message) -> Self {
        Returns { acquired: 0, failed: message.failed_deliveries() }
    }
}

impl Queue {
    pub(crate) fn new(
        id: QueueId,
        (vhost, name): (Name, Name),
        properties: Properties,
        (now, compat): (Instant, Behaviours),
    ) -> Self {
        let Properties { durable, auto_delete, owner, arguments } = properties;
        let kind = kind_of(&arguments);
        Queue {
            id,
            vhost,
            name,
            kind,
            durable,
            auto_delete,
            owner,
            settings: Settings::new(kind, &arguments, &FieldTable::default(), compat),
            policy: Effective::default(),
            unacked: 0,
            counted: (0, 0),
            lined_up_bytes: 0,
            consumers: OrdSet::new(),
            candidates: OrdSet::new(),
            exclusive_consumer: None,
            single_active: arguments::single_active(&arguments),
            active_consumer: None,
            turns: Turns::default(),
            last_used: now,
            alarm: None,
            stream: (kind == Kind::Stream).then(|| Box::new(Stream::new())),
            ready: Ready::new(Priorities::of(kind, &arguments), Order::of(kind, &arguments, compat)),
            next_position: 0,
            unpublished: 0,
            compat,
            arguments,
            #[cfg(feature = "planted-bugs")]
            bug: None,
        }
    }

    /// What queue.declare said of it.
    pub(crate) fn properties(&self) -> Properties {
        let (durable, auto_delete, owner) = (self.durable, self.auto_delete, self.owner);
        Properties { durable, auto_delete, owner, arguments: self.arguments.clone() }
    }

    /// Takes on what policies say of it now; `false` if that is what they said before. Messages keep the time to live
    /// that they came with, and the queue's own starts again (RabbitMQ).
    pub(crate) fn obey(&mut self, policy: Effective, now: Instant) -> bool {
        if policy == self.policy {
            return false;
        }
        self.settings = Settings::new(self.kind, &self.arguments, &policy.definition, self.compat);
        self.policy = policy;
        self.last_used = now;
        true
    }

    /// Puts a new message at the end of its priority. `passed_on`: a consumer waits for it.
    pub(crate) fn push(
        &mut self,
        message: Arc<Message>,
        place: Option<Place>,
        now: Instant,
        passed_on: bool,
    ) {
        let position = self.next_position;
        self.next_position += 1;
        let expires_at = self.expiry(&message, now);
        let returns = Returns::before(&message);
        // What a classic queue passes on to a consumer that waits does not say so (RabbitMQ 4.3).
        let failed_before = returns.failed > 0 && !(passed_on && self.kind == Kind::Classic);
        let redelivered = planted!(self, AlwaysRedelivered) || failed_before;
        self.ready.push(Entry { message, expires_at, position, returns, redelivered, kept: false, place });
    }

    /// The lower one of the message's and the queue's time to live holds (RabbitMQ).
    pub(crate) fn expiry(&self, message: &Message, now: Instant) -> Option<Instant> {
        let ttl_ms = message.expiration_ms.into_iter().chain(self.settings.message_ttl_ms).min()?;
        let late_ms = if planted!(self, ExpireLate) { 5_000 } else { 0 };
        Some(now + Duration::from_millis(ttl_ms.saturating_add(late_ms)))
    }

    /// Takes the first ready message out.
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        let first = self.ready.pop()?;
        if planted!(self, SwapNeighbours)
            && let Some(second) = self.ready.pop()
        {
            self.ready.put_back(first);
            return Some(second);
        }
        Some(first)
    }

    /// Takes the first ready message out if it has expired; those behind it wait for their turn to be first (RabbitMQ). Quorum
    /// queues look at each priority's first message ([`Behaviour::EveryPriorityExpires`]).
    pub(crate) fn pop_expired(&mut self, now: Instant) -> Option<Entry> {
        if self.every_priority_expires() {
            return self.ready.pop_expired_head(now);
        }
        if self.ready.first()?.expires_at? > now { None } else { self.ready.pop() }
    }

    /// Takes the first ready message out if there are too many.
    pub(crate) fn pop_overflow(&mut self) -> Option<Entry> {
        let over = self.settings.overflow == Overflow::DropHead
            && self.exceeds_limits(self.ready.count(), self.ready.body_bytes());
        if over { self.ready.pop() } else { None }
    }

    /// Whether a new message is one too many, and publishers are to be told so.
    pub(crate) fn rejects(&self, message: &Message) -> bool {
        (self.settings.overflow != Overflow::DropHead || planted!(self, MaxLengthRefusesNewest))
            && self
                .exceeds_limits(self.ready.count() + 1, self.ready.body_bytes() + message.body().len() as u64)
    }

    fn exceeds_limits(&self, messages: u64, bytes: u64) -> bool {
        let more = u64::from(planted!(self, MaxLengthOneMore));
        self.settings.max_length.is_some_and(|max| messages > max.saturating_add(more))
            || self.settings.max_length_bytes.is_some_and(|max| bytes > max)
    }

    /// Puts an entry back, marked as delivered before: to its place, or for quorum queues before the others.
    pub(crate) fn put_back(&mut self, mut entry: Entry) {
        entry.redelivered = !planted!(self, ForgetRedelivered);
        if planted!(self, RequeuedNeverExpires) {
            entry.expires_at = None;
        }
        match self.kind {
            _ if planted!(self, RequeueAtTail) => self.ready.push(entry),
            Kind::Quorum => self.ready.put_first(entry),
            Kind::Classic | Kind::Stream => self.ready.put_back(entry),
        }
    }

    /// The messages in memory that are not with a consumer, and whether they were delivered before.
    pub(crate) fn messages(&self) -> impl Iterator<Item = (&Message, bool)> {
        let kept = self.stream.iter().flat_map(|stream| stream.messages());
        let ready = self.ready.iter().map(|entry| (&*entry.message, entry.redelivered));
        kept.map(|message| (&**message, false)).chain(ready)
    }

    /// Of the first `limit` that are ready in memory, those that expire, and when.
    pub(crate) fn expiries(&self, limit: usize) -> impl Iterator<Item = (MessageId, Instant)> {
        self.ready.iter().take(limit).filter_map(|entry| Some((entry.message.id, entry.expires_at?)))
    }

    /// How many messages wait for a consumer, or for any number of them in a stream.
    pub(crate) fn ready_count(&self) -> u64 {
        self.stream.as_ref().map_or_else(|| self.ready.count(), |stream| stream.count())
    }

    pub(crate) fn has_ready(&self) -> bool {
        self.ready.count() > 0
    }

    /// Whether what goes out next is on the disk only, and has to be waited for.
    pub(crate) fn awaits_disk(&self) -> bool {
        self.ready.count() > 0 && self.ready.first().is_none()
    }

    /// Whether the message that goes out next has expired before now. (One that expires just now may still be delivered, as
    /// RabbitMQ delivers a message with a time to live of 0 to a consumer that waits for it.)
    pub(crate) fn has_overdue(&self, now: Instant) -> bool {
        self.ready.first().and_then(|entry| entry.expires_at).is_some_and(|at| at < now)
    }

    /// Whether a basic.get has to wait.
    pub(crate) fn is_unready(&self, now: Instant) -> bool {
        self.awaits_disk() || self.has_overdue(now)
    }

    /// When something about it is due: its first message expires, or it does itself.
    pub(crate) fn due(&self) -> Option<Instant> {
        if let Some(stream) = &self.stream {
            return stream.look_at;
        }
        let message = if self.every_priority_expires() {
            self.ready.heads().filter_map(|entry| entry.expires_at).min()
        } else {
            self.ready.first().and_then(|entry| entry.expires_at)
        };
        message.into_iter().chain(self.expires_at()).min()
    }

    fn every_priority_expires(&self) -> bool {
        self.kind == Kind::Quorum && self.compat.has(Behaviour::EveryPriorityExpires)
    }

    /// When it has been unused for too long, if nobody uses it.
    pub(crate) fn expires_at(&self) -> Option<Instant> {
        let unused = self.consumers.is_empty();
        self.settings.expires_ms.filter(|_| unused).map(|ms| self.last_used + Duration::from_millis(ms))
    }

    /// Whether a consumer may have turns at all; a stream's consumers need none, each reads for itself.
    pub(crate) fn serves(&self, consumer: ConsumerId) -> bool {
        let follows = planted!(self, TwoActive) && self.active_consumer.is_some();
        self.stream.is_none() && (!self.single_active || self.active_consumer == Some(consumer) || follows)
    }

    /// Whether it goes because its last consumer has gone; asked only when one goes.
    pub(crate) fn is_unused(&self) -> bool {
        self.auto_delete && self.consumers.is_empty()
    }

    pub(crate) fn add_consumer(&mut self, consumer: ConsumerId, priority: i64) {
        self.consumers.insert(consumer);
        if self.single_active {
            self.candidates.insert((Reverse(priority), consumer));
        }
    }

    /// How long a delivery may be unacked, in ms; 0 is no limit. `asked`: by basic.consume ([`Behaviour::TimeoutTakesBack`]).
    pub(crate) fn delivery_timeout_ms(&self, asked: Option<u64>, config: &Config) -> u64 {
        if self.kind == Kind::Quorum || !config.has(Behaviour::TimeoutTakesBack) {
            asked.or(self.settings.consumer_timeout_ms).unwrap_or(config.consumer_timeout_ms)
        } else {
            0
        }
    }

    /// A consumer gets nothing for now: with `single_active` another one may be the active one.
    pub(crate) fn suspend(&mut self, consumer: ConsumerId, priority: i64) {
        self.candidates.remove(&(Reverse(priority), consumer));
        if self.active_consumer == Some(consumer) {
            self.active_consumer = None;
            self.turns.remove(consumer);
        }
    }

    /// A consumer that was suspended may be the active one again.
    pub(crate) fn resume(&mut self, consumer: ConsumerId, priority: i64) {
        if self.single_active {
            self.candidates.insert((Reverse(priority), consumer));
        }
    }

    /// With `single_active`: who is to be the active consumer, if that may change.
    pub(crate) fn first_candidate(&self) -> Option<ConsumerId> {
        self.candidates.first().map(|&(_, consumer)| consumer)
    }

    /// A consumer is over: it has no more turns.
    pub(crate) fn remove_consumer(&mut self, consumer: ConsumerId, priority: i64, now: Instant) {
        self.consumers.remove(&consumer);
        self.candidates.remove(&(Reverse(priority), consumer));
        let alive = &self.consumers;
        self.turns.consumer_ended(|id| alive.contains(&id));
        if let Some(stream) = &mut self.stream {
            stream.detach(consumer);
        }
        if self.exclusive_consumer == Some(consumer) {
            self.exclusive_consumer = None;
        }
        if self.active_consumer == Some(consumer) {
            self.active_consumer = None;
        }
        self.last_used = now;
    }
}

impl Entry {
    /// What a consumer reads of a stream.
    fn of_stream(message: Arc<Message>, offset: u64) -> Self {
        let returns = Returns::default();
        Entry {
            message,
            expires_at: None,
            position: offset,
            returns,
            redelivered: false,
            kept: true,
            place: None,
        }
    }

    /// What is kept of it while it is on the disk only.
    pub(crate) fn parked(&self) -> Option<Parked> {
        self.place.map(|place| self.parked_at(place))
    }

    fn parked_at(&self, place: Place) -> Parked {
        Parked {
            position: self.position,
            place,
            body_bytes: self.message.body().len() as u32,
            redelivered: self.redelivered,
            expires_at: self.expires_at,
            returns: self.returns,
        }
    }

    fn body_bytes(&self) -> u64 {
        self.message.body().len() as u64
    }
}
