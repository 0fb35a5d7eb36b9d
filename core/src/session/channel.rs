//! A channel: what it consumes, what it owes acks for, and the message that is just coming in.

use super::{Incoming, Mode, Publish, Transaction};
use crate::{
    DeliveryTag, Instant, Name, QueueId, event::RequeueReason, id::ConsumerId, ordered::OrdMap, queue::Entry,
};

/// A channel that is open, or that the broker has closed and whose client has not answered yet.
#[derive(Clone, Default)]
pub(crate) struct Channel {
    /// channel.close is sent; only its answer counts.
    pub(crate) closing: bool,
    pub(crate) incoming: Incoming,
    pub(crate) mode: Mode,
    /// Publishes so far.
    pub(crate) published: u64,
    pub(crate) consumers: OrdMap<Name, ConsumerId>,
    /// The consumer of `amq.rabbitmq.reply-to`.
    pub(crate) reply_consumer: Option<ReplyConsumer>,
    pub(crate) unacked: OrdMap<DeliveryTag, Unacked>,
    /// Deliveries that were unacked for too long, and whose queues have taken them back: the client may still settle them,
    /// which changes nothing but that their consumers get more.
    pub(crate) overdue: OrdMap<DeliveryTag, ConsumerId>,
    /// What counts against the shared prefetch: deliveries to consumers.
    pub(crate) unacked_by_consumers: u64,
    pub(crate) last_tag: DeliveryTag,
    /// basic.qos with global=false: the prefetch of consumers that start from now on; 0 is no limit.
    pub(crate) prefetch: u16,
    /// basic.qos with global=true: what all the channel's consumers may have unacked together; 0 is no limit.
    pub(crate) channel_prefetch: u16,
    /// Consumers that wait for the shared prefetch, those that have waited longest first.
    pub(crate) parked: OrdMap<u64, ConsumerId>,
    /// The exchange that it may publish to, as far as has been asked.
    pub(crate) may_publish_to: Option<Name>,
    /// What an empty queue name stands for.
    pub(crate) last_queue: Option<Name>,
    /// When to look for deliveries that have been unacked for too long.
    pub(crate) alarm: Option<Instant>,
}

/// Who gets the answers to requests that this channel publishes (RabbitMQ's direct reply-to).
#[derive(Clone)]
pub(crate) struct ReplyConsumer {
    pub(crate) tag: Name,
    /// The generated name that stands in the requests' reply-to.
    pub(crate) address: Name,
    pub(crate) queue: QueueId,
}

/// A delivery that the client has not settled.
#[derive(Clone)]
pub(crate) struct Unacked {
    pub(crate) queue: QueueId,
    /// `None` for an answer to basic.get.
    pub(crate) consumer: Option<ConsumerId>,
    pub(crate) entry: Entry,
    pub(crate) delivered_at: Instant,
    /// How long it may be unacked, in ms; 0 is no limit.
    pub(crate) timeout_ms: u64,
}

/// What a client wants done with deliveries.
#[derive(Clone, Copy)]
pub(crate) enum Settlement {
    Ack,
    Requeue(RequeueReason),
    /// It is given up. `failed`: by basic.reject, which counts as a failed delivery (RabbitMQ 4.3).
    Reject {
        failed: bool,
    },
}

/// What was in a transaction that is rolled back.
pub(crate) enum RolledBack {
    Publish(Publish),
    Settlement,
}

impl Channel {
    /// What is unacked under this tag, or with `multiple` up to and including it; tag 0 then stands for all.
    pub(crate) fn unacked_up_to(&self, tag: DeliveryTag, multiple: bool) -> impl Iterator<Item = &Unacked> {
        let first = if multiple { DeliveryTag(0) } else { tag };
        let last = if multiple && tag.0 == 0 { DeliveryTag(u64::MAX) } else { tag };
        self.unacked.range(first..=last).map(|(_, unacked)| unacked)
    }

    /// Whether the channel's shared prefetch allows one more delivery.
    pub(crate) fn below_prefetch(&self) -> bool {
        self.channel_prefetch == 0 || self.unacked_by_consumers < u64::from(self.channel_prefetch)
    }

    /// basic.qos with global=true; 0 ends it. RabbitMQ counts only while there is one, and starts with everything that is
    /// unacked then: answers to basic.get, too, whose acks give no credit back.
    pub(crate) fn share_prefetch(&mut self, prefetch: u16) {
        if self.channel_prefetch == 0 {
            self.unacked_by_consumers = self.unacked.len() as u64;
        }
        self.channel_prefetch = prefetch;
    }

    /// Takes one thing out of the open transaction: what was published is forgotten, and what was acked is unacked as
    /// before. `None`: nothing is left in it.
    pub(crate) fn roll_back_next(&mut self) -> Option<RolledBack> {
        let transaction = self.transaction_mut()?;
        if let Some(publish) = transaction.publishes.pop_front() {
            transaction.bytes -= publish.message.size();
            return Some(RolledBack::Publish(publish));
        }
        let Some((tag, unacked, _)) = transaction.next_settlement() else {
            let overdue = std::mem::take(&mut transaction.overdue);
            self.overdue.extend(overdue);
            return None;
        };
        self.unacked.insert(tag, unacked);
        Some(RolledBack::Settlement)
    }

    /// The open transaction, if the channel has such.
    pub(crate) fn transaction(&self) -> Option<&Transaction> {
        match &self.mode {
            Mode::Transaction(transaction) => Some(transaction),
            Mode::Plain | Mode::Confirm(_) => None,
        }
    }

    pub(crate) fn transaction_mut(&mut self) -> Option<&mut Transaction> {
        match &mut self.mode {
            Mode::Transaction(transaction) => Some(transaction),
            Mode::Plain | Mode::Confirm(_) => None,
        }
    }

    /// What messages take that have not come whole, or are not committed, in bytes.
    pub(crate) fn unfinished_bytes(&self) -> u64 {
        self.incoming.bytes() + self.transaction().map_or(0, |transaction| transaction.bytes)
    }

    /// The next delivery's number.
    pub(crate) fn next_tag(&mut self) -> DeliveryTag {
        self.last_tag.0 += 1;
        self.last_tag
    }

    /// The tag that the next delivery will have.
    pub(crate) const fn peek_tag(&self) -> DeliveryTag {
        DeliveryTag(self.last_tag.0 + 1)
    }
}

impl Unacked {
    /// When it will have been unacked for too long.
    pub(crate) fn due(&self) -> Option<Instant> {
        let timeout = std::time::Duration::from_millis(self.timeout_ms);
        (self.timeout_ms > 0).then(|| self.delivered_at + timeout)
    }
}
