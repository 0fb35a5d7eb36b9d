//! From the queues to the consumers.

use std::cmp::Ordering;

use warren_core::{ConsumerRef, MessageId, Name};

use super::{
    Checks, Property,
    book::{QueueBook, every},
};
use crate::{ActorId, ChannelRef};

impl Checks {
    /// The broker puts a message on the wire to a consumer.
    pub(super) fn delivered(
        &mut self,
        message: MessageId,
        queue: &Name,
        consumer: &ConsumerRef,
        redelivered: bool,
        no_ack: bool,
    ) {
        if !self.has_it(message, queue) {
            return;
        }
        let copy = self.queues.get(queue).and_then(|book| book.ready_copy(message));
        if copy.is_some_and(|copy| !copy.is_one_of_several) {
            self.check_order(message, queue);
            self.check_flag(message, queue, redelivered);
            self.check_time(message, queue);
            self.check_returns(message, queue);
        }
        self.check_turn(message, queue, consumer);
        self.check_sharing(message, queue, consumer);
        self.check_holder(message, queue, consumer);
        self.hand_out(message, queue, consumer, no_ack);
        self.check_prefetch(message, queue, consumer);
    }

    /// The message has arrived there.
    pub(super) fn received(
        &mut self,
        actor: ActorId,
        message: MessageId,
        queue: &Name,
        seal: u32,
        deaths: u64,
    ) {
        if let Some(sent) = self.messages.get(&message).map(|book| book.sending.seal) {
            self.check(Property::ContentUnchanged, message, sent == seal, || {
                "its body or its properties are not what was sent".into()
            });
        }
        let told = self
            .on_wire
            .get_mut(&(actor, queue.clone(), message))
            .and_then(std::collections::VecDeque::pop_front);
        if let Some(expected) = told.filter(|expected| *expected > 0 || deaths > 0) {
            self.check(Property::DeathsCounted, message, expected == deaths, || {
                format!("queues gave it up {expected} times, and its x-death header says {deaths}")
            });
        }
    }

    /// Whether the queue has the message, and nobody else does.
    fn has_it(&mut self, message: MessageId, queue: &Name) -> bool {
        let Some(book) = self.queues.get(queue).filter(|book| !book.terms.is_stream) else { return false };
        if book.ready_copy(message).is_some() {
            self.exercise(Property::OneConsumerAtATime);
            return true;
        }
        if let Some(copy) = book.held_copy(message, None) {
            let holder = copy.holder.as_ref().map_or("nobody", |holder| &holder.tag);
            let detail = format!("{holder} has it, and it was delivered to another");
            self.broken(Property::OneConsumerAtATime, Some(message), detail);
            return false;
        }
        let gone = book.gone.range(every(message)).next_back().map(|(_, gone)| gone);
        let in_limbo = book.limbo.range(every(message)).next().is_some();
        let (property, how) = match gone {
            Some(gone) if gone.without_ack => (Property::AutoAckOnce, "delivered without ack"),
            Some(_) => (Property::AckedStaysGone, "acked or given up"),
            None if in_limbo => (Property::NothingInvented, "not recovered"),
            None => (Property::AutoAckOnce, "gone"),
        };
        let detail = format!("queue {queue} delivered it again after it was {how}");
        self.broken(property, Some(message), detail);
        false
    }

    /// It has to be the first of those that are ready.
    fn check_order(&mut self, message: MessageId, queue: &Name) {
        let Some(book) = self.queues.get(queue) else { return };
        let Some(&(rank, position, first)) = book.ready.first() else { return };
        let Some(copy) = book.ready_copy(message).filter(|copy| !copy.is_one_of_several) else { return };
        let waited = book.copies.get(&(first, position)).is_some_and(|first| first.requeued);
        if book.copies.get(&(first, position)).is_some_and(|first| first.is_one_of_several) {
            return;
        }
        let (is_first, ours, place) = (first == message, copy.requeued, copy.position);
        let property = match copy.rank == rank {
            false => Property::PriorityFirst,
            true if ours || waited => Property::OldPlaceKept,
            true => Property::OrderKept,
        };
        let has_priorities = book.terms.max_priority.is_some() && book.ready.len() > 1;
        if book.terms.is_quorum && (ours || waited || book.has_priorities) {
            return;
        }
        if has_priorities {
            self.exercise(Property::PriorityFirst);
        }
        self.check(property, message, is_first, || {
            format!("queue {queue} delivered it from place {place}, while message {first} waited in place {position}")
        });
    }

    fn check_flag(&mut self, message: MessageId, queue: &Name, redelivered: bool) {
        let Some(copy) = self.queues.get(queue).and_then(|book| book.ready_copy(message)) else { return };
        let (delivered, recovered) = (copy.delivered, copy.recovered);
        // A dead letter may say so for the queue that gave it up, and a broker that has started again cannot always know, and
        // then says that it was (RabbitMQ).
        let holds = redelivered == delivered || (redelivered && (recovered || copy.deaths > 0));
        self.check(Property::RedeliveryFlagged, message, holds, || match delivered {
            true => "it was delivered before, and does not say so".into(),
            false => "it says that it was delivered before, and it never was".into(),
        });
    }

