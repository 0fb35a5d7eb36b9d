//! The player: a world, the clock that drives it, and what the visitor has picked.

use std::collections::VecDeque;

use warren_sim::{
    ActorId, ActorView, Scenario, Status, Unsynced, World, WorldEvent,
    lessons::{self, Lesson},
    warren_core::{Instant, MessageId},
};

use crate::scene::Motion;

/// Every visitor sees the same.
const SEED: u64 = 1;
/// Events that the log keeps.
const LOG_EVENTS: usize = 300;

/// A lesson that is being played.
pub(crate) struct Player {
    pub(crate) lesson: &'static Lesson,
    pub(crate) scenario: Scenario,
    pub(crate) world: World,
    pub(crate) motion: Motion,
    pub(crate) playing: bool,
    /// Virtual seconds per second.
    pub(crate) speed: f64,
    pub(crate) selected: Option<MessageId>,
    /// The latest events, newest last.
    pub(crate) log: VecDeque<WorldEvent>,
    /// Whether the visitor has crashed anything yet.
    pub(crate) touched: bool,
    /// What of the next µs has passed.
    remainder_us: f64,
}

impl Player {
    /// The first lesson, or the one called `id`, at its beginning.
    pub(crate) fn new(id: &str) -> Option<Player> {
        let lesson = lessons::find(id).or_else(|| lessons::all().first())?;
        let scenario = Scenario::parse(lesson.id, lesson.toml).ok()?;
        let world = World::new(&scenario, SEED);
        let mut player = Player {
            lesson,
            scenario,
            world,
            motion: Motion::default(),
            playing: true,
            speed: 1.0,
            selected: None,
            log: VecDeque::new(),
            touched: false,
            remainder_us: 0.0,
        };
        player.raise_the_curtain();
        Some(player)
    }

    /// Handshakes and declarations are over when the visitor starts to look: the first thing to see moves.
    fn raise_the_curtain(&mut self) {
        let is_set_up = |player: &Player| {
            player.log.iter().any(|event| matches!(event.what, warren_sim::Happening::Sent { .. }))
        };
        while !is_set_up(self) && self.world.step() {
            self.take_in();
        }
    }

    /// Goes to the beginning of a lesson, and plays.
    pub(crate) fn open(&mut self, id: &str) {
        if let Some(fresh) = Player::new(id) {
            *self = Player { speed: self.speed, touched: self.touched, ..fresh };
        }
    }

    /// `real_ms` ms have passed for the visitor.
    pub(crate) fn advance(&mut self, real_ms: f64) {
        if !self.playing {
            return;
        }
        let virtual_us = real_ms * 1_000.0 * self.speed + self.remainder_us;
        let whole_us = virtual_us.floor();
        self.remainder_us = virtual_us - whole_us;
        let before = self.world.now();
        let end = self.end();
        let mut to = Instant::from_micros(before.as_micros() + whole_us as u64);
        if before < end && to >= end {
            // The lesson has shown what it shows; whoever plays on sees the rest.
            to = end;
            self.playing = false;
        }
        self.world.run_until(to);
        self.take_in();
    }

    /// On to the next thing that happens.
    pub(crate) fn step(&mut self) {
        self.playing = false;
        self.world.step();
        self.take_in();
    }

    /// Crashes an actor that is up, revives one that is down.
    pub(crate) fn toggle(&mut self, actor: ActorId) {
        self.touched = true;
        if self.actor(actor).is_some_and(|actor| is_down(&actor)) {
            self.world.revive(actor);
        } else {
            self.world.crash(actor);
        }
        self.take_in();
    }

    /// Cuts the broker's power, or lets it start again.
    pub(crate) fn toggle_broker(&mut self) {
        self.touched = true;
        if self.world.broker_is_up() {
            self.world.crash_the_broker(Unsynced::Lost);
        } else {
            self.world.start_the_broker();
        }
        self.take_in();
    }

    /// Whether the lesson has come to its end.
    pub(crate) fn is_over(&self) -> bool {
        !self.playing && self.world.now() >= self.end()
    }

    fn end(&self) -> Instant {
        Instant::ZERO + self.scenario.until
    }

    fn actor(&self, id: ActorId) -> Option<ActorView> {
        self.world.actors().into_iter().find(|actor| actor.id == id)
    }

    fn take_in(&mut self) {
        for event in self.world.take_events() {
            self.motion.apply(&event);
            self.log.push_back(event);
        }
        let surplus = self.log.len().saturating_sub(LOG_EVENTS);
        self.log.drain(..surplus);
        self.motion.forget(self.world.now());
    }
}

/// Whether an actor has crashed or was turned away.
pub(crate) fn is_down(actor: &ActorView) -> bool {
    matches!(actor.status, Status::Crashed | Status::Refused)
}
