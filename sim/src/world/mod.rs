//! The world: a broker, the programs around it, the network between them, and one clock for all.

mod cast;
mod compared;
mod consuming;
mod faults;
mod host;
mod pausing;
mod power;
mod producing;
mod scripting;
mod silence;
mod trail;

use std::{collections::VecDeque, rc::Rc};

use warren_core::{
    Broker, Config, ConnectionId, DeliveryTag, DeprecatedFeatures, DiskAction, Instant, MessageId, Now,
    Random, View, WallTime,
    explain::{Passage, Routing},
    ordered::OrdMap,
};

use crate::{
    actor::{Actor, ActorView, Connection, Held, Role},
    agenda::Agenda,
    happening::{ActorId, ChannelRef, Happening, WorldEvent},
    ledger::Ledger,
    network::{Direction, Network, Packet},
    scenario::{Fault, Mishap, NetworkPlan, Scenario, Unsynced},
    script::Interpreter,
    wiretap::{Tape, Wiretap},
};
use compared::HeaderCounts;
use faults::Relief;
use power::Power;
use trail::Trail;

/// A scenario that is being played. Real protocol bytes flow; only the clock and the wires are made up.
///
/// The same scenario, seed and calls give the same events, byte for byte, natively and in wasm.
///
/// ```
/// use warren_sim::{Scenario, World, lessons, warren_core::Instant};
///
/// let hello = lessons::find("hello").expect("it is the first lesson");
/// let scenario = Scenario::parse("hello.toml", hello.toml)?;
/// let mut world = World::new(&scenario, 1);
/// world.run_until(Instant::ZERO + scenario.until);
///
/// let ledger = world.ledger();
/// assert_eq!(ledger.published, ledger.processed);
/// assert_eq!(ledger.lost(), 0);
/// for event in world.take_events() {
///     println!("{} {:?}", event.at, event.what);
/// }
/// # Ok::<(), warren_sim::ScenarioError>(())
/// ```
#[derive(Clone)]
pub struct World {
    now: Instant,
    agenda: Agenda<Task>,
    steps: u64,
    broker: Broker,
    /// The last moment the broker was told that time has passed.
    ticked_at: Option<Instant>,
    /// When the broker goes on with work that it has not finished.
    work_at: Instant,
    network: Network,
    actors: Vec<Actor>,
    /// The connections that they have, or will have again.
    connections: Vec<Connection>,
    /// Which of them it is, or was.
    opened: OrdMap<ConnectionId, u32>,
    /// Whose channel it is, or was.
    owners: OrdMap<ChannelRef, ActorId>,
    /// What is on the wire to a consumer that lives. Direct replies of before RabbitMQ 4.2 all have the same tag.
    dispatched: OrdMap<(ChannelRef, DeliveryTag), VecDeque<Held>>,
    /// How often work on a message has failed, whoever did it.
    failures: OrdMap<MessageId, u64>,
    trail: Trail,
    /// `None` unless releases are compared.
    header_counts: Option<HeaderCounts>,
    /// `None` if nobody looks at the bytes.
    wiretap: Option<Wiretap>,
    power: Power,
    /// What is due for clients that stand still, in order, by their first actors.
    parked: OrdMap<ActorId, Vec<Task>>,
    /// How far the broker's calendar is ahead of the world's clock, in ms.
    calendar_ms: i64,
    /// What strikes by chance: half-written files, flipped bits.
    random: Random,
    config: Config,
    /// For whoever comes later.
    network_plan: NetworkPlan,
    /// Plays the code of actors; without one they do not start.
    interpreter: Option<Rc<dyn Interpreter>>,
}

/// What is going to happen.
#[derive(Clone, Debug)]
enum Task {
    /// An actor connects for the first time.
    Start(ActorId),
    /// It tries to connect again.
    Reconnect(ActorId),
    /// Something goes wrong.
    Fault(Box<Mishap>),
    /// Something that went wrong for a time is over.
    Relief(Relief),
    /// The disk is done with an operation.
    Disk { life: u32, op: u64, action: DiskAction },
    /// Something reaches the broker.
    ToBroker(ConnectionId, Packet),
    /// Something reaches a client.
    ToClient(ConnectionId, Packet),
    /// A producer's next message is due.
    Publish(ChannelRef),
    /// A consumer's work is done.
    WorkDone(ChannelRef),
    /// A consumer's late ack is due.
    Ack { channel: ChannelRef, acked: Vec<Held> },
    /// An answer should have come by now.
    Timeout { channel: ChannelRef, number: u64 },
    /// The time of a timer has come that a run of a program has set.
    ProgramTimer { actor: ActorId, start: u32, timer: u32 },
    /// A client looks whether it has sent and heard anything; how often it has heard nothing.
    Heartbeat { connection: ConnectionId, silent: u32 },
}

