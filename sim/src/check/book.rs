//! What ought to be in the queues, going by what the broker has told: positions, who has what, when it expires.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use warren_core::{ConsumerRef, Instant, MessageId, Name, wire::FieldTable};

use crate::ChannelRef;

/// A message and its position in a queue.
pub(super) type Key = (MessageId, u64);

/// A queue.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueBook {
    pub(super) durable: bool,
    pub(super) exclusive: bool,
    pub(super) terms: Terms,
    /// It has had a message twice, and nobody can tell any more who holds how many.
    pub(super) in_doubt: bool,
    /// A quorum queue has had messages with a priority.
    pub(super) has_priorities: bool,
    /// An operator's policy may change what the declaration says.
    pub(super) under_policy: bool,
    /// What can be delivered, in the order in which it should be: highest priority first, then by position.
    pub(super) ready: BTreeSet<(u8, u64, MessageId)>,
    /// By message and position: as a dead letter a message may be in a queue twice.
    pub(super) copies: BTreeMap<Key, Copy>,
    /// What was here before the broker crashed, and has not been found again.
    pub(super) limbo: BTreeMap<Key, Copy>,
    /// What is gone from a durable queue, and may be found again if the disk had not heard of it.
    pub(super) gone: BTreeMap<Key, Gone>,
    pub(super) next_position: u64,
    pub(super) consumers: Vec<ConsumerBook>,
    /// The single active consumer.
    pub(super) active: Option<ConsumerRef>,
    /// Deliveries made so far.
    pub(super) served: u64,
    pub(super) unacked: u64,
}

/// What a queue's declaration says.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    pub(super) is_stream: bool,
    pub(super) is_quorum: bool,
    pub(super) ttl_ms: Option<u64>,
    pub(super) max_priority: Option<u8>,
    pub(super) max_length: Option<u64>,
    pub(super) delivery_limit: Option<u64>,
    pub(super) refuses: bool,
    pub(super) buries_refused: bool,
    pub(super) dead_letter_exchange: Option<Name>,
    pub(super) dead_letter_key: Option<Name>,
    pub(super) single_active: bool,
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) rank: u8,
    pub(super) position: u64,
    pub(super) persistent: bool,
    pub(super) expires_at: Option<Instant>,
    pub(super) delivered: bool,
    pub(super) recovered: bool,
    pub(super) requeued: bool,
    /// How often it came back, as far as the broker can know.
    pub(super) returns: u64,
    /// The queue has the same message twice: which of them a fact is about is not told.
    pub(super) is_one_of_several: bool,
    pub(super) holder: Option<ConsumerRef>,
    /// Where it came from as a dead letter, if it did, and how often that happened.
    pub(super) from: Option<Name>,
    pub(super) deaths: u64,
    pub(super) routing_key: Name,
}

/// A message that has left a queue.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    pub(super) copy: Copy,
    /// The last commit that had been told of then.
    pub(super) commit: u64,
    pub(super) without_ack: bool,
}

/// A consumer of a queue.
#[derive(Clone, Debug)]
pub(super) struct ConsumerBook {
    pub(super) address: ConsumerRef,
    pub(super) prefetch: u16,
    pub(super) unacked: u64,
    /// The queue's deliveries when it was served last.
    pub(super) served_at: u64,
    /// The queue's deliveries when it last got room for one more.
    pub(super) room_since: u64,
    pub(super) priority: i64,
    /// The queue has taken back what was overdue, and its client has not settled that yet.
    pub(super) is_suspended: bool,
}

impl QueueBook {
    pub(super) fn consumer(&mut self, address: &ConsumerRef) -> Option<&mut ConsumerBook> {
        self.consumers.iter_mut().find(|consumer| consumer.address == *address)
    }

    /// A copy of a message that is ready; of several the first to be delivered.
    pub(super) fn ready_copy(&self, message: MessageId) -> Option<&Copy> {
        let ready = self.all(message).filter(|copy| copy.holder.is_none());
        ready.min_by_key(|copy| (copy.rank, copy.position))
    }

    /// A copy of a message that a client of this connection has, or of any.
    pub(super) fn held_copy(&self, message: MessageId, channel: Option<ChannelRef>) -> Option<&Copy> {
        let is_theirs = |copy: &&Copy| match (&copy.holder, channel) {
            (Some(holder), Some(channel)) => ChannelRef::of(holder) == channel,
            (holder, _) => holder.is_some(),
        };
        self.all(message).find(is_theirs)
    }

    /// Every copy of a message.
    pub(super) fn all(&self, message: MessageId) -> impl Iterator<Item = &Copy> {
        self.copies.range(every(message)).map(|(_, copy)| copy)
    }

