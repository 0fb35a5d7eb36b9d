//! How a channel's publishes and acks take effect: at once, with confirms, or in transactions.

use super::{Settlement, Unacked};
use std::{collections::VecDeque, sync::Arc};

use crate::{DeliveryTag, Name, journal::Group, message::Message};

/// Whether and how publishes are answered. A channel leaves `Plain` once, for good (RabbitMQ).
#[derive(Clone, Default)]
pub(crate) enum Mode {
    #[default]
    Plain,
    Confirm(Confirms),
    Transaction(Transaction),
}

/// Publisher confirms.
#[derive(Clone, Default)]
pub(crate) struct Confirms {
    /// The number of the latest publish since confirm.select.
    pub(crate) latest: u64,
    /// The number up to which the client has been told.
    pub(crate) told: u64,
    /// Publishes behind `told` that are safe only with a later commit: the last one of each.
    pub(crate) unsafe_until: VecDeque<(u64, Group)>,
    /// Publishes behind `told` that a queue did not take, in order.
    pub(crate) refused: Vec<u64>,
}

/// What the open transaction holds back.
#[derive(Clone, Default)]
pub(crate) struct Transaction {
    pub(crate) publishes: Vec<Publish>,
    /// What `publishes` take, in bytes of messages.
    pub(crate) bytes: u64,
    pub(crate) settlements: Vec<(DeliveryTag, Unacked, Settlement)>,
}

/// A message that has been routed and not queued.
#[derive(Clone)]
pub(crate) struct Publish {
    pub(crate) message: Arc<Message>,
    pub(crate) mandatory: bool,
    pub(crate) held_back: bool,
    /// By name: a queue that was deleted and declared again meanwhile takes it all the same (RabbitMQ).
    pub(crate) queues: Vec<Name>,
}
