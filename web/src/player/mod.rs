//! The player: a world with its history, the clock that drives it, and what the visitor has picked.

mod chart;
mod clock;
mod find;
mod found;
mod other_future;
mod part;
mod picture;
mod programs;
mod seen;
mod selection;
mod steps;
mod sums;
pub(crate) mod wire;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use warren_sim::{
    ActorId, ActorView, BranchView, Finding, GoalWatch, History, Mishap, Scenario, Status, Unsynced, World,
    lessons, lint,
    warren_core::{Instant, MessageId},
};

use crate::{
    editor::{self, Edit},
    scene::{Camera, Flows, Folding, Light, Motion, Place},
};
pub(crate) use chart::{Chart, Curve, Strip, StripKind};
pub(crate) use found::{Found, Most};
use other_future::OtherFuture;
pub(crate) use picture::Picture;
use programs::history;
pub(crate) use programs::{Printed, PrintedKind};
use seen::Seen;
pub(crate) use selection::Selection;
pub(crate) use steps::StepKind;

/// Every visitor sees the same, unless a link or a replay says otherwise.
const SEED: u64 = 1;
/// Events among which a step looks for the next of its kind.
const SEARCHED: u32 = 200_000;
/// How often an edit can be undone.
const UNDO: usize = 200;
/// What is done with less time than this before the end of the run needs more …
const LEAST_LEFT: Duration = Duration::from_secs(15);
/// … and gets so much: what comes of it is seen, and a task can be finished.
const MORE_TIME: Duration = Duration::from_secs(20);

/// What is being played.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// A lesson, an outage, or an example of the gallery.
    Lesson(&'static str),
    /// The visitor's own, or one from a link or a file.
    Own,
}

/// A scenario that is being played.
pub(crate) struct Player {
    pub(crate) source: Source,
    history: History<Picture>,
    pub(crate) playing: bool,
    /// Virtual seconds per second.
    pub(crate) speed: f64,
    pub(crate) step_kind: StepKind,
    pub(crate) selection: Selection,
    /// Which frames on the wires are looked at.
    pub(crate) look: wire::Look,
    pub(crate) camera: Camera,
    /// Whether the visitor has crashed anything yet.
    pub(crate) touched: bool,
    /// What was wrong with the last edit.
    pub(crate) complaint: Option<String>,
    /// The same with something changed, in step with this one.
    pub(crate) rival: Option<Box<Player>>,
    /// Another future that is looked at.
    other_future: Option<OtherFuture>,
    undo: Vec<Scenario>,
    redo: Vec<Scenario>,
    /// What of the next µs has passed.
    remainder_us: f64,
    /// Where the clock was set to, while the world has not come there.
    heading: Option<Instant>,
    /// Where it stops by itself, while it plays a part of the run.
    stop: Option<Instant>,
    /// What is lit up on the stage.
    pub(crate) light: Light,
    /// Virtual seconds per second as they really pass, on average.
    pace: f64,
    /// Where dots have merged into streams.
    pub(crate) flows: Flows,
    layout: RefCell<Option<Seen>>,
    /// Which exchanges are folded with their queues.
    pub(crate) folding: Folding,
    /// Which of all histories that have been played since the page was opened.
    epoch: u32,
    /// Which of all topologies that have been opened since then: no edit changes it.
    pub(crate) document: u32,
    shared_scenario: RefCell<Rc<Scenario>>,
    findings: RefCell<Option<Findings>>,
}

/// A scenario, and what the lint says of it.
type Findings = (Rc<Scenario>, Rc<Vec<Finding>>);

impl Player {
    /// The lesson, outage or example called `id`, at its beginning.
    pub(crate) fn new(id: &str) -> Player {
        let scenario = lessons::find_any(id).and_then(|lesson| {
            let scenario = Scenario::parse(lesson.id, lesson.toml).ok()?;
            Some((scenario, Source::Lesson(lesson.id)))
        });
        // That every lesson can be read a test sees to.
        let (scenario, source) = scenario.unwrap_or_else(|| (Scenario::new(id), Source::Own));
        Player::of(&scenario, SEED, source)
    }

