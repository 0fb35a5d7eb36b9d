//! `x-modulus-hash`: the hash of the routing keys picks a binding (RabbitMQ's sharding).

use std::sync::Arc;

use super::{Binding, Routable, phash2};
use crate::{Behaviour, Behaviours, Name, event::Destination};

/// The bindings in the order in which they are counted.
#[derive(Clone)]
pub(super) struct ModulusHash {
    list: Vec<(Place, Arc<Binding>)>,
    /// Whether binding keys play no part in that order ([`Behaviour::ModulusHashByName`]).
    by_name: bool,
}

/// The binding key, if it counts; then exchanges before queues, by name and by age.
type Place = (Name, bool, Name, u64);

impl ModulusHash {
    pub(super) fn new(compat: Behaviours) -> Self {
        ModulusHash { list: Vec::new(), by_name: compat.has(Behaviour::ModulusHashByName) }
    }

    pub(super) fn add(&mut self, age: u64, binding: Arc<Binding>) {
        let place = self.place(age, &binding);
        let at = self.list.partition_point(|(known, _)| *known < place);
        self.list.insert(at, (place, binding));
    }

    pub(super) fn remove(&mut self, age: u64, binding: &Binding) {
        let place = self.place(age, binding);
        if let Ok(at) = self.list.binary_search_by(|(known, _)| known.cmp(&place)) {
            self.list.remove(at);
        }
    }

    /// Removes all that lead to a destination; some of them are `there`, with their ages.
    pub(super) fn remove_to(&mut self, destination: &Destination, there: &[(u64, Arc<Binding>)]) {
        let Some((age, oldest)) = there.first() else { return };
        let known = self.list.binary_search_by(|(known, _)| known.cmp(&self.place(*age, oldest)));
        if !self.by_name {
            // One by one it would take the square of their number. So all of them go with the first ones.
            if known.is_ok() {
                self.list.retain(|(_, binding)| binding.destination != *destination);
            }
            return;
        }
        // They stand together.
        let (Ok(start) | Err(start)) = known;
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

    fn place(&self, age: u64, binding: &Binding) -> Place {
        let key = if self.by_name { Name::default() } else { binding.routing_key.clone() };
        match &binding.destination {
            Destination::Exchange(name) => (key, false, name.clone(), age),
            Destination::Queue(name) => (key, true, name.clone(), age),
        }
    }
}
