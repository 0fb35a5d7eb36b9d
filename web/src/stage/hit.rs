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
}
