//! What is under a finger.

use warren_sim::warren_core::MessageId;

use super::rest::resting;
use crate::{
    player::Player,
    scene::{Dot, Layout, Link, Node, Place, Point},
};

/// What can be clicked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Hit {
    Message(MessageId),
    Place(Place),
    /// Which of the scenario's bindings.
    Binding(usize),
    /// The switch of the broker's power.
    Power,
}

/// Fingers are wide, in CSS pixels.
const REACH: f64 = 14.0;
/// How far from a line a click still hits it, in CSS pixels.
const LINE_REACH: f64 = 12.0;
/// How far a handle stands out of its thing, in pixels of the layout.
pub(crate) const HANDLE: f64 = 14.0;
/// How large it is.
pub(crate) const HANDLE_RADIUS: f64 = 8.0;

/// What is at a point of the canvas, in CSS pixels: a message before what it rests on, and lines last.
pub(crate) fn hit(player: &Player, layout: &Layout, point: Point) -> Option<Hit> {
    let inside = layout.inward(point);
    if layout.broker.power.grown(REACH / 2.0).contains(inside) {
        return Some(Hit::Power);
    }
    let dots = player.flows.dots(player.motion(), layout, player.world().now(), player.selected());
    let seen = dots.into_iter().filter(|dot| dot.opacity > 0.3);
    // While it is played, who clicks a client means the client and not what happens to fly over it; and never an ack.
    let is_client = |node: &Node| matches!(node.place, Place::Producer(_) | Place::Consumer(_));
    let is_over_client = layout.node_at(inside).is_some_and(is_client);
    let is_meant = |dot: &Dot| !is_over_client || (!player.playing && !dot.kind.is_settlement());
    let moving = seen.filter(is_meant).filter_map(|dot| Some((dot.at, dot.message?)));
    let resting = resting(player, layout).into_iter().map(|rest| (rest.at, rest.message));
    let reach = REACH / layout.zoom.max(1.0);
    let nearest = moving
        .chain(resting)
        .filter(|(at, _)| at.distance(inside) <= reach)
        .min_by(|(a, _), (b, _)| a.distance(inside).total_cmp(&b.distance(inside)));
    if let Some((_, message)) = nearest {
        return Some(Hit::Message(message));
    }
    if let Some(node) = layout.node_at(inside) {
        return Some(Hit::Place(node.place.clone()));
    }
    let bindings = layout.links.iter().filter_map(|link| Some((link, link.binding?)));
    let away = bindings.map(|(link, binding)| (distance_to(link, inside) * layout.zoom, binding));
    let near = away.filter(|(away, _)| *away <= LINE_REACH);
    near.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, binding)| Hit::Binding(binding))
}

/// The thing whose handle is at a point of the canvas: only what is picked shows its handle.
pub(crate) fn handle_at(player: &Player, layout: &Layout, point: Point) -> Option<Place> {
    let place = player.selection.only_place()?;
    let handle = handle(layout, place)?;
    (layout.outward(handle).distance(point) <= REACH).then(|| place.clone())
}

/// Where the handle of a thing is, to draw a way from it.
pub(crate) fn handle(layout: &Layout, place: &Place) -> Option<Point> {
    if matches!(place, Place::Disk | Place::Queues(_) | Place::Consumers(_)) {
        return None;
    }
    let area = layout.node(place)?.area;
    // Where things stand at the edge of the stage there is no room behind them.
    let edge = layout.inward(layout.size).x - HANDLE_RADIUS - 1.0;
    Some(Point { x: (area.right() + HANDLE).min(edge), y: area.centre().y })
}

/// How far a point is from a line.
fn distance_to(link: &Link, point: Point) -> f64 {
    link.points().map(|at| at.distance(point)).fold(f64::MAX, f64::min)
}

#[cfg(test)]
mod tests {
    use warren_sim::ActorId;

    use super::{Hit, hit};
    use crate::{
        player::Player,
        scene::{Layout, Place},
    };

    #[test]
    fn a_worker_is_where_it_stands_and_a_moving_message_comes_first() {
        let mut player = Player::new("crash-with-ack");
        let layout = Layout::new(player.scenario(), 1000.0, 400.0);
        let worker = layout.centre(&Place::Consumer(ActorId(1))).expect("it stands somewhere");
        assert_eq!(hit(&player, &layout, worker), Some(Hit::Place(Place::Consumer(ActorId(1)))));
        player.advance(2_500.0);
        let dots = player.motion().dots(&layout, player.world().now());
        let dot = dots.iter().find(|dot| dot.message.is_some()).expect("something moves");
        assert_eq!(hit(&player, &layout, dot.at), dot.message.map(Hit::Message));
    }

    #[test]
    fn what_flies_over_a_client_takes_no_click_while_it_is_played() {
        let mut player = Player::new("crash-with-ack");
        let layout = Layout::new(player.scenario(), 1000.0, 400.0);
        let worker = Place::Consumer(ActorId(1));
        let area = layout.node(&worker).expect("it stands somewhere").area;
        let over = |player: &Player| {
            let dots = player.motion().dots(&layout, player.world().now());
            dots.into_iter().find(|dot| dot.message.is_some() && dot.opacity > 0.3 && area.contains(dot.at))
        };
        let dot = (0..200)
            .find_map(|_| {
                player.advance(20.0);
                over(&player)
            })
            .expect("a delivery comes to it");
        assert_eq!(hit(&player, &layout, dot.at), Some(Hit::Place(worker)));
        player.playing = false;
        assert_eq!(hit(&player, &layout, dot.at), dot.message.map(Hit::Message));
    }

    #[test]
    fn the_disk_holds_what_is_not_synced_and_a_click_on_it_cuts_the_power() {
        let mut player = Player::new("durable");
        let layout = Layout::new(player.scenario(), 1000.0, 400.0);
        let disk = layout.centre(&Place::Disk).expect("it stands somewhere");
        assert_eq!(hit(&player, &layout, disk), Some(Hit::Place(Place::Disk)));
        // A lesson begins a little later than its world does.
        let begun_ms = player.world().now().as_micros() as f64 / 1000.0;
        player.advance(5_200.0 - begun_ms);
        let (recorded, written) = player.motion().disk().unsynced();
        assert_eq!((recorded.len(), written.len(), player.motion().disk().synced()), (2, 3, 4));
        player.toggle_broker();
        assert_eq!(player.motion().disk().unsynced(), (Vec::new(), Vec::new()), "a power cut takes it");
        assert!(!player.world().broker_is_up());
        player.toggle_broker();
        assert!(player.world().broker_is_up());
        assert_eq!(player.world().ledger().ready, 4, "what was synced is there again");
    }

    #[test]
    fn dead_letters_have_ways_of_their_own() {
        let ways = |lesson| {
            let player = Player::new(lesson);
            let layout = Layout::new(player.scenario(), 1000.0, 400.0);
            layout.links.iter().filter(|link| link.aside).count()
        };
        // From orders to the exchange retry, and from waiting to the exchange work; an alternate exchange; none.
        assert_eq!([ways("retry"), ways("headers"), ways("hello")], [2, 1, 0]);
    }
}
