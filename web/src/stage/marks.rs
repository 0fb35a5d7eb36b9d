//! What is picked, and what a hand is about to do.

use web_sys::CanvasRenderingContext2d;

use super::{
    gesture::{Deed, Hand, frame},
    hit,
    paint::{self, Theme},
};
use crate::{
    player::Player,
    scene::{Box2, Layout, Link},
};

pub(super) fn draw(
    context: &CanvasRenderingContext2d,
    theme: &Theme,
    player: &Player,
    layout: &Layout,
    hand: &Hand,
) {
    for place in &player.selection.places {
        if let Some(node) = layout.node(place) {
            let around = Box2 {
                left: node.area.left - 4.0,
                top: node.area.top - 4.0,
                width: node.area.width + 8.0,
                height: node.area.height + 8.0,
            };
            paint::frame(context, around, &theme.ink, 2.0);
        }
    }
    if let Some(link) = layout.links.iter().find(|link| picked(player, link)) {
        paint::thick_curve(context, link, &theme.ink, 3.0);
    }
    if let Some(handle) =
        player.selection.only_place().and_then(|place| hit::handle(layout, place)).filter(|_| hand.is_free())
    {
        paint::disc(context, handle, 8.0, &theme.accent);
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

fn picked(player: &Player, link: &Link) -> bool {
    link.binding.is_some() && link.binding == player.selection.binding
}
