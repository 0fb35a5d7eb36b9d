//! Where things stand: four columns from left to right, or on a narrow screen four rows from top to bottom.

use warren_sim::{
    ActorId, Binding, Scenario, report,
    warren_core::{
        Name,
        wire::{FieldTable, FieldValue},
    },
};

use super::{Place, Point};

/// Everything that stands on the stage, for a given size.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Layout {
    /// On large screens everything is drawn larger: CSS pixels for each pixel of the layout.
    pub(crate) zoom: f64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
}

/// Something that stands on the stage.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) name: String,
    /// An exchange's type, a queue's binding keys.
    pub(crate) note: String,
    pub(crate) area: Box2,
}

/// A way that messages go.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Link {
    pub(crate) from: Point,
    pub(crate) to: Point,
    /// The way of what is not wanted where it is: to a dead-letter exchange, or an alternate exchange.
    pub(crate) aside: bool,
}

/// A rectangle, in CSS pixels.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Box2 {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Box2 {
    pub(crate) fn centre(&self) -> Point {
        Point { x: self.left + self.width / 2.0, y: self.top + self.height / 2.0 }
    }

    pub(crate) fn contains(&self, point: Point) -> bool {
        let (x, y) = (point.x - self.left, point.y - self.top);
        (0.0..=self.width).contains(&x) && (0.0..=self.height).contains(&y)
    }
}

/// Narrower stages stand upright, in CSS pixels.
const NARROW: f64 = 640.0;
const MARGIN: f64 = 14.0;
const NODE_HEIGHT: f64 = 78.0;
/// Where no message rests, a name is enough.
const LOW_NODE_HEIGHT: f64 = 46.0;
const NODE_WIDTH: f64 = 156.0;
const MIN_GAP: f64 = 14.0;

impl Layout {
    /// The stage of a scenario on `width` × `height` CSS pixels.
    pub(crate) fn new(scenario: &Scenario, width: f64, height: f64) -> Layout {
        let zoom = zoom(width);
        let (width, height) = (width / zoom, height / zoom);
        let upright = width < NARROW;
        let columns = columns(scenario);
        let count = columns.len() as f64;
        let mut nodes = Vec::new();
        for (index, column) in columns.into_iter().enumerate() {
            let members = column.len() as f64;
            for (position, (place, name, note)) in column.into_iter().enumerate() {
                let (along, across) = ((index as f64 + 0.5) / count, (position as f64 + 0.5) / members);
                let wanted_height = if matches!(place, Place::Producer(_) | Place::Exchange(_)) {
                    LOW_NODE_HEIGHT
                } else {
                    NODE_HEIGHT
                };
                let (centre, node_width, node_height) = if upright {
                    let room = (width - 2.0 * MARGIN) / members - MIN_GAP / 2.0;
                    let centre = Point { x: MARGIN + across * (width - 2.0 * MARGIN), y: along * height };
                    (centre, NODE_WIDTH.min(room), wanted_height)
                } else {
                    let room = height / members - MIN_GAP;
                    let centre = Point { x: along * width, y: across * height };
                    let widest = width / count - 4.0 * MIN_GAP;
                    (centre, NODE_WIDTH.min(widest), wanted_height.min(room))
                };
                let area = Box2 {
                    left: centre.x - node_width / 2.0,
                    top: centre.y - node_height / 2.0,
                    width: node_width,
                    height: node_height,
                };
                nodes.push(Node { place, name, note, area });
            }
        }
        let links = links(scenario, &nodes, upright);
        Layout { zoom, nodes, links }
    }

    /// How high a stage of this width wants to be, in CSS pixels.
    pub(crate) fn wanted_height(scenario: &Scenario, width: f64) -> f64 {
        if width < NARROW {
            return 560.0;
        }
        let tallest = columns(scenario).iter().map(Vec::len).max().unwrap_or(1) as f64;
        (tallest * (NODE_HEIGHT + 3.0 * MIN_GAP)).clamp(340.0, 900.0) * zoom(width)
    }

    pub(crate) fn node(&self, place: &Place) -> Option<&Node> {
        self.nodes.iter().find(|node| node.place == *place)
    }

    pub(crate) fn centre(&self, place: &Place) -> Option<Point> {
        let stands = |place: &Place| self.node(place).map(|node| node.area.centre());
        stands(place).or_else(|| match place {
            // Servers send, and clients get answers.
            Place::Producer(actor) => stands(&Place::Consumer(*actor)),
            Place::Consumer(actor) => stands(&Place::Producer(*actor)),
            // An answer that needs no queue goes on from the exchange.
            Place::Queue(queue) if report::is_reply_address(queue) => {
                stands(&Place::Exchange(Name::default()))
            }
            _ => None,
        })
    }

    pub(crate) fn node_at(&self, point: Point) -> Option<&Node> {
        self.nodes.iter().find(|node| node.area.contains(point))
    }
}

/// Full size up to a usual screen; from there on things grow with the stage, to less than twice their size.
fn zoom(width: f64) -> f64 {
    const USUAL: f64 = 1100.0;
    (width / USUAL).clamp(1.0, 1.9)
}

type Standing = (Place, String, String);

