//! `fanout`: every binding, whatever the routing key (AMQP 0-9-1, section 3.1.3.2).

use super::Binding;
use crate::event::Destination;

pub(super) fn route<'a>(list: &'a [Binding], found: impl FnMut(&'a Destination)) {
    list.iter().map(|binding| &binding.destination).for_each(found);
}
