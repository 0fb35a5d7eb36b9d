//! The bindings of an exchange, kept so that its type finds those that match.

use super::{
    Binding, Properties, Routable, consistent_hash::ConsistentHash, direct::Direct, fanout, headers,
    modulus_hash, random, topic::Topic,
};
use crate::{Random, event::ExchangeKind};

#[derive(Clone)]
pub(super) enum Bindings {
    Direct(Direct),
    Topic(Topic),
    ConsistentHash(ConsistentHash),
    /// In the order in which they came.
    List(Vec<Binding>, Choice),
}

/// What a type takes of a plain list.
#[derive(Clone, Copy)]
pub(super) enum Choice {
    All,
    ByHeaders,
    ByHash,
    AtRandom,
}

impl Bindings {
    /// For the type by whose rule messages are routed.
    pub(super) fn new(rule: ExchangeKind, properties: &Properties) -> Self {
        let list = |choice| Bindings::List(Vec::new(), choice);
        match rule {
            ExchangeKind::Direct | ExchangeKind::DelayedMessage => Bindings::Direct(Direct::default()),
            ExchangeKind::Topic => Bindings::Topic(Topic::default()),
            ExchangeKind::ConsistentHash => Bindings::ConsistentHash(ConsistentHash::new(properties)),
            ExchangeKind::Fanout | ExchangeKind::RecentHistory => list(Choice::All),
            ExchangeKind::Headers => list(Choice::ByHeaders),
            ExchangeKind::ModulusHash => list(Choice::ByHash),
            ExchangeKind::Random | ExchangeKind::LocalRandom => list(Choice::AtRandom),
        }
    }

    pub(super) fn add(&mut self, binding: Binding) -> bool {
        match self {
            Bindings::Direct(direct) => direct.bind(binding),
            Bindings::Topic(topic) => topic.bind(binding),
            Bindings::ConsistentHash(ring) => ring.bind(binding),
            Bindings::List(list, _) => add(list, binding),
        }
    }

    pub(super) fn take(&mut self, goes: impl Fn(&Binding) -> bool) -> Vec<Binding> {
        match self {
            Bindings::Direct(direct) => direct.unbind(goes),
            Bindings::Topic(topic) => topic.unbind(goes),
            Bindings::ConsistentHash(ring) => ring.unbind(goes),
            Bindings::List(list, _) => take(list, &goes),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Bindings::Direct(direct) => direct.is_empty(),
            Bindings::Topic(topic) => topic.is_empty(),
            Bindings::ConsistentHash(ring) => ring.list.is_empty(),
            Bindings::List(list, _) => list.is_empty(),
        }
    }

    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = &Binding> + '_> {
        match self {
            Bindings::Direct(direct) => Box::new(direct.bindings()),
            Bindings::Topic(topic) => Box::new(topic.bindings()),
            Bindings::ConsistentHash(ring) => Box::new(ring.list.iter()),
            Bindings::List(list, _) => Box::new(list.iter()),
        }
    }

    pub(super) fn route<'a>(
        &'a self,
        message: &Routable<'_>,
        random: &mut Random,
        found: impl FnMut(&'a Binding),
    ) {
        match self {
            Bindings::Direct(direct) => direct.route(message, found),
            Bindings::Topic(topic) => topic.route(message, found),
            Bindings::ConsistentHash(ring) => ring.route(message, found),
            Bindings::List(list, Choice::All) if planted!(message, FanoutSkipsLast) && list.len() > 1 => {
                fanout::route(list.split_last().map_or(list, |(_, rest)| rest), found);
            }
            Bindings::List(list, Choice::All) => fanout::route(list, found),
            Bindings::List(list, Choice::ByHeaders) => headers::route(list, message, found),
            Bindings::List(list, Choice::ByHash) => modulus_hash::route(list, message, found),
            Bindings::List(list, Choice::AtRandom) => random::route(list, random, found),
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
