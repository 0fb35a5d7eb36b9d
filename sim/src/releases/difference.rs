//! What differs between two releases, and how it is told.

use warren_core::{Behaviours, event::DeathReason, ordered::sort_by};
use warren_texts::{Said, said};

use crate::{LossReason, Scenario, Spot, report};

/// Something that goes otherwise in another release.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Of what: a producer, a queue or a consumer.
    pub spot: Spot,
    /// What is compared.
    pub measure: Measure,
    /// How many there are in the older release, in the world of [`seed`](Difference::seed).
    pub older: u64,
    /// How many there are in the newer one.
    pub newer: u64,
    /// The smallest seed that shows it.
    pub seed: u64,
    /// In how many seeds it differs.
    pub seeds: u32,
    /// How many there are in all seeds together: in the older release, and in the newer one.
    pub sums: (u64, u64),
    /// The behaviours that it comes from: with any of them as in the older release it is gone, or, where no single one
    /// makes it, with all of them. Empty if it is none of them: what else differs is the size of messages, and a refusal
    /// for that says so itself.
    pub because: Behaviours,
    /// Whether chance may have made it: the behaviours lead to other random draws, and it is not the same in all seeds.
    pub can_be_chance: bool,
}

/// What is counted of a producer, a queue or a consumer; what tells most comes first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Measure {
    /// How often the broker closed its channel or connection with this reply, or else it broke for this reason.
    Closed(String),
    /// Messages that are lost for this reason; of a producer, those that no queue took.
    Lost(LossReason),
    /// Messages that the queue gave up for this reason, and sent on.
    DeadLettered(DeathReason),
    /// Messages that came back to the producer.
    Returned,
    /// Messages that the broker did not take (basic.nack).
    NotTaken,
    /// Messages that the broker confirmed.
    Confirmed,
    /// Requests that were answered.
    Answered,
    /// Messages that were sent, answers included.
    Sent,
    /// How often the consumer had deliveries unacked for too long, and the queue took them back.
    TimedOut,
    /// Messages that came into the queue.
    Taken,
    /// Messages that wait in the queue at the end.
    Ready,
    /// Messages of the queue that are delivered and not acked at the end.
    Unacked,
    /// Messages that the consumer received.
    Received,
    /// Those of them that said they had been delivered before.
    Redelivered,
    /// Messages that went back to the queue.
    Requeued,
    /// Messages that the consumer finished work on.
    Processed,
    /// How often its work failed.
    Failed,
    /// Messages with this header that the consumer received.
    Header(String),
    /// Which messages the consumer received, and in which order; told where nothing else differs, with check sums as
    /// values.
    Order,
}

impl Measure {
    /// What is counted, in words.
    #[must_use]
    pub fn said(&self, scenario: &Scenario) -> Said {
        match self {
            Measure::Closed(reason) => said!("closed: {reason}", reason),
            Measure::Lost(reason) => said!("lost messages: {why}", why = report::loss(scenario, *reason)),
            Measure::DeadLettered(DeathReason::Rejected) => said!("dead letters, rejected"),
            Measure::DeadLettered(DeathReason::Expired) => said!("dead letters, expired"),
            Measure::DeadLettered(DeathReason::MaxLength) => said!("dead letters, as the queue was too long"),
            Measure::DeadLettered(DeathReason::DeliveryLimit) => {
                said!("dead letters, delivered in vain too often")
            }
            Measure::Returned => said!("messages returned"),
            Measure::NotTaken => said!("messages refused (nack)"),
            Measure::Confirmed => said!("messages confirmed"),
            Measure::Answered => said!("requests answered"),
            Measure::Sent => said!("messages sent"),
            Measure::TimedOut => said!("consumer timeouts"),
            Measure::Taken => said!("messages enqueued"),
            Measure::Ready => said!("ready at the end"),
            Measure::Unacked => said!("unacked at the end"),
            Measure::Received => said!("deliveries received"),
            Measure::Redelivered => said!("deliveries marked as redelivered"),
            Measure::Requeued => said!("messages requeued"),
            Measure::Processed => said!("messages processed"),
            Measure::Failed => said!("failures"),
            Measure::Header(name) => said!("deliveries with the header {name}", name),
            Measure::Order => said!("other messages, or in another order"),
        }
    }

    /// Whether its values are counts: an order has none.
    #[must_use]
    pub const fn is_count(&self) -> bool {
        !matches!(self, Measure::Order)
    }
}

/// What cannot be chance comes first, and what tells most.
pub(super) fn sort(differences: &mut [Difference]) {
    let key = |it: &Difference| (it.can_be_chance, it.measure.clone(), it.spot.clone());
    sort_by(differences, |one, other| key(one).cmp(&key(other)));
}
