//! One picture: ways, what flows on them, what stands, then what moves by itself.

use warren_core::ordered::OrdMap;
use warren_sim::ActorId;

use super::{brush::Brush, layer::Layers, light, nodes, paint, streams, token, token::Token};
use crate::{
    i18n::say,
    player::Player,
    scene::{
        Density, Dot, DotKind, HeldByCrashed, Layout, Link, MOST_HELD, Node, Place, Point, QueueRow, Safety,
        Settlement,
    },
};

/// With more on their way nobody reads routing keys.
const MANY_KEYS: usize = 14;
/// So many are named that a crashed client held, or that are lost.
const NAMED: usize = 6;
/// What is lost is seen for this part of its time before it falls to ash.
const BEFORE_ASH: f64 = 0.35;

pub(super) fn draw(brush: &Brush, player: &Player, layout: &Layout, layers: &Layers) {
    layers.show_ways(brush);
    let lit = player.motion().lit(layout, player.world().now());
    let lit: Vec<&Link> = lit.into_iter().map(|index| &layout.links[index]).collect();
    for link in &lit {
        // A stream says itself that messages go there.
        if player.flows.of(layout, &link.ends).strength < 1.0 {
            paint::way(&brush.context, link, &brush.theme.accent, 3.0);
        }
    }
    streams::draw_flows(brush, player, layout);
    layers.show_things(brush);
    for link in &lit {
        if let Some(node) = layout.node(&link.ends.1) {
            nodes::light_key(brush, layout, node, &link.label);
        }
    }
    light::draw(brush, layout, &player.light);
    let now = player.world().now();
    let dots = player.flows.dots(player.motion(), layout, now, player.selected());
    let brush = brush.for_so_many(dots.len());
    let has_keys = brush.sizes.density != Density::Rows && dots.len() <= MANY_KEYS;
    for dot in &dots {
        draw_dot(&brush, player, layout, dot, has_keys);
    }
    draw_words_of_held(&brush, player, layout);
    draw_words_of_lost(&brush, player, layout);
}

/// Beside what crashed clients held: that it is not acked.
fn draw_words_of_held(brush: &Brush, player: &Player, layout: &Layout) {
    if brush.sizes.density == Density::Rows {
        return;
    }
    let motion = player.motion();
    let mut held: OrdMap<ActorId, Vec<&HeldByCrashed>> = OrdMap::new();
    for message in motion.disconnections().held_by_crashed() {
        held.entry(message.actor).or_default().push(message);
    }
    for (actor, held) in held {
        let Some(last) = held.iter().map(|message| message.place).filter(|place| *place < MOST_HELD).max()
        else {
            continue;
        };
        let Some(at) = layout.place_of_held(&Place::Consumer(actor), last) else { continue };
        let numbers = listed(held.iter().map(|held| motion.ordinal(held.message)));
        let word = brush.lang.say_in("messages of a client", "unacked");
        let all = say!(brush.lang, "unacked: {numbers}", numbers);
        let size = brush.readable(11.5, 8.5);
        let at = Point { x: at.x + brush.sizes.radius + 7.0, y: at.y };
        let room = layout.inward(layout.size).x - at.x - 2.0 * size;
        let words = if paint::bold_width(&brush.context, &all, size) < room { &all } else { word };
        let (theme, context) = (brush.theme, &brush.context);
        paint::pill(context, words, at, "left", (size, &theme.alarm, &theme.alarm_ground));
    }
}

/// Below what has just been lost: that it is.
fn draw_words_of_lost(brush: &Brush, player: &Player, layout: &Layout) {
    if brush.sizes.density == Density::Rows || !brush.is_legible {
        return;
    }
    let (theme, context) = (brush.theme, &brush.context);
    for (at, lost) in player.motion().lost_at(layout, player.world().now()) {
        let words = say!(brush.lang, "lost: {numbers}", numbers = listed(lost.into_iter()));
        let size = brush.readable(11.5, 8.5);
        paint::pill(context, &words, at, "center", (size, &theme.alarm, &theme.alarm_ground));
    }
}

/// The first of these numbers, and whether there are more.
fn listed(numbers: impl ExactSizeIterator<Item = u64>) -> String {
    let more = if numbers.len() > NAMED { " …" } else { "" };
    let first: Vec<String> = numbers.take(NAMED).map(|number| number.to_string()).collect();
    first.join(", ") + more
}