    /// Puts a copy among those that can be delivered.
    pub(super) fn offer(&mut self, message: MessageId, copy: Copy) {
        if copy.is_one_of_several {
            self.in_doubt = true;
            self.copies.range_mut(every(message)).for_each(|(_, other)| other.is_one_of_several = true);
        }
        self.ready.insert((copy.rank, copy.position, message));
        self.copies.insert((message, copy.position), copy);
    }

    /// Takes a copy out, ready or not.
    pub(super) fn remove(&mut self, key: Key) -> Option<Copy> {
        let copy = self.copies.remove(&key)?;
        self.ready.remove(&(copy.rank, copy.position, key.0));
        if let Some(holder) = &copy.holder {
            self.unacked -= 1;
            self.give_room(holder);
        }
        Some(copy)
    }

    /// Takes a copy back from who has it.
    pub(super) fn take_back(&mut self, message: MessageId, counts: bool) -> bool {
        let Some(position) = self.held_copy(message, None).map(|copy| copy.position) else { return false };
        let Some(copy) = self.copies.get_mut(&(message, position)) else { return false };
        let Some(holder) = copy.holder.take() else { return false };
        copy.requeued = true;
        copy.returns += u64::from(counts);
        self.ready.insert((copy.rank, copy.position, message));
        self.unacked -= 1;
        self.give_room(&holder);
        true
    }

    /// A single active consumer should be served, and is not.
    pub(super) fn is_idle(&self) -> bool {
        let is_there = |active: &ConsumerRef| self.consumers.iter().any(|known| known.address == *active);
        let serves = self.active.as_ref().is_some_and(is_there);
        self.terms.single_active && !self.consumers.is_empty() && !serves
    }

    /// How many messages may be ready at any time, where that is certain: what comes back may be too much for a queue
    /// that refuses what is new, and what is found on the disk for any, until the next message comes.
    pub(super) fn limit(&self) -> Option<u64> {
        let is_certain = !self.under_policy && !self.terms.refuses;
        let is_fresh = || !self.copies.values().any(|copy| copy.recovered);
        self.terms.max_length.filter(|_| is_certain && is_fresh())
    }

    /// The message that shows best that the queue has not what it should have.
    pub(super) fn suspect(&self) -> Option<MessageId> {
        let held = self.copies.iter().find(|(_, copy)| copy.holder.is_some());
        held.or_else(|| self.copies.first_key_value()).map(|((message, _), _)| *message)
    }

    fn give_room(&mut self, holder: &ConsumerRef) {
        let served = self.served;
        if let Some(consumer) = self.consumer(holder) {
            let had_room = consumer.has_room();
            consumer.unacked = consumer.unacked.saturating_sub(1);
            if !had_room {
                consumer.room_since = served;
            }
        }
    }

    /// How much its priority holds a message back: 0 for the highest there is.
    pub(super) fn rank(&self, priority: Option<u8>) -> u8 {
        let Some(max) = self.terms.max_priority else { return 0 };
        max - priority.unwrap_or_default().min(max)
    }
}

/// The keys of a message in every position.
pub(super) fn every(message: MessageId) -> RangeInclusive<Key> {
    (message, 0)..=(message, u64::MAX)
}

impl ConsumerBook {
    pub(super) fn has_room(&self) -> bool {
        !self.is_suspended && (self.prefetch == 0 || self.unacked < u64::from(self.prefetch))
    }
}

impl Terms {
    /// What the arguments of queue.declare say.
    pub(super) fn of(arguments: &FieldTable) -> Terms {
        use warren_core::wire::FieldValue;
        let text = |name| arguments.get(name).and_then(FieldValue::as_text);
        let number = |name| match arguments.get(name) {
            Some(FieldValue::I64(number)) => u64::try_from(*number).ok(),
            _ => None,
        };
        let overflow = text("x-overflow").unwrap_or_default();
        let is_quorum = text("x-queue-type") == Some("quorum");
        Terms {
            is_stream: text("x-queue-type") == Some("stream"),
            is_quorum,
            ttl_ms: number("x-message-ttl"),
            max_priority: number("x-max-priority")
                .filter(|_| !is_quorum)
                .and_then(|max| u8::try_from(max).ok()),
            max_length: number("x-max-length"),
            delivery_limit: number("x-delivery-limit").filter(|_| is_quorum),
            refuses: overflow.starts_with("reject-publish"),
            buries_refused: overflow == "reject-publish-dlx",
            dead_letter_exchange: text("x-dead-letter-exchange").map(Name::from),
            dead_letter_key: text("x-dead-letter-routing-key").map(Name::from),
            single_active: arguments.get("x-single-active-consumer") == Some(&FieldValue::Bool(true)),
        }
    }
}
