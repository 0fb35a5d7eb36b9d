//! How messages go from one thing to another: out of the one, along the link, and into the other.

use super::Link;
use crate::scene::Point;

/// A curve: where it begins, the two points that it bends towards, and where it ends.
pub(crate) type Curve = [Point; 4];

/// The point of a curve that is `part` of the way along it, from 0 to 1.
pub(crate) fn along([from, a, b, to]: &Curve, part: f64) -> Point {
    let (fa, ab, bt) = (from.towards(*a, part), a.towards(*b, part), b.towards(*to, part));
    fa.towards(ab, part).towards(ab.towards(bt, part), part)
}

/// A line as a curve.
pub(crate) fn line(from: Point, to: Point) -> Curve {
    [from, from.towards(to, 1.0 / 3.0), from.towards(to, 2.0 / 3.0), to]
}

/// A way between the middles of two things.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Path {
    /// From the middle to the edge, the two parts of the link, and from the edge to the other middle.
    curves: [Curve; 4],
    /// Their lengths, roughly.
    lengths: [f64; 4],
}

impl Path {
    pub(super) fn along(from: Point, link: &Link, to: Point) -> Path {
        let [first, second] = link.curves();
        Path::through([line(from, first[0]), first, second, line(second[3], to)])
    }

    pub(super) fn straight(from: Point, to: Point) -> Path {
        Path::through([line(from, from), line(from, to), line(to, to), line(to, to)])
    }

    fn through(curves: [Curve; 4]) -> Path {
        let mut lengths = curves.map(|curve| curve[0].distance(curve[3]));
        // Something to divide by.
        lengths[1] = lengths[1].max(1.0);
        Path { curves, lengths }
    }

    /// The same from another point of what it comes from.
    pub(crate) fn beginning_at(mut self, from: Point) -> Path {
        let first = line(from, self.curves[0][3]);
        (self.curves[0], self.lengths[0]) = (first, from.distance(first[3]));
        self
    }

    /// The same to another point of what it leads to.
    pub(crate) fn ending_at(mut self, to: Point) -> Path {
        let last = line(self.curves[3][0], to);
        (self.curves[3], self.lengths[3]) = (last, last[0].distance(to));
        self
    }

    /// The point that is `part` of the way along it, from 0 to 1.
    pub(crate) fn at(&self, part: f64) -> Point {
        let mut gone = part * self.lengths.iter().sum::<f64>();
        for (curve, length) in self.curves.iter().zip(self.lengths) {
            if gone <= length && length > 0.0 {
                return along(curve, gone / length);
            }
            gone -= length;
        }
        self.curves[3][3]
    }

    /// The parts that are seen, outside of both things.
    pub(crate) const fn curves(&self) -> [Curve; 2] {
        let [_, first, second, _] = self.curves;
        [first, second]
    }

    /// How long the parts are that are seen, roughly, in pixels of the layout.
    pub(crate) const fn length(&self) -> f64 {
        self.lengths[1] + self.lengths[2]
    }

    /// The point that is `part` of the way along what is seen, from 0 to 1.
    pub(crate) fn seen_at(&self, part: f64) -> Point {
        let all: f64 = self.lengths.iter().sum();
        self.at((self.lengths[0] + part * self.length()) / all)
    }
}
