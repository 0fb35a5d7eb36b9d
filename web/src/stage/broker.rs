//! The broker: a frame with a lamp, its name, and the switch of its power. Without power it is dark, and only what is on the
//! disk shines.

use super::{brush::Brush, paint};
use crate::scene::{Box2, Broker, Point};

const CORNER: f64 = 18.0;

/// Below everything that is in it.
pub(super) fn draw_frame(brush: &Brush, broker: &Broker, is_up: bool) {
    let theme = brush.theme;
    paint::rounded(&brush.context, broker.area, CORNER);
    paint::filled(&brush.context, if is_up { &theme.broker } else { &theme.dark }, &theme.edge, 2.0);
}

/// Above the lines that come in through it.
pub(super) fn draw_head(brush: &Brush, broker: &Broker, is_up: bool) {
    let (context, theme) = (&brush.context, brush.theme);
    let area = broker.area;
    let head = Box2 { height: brush.sizes.head, ..area };
    let (upper, ink) = if is_up { (&theme.head, &theme.ink) } else { (&theme.dark, &theme.on_dark) };
    paint::with_corners(context, head, [CORNER, CORNER, 0.0, 0.0]);
    context.set_fill_style_str(upper);
    context.fill();
    let (left, right) =
        (Point { x: area.left, y: head.bottom() }, Point { x: area.right(), y: head.bottom() });
    paint::line(context, left, right, &theme.line, 1.0);
    paint::rounded(context, area, CORNER);
    paint::stroked(context, &theme.edge, 2.0);
    let lamp = Point { x: area.left + 20.0, y: head.centre().y };
    super::machine::lamp(brush, lamp, if is_up { &theme.accent } else { &theme.on_dark }, is_up);
    let size = brush.readable(14.5, 9.0);
    let name = Point { x: lamp.x + 12.0, y: lamp.y };
    let rabbitmq = broker.compat.map(|release| format!("RabbitMQ {release}"));
    let words = rabbitmq.as_deref().unwrap_or_else(|| brush.lang.say("broker"));
    paint::bold(context, words, name, size, ink, "left");
    switch(brush, broker.power, is_up);
}

fn switch(brush: &Brush, area: Box2, is_up: bool) {
    let (context, theme) = (&brush.context, brush.theme);
    let radius = area.height / 2.0;
    paint::rounded(context, area, radius);
    let (ground, knob) = if is_up { (&theme.accent, &theme.card) } else { (&theme.dark, &theme.on_dark) };
    paint::filled(context, ground, if is_up { &theme.accent } else { &theme.on_dark }, 1.5);
    let x = if is_up { area.right() - radius } else { area.left + radius };
    let at = Point { x, y: area.centre().y };
    paint::disc(context, at, radius - 3.0, knob);
    let sign = if is_up { &theme.accent } else { &theme.dark };
    // Its sign: an arc that is open at the top, and a stroke.
    context.begin_path();
    let _ = context.arc(at.x, at.y, radius - 6.5, -1.0, 4.1);
    paint::stroked(context, sign, 1.4);
    paint::line(context, Point { y: at.y - radius + 5.0, ..at }, at, sign, 1.4);
    if !is_up {
        let words = brush.lang.say("no power");
        let at = Point { x: area.left - 8.0, y: area.centre().y };
        paint::bold(context, words, at, brush.readable(12.0, 8.5), &theme.on_dark, "right");
    }
}
