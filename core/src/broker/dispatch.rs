//! Deliveries: the next ready message to the next consumer in turn.

use super::{Broker, publish::encode_content};
use crate::{ConnectionId, Fact, QueueId, id::ConsumerId, queue::Entry, session::Unacked, wire::Method};

impl Broker {
    /// Delivers while the queue has ready messages and a consumer with credit.
    pub(super) fn dispatch(&mut self, id: QueueId) {
        while let Some(queue) = self.queues.get_mut(&id) {
            if !queue.has_ready() {
                return;
            }
            let Some(next) = queue.turns.pop_front() else { return };
            if !self.has_credit(next) {
                self.park(next);
                continue;
            }
            let Some(queue) = self.queues.get_mut(&id) else { return };
            queue.turns.push_back(next);
            if let Some(entry) = queue.pop() {
                self.deliver(next, entry);
            }
        }
    }

    /// Whether a consumer may have one more: by its own prefetch, its channel's, and what its connection can carry.
    fn has_credit(&mut self, id: ConsumerId) -> bool {
        let Some(consumer) = self.consumers.get(&id) else { return false };
        let Some(session) = self.sessions.get_mut(&consumer.connection) else { return false };
        if session.window_full(self.config.send_window_bytes) {
            session.congested = true;
            return false;
        }
        let channel = session.channels.get(&consumer.channel);
        consumer.below_prefetch()
            && channel.is_some_and(|channel| consumer.no_ack || channel.below_prefetch())
    }

    fn park(&mut self, id: ConsumerId) {
        if let Some(consumer) = self.consumers.get_mut(&id) {
            consumer.parked = true;
        }
    }

    fn deliver(&mut self, id: ConsumerId, entry: Entry) {
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
        encode_content(&entry.message, consumer.channel, session.frame_max, &mut session.out);
        self.events.emit(&queue.vhost, || Fact::Delivered {
            message: entry.message.id,
            queue: queue.name.clone(),
            consumer: consumer.address(),
            delivery_tag,
            redelivered: entry.redelivered,
            no_ack: consumer.no_ack,
        });
        if consumer.no_ack {
            self.message_bytes -= entry.message.size();
        } else {
            consumer.unacked += 1;
            channel.unacked_by_consumers += 1;
            queue.unacked += 1;
            channel.unacked.insert(delivery_tag, Unacked { queue: queue.id, consumer: Some(id), entry });
        }
    }

    /// Lets consumers that had no credit have their turns again; `again` says whose credit may be back.
    pub(super) fn wake(&mut self, consumers: impl IntoIterator<Item = ConsumerId>) {
        for id in consumers {
            let Some(consumer) = self.consumers.get_mut(&id) else { continue };
            if !std::mem::take(&mut consumer.parked) {
                continue;
            }
            let queue_id = consumer.queue;
            if let Some(queue) = self.queues.get_mut(&queue_id) {
                queue.turns.push_back(id);
            }
            self.dispatch(queue_id);
        }
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
