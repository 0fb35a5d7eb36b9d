//! A channel: what it consumes, what it owes acks for, and the message that is just coming in.

use std::collections::BTreeMap;

use crate::{DeliveryTag, Name, QueueId, id::ConsumerId, queue::Entry};

/// A channel that is open, or that the broker has closed and whose client has not answered yet.
#[derive(Default)]
pub(crate) struct Channel {
    /// channel.close is sent; only its answer counts.
    pub(crate) closing: bool,
    pub(crate) incoming: Incoming,
    pub(crate) mode: Mode,
    /// Publishes so far.
    pub(crate) published: u64,
    pub(crate) consumers: BTreeMap<Name, ConsumerId>,
    pub(crate) unacked: BTreeMap<DeliveryTag, Unacked>,
    /// How many of `unacked` went to consumers; the rest are answers to basic.get.
    pub(crate) unacked_by_consumers: u64,
    pub(crate) last_tag: DeliveryTag,
    /// basic.qos with global=false: the prefetch of consumers that start from now on; 0 is no limit.
    pub(crate) prefetch: u16,
    /// basic.qos with global=true: what all the channel's consumers may have unacked together; 0 is no limit.
    pub(crate) channel_prefetch: u16,
    /// What an empty queue name stands for.
    pub(crate) last_queue: Option<Name>,
}

/// Whether and how publishes are answered.
#[derive(Default)]
pub(crate) enum Mode {
    #[default]
    Plain,
    /// Publisher confirms.
    Confirm {
        /// The number of the latest publish since confirm.select.
        latest: u64,
        /// The number up to which the client has been told.
        told: u64,
    },
}

/// A delivery that the client has not settled.
pub(crate) struct Unacked {
    pub(crate) queue: QueueId,
    /// `None` for an answer to basic.get.
    pub(crate) consumer: Option<ConsumerId>,
    pub(crate) entry: Entry,
}

/// The basic.publish whose content is on its way.
#[derive(Default)]
pub(crate) struct Incoming {
    pub(crate) awaits: Awaits,
    pub(crate) exchange: Option<Name>,
    pub(crate) routing_key: String,
    pub(crate) mandatory: bool,
    /// From the content header on: routing key, properties and as much of the body as has come.
    pub(crate) payload: Vec<u8>,
    pub(crate) properties_len: u32,
}

/// Which frame a channel expects next (AMQP 0-9-1, section 2.3.5.2).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Awaits {
    #[default]
    Method,
    Header,
    /// This many bytes of body.
    Body(u64),
}

impl Channel {
    /// Whether the channel's shared prefetch allows one more delivery.
    pub(crate) fn below_prefetch(&self) -> bool {
        self.channel_prefetch == 0 || self.unacked_by_consumers < u64::from(self.channel_prefetch)
    }

    /// The next delivery's number.
    pub(crate) fn next_tag(&mut self) -> DeliveryTag {
        self.last_tag.0 += 1;
        self.last_tag
    }
}
