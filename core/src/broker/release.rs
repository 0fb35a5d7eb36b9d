//! What a consumer leaves behind, and what it is told when its queue goes first.

use std::collections::VecDeque;

use super::{
    Broker,
    work::{Task, cost},
};
use crate::{Fact, Name, QueueId, event::QueueEnd, id::ConsumerId, ordered::OrdSet, wire::Method};

/// Consumers whose queue is gone, and whose clients are to be told.
#[derive(Clone)]
pub(super) struct Cancelled {
    pub(super) queue: Name,
    pub(super) consumers: VecDeque<ConsumerId>,
    /// The same, as far as they are in order: RabbitMQ tells a channel in the order of the tags.
    pub(super) by_tag: OrdSet<(Name, ConsumerId)>,
}

impl Broker {
    /// Forgets a consumer that its channel has forgotten already; returns its queue.
    pub(super) fn end_consumer(&mut self, id: ConsumerId) -> Option<QueueId> {
        self.unpark(id);
        let consumer = self.consumers.remove(&id)?;
        let queue = self.queues.get_mut(&consumer.queue)?;
        queue.remove_consumer(id, consumer.priority, self.now.instant);
        self.events.emit(&queue.vhost, || Fact::ConsumerStopped {
            consumer: consumer.address(),
            queue: queue.name.clone(),
        });
        if !planted!(self.config, NoNextActive) {
            self.choose_active(consumer.queue);
        }
        self.set_queue_alarm(consumer.queue);
        Some(consumer.queue)
    }

    /// A queue has lost a consumer: an auto-delete queue goes with the last one, and another may be the active one now.
    pub(super) fn consumer_ended(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get(&id) else { return };
        if queue.is_unused() {
            self.delete_queue(id, QueueEnd::Unused);
        } else {
            self.dispatch(id);
        }
    }

    /// Tells consumers' clients that their queue is gone, as far as this slice goes.
    pub(super) fn cancel_consumers(&mut self, mut cancelled: Cancelled) {
        while !self.work.is_spent() {
            self.work.charge(cost::CONSUMER);
            if let Some(consumer) = cancelled.consumers.pop_front() {
                let tag = self.consumers.get(&consumer).map(|consumer| consumer.tag.clone());
                cancelled.by_tag.extend(tag.map(|tag| (tag, consumer)));
            } else if let Some((_, consumer)) = cancelled.by_tag.pop_first() {
                self.queue_is_gone(consumer, &cancelled.queue);
            } else {
                return;
            }
        }
        self.work.add(Task::Cancel(cancelled));
    }

    /// A consumer's queue was deleted: its client is told, if it said that it understands (RabbitMQ's
    /// `consumer_cancel_notify`).
    fn queue_is_gone(&mut self, id: ConsumerId, queue: &Name) {
        self.unpark(id);
        let Some(consumer) = self.consumers.remove(&id) else { return };
        let Some(session) = self.sessions.get_mut(&consumer.connection) else { return };
        let vhost = session.vhost.clone();
        if let Some(channel) = session.channels.get_mut(&consumer.channel) {
            channel.consumers.remove(&consumer.tag);
        }
        if session.capabilities.consumer_cancel_notify {
            let cancel = Method::BasicCancel { consumer_tag: &consumer.tag, nowait: true };
            self.send(consumer.connection, consumer.channel, &cancel);
        }
        self.events
            .emit(&vhost, || Fact::ConsumerStopped { consumer: consumer.address(), queue: queue.clone() });
    }
}
