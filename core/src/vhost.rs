//! A virtual host: names to exchanges and queues.

use std::sync::Arc;

use crate::{
    Behaviours, ConnectionId, Name, QueueId,
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
    /// Messages that exchanges hold, of those that are to survive a restart, by the ids that these have for it.
    pub(crate) holdings: OrdMap<QueueId, Holding>,
    /// The generated addresses of direct reply-to.
    pub(crate) reply_addresses: OrdMap<Name, QueueId>,
    /// The exchanges that have bindings to a destination: where to look when that goes.
    sources: OrdMap<Destination, OrdSet<Name>>,
    /// Queues and exchanges that are gone while there are still bindings to them, with the clients that wait for the end of
    /// these: whoever declares something of the same name would find them.
    unbinding: OrdMap<Destination, Vec<ConnectionId>>,
}

/// Messages that an exchange holds. It may be gone, or there again under the same name: what it has held back goes on all the
/// same when its time comes (RabbitMQ).
#[derive(Clone)]
pub(crate) struct Holding {
    pub(crate) exchange: Name,
    pub(crate) next_position: u64,
    /// How many messages are held back.
    pub(crate) delayed: u64,
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
    pub(crate) fn new(name: Name, compat: Behaviours) -> Self {
        let mut exchanges = OrdMap::new();
        for (exchange, kind) in PREDECLARED {
            let exchange = Name::from(exchange);
            let properties = Properties::predeclared(kind, false);
            exchanges.insert(exchange.clone(), Exchange::new(exchange, properties, compat));
        }
        let trace = Name::from("amq.rabbitmq.trace");
        let internal = Properties::predeclared(ExchangeKind::Topic, true);
        exchanges.insert(trace.clone(), Exchange::new(trace, internal, compat));
        Vhost {
            name,
            closed: false,
            exchanges,
            queues: OrdMap::new(),
            holdings: OrdMap::new(),
            reply_addresses: OrdMap::new(),
            sources: OrdMap::new(),
            unbinding: OrdMap::new(),
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

    /// A queue or an exchange is gone: bindings to it lead nowhere from now on. [`Vhost::unbind_next`] removes them.
    pub(crate) fn begin_unbinding(&mut self, destination: &Destination) {
        if self.sources.contains_key(destination) {
            self.unbinding.entry(destination.clone()).or_default();
        }
    }

    /// Removes some of the bindings to `destination`, all from one exchange; `None` if there are none.
    pub(crate) fn unbind_next(&mut self, destination: &Destination, most: usize) -> Option<Unbound> {
        let exchange = self.sources.get(destination)?.first()?.clone();
        let found = self.exchanges.get_mut(&exchange);
        let bindings = found.map(|found| found.unbind_from(destination, most)).unwrap_or_default();
        let left = self.exchanges.get(&exchange);
        let is_unused = !bindings.is_empty() && left.is_some_and(Exchange::is_over);
        if !left.is_some_and(|left| left.leads_to(destination)) {
            self.forget_source(&exchange, destination);
        }
        Some(Unbound { exchange, bindings, is_unused })
    }

    /// No binding to `destination` is left; returns the clients that have waited for that.
    pub(crate) fn end_unbinding(&mut self, destination: &Destination) -> Vec<ConnectionId> {
        self.unbinding.remove(destination).unwrap_or_default()
    }

    /// Whether `destination` is gone, and bindings to it are not yet.
    pub(crate) fn is_unbinding(&self, destination: &Destination) -> bool {
        !self.unbinding.is_empty() && self.unbinding.contains_key(destination)
    }

    /// Whether there are bindings to anything that is gone.
    pub(crate) fn has_bindings_to_nothing(&self) -> bool {
        !self.unbinding.is_empty()
    }

    /// Has a client wait until the bindings to `destination` are gone; `false` if they are.
    pub(crate) fn await_unbinding(&mut self, destination: &Destination, client: ConnectionId) -> bool {
        let waiting = self.unbinding.get_mut(destination);
        waiting.map(|waiting| waiting.push(client)).is_some()
    }

    /// Forgets one of the names and ids that it knows; `false`: it knows no more. The virtual host is gone.
    pub(crate) fn forget_next(&mut self) -> bool {
        self.sources.pop_first().is_some()
            || self.reply_addresses.pop_first().is_some()
            || self.holdings.pop_first().is_some()
    }

    /// All clients that wait for that: the virtual host is gone.
    pub(crate) fn take_waiting(&mut self) -> Vec<ConnectionId> {
        std::mem::take(&mut self.unbinding).into_values().flatten().collect()
    }
}

/// Bindings that went with their destination.
pub(crate) struct Unbound {
    pub(crate) exchange: Name,
    pub(crate) bindings: Vec<Arc<Binding>>,
    /// The exchange was to go with its last binding, and that is among these.
    pub(crate) is_unused: bool,
}
