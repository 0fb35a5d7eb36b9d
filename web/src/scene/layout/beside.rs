//! Room for a small panel beside something on the stage.

use super::{Box2, Layout};
use crate::scene::{Place, Point};

/// Between a thing and the panel, in CSS pixels: a frame around what is picked is in between.
const GAP: f64 = 10.0;
/// So much farther away it goes where it would cover something, and so often, in CSS pixels.
const STEP: f64 = 24.0;
const STEPS: u32 = 6;

impl Layout {
    /// Where the corner of a panel of this size goes, in CSS pixels of the canvas: below, above, left or right of the
    /// thing, inside the stage, where it covers least of what stands there, and of such places the nearest.
    pub(crate) fn beside(&self, place: &Place, size: Point) -> Option<Point> {
        let area = self.on_canvas(self.node(place)?.area);
        let corners = (0..STEPS).flat_map(|step| corners(&area, size, GAP + f64::from(step) * STEP));
        let inside = |corner: Point| Box2 {
            left: corner.x.min(self.size.x - size.x).max(0.0),
            top: corner.y.min(self.size.y - size.y).max(0.0),
            width: size.x,
            height: size.y,
        };
        let covered = corners.map(inside).map(|panel| (self.covered_by(&panel), panel));
        let best = covered.reduce(|best, next| if next.0 < best.0 { next } else { best });
        best.map(|(_, panel)| Point { x: panel.left, y: panel.top })
    }

    /// So much of all things, and of the switch of the broker's power, is under it, in CSS pixels by CSS pixels.
    fn covered_by(&self, panel: &Box2) -> f64 {
        let things = self.nodes.iter().map(|node| node.area).chain([self.broker.power]);
        things.map(|area| self.on_canvas(area).overlap(panel)).sum()
    }

    fn on_canvas(&self, area: Box2) -> Box2 {
        let corner = self.outward(Point { x: area.left, y: area.top });
        Box2 { left: corner.x, top: corner.y, width: area.width * self.zoom, height: area.height * self.zoom }
    }
}

/// The corners of panels of this size so far below, above, left and right of a thing.
fn corners(area: &Box2, size: Point, away: f64) -> [Point; 10] {
    let (below, above) = (area.bottom() + away, area.top - away - size.y);
    let (left, right) = (area.left - away - size.x, area.right() + away);
    let middle = area.centre().x - size.x / 2.0;
    [
        (area.left, below),
        (area.right() - size.x, below),
        (middle, below),
        (area.left, above),
        (area.right() - size.x, above),
        (middle, above),
        (left, area.top),
        (left, area.bottom() - size.y),
        (right, area.top),
        (right, area.bottom() - size.y),
    ]
    .map(|(x, y)| Point { x, y })
}

impl Box2 {
    /// The size of what both share.
    fn overlap(&self, other: &Box2) -> f64 {
        let width = self.right().min(other.right()) - self.left.max(other.left);
        let height = self.bottom().min(other.bottom()) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }
}
