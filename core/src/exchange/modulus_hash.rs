//! `x-modulus-hash`: the hash of the routing keys picks a binding (RabbitMQ's sharding; the order is that of 4.3).

use std::sync::Arc;

use super::{Binding, Routable, phash2};
use crate::{Name, event::Destination};

/// The bindings in the order in which they are counted: exchanges first, then by name, then by age.
#[derive(Clone, Default)]
pub(super) struct ModulusHash {
    list: Vec<(Place, Arc<Binding>)>,
}

type Place = (bool, Name, u64);

impl ModulusHash {
    pub(super) fn add(&mut self, age: u64, binding: Arc<Binding>) {
        let place = place(age, &binding.destination);
        let at = self.list.partition_point(|(known, _)| *known < place);
        self.list.insert(at, (place, binding));
    }

    pub(super) fn remove(&mut self, age: u64, binding: &Binding) {
        let place = place(age, &binding.destination);
        if let Ok(at) = self.list.binary_search_by(|(known, _)| known.cmp(&place)) {
            self.list.remove(at);
        }
    }

    /// Those to one destination stand together.
    pub(super) fn remove_to(&mut self, destination: &Destination) {
        let first = place(0, destination);
        let start = self.list.partition_point(|(known, _)| *known < first);
        let there = self.list[start..].iter().take_while(|(_, binding)| binding.destination == *destination);
        let end = start + there.count();
        self.list.drain(start..end);
    }

    /// The exchange is gone: one after the other is freed.
    pub(super) fn forget_one(&mut self) {
        self.list.pop();
    }

    pub(super) fn route<'a>(&'a self, message: &Routable<'_>, mut found: impl FnMut(&'a Binding)) -> u64 {
        let hash = phash2::of_binaries(message.keys().map(str::as_bytes));
        if let Some(chosen) = hash.checked_rem(u32::try_from(self.list.len()).unwrap_or(u32::MAX)) {
            found(&self.list[chosen as usize].1);
        }
        0
    }
}

fn place(age: u64, destination: &Destination) -> Place {
    match destination {
        Destination::Exchange(name) => (false, name.clone(), age),
        Destination::Queue(name) => (true, name.clone(), age),
    }
}
