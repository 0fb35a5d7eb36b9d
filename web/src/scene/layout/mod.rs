//! Where things stand: in columns from left to right, on a narrow screen in rows from top to bottom, or where someone
//! has put them.

mod clients;
mod columns;
mod links;
mod path;

use warren_core::ordered::{OrdMap, OrdSet};
use warren_sim::{Scenario, report, warren_core::Name};

use super::{Camera, Place, Point};
pub(crate) use clients::ClientFrame;
use columns::Standing;
pub(crate) use links::{Link, bends};
pub(crate) use path::Path;

/// Everything that stands on the stage, for a given size.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Layout {
    /// CSS pixels for each pixel of the layout.
    pub(crate) zoom: f64,
    /// Where the layout's corner is, in CSS pixels of the canvas.
    pub(crate) origin: Point,
    /// The canvas, in CSS pixels.
    pub(crate) size: Point,
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
    pub(crate) clients: Vec<ClientFrame>,
    index: OrdMap<Place, usize>,
    /// Where the link from a thing to another is in the list.
    link_index: OrdMap<(Place, Place), usize>,
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
const NODE_HEIGHT: f64 = 78.0;
/// Where no message rests, a name is enough.
const LOW_NODE_HEIGHT: f64 = 46.0;
const NODE_WIDTH: f64 = 156.0;
const MIN_GAP: f64 = 14.0;
/// A column with more members is divided.
const TALLEST: usize = 14;
/// Room around what someone has put where it is.
const FRAME: f64 = 40.0;

impl Layout {
    /// The stage of a scenario on `width` × `height` CSS pixels, whole.
    pub(crate) fn new(scenario: &Scenario, width: f64, height: f64) -> Layout {
        let (nodes, zoom, origin) = if scenario.positions.is_empty() {
            automatic(scenario, width, height)
        } else {
            arranged(scenario, width, height)
        };
        let upright = scenario.positions.is_empty() && width < NARROW;
        let links = links::links(scenario, &nodes, upright);
        let index = nodes.iter().enumerate().map(|(index, node)| (node.place.clone(), index)).collect();
        let size = Point { x: width, y: height };
        let link_index = link_index(&links);
        let clients = clients::frames(scenario, &nodes, upright);
        Layout { zoom, origin, size, nodes, links, clients, index, link_index }
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
        let mut moved = self.clone();
        for node in moved.nodes.iter_mut().filter(|node| places.contains(&node.place)) {
            node.area.left += by.x;
            node.area.top += by.y;
        }
        moved.links = links::links(scenario, &moved.nodes, false);
        moved.link_index = link_index(&moved.links);
        moved.clients = clients::frames(scenario, &moved.nodes, false);
        moved
    }

    /// How high a stage of this width wants to be, in CSS pixels.
    pub(crate) fn wanted_height(scenario: &Scenario, width: f64) -> f64 {
        if width < NARROW {
            return 560.0;
        }
        if !scenario.positions.is_empty() {
            return 560.0;
        }
        let columns = columns::columns(scenario);
        let tallest = columns.iter().map(|column| column.len().min(TALLEST)).max().unwrap_or(1) as f64;
        (tallest * (NODE_HEIGHT + 3.0 * MIN_GAP)).clamp(340.0, 900.0) * usual_zoom(width)
    }