impl Task {
    fn arrival(way: Direction, connection: ConnectionId, packet: Packet) -> Task {
        match way {
            Direction::ToBroker => Task::ToBroker(connection, packet),
            Direction::ToClient => Task::ToClient(connection, packet),
        }
    }
}

impl World {
    /// The world of `scenario` at its first moment. All that is random in it comes from `seed`.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64) -> World {
        World::with(scenario, seed, |_| {})
    }

    /// The same with a bug in the broker, to see who notices.
    #[cfg(feature = "planted-bugs")]
    #[must_use]
    pub fn planting(scenario: &Scenario, seed: u64, bug: warren_core::Bug) -> World {
        World::with(scenario, seed, |config| config.bug = Some(bug))
    }

    fn with(scenario: &Scenario, seed: u64, change: impl FnOnce(&mut Config)) -> World {
        let mut random = Random::new(seed);
        let mut config = config(scenario, random.next_u64());
        change(&mut config);
        let network = Network::new(random.fork());
        let (actors, connections) = Actor::cast(scenario, random.fork());
        let mut world = World {
            now: Instant::ZERO,
            agenda: Agenda::new(),
            steps: 0,
            broker: Broker::new(Config::default()),
            ticked_at: None,
            work_at: Instant::ZERO,
            network,
            actors,
            connections,
            opened: OrdMap::new(),
            owners: OrdMap::new(),
            dispatched: OrdMap::new(),
            failures: OrdMap::new(),
            trail: Trail::new(scenario),
            header_counts: None,
            wiretap: None,
            power: Power::new(scenario.disk.clone()),
            parked: OrdMap::new(),
            calendar_ms: 0,
            random: random.fork(),
            config,
            network_plan: scenario.network.clone(),
            interpreter: None,
        };
        if scenario.faults.iter().any(|fault| fault.what.is_the_operators()) {
            world.hire_operator();
        }
        world.boot();
        world.plan(scenario);
        world
    }

    /// Keeps no stories ([`World::story`]): nobody will ask, and it is faster.
    #[must_use]
    pub fn without_stories(mut self) -> World {
        self.trail.forget_stories();
        self
    }

    /// Keeps what goes over the wires from now on ([`World::tapes`]), and the ways of messages through the broker
    /// ([`World::passages`]). Nothing else changes.
    #[must_use]
    pub fn tapped(mut self) -> World {
        self.wiretap = Some(Wiretap::default());
        self.broker.watch_passages();
        self
    }

    /// Has the code of actors played by `interpreter`. In a world without one, actors with code never start.
    #[must_use]
    pub fn playing(mut self, interpreter: Rc<dyn Interpreter>) -> World {
        self.interpreter = Some(interpreter);
        self
    }

    /// What the clock shows.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// How many things have happened: a place in this world's history, exact where several happen at one moment.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// When the next thing happens; `None` if nothing ever will.
    #[must_use]
    pub fn next_at(&self) -> Option<Instant> {
        let deadline = self.deadline();
        match (self.agenda.next_at(), deadline) {
            (Some(task), Some(deadline)) => Some(task.min(deadline)),
            (task, deadline) => task.or(deadline),
        }
    }

    /// When the broker's next timer is due; `None` if it waits for nothing.
    #[must_use]
    pub fn next_timer_at(&self) -> Option<Instant> {
        self.deadline()
    }

    /// Moves the clock to the next thing and lets it happen. `false` if there is none.
    pub fn step(&mut self) -> bool {
        let Some(at) = self.next_at() else { return false };
        self.now = at;
        self.steps += 1;
        self.broker.forget_passages();
        if self.deadline() == Some(at) {
            self.tick();
        } else if let Some((_, task)) = self.agenda.pop() {
            self.perform(task);
        }
        true
    }

    /// The same, and says how messages were routed.
    pub fn step_explained(&mut self) -> Vec<Routing> {
        self.broker.explain_routings();
        self.step();
        self.broker.take_routings()
    }

    /// Lets everything happen that is due up to and including `at`; that is what the clock shows then.
    pub fn run_until(&mut self, at: Instant) {
        while self.next_at().is_some_and(|next| next <= at) {
            self.step();
        }
        self.now = self.now.max(at);
    }

    /// What has happened since the last call.
    pub fn take_events(&mut self) -> Vec<WorldEvent> {
        self.trail.take_events()
    }

    /// Lets an actor die now: its stream is cut, its buffer and its work are gone. Nothing if it is down already.
    pub fn crash(&mut self, actor: ActorId) {
        self.crash_actor(actor);
    }

    /// Lets an actor that is down start again now. Nothing if it is up, or has not started yet.
    pub fn revive(&mut self, actor: ActorId) {
        self.revive_actor(actor);
    }

    /// Lets the broker die now: its streams are cut, and what is in memory is gone. Nothing if it is down already.
    pub fn crash_the_broker(&mut self, unsynced: Unsynced) {
        self.crash_broker(unsynced);
    }

    /// Lets a broker that is down start again now, with what it finds on its disk.
    pub fn start_the_broker(&mut self) {
        self.start_broker();
    }

    /// Lets something go wrong now.
    pub fn befall(&mut self, mishap: Mishap) {
        self.strike(mishap);
    }

    /// Lets something go wrong later: a world whose scenario says so from the start is the same one, byte for byte.
    pub fn expect(&mut self, fault: &Fault) {
        if fault.what.is_the_operators() {
            self.hire_operator();
        }
        self.agenda.plan(Instant::ZERO + fault.at, Task::Fault(Box::new(fault.what.clone())));
    }

    /// Ends all that goes wrong: the network and the disk are well, and whoever is down starts again.
    pub fn heal(&mut self) {
        self.heal_all();
    }

    /// Whether the broker lives.
    #[must_use]
    pub const fn broker_is_up(&self) -> bool {
        self.power.is_up
    }

    /// Whether the broker lives, and has finished what it has begun.
    #[must_use]
    pub fn broker_is_at_rest(&self) -> bool {
        self.power.is_up && !self.broker.has_work() && !self.broker.awaits_disk()
    }

    /// How many operations the broker's disk has done.
    #[must_use]
    pub const fn disk_operations(&self) -> u64 {
        self.power.disk_operations
    }

    /// A look into the broker.
    #[must_use]
    pub fn broker(&self) -> View<'_> {
        self.broker.view()
    }

    /// How many things there are to be copied when this is cloned, roughly: what is on the wire, in queues and at
    /// clients, and what is remembered of it.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let totals = self.broker.view().totals();
        let programs = self.actors.iter().filter_map(|actor| Some(actor.running.as_ref()?.weight()));
        let held = self.agenda.len() + self.dispatched.len() + self.failures.len() + self.trail.weight();
        let held = held + programs.sum::<usize>();
        totals.ready + totals.unacked + u64::try_from(held).unwrap_or(u64::MAX)
    }

    /// One of them, if there is such a one.
    #[must_use]
    pub fn actor_view(&self, id: ActorId) -> Option<ActorView> {
        let actor = self.actors.get(index(id.0))?;
        Some(actor.view(id, self.connections.get(index(actor.connection))?))
    }

    /// Everyone, in the order of their ids.
    #[must_use]
    pub fn actors(&self) -> Vec<ActorView> {
        (0..).map_while(|id| self.actor_view(ActorId(id))).collect()
    }

    /// The producers that have messages to send, or to hear of, and how many.
    #[must_use]
    pub fn unfinished(&self) -> Vec<(String, u64)> {
        let open = |actor: &Actor| match &actor.role {
            Role::Producer(producer) => Some((actor.name.clone(), producer.open())),
            Role::Consumer(_) | Role::Operator => None,
        };
        self.actors.iter().filter_map(open).filter(|(_, open)| *open > 0).collect()
    }

    /// The sums so far.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.trail.ledger
    }

    /// Everything that has happened to a message, from its sending on.
    #[must_use]
    pub fn story(&self, message: MessageId) -> &[WorldEvent] {
        self.trail.story(message)
    }

    /// What has gone over every connection, the oldest connection first; the oldest of much is forgotten. Nothing unless
    /// the wires are [tapped](World::tapped).
    pub fn tapes(&self) -> impl DoubleEndedIterator<Item = (ConnectionId, &Tape)> {
        let tapes = self.wiretap.iter().flat_map(Wiretap::tapes);
        tapes.map(|(connection, tape)| (*connection, tape))
    }

    /// Which bindings took messages in the latest step. Nothing unless the wires are [tapped](World::tapped).
    #[must_use]
    pub fn passages(&self) -> &[Passage] {
        self.broker.passages()
    }

    /// What a connection tells the broker that it is called; nothing if there has been none of this number.
    #[must_use]
    pub fn connection_name(&self, connection: ConnectionId) -> &str {
        self.opened_by(connection).map_or("", |opened| &opened.name)
    }

    fn plan(&mut self, scenario: &Scenario) {
        for (id, actor) in (0..).zip(&self.actors) {
            self.agenda.plan(Instant::ZERO + actor.start, Task::Start(ActorId(id)));
        }
        for fault in &scenario.faults {
            self.agenda.plan(Instant::ZERO + fault.at, Task::Fault(Box::new(fault.what.clone())));
        }
    }

    fn perform(&mut self, task: Task) {
        let Some(task) = self.unless_paused(task) else { return };
        match task {
            Task::Start(actor) => self.start_actor(actor),
            Task::Reconnect(actor) => self.reconnect(actor),
            Task::Fault(mishap) => self.strike(*mishap),
            Task::Relief(relief) => self.relieve(relief),
            Task::Disk { life, op, action } => self.disk_is_done(life, op, &action),
            Task::ToBroker(connection, packet) => self.arrive_at_broker(connection, packet),
            Task::ToClient(connection, packet) => self.arrive_at_client(connection, packet),
            Task::Publish(channel) => self.publish(channel),
            Task::WorkDone(channel) => self.work_done(channel),
            Task::Ack { channel, acked } => self.ack_late(channel, &acked),
            Task::Timeout { channel, number } => self.give_up_waiting(channel, number),
            Task::ProgramTimer { actor, start, timer } => self.ring(actor, start, timer),
            Task::Heartbeat { connection, silent } => self.beat(connection, silent),
        }
    }

    /// When the broker wants to hear that time has passed: once for each moment, or as long as it has work.
    fn deadline(&self) -> Option<Instant> {
        if !self.power.is_up {
            return None;
        }
        if self.broker.has_work() {
            return Some(self.work_at.max(self.now));
        }
        let deadline = self.broker.deadline()?.max(self.now);
        (self.ticked_at != Some(deadline)).then_some(deadline)
    }

    /// Both clocks of the broker. The calendar starts with 1970, so that no trace depends on today.
    fn broker_now(&self) -> Now {
        let clock_ms = i64::try_from(self.now.as_micros() / 1_000).unwrap_or(i64::MAX);
        let wall_ms = clock_ms.saturating_add(self.calendar_ms);
        Now { instant: self.now, wall: WallTime::from_millis(wall_ms) }
    }

    fn record(&mut self, what: Happening) {
        self.trail.record(self.now, what);
    }
}

/// The place in a list that a number stands for.
fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The broker's settings, as the scenario wants them.
fn config(scenario: &Scenario, seed: u64) -> Config {
    let compat = scenario.broker.compat.unwrap_or_default();
    let mut config = Config { watched: true, seed, ..Config::answering_like(compat) };
    if scenario.broker.strict {
        config.deprecated_features = DeprecatedFeatures::permitted_by(compat);
    }
    config.memory_limit_bytes = scenario.broker.memory_limit.unwrap_or(config.memory_limit_bytes);
    config.memory_budget_bytes = scenario.broker.memory_budget.unwrap_or(config.memory_budget_bytes);
    config.disk_backlog_bytes = scenario.broker.disk_backlog.unwrap_or(config.disk_backlog_bytes).max(1);
    config.segment_bytes = scenario.broker.segment.unwrap_or(config.segment_bytes);
    let timeout = scenario.broker.consumer_timeout.map(crate::ConsumerTimeout::as_ms);
    config.consumer_timeout_ms = timeout.unwrap_or(config.consumer_timeout_ms);
    config.work_per_input = scenario.broker.work_per_input.unwrap_or(config.work_per_input).max(1);
    config
}
