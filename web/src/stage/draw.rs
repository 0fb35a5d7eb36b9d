//! One picture: links, then what stands, then what moves.

use web_sys::CanvasRenderingContext2d;

use warren_sim::{
    ActorKind, ActorView, WorkView,
    warren_core::{MessageId, view::QueueView},
};

use super::paint::{self, MESSAGE_RADIUS, Theme};
use crate::{
    player::{Player, is_down},
    scene::{Box2, Dot, DotKind, Layout, Node, Place, Point},
};

/// A message at rest.
pub(crate) struct Rest {
    pub(crate) at: Point,
    pub(crate) message: MessageId,
    /// It is somewhere else too: only remembered here until its ack comes.
    pub(crate) outline: bool,
}

/// From one resting message to the next, in CSS pixels.
const STEP: f64 = 20.0;
const VHOST: &str = "/";

pub(crate) fn draw(context: &CanvasRenderingContext2d, theme: &Theme, player: &Player, layout: &Layout) {
    for link in &layout.links {
        let paint = if link.aside { paint::dashes } else { paint::curve };
        paint(context, link.from, link.to, &theme.line);
    }
    for lit in player.motion().lit(layout, player.world().now()) {
        paint::thick_curve(context, &layout.links[lit], &theme.accent, 3.0);
    }
    let (actors, queues) = (player.world().actors(), player.world().broker().queues());
    for node in &layout.nodes {
        draw_node(context, theme, player, node, &actors, &queues);
    }
    for rest in resting(player, layout) {
        let ordinal = player.motion().ordinal(rest.message);
        if rest.outline {
            paint::outline(context, theme, rest.at, ordinal, MESSAGE_RADIUS);
        } else {
            paint::message(context, theme, rest.at, ordinal, MESSAGE_RADIUS);
        }
        mark_selected(context, theme, player, rest.message, rest.at);
    }
    for dot in player.motion().dots(layout, player.world().now()) {
        draw_dot(context, theme, player, &dot);
    }
}

/// Every message that does not move: ready and unacked in queues, waiting in consumers.
pub(crate) fn resting(player: &Player, layout: &Layout) -> Vec<Rest> {
    let mut resting = Vec::new();
    for node in &layout.nodes {
        match &node.place {
            Place::Queue(queue) => {
                let room = places(node.area);
                let ready = player.world().broker().ready_messages(VHOST, queue, room as u32);
                let ready = ready.iter().map(|view| view.message);
                let ready = ready.filter(|message| !player.motion().is_on_the_way_to(*message, queue));
                resting.extend(row(node.area, 46.0, ready, false));
                resting.extend(row(
                    node.area,
                    66.0,
                    player.motion().unacked(queue).into_iter().take(room),
                    true,
                ));
            }
            Place::Consumer(id) => {
                let Some(actor) = player.world().actors().into_iter().find(|actor| actor.id == *id) else {
                    continue;
                };
                let ActorKind::Consumer { buffered, working, .. } = actor.kind else { continue };
                if let Some(work) = working {
                    resting.push(Rest { at: desk(node.area), message: work.message, outline: false });
                }
                let room = places(node.area).saturating_sub(2);
                let beside_desk =
                    Box2 { left: node.area.left + 44.0, width: node.area.width - 44.0, ..node.area };
                resting.extend(row(beside_desk, 54.0, buffered.into_iter().take(room), false));
            }
            Place::Disk => {
                let (recorded, written) = player.motion().unsynced();
                let room = places(node.area);
                resting.extend(row(node.area, 46.0, recorded.into_iter().take(room), true));
                resting.extend(row(node.area, 66.0, written.into_iter().take(room), false));
            }
            Place::Producer(_) | Place::Exchange(_) => {}
        }
    }
    resting
}

/// How many messages fit beside each other.
fn places(area: Box2) -> usize {
    ((area.width - 12.0) / STEP) as usize
}

fn row(
    area: Box2,
    down: f64,
    messages: impl Iterator<Item = MessageId>,
    outline: bool,
) -> impl Iterator<Item = Rest> {
    let y = area.top + down * (area.height / 78.0);
    messages.enumerate().map(move |(index, message)| {
        let x = area.left + 18.0 + index as f64 * STEP;
        Rest { at: Point { x, y }, message, outline }
    })
}

/// Where a consumer works.
fn desk(area: Box2) -> Point {
    Point { x: area.left + 25.0, y: area.top + area.height * 0.66 }
}

/// A queue's binding keys, on its upper edge.
fn draw_keys(context: &CanvasRenderingContext2d, theme: &Theme, node: &Node) {
    if node.note.is_empty() {
        return;
    }
    let keys = paint::fitted(context, &node.note, 11.0, node.area.width - 2.0);
    let half = context.measure_text(&keys).map_or(40.0, |measured| measured.width() / 2.0) + 7.0;
    let at = Point { x: node.area.centre().x, y: node.area.top - 7.0 };
    let area = Box2 { left: at.x - half, top: at.y - 9.0, width: 2.0 * half, height: 18.0 };
    paint::card(context, area, &theme.card, &theme.accent);
    paint::text(context, &keys, at, 11.0, &theme.accent, "center");
}

