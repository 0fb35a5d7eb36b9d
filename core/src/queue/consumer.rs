//! A consumer: who gets a queue's messages, and how many at once.

use crate::{ChannelNumber, ConnectionId, Name, QueueId, event::ConsumerRef};

pub(crate) struct Consumer {
    pub(crate) queue: QueueId,
    pub(crate) connection: ConnectionId,
    pub(crate) channel: ChannelNumber,
    pub(crate) tag: Name,
    pub(crate) no_ack: bool,
    /// How many deliveries it may have unacked; 0 is no limit. basic.qos of before its basic.consume.
    pub(crate) prefetch: u16,
    pub(crate) unacked: u64,
    /// It had its turn without credit and waits outside its queue's turns until it may have some.
    pub(crate) parked: bool,
}

impl Consumer {
    /// Whether its own prefetch allows one more.
    pub(crate) fn below_prefetch(&self) -> bool {
        self.no_ack || self.prefetch == 0 || self.unacked < u64::from(self.prefetch)
    }

    pub(crate) fn address(&self) -> ConsumerRef {
        ConsumerRef { connection: self.connection, channel: self.channel, tag: self.tag.clone() }
    }
}
