//! Where things stand: in columns from left to right, on a narrow screen in rows from top to bottom, or where someone
//! has put them.

mod badges;
mod beside;
mod broker;
mod clients;
mod column;
mod columns;
mod folding;
mod links;
mod names;
mod order;
mod path;
mod size;
#[cfg(test)]
mod tests;
mod upright;
mod wide;
mod within;

use warren_core::ordered::{OrdMap, OrdSet};
use warren_sim::{ActorId, Scenario, report, warren_core::Name};

use super::{Camera, Place, Point};
pub(crate) use badges::{Badge, badges_of};
pub(crate) use broker::Broker;
use broker::{Side, Socket};
pub(crate) use clients::ClientFrame;
use columns::Standing;
use folding::Folds;
pub(crate) use folding::{Fold, Folding};
pub(crate) use links::{Link, bends};
pub(crate) use path::{Curve, Path, along};
pub(crate) use size::{Density, Sizes};
pub(crate) use within::QueueRow;

/// Everything that stands on the stage, for a given size.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Layout {
    /// CSS pixels for each pixel of the layout.
    pub(crate) zoom: f64,
    /// Where the layout's corner is, in CSS pixels of the canvas.
    pub(crate) origin: Point,
    /// The canvas, in CSS pixels.
    pub(crate) size: Point,
    pub(crate) sizes: &'static Sizes,
    pub(crate) keys: Keys,
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
    pub(crate) clients: Vec<ClientFrame>,
    pub(crate) broker: Broker,
    pub(crate) folds: Folds,
    sockets: Vec<Socket>,
    index: OrdMap<Place, usize>,
    /// Where the link from a thing to another is in the list.
    link_index: OrdMap<(Place, Place), usize>,
}

/// Where the keys of a queue's bindings are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Keys {
    /// In front of it.
    Left,
    /// On its upper edge, where there may be no room in front of it.
    Top,
}

/// Something that stands on the stage.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) name: String,
    /// So many bytes at its beginning many of its kind have, too.
    pub(crate) shared: usize,
    /// An exchange's type, a queue's binding keys.
    pub(crate) note: String,
    /// How a queue or an exchange was declared, in short words.
    pub(crate) badges: Vec<Badge>,
    pub(crate) area: Box2,
}

impl Node {
    fn new((place, name, note): Standing, area: Box2) -> Node {
        Node { place, name, shared: 0, note, badges: Vec::new(), area }
    }
}

/// Finds what names of queues share at their beginning, and those of exchanges, and those of clients.
fn name_by_kind(nodes: &mut [Node]) {
    let kind = |place: &Place| match place {
        Place::Queue(_) | Place::Queues(_) => Some(0),
        Place::Exchange(_) => Some(1),
        Place::Producer(_) | Place::Consumer(_) | Place::Consumers(_) => Some(2),
        Place::Disk => None,
    };
    for wanted in 0..3 {
        let same: Vec<usize> =
            (0..nodes.len()).filter(|index| kind(&nodes[*index].place) == Some(wanted)).collect();
        let names: Vec<&str> = same.iter().map(|index| nodes[*index].name.as_str()).collect();
        for (index, shared) in same.iter().zip(names::shared_beginnings(&names)) {
            nodes[*index].shared = shared;
        }
    }
}

/// A rectangle, in pixels of the layout.
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

    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// The same with so much more on every side.
    pub(crate) fn grown(&self, by: f64) -> Box2 {
        let (width, height) = (self.width + 2.0 * by, self.height + 2.0 * by);
        Box2 { left: self.left - by, top: self.top - by, width, height }
    }

    /// The same around its middle, if it is smaller than this.
    fn at_least(&self, width: f64, height: f64) -> Box2 {
        let (middle, width, height) = (self.centre(), self.width.max(width), self.height.max(height));
        Box2 { left: middle.x - width / 2.0, top: middle.y - height / 2.0, width, height }
    }

    pub(crate) fn contains(&self, point: Point) -> bool {
        let (x, y) = (point.x - self.left, point.y - self.top);
        (0.0..=self.width).contains(&x) && (0.0..=self.height).contains(&y)
    }

    /// The smallest one around both.
    pub(crate) fn joined(&self, other: &Box2) -> Box2 {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        let right = (self.left + self.width).max(other.left + other.width);
        let bottom = (self.top + self.height).max(other.top + other.height);
        Box2 { left, top, width: right - left, height: bottom - top }
    }

    pub(crate) fn touches(&self, other: &Box2) -> bool {
        let overlap = |a: f64, a_size: f64, b: f64, b_size: f64| a <= b + b_size && b <= a + a_size;
        overlap(self.left, self.width, other.left, other.width)
            && overlap(self.top, self.height, other.top, other.height)
    }
}

