//! Clients: small machines outside of the broker. How it is with one is seen by its shape, and said in a word.

use warren_sim::{ActorKind, ActorView, Status};

use super::{badges, brush::Brush, fold::Crew, paint};
use crate::{
    i18n::say,
    player::Player,
    scene::{Badge, Box2, Density, Disconnection, Node, Place, Point},
};

const CORNER: f64 = 9.0;

/// What a client's looks depend on, besides what it does.
enum Looks {
    Up,
    Paused,
    /// It has not started yet.
    Waiting,
    /// Its code is to be read before it runs.
    Unread,
    /// Its program has come to its end.
    Finished,
    Connecting,
    /// Without a connection; it tries again after so much of its wait, in so many seconds.
    Unplugged(Option<(f64, f64)>),
    Refused(String),
    Crashed,
}

impl Looks {
    fn of(player: &Player, actor: &ActorView, why: &Disconnection) -> Looks {
        let now = player.world().now();
        match actor.status {
            Status::Crashed => Looks::Crashed,
            Status::Refused => why.refusal.clone().map_or(Looks::Unplugged(None), Looks::Refused),
            Status::Paused => Looks::Paused,
            Status::Waiting if player.has_unread_code(&actor.name) => Looks::Unread,
            Status::Waiting => Looks::Waiting,
            Status::Finished => Looks::Finished,
            Status::Connecting if player.world().broker_is_up() => Looks::Connecting,
            Status::Up if player.world().broker_is_up() => Looks::Up,
            Status::Connecting | Status::Up | Status::Disconnected => {
                let retry = why.retry.filter(|(_, again_at)| *again_at > now);
                Looks::Unplugged(retry.map(|(since, again_at)| {
                    let (all, gone) = (again_at.since(since).as_secs_f64(), now.since(since).as_secs_f64());
                    (gone / all.max(0.001), all - gone)
                }))
            }
        }
    }
}

pub(super) fn draw(brush: &Brush, player: &Player, node: &Node, actor: &ActorView) {
    let why = player.motion().disconnections().of(actor.id);
    let looks = Looks::of(player, actor, &why);
    if matches!(looks, Looks::Crashed) {
        return crashed(brush, node, actor, why.broken(player.world().now()));
    }
    let theme = brush.theme;
    let lit = match &looks {
        Looks::Up => Some(&theme.accent),
        Looks::Paused | Looks::Refused(_) => Some(&theme.wait),
        _ => None,
    };
    body(brush, node, (&theme.card, &theme.head, &theme.edge));
    lamp(brush, lamp_at(brush, node.area), lit.unwrap_or(&theme.edge), lit.is_some());
    let is_line = brush.sizes.density == Density::Rows;
    if is_line {
        title(brush, node, &note(brush, actor), &theme.ink);
    } else {
        title(brush, node, "", &theme.ink);
        foot(brush, node, &note(brush, actor));
    }
    match looks {
        Looks::Up | Looks::Connecting if !is_line => at_work(brush, player, node, actor),
        Looks::Up | Looks::Connecting => desk(brush, player, node.area, actor),
        other if is_line => sign(brush, node.area, &other),
        other => words(brush, node.area, &other),
    }
}

/// Consumers that are folded: how many there are, how many are not up, and what they have processed in all.
pub(super) fn draw_crew(brush: &Brush, node: &Node, crew: &Crew) {
    let (theme, sizes) = (brush.theme, brush.sizes);
    body(brush, node, (&theme.card, &theme.head, &theme.edge));
    let (lit, is_lit) = match crew {
        Crew { crashed: 1.., .. } => (&theme.alarm, true),
        Crew { up, all, .. } if up < all => (&theme.wait, true),
        _ => (&theme.accent, true),
    };
    lamp(brush, lamp_at(brush, node.area), lit, is_lit);
    let badge = node.badges.first().map(Badge::text).unwrap_or_default();
    title(brush, node, &badge, &theme.ink);
    if sizes.density == Density::Rows {
        return;
    }
    let (size, lang) = (brush.readable(12.0, 8.0), brush.lang);
    let middle = sizes.body_y(node.area);
    let mut said = say!(lang, "{count} done", count = crew.processed);
    if crew.crashed > 0 {
        let crashed = say!(lang, "crashed: {count}", count = crew.crashed);
        said = format!("{said} · {crashed}");
    }
    let at = Point { x: node.area.left + 12.0, y: middle };
    paint::text(&brush.context, &said, at, size, &theme.ink, "left");
}

