//! Exchanges: bindings, and the choice among them. One file per exchange type; nothing in here knows a queue.

mod arguments;
mod bindings;
mod consistent_hash;
mod delayed_message;
mod direct;
mod headers;
mod jump;
mod modulus_hash;
mod phash2;
mod random;
mod recent_history;
mod topic;

pub(crate) use arguments::{ALTERNATE_EXCHANGE, check_equivalent};
pub(crate) use delayed_message::{DELAY, asked_ms};
pub(crate) use recent_history::{History, Kept};

use std::sync::Arc;

use crate::{
    Behaviours, Name, QueueId, Random,
    event::{Destination, ExchangeKind},
    explain::{Asked, Mismatch, Tried},
    policy::Effective,
    refusal::Outcome,
    wire::{self, FieldTable, FieldValue},
};
use bindings::Bindings;

/// An exchange with its bindings.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) name: Name,
    pub(crate) properties: Properties,
    /// What policies say of it.
    pub(crate) policy: Effective,
    /// The type by whose rule messages are routed, now or later.
    rule: ExchangeKind,
    bindings: Bindings,
    /// What an exchange of type x-recent-history keeps.
    pub(crate) history: Option<History>,
    /// The id with which the journal has what it holds, if that survives a restart.
    pub(crate) holding: Option<QueueId>,
}

/// What exchange.declare asks for.
#[derive(Clone, Debug)]
pub(crate) struct Properties {
    pub(crate) kind: ExchangeKind,
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    pub(crate) internal: bool,
    pub(crate) arguments: FieldTable,
}

/// A binding. Two are the same if all three parts are (RabbitMQ; AMQP 0-9-1 ignores repeated bindings too).
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Binding {
    pub(crate) destination: Destination,
    pub(crate) routing_key: Name,
    /// Ordered by name, so that the same arguments are the same in any order.
    pub(crate) arguments: FieldTable,
}

/// What an exchange may look at.
pub(crate) struct Routable<'a> {
    pub(crate) routing_key: &'a str,
    /// The keys of the CC and BCC headers.
    pub(crate) further_keys: &'a [Name],
    pub(crate) headers: Option<&'a FieldTable>,
    /// As they are on the wire.
    pub(crate) encoded_properties: &'a [u8],
    pub(crate) compat: Behaviours,
    #[cfg(feature = "planted-bugs")]
    pub(crate) bug: Option<crate::Bug>,
}

impl Properties {
    /// Those of an exchange that every virtual host has.
    pub(crate) fn predeclared(kind: ExchangeKind, internal: bool) -> Self {
        let arguments = FieldTable::default();
        Properties { kind, durable: true, auto_delete: false, internal, arguments }
    }
}

impl Binding {
    pub(crate) fn new(destination: Destination, routing_key: Name, mut arguments: FieldTable) -> Self {
        arguments.sort();
        Binding { destination, routing_key, arguments }
    }
}

impl Routable<'_> {
    /// Every key that a direct, topic or default exchange compares (RabbitMQ).
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.routing_key).chain(self.further_keys.iter().map(Name::as_str))
    }

    /// The message's properties.
    fn properties(&self) -> wire::Properties<'_> {
        wire::Properties::decode(self.encoded_properties).unwrap_or_default()
    }
}

impl Exchange {
    /// The properties have been checked.
    pub(crate) fn new(name: Name, properties: Properties, compat: Behaviours) -> Self {
        let rule = properties.rule().unwrap_or(properties.kind);
        let history = (rule == ExchangeKind::RecentHistory).then(|| History::new(&properties.arguments));
        let bindings = Bindings::new(rule, &properties, compat);
        Exchange { name, properties, policy: Effective::default(), rule, bindings, history, holding: None }
    }

    /// Where messages go that no binding takes: the argument wins over policies (RabbitMQ).
    pub(crate) fn alternate(&self) -> Option<&str> {
        let argument = self.properties.arguments.get(ALTERNATE_EXCHANGE);
        argument.or_else(|| self.policy.definition.get(ALTERNATE_EXCHANGE)).and_then(FieldValue::as_text)
    }

    /// Refuses a binding that exchanges of this type cannot have. `queue_type` is RabbitMQ's name for the type of the
    /// queue that the binding leads to, if it is one.
    pub(crate) fn check_binding(
        &self,
        binding: &Binding,
        queue_type: Option<&str>,
        compat: Behaviours,
    ) -> Outcome {
        match self.rule {
            ExchangeKind::Headers => headers::check_arguments(&binding.arguments),
            ExchangeKind::ConsistentHash => consistent_hash::check_binding(&binding.routing_key, compat),
            ExchangeKind::LocalRandom => random::check_local(binding, queue_type),
            _ => Ok(()),
        }
    }

