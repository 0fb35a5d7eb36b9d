//! The first visit: the page asks before it shows. It plays its first lesson to the moment before the crash and stops there;
//! the visitor crashes the worker, is asked the lesson's own question, and then sees what comes of it.
//!
//! Whoever takes the clock or the stage into their own hands instead has the lesson as it is.

use std::time::Duration;

use warren_sim::{
    ActorKind, Mishap, Scenario,
    warren_core::{Instant, MessageId, Name},
};

use super::{App, address::Address, course::Course};
use crate::{
    components::Phase,
    player::Player,
    scene::{Light, Lit, Place},
    stage::{self, Hit},
};

/// How far the first visit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Opening {
    /// It is played to the moment before the crash.
    Before,
    /// The clock stands still until the visitor crashes the worker.
    Dared,
    /// The crash is played, to the moment before the broker notices.
    Crashing,
    /// The question is asked.
    Asked,
    /// What comes of it is played.
    Answering,
    /// The answer is there.
    Answered,
}

/// So long before the crash it begins, and so long before it stops.
const LEAD: Duration = Duration::from_millis(2_600);
const SHORTLY_BEFORE: Duration = Duration::from_millis(20);
/// So long after the broker has noticed it is seen where the messages are.
const SEEN: Duration = Duration::from_millis(1_300);

/// The moments at which it begins and stops.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Moments {
    /// Who crashes.
    actor: String,
    begin: Instant,
    before_crash: Instant,
    /// Before the broker notices, which takes as long as a segment takes to get there.
    before_notice: Instant,
    /// It is seen what has come of it.
    answer: Instant,
}

impl Moments {
    fn of(scenario: &Scenario) -> Option<Moments> {
        let crash = scenario.faults.iter().find(|fault| matches!(fault.what, Mishap::Crash { .. }))?;
        let noticed = crash.at + scenario.network.latency;
        let at = |since_begin: Duration| Instant::ZERO + since_begin;
        Some(Moments {
            actor: crash.what.whom().to_owned(),
            begin: at(crash.at.saturating_sub(LEAD)),
            before_crash: at(crash.at.saturating_sub(SHORTLY_BEFORE)),
            before_notice: at(noticed.saturating_sub(SHORTLY_BEFORE)),
            answer: at(noticed + SEEN),
        })
    }
}

impl Opening {
    /// What the page's style sheet calls it.
    pub(super) const fn class(self) -> &'static str {
        if self.asks() { "opening asking" } else { "opening" }
    }

    /// Whether the question has been asked.
    pub(super) const fn asks(self) -> bool {
        matches!(self, Opening::Asked | Opening::Answering | Opening::Answered)
    }
}

impl App {
    /// Begins the first visit, if it is one: nothing is kept in this browser, and the page was opened without an address.
    pub(super) fn begin_opening(&mut self) {
        let is_first = !self.is_embedded
            && self.finished.is_empty()
            && self.shelf.names().is_empty()
            && self.chosen_mode.is_none()
            && self.address == Address::Home;
        let Some(moments) = self.opening_moments().filter(|_| is_first) else { return };
        self.opening = Some(Opening::Before);
        self.course = Course::BEGINNING;
        let mut player = self.player.borrow_mut();
        player.light = Light::default();
        player.seek(moments.begin);
        drop(player);
        self.play_to(moments.before_crash);
        self.follow_opening();
    }

    /// The visitor crashes the worker.
    pub(super) fn crash_in_opening(&mut self) {
        if let (Some(Opening::Dared), Some(moments)) = (self.opening, self.opening_moments()) {
            self.opening = Some(Opening::Crashing);
            self.player.borrow_mut().light = Light::default();
            self.play_to(moments.before_notice);
            self.follow_opening();
        }
    }

    /// The visitor has clicked something on the stage: the worker that is to be crashed is.
    pub(super) fn clicked_in_opening(&mut self, hit: Option<Hit>) -> bool {
        let is_lit = match hit {
            Some(Hit::Place(place)) => self.player.borrow().light.things.contains(&Lit::Place(place)),
            _ => false,
        };
        if is_lit {
            self.crash_in_opening();
        }
        is_lit
    }

