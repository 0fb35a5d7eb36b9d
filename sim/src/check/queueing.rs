//! Queues: what comes in, what waits, and what leaves otherwise than to a consumer.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use warren_core::{
    Behaviour, ConsumerRef, MessageId, Name,
    event::{DeathReason, DropReason, RequeueReason},
};

use super::{
    Checks, Death, Property,
    book::{ConsumerBook, Copy, Gone, Key, QueueBook, every},
};
use crate::ChannelRef;
use crate::client::deaths;

/// What a consumer says of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Said {
    Ack,
    Reject,
    Requeue,
}

impl Said {
    const fn word(self) -> &'static str {
        match self {
            Said::Ack => "has acked it",
            Said::Reject => "has rejected it",
            Said::Requeue => "has given it back",
        }
    }
}

impl Checks {
    pub(super) fn queue_declared(&mut self, queue: &Name, durable: bool, exclusive: bool) {
        let terms = self.plan.terms.get(queue).cloned().unwrap_or_default();
        let book = QueueBook { durable, exclusive, terms, ..QueueBook::default() };
        self.queues.insert(queue.clone(), book);
        self.doubtful.remove(queue);
    }

    pub(super) fn queue_deleted(&mut self, queue: &Name) {
        if self.queues.remove(queue).is_some_and(|book| book.durable) {
            self.deleted.insert(queue.clone(), self.commit);
        }
        // What waits for the commit of a transaction was meant for this queue, and not for another one with its name.
        if self.plan.compat.has(Behaviour::CommitNeedsItsQueues) {
            for book in self.messages.values_mut().filter(|book| !book.is_routed) {
                book.lost_a_queue |= book.expected.remove(queue);
            }
        }
        self.routes.delete_queue(queue);
    }

    pub(super) fn consumer_started(&mut self, consumer: &ConsumerRef, queue: &Name, prefetch: u16) {
        let owner = self.owners.get(&ChannelRef::of(consumer)).copied();
        let priority = self.plan.consumer_priorities.get(&consumer.tag).copied().unwrap_or_default();
        self.sharer_started(consumer, queue);
        let Some(book) = self.queues.get_mut(queue) else { return };
        book.consumers.push(ConsumerBook {
            address: consumer.clone(),
            prefetch,
            unacked: 0,
            served_at: 0,
            room_since: book.served,
            priority,
            is_suspended: false,
        });
        if let (true, Some(owner)) = (book.exclusive, owner) {
            self.exercise(Property::ExclusiveHeld);
            if !self.plan.exclusive_owners.contains(&(queue.clone(), owner)) {
                let detail =
                    format!("{} consumes from queue {queue}, which belongs to another", consumer.tag);
                self.broken(Property::ExclusiveHeld, None, detail);
            }
        }
    }

    pub(super) fn consumer_activated(&mut self, consumer: &ConsumerRef, queue: &Name) {
        let Some(book) = self.queues.get_mut(queue) else { return };
        let before = book.active.replace(consumer.clone());
        let still_there = before.filter(|before| book.consumer(before).is_some());
        self.exercise(Property::SingleActiveHeld);
        if let Some(before) = still_there {
            let detail = format!("queue {queue} serves {} while {} is still there", consumer.tag, before.tag);
            self.broken(Property::SingleActiveHeld, None, detail);
        }
    }

    pub(super) fn consumer_timed_out(&mut self, consumer: &ConsumerRef, queue: &Name) {
        let Some(book) = self.queues.get_mut(queue) else { return };
        if book.active.as_ref() == Some(consumer) {
            book.active = None;
        }
        if let Some(known) = book.consumer(consumer) {
            known.is_suspended = true;
        }
    }

    pub(super) fn consumer_resumed(&mut self, consumer: &ConsumerRef, queue: &Name) {
        let Some(book) = self.queues.get_mut(queue) else { return };
        let served = book.served;
        if let Some(known) = book.consumer(consumer) {
            known.is_suspended = false;
            known.room_since = served;
        }
    }

    pub(super) fn consumer_stopped(&mut self, consumer: &ConsumerRef, queue: &Name) {
        self.sharer_stopped(consumer);
        if let Some(book) = self.queues.get_mut(queue) {
            book.consumers.retain(|known| known.address != *consumer);
            self.touched.insert(queue.clone());
        }
    }

