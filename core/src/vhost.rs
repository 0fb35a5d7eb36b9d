//! A virtual host: names to exchanges and queues.

use crate::{
    Name, QueueId,
    event::{Destination, ExchangeKind},
    exchange::{Binding, Exchange, Properties},
    ordered::OrdMap,
    refusal::{Outcome, no_exchange, no_queue},
};

#[derive(Clone)]
pub(crate) struct Vhost {
    pub(crate) name: Name,
    pub(crate) exchanges: OrdMap<Name, Exchange>,
    pub(crate) queues: OrdMap<Name, QueueId>,
    /// The generated addresses of direct reply-to.
    pub(crate) reply_addresses: OrdMap<Name, QueueId>,
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
        Vhost { name, exchanges, queues: OrdMap::new(), reply_addresses: OrdMap::new() }
    }

    pub(crate) fn queue_id(&self, queue: &str) -> Outcome<QueueId> {
        self.queues.get(queue).copied().ok_or_else(|| no_queue(queue, &self.name))
    }

    pub(crate) fn exchange(&self, exchange: &str) -> Outcome<&Exchange> {
        self.exchanges.get(exchange).ok_or_else(|| no_exchange(exchange, &self.name))
    }

    pub(crate) fn exchange_mut(&mut self, exchange: &str) -> Outcome<&mut Exchange> {
        self.exchanges.get_mut(exchange).ok_or_else(|| no_exchange(exchange, &self.name))
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

    /// Removes every binding to `destination`, and nothing else.
    pub(crate) fn forget(&mut self, destination: &Destination) {
        for exchange in self.exchanges.values_mut() {
            exchange.unbind(|binding| binding.destination == *destination);
        }
    }

    /// Removes every binding to `destination`, and with them the auto-delete exchanges whose last binding they
    /// were. Returns what is gone: bindings with their exchanges' names, and exchanges.
    pub(crate) fn unbind_everywhere(&mut self, destination: &Destination) -> Gone {
        let mut gone = Gone::default();
        let mut destinations = vec![destination.clone()];
        while let Some(destination) = destinations.pop() {
            let mut unused = Vec::new();
            for exchange in self.exchanges.values_mut() {
                let unbound = exchange.unbind(|binding| binding.destination == destination);
                if !unbound.is_empty() && exchange.properties.auto_delete && exchange.is_unused() {
                    unused.push(exchange.name.clone());
                }
                gone.bindings.extend(unbound.into_iter().map(|binding| (exchange.name.clone(), binding)));
            }
            for exchange in unused {
                self.exchanges.remove(&exchange);
                destinations.push(Destination::Exchange(exchange.clone()));
                gone.exchanges.push(exchange);
            }
        }
        gone
    }
}

/// What went with a queue or an exchange.
#[derive(Default)]
pub(crate) struct Gone {
    pub(crate) bindings: Vec<(Name, Binding)>,
    pub(crate) exchanges: Vec<Name>,
}
