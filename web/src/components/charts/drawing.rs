//! From values to lines: pure, in whole pixels of a drawing that is stretched to the panel's width.

use std::fmt::Write as _;

use crate::player::Curve;

/// The drawing, in pixels of its own.
pub(super) const WIDTH: u64 = 2_000;
pub(super) const HEIGHT: u64 = 48;

/// The time that a drawing shows, in µs from the beginning of the scenario.
pub(super) struct Axis {
    pub(super) span_us: u64,
    pub(super) now_us: u64,
    pub(super) played_us: u64,
}

impl Axis {
    /// Where a moment is.
    pub(super) fn x(&self, us: u64) -> u64 {
        (us.min(self.span_us) as u128 * u128::from(WIDTH) / u128::from(self.span_us)) as u64
    }

    /// The stairs of a curve whose values stand for so much time each, up to a moment; `top` is the top of the scale.
    pub(super) fn path(&self, curve: &Curve, width_us: u64, to_us: u64, top: u64) -> String {
        let mut path = String::new();
        let mut last = None;
        for (index, value) in (0..).zip(&curve.values) {
            let (from, to) = (index * width_us, ((index + 1) * width_us).min(to_us));
            if from >= to_us {
                break;
            }
            let y = value.map(|value| {
                HEIGHT - (u128::from(HEIGHT) * u128::from(value.min(top)) / u128::from(top)) as u64
            });
            // Writing to a string cannot fail.
            let _ = match (last, y) {
                (_, None) => Ok(()),
                (None, Some(y)) => write!(path, "M{} {y}H{}", self.x(from), self.x(to)),
                (Some(before), Some(y)) if before == y => write!(path, "H{}", self.x(to)),
                (Some(_), Some(y)) => write!(path, "V{y}H{}", self.x(to)),
            };
            last = y;
        }
        path
    }
}

/// What a curve was at a moment.
pub(super) fn value_at(curve: &Curve, width_us: u64, at_us: u64) -> Option<u64> {
    let index = usize::try_from(at_us / width_us).ok()?;
    curve.values.get(index.min(curve.values.len().checked_sub(1)?)).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::{Axis, value_at};
    use crate::player::Curve;

    #[test]
    fn a_curve_is_stairs_up_to_a_moment_with_gaps_where_nothing_is_known() {
        let axis = Axis { span_us: 2_000, now_us: 0, played_us: 1_800 };
        let curve = Curve { id: "ready", values: vec![Some(0), Some(4), Some(4), None, Some(2), Some(1)] };
        assert_eq!(axis.path(&curve, 300, 1_750, 4), "M0 48H300V0H600H900M1200 24H1500V36H1750");
        assert_eq!(axis.path(&curve, 300, 0, 4), "");
        let values = [0, 299, 300, 1_000, 1_799, 9_999].map(|at| value_at(&curve, 300, at));
        assert_eq!(values, [Some(0), Some(0), Some(4), None, Some(1), Some(1)]);
        assert_eq!(value_at(&Curve { id: "ready", values: Vec::new() }, 300, 5), None);
    }
}
