//! Deliveries: the next ready message to the next consumer in turn.

use std::borrow::Cow;

use super::{Broker, publish::encode_content_with, work::cost};
use crate::{
    Behaviour, ChannelNumber, ConnectionId, Fact, QueueId,
    id::ConsumerId,
    ordered::{OrdSet, sort_by},
    queue::{Entry, Kind, Lacks, ParkedConsumer, Queue, Returns, kept_properties},
    session::Unacked,
    wire::{FieldValue, Method, Properties},
};

impl Broker {
    /// Delivers while the queue has ready messages and a consumer with credit, as far as this slice goes.
    pub(super) fn dispatch(&mut self, id: QueueId) {
        if self.deliver_ready(id) {
            self.look_ahead(id);
        }
    }

    /// The same, and then the queue's limits have their say. In this order, because a consumer may take what is too much
    /// or has a time to live of 0 (RabbitMQ).
    pub(super) fn dispatch_and_limit(&mut self, id: QueueId) {
        self.deliver_ready(id);
        self.keep_limits(id);
    }

    /// `false`: there is nothing more to do for this queue in this slice.
    fn deliver_ready(&mut self, id: QueueId) -> bool {
        while let Some(queue) = self.queues.get_mut(&id) {
            if queue.stream.is_some() {
                self.serve_readers(id);
                return false;
            }
            if !queue.has_ready() || queue.awaits_disk() || queue.turns.is_empty() {
                break;
            }
            if self.work.is_spent() {
                self.postpone(id);
                return false;
            }
            // What has expired and was not dropped in this slice must not be delivered in the next.
            if queue.has_overdue(self.now.instant) {
                self.drop_expired(id);
                continue;
            }
            let Some(next) = queue.turns.pop() else { break };
            self.work.charge(cost::CONSUMER);
            match self.credit(next) {
                Credit::Some => {}
                Credit::None(lacks) => {
                    self.park(next, lacks);
                    continue;
                }
                Credit::Ended => continue,
            }
            let priority = self.consumers.get(&next).map_or(0, |consumer| consumer.priority);
            let Some(queue) = self.queues.get_mut(&id) else { return false };
            if planted!(self.config, TurnNeverPasses) {
                queue.turns.keep(next, priority);
            } else {
                queue.turns.push(next, priority);
            }
            if let Some(entry) = queue.pop() {
                self.deliver(next, entry);
                self.drop_expired(id);
            }
        }
        true
    }

    /// Whether a consumer may have one more: by its own prefetch, its channel's, and what its connection can carry.
    pub(super) fn credit(&self, id: ConsumerId) -> Credit {
        let Some(consumer) = self.consumers.get(&id) else { return Credit::Ended };
        let Some(session) = self.sessions.get(&consumer.connection) else { return Credit::Ended };
        // Nothing is delivered to what is about to end.
        let channel = session.channels.get(&consumer.channel).filter(|channel| !channel.closing);
        let Some(channel) = channel else { return Credit::Ended };
        if session.window_full(self.config.send_window_bytes) {
            return Credit::None(Lacks::SendWindow);
        }
        if consumer.overdue > 0 {
            return Credit::None(Lacks::OverdueAcks);
        }
        let alone = planted!(self.config, PrefetchIgnoredAlone)
            && self.queues.get(&consumer.queue).is_some_and(|queue| queue.consumers.len() == 1);
        // A prefetch that is shared holds those back, too, who need no acks (RabbitMQ).
        if !channel.below_prefetch() {
            Credit::None(Lacks::SharedPrefetch)
        } else if !alone && !consumer.below_prefetch() {
            Credit::None(Lacks::OwnPrefetch)
        } else {
            Credit::Some
        }
    }

