//! Policies take hold: of queues and exchanges when they are declared, and of all when a policy changes.

use std::ops::Bound;

use super::{
    Broker,
    work::{Task, cost},
};
use crate::{
    Fact, Name, Policy, QueueId,
    event::Destination,
    ordered::OrdMap,
    policy::{Effective, Thing},
    queue::Kind,
};

impl Broker {
    pub(super) fn set_policy(&mut self, policy: Policy) {
        let vhost = policy.vhost.clone();
        self.policies.set(policy);
        self.review_policies(&vhost);
    }

    pub(super) fn clear_policy(&mut self, vhost: &str, operators: bool, name: &str) {
        self.policies.clear(vhost, operators, name);
        self.review_policies(vhost);
    }

    /// A queue's settings follow its policies; what is too much now is dropped.
    pub(super) fn apply_policies(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get(&id) else { return };
        let policy = self.policies.effective(&queue.vhost, Thing::Queue(queue.kind), &queue.name);
        let Some(queue) = self.queues.get_mut(&id) else { return };
        #[cfg(feature = "planted-bugs")]
        {
            queue.bug = self.config.bug;
        }
        let overflow = queue.settings.overflow;
        if !queue.obey(policy, self.now.instant) {
            return;
        }
        self.events.emit(&queue.vhost, || changed(Destination::Queue(queue.name.clone()), &queue.policy));
        // A classic queue takes on its lengths first, and then what it does about them (RabbitMQ).
        if queue.kind == Kind::Classic {
            let overflow = std::mem::replace(&mut queue.settings.overflow, overflow);
            self.keep_limits(id);
            if let Some(queue) = self.queues.get_mut(&id) {
                queue.settings.overflow = overflow;
            }
        }
        self.keep_limits(id);
        self.keep_retention(id);
    }

    /// What an exchange does with messages that no binding takes follows its policies.
    pub(super) fn apply_exchange_policies(&mut self, vhost: &Name, exchange: &str) {
        let found = self.vhosts.get_mut(vhost).and_then(|vhost| vhost.exchanges.get_mut(exchange));
        let Some(found) = found else { return };
        let policy = self.policies.effective(vhost, Thing::Exchange, exchange);
        if policy != found.policy {
            found.policy = policy;
            let name = found.name.clone();
            self.events.emit(vhost, || changed(Destination::Exchange(name), &found.policy));
        }
    }

    /// Has all exchanges and queues of a virtual host look again at what policies say of them, in slices. One that is
    /// declared meanwhile looks for itself.
    pub(super) fn review_policies(&mut self, vhost: &str) {
        let Some(vhost) = self.vhosts.get(vhost) else { return };
        let name = vhost.name.clone();
        match self.reviews.get_mut(&name) {
            Some(review) => review.again = true,
            None => {
                self.reviews.insert(name.clone(), Review::default());
                self.continue_review(name);
            }
        }
    }

    pub(super) fn continue_review(&mut self, vhost: Name) {
        let Some(mut review) = self.reviews.remove(&vhost) else { return };
        while self.review_next(&vhost, &mut review) {
            if self.work.is_spent() {
                self.reviews.insert(vhost.clone(), review);
                return self.work.add(Task::Review(vhost));
            }
        }
    }

    /// `false`: nothing is left.
    fn review_next(&mut self, vhost: &Name, review: &mut Review) -> bool {
        // Every policy's pattern is compared with the name.
        self.work.charge(2 * cost::CHANGE + self.policies.count());
        let Some(found) = self.vhosts.get(vhost) else { return false };
        if !review.exchanges_are_done {
            let next = next_behind(&found.exchanges, review.latest.as_ref()).map(|(name, _)| name.clone());
            if let Some(exchange) = &next {
                self.apply_exchange_policies(vhost, exchange);
            }
            review.exchanges_are_done = next.is_none();
            review.latest = next;
            return true;
        }
        let next = next_behind(&found.queues, review.latest.as_ref()).map(|(name, &id)| (name.clone(), id));
        match next {
            Some((name, id)) => {
                self.apply_policies(id);
                review.latest = Some(name);
                true
            }
            None => {
                let again = review.again;
                *review = Review::default();
                again
            }
        }
    }
}

/// How far the exchanges and queues of a virtual host have looked at what policies say of them, in the order of their names.
#[derive(Clone, Default)]
pub(super) struct Review {
    exchanges_are_done: bool,
    /// The name of the last one.
    latest: Option<Name>,
    /// A policy has changed since it began: it begins again at its end.
    again: bool,
}

/// The next entry behind this name, or the first.
fn next_behind<'a, T>(map: &'a OrdMap<Name, T>, latest: Option<&Name>) -> Option<(&'a Name, &'a T)> {
    match latest {
        Some(latest) => map.range((Bound::Excluded(latest.clone()), Bound::Unbounded)).next(),
        None => map.first_key_value(),
    }
}

fn changed(of: Destination, policies: &Effective) -> Fact {
    let Effective { policy, operator_policy, .. } = policies;
    Fact::PoliciesChanged { of, policy: policy.clone(), operator_policy: operator_policy.clone() }
}
