//! Many deliveries settled at once, in slices: basic.ack and basic.nack with `multiple`, basic.recover, and what channels
//! leave behind.

use super::{
    Broker,
    work::{Task, cost},
};
use crate::{
    ChannelNumber, ConnectionId, DeliveryTag, Name, QueueId,
    blocks::Blocks,
    id::ConsumerId,
    ordered::{OrdMap, OrdSet},
    session::{Settlement, Unacked},
};

/// Deliveries that have been taken out of their channel, and what settling them has led to.
#[derive(Clone)]
pub(super) struct Settling {
    connection: ConnectionId,
    channel: ChannelNumber,
    settlement: Settlement,
    /// What has not been looked at.
    rest: OrdMap<DeliveryTag, Unacked>,
    order: Order,
    /// If only deliveries of these queues are settled: the rest stays with the channel until its client has answered.
    only: Option<OrdSet<QueueId>>,
    /// Queues that got something back.
    refilled: OrdSet<QueueId>,
    /// Consumers that may go on.
    relieved: Vec<ConsumerId>,
    /// The connection's next frames wait for the end of this.
    holds_input: bool,
}

#[derive(Clone)]
enum Order {
    /// By delivery tag.
    ByTag,
    /// Consumer by consumer, and each queue goes on with what it has then (RabbitMQ).
    ByConsumer(OrdMap<Consumer, Blocks<(DeliveryTag, Unacked)>>),
}

/// Whose a delivery is: of one queue the answers to basic.get come first, then consumers by their tags.
type Consumer = (QueueId, Option<Option<Name>>, Option<ConsumerId>);

impl Broker {
    /// Settles what a client has settled with one method.
    pub(super) fn settle_many(
        &mut self,
        (connection, channel): (ConnectionId, ChannelNumber),
        rest: OrdMap<DeliveryTag, Unacked>,
        settlement: Settlement,
    ) {
        // For acks the order makes no difference.
        let order = match settlement {
            Settlement::Ack => Order::ByTag,
            Settlement::Requeue(_) | Settlement::Reject { .. } => Order::ByConsumer(OrdMap::new()),
        };
        let settling = Settling::new(connection, channel, rest, settlement, order);
        self.continue_settling(settling);
    }

    pub(super) fn continue_settling(&mut self, mut settling: Settling) {
        if self.settle_slice(&mut settling) {
            if settling.holds_input {
                self.release_input(settling.connection);
            }
            return;
        }
        if !settling.holds_input {
            settling.holds_input = true;
            self.hold_input(settling.connection);
        }
        self.work.add(Task::Settle(Box::new(settling)));
    }

    /// Goes on as far as this slice goes, but by one delivery at least; `true` if that was all.
    pub(super) fn settle_slice(&mut self, settling: &mut Settling) -> bool {
        while self.settle_next(settling) {
            if self.work.is_spent() {
                return false;
            }
        }
        self.go_on_after(settling);
        true
    }

    /// `false`: nothing is left.
    fn settle_next(&mut self, settling: &mut Settling) -> bool {
        self.work.charge(cost::SETTLE);
        if let Order::ByConsumer(groups) = &mut settling.order
            && let Some((number, unacked)) = settling.rest.pop_first()
        {
            let tag = |id| self.consumers.get(id).map(|consumer| consumer.tag.clone());
            let consumer = (unacked.queue, unacked.consumer.as_ref().map(tag), unacked.consumer);
            groups.entry(consumer).or_default().push_back((number, unacked));
            return true;
        }
        let Some((tag, unacked, is_last)) = settling.next() else { return false };
        let (connection, channel) = (settling.connection, settling.channel);
        if settling.only.as_ref().is_some_and(|only| !only.contains(&unacked.queue))
            && let Some(closing) = self.channel_mut(connection, channel).filter(|channel| channel.closing)
        {
            closing.unacked.insert(tag, unacked);
            return true;
        }
        let relieved = &mut settling.relieved;
        let refilled = self.settle_taken(connection, channel, unacked, settling.settlement, relieved);
        settling.refilled.extend(refilled);
        if is_last {
            self.go_on_after(settling);
        }
        true
    }

    fn go_on_after(&mut self, settling: &mut Settling) {
        let (refilled, relieved) =
            (std::mem::take(&mut settling.refilled), std::mem::take(&mut settling.relieved));
        self.go_on_after_settling((settling.connection, settling.channel), refilled, relieved);
    }
}

impl Settling {
    fn new(
        connection: ConnectionId,
        channel: ChannelNumber,
        rest: OrdMap<DeliveryTag, Unacked>,
        settlement: Settlement,
        order: Order,
    ) -> Self {
        let (refilled, relieved) = (OrdSet::new(), Vec::new());
        Settling {
            connection,
            channel,
            settlement,
            rest,
            order,
            only: None,
            refilled,
            relieved,
            holds_input: false,
        }
    }

    /// What a channel that ends has left; `only`: of these queues.
    pub(super) fn of_channel(
        connection: ConnectionId,
        channel: ChannelNumber,
        unacked: OrdMap<DeliveryTag, Unacked>,
        settlement: Settlement,
        only: Option<OrdSet<QueueId>>,
    ) -> Self {
        Settling { only, ..Settling::new(connection, channel, unacked, settlement, Order::ByTag) }
    }

    /// The next delivery, and whether it is its consumer's last.
    fn next(&mut self) -> Option<(DeliveryTag, Unacked, bool)> {
        let Order::ByConsumer(groups) = &mut self.order else {
            return self.rest.pop_first().map(|(tag, unacked)| (tag, unacked, false));
        };
        let consumer = groups.first_key_value()?.0.clone();
        let group = groups.get_mut(&consumer)?;
        let (tag, unacked) = group.pop_front()?;
        let is_last = group.is_empty();
        if is_last {
            groups.remove(&consumer);
        }
        Some((tag, unacked, is_last))
    }
}
