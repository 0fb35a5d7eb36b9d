//! What there is on the stage, in columns: producers, exchanges, queues and the disk, consumers.

use std::ops::Range;

use warren_sim::{
    ActorId, Binding, Exchange, ExchangeType, Scenario, Seat,
    warren_core::{Name, ordered::sort_by},
};

use super::order::sent_to_by_name;
use crate::scene::Place;

/// What stands there, its name, and a note.
pub(super) type Standing = (Place, String, String);

/// Everything, in the order of the scenario. The disk has a place of its own.
pub(super) struct Columns {
    pub(super) senders: Vec<Standing>,
    pub(super) exchanges: Vec<Standing>,
    pub(super) queues: Vec<Standing>,
    pub(super) receivers: Vec<Standing>,
    pub(super) has_disk: bool,
}

impl Columns {
    /// How many things the longest one has.
    pub(super) fn tallest(&self) -> usize {
        let columns = [&self.senders, &self.exchanges, &self.queues, &self.receivers];
        columns.into_iter().map(Vec::len).max().unwrap_or_default()
    }

    pub(super) fn all(self) -> impl Iterator<Item = Standing> {
        self.senders.into_iter().chain(self.exchanges).chain(self.queues).chain(self.receivers)
    }
}

/// What stands between the keys of a queue.
const BETWEEN_KEYS: &str = "  ";

pub(super) fn columns(scenario: &Scenario) -> Columns {
    let (senders, receivers) = actors(scenario);
    let sends_to_default = scenario.producers.iter().any(|producer| producer.exchange.is_empty());
    let default = || (Place::Exchange(Name::default()), "default".to_owned(), "direct".to_owned());
    let first = sends_to_default.then(default);
    // Where only consumers put messages aside through it, it is not what one sees first.
    let last = (!sends_to_default && sent_to_by_name(scenario).next().is_some()).then(default);
    let declared = scenario.exchanges.iter().map(|exchange| {
        let place = Place::Exchange(Name::from(exchange.name.as_str()));
        (place, exchange.name.clone(), exchange.kind.as_str().to_owned())
    });
    let exchanges = first.into_iter().chain(declared).chain(last);
    let queues = scenario.queues.iter().map(|queue| {
        let bindings = scenario.bindings.iter().filter(|binding| binding.queue.as_ref() == Some(&queue.name));
        let keys: Vec<String> =
            bindings.map(|binding| key(scenario, binding)).filter(|key| !key.is_empty()).collect();
        (Place::Queue(Name::from(queue.name.as_str())), queue.name.clone(), keys.join(BETWEEN_KEYS))
    });
    let has_disk = scenario.disk.is_some();
    Columns { senders, exchanges: exchanges.collect(), queues: queues.collect(), receivers, has_disk }
}

/// Those on the left and those on the right: who belongs together stands together, on the left if one of them sends.
fn actors(scenario: &Scenario) -> (Vec<Standing>, Vec<Standing>) {
    let seats: Vec<Seat<'_>> = scenario.seats().collect();
    let sends = |index: usize| index < scenario.producers.len();
    let is_left = |index: usize| {
        let mut mates = (0..seats.len()).filter(|mate| seats[*mate].shares_client(seats[index]));
        mates.any(sends)
    };
    let client = |index: usize| seats.iter().position(|seat| seat.shares_client(seats[index]));
    let connection = |index: usize| seats.iter().position(|seat| seat.shares_connection(seats[index]));
    let mut order: Vec<usize> = (0..seats.len()).collect();
    let rank = |index: &usize| (client(*index), connection(*index), *index);
    sort_by(&mut order, |one, other| rank(one).cmp(&rank(other)));
    let (left, right): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|index| is_left(*index));
    let standing = |index: &usize| {
        let id = ActorId(u32::try_from(*index).unwrap_or(u32::MAX));
        let place = if sends(*index) { Place::Producer(id) } else { Place::Consumer(id) };
        (place, seats[*index].actor.to_owned(), String::new())
    };
    (left.iter().map(standing).collect(), right.iter().map(standing).collect())
}

/// Where the key of a queue's next binding is in its note; `end` is where the note ends so far.
pub(super) fn next_key(scenario: &Scenario, end: &mut usize, binding: &Binding) -> Range<usize> {
    let length = key(scenario, binding).len();
    if length == 0 {
        return 0..0;
    }
    let start = if *end == 0 { 0 } else { *end + BETWEEN_KEYS.len() };
    *end = start + length;
    start..*end
}

/// What a binding asks of messages: its key, or for a headers exchange its arguments. An empty key is one, too, where keys
/// decide.
fn key(scenario: &Scenario, binding: &Binding) -> String {
    let asked = binding.arguments.iter().filter(|(name, _)| *name != *"x-match");
    let asked: Vec<String> = asked.map(|(name, value)| format!("{name}={value}")).collect();
    let any = binding.arguments.get("x-match").is_some_and(|how| how.as_text() == Some("any"));
    let word = if any { " | " } else { " & " };
    if !asked.is_empty() {
        return asked.join(word);
    }
    let exchange = scenario.exchanges.iter().find(|exchange| exchange.name == binding.exchange);
    let decide = |exchange: &Exchange| matches!(exchange.kind, ExchangeType::Direct | ExchangeType::Topic);
    if binding.routing_key.is_empty() && exchange.is_some_and(decide) {
        return "\"\"".to_owned();
    }
    binding.routing_key.clone()
}
