//! Clients of several actors: the frames around them.

use super::{brush::Brush, paint};
use crate::scene::{Box2, ClientFrame, Layout, Point};

/// Below everything else.
pub(super) fn draw(brush: &Brush, layout: &Layout) {
    for frame in &layout.clients {
        draw_frame(brush, frame);
    }
}

fn draw_frame(brush: &Brush, frame: &ClientFrame) {
    let Brush { context, theme, .. } = brush;
    if frame.is_inner {
        paint::set_dash(context, 4.0, 4.0);
        paint::frame(context, frame.area, &theme.line, 1.25);
        paint::set_dash(context, 0.0, 0.0);
    } else {
        paint::card(context, frame.area, &theme.shelf, &theme.line);
    }
    if frame.name.is_empty() {
        return;
    }
    // The name sits on the lower edge, where no arrow begins; of what is inside, on the other side.
    let size = brush.readable(10.5, 8.0);
    let name = paint::cut(context, &frame.name, size, frame.area.width - 24.0);
    let width = paint::width(context, &name, size) + 12.0;
    let from_edge = 12.0 + width / 2.0;
    let (left, right) = (frame.area.left + from_edge, frame.area.left + frame.area.width - from_edge);
    let x = if frame.is_inner { right } else { left };
    let at = Point { x, y: frame.area.top + frame.area.height };
    let chip = Box2 { left: at.x - width / 2.0, top: at.y - 8.0, width, height: 16.0 };
    paint::card(context, chip, &theme.card, &theme.line);
    paint::text(context, &name, at, size, &theme.faint, "center");
}
