//! The ways between what stands on the stage.

use std::ops::Range;

use warren_core::ordered::OrdMap;
use warren_sim::{
    ActorId, Binding, Scenario,
    warren_core::{
        Name,
        event::Destination,
        wire::{FieldTable, FieldValue},
    },
};

use super::{Box2, Node, columns};
use crate::scene::{Place, Point, Step};

/// A way that messages go.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Link {
    pub(crate) ends: (Place, Place),
    pub(crate) from: Point,
    pub(crate) to: Point,
    /// The way of what is not wanted where it is: to a dead-letter exchange, or an alternate exchange.
    pub(crate) aside: bool,
    /// Which of the scenario's bindings it is, if it is one.
    pub(crate) binding: Option<usize>,
    /// What the broker calls it when a message takes it, if it leads from an exchange.
    pub(crate) step: Option<Step>,
    /// Where its key is in the note of its queue.
    pub(crate) label: Range<usize>,
}

impl Link {
    /// The two points that the curve of a way bends towards: it leaves and arrives level.
    pub(crate) fn bends(&self) -> (Point, Point) {
        bends(self.from, self.to)
    }

    /// The same from its end to its beginning.
    pub(super) fn reversed(&self) -> Link {
        let ends = (self.ends.1.clone(), self.ends.0.clone());
        Link { ends, from: self.to, to: self.from, ..self.clone() }
    }

    /// The point of the curve that is `part` of the way along it, from 0 to 1.
    pub(crate) fn at(&self, part: f64) -> Point {
        let (a, b) = self.bends();
        let (ab, bc, cd) = (self.from.towards(a, part), a.towards(b, part), b.towards(self.to, part));
        let (abc, bcd) = (ab.towards(bc, part), bc.towards(cd, part));
        abc.towards(bcd, part)
    }
}

/// The two points that a curve bends towards that leaves and arrives level.
pub(crate) fn bends(from: Point, to: Point) -> (Point, Point) {
    if (to.y - from.y).abs() > (to.x - from.x).abs() {
        let middle = f64::midpoint(from.y, to.y);
        (Point { x: from.x, y: middle }, Point { x: to.x, y: middle })
    } else {
        let middle = f64::midpoint(from.x, to.x);
        (Point { x: middle, y: from.y }, Point { x: middle, y: to.y })
    }
}

pub(super) fn links(scenario: &Scenario, nodes: &[Node], upright: bool) -> Vec<Link> {
    let area = |place: &Place| nodes.iter().find(|node| node.place == *place).map(|node| node.area);
    let mut links = Vec::new();
    let mut link = |from: Place, to: Place, binding: Option<usize>, label: Range<usize>| {
        if let (Some(a), Some(b)) = (area(&from), area(&to)) {
            let (a, b) = between(a, b, upright);
            let step = step(&from, &to, binding.and_then(|index| scenario.bindings.get(index)));
            links.push(Link { ends: (from, to), from: a, to: b, aside: false, binding, step, label });
        }
    };
    for (id, producer) in (0..).zip(&scenario.producers) {
        let exchange = Place::Exchange(producer.exchange.as_str().into());
        link(Place::Producer(ActorId(id)), exchange, None, 0..0);
    }
    let first_consumer = u32::try_from(scenario.producers.len()).unwrap_or(u32::MAX);
    for (id, consumer) in (first_consumer..).zip(&scenario.consumers) {
        link(Place::Queue(consumer.queue.as_str().into()), Place::Consumer(ActorId(id)), None, 0..0);
    }
    let mut ends: OrdMap<&str, usize> = OrdMap::new();
    for (index, binding) in scenario.bindings.iter().enumerate() {
        let Some(queue) = &binding.queue else { continue };
        let label = columns::next_key(ends.entry(queue).or_default(), binding);
        let (exchange, queue) = (binding.exchange.as_str().into(), queue.as_str().into());
        link(Place::Exchange(exchange), Place::Queue(queue), Some(index), label);
    }
    for queue in default_links(scenario) {
        link(Place::Exchange(Name::default()), queue, None, 0..0);
    }
    links.extend(ways_aside(scenario, nodes, upright));
    links
}