    fn check_time(&mut self, message: MessageId, queue: &Name) {
        let now = self.at;
        let Some(book) = self.queues.get(queue).filter(|book| !book.under_policy) else { return };
        let Some(copy) = book.ready_copy(message).filter(|copy| !copy.recovered) else { return };
        // A consumer that waits may have it before a time to live of 0 has its say (RabbitMQ).
        if let Some(due) = copy.expires_at {
            self.check(Property::ExpiredNotDelivered, message, now <= due, || {
                format!("it had expired at {due}")
            });
        }
    }

    /// A quorum queue delivers a message only so often.
    fn check_returns(&mut self, message: MessageId, queue: &Name) {
        let Some(book) = self.queues.get(queue).filter(|book| !book.under_policy) else { return };
        let (Some(limit), Some(copy)) = (book.terms.delivery_limit, book.ready_copy(message)) else { return };
        let returns = copy.returns;
        self.check(Property::LimitHeld, message, returns <= limit, || {
            format!("it came back to queue {queue} {returns} times, and may come back {limit} times")
        });
    }

    /// Nobody is served twice while another waits who has had room all the time.
    fn check_turn(&mut self, message: MessageId, queue: &Name, consumer: &ConsumerRef) {
        let Some(book) = self.queues.get_mut(queue) else { return };
        let several = book.consumers.len() > 1 && !book.terms.single_active && !book.in_doubt;
        let known = book.consumer(consumer).map(|known| (known.served_at, known.priority));
        let Some((served_at, priority)) = known.filter(|_| several) else { return };
        let passed_over = book.consumers.iter().find(|other| {
            other.address != *consumer
                && other.has_room()
                && match other.priority.cmp(&priority) {
                    Ordering::Less => false,
                    Ordering::Equal => other.room_since < served_at && other.served_at < served_at,
                    Ordering::Greater => true,
                }
        });
        let passed_over = passed_over.map(|other| other.address.tag.clone());
        self.check(Property::TurnsTaken, message, passed_over.is_none(), || {
            let other = passed_over.unwrap_or_default();
            format!("{} got it, and it was the turn of {other}, who had room", consumer.tag)
        });
    }

    fn check_holder(&mut self, message: MessageId, queue: &Name, consumer: &ConsumerRef) {
        let owner = self.owners.get(&ChannelRef::of(consumer)).copied();
        let Some(book) = self.queues.get(queue) else { return };
        let (exclusive, single, active) = (book.exclusive, book.terms.single_active, book.active.clone());
        if exclusive {
            let right =
                owner.is_some_and(|owner| self.plan.exclusive_owners.contains(&(queue.clone(), owner)));
            self.check(Property::ExclusiveHeld, message, right, || {
                format!("{} got it from queue {queue}, which belongs to another", consumer.tag)
            });
        }
        if single {
            self.check(Property::SingleActiveHeld, message, active.as_ref() == Some(consumer), || {
                format!("{} got it, and is not the active consumer of queue {queue}", consumer.tag)
            });
        }
    }

    fn hand_out(&mut self, message: MessageId, queue: &Name, consumer: &ConsumerRef, no_ack: bool) {
        self.touched.insert(queue.clone());
        let Some(book) = self.queues.get_mut(queue) else { return };
        let Some((position, deaths)) = book.hand_out(message, consumer, no_ack) else { return };
        if no_ack {
            self.exercise(Property::AutoAckOnce);
            self.leave((message, position), queue, true);
        }
        let owner = self.owners.get(&ChannelRef::of(consumer));
        let owner = owner.filter(|owner| self.current.get(owner) == Some(&ChannelRef::of(consumer)));
        if let (Some(owner), Some(deaths)) = (owner, deaths) {
            self.on_wire.entry((*owner, queue.clone(), message)).or_default().push_back(deaths);
        }
    }

    fn check_prefetch(&mut self, message: MessageId, queue: &Name, consumer: &ConsumerRef) {
        let Some(book) = self.queues.get_mut(queue).filter(|book| !book.in_doubt) else { return };
        let Some(known) = book.consumer(consumer) else { return };
        let (prefetch, unacked, is_suspended) =
            (u64::from(known.prefetch), known.unacked, known.is_suspended);
        if is_suspended {
            let detail = format!("{} gets it, and has not settled what was taken back from it", consumer.tag);
            self.broken(Property::PrefetchHeld, Some(message), detail);
        }
        if prefetch > 0 {
            self.check(Property::PrefetchHeld, message, unacked <= prefetch, || {
                format!("{} has {unacked} unacked messages, and its prefetch is {prefetch}", consumer.tag)
            });
        }
    }
}

impl QueueBook {
    /// Gives a message to a consumer; its position, and how often it died before.
    fn hand_out(
        &mut self,
        message: MessageId,
        consumer: &ConsumerRef,
        no_ack: bool,
    ) -> Option<(u64, Option<u64>)> {
        self.served += 1;
        let served = self.served;
        let position = self.ready_copy(message)?.position;
        let copy = self.copies.get_mut(&(message, position))?;
        copy.delivered = true;
        let deaths = (!copy.is_one_of_several).then_some(copy.deaths);
        self.ready.remove(&(copy.rank, copy.position, message));
        if !no_ack {
            copy.holder = Some(consumer.clone());
            self.unacked += 1;
        }
        if let Some(known) = self.consumer(consumer) {
            known.served_at = served;
            known.unacked += u64::from(!no_ack);
        }
        Some((position, deaths))
    }
}