    /// A scenario at its beginning.
    pub(crate) fn of(scenario: &Scenario, seed: u64, source: Source) -> Player {
        let mut player = Player::with(history(scenario, seed), source);
        player.playing = player.has_clients();
        player.raise_the_curtain();
        player
    }

    /// A history as it is.
    fn with(history: History<Picture>, source: Source) -> Player {
        let scenario = Rc::new(history.scenario().clone());
        Player {
            source,
            history,
            playing: true,
            speed: 1.0,
            step_kind: StepKind::Anything,
            selection: Selection::default(),
            look: wire::Look::default(),
            camera: Camera::default(),
            touched: false,
            complaint: None,
            rival: None,
            other_future: None,
            undo: Vec::new(),
            redo: Vec::new(),
            remainder_us: 0.0,
            heading: None,
            stop: None,
            light: Light::default(),
            pace: 1.0,
            flows: Flows::default(),
            layout: RefCell::new(None),
            folding: Folding::default(),
            epoch: next_epoch(),
            document: next_epoch(),
            shared_scenario: RefCell::new(scenario),
            findings: RefCell::new(None),
        }
    }

    /// Handshakes and declarations are over when the visitor starts to look: the first thing to see moves.
    fn raise_the_curtain(&mut self) {
        let end = self.end();
        let found = self.history.step_to(end, |event| StepKind::Publish.shows(event));
        if !found {
            self.history.seek(Instant::ZERO);
        }
    }

    /// Plays something else, at the pace of this one, which is given back as it was.
    pub(crate) fn open(&mut self, fresh: Player) -> Player {
        let (speed, pace) = (self.speed, self.speed);
        let opened = Player { speed, pace, touched: self.touched, step_kind: self.step_kind, ..fresh };
        std::mem::replace(self, opened)
    }

    /// Back to the beginning of what is being played, as it was given. What has been done by hand stays among the
    /// futures.
    pub(crate) fn restart(&mut self) {
        self.other_future = None;
        self.history.begin_again();
        self.epoch = next_epoch();
        self.playing = self.has_clients();
        (self.heading, self.stop, self.remainder_us) = (None, None, 0.0);
        (self.selection, self.look, self.flows) = Default::default();
        self.complaint = None;
        self.raise_the_curtain();
        self.moved();
    }

    /// The scenario without what has been done by hand in this history.
    pub(crate) fn given(&self) -> Scenario {
        self.history.given()
    }

    /// The scenario, with all that has been done by hand.
    pub(crate) fn scenario(&self) -> &Scenario {
        self.history.scenario()
    }

    pub(crate) fn history(&self) -> &History<Picture> {
        &self.history
    }

    pub(crate) fn world(&self) -> &World {
        self.history.world()
    }

    pub(crate) fn motion(&self) -> &Motion {
        &self.history.spectator().motion
    }

    /// What branch of what history this is: events with the same number are the same as long as this is the same.
    pub(crate) const fn era(&self) -> (u32, u32) {
        (self.epoch, self.history.current())
    }

    /// How far the goal of the lesson is.
    pub(crate) fn goal(&self) -> &GoalWatch {
        &self.history.spectator().goal
    }

    /// The scenario, for parts of the page that are drawn again only when it is another.
    pub(crate) fn shared_scenario(&self) -> Rc<Scenario> {
        let mut shared = self.shared_scenario.borrow_mut();
        if **shared != *self.scenario() {
            *shared = Rc::new(self.scenario().clone());
        }
        shared.clone()
    }

    /// Where the clock is set to: the world may be on its way there.
    pub(crate) fn aim(&self) -> Instant {
        self.heading.unwrap_or(self.world().now())
    }

    /// What the lint says of the scenario.
    pub(crate) fn findings(&self) -> Rc<Vec<Finding>> {
        let scenario = self.shared_scenario();
        let mut kept = self.findings.borrow_mut();
        match &*kept {
            Some((of, findings)) if Rc::ptr_eq(of, &scenario) => findings.clone(),
            _ => {
                let findings = Rc::new(lint(&scenario));
                *kept = Some((scenario, findings.clone()));
                findings
            }
        }
    }