/// A small lamp, lit or not.
pub(super) fn lamp(brush: &Brush, at: Point, colour: &str, is_lit: bool) {
    let radius = if brush.sizes.density == Density::Rows { 3.5 } else { 4.5 };
    if is_lit {
        paint::disc(&brush.context, at, radius, colour);
    } else {
        paint::ring(&brush.context, at, radius - 0.5, 1.0, colour, 1.4);
    }
}

fn lamp_at(brush: &Brush, area: Box2) -> Point {
    Point { x: area.left + 12.0, y: area.top + brush.sizes.title / 2.0 }
}

fn body(brush: &Brush, node: &Node, (ground, head, edge): (&str, &str, &str)) {
    let (context, sizes) = (&brush.context, brush.sizes);
    let area = node.area;
    if sizes.density != Density::Rows {
        // It stands on two feet.
        for x in [area.left + 14.0, area.right() - 30.0] {
            paint::chip(context, Box2 { left: x, top: area.bottom() - 2.0, width: 16.0, height: 5.0 }, edge);
        }
    }
    paint::rounded(context, area, CORNER);
    context.set_fill_style_str(ground);
    context.fill();
    let below = if sizes.density == Density::Rows { CORNER } else { 0.0 };
    let upper = Box2 { height: sizes.title.min(area.height), ..area };
    paint::with_corners(context, upper, [CORNER, CORNER, below, below]);
    context.set_fill_style_str(head);
    context.fill();
    paint::rounded(context, area, CORNER);
    paint::stroked(context, edge, 1.5);
}

/// The name on the left, a note on the right.
fn title(brush: &Brush, node: &Node, note: &str, ink: &str) {
    let (context, theme) = (&brush.context, brush.theme);
    let is_line = brush.sizes.density == Density::Rows;
    let (size, note_size) =
        (brush.readable(if is_line { 11.5 } else { 13.0 }, 8.5), brush.readable(11.5, 8.0));
    let at = lamp_at(brush, node.area);
    let right =
        node.area.right() - if is_line && matches!(node.place, Place::Consumer(_)) { 28.0 } else { 9.0 };
    let room = right - at.x - 10.0;
    // The name comes first; what is counted stands in the list of things, too.
    let note_room = paint::width(context, note, note_size) + 6.0;
    let has_room = room - note_room >= (0.75 * room).min(paint::bold_width(context, &node.name, size));
    let name_room = if has_room { room - note_room } else { room };
    let name = paint::fitted_name(context, node, size, name_room);
    paint::bold(context, &name, Point { x: at.x + 10.0, y: at.y }, size, ink, "left");
    if has_room {
        paint::text(context, note, Point { x: right, y: at.y }, note_size, &theme.faint, "right");
    }
}

/// How the client works on the left, and what it has done on the right.
fn foot(brush: &Brush, node: &Node, note: &str) {
    let (context, theme) = (&brush.context, brush.theme);
    let (area, size) = (node.area, brush.readable(10.5, 8.0));
    let y = area.bottom() - brush.sizes.foot / 2.0 - 2.0;
    paint::text(context, note, Point { x: area.right() - 9.0, y }, size, &theme.faint, "right");
    let note_width = if note.is_empty() { 0.0 } else { paint::width(context, note, size) + 8.0 };
    let mut room = area.width - 17.0 - note_width;
    let mut left = area.left + 8.0;
    for badge in &node.badges {
        let taken = badges::draw_one(brush, badge, Point { x: left, y }, room);
        (left, room) = (left + taken, room - taken);
    }
}

fn note(brush: &Brush, actor: &ActorView) -> String {
    match &actor.kind {
        ActorKind::Producer { sent, count, .. } if brush.sizes.density == Density::Rows => {
            format!("{sent}/{count}")
        }
        ActorKind::Producer { .. } | ActorKind::Operator => String::new(),
        ActorKind::Consumer { processed, .. } => say!(brush.lang, "{count} done", count = processed),
    }
}

