//! How messages go from one thing to another: out of the one, along the link, and into the other.

use super::Link;
use crate::scene::Point;

/// A curve between the middles of two things.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Path {
    /// The middle, the edge, the two points that the curve bends towards, the other edge, the other middle.
    points: [Point; 6],
    /// The lengths of the three parts, roughly.
    lengths: [f64; 3],
}

impl Path {
    pub(super) fn along(from: Point, link: &Link, to: Point) -> Path {
        let (a, b) = link.bends();
        Path::through([from, link.from, a, b, link.to, to])
    }

    pub(super) fn straight(from: Point, to: Point) -> Path {
        let (a, b) = (from.towards(to, 1.0 / 3.0), from.towards(to, 2.0 / 3.0));
        Path::through([from, from, a, b, to, to])
    }

    fn through(points: [Point; 6]) -> Path {
        let [from, out, _, _, inner, to] = points;
        let lengths = [from.distance(out), out.distance(inner).max(1.0), inner.distance(to)];
        Path { points, lengths }
    }

    /// The point that is `part` of the way along it, from 0 to 1.
    pub(crate) fn at(&self, part: f64) -> Point {
        let [from, out, a, b, inner, to] = self.points;
        let [first, middle, last] = self.lengths;
        let gone = part * (first + middle + last);
        if gone < first {
            return from.towards(out, gone / first);
        }
        if gone > first + middle {
            return inner.towards(to, (gone - first - middle) / last);
        }
        let part = (gone - first) / middle;
        let (oa, ab, bi) = (out.towards(a, part), a.towards(b, part), b.towards(inner, part));
        oa.towards(ab, part).towards(ab.towards(bi, part), part)
    }

    /// The part that is seen, outside of both things: where it begins, the two points that it bends towards, and where
    /// it ends.
    pub(crate) const fn curve(&self) -> [Point; 4] {
        let [_, out, a, b, inner, _] = self.points;
        [out, a, b, inner]
    }

    /// How long the part is that is seen, roughly, in pixels of the layout.
    pub(crate) const fn length(&self) -> f64 {
        self.lengths[1]
    }
}
