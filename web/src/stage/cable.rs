//! Cables: the TCP connections of clients, plugged into the broker, torn, or hanging loose.

use warren_sim::{ActorId, ActorView, Status, warren_core::Instant};

use super::{brush::Brush, paint};
use crate::{
    i18n::say,
    player::Player,
    scene::{Box2, Curve, Density, Layout, Link, Place, Point, along},
};

/// How a cable looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cable {
    /// There is no connection, and none was broken.
    Absent,
    Plugged,
    /// Nothing passes, and neither side knows yet; or the client stands still. If the broker watches, in so many seconds it
    /// gives the client up.
    Silent {
        is_dead: bool,
        seconds_left: Option<u64>,
    },
    /// The client is gone; the broker may not have noticed. So many tenths of the gap are there.
    Torn(u8),
    /// The client lives, and has no connection.
    Loose,
    /// The broker has closed its channel or its connection.
    Closed,
}

/// How the cables of all clients look, in the order of the layout's links.
pub(super) fn states(player: &Player, layout: &Layout) -> Vec<Cable> {
    layout.links.iter().map(|link| state(player, link)).collect()
}

fn state(player: &Player, link: &Link) -> Cable {
    let Some(actor) = client(link) else { return Cable::Absent };
    let Some(view) = player.actor(actor) else { return Cable::Absent };
    match view.status {
        Status::Waiting | Status::Finished => Cable::Absent,
        Status::Connecting | Status::Up | Status::Paused if player.world().broker_is_up() => {
            plugged(player, actor, &view)
        }
        Status::Connecting | Status::Up | Status::Paused | Status::Disconnected => Cable::Loose,
        Status::Refused if player.motion().disconnections().of(actor).refusal.is_some() => Cable::Closed,
        Status::Refused => Cable::Loose,
        Status::Crashed => {
            let broken = player.motion().disconnections().of(actor).broken(player.world().now());
            Cable::Torn((10.0 * broken) as u8)
        }
    }
}

/// A cable with a connection: whether anything passes on it.
fn plugged(player: &Player, actor: ActorId, view: &ActorView) -> Cable {
    let world = player.world();
    let is_dead = world.is_silent(actor);
    if !is_dead && view.status != Status::Paused {
        return Cable::Plugged;
    }
    let given_up_at = view.connection.and_then(|connection| world.broker().given_up_at(connection));
    let seconds = |at: Instant| at.since(world.now()).as_millis().div_ceil(1_000);
    let seconds_left = given_up_at.map(|at| u64::try_from(seconds(at)).unwrap_or(u64::MAX));
    Cable::Silent { is_dead, seconds_left }
}

/// Whose cable a way is.
pub(super) const fn client(link: &Link) -> Option<ActorId> {
    match (link.cable, &link.ends) {
        (Some(0), (Place::Producer(id) | Place::Consumer(id), _)) => Some(*id),
        (Some(1), (_, Place::Producer(id) | Place::Consumer(id))) => Some(*id),
        _ => None,
    }
}

/// What goes on inside of the broker where a cable ends: a thin line.
pub(super) fn draw_inside(brush: &Brush, link: &Link, cable: Cable) {
    let Some(part) = link.cable.filter(|_| cable != Cable::Absent) else { return };
    paint::trace(&brush.context, &[link.curves()[1 - part]]);
    paint::stroked(&brush.context, &brush.theme.edge, 1.25);
}

