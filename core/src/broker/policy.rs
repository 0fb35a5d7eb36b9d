//! Policies take hold: of queues and exchanges when they are declared, and of all when a policy changes.

use super::Broker;
use crate::{
    Fact, Name, Policy, QueueId,
    event::Destination,
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

    pub(super) fn review_policies(&mut self, vhost: &str) {
        let Some(vhost) = self.vhosts.get(vhost) else { return };
        let name = vhost.name.clone();
        let (exchanges, queues): (Vec<Name>, Vec<QueueId>) =
            (vhost.exchanges.keys().cloned().collect(), vhost.queues.values().copied().collect());
        for exchange in exchanges {
            self.apply_exchange_policies(&name, &exchange);
        }
        for queue in queues {
            self.apply_policies(queue);
        }
    }
}

fn changed(of: Destination, policies: &Effective) -> Fact {
    let Effective { policy, operator_policy, .. } = policies;
    Fact::PoliciesChanged { of, policy: policy.clone(), operator_policy: operator_policy.clone() }
}
