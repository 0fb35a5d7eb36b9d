//! Deliveries that a client does not settle in time (RabbitMQ's consumer timeout).

use super::{
    Broker,
    settle::unknown_tag,
    timers::{GRACE, Timer},
};
use crate::{
    Behaviour, ChannelNumber, ConnectionId, DeliveryTag, Fact, Instant, Notice, ReplyCode,
    event::RequeueReason,
    id::ConsumerId,
    ordered::OrdMap,
    queue::Lacks,
    refusal::{Outcome, Refusal},
    session::{Settlement, Unacked},
    wire::Method,
};

/// What is overdue of one channel.
#[derive(Default)]
struct Overdue {
    deliveries: OrdMap<DeliveryTag, Unacked>,
    /// How many of them each consumer had.
    consumers: OrdMap<ConsumerId, u64>,
    /// Some of them were answers to basic.get.
    has_got: bool,
}

impl Broker {
    /// A delivery has gone out; its channel's alarm is set if it is the first to be due.
    #[inline]
    pub(super) fn watch_delivery(&mut self, address: (ConnectionId, ChannelNumber), due: Option<Instant>) {
        let Some(due) = due.filter(|_| !planted!(self.config, ConsumerTimeoutIgnored)) else { return };
        let (connection, number) = address;
        let Some(channel) = self.channel_mut(connection, number) else { return };
        // An alarm that turns out to be early costs less than moving it with every ack.
        if channel.alarm.is_none_or(|alarm| due < alarm) {
            channel.alarm = Some(due);
            self.timers.set(Timer::Channel(connection, number), Some(due));
        }
    }

    /// A channel's alarm: what is overdue goes back to its queue, and the alarm is set for the next.
    pub(super) fn channel_is_due(&mut self, connection: ConnectionId, number: ChannelNumber, is_late: bool) {
        let now = self.now.instant;
        let takes_back = self.config.has(Behaviour::TimeoutTakesBack);
        let Some(channel) = self.channel_mut(connection, number) else { return };
        channel.alarm = None;
        let is_overdue = |unacked: &&Unacked| unacked.due().is_some_and(|due| due <= now);
        let first = channel.unacked.values().find(is_overdue);
        if is_late && first.is_some() {
            // The ack may have come and not been read yet.
            return self.watch_delivery((connection, number), Some(now + GRACE));
        }
        if let Some(timeout_ms) = first.filter(|_| !takes_back).map(|unacked| unacked.timeout_ms) {
            return self.refuse_overdue((connection, number), &timeout_ms.to_string());
        }
        let overdue = channel.unacked.iter().filter(|(_, unacked)| is_overdue(unacked));
        let tags: Vec<_> = overdue.map(|(&tag, _)| tag).collect();
        let mut overdue = Overdue::default();
        for tag in tags {
            if let Some(unacked) = channel.unacked.remove(&tag) {
                overdue.add(tag, unacked, &mut channel.overdue);
            }
        }
        let next = channel.unacked.values().filter_map(Unacked::due).min();
        self.watch_delivery((connection, number), next);
        self.take_back((connection, number), overdue);
    }

    /// The messages are ready again, not counted as failed, and their consumers get nothing more until the client has
    /// settled what it has. It is told so by basic.cancel, though its consumers go on then; a client that cannot be told
    /// loses its channel (RabbitMQ 4.3).
    fn take_back(&mut self, address: (ConnectionId, ChannelNumber), overdue: Overdue) {
        let mut all_told = !overdue.has_got;
        for (&consumer, &deliveries) in &overdue.consumers {
            all_told &= self.suspend(consumer, deliveries);
        }
        if !overdue.deliveries.is_empty() {
            let requeue = Settlement::Requeue(RequeueReason::TimedOut);
            self.settle_many(address, overdue.deliveries, requeue);
        }
        if !all_told {
            // It no longer knows how long the time was, and says so (RabbitMQ 4.3).
            self.refuse_overdue(address, "-1");
        }
    }

