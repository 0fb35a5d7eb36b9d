//! One picture: ways, what flows on them, what stands, then what moves by itself.

use super::{brush::Brush, layer::Layers, nodes, paint, streams};
use crate::{
    player::Player,
    scene::{Dot, DotKind, Layout, Link},
};

pub(super) fn draw(brush: &Brush, player: &Player, layout: &Layout, layers: &Layers) {
    layers.show_ways(brush);
    let lit = player.motion().lit(layout, player.world().now());
    let lit: Vec<&Link> = lit.into_iter().map(|index| &layout.links[index]).collect();
    for link in &lit {
        // A stream says itself that messages go there.
        if player.flows.of(&link.ends).strength < 1.0 {
            paint::thick_curve(&brush.context, link, &brush.theme.accent, 3.0);
        }
    }
    streams::draw_flows(brush, player, layout);
    layers.show_things(brush);
    for link in &lit {
        if let Some(node) = layout.node(&link.ends.1) {
            nodes::light_key(brush, node, &link.label);
        }
    }
    let now = player.world().now();
    let dots = player.flows.dots(player.motion(), layout, now, player.selected());
    let brush = brush.for_so_many(dots.len());
    for dot in &dots {
        draw_dot(&brush, player, dot);
    }
}

fn draw_dot(brush: &Brush, player: &Player, dot: &Dot) {
    let (context, theme) = (&brush.context, &brush.theme);
    context.set_global_alpha(dot.opacity);
    match dot.kind {
        DotKind::Ack => {
            paint::disc(context, dot.at, 7.0, &theme.card);
            paint::ring(context, dot.at, 7.0, 1.0, theme.message(dot.ordinal), 1.5);
            if brush.is_legible {
                paint::text(context, "✓", dot.at, 10.0, theme.message(dot.ordinal), "center");
            }
        }
        DotKind::Message => brush.message(dot.at, dot.ordinal),
        DotKind::Redelivered => {
            brush.message(dot.at, dot.ordinal);
            paint::ring(context, dot.at, paint::MESSAGE_RADIUS + 3.0, 0.8, &theme.accent, 2.0);
        }
        DotKind::Lost => {
            brush.message(dot.at, dot.ordinal);
            paint::ring(context, dot.at, paint::MESSAGE_RADIUS + 3.0, 1.0, &theme.alarm, 2.0);
        }
    }
    context.set_global_alpha(1.0);
    if let Some(message) = dot.message {
        brush.mark_selected(player, message, dot.at);
    }
}