    pub(super) fn park(&mut self, id: ConsumerId, lacks: Lacks) {
        self.latest.parked += 1;
        let number = self.latest.parked;
        let Some(consumer) = self.consumers.get_mut(&id) else { return };
        consumer.parked = Some(ParkedConsumer { number, lacks });
        let Some(session) = self.sessions.get_mut(&consumer.connection) else { return };
        match lacks {
            Lacks::OwnPrefetch | Lacks::OverdueAcks => {}
            Lacks::SharedPrefetch => {
                if let Some(channel) = session.channels.get_mut(&consumer.channel) {
                    channel.parked.insert(number, id);
                }
            }
            Lacks::SendWindow => {
                session.parked.insert(number, id);
            }
        }
    }

    /// A consumer waits no longer, because it is to have its turn or has ended; `false` if it did not wait.
    pub(super) fn unpark(&mut self, id: ConsumerId) -> bool {
        let Some(consumer) = self.consumers.get_mut(&id) else { return false };
        let Some(parked) = consumer.parked.take() else { return false };
        if let Some(session) = self.sessions.get_mut(&consumer.connection) {
            session.parked.remove(&parked.number);
            if let Some(channel) = session.channels.get_mut(&consumer.channel) {
                channel.parked.remove(&parked.number);
            }
        }
        true
    }

    pub(super) fn deliver(&mut self, id: ConsumerId, entry: Entry) {
        let Some(consumer) = self.consumers.get_mut(&id) else { return };
        let Some(session) = self.sessions.get_mut(&consumer.connection) else { return };
        let Some(channel) = session.channels.get_mut(&consumer.channel) else { return };
        let Some(queue) = self.queues.get_mut(&consumer.queue) else { return };
        let delivery_tag = channel.next_tag();
        if session.out.is_empty() {
            self.unsent.push_back(consumer.connection);
        }
        let method = Method::BasicDeliver {
            consumer_tag: &consumer.tag,
            delivery_tag: delivery_tag.0,
            redelivered: entry.redelivered,
            exchange: &entry.message.exchange,
            routing_key: entry.message.routing_key(),
        };
        method.encode(consumer.channel.0, &mut session.out);
        let (mut properties, mut body) = (delivered_properties(&entry, queue, false), entry.message.body());
        if planted!(self.config, PropertiesOfNext)
            && let Some(next) = queue.ready.first()
        {
            properties = delivered_properties(next, queue, false);
        }
        if planted!(self.config, BodyCut) {
            body = body.split_last().map_or(body, |(_, rest)| rest);
        }
        encode_content_with(&properties, body, consumer.channel, session.frame_max, &mut session.out);
        self.work.charge(cost::DELIVER + cost::copy(body.len() as u64));
        self.events.emit(&queue.vhost, || {
            let (message, queue, consumer_ref) = (entry.message.id, queue.name.clone(), consumer.address());
            if entry.kept {
                let offset = entry.position;
                return Fact::Read { message, queue, consumer: consumer_ref, delivery_tag, offset };
            }
            let (redelivered, no_ack) = (entry.redelivered, consumer.no_ack);
            Fact::Delivered { message, queue, consumer: consumer_ref, delivery_tag, redelivered, no_ack }
        });
        if consumer.no_ack && !planted!(self.config, NoAckKept) {
            let queue = queue.id;
            self.let_go(queue, &entry);
        } else {
            queue.record_delivery(&entry, &mut self.journal);
            consumer.unacked += 1;
            channel.unacked_by_consumers += 1;
            queue.unacked += 1;
            let timeout_ms = consumer.timeout_ms;
            let unacked = Unacked {
                queue: queue.id,
                consumer: Some(id),
                entry,
                delivered_at: self.now.instant,
                timeout_ms,
            };
            let due = unacked.due();
            channel.unacked.insert(delivery_tag, unacked);
            let address = (consumer.connection, consumer.channel);
            self.watch_delivery(address, due);
        }
    }

