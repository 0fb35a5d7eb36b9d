//! Consumers of one channel may share a prefetch: then each of their queues is served in its turn, and none starves.

use warren_core::{ConsumerRef, Instant, MessageId, Name};

use super::{Checks, Property, book::QueueBook};
use crate::ChannelRef;

/// A consumer, and how often others of its channel have been served while it could have been.
#[derive(Clone, Debug)]
pub(super) struct Sharer {
    address: ConsumerRef,
    queue: Name,
    /// At so many moments.
    passed_over: u64,
    passed_over_at: Option<Instant>,
}

impl Checks {
    pub(super) fn sharer_started(&mut self, consumer: &ConsumerRef, queue: &Name) {
        let (address, queue) = (consumer.clone(), queue.clone());
        let sharer = Sharer { address, queue, passed_over: 0, passed_over_at: None };
        self.sharers.entry(ChannelRef::of(consumer)).or_default().push(sharer);
    }

    pub(super) fn sharer_stopped(&mut self, consumer: &ConsumerRef) {
        if let Some(sharers) = self.sharers.get_mut(&ChannelRef::of(consumer)) {
            sharers.retain(|sharer| sharer.address != *consumer);
        }
    }

    /// A consumer has got a message. What the prefetch is that it shares with others the checks do not know; but whoever
    /// shares it has its turn after all others had theirs, and may have several at once.
    pub(super) fn check_sharing(&mut self, message: MessageId, queue: &Name, consumer: &ConsumerRef) {
        let sharers = self.sharers.get_mut(&ChannelRef::of(consumer));
        // What is on the disk only has to be read first.
        let Some(sharers) = sharers.filter(|sharers| sharers.len() > 1 && !self.plan.has_disk) else {
            return;
        };
        let limit = 3 * sharers.len() as u64 + 5;
        for sharer in &mut *sharers {
            let book = self.queues.get(&sharer.queue).filter(|_| sharer.queue != *queue);
            if !book.is_some_and(|book| book.could_serve(&sharer.address)) {
                sharer.passed_over = 0;
            } else if sharer.passed_over_at.replace(self.at) != Some(self.at) {
                sharer.passed_over += 1;
            }
        }
        let starved = sharers.iter().find(|sharer| sharer.passed_over > limit);
        let starved = starved.map(|starved| (starved.address.tag.clone(), starved.passed_over));
        self.check(Property::TurnsTaken, message, starved.is_none(), || {
            let (tag, times) = starved.unwrap_or_default();
            format!("{} got it, and {tag} on the same channel was passed over {times} times", consumer.tag)
        });
    }
}

impl QueueBook {
    /// Whether it has a message that this consumer could have.
    fn could_serve(&self, consumer: &ConsumerRef) -> bool {
        let first =
            self.ready.first().and_then(|(_, position, message)| self.copies.get(&(*message, *position)));
        first.is_some_and(|first| first.expires_at.is_none())
            && !self.in_doubt
            && !self.terms.is_stream
            && !self.terms.single_active
            && self.consumers.iter().any(|known| known.address == *consumer && known.has_room())
    }
}
