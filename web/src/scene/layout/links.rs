//! The ways between what stands on the stage.

use std::ops::Range;

use warren_core::ordered::{OrdMap, OrdSet};
use warren_sim::{
    ActorId, Binding, Scenario,
    warren_core::{
        Name,
        event::Destination,
        wire::{FieldTable, FieldValue},
    },
};

use super::{
    Box2, Broker, Curve, Node, Side, Socket, along, columns, folding::Folds, order::sent_to_by_name,
};
use crate::scene::{Place, Point, Step};

/// A way that messages go.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Link {
    pub(crate) ends: (Place, Place),
    /// From its beginning to its end, in two parts: between a client and the broker outside of the frame and inside of
    /// it; otherwise the second part is a point.
    curves: [Curve; 2],
    /// Which part is the cable of a client.
    pub(crate) cable: Option<usize>,
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
    /// Both parts.
    pub(crate) const fn curves(&self) -> [Curve; 2] {
        self.curves
    }

    /// The cable of a client, from the broker to it, if the way has one.
    pub(crate) fn cable_from_broker(&self) -> Option<Curve> {
        let [first, second] = self.curves;
        Some(if self.cable? == 0 { turned(first) } else { second })
    }

    /// What RabbitMQ calls a way aside, and where that is written: near its beginning, before others cross it, or on the
    /// right of one that leads along the column of exchanges.
    pub(crate) fn name_of_aside(&self) -> Option<(&'static str, Point, &'static str)> {
        const NEAR_ITS_BEGINNING: f64 = 0.2;
        const BESIDE: f64 = 4.0;
        let at = |part| along(&self.curves[0], part);
        let named = match self.ends.0 {
            Place::Queue(_) => ("DLX", at(NEAR_ITS_BEGINNING), "center"),
            _ => ("AE", Point { x: at(0.5).x + BESIDE, ..at(0.5) }, "left"),
        };
        self.aside.then_some(named)
    }

    pub(crate) const fn to(&self) -> Point {
        self.curves[1][3]
    }

    /// The same from its end to its beginning.
    pub(super) fn reversed(&self) -> Link {
        let ends = (self.ends.1.clone(), self.ends.0.clone());
        let [first, second] = self.curves;
        Link { ends, curves: [turned(second), turned(first)], ..self.clone() }
    }

    /// Points along it.
    pub(crate) fn points(&self) -> impl Iterator<Item = Point> {
        const PARTS: u32 = 24;
        let part = |index: u32| f64::from(index) / f64::from(PARTS);
        self.curves.iter().flat_map(move |curve| (0..=PARTS).map(move |index| along(curve, part(index))))
    }
}

/// The two points that a curve bends towards that leaves and arrives level, or upright.
pub(crate) fn bends(from: Point, to: Point) -> (Point, Point) {
    if (to.y - from.y).abs() > (to.x - from.x).abs() { upright(from, to) } else { level(from, to) }
}

fn level(from: Point, to: Point) -> (Point, Point) {
    let middle = f64::midpoint(from.x, to.x);
    (Point { x: middle, y: from.y }, Point { x: middle, y: to.y })
}

fn upright(from: Point, to: Point) -> (Point, Point) {
    let middle = f64::midpoint(from.y, to.y);
    (Point { x: from.x, y: middle }, Point { x: to.x, y: middle })
}

const fn turned([a, b, c, d]: Curve) -> Curve {
    [d, c, b, a]
}

const fn curve(from: Point, (a, b): (Point, Point), to: Point) -> Curve {
    [from, a, b, to]
}

/// Where things are, or what stands for them.
struct Areas<'a> {
    folds: &'a Folds,
    nodes: &'a [Node],
}

impl Areas<'_> {
    fn of(&self, place: &Place) -> Option<Box2> {
        let shown = self.folds.shown(place);
        self.nodes.iter().find(|node| node.place == *shown).map(|node| node.area)
    }
}

