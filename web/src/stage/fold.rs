//! What stands for things that are folded: sums of all of them.

use warren_sim::{ActorKind, Status};

use crate::{
    player::Player,
    scene::{Layout, Place},
};

use super::rest::VHOST;

/// How the consumers are that are folded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Crew {
    pub(super) all: usize,
    pub(super) up: usize,
    pub(super) crashed: usize,
    /// Messages that they have processed.
    pub(super) processed: u64,
}

/// What is ready and what is unacked in all queues that are folded here.
pub(super) fn counts(player: &Player, layout: &Layout, place: &Place) -> Option<(u64, u64)> {
    let Place::Queues(exchange) = place else { return None };
    let view = player.world().broker();
    let fold = layout.folds.of_exchange(exchange)?;
    let counts = fold.queues.iter().filter_map(|queue| view.queue_counts(VHOST, queue));
    Some(counts.fold((0, 0), |(ready, unacked), counts| (ready + counts.0, unacked + counts.1)))
}

/// The consumers that are folded here.
pub(super) fn crew(player: &Player, layout: &Layout, place: &Place) -> Option<Crew> {
    let Place::Consumers(exchange) = place else { return None };
    let fold = layout.folds.of_exchange(exchange)?;
    let mut crew = Crew { all: fold.consumers.len(), ..Crew::default() };
    for actor in fold.consumers.iter().filter_map(|id| player.actor(*id)) {
        crew.up += usize::from(actor.status == Status::Up);
        crew.crashed += usize::from(actor.status == Status::Crashed);
        if let ActorKind::Consumer { processed, .. } = actor.kind {
            crew.processed += processed;
        }
    }
    Some(crew)
}
