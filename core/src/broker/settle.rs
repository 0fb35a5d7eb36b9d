//! basic.ack, nack, reject and recover: what becomes of deliveries (AMQP 0-9-1 reference, section 1.8; nack is
//! RabbitMQ's).

use super::{Broker, stream::check_not_stream, work::cost};
use crate::{
    Behaviour, ChannelNumber, ConnectionId, DeliveryTag, Fact, QueueId, ReplyCode,
    event::{DeathReason, RequeueReason},
    id::ConsumerId,
    ordered::{OrdMap, OrdSet},
    queue::{Consumer, Entry, Kind, Lacks, Queue, Returns},
    refusal::{Outcome, Refusal},
    session::{Channel, Mode, Settled, Settlement, Unacked},
};

impl Settlement {
    /// basic.reject.
    pub(super) fn reject(requeue: bool) -> Self {
        if requeue {
            Settlement::Requeue(RequeueReason::Rejected)
        } else {
            Settlement::Reject { failed: true }
        }
    }

    /// basic.nack.
    pub(super) fn nack(requeue: bool) -> Self {
        if requeue {
            Settlement::Requeue(RequeueReason::Nacked)
        } else {
            Settlement::Reject { failed: false }
        }
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
        if !matches!(settlement, Settlement::Ack) && !self.config.has(Behaviour::StreamNackSettles) {
            let read = channel.unacked_up_to(tag, multiple).find(|unacked| unacked.entry.kept);
            let stream = read.and_then(|unacked| self.queues.get(&unacked.queue));
            stream.map_or(Ok(()), |stream| check_not_stream(stream, "basic.nack and basic.reject"))?;
        }
        if multiple {
            let (mut settled, overdue) = take_up_to(channel, tag)?;
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
                    transaction.hold(Settled::Many(settled), settlement);
                }
                _ => self.settle_many((connection, number), settled, settlement),
            }
            if !overdue.is_empty() {
                self.hold_or_go_on((connection, number), overdue);
            }
        } else {
            let mut tag = tag;
            if planted!(self.config, AckPrevious)
                && let Some((&before, _)) = channel.unacked.range(..tag).next_back()
            {
                tag = before;
            }
            let Some(unacked) = channel.unacked.remove(&tag) else {
                return self.settle_overdue((connection, number), tag);
            };
            let again = planted!(self.config, RejectRequeues) && !unacked.entry.redelivered;
            let settlement = match settlement {
                Settlement::Reject { .. } if again => Settlement::reject(true),
                asked => asked,
            };
            match &mut channel.mode {
                Mode::Transaction(transaction) if !planted!(self.config, TxAckAtOnce) => {
                    transaction.hold(Settled::One(tag, unacked), settlement);
                }
                _ => self.settle_one((connection, number), unacked, settlement),
            }
        }
        Ok(())
    }

    /// basic.recover: everything unacked goes back to its queue.
    pub(super) fn recover(&mut self, connection: ConnectionId, number: ChannelNumber) {
        let Some(channel) = self.channel_mut(connection, number) else { return };
        let all = std::mem::take(&mut channel.unacked);
        let overdue = std::mem::take(&mut channel.overdue);
        if planted!(self.config, PrefetchForgottenByRecover) {
            let here =
                |consumer: &&mut Consumer| (consumer.connection, consumer.channel) == (connection, number);
            self.consumers.values_mut().filter(here).for_each(|consumer| consumer.prefetch = 0);
        }
        self.settle_many((connection, number), all, Settlement::Requeue(RequeueReason::Recovered));
        self.go_on_after_overdue(overdue);
    }

    /// Settles a delivery that has been taken out of its channel, and goes on with what that makes possible.
    pub(super) fn settle_one(
        &mut self,
        (connection, channel): (ConnectionId, ChannelNumber),
        unacked: Unacked,
        settlement: Settlement,
    ) {
        self.work.charge(cost::SETTLE);
        let mut relieved = Vec::new();
        let refilled = self.settle_taken(connection, channel, unacked, settlement, &mut relieved);
        let refilled = refilled.into_iter().collect();
        self.go_on_after_settling((connection, channel), refilled, relieved);
    }

    /// Queues that got something back deliver it, and so do those whose consumers have credit again.
    pub(super) fn go_on_after_settling(
        &mut self,
        (connection, channel): (ConnectionId, ChannelNumber),
        mut refilled: OrdSet<QueueId>,
        relieved: Vec<ConsumerId>,
    ) {
        for &queue in &refilled {
            self.keep_limits(queue);
        }
        if !planted!(self.config, AckWakesNobody) {
            self.wake(relieved);
            self.wake_channel(connection, channel);
        }
        if planted!(self.config, RequeueNotDispatched) {
            refilled.clear();
        }
        for queue in refilled {
            self.dispatch(queue);
        }
    }

    /// Settles a delivery; returns its queue if that got it back.
    pub(super) fn settle_taken(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        unacked: Unacked,
        settlement: Settlement,
        relieved: &mut Vec<ConsumerId>,
    ) -> Option<QueueId> {
        let lost =
            planted!(self.config, CreditLostOnReject) && matches!(settlement, Settlement::Reject { .. });
        if let Some(consumer) = unacked.consumer.filter(|_| !lost) {
            self.give_credit_back(connection, channel, consumer, relieved);
        }
        let comes_back = matches!(settlement, Settlement::Requeue(_)) && !unacked.entry.kept;
        let refilled = comes_back.then_some(unacked.queue);
        self.put_settled(connection, channel, unacked, settlement);
        refilled
    }

    fn put_settled(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        unacked: Unacked,
        settlement: Settlement,
    ) {
        if unacked.entry.kept {
            return self.settle_read(&unacked, settlement);
        }
        let Unacked { queue: id, mut entry, .. } = unacked;
        let message = entry.message.id;
        if matches!(settlement, Settlement::Requeue(_)) {
            self.move_returned(id, &mut entry);
        }
        // The queue may be gone meanwhile, and its messages with it.
        let Some(queue) = self.queues.get_mut(&id) else { return self.let_go(id, &entry) };
        queue.unacked -= 1;
        queue.recount(&mut self.counted);
        match settlement {
            Settlement::Ack => {
                self.events.emit(&queue.vhost, || {
                    let queue = queue.name.clone();
                    Fact::Acked { message, queue, connection, channel }
                });
                self.let_go(id, &entry);
            }
            Settlement::Reject { failed } => {
                entry.returns.failed += u32::from(failed);
                self.give_up(id, &entry, DeathReason::Rejected, true);
            }
            Settlement::Requeue(reason) => match queue.take_back(entry, reason) {
                Ok(counted) => {
                    queue.recount(&mut self.counted);
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
                    self.give_up(id, &failed, DeathReason::DeliveryLimit, true);
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
            if consumer.parked.is_some_and(|parked| parked.lacks == Lacks::OwnPrefetch) {
                relieved.push(id);
            }
        }
        let Some(channel) = self.channel_mut(connection, number) else { return };
        // In a transaction the count may have started without it.
        channel.unacked_by_consumers = channel.unacked_by_consumers.saturating_sub(1);
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
        let ignored = self.kind == Kind::Quorum && planted!(self, DeliveryLimitIgnored);
        let at_fault = counts_as_failed(reason) || !self.compat.has(Behaviour::NackIsNoFailure);
        entry.returns.failed += u32::from(at_fault && !ignored);
        if self.kind == Kind::Quorum {
            entry.returns.acquired += 1;
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

/// A message that comes back by basic.nack or basic.recover, or because its consumer is too slow, was not at fault
/// ([`Behaviour::NackIsNoFailure`], [`Behaviour::TimeoutTakesBack`]).
fn counts_as_failed(reason: RequeueReason) -> bool {
    match reason {
        RequeueReason::Rejected | RequeueReason::ChannelClosed | RequeueReason::ConnectionClosed => true,
        RequeueReason::Nacked | RequeueReason::Recovered | RequeueReason::TimedOut => false,
    }
}

type UpTo = (OrdMap<DeliveryTag, Unacked>, OrdMap<DeliveryTag, ConsumerId>);

/// What is unacked, and what queues have taken back.
fn take_up_to(channel: &mut Channel, tag: DeliveryTag) -> Outcome<UpTo> {
    if tag.0 == 0 {
        return Ok((std::mem::take(&mut channel.unacked), std::mem::take(&mut channel.overdue)));
    }
    if !channel.unacked.contains_key(&tag) && !channel.overdue.contains_key(&tag) {
        return Err(unknown_tag(tag));
    }
    let later = DeliveryTag(tag.0 + 1);
    let unacked = channel.unacked.split_off(&later);
    let overdue = channel.overdue.split_off(&later);
    Ok((std::mem::replace(&mut channel.unacked, unacked), std::mem::replace(&mut channel.overdue, overdue)))
}

pub(super) fn unknown_tag(tag: DeliveryTag) -> Refusal {
    Refusal::new(ReplyCode::PreconditionFailed, format!("unknown delivery tag {tag}"))
}