    fn refuse_overdue(&mut self, (connection, number): (ConnectionId, ChannelNumber), timeout_ms: &str) {
        let text = format!(
            "delivery acknowledgement on channel {number} timed out. Timeout value used: {timeout_ms} ms. This timeout \
             value can be configured, see consumers doc guide to learn more"
        );
        let refusal = Refusal::new(ReplyCode::PreconditionFailed, text);
        self.refuse(connection, number, &refusal, (0, 0));
    }

    /// A consumer has so many deliveries that are overdue. `false`: its client cannot be told.
    fn suspend(&mut self, id: ConsumerId, deliveries: u64) -> bool {
        let Some(consumer) = self.consumers.get_mut(&id) else { return false };
        consumer.overdue += deliveries;
        let (address, queue_id, priority) = (consumer.address(), consumer.queue, consumer.priority);
        let Some(queue) = self.queues.get_mut(&queue_id) else { return false };
        queue.suspend(id, priority);
        let name = queue.name.clone();
        self.events
            .emit(&queue.vhost, || Fact::ConsumerTimedOut { consumer: address.clone(), queue: name.clone() });
        self.notice_of(address.connection, |client| Notice::TimedOut { client, queue: name, deliveries });
        self.choose_active(queue_id);
        let session = self.sessions.get(&address.connection);
        if !session.is_some_and(|session| session.capabilities.consumer_cancel_notify) {
            return false;
        }
        let cancel = Method::BasicCancel { consumer_tag: &address.tag, nowait: true };
        self.send(address.connection, address.channel, &cancel);
        true
    }

    /// A client settles a delivery that its queue has taken back.
    ///
    /// # Errors
    /// There is none with this tag.
    pub(super) fn settle_overdue(
        &mut self,
        (connection, number): (ConnectionId, ChannelNumber),
        tag: DeliveryTag,
    ) -> Outcome {
        let Some(channel) = self.channel_mut(connection, number) else { return Ok(()) };
        let consumer = channel.overdue.remove(&tag).ok_or_else(|| unknown_tag(tag))?;
        self.hold_or_go_on((connection, number), [(tag, consumer)].into_iter().collect());
        Ok(())
    }

    /// In a transaction it takes effect with the commit.
    pub(super) fn hold_or_go_on(
        &mut self,
        (connection, number): (ConnectionId, ChannelNumber),
        settled: OrdMap<DeliveryTag, ConsumerId>,
    ) {
        let Some(channel) = self.channel_mut(connection, number) else { return };
        match channel.transaction_mut() {
            Some(transaction) => transaction.overdue.extend(settled),
            None => self.go_on_after_overdue(settled),
        }
    }

    /// Consumers whose client has settled all that was taken back get more.
    pub(super) fn go_on_after_overdue(&mut self, settled: OrdMap<DeliveryTag, ConsumerId>) {
        let mut relieved = Vec::new();
        for id in settled.into_values() {
            let Some(consumer) = self.consumers.get_mut(&id) else { continue };
            consumer.overdue -= 1;
            if consumer.overdue == 0 {
                relieved.push(id);
            }
        }
        for id in relieved {
            self.resume(id);
        }
    }

    fn resume(&mut self, id: ConsumerId) {
        let Some(consumer) = self.consumers.get(&id) else { return };
        let (queue_id, priority) = (consumer.queue, consumer.priority);
        let waits = consumer.parked.is_some_and(|parked| parked.lacks == Lacks::OverdueAcks);
        let address = consumer.address();
        let Some(queue) = self.queues.get_mut(&queue_id) else { return };
        queue.resume(id, priority);
        self.events
            .emit(&queue.vhost, || Fact::ConsumerResumed { consumer: address, queue: queue.name.clone() });
        self.choose_active(queue_id);
        if waits {
            self.wake(vec![id]);
        } else {
            self.dispatch(queue_id);
        }
    }
}

impl Overdue {
    fn add(&mut self, tag: DeliveryTag, unacked: Unacked, known: &mut OrdMap<DeliveryTag, ConsumerId>) {
        match unacked.consumer {
            Some(consumer) => {
                known.insert(tag, consumer);
                *self.consumers.entry(consumer).or_default() += 1;
            }
            None => self.has_got = true,
        }
        self.deliveries.insert(tag, unacked);
    }
}
