//! Columns from left to right: clients that send, the broker's exchanges and queues, clients that receive.

use warren_core::ordered::sort_by;
use warren_sim::Scenario;

use super::{
    Box2, MARGIN, Node, Sizes, clients,
    column::settled,
    columns::{Columns, Standing},
    folding::Folds,
    order::{Middles, Neighbours},
    usual_zoom,
};
use crate::scene::{Place, Point};

/// What there is to place, and how large it is.
pub(super) struct Wide<'a> {
    scenario: &'a Scenario,
    folds: &'a Folds,
    columns: Columns,
    sizes: &'static Sizes,
    /// The keys of bindings stand in front of their queues, so wide.
    keys: f64,
}

/// How a column is divided: into so many, of so many members each.
#[derive(Clone, Copy)]
struct Division {
    parts: usize,
    members: usize,
}

/// Between the parts of a column that is divided.
const PARTS_APART: f64 = 24.0;
/// With more room cables and bindings become longer, but not endless.
const LONGEST_CABLE: f64 = 150.0;
const LONGEST_BINDING: f64 = 190.0;
/// Between exchanges and queues, at least, where ways lead back that cross each other and have names.
const WAYS_BACK: f64 = 104.0;
/// To divide a column is worth it where everything becomes larger by this part.
const WORTH: f64 = 1.05;
/// More members stand in one column only if there is room.
const SHORTEST: usize = 7;
/// Between queues of different exchanges there is so much more room, where queues are lines.
const GROUPS_APART: f64 = 8.0;