    pub(super) fn enqueued(&mut self, message: MessageId, queue: &Name) {
        let (now, is_routed) = (self.at, self.take_awaited(message, queue));
        let Some(known) = self.messages.get(&message) else { return };
        let Some(book) = self.queues.get_mut(queue) else { return };
        let sending = &known.sending;
        if book.terms.is_quorum && sending.priority.is_some() {
            // It has two priorities, and lets the lower one have every third turn (RabbitMQ 4).
            book.has_priorities = true;
        }
        let expiration_ms = sending.expiration_ms.filter(|_| known.latest.is_none());
        let ttl_ms = expiration_ms.into_iter().chain(book.terms.ttl_ms).min().filter(|_| !book.under_policy);
        let (from, died, routing_key) = match &known.latest {
            Some(death) => (Some(death.queue.clone()), death.deaths, death.routing_key.clone()),
            None => (None, deaths(&sending.headers), sending.routing_key.clone()),
        };
        let in_doubt = known.latest.as_ref().is_some_and(|death| death.in_doubt);
        let copy = Copy {
            rank: book.rank(sending.priority),
            position: book.next_position,
            persistent: sending.persistent,
            expires_at: ttl_ms.map(|ms| now + Duration::from_millis(ms)),
            delivered: false,
            recovered: false,
            requeued: false,
            returns: 0,
            is_one_of_several: in_doubt || book.all(message).next().is_some(),
            holder: None,
            from,
            deaths: died,
            routing_key,
        };
        book.next_position += 1;
        book.offer(message, copy);
        self.touched.insert(queue.clone());
        let is_routed = is_routed || self.doubtful.contains(queue);
        self.check(Property::RoutedOnce, message, is_routed, || {
            format!("queue {queue} got it, and it was not routed there, or a second time")
        });
    }

    fn take_awaited(&mut self, message: MessageId, queue: &Name) -> bool {
        self.messages.get_mut(&message).is_some_and(|book| book.awaited.remove(queue))
    }

    pub(super) fn acked(&mut self, message: MessageId, queue: &Name, channel: ChannelRef) {
        let copy = self.queues.get(queue).and_then(|book| {
            let any = || book.held_copy(message, None).filter(|copy| copy.is_one_of_several);
            book.held_copy(message, Some(channel)).or_else(any)
        });
        let (position, sure) =
            (copy.map(|copy| copy.position), copy.is_some_and(|copy| !copy.is_one_of_several));
        self.settled(message, queue, channel, sure.then_some(Said::Ack));
        if !self.queues.contains_key(queue) {
            return;
        }
        let held = position.is_some_and(|position| self.leave((message, position), queue, false));
        self.check(Property::OneConsumerAtATime, message, held, || {
            format!("it was taken for acked in queue {queue}, and no consumer there had it")
        });
    }

    pub(super) fn requeued(&mut self, message: MessageId, queue: &Name, reason: RequeueReason) {
        if matches!(reason, RequeueReason::Rejected | RequeueReason::Nacked) {
            self.settled_by_holder(message, queue, Some(Said::Requeue));
        }
        self.touched.insert(queue.clone());
        // Who gives it back with basic.nack or basic.recover says that it was not at fault (RabbitMQ 4.3), and nor is it when
        // its consumer takes too long.
        let counts = match reason {
            RequeueReason::Rejected | RequeueReason::ChannelClosed | RequeueReason::ConnectionClosed => true,
            RequeueReason::Nacked | RequeueReason::Recovered => {
                !self.plan.compat.has(Behaviour::NackIsNoFailure)
            }
            RequeueReason::TimedOut => {
                self.is_overdue(message, queue);
                false
            }
        };
        let Some(book) = self.queues.get_mut(queue) else { return };
        let held = book.take_back(message, counts);
        self.check(Property::OneConsumerAtATime, message, held, || {
            format!("it came back to queue {queue}, and no consumer had it")
        });
    }

    pub(super) fn dropped(&mut self, message: MessageId, queue: &Name, reason: DropReason, unacked: bool) {
        let book = self.queues.get(queue);
        let goes_on =
            book.is_some_and(|book| book.terms.dead_letter_exchange.is_some() && !book.under_policy);
        match reason {
            DropReason::Expired => self.expired(message, queue),
            DropReason::MaxLength => self.too_many(message, queue),
            DropReason::Rejected => self.settled_by_holder(message, queue, Some(Said::Reject)),
            DropReason::DeliveryLimit => self.settled_by_holder(message, queue, None),
            _ => {}
        }
        let dies = !matches!(reason, DropReason::Purged | DropReason::QueueDeleted | DropReason::Retention);
        if goes_on && dies {
            let detail = format!("queue {queue} dropped it, and has a dead-letter exchange");
            self.broken(Property::DeadLettersGoOn, Some(message), detail);
        }
        self.give_up(message, queue, unacked);
    }