/// The cable itself, from the broker to its client.
pub(super) fn draw(brush: &Brush, link: &Link, cable: Cable) {
    let theme = brush.theme;
    let Some(outside) = link.cable_from_broker() else { return };
    let points = |from: f64, to: f64| {
        const PARTS: u32 = 20;
        (0..=PARTS)
            .map(move |index| along(&outside, from + (to - from) * f64::from(index) / f64::from(PARTS)))
    };
    match cable {
        Cable::Absent => {}
        Cable::Plugged => strand(brush, points(0.0, 1.0), &theme.accent),
        Cable::Silent { is_dead, seconds_left } => {
            if is_dead {
                paint::set_dash(&brush.context, 5.0, 6.0);
                paint::polyline(&brush.context, points(0.0, 1.0));
                paint::stroked(&brush.context, &theme.wait, 3.0);
                paint::set_dash(&brush.context, 0.0, 0.0);
            } else {
                strand(brush, points(0.0, 1.0), &theme.wait);
            }
            if let Some(seconds) = seconds_left {
                waiting(brush, &outside, seconds);
            }
        }
        Cable::Torn(tenths) => {
            let half = 0.018 * f64::from(tenths);
            let (left, right) = (0.52 - half, 0.52 + half);
            strand(brush, points(0.0, left), &theme.edge);
            strand(brush, points(right, 1.0), &theme.edge);
            frayed(brush, along(&outside, left), along(&outside, left - 0.08));
            frayed(brush, along(&outside, right), along(&outside, right + 0.08));
        }
        Cable::Loose => {
            let (from, to) = (along(&outside, 1.0), along(&outside, 0.4));
            let sag = |part: f64| {
                let at = along(&outside, 1.0 - 0.6 * part);
                Point { x: at.x, y: at.y + 16.0 * part * part }
            };
            strand(brush, (0..=20_u32).map(|index| sag(f64::from(index) / 20.0)), &theme.edge);
            plug(brush, sag(1.0), Point { x: to.x - from.x, y: to.y - from.y + 24.0 });
        }
        Cable::Closed => {
            strand(brush, points(0.0, 1.0), &theme.edge);
            no_entry(brush, along(&outside, 0.25));
        }
    }
    if !matches!(cable, Cable::Absent) {
        socket(brush, outside[0], cable);
        socket(brush, outside[3], cable);
    }
}

/// How long the broker still waits for a word, above the cable or beside it.
fn waiting(brush: &Brush, cable: &Curve, seconds: u64) {
    let said = say!(brush.lang, "waits {seconds} s", seconds);
    let (start, end, middle) = (cable[0], cable[3], along(cable, 0.5));
    let is_upright = (end.y - start.y).abs() > (end.x - start.x).abs();
    let size = brush.readable(11.0, 8.0);
    let (x, y) = if is_upright { (10.0, 0.0) } else { (0.0, -13.0) };
    let at = Point { x: middle.x + x, y: middle.y + y };
    paint::text(
        &brush.context,
        &said,
        at,
        size,
        &brush.theme.wait,
        if is_upright { "left" } else { "center" },
    );
}

/// Two edges, and a line for the channels between them.
fn strand(brush: &Brush, points: impl Iterator<Item = Point> + Clone, core: &str) {
    let (context, theme) = (&brush.context, brush.theme);
    let thick = if brush.sizes.density == Density::Rows { 4.0 } else { 7.0 };
    paint::polyline(context, points.clone());
    paint::stroked(context, &theme.edge, thick);
    paint::polyline(context, points.clone());
    paint::stroked(context, &theme.card, thick - 2.4);
    paint::polyline(context, points);
    paint::stroked(context, core, 1.6);
}

fn socket(brush: &Brush, at: Point, cable: Cable) {
    let (context, theme) = (&brush.context, brush.theme);
    let size = if brush.sizes.density == Density::Rows { 5.0 } else { 8.0 };
    let edge = match cable {
        Cable::Plugged => &theme.accent,
        Cable::Torn(_) => &theme.alarm,
        Cable::Silent { .. } => &theme.wait,
        // Nothing has been torn where a channel was closed: a sign says that.
        Cable::Absent | Cable::Loose | Cable::Closed => &theme.edge,
    };
    paint::rounded(context, Box2 { left: at.x, top: at.y, width: 0.0, height: 0.0 }.grown(size), 3.0);
    paint::filled(context, &theme.card, edge, 1.5);
}

