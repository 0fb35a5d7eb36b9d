//! The things on the stage, with what rests on them.

use std::ops::Range;

use web_sys::CanvasRenderingContext2d;

use super::{
    badges,
    brush::Brush,
    disk, fold, machine, paint,
    rest::{self, Row},
    token::Token,
};
use crate::{
    player::Player,
    scene::{Box2, Density, Keys, Layout, Node, Place, Point},
};

/// How large keys are, in pixels of the layout.
const KEY: f64 = 11.0;
/// So far a thing may stand out of its area, in pixels of the layout.
const EDGE: f64 = 7.0;
/// The same where each is a line.
const LINE_EDGE: f64 = 3.0;

/// So far shines what is on the disk of a broker without power.
const GLOW: f64 = 18.0;

/// All that is drawn for a thing.
pub(super) fn extent(brush: &Brush, layout: &Layout, node: &Node) -> Box2 {
    let edge = match (&node.place, brush.sizes.density) {
        (Place::Queues(_) | Place::Consumers(_), _) => EDGE,
        (Place::Disk, _) => GLOW,
        (_, Density::Rows) => LINE_EDGE,
        _ => EDGE,
    };
    let area = node.area.grown(edge);
    keys_area(brush, layout, node).map_or(area, |(keys, _)| area.joined(&keys.grown(1.0)))
}

/// Where the keys of a queue's bindings are, and as much of them as there is room for.
fn keys_area(brush: &Brush, layout: &Layout, node: &Node) -> Option<(Box2, String)> {
    // Where the stage is small, or lines are close to each other, there is no room for more than names.
    let has_room = layout.keys == Keys::Left || brush.sizes.density != Density::Rows;
    if node.note.is_empty() || !matches!(node.place, Place::Queue(_)) || brush.zoom * KEY < 6.5 || !has_room {
        return None;
    }
    let size = brush.readable(KEY, 8.0);
    let room = match layout.keys {
        Keys::Left => 150.0,
        Keys::Top => node.area.width - 12.0,
    };
    let keys = paint::cut(&brush.context, &node.note, size, room);
    let width = paint::width(&brush.context, &keys, size) + 14.0;
    let (left, middle) = match layout.keys {
        Keys::Left => (node.area.left - width - 6.0, node.area.centre().y),
        Keys::Top => (node.area.centre().x - width / 2.0, node.area.top - 6.0),
    };
    let height = size + 8.0;
    Some((Box2 { left, top: middle - height / 2.0, width, height }, keys))
}

pub(super) fn draw_keys(brush: &Brush, layout: &Layout, node: &Node) {
    let Brush { context, theme, .. } = brush;
    let Some((area, keys)) = keys_area(brush, layout, node) else { return };
    paint::rounded(context, area, area.height / 2.0);
    paint::filled(context, &theme.card, &theme.edge, 1.25);
    paint::text(context, &keys, area.centre(), brush.readable(KEY, 8.0), &theme.ink, "center");
}

/// The key of a binding that has just taken a message, over the others; as much of it as there is room for.
pub(super) fn light_key(brush: &Brush, layout: &Layout, node: &Node, label: &Range<usize>) {
    let Brush { context, theme, .. } = brush;
    let Some((area, keys)) = keys_area(brush, layout, node) else { return };
    let Some(key) = keys.get(label.start..label.end.min(keys.len())).filter(|key| !key.is_empty()) else {
        return;
    };
    let size = brush.readable(KEY, 8.0);
    let width = |text: &str| paint::width(context, text, size);
    let left = area.centre().x - width(&keys) / 2.0 + width(&keys[..label.start]);
    let lit = Box2 { left: left - 5.0, width: width(key) + 10.0, ..area };
    paint::rounded(context, lit, lit.height / 2.0);
    context.set_fill_style_str(&theme.accent);
    context.fill();
    paint::text(context, key, Point { x: left, y: area.centre().y }, size, &theme.card, "left");
}

/// A thing, with what rests on it.
pub(super) fn draw(brush: &Brush, player: &Player, layout: &Layout, node: &Node) {
    let actor = match &node.place {
        Place::Producer(id) | Place::Consumer(id) => player.actor(*id),
        _ => None,
    };
    let rows = rest::rows(player, brush.sizes, node, actor.as_ref());
    match &node.place {
        Place::Exchange(_) => exchange(brush, player, node),
        Place::Queue(_) => {
            let counts = match &rows[..] {
                [ready, unacked] => Some((ready.count, unacked.count)),
                _ => None,
            };
            queue(brush, player, node, counts);
            draw_keys(brush, layout, node);
        }
        Place::Queues(_) => {
            edges_behind(brush, node.area);
            queue(brush, player, node, fold::counts(player, layout, &node.place));
        }
        Place::Consumers(_) => {
            edges_behind(brush, node.area);
            if let Some(crew) = fold::crew(player, layout, &node.place) {
                machine::draw_crew(brush, node, &crew);
            }
        }
        Place::Disk => disk::draw(brush, player, node),
        Place::Producer(_) | Place::Consumer(_) => {
            if let Some(actor) = &actor {
                machine::draw(brush, player, node, actor);
            }
        }
    }
    let is_lit = matches!(node.place, Place::Disk) && !player.world().broker_is_up();
    for row in &rows {
        draw_row(brush, player, row, is_lit);
    }
}