    /// `None`: in whatever way.
    fn settled_by_holder(&mut self, message: MessageId, queue: &Name, how: Option<Said>) {
        let copy = self.queues.get(queue).and_then(|book| book.held_copy(message, None));
        let sure = copy.is_some_and(|copy| !copy.is_one_of_several);
        let holder = copy.and_then(|copy| copy.holder.as_ref());
        if let Some(channel) = holder.map(ChannelRef::of) {
            self.settled(message, queue, channel, how.filter(|_| sure));
        }
    }

    /// Its consumer may settle it all the same, when it is somebody else's.
    fn is_overdue(&mut self, message: MessageId, queue: &Name) {
        let copy = self.queues.get(queue).and_then(|book| book.held_copy(message, None));
        if let Some(holder) = copy.and_then(|copy| copy.holder.as_ref()) {
            self.overdue.insert((ChannelRef::of(holder), queue.clone(), message));
        }
    }

    /// The broker settles a delivery: its consumer has to have said so.
    fn settled(&mut self, message: MessageId, queue: &Name, channel: ChannelRef, how: Option<Said>) {
        let key = (channel, queue.clone(), message);
        let how = how.filter(|_| !self.overdue.contains(&key));
        let said = self.said.get_mut(&key).and_then(VecDeque::pop_front);
        let Some(how) = how else { return };
        self.check(Property::SettledAsSaid, message, said == Some(how), || {
            let said = said.map_or("has said nothing of it", Said::word);
            format!("queue {queue} settles it as one whose consumer {}; that {said}", how.word())
        });
    }

    fn give_up(&mut self, message: MessageId, queue: &Name, unacked: bool) {
        if let Some(copy) = self.copy(message, queue, unacked) {
            let key = (message, copy.position);
            self.leave(key, queue, false);
        } else if self.queues.contains_key(queue) && !self.doubtful.contains(queue) {
            let detail = format!("queue {queue} gave it up, and did not have it");
            self.broken(Property::QueueAdds, Some(message), detail);
        }
    }

    /// A copy that is with a client, or ready.
    fn copy(&self, message: MessageId, queue: &Name, unacked: bool) -> Option<&Copy> {
        let book = self.queues.get(queue)?;
        if unacked { book.held_copy(message, None) } else { book.ready_copy(message) }
    }

    /// Nobody says which.
    pub(super) fn dropped_unread(&mut self, queue: &Name, messages: u64) {
        let Some(book) = self.queues.get(queue) else { return };
        let count = usize::try_from(messages).unwrap_or(usize::MAX);
        let gone: Vec<Key> =
            book.ready.iter().take(count).map(|(_, position, id)| (*id, *position)).collect();
        for key in gone {
            self.leave(key, queue, false);
        }
    }

    pub(super) fn dead_lettered(
        &mut self,
        message: MessageId,
        queue: &Name,
        reason: DeathReason,
        exchange: &Name,
        unacked: bool,
    ) {
        match reason {
            DeathReason::Expired => self.expired(message, queue),
            DeathReason::MaxLength => self.too_many(message, queue),
            DeathReason::Rejected => self.settled_by_holder(message, queue, Some(Said::Reject)),
            DeathReason::DeliveryLimit => self.settled_by_holder(message, queue, None),
        }
        self.dies(message, queue, Some(exchange), unacked);
        self.give_up(message, queue, unacked);
    }

    /// A queue gives a message up: it has to be seen again, on its way from the dead-letter exchange.
    pub(super) fn dies(&mut self, message: MessageId, queue: &Name, exchange: Option<&Name>, unacked: bool) {
        let book = self.queues.get(queue);
        // Of one that may be gone it is known what its declaration says.
        let undecided = || self.plan.terms.get(queue).filter(|_| self.doubtful.contains(queue));
        let Some(terms) = book.map(|book| &book.terms).or_else(undecided) else { return };
        let Some(known) = self.messages.get_mut(&message) else { return };
        self.dying.insert(message);
        let copy = book.and_then(|book| match unacked {
            true => book.held_copy(message, None),
            false => book.ready_copy(message),
        });
        let died = copy.map_or_else(|| deaths(&known.sending.headers), |copy| copy.deaths);
        let old_key = copy.map_or_else(|| known.sending.routing_key.clone(), |copy| copy.routing_key.clone());
        let exchange = exchange.or(terms.dead_letter_exchange.as_ref());
        known.dying.push_back(Death {
            queue: queue.clone(),
            exchange: exchange.cloned().unwrap_or_default(),
            routing_key: terms.dead_letter_key.clone().unwrap_or(old_key),
            deaths: died + 1,
            in_doubt: book.is_none() || copy.is_some_and(|copy| copy.is_one_of_several),
            waits: false,
            circled: BTreeSet::new(),
        });
    }

