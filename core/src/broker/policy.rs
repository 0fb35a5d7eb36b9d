//! Policies take hold: of queues and exchanges when they are declared, and of all when a policy changes.

use super::Broker;
use crate::{Policy, QueueId, policy::Thing, queue::Kind};

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
        let overflow = queue.settings.overflow;
        if !queue.obey(policy, self.now.instant) {
            return;
        }
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

    fn review_policies(&mut self, vhost: &str) {
        let Some(vhost) = self.vhosts.get_mut(vhost) else { return };
        for exchange in vhost.exchanges.values_mut() {
            exchange.policy = self.policies.effective(&vhost.name, Thing::Exchange, &exchange.name);
        }
        let queues: Vec<QueueId> = vhost.queues.values().copied().collect();
        for queue in queues {
            self.apply_policies(queue);
        }
    }
}
