//! A message's story with the reasons: how it was routed, each time.
//!
//! The broker writes nothing of this down while it works. A step at which a message was routed is played again, from
//! a world that was kept before it, by a broker that does: so the answer is that of the bindings as they were.

use std::rc::Rc;

use warren_core::{Event, Fact, MessageId, explain::Routing};

use super::{History, Spectator};
use crate::{Happening, World, WorldEvent};

/// How often a message is explained; of one that goes round and round only the latest.
const MOST: usize = 8;

/// Something that happened to a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chapter {
    /// What.
    pub event: WorldEvent,
    /// How the message was routed then, if it was.
    pub routing: Option<Routing>,
}

pub(super) struct Explained {
    branch: u32,
    message: MessageId,
    /// Behind the last event of the story.
    seq: u64,
    story: Rc<[Chapter]>,
}

impl<S: Spectator> History<S> {
    /// The same as [`History::story`], with the reasons.
    #[must_use]
    pub fn explained_story(&self, message: MessageId) -> Rc<[Chapter]> {
        let story = self.branch().log.story(message, self.world.steps());
        let seq = story.last().map_or(0, |last| last.event.seq);
        let mut explained = self.explained.borrow_mut();
        let known = explained
            .as_ref()
            .filter(|known| (known.branch, known.message, known.seq) == (self.current, message, seq));
        if let Some(known) = known {
            return known.story.clone();
        }
        let steps: Vec<u64> = story.iter().map(|entry| entry.step).collect();
        let events = story.into_iter().map(|entry| entry.event.clone());
        let mut chapters: Vec<Chapter> = events.map(|event| Chapter { event, routing: None }).collect();
        let mut routed: Vec<u64> = Vec::new();
        for (chapter, step) in chapters.iter().zip(&steps) {
            if (begins_routing(&chapter.event) || ends_routing(&chapter.event)) && routed.last() != Some(step)
            {
                routed.push(*step);
            }
        }
        for step in routed.into_iter().rev().take(MOST) {
            let mut routings = self.routings_of(step);
            routings.retain(|routing| routing.message == message);
            let its: Vec<&mut Chapter> = chapters
                .iter_mut()
                .zip(&steps)
                .filter(|(_, at)| **at == step)
                .map(|(chapter, _)| chapter)
                .collect();
            attach(its, routings);
        }
        let story: Rc<[Chapter]> = chapters.into();
        *explained = Some(Explained { branch: self.current, message, seq, story: story.clone() });
        story
    }

    /// Plays a step again.
    fn routings_of(&self, step: u64) -> Vec<Routing> {
        let before = step.saturating_sub(1);
        let mut world: World = self.branch().checkpoint_at_step(before).world.clone();
        for deed in self.branch().deeds_after(world.now()) {
            world.expect(deed);
        }
        while world.steps() < before && world.step() {
            // Nobody looks.
            world.take_events();
        }
        world.step_explained()
    }
}

/// A routing belongs to what led to it: in its step, the first to the first. A message that was held back is only seen
/// to arrive.
fn attach(chapters: Vec<&mut Chapter>, routings: Vec<Routing>) {
    let has_cause = chapters.iter().any(|chapter| begins_routing(&chapter.event));
    let its = |chapter: &&mut Chapter| {
        if has_cause { begins_routing(&chapter.event) } else { ends_routing(&chapter.event) }
    };
    for (chapter, routing) in chapters.into_iter().filter(its).zip(routings) {
        chapter.routing = Some(routing);
    }
}

fn begins_routing(event: &WorldEvent) -> bool {
    matches!(
        event.what,
        Happening::Broker(Event { fact: Fact::Published { .. } | Fact::DeadLettered { .. }, .. })
    )
}

fn ends_routing(event: &WorldEvent) -> bool {
    let Happening::Broker(Event { fact, .. }) = &event.what else { return false };
    matches!(
        fact,
        Fact::Routed { .. } | Fact::Unroutable { .. } | Fact::DeadLetterCycle { is_gone: true, .. }
    )
}