fn at_work(brush: &Brush, player: &Player, node: &Node, actor: &ActorView) {
    let (context, theme, lang) = (&brush.context, brush.theme, brush.lang);
    match &actor.kind {
        ActorKind::Producer { sent, count, .. } => {
            let y = brush.sizes.body_y(node.area);
            let size = brush.readable(brush.sizes.radius * 1.35, 11.0);
            let at = Point { x: node.area.left + 12.0, y };
            let number = sent.to_string();
            let colour =
                player.motion().colour_of(actor.id).map_or(&*theme.ink, |colour| theme.message(colour));
            paint::bold(context, &number, at, size, colour, "left");
            let beside = Point { x: at.x + paint::bold_width(context, &number, size) + 6.0, y: y + 1.0 };
            let words = say!(lang, "sent, of {count}", count);
            let words =
                paint::cut(context, &words, brush.readable(11.5, 8.0), node.area.right() - beside.x - 4.0);
            paint::text(context, &words, beside, brush.readable(11.5, 8.0), &theme.faint, "left");
        }
        ActorKind::Consumer { .. } => desk(brush, player, node.area, actor),
        ActorKind::Operator => {}
    }
}

/// The ring that fills while a consumer works.
fn desk(brush: &Brush, player: &Player, area: Box2, actor: &ActorView) {
    let ActorKind::Consumer { working, .. } = &actor.kind else { return };
    let (context, theme) = (&brush.context, brush.theme);
    let (at, radius) = brush.sizes.desk(area);
    let width = if brush.sizes.density == Density::Rows { 2.0 } else { 3.0 };
    paint::ring(context, at, radius, 1.0, &theme.line, width);
    if let Some(work) = working {
        let all = work.done_at.since(work.started_at).as_micros().max(1) as f64;
        let part = player.world().now().since(work.started_at).as_micros() as f64 / all;
        paint::ring(context, at, radius, part.min(1.0), &theme.accent, width);
    }
}

/// Why it does not work, in words, with a picture on the left.
fn words(brush: &Brush, area: Box2, looks: &Looks) {
    let (context, theme, lang) = (&brush.context, brush.theme, brush.lang);
    let y = brush.sizes.body_y(area);
    let size = brush.readable(12.0, 8.5);
    let (says, colour, inset) = match looks {
        Looks::Waiting => (lang.say("starts later").to_owned(), &theme.faint, 12.0),
        Looks::Unread => (lang.say("code not run").to_owned(), &theme.wait, 12.0),
        Looks::Finished => (lang.say("finished").to_owned(), &theme.faint, 12.0),
        Looks::Paused => {
            pause(brush, Point { x: area.left + 20.0, y });
            (lang.say_in("on the stage", "paused").to_owned(), &theme.wait, 36.0)
        }
        Looks::Refused(code) => return refused(brush, area, code),
        Looks::Unplugged(None) => (lang.say("no connection").to_owned(), &theme.faint, 12.0),
        Looks::Unplugged(Some((part, left_s))) => {
            let at = Point { x: area.left + 20.0, y };
            paint::ring(context, at, 8.0, 1.0, &theme.line, 3.0);
            paint::ring(context, at, 8.0, 1.0 - part, &theme.wait, 3.0);
            (say!(lang, "retry in {time} s", time = format!("{left_s:.1}")), &theme.wait, 36.0)
        }
        Looks::Up | Looks::Connecting | Looks::Crashed => return,
    };
    let words = paint::cut(context, &says, size, area.width - inset - 6.0);
    paint::bold(context, &words, Point { x: area.left + inset, y }, size, colour, "left");
}

/// The reply code of the broker, and its name below.
fn refused(brush: &Brush, area: Box2, code: &str) {
    let (context, theme) = (&brush.context, brush.theme);
    let (number, name) = code.split_once(' ').unwrap_or((code, ""));
    let middle = Point { x: area.left + 12.0, y: brush.sizes.body_y(area) };
    let (size, small) = (brush.readable(17.0, 11.0), brush.readable(10.5, 8.0));
    let has_room = area.height - brush.sizes.title - brush.sizes.foot > size + small;
    let up = if has_room { 9.0 } else { 0.0 };
    paint::bold(context, number, Point { y: middle.y - up, ..middle }, size, &theme.alarm, "left");
    if has_room {
        let name = paint::fitted(context, name, small, area.width - 18.0);
        paint::bold(context, &name, Point { y: middle.y + 9.0, ..middle }, small, &theme.alarm, "left");
    }
}

