//! Streams: a band as thick as the rate, and dashes that flow in it; among many, grains.

use super::{brush::Brush, paint};
use crate::{
    player::Player,
    scene::{Flow, Layout, Path, Place, QueueRow},
};

/// From one dash to the next, and how long they are, in pixels of the layout.
const PERIOD: f64 = 26.0;
const DASH: f64 = 7.0;
/// Among more streams those of acks do not flow: they would only make the picture restless. And grains flow in the others:
/// where dashes are so small they look the same, and dashes along so many curves take longer than all the rest of a picture.
const MANY: usize = 90;

/// The bands, which change slowly.
pub(super) fn draw_bands(brush: &Brush, player: &Player, layout: &Layout) {
    for (ends, flow) in player.flows.streams() {
        let Some(path) = layout.path(ends, QueueRow::Ready) else { continue };
        let (thick, colour) = looks(brush, ends, flow, layout);
        trace(brush, &path, thick, colour, 0.28 * flow.strength);
    }
    brush.context.set_global_alpha(1.0);
}

/// What flows in them.
pub(super) fn draw_flows(brush: &Brush, player: &Player, layout: &Layout) {
    let context = &brush.context;
    if player.flows.streams().count() > MANY {
        for (ends, flow) in player.flows.streams().filter(|(ends, _)| !is_back(ends)) {
            let Some(path) = layout.path(ends, QueueRow::Ready) else { continue };
            let (thick, colour) = looks(brush, ends, flow, layout);
            grains(brush, &path, flow, thick * 0.6, colour);
        }
    } else {
        paint::set_dash(context, DASH, PERIOD - DASH);
        for (ends, flow) in player.flows.streams() {
            let Some(path) = layout.path(ends, QueueRow::Ready) else { continue };
            let (thick, colour) = looks(brush, ends, flow, layout);
            context.set_line_dash_offset(-(flow.flown % PERIOD));
            trace(brush, &path, (thick * 0.5).max(1.0), colour, 0.8 * flow.strength);
        }
        paint::set_dash(context, 0.0, 0.0);
        context.set_line_dash_offset(0.0);
    }
    context.set_global_alpha(1.0);
}

fn grains(brush: &Brush, path: &Path, flow: &Flow, size: f64, colour: &str) {
    let context = &brush.context;
    context.set_fill_style_str(colour);
    context.set_global_alpha(0.7 * flow.strength);
    let length = path.length();
    let mut down = flow.flown % PERIOD;
    while down < length {
        let at = path.seen_at(down / length);
        context.fill_rect(at.x - size / 2.0, at.y - size / 2.0, size, size);
        down += PERIOD;
    }
}

fn trace(brush: &Brush, path: &Path, thick: f64, colour: &str, opacity: f64) {
    let context = &brush.context;
    paint::trace(context, &path.curves());
    context.set_stroke_style_str(colour);
    context.set_line_width(thick);
    context.set_global_alpha(opacity);
    context.stroke();
}

/// How thick a stream is, and its colour. Acks go back on the way of their messages; their stream is thinner, and grey.
fn looks<'a>(brush: &Brush<'a>, ends: &(Place, Place), flow: &Flow, layout: &Layout) -> (f64, &'a str) {
    let thick = flow.thickness().max(1.5 / layout.zoom);
    if is_back(ends) { (thick * 0.5, &brush.theme.faint) } else { (thick, &brush.theme.accent) }
}

const fn is_back(ends: &(Place, Place)) -> bool {
    matches!(ends, (Place::Consumer(_) | Place::Consumers(_), Place::Queue(_) | Place::Queues(_)))
}
