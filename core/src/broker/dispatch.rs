//! Deliveries: the next ready message to the next consumer in turn.

use std::borrow::Cow;

use super::{Broker, publish::encode_content_with};
use crate::{
    ConnectionId, Fact, QueueId,
    id::ConsumerId,
    ordered::sort_by,
    queue::{Entry, kept_properties},
    session::{Channel, Unacked},
    wire::{FieldValue, Method, Properties},
};

impl Broker {
    /// Delivers while the queue has ready messages and a consumer with credit.
    pub(super) fn dispatch(&mut self, id: QueueId) {
        while let Some(queue) = self.queues.get_mut(&id) {
            if queue.stream.is_some() {
                return self.serve_readers(id);
            }
            if !queue.has_ready() || queue.awaits_disk() {
                break;
            }
            let Some(next) = queue.turns.pop() else { break };
            if !self.has_credit(next) {
                self.park(next);
                continue;
            }
            let priority = self.consumers.get(&next).map_or(0, |consumer| consumer.priority);
            let Some(queue) = self.queues.get_mut(&id) else { return };
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
        self.read_ahead(id);
        self.set_queue_alarm(id);
    }

    /// Whether a consumer may have one more: by its own prefetch, its channel's, and what its connection can carry.
    pub(super) fn has_credit(&mut self, id: ConsumerId) -> bool {
        let Some(consumer) = self.consumers.get(&id) else { return false };
        let Some(session) = self.sessions.get_mut(&consumer.connection) else { return false };
        if session.window_full(self.config.send_window_bytes) {
            session.congested = true;
            return false;
        }
        // A prefetch that is shared holds those back, too, who need no acks (RabbitMQ).
        let channel = session.channels.get(&consumer.channel);
        let alone = planted!(self.config, PrefetchIgnoredAlone)
            && self.queues.get(&consumer.queue).is_some_and(|queue| queue.consumers.len() == 1);
        (alone || consumer.below_prefetch()) && channel.is_some_and(Channel::below_prefetch)
    }

    pub(super) fn park(&mut self, id: ConsumerId) {
        self.latest.parked += 1;
        if let Some(consumer) = self.consumers.get_mut(&id) {
            consumer.parked = Some(self.latest.parked);
        }
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
        let (mut properties, mut body) = (delivered_properties(&entry), entry.message.body());
        if planted!(self.config, PropertiesOfNext)
            && let Some(next) = queue.ready.first()
        {
            properties = delivered_properties(next);
        }
        if planted!(self.config, BodyCut) {
            body = body.split_last().map_or(body, |(_, rest)| rest);
        }
        encode_content_with(&properties, body, consumer.channel, session.frame_max, &mut session.out);
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
        let mut queues = Vec::new();
        for id in consumers {
            let Some(consumer) = self.consumers.get_mut(&id) else { continue };
            if consumer.parked.take().is_none() {
                continue;
            }
            let (queue_id, priority) = (consumer.queue, consumer.priority);
            if let Some(queue) = self.queues.get_mut(&queue_id)
                && queue.serves(id)
            {
                queue.turns.push(id, priority);
            }
            if !queues.contains(&queue_id) {
                queues.push(queue_id);
            }
        }
        queues.into_iter().for_each(|queue| self.dispatch(queue));
    }

    /// The host has sent bytes to a client: there may be room for deliveries again.
    pub(super) fn sent(&mut self, connection: ConnectionId, bytes: u64) {
        let window = self.config.send_window_bytes;
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.in_flight = session.in_flight.saturating_sub(bytes);
        // Waiting for half the window to be free keeps deliveries in large batches.
        if session.congested && !session.window_full(window / 2) {
            session.congested = false;
            let consumers: Vec<ConsumerId> =
                session.channels.values().flat_map(|channel| channel.consumers.values().copied()).collect();
            self.wake(consumers);
        }
    }
}

/// A message's properties, with what a quorum queue has counted (RabbitMQ 4.3), or as a stream has kept them.
pub(super) fn delivered_properties(entry: &Entry) -> Cow<'_, [u8]> {
    if entry.kept {
        return Cow::Owned(kept_properties(entry));
    }
    let raw = entry.message.properties();
    if entry.returns.acquired == 0 {
        return Cow::Borrowed(raw);
    }
    let Ok(mut properties) = Properties::decode(raw) else { return Cow::Borrowed(raw) };
    let headers = properties.headers.get_or_insert_default();
    headers.insert("x-acquired-count", FieldValue::I64(entry.returns.acquired.into()));
    if entry.returns.failed > 0 {
        headers.insert("x-delivery-count", FieldValue::I64(entry.returns.failed.into()));
    }
    headers.sort();
    Cow::Owned(properties.to_bytes())
}
