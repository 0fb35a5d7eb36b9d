//! A world that can be rewound: going back is exact, and who acts in the past begins another future.

mod branch;
mod explained;
mod log;

use std::{cell::RefCell, rc::Rc, time::Duration};

use warren_core::{Instant, MessageId, explain::Passage, ordered::OrdMap};

use crate::{Fault, Ledger, Mishap, Scenario, World, WorldEvent, script::Interpreter};
use branch::{Branch, Checkpoint};
pub use explained::Chapter;
use explained::Explained;
pub use log::Entry;

/// How many branches are kept when a run begins again: each remembers what happened on it.
pub const MOST_BRANCHES: usize = 16;

/// When what is done happens, from the moment on.
const AT_ONCE: Duration = Duration::from_micros(1);

/// Who watches a world, and is rewound with it.
pub trait Spectator: Clone {
    /// Something has happened.
    fn see(&mut self, event: &WorldEvent);

    /// A message took a way through the broker, in the step whose events have just been seen. Only of a world whose wires
    /// are [tapped](World::tapped).
    fn see_passage(&mut self, _at: Instant, _passage: &Passage) {}
}

/// A scenario in the world of a seed, at some moment of one of its futures.
///
/// What is done to the world ([`History::act`]) is a fault of its scenario, a microsecond from now: the scenario of a
/// branch, played from the beginning, is that branch, byte for byte.
///
/// ```
/// use std::time::Duration;
/// use warren_sim::{History, Mishap, Scenario, Spectator, WorldEvent, lessons, warren_core::Instant};
///
/// #[derive(Clone)]
/// struct Nobody;
/// impl Spectator for Nobody {
///     fn see(&mut self, _: &WorldEvent) {}
/// }
///
/// let lesson = lessons::find("crash-with-ack").expect("a lesson");
/// let scenario = Scenario::parse(lesson.id, lesson.toml)?;
/// let at = |seconds| Instant::ZERO + Duration::from_secs(seconds);
/// let mut history = History::new(&scenario, 1, Nobody);
/// history.advance(at(20));
/// let first = history.ledger().clone();
///
/// history.seek(at(3));
/// history.act(Mishap::Crash { actor: "worker-2".into() });
/// history.advance(at(20));
/// assert_ne!(*history.ledger(), first, "another future");
///
/// history.enter(0);
/// assert_eq!(*history.ledger(), first, "the old one is still there");
/// # Ok::<(), warren_sim::ScenarioError>(())
/// ```
pub struct History<S> {
    seed: u64,
    world: World,
    spectator: S,
    branches: Vec<Branch<S>>,
    current: u32,
    /// The story that was asked for last.
    explained: RefCell<Option<Explained>>,
}

/// A look at a branch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BranchView {
    /// When it stopped being the scenario as it was given: when it turned off from another branch, or when something was
    /// first done on it. `None` if nothing was done.
    pub from: Option<Instant>,
    /// How far it has been played.
    pub played_to: Instant,
    /// What was done then.
    pub deed: Option<Mishap>,
    /// All that was done on it by hand, oldest first, with what was done before it turned off.
    pub deeds: Vec<Fault>,
    /// The sums where it has been played to.
    pub ledger: Ledger,
}

impl BranchView {
    /// Until when two branches of one history are the same: what was done until then on one of them was done on the other.
    /// `None` if nothing else was ever done on either.
    #[must_use]
    pub fn is_same_until(&self, other: &BranchView) -> Option<Instant> {
        let same = self.deeds.iter().zip(&other.deeds).take_while(|(one, two)| one == two).count();
        let next = [&self.deeds, &other.deeds].into_iter().filter_map(|deeds| deeds.get(same));
        next.map(|deed| Instant::ZERO + deed.at.saturating_sub(AT_ONCE)).min()
    }
}

