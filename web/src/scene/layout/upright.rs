//! Rows from top to bottom, for a narrow screen: clients that send, the broker, clients that receive.

use super::{
    Box2, Density, MARGIN, Node, Sizes,
    broker::is_inside_broker,
    columns::{Columns, Standing},
};

/// So many things stand beside each other at most.
const BESIDE: usize = 3;
/// Where each is a line.
const LINES_BESIDE: usize = 2;
/// Between two that stand beside each other, and between rows of the same kind.
const APART: f64 = 10.0;
/// From a client to the broker, and from exchanges to queues, whose keys are on their upper edges.
const CABLE: f64 = 34.0;
const BETWEEN: f64 = 30.0;
/// What stands alone becomes wider, up to so many times.
const WIDEST: f64 = 1.5;

/// Rows with the room above each.
struct Rows {
    rows: Vec<(f64, Vec<Standing>)>,
    below: f64,
    /// How many stand beside each other at most.
    beside: usize,
}

impl Rows {
    fn of(columns: Columns, sizes: &Sizes) -> Rows {
        let Columns { senders, exchanges, queues, receivers, has_disk } = columns;
        let disk = if has_disk { 3.0 * sizes.shelf + sizes.inset } else { 0.0 };
        let (entry, exit) = (CABLE + sizes.head + sizes.inset, CABLE + sizes.inset + disk);
        let beside = if sizes.density == Density::Rows { LINES_BESIDE } else { BESIDE };
        let mut rows = Rows { rows: Vec::new(), below: MARGIN, beside };
        rows.add(&senders, MARGIN);
        let entry = if rows.rows.is_empty() { MARGIN + sizes.head + sizes.inset } else { entry };
        let has_exchanges = !exchanges.is_empty();
        rows.add(&exchanges, entry);
        rows.add(&queues, if has_exchanges { BETWEEN } else { entry });
        if receivers.is_empty() {
            rows.below = MARGIN + sizes.inset + disk;
        }
        rows.add(&receivers, exit);
        rows
    }

    fn add(&mut self, things: &[Standing], above: f64) {
        for (index, row) in things.chunks(self.beside).enumerate() {
            self.rows.push((if index == 0 { above } else { APART }, row.to_vec()));
        }
    }

    fn height(&self, sizes: &Sizes) -> f64 {
        self.rows.iter().map(|(above, row)| above + height_of(row, sizes)).sum::<f64>() + self.below
    }
}

/// How high the stage wants to be, in CSS pixels.
pub(super) fn wanted_height(columns: Columns, sizes: &Sizes) -> f64 {
    Rows::of(columns, sizes).height(sizes).clamp(320.0, 2_400.0)
}

/// What stands where, and how much larger than the layout everything is.
pub(super) fn place(columns: Columns, sizes: &Sizes, width: f64, height: f64) -> (Vec<Node>, f64) {
    let rows = Rows::of(columns, sizes);
    let natural = rows.height(sizes);
    let zoom = (height / natural).min(1.0);
    let width = width / zoom;
    let spare = (height / zoom - natural).max(0.0) / (rows.rows.len() + 1) as f64;
    let mut nodes = Vec::new();
    let mut top = 0.0;
    for (above, row) in rows.rows {
        top += above + spare;
        let height = height_of(&row, sizes);
        let inside = row.iter().any(|(place, ..)| is_inside_broker(place));
        let margin = MARGIN + if inside { sizes.inset } else { 0.0 };
        let each = (width - 2.0 * margin) / row.len() as f64;
        for (index, (place, name, note)) in row.into_iter().enumerate() {
            let widest = (each - APART).min(sizes.of_place(&place).0 * WIDEST);
            let middle = margin + (index as f64 + 0.5) * each;
            let area = Box2 { left: middle - widest / 2.0, top, width: widest, height };
            nodes.push(Node::new((place, name, note), area));
        }
        top += height;
    }
    (nodes, zoom)
}

fn height_of(row: &[Standing], sizes: &Sizes) -> f64 {
    row.iter().map(|(place, ..)| sizes.of_place(place).1).fold(0.0, f64::max)
}