/// Narrower stages stand upright, in CSS pixels.
const NARROW: f64 = 640.0;
const MARGIN: f64 = 14.0;
/// Room around what someone has put where it is.
const FRAME: f64 = 30.0;

/// How a scenario is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Wide,
    Upright,
    /// Where someone has put things.
    Arranged,
}

impl Way {
    fn of(scenario: &Scenario, width: f64) -> Way {
        match () {
            () if !scenario.positions.is_empty() => Way::Arranged,
            () if width < NARROW => Way::Upright,
            () => Way::Wide,
        }
    }
}

impl Layout {
    /// The stage of a scenario on `width` × `height` CSS pixels, whole.
    pub(crate) fn new(scenario: &Scenario, width: f64, height: f64) -> Layout {
        Layout::folded(scenario, &Folding::default(), width, height)
    }

    /// The same with exchanges folded as the visitor wants them.
    pub(crate) fn folded(scenario: &Scenario, folding: &Folding, width: f64, height: f64) -> Layout {
        let folds = Folds::of(scenario, folding);
        let columns = folds.fold(columns::columns(scenario));
        let sizes = Sizes::of(&columns, width < NARROW);
        let size = Point { x: width, y: height };
        match Way::of(scenario, width) {
            Way::Wide => {
                let (nodes, zoom) = wide::Wide::new(scenario, &folds, columns, sizes).place(width, height);
                Layout::around(scenario, folds, (nodes, sizes, Keys::Left), zoom, size).with_broker_in_sight()
            }
            Way::Upright => {
                let (nodes, zoom) = upright::place(columns, sizes, width, height);
                Layout::around(scenario, folds, (nodes, sizes, Keys::Top), zoom, size).with_broker_in_sight()
            }
            Way::Arranged => {
                let nodes = arranged(scenario, columns, sizes);
                Layout::around(scenario, folds, (nodes, sizes, Keys::Top), 1.0, size).whole()
            }
        }
    }

