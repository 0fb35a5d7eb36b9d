//! basic.ack, nack, reject and recover: what becomes of deliveries (AMQP 0-9-1 reference, section 1.8; nack is
//! RabbitMQ's).

use std::collections::{BTreeMap, BTreeSet};

use super::Broker;
use crate::{
    ChannelNumber, ConnectionId, DeliveryTag, Fact, QueueId, ReplyCode,
    event::{DropReason, RequeueReason},
    id::ConsumerId,
    refusal::{Outcome, Refusal},
    session::{Channel, Unacked},
};

/// What a client wants done with deliveries.
#[derive(Clone, Copy)]
pub(super) enum Settlement {
    Ack,
    Requeue(RequeueReason),
    Drop,
}

impl Settlement {
    pub(super) fn reject(requeue: bool) -> Self {
        if requeue { Settlement::Requeue(RequeueReason::Rejected) } else { Settlement::Drop }
    }
}

impl Broker {
    /// Settles one delivery, or with `multiple` all up to and including it; tag 0 then stands for all.
    pub(super) fn settle(
        &mut self,
        (connection, number): (ConnectionId, ChannelNumber),
        tag: DeliveryTag,
        multiple: bool,
        settlement: Settlement,
    ) -> Outcome {
        let Some(channel) = self.channel_mut(connection, number) else { return Ok(()) };
        if multiple {
            let settled = take_up_to(channel, tag)?;
            self.settle_all(connection, number, settled, settlement);
        } else {
            let unacked = channel.unacked.remove(&tag).ok_or_else(|| unknown_tag(tag))?;
            self.settle_all(connection, number, [unacked], settlement);
        }
        Ok(())
    }

    /// basic.recover: everything unacked goes back to its queue.
    pub(super) fn recover(&mut self, connection: ConnectionId, number: ChannelNumber) {
        let Some(channel) = self.channel_mut(connection, number) else { return };
        let all = std::mem::take(&mut channel.unacked).into_values();
        self.settle_all(connection, number, all, Settlement::Requeue(RequeueReason::Recovered));
    }

    /// Settles deliveries that have been taken out of their channel, and goes on with what that makes possible.
    pub(super) fn settle_all(
        &mut self,
        connection: ConnectionId,
        channel: ChannelNumber,
        settled: impl IntoIterator<Item = Unacked>,
        settlement: Settlement,
    ) {
        let mut refilled: BTreeSet<QueueId> = BTreeSet::new();
        let mut relieved: Vec<ConsumerId> = Vec::new();
        for unacked in settled {
            if let Some(consumer) = unacked.consumer {
                self.give_credit_back(connection, channel, consumer, &mut relieved);
            }
            if matches!(settlement, Settlement::Requeue(_)) {
                refilled.insert(unacked.queue);
            }
            self.settle_one(connection, channel, unacked, settlement);
        }
        self.wake(relieved);
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
        let message = unacked.entry.message.id;
        let size = unacked.entry.message.size();
        // The queue may be gone meanwhile, and its messages with it.
        let Some(queue) = self.queues.get_mut(&unacked.queue) else {
            self.message_bytes -= size;
            return;
        };
        queue.unacked -= 1;
        match settlement {
            Settlement::Requeue(_) => queue.put_back(unacked.entry),
            Settlement::Ack | Settlement::Drop => self.message_bytes -= size,
        }
        self.events.emit(&queue.vhost, || {
            let queue = queue.name.clone();
            match settlement {
                Settlement::Ack => Fact::Acked { message, queue, connection, channel },
                Settlement::Requeue(reason) => Fact::Requeued { message, queue, reason },
                Settlement::Drop => Fact::Dropped { message, queue, reason: DropReason::Rejected },
            }
        });
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
            if consumer.parked {
                relieved.push(id);
            }
        }
        let Some(channel) = self.channel_mut(connection, number) else { return };
        channel.unacked_by_consumers -= 1;
        if channel.channel_prefetch != 0 {
            relieved.extend(channel.consumers.values());
        }
    }
}

fn take_up_to(channel: &mut Channel, tag: DeliveryTag) -> Outcome<Vec<Unacked>> {
    if tag.0 == 0 {
        return Ok(std::mem::take(&mut channel.unacked).into_values().collect());
    }
    if !channel.unacked.contains_key(&tag) {
        return Err(unknown_tag(tag));
    }
    let later: BTreeMap<DeliveryTag, Unacked> = channel.unacked.split_off(&DeliveryTag(tag.0 + 1));
    Ok(std::mem::replace(&mut channel.unacked, later).into_values().collect())
}

fn unknown_tag(tag: DeliveryTag) -> Refusal {
    Refusal::new(ReplyCode::PreconditionFailed, format!("unknown delivery tag {tag}"))
}
