//! What channels and connections leave behind: consumers end, unacked messages go back, exclusive queues go.

use super::{Broker, timers::Timer};
use crate::{
    ChannelNumber, ConnectionId, Fact, Name, QueueId,
    event::{QueueEnd, RequeueReason},
    id::ConsumerId,
    queue::Queue,
    session::{Channel, Settlement},
    wire::Method,
};

impl Broker {
    /// A channel is over: it is taken out of its connection, and all it holds is released.
    pub(super) fn release_channel(&mut self, connection: ConnectionId, number: ChannelNumber, reason: &str) {
        let Some(channel) = self.channel_mut(connection, number) else { return };
        channel.roll_back();
        let consumers = channel.consumers.values().copied().collect();
        let idle = self.end_consumers(consumers);
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        let vhost = session.vhost.clone();
        let Some(channel) = session.channels.remove(&number) else { return };
        self.end_channel(connection, number, channel, RequeueReason::ChannelClosed, &vhost, reason);
        idle.into_iter().for_each(|queue| self.consumer_ended(queue));
    }

    /// The broker closes a channel. What it has of the queues that it consumes from goes back at once, the rest only when
    /// the client answers (RabbitMQ).
    pub(super) fn refuse_channel(&mut self, connection: ConnectionId, number: ChannelNumber, reason: &str) {
        let channel = self.channel_mut(connection, number);
        let consumed: Vec<QueueId> = channel
            .map(|channel| channel.consumers.values().copied().collect::<Vec<_>>())
            .unwrap_or_default()
            .iter()
            .filter_map(|consumer| Some(self.consumers.get(consumer)?.queue))
            .collect();
        let Some(channel) = self.channel_mut(connection, number) else { return };
        channel.roll_back();
        let later = channel.unacked.extract_if(.., |_, unacked| !consumed.contains(&unacked.queue)).collect();
        self.release_channel(connection, number, reason);
        if let Some(session) = self.sessions.get_mut(&connection) {
            let refused = Channel { closing: true, unacked: later, ..Channel::default() };
            session.channels.insert(number, refused);
        }
    }

    /// A connection is over: all its channels and exclusive queues are. Its session stays, without channels.
    pub(super) fn release_connection(&mut self, connection: ConnectionId, reason: &str) {
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        session.channels.values_mut().for_each(Channel::roll_back);
        let consumers = session.channels.values().flat_map(|channel| channel.consumers.values().copied());
        let consumers = consumers.filter(|_| !planted!(self.config, GhostConsumer)).collect();
        // All consumers end before anything is requeued: nothing may be delivered to what is about to close.
        let idle = self.end_consumers(consumers);
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        let vhost = session.vhost.clone();
        let channels = std::mem::take(&mut session.channels);
        for (number, channel) in channels {
            self.end_channel(connection, number, channel, RequeueReason::ConnectionClosed, &vhost, reason);
        }
        idle.into_iter().for_each(|queue| self.consumer_ended(queue));
        let owned = self.queues.values().filter(|queue| queue.owner == Some(connection));
        let owned = owned.filter(|_| !planted!(self.config, GhostQueue));
        let owned: Vec<QueueId> = owned.map(|queue| queue.id).collect();
        for queue in owned {
            self.delete_queue(queue, QueueEnd::OwnerGone);
        }
        if !vhost.is_empty() {
            self.events.emit(&vhost, || Fact::ConnectionClosed { connection, reason: reason.into() });
        }
    }

    /// Ends consumers whose channels are about to go; returns the queues that lost one and are still there. An auto-delete
    /// queue goes with its last consumer, and with what is unacked: nothing comes back to it (RabbitMQ).
    fn end_consumers(&mut self, consumers: Vec<ConsumerId>) -> Vec<QueueId> {
        let left: Vec<QueueId> = consumers.into_iter().filter_map(|id| self.end_consumer(id)).collect();
        let (unused, used) =
            left.into_iter().partition(|id| self.queues.get(id).is_some_and(Queue::is_unused));
        let unused: Vec<QueueId> = unused;
        unused.into_iter().for_each(|queue| self.delete_queue(queue, QueueEnd::Unused));
        used
    }

    fn end_channel(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        channel: Channel,
        requeue: RequeueReason,
        vhost: &Name,
        reason: &str,
    ) {
        if channel.closing {
            // The rest was done when the broker closed it.
            let unacked = channel.unacked.into_values();
            return self.settle_all(connection, number, unacked, Settlement::Requeue(requeue));
        }
        self.timers.set(Timer::Channel(connection, number), None);
        if let Some(consumer) = &channel.reply_consumer {
            self.end_reply_consumer(consumer);
        }
        let lost = match requeue {
            RequeueReason::ChannelClosed => planted!(self.config, LoseUnackedOfChannel),
            _ => planted!(self.config, LoseUnackedOfConnection),
        };
        let unacked = channel.unacked.into_values().filter(|_| !lost);
        self.settle_all(connection, number, unacked, Settlement::Requeue(requeue));
        self.events.emit(vhost, || Fact::ChannelClosed {
            connection,
            channel: number,
            reason: reason.into(),
        });
    }

    /// Forgets a consumer that its channel has forgotten already; returns its queue.
    pub(super) fn end_consumer(&mut self, id: ConsumerId) -> Option<QueueId> {
        let consumer = self.consumers.remove(&id)?;
        let queue = self.queues.get_mut(&consumer.queue)?;
        queue.remove_consumer(id, self.now.instant);
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

    /// A consumer's queue was deleted: its client is told, if it said that it understands (RabbitMQ's
    /// `consumer_cancel_notify`).
    pub(super) fn queue_is_gone(&mut self, id: ConsumerId, queue: &Name) {
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
