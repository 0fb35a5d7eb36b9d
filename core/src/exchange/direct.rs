//! `direct`: the binding key equals the routing key (AMQP 0-9-1, section 3.1.3.1).

use std::sync::Arc;

use super::{Binding, Routable, bindings::ByAge};
use crate::{Name, ordered::OrdMap};

#[derive(Clone, Default)]
pub(super) struct Direct {
    by_key: OrdMap<Name, ByAge>,
}

impl Direct {
    pub(super) fn add(&mut self, age: u64, binding: Arc<Binding>) {
        self.by_key.entry(binding.routing_key.clone()).or_default().insert(age, binding);
    }

    pub(super) fn remove(&mut self, age: u64, binding: &Binding) {
        let Some(list) = self.by_key.get_mut(&binding.routing_key) else { return };
        list.remove(&age);
        if list.is_empty() {
            self.by_key.remove(&binding.routing_key);
        }
    }

    pub(super) fn route<'a>(&'a self, message: &Routable<'_>, mut found: impl FnMut(&'a Binding)) -> u64 {
        if planted!(message, DirectIgnoresKey) {
            self.by_key.values().flat_map(ByAge::values).for_each(|binding| found(binding));
            return 0;
        }
        let matching = message.keys().filter_map(|key| self.by_key.get(key));
        matching.flat_map(ByAge::values).for_each(|binding| found(binding));
        0
    }
}