impl<S: Spectator> History<S> {
    /// The world of `scenario` at its first moment.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64, spectator: S) -> History<S> {
        History::of(World::new(scenario, seed).without_stories(), scenario, seed, spectator)
    }

    /// The same, with a tap on its wires ([`World::tapes`]).
    #[must_use]
    pub fn tapped(scenario: &Scenario, seed: u64, spectator: S) -> History<S> {
        History::of(World::new(scenario, seed).without_stories().tapped(), scenario, seed, spectator)
    }

    /// The same, with the code of its actors played by `interpreter`.
    #[must_use]
    pub fn playing(
        scenario: &Scenario,
        seed: u64,
        spectator: S,
        interpreter: Rc<dyn Interpreter>,
    ) -> History<S> {
        let world = World::new(scenario, seed).without_stories().tapped().playing(interpreter);
        History::of(world, scenario, seed, spectator)
    }

    fn of(world: World, scenario: &Scenario, seed: u64, spectator: S) -> History<S> {
        let branch = Branch::new(scenario.clone(), &world, &spectator);
        History { seed, world, spectator, branches: vec![branch], current: 0, explained: RefCell::default() }
    }

    /// What all that is random comes from.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The world at the moment.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// What the spectator makes of what has happened up to the moment.
    #[must_use]
    pub const fn spectator(&self) -> &S {
        &self.spectator
    }

    /// Has the spectator tidy up; what it makes of events must not depend on it.
    pub const fn spectator_mut(&mut self) -> &mut S {
        &mut self.spectator
    }

    /// What the spectator makes of all that has been played of this branch, the future included.
    #[must_use]
    pub fn foreseen(&self) -> &S {
        self.branch().frontier.as_deref().map_or(&self.spectator, |frontier| &frontier.spectator)
    }

    /// The scenario of this branch: with all that was done to it.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.branch().scenario
    }

    /// The scenario without what was done to it.
    #[must_use]
    pub fn given(&self) -> Scenario {
        self.branch().given_scenario()
    }

    /// What the clock shows.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.world.now()
    }

    /// How far this branch has been played.
    #[must_use]
    pub fn played_to(&self) -> Instant {
        self.branch().frontier.as_deref().map_or(self.now(), |frontier| frontier.world.now())
    }

    /// The sums at the moment.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        self.world.ledger()
    }

    /// All that is remembered of this branch, oldest first, the future included.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.branch().log.entries()
    }

    /// What has happened up to the moment, oldest first.
    pub fn past(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        let steps = self.world.steps();
        self.branch().log.up_to(steps)
    }

    /// What has happened to a message up to the moment, from its sending on.
    #[must_use]
    pub fn story(&self, message: MessageId) -> Vec<&WorldEvent> {
        let story = self.branch().log.story(message, self.world.steps());
        story.into_iter().map(|entry| &entry.event).collect()
    }

    /// Lets everything happen that is due up to `at`, and sets the clock there. Going back is for [`History::seek`].
    pub fn advance(&mut self, at: Instant) {
        while self.world.next_at().is_some_and(|next| next <= at) {
            self.step();
        }
        self.world.run_until(at);
        self.pass_frontier();
    }

    /// The same, but not more than so many steps: the clock then stands where they end.
    pub fn advance_some(&mut self, at: Instant, steps: u64) {
        let last = self.world.steps().saturating_add(steps);
        while self.world.next_at().is_some_and(|next| next <= at) {
            if self.world.steps() == last {
                return self.pass_frontier();
            }
            self.step();
        }
        self.world.run_until(at);
        self.pass_frontier();
    }

    /// Lets things happen until one is to be seen. `false` if nothing like it happens up to `limit`.
    pub fn step_to(&mut self, limit: Instant, is_wanted: impl Fn(&WorldEvent) -> bool) -> bool {
        while self.world.next_at().is_some_and(|next| next <= limit) {
            let before = self.world.steps();
            self.step();
            let branch = self.branch();
            if branch.log.since(before, self.world.steps()).any(|entry| is_wanted(&entry.event)) {
                self.pass_frontier();
                return true;
            }
        }
        self.pass_frontier();
        false
    }

    /// Goes back to where the last thing of this kind had just happened before the moment; to the beginning if there is none.
    pub fn step_back(&mut self, is_wanted: impl Fn(&WorldEvent) -> bool) {
        let (now, steps) = (self.now(), self.world.steps());
        let earlier = self.past().rev().find(|entry| {
            let is_before = entry.step < steps || entry.event.at < now;
            is_before && is_wanted(&entry.event)
        });
        match earlier.map(|entry| entry.step) {
            Some(step) => self.rewind_to_step(step),
            None => self.seek(Instant::ZERO),
        }
    }

    /// Sets the clock, back or forth, on this branch.
    pub fn seek(&mut self, at: Instant) {
        self.go_back(at);
        self.advance(at);
    }

    /// If `at` has passed already, goes back to the last moment before it that is at hand: the first half of
    /// [`History::seek`], for whoever wants to do the rest in parts.
    pub fn go_back(&mut self, at: Instant) {
        if at < self.now() {
            self.stash_frontier();
            let checkpoint = self.branch().checkpoint_at(at);
            self.restore(&checkpoint);
        }
    }

    /// Does something to the world, a microsecond from now. In the past that begins another future.
    pub fn act(&mut self, what: Mishap) {
        // What is due at this moment still comes first, so that a world kept before the deed never knows of it.
        self.advance(self.now());
        let at = self.now() + AT_ONCE;
        if self.branch().frontier.is_some() {
            self.fork(&what);
        }
        let fault = Fault { at: at.since(Instant::ZERO), what };
        self.world.expect(&fault);
        self.branch_mut().scenario.faults.push(fault);
        self.advance(at);
    }

    /// Has this branch's scenario last until `until` at least. That is nothing to the world, which does not know when its
    /// scenario ends.
    pub fn extend(&mut self, until: Duration) {
        let scenario = &mut self.branch_mut().scenario;
        scenario.until = scenario.until.max(until);
    }

    /// Begins again at the first moment, with the scenario as it was given. A branch on which something was done stays
    /// among the branches; one on which nothing was is the same again, and its place is taken. At most
    /// [`MOST_BRANCHES`] stay; the oldest goes first.
    pub fn begin_again(&mut self) {
        let beginning = self.branch().beginning();
        let fresh = Branch::new(self.given(), &beginning.world, &beginning.spectator);
        if self.branch().deeds().is_empty() {
            *self.branch_mut() = fresh;
        } else {
            self.stash_frontier();
            if self.branches.len() >= MOST_BRANCHES {
                self.branches.remove(0);
            }
            self.branches.push(fresh);
            self.current = u32::try_from(self.branches.len() - 1).unwrap_or(u32::MAX);
        }
        self.explained.take();
        self.restore(&beginning);
    }

    /// Puts things elsewhere in the picture, which is nothing to the world.
    pub fn place(&mut self, positions: &OrdMap<String, (i32, i32)>) {
        for branch in &mut self.branches {
            branch.scenario.positions.clone_from(positions);
        }
    }

    /// All branches, in the order in which they began.
    #[must_use]
    pub fn branches(&self) -> Vec<BranchView> {
        let view = |branch: &Branch<S>| {
            let world = branch.frontier.as_deref().map_or(&self.world, |frontier| &frontier.world);
            let first = branch.deeds().first();
            let from =
                branch.from.or_else(|| first.map(|first| Instant::ZERO + first.at.saturating_sub(AT_ONCE)));
            let deed = branch.deed.clone().or_else(|| first.map(|first| first.what.clone()));
            let deeds = branch.deeds().to_vec();
            BranchView { from, deed, deeds, played_to: world.now(), ledger: world.ledger().clone() }
        };
        self.branches.iter().map(view).collect()
    }

    /// A branch as a history of its own, where it has been played to: whatever is done with it, this one stays as it is. Only
    /// what has happened so far it does not remember, as that may be much. `None` if there is no such branch.
    #[must_use]
    pub fn copy_of(&self, branch: u32) -> Option<History<S>> {
        let copied = self.branches.get(index(branch))?;
        let (world, spectator) = match copied.frontier.as_deref() {
            Some(frontier) => (&frontier.world, &frontier.spectator),
            None => (&self.world, &self.spectator),
        };
        Some(History {
            seed: self.seed,
            world: world.clone(),
            spectator: spectator.clone(),
            branches: vec![copied.copy()],
            current: 0,
            explained: RefCell::default(),
        })
    }

    /// Which branch this is.
    #[must_use]
    pub const fn current(&self) -> u32 {
        self.current
    }

    /// Goes over to another branch, where it has been played to. Nothing if there is none such.
    pub fn enter(&mut self, branch: u32) {
        if branch == self.current || index(branch) >= self.branches.len() {
            return;
        }
        self.stash_frontier();
        self.current = branch;
        if let Some(frontier) = self.branches[index(branch)].frontier.take() {
            self.restore(&frontier);
        }
    }

    fn branch(&self) -> &Branch<S> {
        &self.branches[index(self.current)]
    }

    fn branch_mut(&mut self) -> &mut Branch<S> {
        &mut self.branches[index(self.current)]
    }

    /// One thing happens.
    fn step(&mut self) {
        self.world.step();
        let step = self.world.steps();
        let branch = &mut self.branches[index(self.current)];
        for event in self.world.take_events() {
            self.spectator.see(&event);
            branch.log.enter(step, event);
        }
        for passage in self.world.passages() {
            self.spectator.see_passage(self.world.now(), passage);
        }
        if step >= branch.next_checkpoint() {
            branch.keep(&self.world, &self.spectator);
        }
    }

    /// Where the future is known, it is kept for the way back to it.
    fn stash_frontier(&mut self) {
        let branch = &mut self.branches[index(self.current)];
        if branch.frontier.is_none() {
            branch.frontier = Some(Rc::new(Checkpoint::of(&self.world, &self.spectator)));
        }
    }

    /// Once what was played is played again, the present is the frontier.
    fn pass_frontier(&mut self) {
        let branch = &mut self.branches[index(self.current)];
        let is_past = |frontier: &Rc<Checkpoint<S>>| {
            (frontier.world.steps(), frontier.world.now()) <= (self.world.steps(), self.world.now())
        };
        branch.frontier.take_if(|frontier| is_past(frontier));
    }

    fn restore(&mut self, checkpoint: &Checkpoint<S>) {
        self.world = checkpoint.world.clone();
        self.spectator = checkpoint.spectator.clone();
        let branch = &mut self.branches[index(self.current)];
        branch.log.make_room_for(self.world.steps());
        for deed in branch.deeds_after(self.world.now()) {
            self.world.expect(deed);
        }
    }

    fn rewind_to_step(&mut self, step: u64) {
        self.stash_frontier();
        let checkpoint = self.branch().checkpoint_at_step(step);
        self.restore(&checkpoint);
        while self.world.steps() < step {
            self.step();
        }
        self.pass_frontier();
    }

    fn fork(&mut self, deed: &Mishap) {
        let fork = self.branch().fork(self.world.steps(), self.now(), deed.clone());
        self.branches.push(fork);
        self.current = u32::try_from(self.branches.len() - 1).unwrap_or(u32::MAX);
    }
}

/// Where a branch is in the list of all.
fn index(branch: u32) -> usize {
    usize::try_from(branch).unwrap_or(usize::MAX)
}