/// There is more than one of what is drawn here.
fn edges_behind(brush: &Brush, area: Box2) {
    const APART: f64 = 2.5;
    let (context, theme) = (&brush.context, brush.theme);
    for behind in [2.0, 1.0] {
        let by = APART * behind;
        let area = Box2 { left: area.left + by, top: area.top + by, ..area };
        paint::rounded(context, area, 7.0);
        paint::filled(context, &theme.card, &theme.edge, 1.25);
    }
}

fn draw_row(brush: &Brush, player: &Player, row: &Row, is_lit: bool) {
    let Brush { context, theme, .. } = brush;
    for rest in &row.rests {
        let token = Token::of(player, rest.message, rest.queue.as_ref(), (rest.at, rest.radius));
        let token = Token { is_hollow: rest.is_hollow, ..token.until(player, rest.message, rest.expires_at) };
        if is_lit {
            context.set_shadow_color(&theme.glow);
            context.set_shadow_blur(12.0);
        }
        token.draw(brush);
        context.set_shadow_blur(0.0);
        if player.selected() == Some(rest.message) {
            token.frame(brush);
        }
    }
    if let Some((at, count)) = row.more {
        let is_left = row.rests.len() > 1 && row.rests[0].at.x > row.rests[1].at.x;
        let align = if is_left { "right" } else { "left" };
        paint::text(context, &more(count), at, brush.readable(11.0, 8.0), &theme.faint, align);
    }
}

/// How many there are that have no room.
fn more(count: u64) -> String {
    format!("+{}", grouped(count))
}

/// With commas between thousands.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Round: it keeps nothing.
fn exchange(brush: &Brush, player: &Player, node: &Node) {
    let Brush { context, theme, .. } = brush;
    let is_up = player.world().broker_is_up();
    let area = node.area;
    let (ground, edge, ink) = in_broker(brush, is_up);
    paint::rounded(context, area, (area.height / 2.0).min(20.0));
    paint::filled(context, ground, edge, 1.5);
    let is_line = brush.sizes.density == Density::Rows;
    let size = brush.readable(if is_line { 12.0 } else { 13.0 }, 8.5);
    let sign_at = Point { x: area.left + 18.0, y: area.centre().y };
    sign(context, &node.note, sign_at, if is_up { &theme.accent } else { &theme.on_dark });
    let room = area.width - 40.0;
    let name = paint::fitted_name(context, node, size, room);
    let middle = if is_line { area.centre().y } else { area.centre().y - 7.0 };
    paint::bold(context, &name, Point { x: area.left + 32.0, y: middle }, size, ink, "left");
    if !is_line {
        let faint = if is_up { &theme.faint } else { &theme.on_dark };
        let kind = paint::cut(context, &node.note, brush.readable(11.0, 8.0), room);
        let at = Point { x: area.left + 32.0, y: area.centre().y + 9.0 };
        paint::text(context, &kind, at, brush.readable(11.0, 8.0), faint, "left");
    }
}

/// How an exchange chooses: to one key, to all, by patterns, by headers.
fn sign(context: &CanvasRenderingContext2d, kind: &str, at: Point, colour: &str) {
    let stroke = |points: &[(f64, f64)]| {
        paint::polyline(context, points.iter().map(|(x, y)| Point { x: at.x + x, y: at.y + y }));
        paint::stroked(context, colour, 1.8);
    };
    match kind {
        "direct" => {
            stroke(&[(-6.0, -3.0), (6.0, -3.0)]);
            stroke(&[(-6.0, 3.0), (6.0, 3.0)]);
        }
        "fanout" => {
            stroke(&[(6.0, -6.0), (-6.0, 0.0), (6.0, 6.0)]);
            stroke(&[(-6.0, 0.0), (6.0, 0.0)]);
        }
        "topic" => paint::bold(context, "*", Point { x: at.x, y: at.y + 4.0 }, 22.0, colour, "center"),
        "headers" => paint::bold(context, "{ }", at, 12.0, colour, "center"),
        _ => {
            paint::ring(context, at, 6.0, 1.0, colour, 1.6);
            stroke(&[(0.0, -4.0), (0.0, 0.0), (3.0, 2.0)]);
        }
    }
}

/// The ground, edge and ink of what is in the broker.
fn in_broker<'a>(brush: &'a Brush, is_up: bool) -> (&'a str, &'a str, &'a str) {
    let theme = brush.theme;
    if is_up { (&theme.card, &theme.edge, &theme.ink) } else { (&theme.dark, &theme.edge, &theme.on_dark) }
}

