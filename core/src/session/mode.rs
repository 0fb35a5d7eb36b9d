//! How a channel's publishes and acks take effect: at once, with confirms, or in transactions.

use super::{Settlement, Unacked};
use std::{collections::VecDeque, sync::Arc};

use crate::{DeliveryTag, Name, QueueId, id::ConsumerId, journal::Group, message::Message, ordered::OrdMap};

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
    pub(crate) publishes: VecDeque<Publish>,
    /// What `publishes` take, in bytes of messages.
    pub(crate) bytes: u64,
    /// Deliveries that the client has settled, by method and in order; none without deliveries.
    pub(crate) settlements: VecDeque<(Settled, Settlement)>,
    /// Deliveries among those that queues have taken back meanwhile, with their consumers.
    pub(crate) overdue: OrdMap<DeliveryTag, ConsumerId>,
}

/// The deliveries that one method has settled.
#[derive(Clone)]
pub(crate) enum Settled {
    One(DeliveryTag, Unacked),
    /// All at once, so that they need not be moved one by one when the client settles very many.
    Many(OrdMap<DeliveryTag, Unacked>),
}

/// A message that has been routed and not queued.
#[derive(Clone)]
pub(crate) struct Publish {
    pub(crate) message: Arc<Message>,
    pub(crate) mandatory: bool,
    pub(crate) held_back: bool,
    /// The queues that it was routed to, with their names: some may be gone at the commit.
    pub(crate) queues: Vec<(QueueId, Name)>,
}

impl Transaction {
    /// Takes out the delivery that was settled first.
    pub(crate) fn next_settlement(&mut self) -> Option<(DeliveryTag, Unacked, Settlement)> {
        let (settled, settlement) = self.settlements.pop_front()?;
        let (tag, unacked) = match settled {
            Settled::One(tag, unacked) => (tag, unacked),
            Settled::Many(mut rest) => {
                let first = rest.pop_first()?;
                if !rest.is_empty() {
                    self.settlements.push_front((Settled::Many(rest), settlement));
                }
                first
            }
        };
        Some((tag, unacked, settlement))
    }
}

impl Settled {
    /// The deliveries from one on.
    pub(crate) fn from(&self, first: DeliveryTag) -> impl Iterator<Item = (DeliveryTag, &Unacked)> {
        let (one, many) = match self {
            Settled::One(tag, unacked) => (Some((*tag, unacked)).filter(|(tag, _)| *tag >= first), None),
            Settled::Many(many) => (None, Some(many.range(first..).map(|(tag, unacked)| (*tag, unacked)))),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    pub(crate) fn unacked_mut(&mut self, tag: DeliveryTag) -> Option<&mut Unacked> {
        match self {
            Settled::One(own, unacked) => Some(unacked).filter(|_| *own == tag),
            Settled::Many(many) => many.get_mut(&tag),
        }
    }
}