/// All ways.
pub(super) fn links(
    scenario: &Scenario,
    folds: &Folds,
    nodes: &[Node],
    broker: &Broker,
    sockets: &[Socket],
) -> Vec<Link> {
    let areas = Areas { folds, nodes };
    let area = |place: &Place| areas.of(place);
    let socket = |place: &Place| match place {
        Place::Producer(id) | Place::Consumer(id) => sockets.iter().find(|socket| socket.actors.contains(id)),
        _ => None,
    };
    let mut links = Vec::new();
    let mut link = |from: Place, to: Place, binding: Option<usize>, label: Range<usize>| {
        if let (Some(a), Some(b)) = (area(&from), area(&to)) {
            let (curves, cable) = match (socket(&from), socket(&to)) {
                (Some(socket), _) => {
                    let [inside, outside] = plugged_in(b, socket, a);
                    ([turned(outside), turned(inside)], Some(0))
                }
                (_, Some(socket)) => (plugged_in(a, socket, b), Some(1)),
                _ => (whole(between(a, b)), None),
            };
            let step = step(&from, &to, binding.and_then(|index| scenario.bindings.get(index)));
            // Of bindings that lie on one another none can be picked.
            let binding = binding.filter(|_| *folds.shown(&to) == to);
            links.push(Link { ends: (from, to), curves, cable, aside: false, binding, step, label });
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
        let label = columns::next_key(scenario, ends.entry(queue).or_default(), binding);
        let (exchange, queue) = (binding.exchange.as_str().into(), Place::Queue(queue.as_str().into()));
        link(Place::Exchange(exchange), queue, Some(index), label);
    }
    for queue in default_links(scenario) {
        link(Place::Exchange(Name::default()), queue, None, 0..0);
    }
    links.extend(ways_aside(scenario, &areas, broker));
    links
}

/// Between exchanges, and where dead letters and what no binding takes go.
fn ways_aside(scenario: &Scenario, areas: &Areas<'_>, broker: &Broker) -> Vec<Link> {
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
    let drawn = ways.into_iter().filter_map(|(from, to, binding)| {
        let curves = whole(aside(areas.of(&from)?, areas.of(&to)?, broker));
        let step = step(&from, &to, binding.and_then(|index| scenario.bindings.get(index)));
        let (is_aside, label) = (binding.is_none(), 0..0);
        Some(Link { ends: (from, to), curves, cable: None, aside: is_aside, binding, step, label })
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

/// A way in one part.
fn whole(only: Curve) -> [Curve; 2] {
    [only, [only[3]; 4]]
}

/// From a thing in the broker to a socket, and from there to a client.
fn plugged_in(thing: Box2, socket: &Socket, client: Box2) -> [Curve; 2] {
    let (at, there, outside) = (socket.at, thing.centre(), client.centre());
    let (from, to) = match socket.side {
        Side::Left => (Point { x: thing.left, y: there.y }, Point { x: client.right(), y: outside.y }),
        Side::Right => (Point { x: thing.right(), y: there.y }, Point { x: client.left, y: outside.y }),
        Side::Top => (Point { x: there.x, y: thing.top }, Point { x: outside.x, y: client.bottom() }),
        Side::Bottom => (Point { x: there.x, y: thing.bottom() }, Point { x: outside.x, y: client.top }),
    };
    let bend = if socket.side.is_upright() { upright } else { level };
    [curve(from, bend(from, at), at), curve(at, bend(at, to), to)]
}

/// A way that leads back, to a neighbour, or around others: away from the middles, where the others are.
fn aside(from: Box2, to: Box2, broker: &Broker) -> Curve {
    const ASIDE: f64 = 0.3;
    /// What is nearer than this is a neighbour.
    const NEAR: f64 = 50.0;
    let (a, b) = (from.centre(), to.centre());
    let is_above = (a.x - b.x).abs() < from.width.min(to.width) / 2.0;
    let gap = (to.top - from.bottom()).max(from.top - to.bottom());
    if is_above && gap < NEAR {
        let (from, to) = if b.y > a.y { (from.bottom(), to.top) } else { (from.top, to.bottom()) };
        let (from, to) = (Point { x: a.x, y: from }, Point { x: b.x, y: to });
        return curve(from, upright(from, to), to);
    }
    if is_above {
        // Beside the column, inside of the frame.
        let (from, to) = (Point { x: from.left, y: a.y }, Point { x: to.left, y: b.y });
        let x = (from.x.min(to.x) - 0.2 * (a.y - b.y).abs()).max(broker.area.left + 4.0);
        return curve(from, (Point { x, y: from.y }, Point { x, y: to.y }), to);
    }
    if to.left > from.right() {
        let (from, to) = (Point { x: from.right(), y: a.y }, Point { x: to.left, y: b.y });
        return curve(from, level(from, to), to);
    }
    if to.right() < from.left {
        let (from_y, to_y) = (a.y + ASIDE * from.height, b.y + ASIDE * to.height);
        let (from, to) = (Point { x: from.left, y: from_y }, Point { x: to.right(), y: to_y });
        return curve(from, level(from, to), to);
    }
    // One above the other, and not in one column.
    let (from_x, to_x) = (a.x + ASIDE * from.width, b.x + ASIDE * to.width);
    let (from_y, to_y) = if b.y > a.y { (from.bottom(), to.top) } else { (from.top, to.bottom()) };
    let (from, to) = (Point { x: from_x, y: from_y }, Point { x: to_x, y: to_y });
    curve(from, upright(from, to), to)
}

/// The default exchange leads to every queue by its name; only those are drawn that somebody sends to.
fn default_links(scenario: &Scenario) -> OrdSet<Place> {
    sent_to_by_name(scenario).map(|key| Place::Queue(key.into())).collect()
}

/// From edge to edge, the way that is the shortest.
fn between(from: Box2, to: Box2) -> Curve {
    let (a, b) = (from.centre(), to.centre());
    let is_level = to.left >= from.right() || to.right() <= from.left;
    if !is_level {
        let (from, to) = if b.y > a.y { (from.bottom(), to.top) } else { (from.top, to.bottom()) };
        let (from, to) = (Point { x: a.x, y: from }, Point { x: b.x, y: to });
        return curve(from, upright(from, to), to);
    }
    let (from, to) = if b.x > a.x { (from.right(), to.left) } else { (from.left, to.right()) };
    let (from, to) = (Point { x: from, y: a.y }, Point { x: to, y: b.y });
    curve(from, level(from, to), to)
}