    /// All that the charts know of what has been played, the future included.
    pub(crate) fn chart(&self) -> &Chart {
        &self.history.foreseen().chart
    }

    /// On to the next thing of the kind that the visitor has chosen.
    pub(crate) fn step(&mut self) {
        self.playing = false;
        (self.heading, self.stop) = (None, None);
        let kind = self.step_kind;
        let limit = self.end().max(self.world().now()) + Duration::from_secs(3_600);
        if kind == StepKind::Timer {
            self.step_to_timer(limit);
        } else {
            let looked = Cell::new(0);
            self.history.step_to(limit, |event| {
                looked.set(looked.get() + 1);
                kind.shows(event) || looked.get() == SEARCHED
            });
        }
        self.moved();
    }

    /// On to where a timer of the broker is due, with all that happens before: it may set the timer.
    fn step_to_timer(&mut self, limit: Instant) {
        while let Some(next) = self.world().next_at().filter(|next| *next <= limit) {
            let is_timer = self.world().next_timer_at() == Some(next);
            self.history.advance(next);
            if is_timer {
                return;
            }
        }
    }

    /// Back to the one before.
    pub(crate) fn step_back(&mut self) {
        self.playing = false;
        (self.heading, self.stop) = (None, None);
        // A timer leaves no trace but what it does.
        let kind = if self.step_kind == StepKind::Timer { StepKind::Anything } else { self.step_kind };
        self.history.step_back(|event| kind.shows(event));
        self.moved();
    }

    /// Does something to the world. In the past that begins another future; at the end of the run there is more time, so
    /// that what comes of it is seen.
    pub(crate) fn act(&mut self, what: Mishap) {
        let was_over = self.is_over();
        self.touched = true;
        (self.heading, self.stop) = (None, None);
        self.other_future = None;
        self.history.act(what);
        self.extend_run();
        self.playing |= was_over;
        self.moved();
    }

    /// Has the run go on for a while, if it ends soon.
    fn extend_run(&mut self) {
        if self.end().since(self.world().now()) < LEAST_LEFT {
            // To a whole second, which is easier to read.
            let until = self.world().now().since(Instant::ZERO) + MORE_TIME;
            self.history.extend(Duration::from_secs(until.as_secs()));
        }
    }

    /// Crashes an actor that is up, revives one that is down.
    pub(crate) fn toggle(&mut self, actor: ActorId) {
        let Some(view) = self.actor(actor) else { return };
        let name = view.name.clone();
        self.act(if is_down(&view) { Mishap::Revive { actor: name } } else { Mishap::Crash { actor: name } });
    }

    /// Cuts the broker's power, or lets it start again.
    pub(crate) fn toggle_broker(&mut self) {
        let is_up = self.world().broker_is_up();
        let crash = Mishap::CrashBroker { unsynced: Unsynced::Lost };
        self.act(if is_up { crash } else { Mishap::StartBroker });
    }

    /// The futures that there are.
    pub(crate) fn branches(&self) -> Vec<BranchView> {
        self.history.branches()
    }

    /// Changes the topology. The world is played again up to this moment, with the change from the beginning.
    pub(crate) fn edit(&mut self, edit: &Edit) {
        match editor::apply(self.scenario(), edit) {
            // Whoever types the same again has nothing to undo.
            Ok(scenario) if scenario == *self.scenario() => self.complaint = None,
            Ok(scenario) => {
                self.undo.push(self.scenario().clone());
                if self.undo.len() > UNDO {
                    self.undo.remove(0);
                }
                self.redo.clear();
                self.adopt(&scenario);
                self.selection.after(edit, self.history.scenario());
            }
            Err(complaint) => self.complaint = Some(complaint),
        }
    }

    pub(crate) const fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub(crate) const fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    pub(crate) fn undo(&mut self) {
        if let Some(earlier) = self.undo.pop() {
            self.redo.push(self.scenario().clone());
            self.adopt(&earlier);
        }
    }