    pub(crate) fn node(&self, place: &Place) -> Option<&Node> {
        self.nodes.get(*self.index.get(place)?)
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

    /// How messages go from one thing to another: along the link between them, whichever way it leads, or straight.
    pub(crate) fn path(&self, ends: &(Place, Place)) -> Option<Path> {
        let (from, to) = (self.centre(&ends.0)?, self.centre(&ends.1)?);
        if let Some(link) = self.link_index.get(ends) {
            return Some(Path::along(from, &self.links[*link], to));
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
        let position = |node: &Node| {
            let corner = (node.area.left.round() as i32, node.area.top.round() as i32);
            Some((node.place.key(scenario)?, corner))
        };
        self.nodes.iter().filter_map(position).collect()
    }
}

fn link_index(links: &[Link]) -> OrdMap<(Place, Place), usize> {
    links.iter().enumerate().map(|(index, link)| (link.ends.clone(), index)).collect()
}

/// Full size up to a usual screen; from there on things grow with the stage, to less than twice their size.
fn usual_zoom(width: f64) -> f64 {
    const USUAL: f64 = 1100.0;
    (width / USUAL).clamp(1.0, 1.9)
}

fn height_of(place: &Place) -> f64 {
    if matches!(place, Place::Producer(_) | Place::Exchange(_)) { LOW_NODE_HEIGHT } else { NODE_HEIGHT }
}

/// Columns or rows that fill the stage; where there are too many things for it, all of it is smaller.
fn automatic(scenario: &Scenario, width: f64, height: f64) -> (Vec<Node>, f64, Point) {
    let upright = width < NARROW;
    let columns = columns::columns(scenario);
    let lengths: Vec<usize> = columns.iter().map(Vec::len).collect();
    let highest = if upright { TALLEST } else { best_division(&lengths, width, height) };
    let columns: Vec<Vec<Standing>> =
        columns.into_iter().flat_map(|column| divided(column, highest)).collect();
    let count = columns.len() as f64;
    let zoom = if upright { 1.0 } else { zoom_of(&lengths, highest, width, height) };
    let (width, height) = (width / zoom, height / zoom);
    // Where clients have frames, those need room, too.
    let edge = if scenario.seats().any(|seat| !seat.client.is_empty()) { clients::EDGE / 2.0 } else { 0.0 };
    let mut nodes = Vec::new();
    for (index, column) in columns.into_iter().enumerate() {
        let members = column.len() as f64;
        for (position, (place, name, note)) in column.into_iter().enumerate() {
            let (along, across) = ((index as f64 + 0.5) / count, (position as f64 + 0.5) / members);
            let wanted_height = height_of(&place);
            let (centre, node_width, node_height) = if upright {
                let room = (width - 2.0 * MARGIN) / members - MIN_GAP / 2.0;
                let centre = Point { x: MARGIN + across * (width - 2.0 * MARGIN), y: along * height };
                (centre, NODE_WIDTH.min(room), wanted_height)
            } else {
                let room = (height - 2.0 * edge) / members - MIN_GAP;
                let centre = Point { x: along * width, y: edge + across * (height - 2.0 * edge) };
                let widest = width / count - 2.0 * MIN_GAP;
                (centre, NODE_WIDTH.min(widest), wanted_height.min(room))
            };
            let (left, top) = (centre.x - node_width / 2.0, centre.y - node_height / 2.0);
            let area = Box2 { left, top, width: node_width, height: node_height };
            nodes.push(Node { place, name, note, area });
        }
    }
    (nodes, zoom, Point::default())
}

/// How many members columns should have at most, so that everything is as large as it can be.
fn best_division(lengths: &[usize], width: f64, height: f64) -> usize {
    let longest = lengths.iter().copied().max().unwrap_or(1);
    let zoom = |highest: usize| zoom_of(lengths, highest, width, height);
    let better = |best: usize, other: usize| if zoom(other) > zoom(best) { other } else { best };
    (TALLEST..=longest).fold(TALLEST, better)
}

/// How large everything is when columns have so many members at most: CSS pixels for each pixel of the layout.
fn zoom_of(lengths: &[usize], highest: usize, width: f64, height: f64) -> f64 {
    let parts = |length: usize| length.div_ceil(highest).max(1);
    let count = lengths.iter().map(|length| parts(*length)).sum::<usize>() as f64;
    let tallest =
        lengths.iter().map(|length| length.div_ceil(parts(*length))).max().unwrap_or(1).max(1) as f64;
    let (needs_x, needs_y) = (count * (NODE_WIDTH + 1.5 * MIN_GAP), tallest * (LOW_NODE_HEIGHT + MIN_GAP));
    usual_zoom(width).min(width / needs_x).min(height / needs_y)
}

fn divided(column: Vec<Standing>, highest: usize) -> Vec<Vec<Standing>> {
    let parts = column.len().div_ceil(highest).max(1);
    let each = column.len().div_ceil(parts).max(1);
    let mut columns: Vec<Vec<Standing>> = Vec::new();
    for standing in column {
        match columns.last_mut().filter(|last| last.len() < each) {
            Some(last) => last.push(standing),
            None => columns.push(vec![standing]),
        }
    }
    if columns.is_empty() { vec![Vec::new()] } else { columns }
}

/// Where someone has put it; what is new stands below. The whole of it fits.
fn arranged(scenario: &Scenario, width: f64, height: f64) -> (Vec<Node>, f64, Point) {
    let lowest = scenario.positions.values().map(|(_, top)| f64::from(*top)).fold(0.0, f64::max);
    let mut new = 0.0;
    let mut nodes = Vec::new();
    for (place, name, note) in columns::columns(scenario).into_iter().flatten() {
        let kept = place.key(scenario).and_then(|key| scenario.positions.get(&key));
        let (left, top) = kept.map_or_else(
            || {
                new += NODE_WIDTH + 2.0 * MIN_GAP;
                (new, lowest + NODE_HEIGHT + 3.0 * MIN_GAP)
            },
            |(left, top)| (f64::from(*left), f64::from(*top)),
        );
        let area = Box2 { left, top, width: NODE_WIDTH, height: height_of(&place) };
        nodes.push(Node { place, name, note, area });
    }
    let edge = |pick: fn(&Box2) -> f64, fold: fn(f64, f64) -> f64, start: f64| {
        nodes.iter().map(|node| pick(&node.area)).fold(start, fold)
    };
    let (left, top) = (edge(|a| a.left, f64::min, f64::MAX), edge(|a| a.top, f64::min, f64::MAX));
    let right = edge(|a| a.left + a.width, f64::max, f64::MIN);
    let bottom = edge(|a| a.top + a.height, f64::max, f64::MIN);
    let (wide, high) = (right - left + 2.0 * FRAME, bottom - top + 2.0 * FRAME);
    let zoom = (width / wide).min(height / high).clamp(0.05, usual_zoom(width));
    let origin =
        Point { x: (width - (left + right) * zoom) / 2.0, y: (height - (top + bottom) * zoom) / 2.0 };
    (nodes, zoom, origin)
}
