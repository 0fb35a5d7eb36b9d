//! `fanout`: every binding, whatever the routing key (AMQP 0-9-1, section 3.1.3.2).

use super::{Binding, add, take};
use crate::event::Destination;

#[derive(Default)]
pub(super) struct Fanout {
    list: Vec<Binding>,
}

impl Fanout {
    pub(super) fn bind(&mut self, binding: Binding) -> bool {
        add(&mut self.list, binding)
    }

    pub(super) fn unbind(&mut self, goes: impl Fn(&Binding) -> bool) -> Vec<Binding> {
        take(&mut self.list, &goes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.list.iter()
    }

    pub(super) fn route<'a>(&'a self, found: impl FnMut(&'a Destination)) {
        self.list.iter().map(|binding| &binding.destination).for_each(found);
    }
}
