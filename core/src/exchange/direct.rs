//! `direct`: the binding key equals the routing key (AMQP 0-9-1, section 3.1.3.1).

use super::{
    Binding, Routable,
    bindings::{add, take},
};
use crate::{Name, ordered::OrdMap};

#[derive(Clone, Default)]
pub(super) struct Direct {
    by_key: OrdMap<Name, Vec<Binding>>,
}

impl Direct {
    pub(super) fn bind(&mut self, binding: Binding) -> bool {
        add(self.by_key.entry(binding.routing_key.clone()).or_default(), binding)
    }

    pub(super) fn unbind(&mut self, goes: impl Fn(&Binding) -> bool) -> Vec<Binding> {
        let gone = self.by_key.values_mut().flat_map(|list| take(list, &goes)).collect();
        self.by_key.retain(|_, list| !list.is_empty());
        gone
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    pub(super) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.by_key.values().flatten()
    }

    pub(super) fn route<'a>(&'a self, message: &Routable<'_>, found: impl FnMut(&'a Binding)) {
        if planted!(message, DirectIgnoresKey) {
            return self.bindings().for_each(found);
        }
        let matching = message.keys().filter_map(|key| self.by_key.get(key));
        matching.flatten().for_each(found);
    }
}
