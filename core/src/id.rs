//! Identities. None is ever used twice in one broker's life, so an event can name a thing that is gone.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $vis:vis $name:ident($int:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        $vis struct $name(pub $int);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A connection. The host chooses the number and never uses one again.
    pub ConnectionId(u64)
}
id! {
    /// A channel's number within its connection, from 1.
    pub ChannelNumber(u16)
}
id! {
    /// A message, counted from 1 in the order of publishing. Copies in several queues share it.
    pub MessageId(u64)
}
id! {
    /// A queue; a queue deleted and declared again has a new one.
    pub QueueId(u64)
}
id! {
    /// A file of the journal; their numbers rise.
    pub SegmentId(u32)
}
id! {
    /// A consumer, from basic.consume to its end.
    pub(crate) ConsumerId(u64)
}
id! {
    /// A delivery's number within its channel, from 1 (AMQP 0-9-1 delivery-tag).
    pub DeliveryTag(u64)
}
