//! `x-modulus-hash`: the hash of the routing keys picks a binding (RabbitMQ's sharding; the order is that of 4.3).

use super::{Binding, Routable, phash2};
use crate::event::Destination;

pub(super) fn route<'a>(list: &'a [Binding], message: &Routable<'_>, mut found: impl FnMut(&'a Destination)) {
    let mut destinations: Vec<&Destination> = list.iter().map(|binding| &binding.destination).collect();
    destinations.sort_by_key(|destination| match destination {
        Destination::Exchange(name) => (false, name),
        Destination::Queue(name) => (true, name),
    });
    let hash = phash2::of_binaries(message.keys().map(str::as_bytes));
    if let Some(chosen) = hash.checked_rem(u32::try_from(destinations.len()).unwrap_or(u32::MAX)) {
        found(destinations[chosen as usize]);
    }
}