    /// Lets consumers that had no credit have their turns again, those that have waited longest first.
    pub(super) fn wake(&mut self, mut consumers: Vec<ConsumerId>) {
        let parked = |id: &ConsumerId| self.consumers.get(id).and_then(|consumer| consumer.parked);
        sort_by(&mut consumers, |one, other| parked(one).cmp(&parked(other)));
        let (mut queues, mut known) = (Vec::new(), OrdSet::new());
        for id in consumers {
            let queue = self.give_turn(id);
            queues.extend(queue.filter(|&queue| known.insert(queue)));
        }
        queues.into_iter().for_each(|queue| self.dispatch(queue));
    }

    /// Puts a consumer that waits back among its queue's turns; returns the queue.
    fn give_turn(&mut self, id: ConsumerId) -> Option<QueueId> {
        if !self.unpark(id) {
            return None;
        }
        let consumer = self.consumers.get(&id)?;
        let queue = self.queues.get_mut(&consumer.queue)?;
        if queue.serves(id) {
            queue.turns.push(id, consumer.priority);
        }
        Some(queue.id)
    }

    /// There may be room in the prefetch that a channel's consumers share: they have their turns again, one after the other
    /// and who has waited longest first, until the room is taken. So none of their queues is left behind.
    pub(super) fn wake_channel(&mut self, connection: ConnectionId, number: ChannelNumber) {
        let to_latest = planted!(self.config, SharedPrefetchToLatest);
        while let Some(channel) = self.channel_mut(connection, number)
            && channel.below_prefetch()
            && let Some((_, next)) =
                if to_latest { channel.parked.pop_last() } else { channel.parked.pop_first() }
        {
            if let Some(queue) = self.give_turn(next) {
                self.dispatch(queue);
            }
        }
    }

    /// The host has sent bytes to a client: there may be room for deliveries again. The same as with a shared prefetch.
    pub(super) fn sent(&mut self, connection: ConnectionId, bytes: u64) {
        let window = self.config.send_window_bytes;
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.in_flight = session.in_flight.saturating_sub(bytes);
        // Waiting for half the window to be free keeps deliveries in large batches.
        if session.window_full(window / 2) {
            return;
        }
        self.resume_get(connection);
        while let Some(session) = self.sessions.get_mut(&connection)
            && !session.window_full(window)
            && let Some((_, longest)) = session.parked.pop_first()
        {
            if let Some(queue) = self.give_turn(longest) {
                self.dispatch(queue);
            }
        }
    }
}

/// Whether a consumer may have a delivery.
pub(super) enum Credit {
    Some,
    None(Lacks),
    /// Not it any more.
    Ended,
}

/// A message's properties, with what its queue has counted, or as a stream has kept them. `in_get_ok`: they are those of
/// basic.get-ok, which once told of a first delivery, too.
pub(super) fn delivered_properties<'e>(entry: &'e Entry, queue: &Queue, in_get_ok: bool) -> Cow<'e, [u8]> {
    if entry.kept {
        return Cow::Owned(kept_properties(entry, queue.compat));
    }
    let raw = entry.message.properties();
    let says_0 = in_get_ok && !queue.compat.has(Behaviour::DeliveryCountAfterReturns);
    // At first it tells what those have counted that gave the message up, and then what it counts itself.
    let Returns { acquired, failed } = entry.returns;
    let acquired = if acquired == 0 { failed } else { acquired };
    if queue.kind != Kind::Quorum || (acquired == 0 && !says_0) {
        return Cow::Borrowed(raw);
    }
    let Ok(mut properties) = Properties::decode(raw) else { return Cow::Borrowed(raw) };
    let headers = properties.headers.get_or_insert_default();
    if queue.compat.has(Behaviour::AcquiredCount) {
        headers.insert("x-acquired-count", FieldValue::I64(acquired.into()));
    }
    if says_0 || failed > 0 {
        headers.insert("x-delivery-count", FieldValue::I64(failed.into()));
    }
    headers.sort();
    Cow::Owned(properties.to_bytes())
}