    pub(crate) fn redo(&mut self) {
        if let Some(later) = self.redo.pop() {
            self.undo.push(self.scenario().clone());
            self.adopt(&later);
        }
    }

    /// Whether it is not any more what it was when it was opened.
    pub(crate) const fn is_edited(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Sets the same scenario beside this one, to change something there and see the difference.
    pub(crate) fn compare(&mut self, is_wanted: bool) {
        self.rival = is_wanted.then(|| {
            let mut rival = Player::of(&self.given(), self.history.seed(), self.source.clone());
            rival.playing = false;
            Box::new(rival)
        });
        self.lead_rival();
    }

    /// Whether the scenario has come to its end.
    pub(crate) fn is_over(&self) -> bool {
        !self.playing && self.world().now() >= self.end()
    }

    /// When the scenario has shown what it shows.
    pub(crate) fn end(&self) -> Instant {
        Instant::ZERO + self.scenario().until
    }

    pub(crate) fn actor(&self, id: ActorId) -> Option<ActorView> {
        self.world().actor_view(id)
    }

    /// Crashes or revives the actors that are picked; with anything of the broker, the broker.
    pub(crate) fn toggle_picked(&mut self) {
        for place in self.selection.places.clone() {
            self.toggle_place(&place);
        }
    }

    pub(crate) fn toggle_place(&mut self, place: &Place) {
        match place {
            Place::Producer(actor) | Place::Consumer(actor) => self.toggle(*actor),
            Place::Exchange(_) | Place::Queue(_) | Place::Disk => self.toggle_broker(),
            Place::Queues(exchange) | Place::Consumers(exchange) => self.fold(exchange.clone(), false),
        }
    }

    /// Picks what stands behind the thing that is picked, around and around.
    pub(crate) fn select_next(&mut self) {
        let layout = self.latest_layout();
        let places: Vec<&Place> = layout.nodes.iter().map(|node| &node.place).collect();
        let picked = self.selection.only_place();
        let at = places.iter().position(|place| Some(*place) == picked).map_or(0, |index| index + 1);
        if let Some(next) = places.get(at % places.len().max(1)) {
            self.selection = Selection::place((*next).clone());
        }
    }

    /// The message whose story is shown.
    pub(crate) const fn selected(&self) -> Option<MessageId> {
        self.selection.message
    }

    /// The places that are picked.
    pub(crate) fn is_picked(&self, place: &Place) -> bool {
        self.selection.places.contains(place)
    }

    fn adopt(&mut self, scenario: &Scenario) {
        self.complaint = None;
        let positions = scenario.positions.clone();
        if (Scenario { positions, ..self.scenario().clone() }) == *scenario {
            return self.history.place(&scenario.positions);
        }
        let (seed, now, is_over) = (self.history.seed(), self.world().now(), self.is_over());
        let had_clients = self.has_clients();
        let now = self.heading.take().unwrap_or(now);
        self.other_future = None;
        self.history = history(scenario, seed);
        self.epoch = next_epoch();
        if is_over || !had_clients {
            self.playing = self.has_clients();
            self.raise_the_curtain();
        } else {
            self.head_for(now);
        }
        self.selection.forget_missing(self.history.scenario());
        self.moved();
    }

    /// The clock shows something else: what is over is forgotten, and what is shown beside it follows.
    fn moved(&mut self) {
        let now = self.world().now();
        let picture = self.history.spectator_mut();
        picture.motion.forget(now);
        picture.chart.pass(now);
        self.lead_rival();
        self.lead_other_future();
    }

    fn lead_rival(&mut self) {
        let now = self.world().now();
        if let Some(rival) = &mut self.rival {
            rival.seek(now);
        }
    }
}

/// A number that no other history has.
fn next_epoch() -> u32 {
    thread_local! {
        static LATEST: Cell<u32> = const { Cell::new(0) };
    }
    LATEST.set(LATEST.get() + 1);
    LATEST.get()
}

/// Whether an actor has crashed or was turned away.
pub(crate) fn is_down(actor: &ActorView) -> bool {
    matches!(actor.status, Status::Crashed | Status::Refused)
}