/// A trough, open on the side where consumers take from it.
fn queue(brush: &Brush, player: &Player, node: &Node, counts: Option<(u64, u64)>) {
    let Brush { context, theme, sizes, .. } = brush;
    let is_up = player.world().broker_is_up();
    let area = node.area;
    let (ground, edge, ink) = in_broker(brush, is_up);
    let radius = 7.0;
    paint::with_corners(context, area, [radius, 0.0, 0.0, radius]);
    context.set_fill_style_str(ground);
    context.fill();
    context.begin_path();
    context.move_to(area.right(), area.top);
    let (left, bottom) = (area.left, area.bottom());
    let _ = context.arc_to(left, area.top, left, area.top + radius, radius);
    let _ = context.arc_to(left, bottom, left + radius, bottom, radius);
    context.line_to(area.right(), bottom);
    paint::stroked(context, edge, 1.6);
    paint::set_dash(context, 2.0, 3.0);
    let (top, end) = (Point { x: area.right(), y: area.top }, Point { x: area.right(), y: bottom });
    paint::line(context, top, end, edge, 1.25);
    paint::set_dash(context, 0.0, 0.0);
    if sizes.density == Density::Rows {
        return queue_line(brush, node, counts, ink);
    }
    queue_title(brush, node, ink);
    let Some((ready, unacked)) = counts.filter(|_| is_up) else { return };
    let strips = rest::strips(sizes, area);
    let between = f64::midpoint(strips[0].y, strips[1].y);
    paint::set_dash(context, 1.5, 3.0);
    let (from, to) = (Point { x: area.left + 8.0, y: between }, Point { x: area.right() - 4.0, y: between });
    paint::line(context, from, to, &theme.line, 1.0);
    paint::set_dash(context, 0.0, 0.0);
    let lang = brush.lang;
    let words =
        [(ready, lang.say_in("on the stage", "ready")), (unacked, lang.say_in("on the stage", "unacked"))];
    let (size, small) = (brush.readable(sizes.radius * 1.25, 10.0), brush.readable(10.5, 8.0));
    // Where the stage is small the numbers are alone: words would lie on them.
    let has_room = size * 1.54 + small * 0.5 <= strips[1].y - strips[0].y;
    let raised = if has_room { size * 0.42 } else { 0.0 };
    for (strip, (count, word)) in strips.iter().zip(words) {
        let x = area.left + 11.0;
        let colour = if count == 0 { &theme.faint } else { ink };
        paint::bold(context, &grouped(count), Point { x, y: strip.y - raised }, size, colour, "left");
        if has_room {
            paint::text(context, word, Point { x, y: strip.y + size * 0.62 }, small, &theme.faint, "left");
        }
    }
}

/// Its name, and how it was declared.
fn queue_title(brush: &Brush, node: &Node, ink: &str) {
    let area = node.area;
    let size = brush.readable(13.0, 8.5);
    let y = area.top + brush.sizes.title / 2.0 + 1.0;
    let name_width = paint::bold_width(&brush.context, &node.name, size);
    let room = area.width - 26.0 - name_width;
    let badges = badges::draw_from_right(brush, &node.badges, Point { x: area.right() - 8.0, y }, room);
    let name = paint::fitted_name(&brush.context, node, size, area.width - 24.0 - badges);
    paint::bold(&brush.context, &name, Point { x: area.left + 11.0, y }, size, ink, "left");
}

/// A queue as a line: its name, how it was declared, what is ready, and both numbers.
fn queue_line(brush: &Brush, node: &Node, counts: Option<(u64, u64)>, ink: &str) {
    let Brush { context, theme, .. } = brush;
    let area = node.area;
    let (size, y) = (brush.readable(12.0, 8.0), area.centre().y);
    let has_room = area.width > 200.0;
    let numbers = if has_room { 74.0 } else { 44.0 };
    let half = if has_room { area.width * 0.5 - 10.0 } else { area.width - numbers - 10.0 };
    let name = paint::fitted_name(context, node, size, half);
    paint::bold(context, &name, Point { x: area.left + 9.0, y }, size, ink, "left");
    let width = paint::bold_width(context, &name, size);
    let end = Point { x: area.left + area.width * 0.5 + 4.0, y };
    if has_room && width + 16.0 < half {
        badges::draw_from_right(brush, &node.badges, end, half - width - 4.0);
    }
    let Some((ready, unacked)) = counts else { return };
    for (count, x) in [(ready, area.right() - 40.0), (unacked, area.right() - 8.0)] {
        let colour = if count == 0 { &theme.faint } else { ink };
        let x = if has_room { x } else { f64::midpoint(x, area.right() - 6.0) };
        paint::bold(context, &grouped(count), Point { x, y }, size, colour, "right");
    }
}
