//! Exchanges: bindings, and the choice among them. One file per exchange type; nothing in here knows a queue.

mod direct;
mod fanout;
mod headers;
mod topic;

pub(crate) use headers::check_arguments as check_headers_arguments;

use crate::{
    Name,
    event::{Destination, ExchangeKind},
    policy::Effective,
    wire::FieldTable,
};
use {direct::Direct, fanout::Fanout, headers::Headers, topic::Topic};

/// An exchange with its bindings.
pub(crate) struct Exchange {
    pub(crate) name: Name,
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    pub(crate) internal: bool,
    /// What policies say of it.
    pub(crate) policy: Effective,
    bindings: Bindings,
}

/// A binding. Two are the same if all three parts are (RabbitMQ; AMQP 0-9-1 ignores repeated bindings too).
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Binding {
    pub(crate) destination: Destination,
    pub(crate) routing_key: Name,
    pub(crate) arguments: FieldTable,
}

/// What an exchange may look at.
pub(crate) struct Routable<'a> {
    pub(crate) routing_key: &'a str,
    /// The keys of the CC and BCC headers.
    pub(crate) further_keys: &'a [Name],
    pub(crate) headers: Option<&'a FieldTable>,
}

impl Routable<'_> {
    /// Every key that a direct, topic or default exchange compares (RabbitMQ).
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.routing_key).chain(self.further_keys.iter().map(Name::as_str))
    }
}

enum Bindings {
    Direct(Direct),
    Fanout(Fanout),
    Topic(Topic),
    Headers(Headers),
}

impl Exchange {
    pub(crate) fn new(
        name: Name,
        kind: ExchangeKind,
        durable: bool,
        auto_delete: bool,
        internal: bool,
    ) -> Self {
        let bindings = match kind {
            ExchangeKind::Direct => Bindings::Direct(Direct::default()),
            ExchangeKind::Fanout => Bindings::Fanout(Fanout::default()),
            ExchangeKind::Topic => Bindings::Topic(Topic::default()),
            ExchangeKind::Headers => Bindings::Headers(Headers::default()),
        };
        Exchange { name, durable, auto_delete, internal, policy: Effective::default(), bindings }
    }

    pub(crate) fn kind(&self) -> ExchangeKind {
        match self.bindings {
            Bindings::Direct(_) => ExchangeKind::Direct,
            Bindings::Fanout(_) => ExchangeKind::Fanout,
            Bindings::Topic(_) => ExchangeKind::Topic,
            Bindings::Headers(_) => ExchangeKind::Headers,
        }
    }

    /// Adds a binding; `false` if it was there.
    pub(crate) fn bind(&mut self, binding: Binding) -> bool {
        match &mut self.bindings {
            Bindings::Direct(direct) => direct.bind(binding),
            Bindings::Fanout(fanout) => fanout.bind(binding),
            Bindings::Topic(topic) => topic.bind(binding),
            Bindings::Headers(headers) => headers.bind(binding),
        }
    }

    /// Removes the bindings for which `goes` holds, and returns them.
    pub(crate) fn unbind(&mut self, goes: impl Fn(&Binding) -> bool) -> Vec<Binding> {
        match &mut self.bindings {
            Bindings::Direct(direct) => direct.unbind(goes),
            Bindings::Fanout(fanout) => fanout.unbind(goes),
            Bindings::Topic(topic) => topic.unbind(goes),
            Bindings::Headers(headers) => headers.unbind(goes),
        }
    }

    /// Whether it has no binding.
    pub(crate) fn is_unused(&self) -> bool {
        match &self.bindings {
            Bindings::Direct(direct) => direct.is_empty(),
            Bindings::Fanout(fanout) => fanout.is_empty(),
            Bindings::Topic(topic) => topic.is_empty(),
            Bindings::Headers(headers) => headers.is_empty(),
        }
    }

    /// Every binding, in an order of the type's own that the same bindings always have.
    pub(crate) fn bindings(&self) -> Box<dyn Iterator<Item = &Binding> + '_> {
        match &self.bindings {
            Bindings::Direct(direct) => Box::new(direct.bindings()),
            Bindings::Fanout(fanout) => Box::new(fanout.bindings()),
            Bindings::Topic(topic) => Box::new(topic.bindings()),
            Bindings::Headers(headers) => Box::new(headers.bindings()),
        }
    }

    /// Calls `found` with the destination of every binding that matches; with the same one again if several do.
    pub(crate) fn route<'a>(&'a self, message: &Routable<'_>, found: impl FnMut(&'a Destination)) {
        match &self.bindings {
            Bindings::Direct(direct) => direct.route(message, found),
            Bindings::Fanout(fanout) => fanout.route(found),
            Bindings::Topic(topic) => topic.route(message, found),
            Bindings::Headers(headers) => headers.route(message, found),
        }
    }
}

/// Adds to a plain list; `false` if it was there.
fn add(list: &mut Vec<Binding>, binding: Binding) -> bool {
    let new = !list.contains(&binding);
    if new {
        list.push(binding);
    }
    new
}

/// Takes out of a plain list the bindings for which `goes` holds.
fn take(list: &mut Vec<Binding>, goes: &impl Fn(&Binding) -> bool) -> Vec<Binding> {
    list.extract_if(.., |binding| goes(binding)).collect()
}
