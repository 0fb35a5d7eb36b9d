//! What is picked, and what a hand is about to do.

use super::{
    brush::Brush,
    gesture::{Deed, Hand, frame},
    hit, nodes, paint,
};
use crate::{
    player::Player,
    scene::{Box2, Layout, Link, Node, Place},
};

pub(super) fn draw(brush: &Brush, player: &Player, layout: &Layout, (hand, now_ms): (&Hand, f64)) {
    let Brush { context, theme, .. } = brush;
    for place in &player.selection.places {
        if let Some(node) = layout.node(place) {
            paint::frame(context, around(node, 4.0), &theme.ink, 2.0);
        }
    }
    // The finger hides what is below it: a wide frame says that it holds the thing.
    if let Some(node) = held(hand, now_ms).and_then(|place| layout.node(place)) {
        paint::frame(context, around(node, 9.0), &theme.accent, 3.0);
    }
    if let Some(link) = layout.links.iter().find(|link| picked(player, link)) {
        paint::way(context, link, &theme.ink, 3.0);
        if let Some(node) = layout.node(&link.ends.1) {
            nodes::draw_keys(brush, layout, node);
        }
    }
    if let Some(handle) =
        player.selection.only_place().and_then(|place| hit::handle(layout, place)).filter(|_| hand.is_free())
    {
        paint::disc(context, handle, hit::HANDLE_RADIUS, &theme.accent);
        paint::text(context, "→", handle, 11.0, &theme.card, "center");
    }
    match hand.deed() {
        Deed::Connect { from, to } => {
            if let Some(from) = hit::handle(layout, from) {
                paint::dashes(context, from, layout.inward(*to), &theme.accent);
            }
        }
        Deed::Frame { from, to } => {
            paint::frame(context, frame(layout.inward(*from), layout.inward(*to)), &theme.accent, 1.5);
        }
        _ => {}
    }
}

/// What a finger holds: before it moves, and while it does.
fn held(hand: &Hand, now_ms: f64) -> Option<&Place> {
    match hand.deed() {
        Deed::Carry { places, .. } if hand.is_touched() => places.first(),
        _ => hand.held(now_ms),
    }
}

fn around(node: &Node, room: f64) -> Box2 {
    let area = node.area;
    let (width, height) = (area.width + 2.0 * room, area.height + 2.0 * room);
    Box2 { left: area.left - room, top: area.top - room, width, height }
}

fn picked(player: &Player, link: &Link) -> bool {
    link.binding.is_some() && link.binding == player.selection.binding
}
