//! basic.ack, nack, reject and recover: what becomes of deliveries (AMQP 0-9-1 reference, section 1.8; nack is
//! RabbitMQ's).

use super::Broker;
use crate::{
    ChannelNumber, ConnectionId, DeliveryTag, Fact, QueueId, ReplyCode,
    event::{DeathReason, RequeueReason},
    id::ConsumerId,
    ordered::{OrdMap, OrdSet},
    queue::{Consumer, Entry, Kind, Queue, Returns},
    refusal::{Outcome, Refusal},
    session::{Channel, Mode, Settlement, Unacked},
};

impl Settlement {
    /// basic.reject.
    pub(super) fn reject(requeue: bool) -> Self {
        if requeue { Settlement::Requeue(RequeueReason::Rejected) } else { Settlement::Reject }
    }

    /// basic.nack.
    pub(super) fn nack(requeue: bool) -> Self {
        if requeue { Settlement::Requeue(RequeueReason::Nacked) } else { Settlement::Reject }
    }
}

impl Broker {
    /// Settles one delivery, or with `multiple` all up to and including it; tag 0 then stands for all. In a
    /// transaction it takes effect with the commit.
    pub(super) fn settle(
        &mut self,
        (connection, number): (ConnectionId, ChannelNumber),
        tag: DeliveryTag,
        multiple: bool,
        settlement: Settlement,
    ) -> Outcome {
        let session = self.sessions.get_mut(&connection);
        let Some(channel) = session.and_then(|s| s.channels.get_mut(&number)) else { return Ok(()) };
        if multiple {
            let mut settled = take_up_to(channel, tag)?;
            if planted!(self.config, AckMultipleOneMore)
                && let Some((tag, unacked)) = channel.unacked.pop_first()
            {
                settled.insert(tag, unacked);
            }
            if planted!(self.config, AckMultipleOneLess)
                && let Some((tag, unacked)) = settled.pop_last()
            {
                channel.unacked.insert(tag, unacked);
            }
            match &mut channel.mode {
                Mode::Transaction(transaction) if !planted!(self.config, TxAckAtOnce) => {
                    transaction.hold(settled, settlement);
                }
                _ => self.settle_by_consumer(connection, number, settled, settlement),
            }
        } else {
            let mut tag = tag;
            if planted!(self.config, AckPrevious)
                && let Some((&before, _)) = channel.unacked.range(..tag).next_back()
            {
                tag = before;
            }
            let unacked = channel.unacked.remove(&tag).ok_or_else(|| unknown_tag(tag))?;
            let again = planted!(self.config, RejectRequeues) && !unacked.entry.redelivered;
            let settlement = match settlement {
                Settlement::Reject if again => Settlement::reject(true),
                asked => asked,
            };
            match &mut channel.mode {
                Mode::Transaction(transaction) if !planted!(self.config, TxAckAtOnce) => {
                    transaction.hold([(tag, unacked)], settlement);
                }
                _ => self.settle_all(connection, number, [unacked], settlement),
            }
        }
        Ok(())
    }

    /// basic.recover: everything unacked goes back to its queue.
    pub(super) fn recover(&mut self, connection: ConnectionId, number: ChannelNumber) {
        let Some(channel) = self.channel_mut(connection, number) else { return };
        let all = std::mem::take(&mut channel.unacked);
        if planted!(self.config, PrefetchForgottenByRecover) {
            let here =
                |consumer: &&mut Consumer| (consumer.connection, consumer.channel) == (connection, number);
            self.consumers.values_mut().filter(here).for_each(|consumer| consumer.prefetch = 0);
        }
        self.settle_by_consumer(connection, number, all, Settlement::Requeue(RequeueReason::Recovered));
    }

    /// Several deliveries at once go back consumer by consumer, in the order of their tags, and each queue goes on with
    /// what it has then (RabbitMQ). For acks that makes no difference.
    fn settle_by_consumer(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        settled: OrdMap<DeliveryTag, Unacked>,
        settlement: Settlement,
    ) {
        if matches!(settlement, Settlement::Ack) {
            return self.settle_all(connection, number, settled.into_values(), settlement);
        }
        let mut groups: OrdMap<_, Vec<Unacked>> = OrdMap::new();
        for unacked in settled.into_values() {
            let tag = |id| self.consumers.get(id).map(|consumer| consumer.tag.clone());
            let key = (unacked.queue, unacked.consumer.as_ref().map(tag), unacked.consumer);
            groups.entry(key).or_default().push(unacked);
        }
        for group in groups.into_values() {
            self.settle_all(connection, number, group, settlement);
        }
    }

