//! `fanout`: every binding, whatever the routing key (AMQP 0-9-1, section 3.1.3.2).

use super::Binding;

pub(super) fn route<'a>(list: &'a [Binding], found: impl FnMut(&'a Binding)) {
    list.iter().for_each(found);
}