impl Wide<'_> {
    pub(super) fn new<'a>(
        scenario: &'a Scenario,
        folds: &'a Folds,
        columns: Columns,
        sizes: &'static Sizes,
    ) -> Wide<'a> {
        let queues = columns.queues.iter().filter(|(place, ..)| matches!(place, Place::Queue(_)));
        let longest = queues.map(|(_, _, keys)| keys.chars().count()).max().unwrap_or_default();
        let keys = if longest == 0 { 0.0 } else { key_width(longest) + 22.0 };
        Wide { scenario, folds, columns, sizes, keys }
    }

    /// How high the stage wants to be at this width, in CSS pixels.
    pub(super) fn wanted_height(&self, width: f64) -> f64 {
        let whole = self.columns.tallest().max(1);
        let natural = self.natural(whole);
        let zoom = usual_zoom(width).min(width / natural.x);
        (natural.y * zoom).clamp(300.0, 900.0)
    }

    /// What stands where, and how much larger than the layout everything is.
    pub(super) fn place(self, width: f64, height: f64) -> (Vec<Node>, f64) {
        let longest = self.columns.tallest().max(1);
        let mut best = (longest, self.zoom(longest, width, height));
        for highest in (SHORTEST..longest).rev() {
            let zoom = self.zoom(highest, width, height);
            if zoom > best.1 * WORTH {
                best = (highest, zoom);
            }
        }
        let (highest, zoom) = best;
        (self.nodes(highest, Point { x: width / zoom, y: height / zoom }), zoom)
    }

    fn zoom(&self, highest: usize, width: f64, height: f64) -> f64 {
        let natural = self.natural(highest);
        usual_zoom(width).min(width / natural.x).min(height / natural.y)
    }

    /// How much room everything needs.
    fn natural(&self, highest: usize) -> Point {
        let Wide { columns, sizes, .. } = self;
        let width = |column: &[Standing]| {
            let each = column.iter().map(|(place, ..)| sizes.of_place(place).0).fold(0.0, f64::max);
            let parts = Division::of(column.len(), highest).parts as f64;
            if column.is_empty() { 0.0 } else { parts * each + (parts - 1.0) * PARTS_APART }
        };
        let height = |column: &[Standing]| {
            let each = column.iter().map(|(place, ..)| sizes.of_place(place).1).fold(0.0, f64::max);
            let members = Division::of(column.len(), highest).members as f64;
            members * each + (members - 1.0).max(0.0) * sizes.gap.0 * 1.3
        };
        let outside = |column: &[Standing]| if column.is_empty() { 0.0 } else { width(column) + sizes.cable };
        let x = 2.0 * MARGIN
            + outside(&columns.senders)
            + outside(&columns.receivers)
            + width(&columns.exchanges)
            + width(&columns.queues)
            + self.between()
            + 2.0 * sizes.inset;
        let inside = height(&columns.exchanges).max(height(&columns.queues) + self.groups_apart());
        let broker = inside + self.around().0 + self.around().1;
        let beside = height(&columns.senders).max(height(&columns.receivers)) + 2.0 * self.edge();
        Point { x, y: broker.max(beside) + 2.0 * MARGIN }
    }

    /// What the broker's frame needs above and below of what is in it.
    fn around(&self) -> (f64, f64) {
        let Sizes { inset, head, shelf, .. } = *self.sizes;
        let disk = if self.columns.has_disk { 3.0 * shelf + inset } else { 0.0 };
        (head + inset, inset + disk)
    }

    fn between(&self) -> f64 {
        let has_both = !self.columns.exchanges.is_empty() && !self.columns.queues.is_empty();
        let is_line = self.sizes.density == super::Density::Rows;
        let has_dead_letters =
            self.scenario.queues.iter().any(|queue| queue.arguments.get("x-dead-letter-exchange").is_some());
        let least = if has_dead_letters && !is_line { WAYS_BACK } else { self.sizes.between };
        if has_both { least.max(self.keys + 30.0) } else { self.keys }
    }

    fn groups_apart(&self) -> f64 {
        let is_line = self.sizes.density == super::Density::Rows;
        if is_line { GROUPS_APART * self.columns.exchanges.len() as f64 } else { 0.0 }
    }

    /// Where clients have frames, those need room, too.
    fn edge(&self) -> f64 {
        if self.scenario.seats().any(|seat| !seat.client.is_empty()) { clients::EDGE } else { 0.0 }
    }

    fn nodes(self, highest: usize, room: Point) -> Vec<Node> {
        let natural = self.natural(highest);
        let (above, below) = self.around();
        let (cable, between) = self.lengths(room.x - natural.x);
        let (inset, edge) = (self.sizes.inset, self.edge());
        let inside = (MARGIN + above, room.y - MARGIN - below);
        let outside = (MARGIN + edge, room.y - MARGIN - edge);
        let neighbours = Neighbours::of(self.scenario);
        let queues = neighbours.queues(&self.columns);
        let Wide { columns: Columns { senders, exchanges, receivers, .. }, sizes, folds, .. } = self;

        let mut middles = Middles::new();
        let queues = evenly(&queues, sizes, highest, inside);
        queues.iter().for_each(|placed| placed.remember(&mut middles));
        // What is folded is where stands what stands for it.
        for (folded, shown) in folds.all() {
            if let Some(middle) = middles.get(shown).copied() {
                middles.insert(folded.clone(), middle);
            }
        }
        let exchanges = exchanges_beside(exchanges, &neighbours, &middles, inside);
        let exchanges = as_wished(&exchanges, sizes, highest, inside);
        exchanges.iter().for_each(|placed| placed.remember(&mut middles));
        let clients =
            |clients: &[Standing]| as_wished(&neighbours.clients(clients, &middles), sizes, highest, outside);
        let (senders, receivers) = (clients(&senders), clients(&receivers));

        let mut across = Across { left: 0.0, nodes: Vec::new() };
        let has = |column: &[Placed]| if column.is_empty() { 0.0 } else { 1.0 };
        across.add(&senders);
        across.left += (cable + inset) * has(&senders);
        across.add(&exchanges);
        across.left += between;
        across.add(&queues);
        across.left += (cable + inset) * has(&receivers);
        across.add(&receivers);
        let mut nodes = across.nodes;
        centre(&mut nodes, room.x, if receivers.is_empty() { inset } else { 0.0 });
        nodes
    }

    /// How long cables and bindings are, with so much more room than is needed.
    fn lengths(&self, spare: f64) -> (f64, f64) {
        let sides = [&self.columns.senders, &self.columns.receivers];
        let cables = sides.into_iter().filter(|side| !side.is_empty()).count() as f64;
        let share = spare.max(0.0) / (cables + 1.5);
        let cable = (self.sizes.cable + share).min(LONGEST_CABLE);
        let between = (self.between() + 1.5 * share).min(LONGEST_BINDING.max(self.between()));
        (cable, between)
    }
}

/// How wide the keys of bindings are at most, for so many letters, in pixels of the layout.
pub(super) fn key_width(letters: usize) -> f64 {
    const LETTER: f64 = 6.4;
    const WIDEST: f64 = 150.0;
    (letters as f64 * LETTER + 12.0).min(WIDEST)
}

impl Division {
    fn of(length: usize, highest: usize) -> Division {
        let parts = length.div_ceil(highest.max(1)).max(1);
        Division { parts, members: length.div_ceil(parts) }
    }
}

/// Something with its place in a column.
struct Placed {
    standing: Standing,
    /// Which part of the column it is in.
    part: usize,
    top: f64,
    size: (f64, f64),
}

impl Placed {
    fn remember(&self, middles: &mut Middles) {
        middles.insert(self.standing.0.clone(), self.top + self.size.1 / 2.0);
    }
}