fn draw_dot(brush: &Brush, player: &Player, layout: &Layout, dot: &Dot, has_keys: bool) {
    let context = &brush.context;
    let radius = brush.sizes.radius;
    let queue = match &dot.from {
        Some(Place::Queue(queue)) => Some(queue),
        _ => None,
    };
    let token = match dot.message {
        Some(message) => Token::of(player, message, queue, (dot.at, radius)),
        None => {
            let safety = if dot.persistent { Safety::InMemory } else { Safety::Transient };
            Token { safety, ..Token::plain(dot.at, dot.label, radius) }
        }
    };
    context.set_global_alpha(dot.opacity);
    match dot.kind {
        DotKind::Settled(how) => draw_settlement(brush, dot, how, has_keys),
        DotKind::Message | DotKind::Redelivered => {
            token.draw(brush);
            if has_keys && is_named(layout, dot) {
                draw_words_above(brush, dot, &dot.routing_key);
            }
        }
        DotKind::DeadLetter(reason) => {
            token.draw(brush);
            if has_keys {
                draw_words_above(brush, dot, reason.as_str());
            }
        }
        DotKind::HeldByCrashed => {
            draw_thread(brush, layout, dot);
            token.draw(brush);
        }
        DotKind::Lost => {
            context.set_global_alpha(1.0);
            let gone = 1.0 - dot.opacity;
            if gone < BEFORE_ASH {
                token.draw_lost(brush);
            } else {
                token::draw_ash(brush, &token, (gone - BEFORE_ASH) / (1.0 - BEFORE_ASH));
            }
        }
    }
    context.set_global_alpha(1.0);
    if dot.message.is_some() && dot.message == player.selected() {
        token.frame(brush);
    }
}

/// What a consumer answers: a small word in the colour of the message; in crowds a small ring.
fn draw_settlement(brush: &Brush, dot: &Dot, how: Settlement, has_words: bool) {
    let (context, theme) = (&brush.context, brush.theme);
    let colour = theme.message(dot.label.colour);
    if has_words && brush.is_legible {
        let words = format!("{} {}", how.word(), dot.label.number);
        let size = brush.readable(11.0, 8.5);
        return paint::label(context, &words, dot.at, (size, colour, &theme.card));
    }
    let radius = (brush.sizes.radius * 0.62).max(4.0);
    paint::disc(context, dot.at, radius, &theme.card);
    paint::ring(context, dot.at, radius, 1.0, colour, 1.6);
}

/// From what a crashed client held to its place in the queue.
fn draw_thread(brush: &Brush, layout: &Layout, dot: &Dot) {
    let Some(queue) = dot.from.as_ref().and_then(|place| layout.node(place)) else { return };
    let y = brush.sizes.row_y(queue.area, QueueRow::Unacked);
    let from = Point { x: queue.area.right(), y };
    let (a, b) = (from.towards(dot.at, 0.4), dot.at.towards(from, 0.3));
    let (a, b) = (Point { y: a.y + 14.0, ..a }, Point { y: b.y + 14.0, ..b });
    paint::trace(&brush.context, &[[from, a, b, dot.at]]);
    paint::stroked(&brush.context, brush.theme.message(dot.label.colour), 1.2);
}

/// Whether the key says where a message goes.
fn is_named(layout: &Layout, dot: &Dot) -> bool {
    let leads_by_key =
        |node: &Node| matches!(node.note.as_str(), "direct" | "topic") && !node.name.is_empty();
    let is_to_exchange = matches!(dot.from, Some(Place::Producer(_)));
    !dot.routing_key.is_empty()
        && is_to_exchange
        && layout.nodes.iter().any(|node| {
            matches!(&node.place, Place::Exchange(name) if !name.is_empty()) && leads_by_key(node)
        })
}

fn draw_words_above(brush: &Brush, dot: &Dot, words: &str) {
    let (context, theme) = (&brush.context, brush.theme);
    let at = Point { x: dot.at.x, y: dot.at.y - brush.sizes.radius - 11.0 };
    let size = brush.readable(11.0, 8.5);
    paint::pill(context, words, at, "center", (size, &theme.card, &theme.ink));
}
