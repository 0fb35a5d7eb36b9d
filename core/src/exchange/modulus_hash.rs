//! `x-modulus-hash`: the hash of the routing keys picks a binding (RabbitMQ's sharding; the order is that of 4.3).

use super::{Binding, Routable, phash2};
use crate::{event::Destination, ordered::sort_by};

pub(super) fn route<'a>(list: &'a [Binding], message: &Routable<'_>, mut found: impl FnMut(&'a Binding)) {
    let mut bindings: Vec<&Binding> = list.iter().collect();
    let place = |binding: &Binding| match &binding.destination {
        Destination::Exchange(name) => (false, name.clone()),
        Destination::Queue(name) => (true, name.clone()),
    };
    sort_by(&mut bindings, |one, other| place(one).cmp(&place(other)));
    let hash = phash2::of_binaries(message.keys().map(str::as_bytes));
    if let Some(chosen) = hash.checked_rem(u32::try_from(bindings.len()).unwrap_or(u32::MAX)) {
        found(bindings[chosen as usize]);
    }
}