/// The ends of the wires where a cable is torn, not of one length. `from` is where it comes from.
fn frayed(brush: &Brush, at: Point, from: Point) {
    const WIRES: [(f64, f64); 3] = [(-2.6, 5.0), (0.0, 9.0), (2.6, 6.5)];
    let (dx, dy) = (at.x - from.x, at.y - from.y);
    let length = dx.hypot(dy).max(0.001);
    let (dx, dy) = (dx / length, dy / length);
    for (side, long) in WIRES {
        let start = Point { x: at.x - dy * side, y: at.y + dx * side };
        let spread = 0.4 * side;
        let end = Point { x: start.x + dx * long - dy * spread, y: start.y + dy * long + dx * spread };
        paint::line(&brush.context, start, end, &brush.theme.alarm, 1.8);
    }
}

/// The plug at the end of a loose cable, which points that way.
fn plug(brush: &Brush, at: Point, towards: Point) {
    let (context, theme) = (&brush.context, brush.theme);
    let length = towards.x.hypot(towards.y).max(0.001);
    let (dx, dy) = (towards.x / length, towards.y / length);
    for side in [-3.0, 3.0] {
        let start = Point { x: at.x - dy * side, y: at.y + dx * side };
        let end = Point { x: start.x + dx * 12.0, y: start.y + dy * 12.0 };
        paint::line(context, start, end, &theme.edge, 2.0);
    }
    paint::disc(context, at, 6.0, &theme.card);
    paint::ring(context, at, 6.0, 1.0, &theme.edge, 1.5);
}

/// The sign that says: no entry.
fn no_entry(brush: &Brush, at: Point) {
    const RADIUS: f64 = 10.0;
    let (context, theme) = (&brush.context, brush.theme);
    paint::disc(context, at, RADIUS + 2.0, &theme.card);
    paint::disc(context, at, RADIUS, &theme.alarm);
    let bar = Box2 { left: at.x - 6.0, top: at.y - 2.0, width: 12.0, height: 4.0 };
    context.set_fill_style_str(&theme.card);
    context.fill_rect(bar.left, bar.top, bar.width, bar.height);
}

#[cfg(test)]
mod tests {
    use warren_sim::{ActorId, Scenario, warren_core::Instant};

    use super::{Cable, states};
    use crate::{
        player::{Player, Source},
        scene::Layout,
    };

    /// The cable of a worker whom a fault strikes at 3 s.
    fn cable(fault: &str, at_s: u64) -> Cable {
        let toml = format!(
            "until = \"30s\"
            title = {{ en = \"\" }}\nsummary = {{ en = \"\" }}
            [[queue]]\nname = \"tasks\"
            [[consumer]]\nname = \"worker\"\nqueue = \"tasks\"\nack = \"after-work\"
            [network]\nheartbeat = \"4s\"
            [[fault]]\nat = \"3s\"\n{fault}"
        );
        let scenario = Scenario::parse("silent", &toml).expect("a good file");
        let mut player = Player::of(&scenario, 1, Source::Own);
        player.jump_to(Instant::from_micros(at_s * 1_000_000));
        let layout = Layout::new(&scenario, 1_000.0, 400.0);
        let at = layout.links.iter().position(|link| super::client(link) == Some(ActorId(0)));
        states(&player, &layout)[at.expect("it has a cable")]
    }

    /// The broker waits for two heartbeats, and hears a client that lives twice in each.
    #[test]
    fn a_connection_on_which_nothing_comes_shows_how_long_the_broker_waits() {
        let silent = |at_s| cable("silence = \"worker\"", at_s);
        assert_eq!(silent(2), Cable::Plugged);
        let Cable::Silent { is_dead: true, seconds_left: Some(first) } = silent(4) else {
            panic!("{:?}", silent(4))
        };
        assert!((5..=8).contains(&first), "{first} s");
        assert_eq!(silent(6), Cable::Silent { is_dead: true, seconds_left: Some(first - 2) });
        let partition = |at_s| cable("partition = \"worker\"\nlasts = \"2s\"", at_s);
        assert!(matches!(partition(4), Cable::Silent { is_dead: true, .. }));
        assert_eq!(partition(6), Cable::Plugged);
        let paused = cable("pause = \"worker\"", 4);
        assert!(matches!(paused, Cable::Silent { is_dead: false, seconds_left: Some(5..=8) }), "{paused:?}");
    }
}