fn draw_node(
    context: &CanvasRenderingContext2d,
    theme: &Theme,
    player: &Player,
    node: &Node,
    actors: &[ActorView],
    queues: &[QueueView],
) {
    let actor = |id| actors.iter().find(|actor| actor.id == id);
    match &node.place {
        Place::Exchange(_) | Place::Queue(_) if !player.world().broker_is_up() => {
            context.set_global_alpha(0.45);
            paint::card(context, node.area, &theme.shelf, &theme.alarm);
            titled(context, theme, node, "✕", &theme.alarm);
            context.set_global_alpha(1.0);
        }
        Place::Exchange(_) => {
            paint::card(context, node.area, &theme.shelf, &theme.accent);
            titled(context, theme, node, &node.note, &theme.ink);
        }
        Place::Queue(name) => {
            let queue = queues.iter().find(|queue| queue.name == *name);
            let counts =
                queue.map_or_else(String::new, |queue| format!("{} + {}", queue.ready, queue.unacked));
            paint::card(context, node.area, &theme.shelf, &theme.line);
            titled(context, theme, node, &counts, &theme.ink);
            draw_keys(context, theme, node);
        }
        Place::Disk => {
            paint::card(context, node.area, &theme.card, &theme.accent);
            titled(context, theme, node, &format!("✓ {}", player.motion().synced()), &theme.ink);
        }
        Place::Producer(id) => {
            let Some(actor) = actor(*id) else { return };
            let note = match &actor.kind {
                ActorKind::Producer { sent, count, .. } => format!("{sent} / {count}"),
                ActorKind::Consumer { .. } | ActorKind::Operator => String::new(),
            };
            draw_actor(context, theme, node, actor, &note);
        }
        Place::Consumer(id) => {
            let Some(actor) = actor(*id) else { return };
            let ActorKind::Consumer { working, processed, .. } = &actor.kind else { return };
            draw_actor(context, theme, node, actor, &format!("✓ {processed}"));
            if !is_down(actor) {
                draw_desk(context, theme, player, node.area, *working);
            }
        }
    }
}

fn draw_actor(context: &CanvasRenderingContext2d, theme: &Theme, node: &Node, actor: &ActorView, note: &str) {
    if !is_down(actor) {
        paint::card(context, node.area, &theme.card, &theme.line);
        return titled(context, theme, node, note, &theme.ink);
    }
    context.set_global_alpha(0.75);
    paint::card(context, node.area, &theme.card, &theme.alarm);
    context.set_global_alpha(1.0);
    titled(context, theme, node, note, &theme.alarm);
    let centre = node.area.centre();
    let cross = Point { x: centre.x, y: node.area.top + node.area.height * 0.66 };
    paint::text(context, "✕", cross, 26.0, &theme.alarm, "center");
}

/// The name on the left and a note on the right; below it, where there is no room for both.
fn titled(context: &CanvasRenderingContext2d, theme: &Theme, node: &Node, note: &str, colour: &str) {
    const INSET: f64 = 11.0;
    let area = node.area;
    let width = |text: &str, size| paint::width(context, text, size);
    let one_line = width(&node.name, 13.0) + width(note, 11.5) + 28.0 <= area.width;
    let low = area.height < 60.0;
    let y = area.top + if low { area.height / 2.0 } else { 17.0 };
    let left = area.left + INSET;
    if one_line {
        paint::text(
            context,
            note,
            Point { x: area.left + area.width - INSET, y },
            11.5,
            &theme.faint,
            "right",
        );
        return paint::text(context, &node.name, Point { x: left, y }, 13.0, colour, "left");
    }
    let (y, below) = if low { (y - 8.0, y + 9.0) } else { (y - 4.0, y + 11.0) };
    let name = paint::fitted(context, &node.name, 12.0, area.width - 2.0 * INSET);
    paint::text(context, &name, Point { x: left, y }, 12.0, colour, "left");
    paint::text(context, note, Point { x: left, y: below }, 10.5, &theme.faint, "left");
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
    paint::ring(context, at, 14.0, 1.0, &theme.line, 3.0);
    if let Some(work) = working {
        let all = work.done_at.since(work.started_at).as_micros().max(1) as f64;
        let part = player.world().now().since(work.started_at).as_micros() as f64 / all;
        paint::ring(context, at, 14.0, part.min(1.0), &theme.accent, 3.0);
    }
}

fn draw_dot(context: &CanvasRenderingContext2d, theme: &Theme, player: &Player, dot: &Dot) {
    context.set_global_alpha(dot.opacity);
    match dot.kind {
        DotKind::Ack => {
            paint::disc(context, dot.at, 7.0, &theme.card);
            paint::ring(context, dot.at, 7.0, 1.0, &theme.message(dot.ordinal), 1.5);
            paint::text(context, "✓", dot.at, 10.0, &theme.message(dot.ordinal), "center");
        }
        DotKind::Message => paint::message(context, theme, dot.at, dot.ordinal, MESSAGE_RADIUS),
        DotKind::Redelivered => {
            paint::message(context, theme, dot.at, dot.ordinal, MESSAGE_RADIUS);
            paint::ring(context, dot.at, MESSAGE_RADIUS + 3.0, 0.8, &theme.accent, 2.0);
        }
        DotKind::Lost => {
            paint::message(context, theme, dot.at, dot.ordinal, MESSAGE_RADIUS);
            paint::ring(context, dot.at, MESSAGE_RADIUS + 3.0, 1.0, &theme.alarm, 2.0);
        }
    }
    context.set_global_alpha(1.0);
    if let Some(message) = dot.message {
        mark_selected(context, theme, player, message, dot.at);
    }
}

fn mark_selected(
    context: &CanvasRenderingContext2d,
    theme: &Theme,
    player: &Player,
    message: MessageId,
    at: Point,
) {
    if player.selected() == Some(message) {
        paint::ring(context, at, MESSAGE_RADIUS + 5.0, 1.0, &theme.ink, 1.5);
    }
}