/// The same where there is room for a sign only.
fn sign(brush: &Brush, area: Box2, looks: &Looks) {
    let (context, theme) = (&brush.context, brush.theme);
    let at = Point { x: area.right() - 14.0, y: area.centre().y };
    match looks {
        Looks::Paused => pause(brush, at),
        Looks::Refused(_) => paint::bold(context, "!", at, 14.0, &theme.alarm, "center"),
        Looks::Unplugged(_) => paint::ring(context, at, 6.0, 0.7, &theme.wait, 2.0),
        _ => {}
    }
}

fn pause(brush: &Brush, at: Point) {
    for x in [at.x - 5.0, at.x + 2.0] {
        paint::chip(
            &brush.context,
            Box2 { left: x, top: at.y - 7.0, width: 4.0, height: 14.0 },
            &brush.theme.wait,
        );
    }
}

/// Cracked in two, and dark; `broken` is how far, from 0 to 1.
fn crashed(brush: &Brush, node: &Node, actor: &ActorView, broken: f64) {
    let (context, theme, lang) = (&brush.context, brush.theme, brush.lang);
    if broken < 1.0 {
        body(brush, node, (&theme.card, &theme.head, &theme.alarm));
    }
    context.set_global_alpha(0.3 + 0.7 * broken);
    let area = node.area;
    let zigzag = |shift: f64| {
        let middle = area.left + area.width * 0.68;
        [(0.0, -4.0), (0.3, 7.0), (0.55, -7.0), (0.8, 6.0), (1.0, -2.0)]
            .map(|(down, x)| Point { x: middle + x + shift, y: area.top + down * area.height })
    };
    let apart = 3.0 * broken;
    let left = zigzag(-apart);
    let mut shape = vec![Point { x: area.left, y: area.top }];
    shape.extend(left);
    shape.push(Point { x: area.left, y: area.bottom() });
    piece(brush, &shape, -0.012 * broken, Point { x: area.left, y: area.bottom() });
    let right = zigzag(apart);
    let mut shape = vec![Point { x: area.right(), y: area.top }];
    shape.extend(right);
    shape.push(Point { x: area.right(), y: area.bottom() });
    piece(brush, &shape, 0.03 * broken, Point { x: area.right(), y: area.bottom() });
    context.set_global_alpha(1.0);
    let at = lamp_at(brush, area);
    lamp(brush, at, &theme.alarm, true);
    let size = brush.readable(if brush.sizes.density == Density::Rows { 11.5 } else { 13.0 }, 8.5);
    let name = paint::fitted_name(context, node, size, area.width * 0.62 - 22.0);
    paint::bold(context, &name, Point { x: at.x + 10.0, y: at.y }, size, &theme.on_dark, "left");
    if brush.sizes.density != Density::Rows {
        let y = brush.sizes.body_y(area);
        let (says, size) = (lang.say("crashed"), brush.readable(12.0, 8.5));
        let with_note = format!("{says} · {}", note(brush, actor));
        // On the left of the crack.
        let has_room = paint::bold_width(context, &with_note, size) < area.width * 0.62 - 14.0;
        let says = if has_room { &with_note } else { says };
        paint::bold(context, says, Point { x: at.x - 4.0, y }, size, &theme.on_dark, "left");
    }
}

/// A piece of a machine, a little turned around a corner.
fn piece(brush: &Brush, shape: &[Point], turn: f64, around: Point) {
    let (context, theme) = (&brush.context, brush.theme);
    let (sin, cos) = turn.sin_cos();
    let turned = shape.iter().map(|point| {
        let (x, y) = (point.x - around.x, point.y - around.y);
        Point { x: around.x + x * cos - y * sin, y: around.y + x * sin + y * cos }
    });
    paint::polyline(context, turned);
    context.close_path();
    paint::filled(context, &theme.dark, &theme.alarm, 1.5);
}