/// Between exchanges, and where dead letters and what no binding takes go.
fn ways_aside(scenario: &Scenario, nodes: &[Node], upright: bool) -> Vec<Link> {
    let exchange = |name: &str| Place::Exchange(name.into());
    let queue = |name: &str| Place::Queue(name.into());
    let text =
        |arguments: &FieldTable, key| arguments.get(key).and_then(FieldValue::as_text).map(str::to_owned);
    let mut ways: Vec<(Place, Place, Option<usize>)> = Vec::new();
    for (index, binding) in scenario.bindings.iter().enumerate() {
        let to = binding.to_exchange.iter();
        ways.extend(to.map(|to| (exchange(&binding.exchange), exchange(to), Some(index))));
    }
    for from in &scenario.exchanges {
        let to = text(&from.arguments, "alternate-exchange");
        ways.extend(to.map(|to| (exchange(&from.name), exchange(&to), None)));
    }
    for from in &scenario.queues {
        let key = text(&from.arguments, "x-dead-letter-routing-key").unwrap_or_else(|| from.name.clone());
        let to = text(&from.arguments, "x-dead-letter-exchange");
        // The default exchange leads to the queue that the key names.
        let to = to.map(|to| if to.is_empty() { queue(&key) } else { exchange(&to) });
        ways.extend(to.map(|to| (queue(&from.name), to, None)));
    }
    let area = |place: &Place| nodes.iter().find(|node| node.place == *place).map(|node| node.area);
    let drawn = ways.into_iter().filter_map(|(from, to, binding)| {
        let (a, b) = edges(area(&from)?, area(&to)?, upright);
        let step = step(&from, &to, binding.and_then(|index| scenario.bindings.get(index)));
        let (aside, label) = (binding.is_none(), 0..0);
        Some(Link { ends: (from, to), from: a, to: b, aside, binding, step, label })
    });
    drawn.collect()
}

/// What the broker calls a way: one without a binding leads from the default exchange to a queue by its name, or to an
/// alternate exchange.
fn step(from: &Place, to: &Place, binding: Option<&Binding>) -> Option<Step> {
    let Place::Exchange(exchange) = from else { return None };
    let destination = match to {
        Place::Queue(queue) => Destination::Queue(queue.clone()),
        Place::Exchange(exchange) => Destination::Exchange(exchange.clone()),
        _ => return None,
    };
    let binding = match (binding, to) {
        (Some(binding), _) => {
            let mut arguments = binding.arguments.clone();
            arguments.sort();
            Some((Name::from(binding.routing_key.as_str()), arguments))
        }
        (None, Place::Queue(queue)) => Some((queue.clone(), FieldTable::default())),
        (None, _) => None,
    };
    Some(Step { ends: (exchange.clone(), destination), binding })
}

/// Where a way begins and ends that leads back, or to a neighbour: away from the middles, where the others are.
fn edges(from: Box2, to: Box2, upright: bool) -> (Point, Point) {
    const ASIDE: f64 = 0.3;
    let (a, b) = (from.centre(), to.centre());
    let (below, above) = (|area: Box2| area.top + area.height, |area: Box2| area.top);
    let (right, left) = (|area: Box2| area.left + area.width, |area: Box2| area.left);
    let neighbours = if upright { (a.y - b.y).abs() < 1.0 } else { (a.x - b.x).abs() < 1.0 };
    match (upright, neighbours) {
        (false, true) if b.y > a.y => (Point { x: a.x, y: below(from) }, Point { x: b.x, y: above(to) }),
        (false, true) => (Point { x: a.x, y: above(from) }, Point { x: b.x, y: below(to) }),
        (true, true) if b.x > a.x => (Point { x: right(from), y: a.y }, Point { x: left(to), y: b.y }),
        (true, true) => (Point { x: left(from), y: a.y }, Point { x: right(to), y: b.y }),
        // Forwards, from edge to edge.
        (false, false) if left(to) > right(from) => {
            (Point { x: right(from), y: a.y }, Point { x: left(to), y: b.y })
        }
        (false, false) => {
            let (a, b) = (a.y + ASIDE * from.height, b.y + ASIDE * to.height);
            (Point { x: left(from), y: a }, Point { x: right(to), y: b })
        }
        (true, false) => {
            let (a, b) = (a.x + ASIDE * from.width, b.x + ASIDE * to.width);
            (Point { x: a, y: above(from) }, Point { x: b, y: below(to) })
        }
    }
}

/// The default exchange leads to every queue by its name; only those are drawn that somebody sends to.
fn default_links(scenario: &Scenario) -> impl Iterator<Item = Place> {
    let senders = scenario.producers.iter().filter(|producer| producer.exchange.is_empty());
    senders.flat_map(|producer| &producer.routing_key).map(|key| Place::Queue(key.as_str().into()))
}

fn between(from: Box2, to: Box2, upright: bool) -> (Point, Point) {
    let (a, b) = (from.centre(), to.centre());
    if upright {
        (Point { x: a.x, y: from.top + from.height }, Point { x: b.x, y: to.top })
    } else if from.left <= to.left + to.width {
        (Point { x: from.left + from.width, y: a.y }, Point { x: to.left, y: b.y })
    } else {
        // Somebody has put it to the left.
        (Point { x: from.left, y: a.y }, Point { x: to.left + to.width, y: b.y })
    }
}
