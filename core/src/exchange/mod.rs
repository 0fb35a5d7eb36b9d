//! Exchanges: bindings, and the choice among them. One file per exchange type; nothing in here knows a queue.

mod arguments;
mod bindings;
mod direct;
mod fanout;
mod headers;
mod topic;

pub(crate) use arguments::{ALTERNATE_EXCHANGE, check_equivalent};

use crate::{
    Name,
    event::{Destination, ExchangeKind},
    policy::Effective,
    refusal::Outcome,
    wire::{FieldTable, FieldValue},
};
use bindings::Bindings;

/// An exchange with its bindings.
pub(crate) struct Exchange {
    pub(crate) name: Name,
    pub(crate) properties: Properties,
    /// What policies say of it.
    pub(crate) policy: Effective,
    bindings: Bindings,
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
}

impl Exchange {
    pub(crate) fn new(name: Name, properties: Properties) -> Self {
        let bindings = Bindings::new(properties.kind);
        Exchange { name, properties, policy: Effective::default(), bindings }
    }

    /// Where messages go that no binding takes: the argument wins over policies (RabbitMQ).
    pub(crate) fn alternate(&self) -> Option<&str> {
        let argument = self.properties.arguments.get(ALTERNATE_EXCHANGE);
        argument.or_else(|| self.policy.definition.get(ALTERNATE_EXCHANGE)).and_then(FieldValue::as_text)
    }

    /// Refuses a binding that exchanges of this type cannot have.
    pub(crate) fn check_binding(&self, binding: &Binding) -> Outcome {
        match self.properties.kind {
            ExchangeKind::Headers => headers::check_arguments(&binding.arguments),
            _ => Ok(()),
        }
    }

    /// Adds a binding; `false` if it was there.
    pub(crate) fn bind(&mut self, binding: Binding) -> bool {
        self.bindings.add(binding)
    }

    /// Removes the bindings for which `goes` holds, and returns them.
    pub(crate) fn unbind(&mut self, goes: impl Fn(&Binding) -> bool) -> Vec<Binding> {
        self.bindings.take(goes)
    }

    /// Whether it has no binding.
    pub(crate) fn is_unused(&self) -> bool {
        self.bindings.is_empty()
    }

    /// Every binding, in an order of the type's own that the same bindings always have.
    pub(crate) fn bindings(&self) -> Box<dyn Iterator<Item = &Binding> + '_> {
        self.bindings.iter()
    }

    /// Calls `found` with the destination of every binding that matches; with the same one again if several do.
    pub(crate) fn route<'a>(&'a self, message: &Routable<'_>, found: impl FnMut(&'a Destination)) {
        self.bindings.route(message, found);
    }
}
