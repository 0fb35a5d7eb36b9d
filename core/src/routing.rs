//! The way of a message through a virtual host's exchanges.

use crate::{
    MessageId, Name, QueueId, Random,
    event::{Destination, ExchangeKind},
    exchange::{Binding, Exchange, Routable},
    explain::{Asked, Mismatch, Passage, Tried},
    ordered::OrdSet,
    refusal::Outcome,
    vhost::Vhost,
    wire::FieldTable,
};

/// Where a message goes.
#[derive(Clone, Default)]
pub(crate) struct Routes {
    /// The queues that take it, each once, in the order in which bindings name them.
    pub(crate) queues: Vec<QueueId>,
    /// Exchanges that keep it for those that are bound later.
    pub(crate) keepers: Vec<Name>,
    /// Exchanges that hold it back, and for how many ms.
    pub(crate) delays: Vec<(Name, u64)>,
    /// How much work it was to find out: bindings looked at, about.
    pub(crate) steps: u64,
    /// The same queues as `queues`, as soon as they are many.
    known: Option<OrdSet<QueueId>>,
}

impl Routes {
    pub(crate) fn clear(&mut self) {
        self.queues.clear();
        self.keepers.clear();
        self.delays.clear();
        self.known = None;
        self.steps = 0;
    }

    /// Adds a queue, unless it is there. Of a few a look at each is quickest; of many it would take the square of their
    /// number.
    fn add(&mut self, queue: QueueId) {
        const FEW: usize = 8;
        let is_new = if self.queues.len() < FEW {
            !self.queues.contains(&queue)
        } else {
            let known = self.known.get_or_insert_with(|| self.queues.iter().copied().collect());
            known.insert(queue)
        };
        if is_new {
            self.queues.push(queue);
        }
    }
}

/// What is written down on the way, if somebody wants to know.
pub(crate) struct Notes<'r> {
    pub(crate) message: MessageId,
    /// Who was asked, and what they said.
    pub(crate) asked: Option<&'r mut Vec<Asked>>,
    /// Which bindings took the message.
    pub(crate) passages: Option<&'r mut Vec<Passage>>,
}

impl Notes<'_> {
    fn pass(&mut self, exchange: &Name, destination: &Destination, binding: Option<&Binding>) {
        if let Some(passages) = &mut self.passages {
            let binding = binding.map(|binding| (binding.routing_key.clone(), binding.arguments.clone()));
            let (exchange, destination) = (exchange.clone(), destination.clone());
            passages.push(Passage { message: self.message, exchange, destination, binding });
        }
    }

    fn pass_default(&mut self, key: &str) {
        if let Some(passages) = &mut self.passages {
            let key = Name::from(key);
            let (exchange, destination) = (Name::default(), Destination::Queue(key.clone()));
            let binding = Some((key, FieldTable::default()));
            passages.push(Passage { message: self.message, exchange, destination, binding });
        }
    }
}

/// A message under way, and what remains to be asked.
struct Way<'a, 'r> {
    vhost: &'a Vhost,
    message: &'a Routable<'a>,
    random: &'r mut Random,
    routes: &'r mut Routes,
    notes: Notes<'r>,
    further: Vec<&'a str>,
}

/// Adds to `routes` where the message goes from `exchange`, and to `notes` why.
///
/// # Errors
/// A header that the exchange stumbles over.
pub(crate) fn route<'a>(
    vhost: &'a Vhost,
    exchange: &'a Exchange,
    message: &'a Routable<'a>,
    random: &mut Random,
    routes: &mut Routes,
    mut notes: Notes<'_>,
) -> Outcome {
    if exchange.name.is_empty() {
        // The default exchange: every queue is bound to it by its own name.
        for key in message.keys() {
            if let Some(queue) = vhost.queue_or_reply(key) {
                routes.add(queue);
                notes.pass_default(key);
            }
        }
        if let Some(asked) = notes.asked {
            asked.push(explain_default(vhost, exchange, message));
        }
        return Ok(());
    }
    let mut way = Way { vhost, message, random, routes, notes, further: Vec::new() };
    way.visit(exchange)?;
    if way.further.is_empty() {
        return Ok(());
    }
    // Exchanges may be bound in circles, or be each other's alternate: each is asked once.
    let mut asked = OrdSet::from([exchange.name.as_str()]);
    while let Some(next) = way.further.pop() {
        if asked.insert(next)
            && let Some(exchange) = vhost.exchanges.get(next)
        {
            way.visit(exchange)?;
        }
    }
    Ok(())
}

impl<'a> Way<'a, '_> {
    fn visit(&mut self, exchange: &'a Exchange) -> Outcome {
        let Way { vhost, message, random, routes, notes, further } = self;
        let mut unroutable = true;
        let mut found: Vec<&Binding> = Vec::new();
        let delay_ms = exchange.delay_ms(message)?;
        if let Some(ms) = delay_ms {
            routes.delays.push((exchange.name.clone(), ms));
        } else {
            if exchange.keeps(message) {
                routes.keepers.push(exchange.name.clone());
            }
            let steps = exchange.route(message, random, |binding| {
                if vhost.is_unbinding(&binding.destination) {
                    return;
                }
                unroutable = false;
                if notes.asked.is_some() {
                    found.push(binding);
                }
                notes.pass(&exchange.name, &binding.destination, Some(binding));
                match &binding.destination {
                    Destination::Exchange(next) => further.push(next),
                    Destination::Queue(queue) => {
                        vhost.queues.get(queue).into_iter().for_each(|&queue| routes.add(queue));
                    }
                }
            });
            routes.steps += steps;
        }
        if let Some(asked) = &mut notes.asked {
            asked.push(exchange.explain(message, delay_ms, &found));
        }
        // A message that is held back has not been routed, as far as RabbitMQ can see.
        if unroutable
            && !planted!(message, AlternateIgnored)
            && let Some(alternate) = exchange.alternate()
        {
            notes.pass(&exchange.name, &Destination::Exchange(alternate.into()), None);
            further.push(alternate);
        }
        Ok(())
    }
}

fn explain_default(vhost: &Vhost, exchange: &Exchange, message: &Routable<'_>) -> Asked {
    let keys: Vec<Name> = message.keys().map(Name::from).collect();
    let tried = |key: &Name| Tried {
        destination: Destination::Queue(key.clone()),
        binding_key: key.clone(),
        arguments: FieldTable::default(),
        mismatch: vhost.queue_or_reply(key).is_none().then_some(Mismatch::NoQueue),
    };
    let tried = keys.iter().map(tried).collect();
    let (exchange, kind) = (exchange.name.clone(), ExchangeKind::Direct);
    Asked { exchange, kind, keys, delay_ms: None, tried, alternate: None }
}