    /// A dead letter cannot go on, and its queue keeps it: a crash brings it back there.
    pub(super) fn dead_letter_waits(&mut self, message: MessageId, queue: &Name) {
        self.pass_over_waiting(message);
        self.set_gone_at(message, queue, u64::MAX - 2);
        let Some(book) = self.messages.get_mut(&message) else { return };
        let Some(death) = book.dying.pop_front() else { return };
        book.kept_by.entry(queue.clone()).or_default().push_back(death);
        if book.kept_by.values().map(VecDeque::len).sum::<usize>() > 1 {
            // Which of them goes on is not told.
            book.kept_by.values_mut().flatten().for_each(|death| death.in_doubt = true);
        }
    }

    /// It has gone on, or its queue is gone.
    pub(super) fn dead_letter_taken(&mut self, message: MessageId, queue: &Name) {
        self.set_gone_at(message, queue, self.commit);
        if let Some(book) = self.messages.get_mut(&message) {
            if let Some(deaths) = book.kept_by.get_mut(queue) {
                deaths.pop_front();
            }
            book.kept_by.retain(|_, deaths| !deaths.is_empty());
        }
    }

    /// Since which commit the disk may know that a message has left a queue.
    pub(super) fn set_gone_at(&mut self, message: MessageId, queue: &Name, commit: u64) {
        let Some(book) = self.queues.get_mut(queue) else { return };
        if let Some((_, gone)) = book.gone.range_mut(every(message)).next_back() {
            gone.commit = commit;
        }
    }

    /// A dead letter may not enter these queues again: it came from them, or was in them before.
    pub(super) fn circled(&mut self, message: MessageId, queues: &[Name], is_gone: bool) {
        self.pass_over_waiting(message);
        let death = self.messages.get_mut(&message).and_then(|book| book.dying.front_mut());
        let Some(death) = death else { return };
        death.circled.extend(queues.iter().cloned());
        if is_gone {
            self.dead_letter_is_gone(message);
        }
    }

    fn expired(&mut self, message: MessageId, queue: &Name) {
        let now = self.at;
        let Some(book) = self.queues.get(queue).filter(|book| !book.under_policy) else { return };
        let is_sure = |copy: &&Copy| !copy.recovered && !copy.is_one_of_several;
        let Some(copy) = book.ready_copy(message).filter(is_sure) else { return };
        let due = copy.expires_at;
        self.check(Property::ExpiredOnTime, message, due.is_some_and(|due| due <= now), || match due {
            Some(due) => format!("queue {queue} took it for expired at {now}; it had time until {due}"),
            None => format!("queue {queue} took it for expired, and it has no time to live"),
        });
    }

    /// Of too many messages the oldest goes.
    fn too_many(&mut self, message: MessageId, queue: &Name) {
        let Some(book) = self.queues.get(queue) else { return };
        if book.terms.max_priority.is_some() || book.under_policy {
            return;
        }
        let oldest = book.ready.first().map(|(_, _, oldest)| *oldest);
        let copies = [book.ready_copy(message), oldest.and_then(|oldest| book.ready_copy(oldest))];
        if copies.into_iter().flatten().any(|copy| copy.is_one_of_several) {
            return;
        }
        self.check(Property::LimitHeld, message, oldest == Some(message), || {
            format!("queue {queue} was too long and gave it up, though it was not the oldest")
        });
    }

    /// A message leaves a queue for good, unless the disk has not heard of it. Whether a client had it.
    pub(super) fn leave(&mut self, key: Key, queue: &Name, without_ack: bool) -> bool {
        self.touched.insert(queue.clone());
        let (commit, has_disk) = (self.commit, self.plan.has_disk);
        let Some(book) = self.queues.get_mut(queue) else { return false };
        let Some(copy) = book.remove(key) else { return false };
        let was_held = copy.holder.is_some();
        if has_disk && book.durable && copy.persistent {
            book.gone.insert(key, Gone { copy, commit, without_ack });
        }
        was_held
    }
}