    /// Adds a binding; `false` if it was there.
    pub(crate) fn bind(&mut self, binding: Binding) -> bool {
        self.bindings.add(binding)
    }

    /// Removes a binding; `false` if it was not there.
    pub(crate) fn unbind(&mut self, binding: &Binding) -> bool {
        self.bindings.remove(binding)
    }

    /// Removes bindings that lead to one destination, at most so many, and returns them, the oldest first.
    pub(crate) fn unbind_from(&mut self, destination: &Destination, most: usize) -> Vec<Arc<Binding>> {
        self.bindings.remove_to(destination, most)
    }

    /// Takes a binding out of an exchange that is gone, whichever; `None`: it has no more.
    pub(crate) fn take_binding(&mut self) -> Option<Arc<Binding>> {
        self.bindings.take_next()
    }

    /// Whether a binding leads to this destination.
    pub(crate) fn leads_to(&self, destination: &Destination) -> bool {
        self.bindings.to(destination).next().is_some()
    }

    pub(crate) fn has(&self, binding: &Binding) -> bool {
        self.bindings.contains(binding)
    }

    /// Whether it has no binding.
    pub(crate) fn is_unused(&self) -> bool {
        self.bindings.len() == 0
    }

    /// Whether it was to go with its last binding, and has none.
    pub(crate) fn is_over(&self) -> bool {
        self.properties.auto_delete && self.is_unused()
    }

    /// Every binding, the oldest first.
    pub(crate) fn bindings(&self) -> impl Iterator<Item = Arc<Binding>> {
        self.bindings.iter()
    }

    /// Bindings in an order of their own, with their numbers: those behind one of them, or the first ones.
    pub(crate) fn bindings_behind(&self, after: Option<&Binding>, most: usize) -> Vec<(u64, Arc<Binding>)> {
        self.bindings.behind(after, most)
    }

    /// The number of a binding, by which bindings are in the order of their age; `None` if it is not there.
    pub(crate) fn age_of(&self, binding: &Binding) -> Option<u64> {
        self.bindings.age_of(binding)
    }

    /// How long the message is to wait, in ms, before it is routed.
    pub(crate) fn delay_ms(&self, message: &Routable<'_>) -> Outcome<Option<u64>> {
        match self.properties.kind {
            ExchangeKind::DelayedMessage if !planted!(message, DelayIgnored) => {
                delayed_message::delay_ms(message.headers)
            }
            _ => Ok(None),
        }
    }

    /// Whether messages may have to wait here before they are routed.
    pub(crate) fn holds_back(&self) -> bool {
        self.properties.kind == ExchangeKind::DelayedMessage
    }

    /// Whether the message is to be kept for those that bind later.
    pub(crate) fn keeps(&self, message: &Routable<'_>) -> bool {
        self.history.is_some() && recent_history::keeps(message.headers)
    }

    /// Calls `found` with every binding that matches, for each of the message's keys. Returns how much work that was: how
    /// many bindings were looked at, about.
    pub(crate) fn route<'a>(
        &'a self,
        message: &Routable<'_>,
        random: &mut Random,
        found: impl FnMut(&'a Binding),
    ) -> u64 {
        self.bindings.route(message, random, found)
    }

    /// What routing found here, for people: `found` is what [`Exchange::route`] did.
    pub(crate) fn explain(&self, message: &Routable<'_>, delay_ms: Option<u64>, found: &[&Binding]) -> Asked {
        let tried = |binding: Arc<Binding>| Tried {
            destination: binding.destination.clone(),
            binding_key: binding.routing_key.clone(),
            arguments: binding.arguments.clone(),
            mismatch: (!found.contains(&&*binding)).then(|| self.mismatch(&binding, message)),
        };
        let asked = delay_ms.is_none().then(|| self.bindings().map(tried).collect());
        let is_lost = delay_ms.is_none() && found.is_empty();
        Asked {
            exchange: self.name.clone(),
            kind: if delay_ms.is_some() { self.properties.kind } else { self.rule },
            keys: message.keys().map(Name::from).collect(),
            delay_ms,
            tried: asked.unwrap_or_default(),
            alternate: self.alternate().filter(|_| is_lost).map(Name::from),
        }
    }

    fn mismatch(&self, binding: &Binding, message: &Routable<'_>) -> Mismatch {
        match self.rule {
            ExchangeKind::Direct => Mismatch::Key,
            ExchangeKind::Topic => topic::mismatch(&binding.routing_key, message.routing_key),
            ExchangeKind::Headers => headers::mismatch(&binding.arguments, message),
            _ => Mismatch::NotPicked,
        }
    }
}
