//! The things on the stage: cards with what rests on them.

use std::ops::Range;

use warren_sim::{ActorKind, ActorView, WorkView};
use web_sys::CanvasRenderingContext2d;

use super::{
    brush::Brush,
    paint::{self, Theme},
    rest::{self, VHOST, desk, desk_radius},
};
use crate::{
    player::{Player, is_down},
    scene::{Box2, Node, Place, Point},
};

/// How large keys are, in pixels of the layout.
const KEY: f64 = 11.0;

/// A queue's binding keys, on its upper edge.
fn draw_keys(brush: &Brush, node: &Node) {
    let Brush { context, theme, .. } = brush;
    // Where the stage is small, there is no room for more than names.
    if node.note.is_empty() || !brush.is_legible {
        return;
    }
    let keys = fitted_keys(brush, node);
    let half = paint::width(context, &keys, KEY) / 2.0 + 7.0;
    let at = keys_at(node);
    let area = Box2 { left: at.x - half, top: at.y - 9.0, width: 2.0 * half, height: 18.0 };
    paint::card(context, area, &theme.card, &theme.accent);
    paint::text(context, &keys, at, KEY, &theme.accent, "center");
}

fn fitted_keys(brush: &Brush, node: &Node) -> String {
    paint::fitted(&brush.context, &node.note, KEY, node.area.width - 2.0)
}

/// The middle of a queue's keys.
fn keys_at(node: &Node) -> Point {
    Point { x: node.area.centre().x, y: node.area.top - 7.0 }
}

/// The key of a binding that has just taken a message, over the others; as much of it as there is room for.
pub(super) fn light_key(brush: &Brush, node: &Node, label: &Range<usize>) {
    let Brush { context, theme, .. } = brush;
    if label.is_empty() || !brush.is_legible {
        return;
    }
    let keys = fitted_keys(brush, node);
    let Some(key) = keys.get(label.start..label.end.min(keys.len())).filter(|key| !key.is_empty()) else {
        return;
    };
    let width = |text: &str| paint::width(context, text, KEY);
    let middle = keys_at(node);
    let left = middle.x - width(&keys) / 2.0 + width(&keys[..label.start]);
    let area = Box2 { left: left - 3.0, top: middle.y - 7.5, width: width(key) + 6.0, height: 15.0 };
    paint::chip(context, area, &theme.accent);
    paint::text(context, key, Point { x: left, y: middle.y }, KEY, &theme.card, "left");
}

/// A thing, with what rests on it.
pub(super) fn draw(brush: &Brush, player: &Player, node: &Node) {
    let Brush { context, theme, .. } = brush;
    let actor = match &node.place {
        Place::Producer(id) | Place::Consumer(id) => player.actor(*id),
        _ => None,
    };
    card(brush, player, node, actor.as_ref());
    for row in rest::rows(player, node, actor.as_ref()) {
        for rest in &row.rests {
            let ordinal = player.motion().ordinal(rest.message);
            if rest.outline {
                brush.outline(rest.at, ordinal);
            } else {
                brush.message(rest.at, ordinal);
            }
            brush.mark_selected(player, rest.message, rest.at);
        }
        if let Some((at, count)) = row.more {
            paint::text(context, &more(count), at, 10.5, &theme.faint, "left");
        }
    }
}