    /// Settles deliveries that have been taken out of their channel, and goes on with what that makes possible.
    pub(super) fn settle_all(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        settled: impl IntoIterator<Item = Unacked>,
        settlement: Settlement,
    ) {
        let mut refilled: OrdSet<QueueId> = OrdSet::new();
        let mut relieved: Vec<ConsumerId> = Vec::new();
        for unacked in settled {
            let lost = planted!(self.config, CreditLostOnReject) && matches!(settlement, Settlement::Reject);
            if let Some(consumer) = unacked.consumer.filter(|_| !lost) {
                self.give_credit_back(connection, channel, consumer, &mut relieved);
            }
            if matches!(settlement, Settlement::Requeue(_)) && !unacked.entry.kept {
                refilled.insert(unacked.queue);
            }
            self.settle_one(connection, channel, unacked, settlement);
        }
        for &queue in &refilled {
            self.keep_limits(queue);
        }
        if !planted!(self.config, AckWakesNobody) {
            self.wake(relieved);
        }
        if planted!(self.config, RequeueNotDispatched) {
            refilled.clear();
        }
        for queue in refilled {
            self.dispatch(queue);
        }
    }

    fn settle_one(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        unacked: Unacked,
        settlement: Settlement,
    ) {
        if unacked.entry.kept {
            return self.settle_read(&unacked, settlement);
        }
        let Unacked { queue: id, entry, .. } = unacked;
        let message = entry.message.id;
        // The queue may be gone meanwhile, and its messages with it.
        let Some(queue) = self.queues.get_mut(&id) else { return self.let_go(id, &entry) };
        queue.unacked -= 1;
        match settlement {
            Settlement::Ack => {
                self.let_go(id, &entry);
                let Some(queue) = self.queues.get(&id) else { return };
                self.events.emit(&queue.vhost, || {
                    let queue = queue.name.clone();
                    Fact::Acked { message, queue, connection, channel }
                });
            }
            Settlement::Reject => {
                self.let_go(id, &entry);
                self.give_up(id, &entry.message, DeathReason::Rejected, true);
            }
            Settlement::Requeue(reason) => match queue.take_back(entry, reason) {
                Ok(counted) => {
                    let queue = &*queue;
                    self.events.emit(&queue.vhost, || Fact::Requeued {
                        message,
                        queue: queue.name.clone(),
                        reason,
                    });
                    if let Some((position, returns)) = counted {
                        self.record_return(id, position, returns);
                    }
                }
                Err(failed) => {
                    self.let_go(id, &failed);
                    self.give_up(id, &failed.message, DeathReason::DeliveryLimit, true);
                }
            },
        }
    }

    /// A consumer has one delivery less: it, or with a shared prefetch any of its channel, may go on.
    fn give_credit_back(
        &mut self,
        connection: ConnectionId,
        number: ChannelNumber,
        id: ConsumerId,
        relieved: &mut Vec<ConsumerId>,
    ) {
        if let Some(consumer) = self.consumers.get_mut(&id) {
            consumer.unacked -= 1;
            if consumer.parked.is_some() {
                relieved.push(id);
            }
        }
        let Some(channel) = self.channel_mut(connection, number) else { return };
        // In a transaction the count may have started without it.
        channel.unacked_by_consumers = channel.unacked_by_consumers.saturating_sub(1);
        if channel.channel_prefetch != 0 {
            relieved.extend(channel.consumers.values());
        }
    }
}

impl Queue {
    /// Takes a message back, unless its deliveries failed too often: then it is given out again. Returns what is to be
    /// recorded of it.
    fn take_back(
        &mut self,
        mut entry: Entry,
        reason: RequeueReason,
    ) -> Result<Option<(u64, Returns)>, Entry> {
        if self.kind == Kind::Quorum {
            entry.returns.acquired += 1;
            let ignored = planted!(self, DeliveryLimitIgnored);
            entry.returns.failed += u32::from(counts_as_failed(reason) && !ignored);
            let failed = u64::from(entry.returns.failed);
            if self.settings.delivery_limit.is_some_and(|limit| failed > limit) {
                return Err(entry);
            }
        }
        let counts = self.kind == Kind::Quorum && entry.place.is_some();
        let counted = counts.then_some((entry.position, entry.returns));
        self.put_back(entry);
        Ok(counted)
    }
}

/// A message that comes back by basic.nack or basic.recover was not at fault (RabbitMQ 4.3).
fn counts_as_failed(reason: RequeueReason) -> bool {
    match reason {
        RequeueReason::Rejected | RequeueReason::ChannelClosed | RequeueReason::ConnectionClosed => true,
        RequeueReason::Nacked | RequeueReason::Recovered => false,
    }
}

fn take_up_to(channel: &mut Channel, tag: DeliveryTag) -> Outcome<OrdMap<DeliveryTag, Unacked>> {
    if tag.0 == 0 {
        return Ok(std::mem::take(&mut channel.unacked));
    }
    if !channel.unacked.contains_key(&tag) {
        return Err(unknown_tag(tag));
    }
    let later = channel.unacked.split_off(&DeliveryTag(tag.0 + 1));
    Ok(std::mem::replace(&mut channel.unacked, later))
}

fn unknown_tag(tag: DeliveryTag) -> Refusal {
    Refusal::new(ReplyCode::PreconditionFailed, format!("unknown delivery tag {tag}"))
}
