//! A queue or an exchange is gone, and with it every binding to it: in slices, as they may be many. Meanwhile they lead
//! nowhere, and whoever wants to declare something of the same name waits ([`Broker::comes_too_early`]).

use std::collections::VecDeque;

use super::{
    Broker,
    work::{Task, cost},
};
use crate::{Name, event::Destination};

/// So many bindings are removed at once.
const AT_ONCE: usize = 100;

impl Broker {
    /// Removes every binding to `destination`, and with them the auto-delete exchanges whose last binding they were.
    pub(super) fn unbind_everywhere(&mut self, vhost: &Name, destination: Destination) {
        let Some(found) = self.vhosts.get_mut(vhost) else { return };
        found.begin_unbinding(&destination);
        self.continue_unbinding(vhost.clone(), VecDeque::from([destination]));
    }

    /// Goes on as far as this slice goes.
    pub(super) fn continue_unbinding(&mut self, vhost: Name, mut destinations: VecDeque<Destination>) {
        let mut gone = Vec::new();
        while let Some(destination) = destinations.front() {
            let Some(found) = self.vhosts.get_mut(&vhost) else { return };
            // Of a virtual host that has been deleted, another one may have the name, and the same destination for good.
            let is_gone = found.is_unbinding(destination);
            let unbound = is_gone.then(|| found.unbind_next(destination, AT_ONCE)).flatten();
            let Some(unbound) = unbound else {
                for client in found.end_unbinding(destination) {
                    self.release_input(client);
                }
                destinations.pop_front();
                continue;
            };
            if unbound.is_unused
                && let Some(exchange) = found.exchanges.remove(&unbound.exchange)
            {
                let next = Destination::Exchange(exchange.name.clone());
                found.begin_unbinding(&next);
                destinations.push_back(next);
                gone.push(exchange);
            }
            self.work.charge(cost::CHANGE * unbound.bindings.len().max(1) as u64);
            for binding in unbound.bindings {
                self.emit_unbound(&vhost, unbound.exchange.clone(), &binding);
            }
            if self.work.is_spent() {
                break;
            }
        }
        for exchange in gone {
            self.exchange_is_gone(&vhost, exchange);
        }
        if !destinations.is_empty() {
            self.work.add(Task::Unbind(vhost, destinations));
        }
    }
}