/// Producers, exchanges, queues, consumers.
fn columns(scenario: &Scenario) -> Vec<Vec<Standing>> {
    let producers = (0..)
        .zip(&scenario.producers)
        .map(|(id, producer)| (Place::Producer(ActorId(id)), producer.name.clone(), String::new()));
    let first_consumer = u32::try_from(scenario.producers.len()).unwrap_or(u32::MAX);
    let consumers = (first_consumer..)
        .zip(&scenario.consumers)
        .map(|(id, consumer)| (Place::Consumer(ActorId(id)), consumer.name.clone(), String::new()));
    let uses_default = scenario.producers.iter().any(|producer| producer.exchange.is_empty());
    let default = uses_default.then(|| (Place::Exchange(Name::default()), "default".into(), "direct".into()));
    let exchanges = default.into_iter().chain(scenario.exchanges.iter().map(|exchange| {
        let place = Place::Exchange(Name::from(exchange.name.as_str()));
        (place, exchange.name.clone(), exchange.kind.as_str().to_owned())
    }));
    let queues = scenario.queues.iter().map(|queue| {
        let bindings = scenario.bindings.iter().filter(|binding| binding.queue.as_ref() == Some(&queue.name));
        let keys: Vec<String> = bindings.map(key).filter(|key| !key.is_empty()).collect();
        (Place::Queue(Name::from(queue.name.as_str())), queue.name.clone(), keys.join("  "))
    });
    let disk = scenario.disk.iter().map(|_| (Place::Disk, "disk".to_owned(), String::new()));
    let queues = queues.chain(disk).collect();
    vec![producers.collect(), exchanges.collect(), queues, consumers.collect()]
}

/// What a binding asks of messages: its key, or for a headers exchange its arguments.
fn key(binding: &Binding) -> String {
    let asked = binding.arguments.iter().filter(|(name, _)| *name != *"x-match");
    let asked: Vec<String> = asked.map(|(name, value)| format!("{name}={value}")).collect();
    let any = binding.arguments.get("x-match").is_some_and(|how| how.as_text() == Some("any"));
    let word = if any { " | " } else { " & " };
    if asked.is_empty() { binding.routing_key.clone() } else { asked.join(word) }
}

fn links(scenario: &Scenario, nodes: &[Node], upright: bool) -> Vec<Link> {
    let area = |place: &Place| nodes.iter().find(|node| node.place == *place).map(|node| node.area);
    let mut links = Vec::new();
    let mut link = |from: &Place, to: &Place| {
        if let (Some(from), Some(to)) = (area(from), area(to)) {
            links.push(between(from, to, upright));
        }
    };
    for node in nodes {
        if let Place::Producer(ActorId(id)) = node.place
            && let Some(producer) = scenario.producers.get(id as usize)
        {
            link(&node.place, &Place::Exchange(producer.exchange.as_str().into()));
        }
        if let Place::Consumer(ActorId(id)) = node.place
            && let Some(consumer) = scenario.consumers.get(id as usize - scenario.producers.len())
        {
            link(&Place::Queue(consumer.queue.as_str().into()), &node.place);
        }
    }
    for binding in &scenario.bindings {
        let Some(queue) = &binding.queue else { continue };
        let (exchange, queue) = (binding.exchange.as_str().into(), queue.as_str().into());
        link(&Place::Exchange(exchange), &Place::Queue(queue));
    }
    for queue in default_links(scenario) {
        link(&Place::Exchange(Name::default()), &queue);
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
    let mut ways: Vec<(Place, Place, bool)> = Vec::new();
    for binding in &scenario.bindings {
        let to = binding.to_exchange.iter();
        ways.extend(to.map(|to| (exchange(&binding.exchange), exchange(to), false)));
    }
    for from in &scenario.exchanges {
        let to = text(&from.arguments, "alternate-exchange");
        ways.extend(to.map(|to| (exchange(&from.name), exchange(&to), true)));
    }
    for from in &scenario.queues {
        let key = text(&from.arguments, "x-dead-letter-routing-key").unwrap_or_else(|| from.name.clone());
        let to = text(&from.arguments, "x-dead-letter-exchange");
        // The default exchange leads to the queue that the key names.
        let to = to.map(|to| if to.is_empty() { queue(&key) } else { exchange(&to) });
        ways.extend(to.map(|to| (queue(&from.name), to, true)));
    }
    let area = |place: &Place| nodes.iter().find(|node| node.place == *place).map(|node| node.area);
    let drawn = ways.into_iter().filter_map(|(from, to, aside)| {
        let (from, to) = edges(area(&from)?, area(&to)?, upright);
        Some(Link { from, to, aside })
    });
    drawn.collect()
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

fn between(from: Box2, to: Box2, upright: bool) -> Link {
    let (from, to) = if upright {
        let (a, b) = (from.centre(), to.centre());
        (Point { x: a.x, y: from.top + from.height }, Point { x: b.x, y: to.top })
    } else {
        let (a, b) = (from.centre(), to.centre());
        (Point { x: from.left + from.width, y: a.y }, Point { x: to.left, y: b.y })
    };
    Link { from, to, aside: false }
}