/// Queues, as far apart as there is room for; those of different exchanges a little farther.
fn evenly(
    queues: &[(Standing, usize)],
    sizes: &Sizes,
    highest: usize,
    (top, bottom): (f64, f64),
) -> Vec<Placed> {
    let members = Division::of(queues.len(), highest).members.max(1);
    let mut placed = Vec::new();
    for (part, column) in queues.chunks(members).enumerate() {
        let total: f64 = column.iter().map(|((place, ..), _)| sizes.of_place(place).1).sum();
        let group = if sizes.density == super::Density::Rows { GROUPS_APART } else { 0.0 };
        let groups = column.windows(2).filter(|pair| pair[0].1 != pair[1].1).count() as f64 * group;
        let gap = ((bottom - top - total - groups) / column.len() as f64).clamp(0.0, sizes.gap.1);
        let all = total + groups + gap * (column.len() - 1) as f64;
        let mut at = top + ((bottom - top - all) / 2.0).max(0.0);
        let mut before = None;
        for (standing, home) in column {
            at += if before.is_some_and(|before| before != *home) { group } else { 0.0 };
            before = Some(*home);
            let size = sizes.of_place(&standing.0);
            placed.push(Placed { standing: standing.clone(), part, top: at, size });
            at += size.1 + gap;
        }
    }
    placed
}

/// Exchanges in the order of what they lead to, each with where it wants to be. Those that lead only to exchanges come after
/// those.
fn exchanges_beside(
    exchanges: Vec<Standing>,
    neighbours: &Neighbours<'_>,
    middles: &Middles,
    (top, bottom): (f64, f64),
) -> Vec<(Standing, f64)> {
    let mut middles = middles.clone();
    // Twice, so that one that leads to another exchange knows where that is.
    for _ in 0..2 {
        for (place, ..) in &exchanges {
            if let Some(wish) = neighbours.exchange(place, &middles) {
                middles.insert(place.clone(), wish);
            }
        }
    }
    let wish = |standing: &Standing| middles.get(&standing.0).copied();
    let last = exchanges.iter().filter_map(wish).fold(f64::midpoint(top, bottom), f64::max);
    let with_wish = |standing: Standing| {
        let wish = wish(&standing).unwrap_or(last);
        (standing, wish)
    };
    let mut wished: Vec<(Standing, f64)> = exchanges.into_iter().map(with_wish).collect();
    sort_by(&mut wished, |one, other| one.1.total_cmp(&other.1));
    wished
}

/// Each as near to where it wants to be as the others let it.
fn as_wished(
    wished: &[(Standing, f64)],
    sizes: &Sizes,
    highest: usize,
    (top, bottom): (f64, f64),
) -> Vec<Placed> {
    let members = Division::of(wished.len(), highest).members.max(1);
    let mut placed = Vec::new();
    for (part, column) in wished.chunks(members).enumerate() {
        let size = |standing: &Standing| sizes.of_place(&standing.0);
        let wishes: Vec<(f64, f64)> = column.iter().map(|(standing, y)| (*y, size(standing).1)).collect();
        let total: f64 = wishes.iter().map(|(_, height)| height).sum();
        let gap = ((bottom - top - total) / column.len() as f64).clamp(0.0, sizes.gap.1);
        let tops = settled(&wishes, gap, (top, bottom));
        placed.extend(column.iter().zip(tops).map(|((standing, _), top)| Placed {
            size: size(standing),
            standing: standing.clone(),
            part,
            top,
        }));
    }
    placed
}

/// Columns one after the other.
struct Across {
    left: f64,
    nodes: Vec<Node>,
}

impl Across {
    fn add(&mut self, column: &[Placed]) {
        let widest = column.iter().map(|placed| placed.size.0).fold(0.0, f64::max);
        let parts = column.iter().map(|placed| placed.part + 1).max().unwrap_or_default();
        for Placed { standing, part, top, size } in column {
            let left = self.left + *part as f64 * (widest + PARTS_APART) + (widest - size.0) / 2.0;
            let area = Box2 { left, top: *top, width: size.0, height: size.1 };
            self.nodes.push(Node::new(standing.clone(), area));
        }
        self.left += parts as f64 * widest + parts.saturating_sub(1) as f64 * PARTS_APART;
    }
}

/// Moves everything to the middle of the stage. `right` is what the broker's frame needs behind the last thing.
fn centre(nodes: &mut [Node], width: f64, right: f64) {
    let edge = |node: &Node| match node.place {
        Place::Exchange(_) | Place::Queue(_) | Place::Queues(_) => right,
        _ => 0.0,
    };
    let left = nodes.iter().map(|node| node.area.left - edge(node)).fold(f64::MAX, f64::min);
    let end = nodes.iter().map(|node| node.area.right() + edge(node)).fold(f64::MIN, f64::max);
    let by = (width - (end + left)) / 2.0;
    nodes.iter_mut().for_each(|node| node.area.left += by);
}
