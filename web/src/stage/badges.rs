//! How things were declared, and how clients work, in small frames.

use super::{brush::Brush, paint};
use crate::scene::{Badge, Box2, Point};

/// Between two of them.
const APART: f64 = 4.0;

/// Draws as many as there is room for, from the right; returns how much room they took.
pub(super) fn draw_from_right(brush: &Brush, badges: &[Badge], right: Point, room: f64) -> f64 {
    let mut taken = 0.0;
    for badge in badges.iter().rev() {
        let width = width(brush, badge);
        if taken + width > room {
            break;
        }
        draw(brush, badge, Point { x: right.x - taken - width, y: right.y }, width);
        taken += width + APART;
    }
    taken
}

/// Draws one if there is room for it, from the left; returns how much room it took.
pub(super) fn draw_one(brush: &Brush, badge: &Badge, left: Point, room: f64) -> f64 {
    let width = width(brush, badge);
    if width > room {
        return 0.0;
    }
    draw(brush, badge, left, width);
    width + APART
}

fn size(brush: &Brush) -> f64 {
    brush.readable(10.5, 8.0)
}

fn width(brush: &Brush, badge: &Badge) -> f64 {
    paint::bold_width(&brush.context, &badge.text(), size(brush)) + 8.0
}

fn draw(brush: &Brush, badge: &Badge, left: Point, width: f64) {
    let (context, theme, size) = (&brush.context, brush.theme, size(brush));
    let area = Box2 { left: left.x, top: left.y - size * 0.8, width, height: size * 1.6 };
    paint::rounded(context, area, 4.0);
    paint::stroked(context, &theme.edge, 1.0);
    paint::bold(context, &badge.text(), area.centre(), size, &theme.faint, "center");
}