/// How many there are that have no room.
fn more(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::from("+");
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn card(brush: &Brush, player: &Player, node: &Node, actor: Option<&ActorView>) {
    let Brush { context, theme, .. } = brush;
    match &node.place {
        Place::Exchange(_) | Place::Queue(_) if !player.world().broker_is_up() => {
            context.set_global_alpha(0.45);
            paint::card(context, node.area, &theme.shelf, &theme.alarm);
            titled(brush, node, "✕", &theme.alarm);
            context.set_global_alpha(1.0);
        }
        Place::Exchange(_) => {
            paint::card(context, node.area, &theme.shelf, &theme.accent);
            titled(brush, node, &node.note, &theme.ink);
        }
        Place::Queue(name) => {
            let counts = player.world().broker().queue_counts(VHOST, name);
            let counts = counts.map_or_else(String::new, |(ready, unacked)| format!("{ready} + {unacked}"));
            paint::card(context, node.area, &theme.shelf, &theme.line);
            titled(brush, node, &counts, &theme.ink);
            draw_keys(brush, node);
        }
        Place::Disk => {
            paint::card(context, node.area, &theme.card, &theme.accent);
            titled(brush, node, &format!("✓ {}", player.motion().synced()), &theme.ink);
        }
        Place::Producer(_) => {
            let Some(actor) = actor else { return };
            let note = match &actor.kind {
                ActorKind::Producer { sent, count, .. } => format!("{sent} / {count}"),
                ActorKind::Consumer { .. } | ActorKind::Operator => String::new(),
            };
            draw_actor(brush, node, actor, &note);
        }
        Place::Consumer(_) => {
            let Some(actor) = actor else { return };
            let ActorKind::Consumer { working, processed, .. } = &actor.kind else { return };
            draw_actor(brush, node, actor, &format!("✓ {processed}"));
            if !is_down(actor) {
                draw_desk(context, theme, player, node.area, *working);
            }
        }
    }
}

fn draw_actor(brush: &Brush, node: &Node, actor: &ActorView, note: &str) {
    let Brush { context, theme, .. } = brush;
    if !is_down(actor) {
        paint::card(context, node.area, &theme.card, &theme.line);
        return titled(brush, node, note, &theme.ink);
    }
    context.set_global_alpha(0.75);
    paint::card(context, node.area, &theme.card, &theme.alarm);
    context.set_global_alpha(1.0);
    titled(brush, node, note, &theme.alarm);
    let centre = node.area.centre();
    let cross = Point { x: centre.x, y: node.area.top + node.area.height * 0.66 };
    paint::text(context, "✕", cross, 26.0, &theme.alarm, "center");
}

/// The name on the left and a note on the right; below it, where there is no room for both.
fn titled(brush: &Brush, node: &Node, note: &str, colour: &str) {
    const INSET: f64 = 11.0;
    let Brush { context, theme, .. } = brush;
    let area = node.area;
    let has_row = !matches!(node.place, Place::Producer(_) | Place::Exchange(_));
    let low = area.height < rest::LOW;
    let (left, right) = (area.left + INSET, area.left + area.width - INSET);
    let at = |x, y| Point { x, y };
    let (size, note_size) = (brush.readable(13.0, 9.0), brush.readable(11.5, 8.0));
    let note_width = paint::width(context, note, note_size);
    let room = area.width - 2.0 * INSET - note_width - 6.0;
    let y = match (low, has_row) {
        (true, true) => area.top + area.height * 0.26,
        (true, false) => area.top + area.height / 2.0,
        (false, _) => area.top + 17.0,
    };
    let has_room = paint::width(context, &node.name, size) <= room;
    if has_room || (low && has_row) {
        paint::text(context, note, at(right, y), note_size, &theme.faint, "right");
        let name = paint::fitted(context, &node.name, size, room);
        return paint::text(context, &name, at(left, y), size, colour, "left");
    }
    let (y, below) = if low { (y - 8.0, y + 9.0) } else { (y - 4.0, y + 11.0) };
    let name = paint::fitted(context, &node.name, size - 1.0, area.width - 2.0 * INSET);
    paint::text(context, &name, at(left, y), size - 1.0, colour, "left");
    paint::text(context, note, at(left, below), note_size - 1.0, &theme.faint, "left");
}

/// The ring that fills while a consumer works.
fn draw_desk(
    context: &CanvasRenderingContext2d,
    theme: &Theme,
    player: &Player,
    area: Box2,
    working: Option<WorkView>,
) {
    let at = desk(area);
    let radius = desk_radius(area);
    paint::ring(context, at, radius, 1.0, &theme.line, 3.0);
    if let Some(work) = working {
        let all = work.done_at.since(work.started_at).as_micros().max(1) as f64;
        let part = player.world().now().since(work.started_at).as_micros() as f64 / all;
        paint::ring(context, at, radius, part.min(1.0), &theme.accent, 3.0);
    }
}
