//! A virtual host: names to exchanges and queues.

use std::sync::Arc;

use crate::{
    Name, QueueId,
    event::{Destination, ExchangeKind},
    exchange::{Binding, Exchange, Properties},
    ordered::{OrdMap, OrdSet},
    refusal::{Outcome, no_exchange, no_queue},
};

#[derive(Clone)]
pub(crate) struct Vhost {
    pub(crate) name: Name,
    /// It keeps what it has, and nobody can open it.
    pub(crate) closed: bool,
    pub(crate) exchanges: OrdMap<Name, Exchange>,
    pub(crate) queues: OrdMap<Name, QueueId>,
    /// The generated addresses of direct reply-to.
    pub(crate) reply_addresses: OrdMap<Name, QueueId>,
    /// The exchanges that have bindings to a destination: where to look when that goes.
    sources: OrdMap<Destination, OrdSet<Name>>,
}

/// The exchanges that every virtual host has (AMQP 0-9-1, section 3.1.3; `amq.match` is the specification's name
/// for RabbitMQ's `amq.headers`). The one without a name is the default exchange.
const PREDECLARED: [(&str, ExchangeKind); 6] = [
    ("", ExchangeKind::Direct),
    ("amq.direct", ExchangeKind::Direct),
    ("amq.fanout", ExchangeKind::Fanout),
    ("amq.headers", ExchangeKind::Headers),
    ("amq.match", ExchangeKind::Headers),
    ("amq.topic", ExchangeKind::Topic),
];

impl Vhost {
    pub(crate) fn new(name: Name) -> Self {
        let mut exchanges = OrdMap::new();
        for (exchange, kind) in PREDECLARED {
            let exchange = Name::from(exchange);
            exchanges.insert(exchange.clone(), Exchange::new(exchange, Properties::predeclared(kind, false)));
        }
        let trace = Name::from("amq.rabbitmq.trace");
        let internal = Properties::predeclared(ExchangeKind::Topic, true);
        exchanges.insert(trace.clone(), Exchange::new(trace, internal));
        Vhost {
            name,
            closed: false,
            exchanges,
            queues: OrdMap::new(),
            reply_addresses: OrdMap::new(),
            sources: OrdMap::new(),
        }
    }

    pub(crate) fn queue_id(&self, queue: &str) -> Outcome<QueueId> {
        self.queues.get(queue).copied().ok_or_else(|| no_queue(queue, &self.name))
    }

    pub(crate) fn exchange(&self, exchange: &str) -> Outcome<&Exchange> {
        self.exchanges.get(exchange).ok_or_else(|| no_exchange(exchange, &self.name))
    }

    pub(crate) fn check_exists(&self, destination: &Destination) -> Outcome {
        match destination {
            Destination::Queue(queue) => self.queue_id(queue).map(|_| ()),
            Destination::Exchange(exchange) => self.exchange(exchange).map(|_| ()),
        }
    }

    /// The queue with this name, or who waits at this reply address.
    pub(crate) fn queue_or_reply(&self, name: &str) -> Option<QueueId> {
        self.queues.get(name).or_else(|| self.reply_addresses.get(name)).copied()
    }

    /// Adds a binding to an exchange that is there; `false` if the binding was there, too.
    pub(crate) fn bind(&mut self, exchange: &Name, binding: Binding) -> bool {
        let Some(found) = self.exchanges.get_mut(exchange) else { return false };
        let destination = binding.destination.clone();
        let new = found.bind(binding);
        if new {
            self.sources.entry(destination).or_default().insert(exchange.clone());
        }
        new
    }

    /// Removes a binding; `false` if it was not there.
    pub(crate) fn unbind(&mut self, exchange: &Name, binding: &Binding) -> bool {
        let Some(found) = self.exchanges.get_mut(exchange) else { return false };
        let was_there = found.unbind(binding);
        if !found.leads_to(&binding.destination) {
            self.forget_source(exchange, &binding.destination);
        }
        was_there
    }

    /// A binding from an exchange that is gone. Another exchange may have its name now, and lead to the same destination.
    pub(crate) fn forget_binding_of(&mut self, exchange: &Name, binding: &Binding) {
        let another = self.exchanges.get(exchange);
        if !another.is_some_and(|another| another.leads_to(&binding.destination)) {
            self.forget_source(exchange, &binding.destination);
        }
    }

    fn forget_source(&mut self, exchange: &Name, destination: &Destination) {
        let Some(sources) = self.sources.get_mut(destination) else { return };
        sources.remove(exchange);
        if sources.is_empty() {
            self.sources.remove(destination);
        }
    }

    /// Removes every binding to `destination`, and with them the auto-delete exchanges whose last binding they
    /// were. Returns what is gone: bindings with their exchanges' names, and exchanges.
    pub(crate) fn unbind_everywhere(&mut self, destination: &Destination) -> Gone {
        let mut gone = Gone::default();
        let mut destinations = vec![destination.clone()];
        while let Some(destination) = destinations.pop() {
            for source in self.sources.remove(&destination).unwrap_or_default() {
                let Some(exchange) = self.exchanges.get_mut(&source) else { continue };
                let unbound = exchange.unbind_from(&destination);
                let unused = !unbound.is_empty() && exchange.properties.auto_delete && exchange.is_unused();
                gone.bindings.extend(unbound.into_iter().map(|binding| (source.clone(), binding)));
                if unused {
                    gone.exchanges.extend(self.exchanges.remove(&source));
                    destinations.push(Destination::Exchange(source));
                }
            }
        }
        gone
    }
}

/// What went with a queue or an exchange.
#[derive(Default)]
pub(crate) struct Gone {
    pub(crate) bindings: Vec<(Name, Arc<Binding>)>,
    pub(crate) exchanges: Vec<Exchange>,
}