    /// The visitor has predicted something and wants to see it.
    pub(super) fn answer_in_opening(&mut self) {
        if let (Some(Opening::Asked), Some(moments)) = (self.opening, self.opening_moments()) {
            self.opening = Some(Opening::Answering);
            self.play_to(moments.answer);
            self.follow_opening();
        }
    }

    /// Time has passed: what is played may be over.
    pub(super) fn follow_opening(&mut self) {
        if self.opening.is_none() || !self.player.borrow().is_at_rest() {
            return;
        }
        self.opening = match self.opening {
            Some(Opening::Before) => {
                self.player.borrow_mut().light = self.light_of_the_dare();
                Some(Opening::Dared)
            }
            Some(Opening::Crashing) => Some(Opening::Asked),
            Some(Opening::Answering) => {
                self.course.phase = Phase::Judged;
                Some(Opening::Answered)
            }
            opening => opening,
        };
    }

    /// From now on it is a lesson like the others. What is played goes on.
    pub(super) fn leave_opening(&mut self) {
        if self.opening.take().is_some() {
            let mut player = self.player.borrow_mut();
            player.light = Light::default();
            if player.playing {
                player.play_freely();
            }
            drop(player);
            self.panels.take();
        }
    }

    /// Who is to be crashed, and the numbers of what it has not acked, once the visitor is to do it.
    pub(super) fn dared(&self, player: &Player) -> Option<(String, Vec<u64>)> {
        let actor = self.opening_moments_of(player).filter(|_| self.opening == Some(Opening::Dared))?.actor;
        let held = held_by(player, &actor);
        Some((actor, held))
    }

    fn light_of_the_dare(&self) -> Light {
        let player = self.player.borrow();
        let actor = self.opening_moments_of(&player).map(|moments| ["consumer ", &moments.actor].concat());
        let things = actor.and_then(|actor| Lit::called(&actor, player.scenario())).into_iter().collect();
        Light { things, dims_the_rest: true }
    }

    /// Plays to a moment; for a visitor who wants nothing to move it is there at once.
    pub(super) fn play_to(&mut self, at: Instant) {
        let mut player = self.player.borrow_mut();
        if stage::wants_stillness() { player.jump_to(at) } else { player.play_until(at) }
    }

    fn opening_moments(&self) -> Option<Moments> {
        self.opening_moments_of(&self.player.borrow())
    }

    fn opening_moments_of(&self, player: &Player) -> Option<Moments> {
        Moments::of(player.scenario())
    }
}

/// The numbers of the messages that a consumer has and has not acked, those on their way to it included.
fn held_by(player: &Player, name: &str) -> Vec<u64> {
    let actors = player.world().actors();
    let Some(actor) = actors.iter().find(|actor| actor.name == name) else { return Vec::new() };
    let ActorKind::Consumer { queue, buffered, working, kept, .. } = &actor.kind else { return Vec::new() };
    let (queue, motion) = (Name::from(queue.as_str()), player.motion());
    let ends = (Place::Queue(queue.clone()), Place::Consumer(actor.id));
    let way = motion.ways().iter().find(|way| way.ends == ends);
    let has = |message: &MessageId| {
        working.is_some_and(|work| work.message == *message)
            || buffered.contains(message)
            || kept.contains(message)
            || way.is_some_and(|way| way.carries(*message))
    };
    motion.unacked(&queue).filter(has).map(|message| motion.ordinal(message)).collect()
}

#[cfg(test)]
mod tests {
    use warren_sim::warren_core::Instant;

    use super::{Moments, held_by};
    use crate::{app::FIRST_LESSON, player::Player};

    #[test]
    fn it_stops_before_the_crash_and_before_the_broker_notices() {
        let mut player = Player::new(FIRST_LESSON);
        let moments = Moments::of(player.scenario()).expect("something crashes there");
        assert_eq!(moments.actor, "worker-1");
        player.seek(moments.before_crash);
        assert_eq!((player.world().ledger().redelivered, held_by(&player, "worker-1")), (0, vec![5, 7]));
        assert!(player.caption().is_none(), "nothing has crashed yet");
        player.seek(moments.before_notice);
        assert!(player.caption().is_some(), "it has crashed");
        assert_eq!(player.world().ledger().requeued, 0, "and the broker does not know");
        player.seek(moments.answer);
        assert_eq!(player.world().ledger().redelivered, 2);
        assert!(moments.begin > Instant::ZERO && moments.answer < player.end());
    }
}