    /// With the broker around its things, and the ways between all of them.
    fn around(
        scenario: &Scenario,
        folds: Folds,
        (mut nodes, sizes, keys): (Vec<Node>, &'static Sizes, Keys),
        zoom: f64,
        size: Point,
    ) -> Layout {
        let broker = Broker::around(&nodes, sizes, scenario);
        if scenario.disk.is_some() {
            let area = broker.disk(sizes);
            let before_receivers = nodes.iter().rposition(|node| broker::is_inside_broker(&node.place));
            let index = before_receivers.map_or(nodes.len(), |index| index + 1);
            nodes.insert(index, Node::new((Place::Disk, "disk".to_owned(), String::new()), area));
        }
        nodes.iter_mut().for_each(|node| {
            let folded = folds.count(&node.place).map(Badge::Folded);
            node.badges = folded.into_iter().chain(badges_of(scenario, &node.place)).collect();
        });
        name_by_kind(&mut nodes);
        let sockets = broker::sockets(scenario, &folds, &nodes, &broker, sizes);
        let links = links::links(scenario, &folds, &nodes, &broker, &sockets);
        let index = nodes.iter().enumerate().map(|(index, node)| (node.place.clone(), index)).collect();
        let link_index = link_index(&links, &folds);
        let clients = clients::frames(scenario, &nodes, keys == Keys::Top && size.x < NARROW);
        let origin = Point::default();
        Layout {
            zoom,
            origin,
            size,
            sizes,
            keys,
            nodes,
            links,
            clients,
            broker,
            folds,
            sockets,
            index,
            link_index,
        }
    }

    /// The same, whole if there is nothing in the broker: its frame then has the size that it has.
    fn with_broker_in_sight(self) -> Layout {
        let is_empty = !self.nodes.iter().any(|node| broker::is_inside_broker(&node.place));
        if is_empty { self.whole() } else { self }
    }

    /// The same, so that all of it is seen.
    fn whole(mut self) -> Layout {
        let areas = self.nodes.iter().map(|node| node.area);
        let all = areas.fold(self.broker.area, |all, area| all.joined(&area)).grown(FRAME);
        let Point { x: width, y: height } = self.size;
        self.zoom = (width / all.width).min(height / all.height).clamp(0.05, usual_zoom(width));
        let middle = all.centre();
        self.origin = Point { x: width / 2.0 - middle.x * self.zoom, y: height / 2.0 - middle.y * self.zoom };
        self
    }

    /// The same, as the visitor has moved it.
    pub(crate) fn seen_by(mut self, camera: Camera) -> Layout {
        self.zoom *= camera.zoom;
        self.origin = Point {
            x: self.origin.x * camera.zoom + camera.offset.x,
            y: self.origin.y * camera.zoom + camera.offset.y,
        };
        self
    }

    /// The same with some things elsewhere, by so many pixels of the layout.
    pub(crate) fn with_moved(&self, scenario: &Scenario, places: &OrdSet<Place>, by: Point) -> Layout {
        let mut nodes = self.nodes.clone();
        nodes.retain(|node| node.place != Place::Disk);
        for node in nodes.iter_mut().filter(|node| places.contains(&node.place)) {
            node.area.left += by.x;
            node.area.top += by.y;
        }
        let moved = Layout::around(
            scenario,
            self.folds.clone(),
            (nodes, self.sizes, Keys::Top),
            self.zoom,
            self.size,
        );
        Layout { origin: self.origin, ..moved }
    }

    /// How high a stage of this width wants to be, in CSS pixels.
    pub(crate) fn wanted_height(scenario: &Scenario, folding: &Folding, width: f64) -> f64 {
        let folds = Folds::of(scenario, folding);
        let columns = folds.fold(columns::columns(scenario));
        let sizes = Sizes::of(&columns, width < NARROW);
        // As high when somebody has put things elsewhere: the stage is not to jump while something is moved.
        if width < NARROW {
            upright::wanted_height(columns, sizes)
        } else {
            wide::Wide::new(scenario, &folds, columns, sizes).wanted_height(width)
        }
    }

    /// Where a thing is, or what stands for it where it is folded.
    pub(crate) fn node(&self, place: &Place) -> Option<&Node> {
        self.nodes.get(*self.index.get(self.folds.shown(place))?)
    }

    pub(crate) fn centre(&self, place: &Place) -> Option<Point> {
        self.stands(place).map(|node| node.area.centre())
    }

    /// The thing that is drawn for this one.
    fn stands(&self, place: &Place) -> Option<&Node> {
        self.node(place).or_else(|| match place {
            // Servers send, and clients get answers.
            Place::Producer(actor) => self.node(&Place::Consumer(*actor)),
            Place::Consumer(actor) => self.node(&Place::Producer(*actor)),
            // An answer that needs no queue goes on from the exchange.
            Place::Queue(queue) if report::is_reply_address(queue) => {
                self.node(&Place::Exchange(Name::default()))
            }
            _ => None,
        })
    }

    /// Where in an exchange a message waits to be routed.
    pub(crate) fn waiting_at(&self, exchange: &Place) -> Option<Point> {
        self.stands(exchange).map(|node| self.sizes.exit(node, QueueRow::Ready))
    }

    /// Where a client is plugged into the broker.
    pub(crate) fn socket(&self, actor: ActorId) -> Option<Point> {
        let socket = self.sockets.iter().find(|socket| socket.actors.contains(&actor));
        socket.map(|socket| socket.at)
    }

    /// Where what a client held hangs when it has crashed: below it, or above it where there is no room.
    pub(crate) fn place_of_held(&self, client: &Place, place: usize) -> Option<Point> {
        let area = self.node(client)?.area;
        let radius = self.sizes.radius;
        let beside = ((area.width / (2.3 * radius)) as usize).max(1);
        let (column, row) = ((place % beside) as f64, (place / beside) as f64);
        let x = area.left + radius + column * 2.3 * radius;
        let down = radius + 8.0 + row * 2.3 * radius;
        let is_low = area.bottom() + down + radius > self.inward(self.size).y;
        Some(Point { x, y: if is_low { area.top - down } else { area.bottom() + down } })
    }

    /// How messages go from one thing to another: along the link between them, whichever way it leads, or straight. In a
    /// queue they begin and end in this row.
    pub(crate) fn path(&self, ends: &(Place, Place), row: QueueRow) -> Option<Path> {
        let (from, to) = (self.stands(&ends.0)?, self.stands(&ends.1)?);
        let (from, to) = (self.sizes.exit(from, row), self.sizes.entrance(to, row));
        if let Some(link) = self.link_index.get(ends) {
            let link = &self.links[*link];
            // What a producer has sent has left it.
            let from = if matches!(ends.0, Place::Producer(_)) { link.curves()[0][0] } else { from };
            return Some(Path::along(from, link, to));
        }
        let back = self.link_index.get(&(ends.1.clone(), ends.0.clone()));
        Some(back.map_or_else(
            || Path::straight(from, to),
            |link| Path::along(from, &self.links[*link].reversed(), to),
        ))
    }

    pub(crate) fn node_at(&self, point: Point) -> Option<&Node> {
        self.nodes.iter().find(|node| node.area.contains(point))
    }

    /// From a point of the canvas, in CSS pixels, to one of the layout.
    pub(crate) fn inward(&self, point: Point) -> Point {
        Point { x: (point.x - self.origin.x) / self.zoom, y: (point.y - self.origin.y) / self.zoom }
    }

    /// From a point of the layout to one of the canvas, in CSS pixels.
    pub(crate) fn outward(&self, point: Point) -> Point {
        Point { x: point.x * self.zoom + self.origin.x, y: point.y * self.zoom + self.origin.y }
    }

    /// Where everything stands, to be kept with the scenario.
    pub(crate) fn positions(&self, scenario: &Scenario) -> OrdMap<String, (i32, i32)> {
        // The disk is always at the foot of the broker.
        let movable = self.nodes.iter().filter(|node| node.place != Place::Disk);
        let position = |node: &Node| {
            // In a row it may be wider than where somebody has put it: its middle stays where it is.
            let ((width, height), middle) = (self.sizes.of_place(&node.place), node.area.centre());
            let corner = ((middle.x - width / 2.0).round() as i32, (middle.y - height / 2.0).round() as i32);
            Some((node.place.key(scenario)?, corner))
        };
        movable.filter_map(position).collect()
    }
}

/// By the ends of each, and by what is seen of those.
fn link_index(links: &[Link], folds: &Folds) -> OrdMap<(Place, Place), usize> {
    let mut index = OrdMap::new();
    for (place, Link { ends, .. }) in links.iter().enumerate() {
        index.insert(ends.clone(), place);
        index.insert((folds.shown(&ends.0).clone(), folds.shown(&ends.1).clone()), place);
    }
    index
}

/// Full size up to a usual screen; from there on things grow with the stage, to less than twice their size.
fn usual_zoom(width: f64) -> f64 {
    const USUAL: f64 = 1100.0;
    (width / USUAL).clamp(1.0, 1.9)
}

/// Where someone has put them; what is new stands below.
fn arranged(scenario: &Scenario, columns: columns::Columns, sizes: &Sizes) -> Vec<Node> {
    const APART: f64 = 28.0;
    let lowest = scenario.positions.values().map(|(_, top)| f64::from(*top)).fold(0.0, f64::max);
    let mut left = 0.0;
    let mut nodes = Vec::new();
    for (place, name, note) in columns.all() {
        let (width, height) = sizes.of_place(&place);
        let kept = place.key(scenario).and_then(|key| scenario.positions.get(&key));
        let corner = kept.map(|(left, top)| Point { x: f64::from(*left), y: f64::from(*top) });
        let corner = corner.unwrap_or_else(|| {
            let x = left;
            left += width + APART;
            Point { x, y: lowest + 120.0 }
        });
        let area = Box2 { left: corner.x, top: corner.y, width, height };
        nodes.push(Node::new((place, name, note), area));
    }
    nodes
}
