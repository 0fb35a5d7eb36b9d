//! What is under a finger.

use warren_sim::{ActorId, warren_core::MessageId};

use super::draw::resting;
use crate::{
    player::Player,
    scene::{Layout, Place, Point},
};

/// What can be clicked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hit {
    Message(MessageId),
    Actor(ActorId),
    /// The disk, and with it the broker.
    Disk,
}

/// Fingers are wide, in CSS pixels.
const REACH: f64 = 14.0;

/// What is at a point of the canvas, in CSS pixels: a message before what it rests on.
pub(crate) fn hit(player: &Player, layout: &Layout, point: Point) -> Option<Hit> {
    let point = Point { x: point.x / layout.zoom, y: point.y / layout.zoom };
    let moving = player.motion.dots(layout, player.world.now()).into_iter();
    let moving = moving.filter_map(|dot| Some((dot.at, dot.message?)));
    let resting = resting(player, layout).into_iter().map(|rest| (rest.at, rest.message));
    let nearest = moving
        .chain(resting)
        .filter(|(at, _)| at.distance(point) <= REACH)
        .min_by(|(a, _), (b, _)| a.distance(point).total_cmp(&b.distance(point)));
    if let Some((_, message)) = nearest {
        return Some(Hit::Message(message));
    }
    match layout.node_at(point)?.place {
        Place::Producer(actor) | Place::Consumer(actor) => Some(Hit::Actor(actor)),
        Place::Disk => Some(Hit::Disk),
        Place::Exchange(_) | Place::Queue(_) => None,
    }
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
        let mut player = Player::new("crash-with-ack").expect("a lesson");
        let layout = Layout::new(&player.scenario, 1000.0, 400.0);
        let worker = layout.centre(&Place::Consumer(ActorId(1))).expect("it stands somewhere");
        assert_eq!(hit(&player, &layout, worker), Some(Hit::Actor(ActorId(1))));
        player.advance(2_500.0);
        let dots = player.motion.dots(&layout, player.world.now());
        let dot = dots.iter().find(|dot| dot.message.is_some()).expect("something moves");
        assert_eq!(hit(&player, &layout, dot.at), dot.message.map(Hit::Message));
    }

    #[test]
    fn the_disk_holds_what_is_not_synced_and_a_click_on_it_cuts_the_power() {
        let mut player = Player::new("durable").expect("a lesson");
        let layout = Layout::new(&player.scenario, 1000.0, 400.0);
        let disk = layout.centre(&Place::Disk).expect("it stands somewhere");
        assert_eq!(hit(&player, &layout, disk), Some(Hit::Disk));
        // A lesson begins a little later than its world does.
        let begun_ms = player.world.now().as_micros() as f64 / 1000.0;
        player.advance(5_200.0 - begun_ms);
        let (recorded, written) = player.motion.unsynced();
        assert_eq!((recorded.len(), written.len(), player.motion.synced()), (1, 4, 4));
        player.toggle_broker();
        assert_eq!(player.motion.unsynced(), (Vec::new(), Vec::new()), "a power cut takes it");
        assert!(!player.world.broker_is_up());
        player.toggle_broker();
        assert!(player.world.broker_is_up());
        assert_eq!(player.world.ledger().ready, 4, "what was synced is there again");
    }

    #[test]
    fn dead_letters_have_ways_of_their_own() {
        let ways = |lesson| {
            let player = Player::new(lesson).expect("a lesson");
            let layout = Layout::new(&player.scenario, 1000.0, 400.0);
            layout.links.iter().filter(|link| link.aside).count()
        };
        // From orders to the exchange retry, and from waiting to the exchange work; an alternate exchange; none.
        assert_eq!([ways("retry"), ways("headers"), ways("hello")], [2, 1, 0]);
    }
}
