//! The bindings of an exchange, kept so that its type finds those that match.

use super::{Binding, Routable, direct::Direct, fanout, headers, topic::Topic};
use crate::event::{Destination, ExchangeKind};

pub(super) enum Bindings {
    Direct(Direct),
    Topic(Topic),
    /// In the order in which they came.
    Fanout(Vec<Binding>),
    Headers(Vec<Binding>),
}

impl Bindings {
    pub(super) fn new(kind: ExchangeKind) -> Self {
        match kind {
            ExchangeKind::Direct => Bindings::Direct(Direct::default()),
            ExchangeKind::Topic => Bindings::Topic(Topic::default()),
            ExchangeKind::Fanout => Bindings::Fanout(Vec::new()),
            ExchangeKind::Headers => Bindings::Headers(Vec::new()),
        }
    }

    pub(super) fn add(&mut self, binding: Binding) -> bool {
        match self {
            Bindings::Direct(direct) => direct.bind(binding),
            Bindings::Topic(topic) => topic.bind(binding),
            Bindings::Fanout(list) | Bindings::Headers(list) => add(list, binding),
        }
    }

    pub(super) fn take(&mut self, goes: impl Fn(&Binding) -> bool) -> Vec<Binding> {
        match self {
            Bindings::Direct(direct) => direct.unbind(goes),
            Bindings::Topic(topic) => topic.unbind(goes),
            Bindings::Fanout(list) | Bindings::Headers(list) => take(list, &goes),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Bindings::Direct(direct) => direct.is_empty(),
            Bindings::Topic(topic) => topic.is_empty(),
            Bindings::Fanout(list) | Bindings::Headers(list) => list.is_empty(),
        }
    }

    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = &Binding> + '_> {
        match self {
            Bindings::Direct(direct) => Box::new(direct.bindings()),
            Bindings::Topic(topic) => Box::new(topic.bindings()),
            Bindings::Fanout(list) | Bindings::Headers(list) => Box::new(list.iter()),
        }
    }

    pub(super) fn route<'a>(&'a self, message: &Routable<'_>, found: impl FnMut(&'a Destination)) {
        match self {
            Bindings::Direct(direct) => direct.route(message, found),
            Bindings::Topic(topic) => topic.route(message, found),
            Bindings::Fanout(list) => fanout::route(list, found),
            Bindings::Headers(list) => headers::route(list, message, found),
        }
    }
}

/// Adds to a plain list; `false` if it was there.
pub(super) fn add(list: &mut Vec<Binding>, binding: Binding) -> bool {
    let new = !list.contains(&binding);
    if new {
        list.push(binding);
    }
    new
}

/// Takes out of a plain list the bindings for which `goes` holds.
pub(super) fn take(list: &mut Vec<Binding>, goes: &impl Fn(&Binding) -> bool) -> Vec<Binding> {
    list.extract_if(.., |binding| goes(binding)).collect()
}
