//! The broker: sessions, exchanges and queues composed into one machine.
//!
//! `impl Broker` is spread over this folder by subject: one file per AMQP class, and `routing`, `dispatch` and
//! `release` for what several of them lead to.

mod admin;
mod at_least_once;
mod basic;
mod behind;
mod bind;
mod channel;
mod cleaning;
mod close;
mod configured;
mod confirm;
mod connection;
mod consume;
mod dead_letter;
mod deaths;
mod delay;
mod deprecated;
mod discard;
mod disk;
mod dispatch;
mod durable;
mod ending;
mod enqueue;
mod exchange;
mod fault;
mod frames;
mod greeting;
mod held;
mod io;
mod later;
mod limits;
mod memory;
mod paging;
mod policy;
mod publish;
mod queue;
mod release;
mod reply_to;
mod restore;
mod rights;
mod settle;
mod settling;
mod snapshot;
mod stream;
mod timeout;
mod timers;
mod told;
mod transaction;
mod unbinding;
mod work;

pub use io::{Command, Input, Output, Peer};

use std::collections::VecDeque;

use self::{
    behind::Behind, cleaning::Cleaning, configured::Entries, dead_letter::DeadLetter, delay::Delayed,
    disk::Reading, later::AwaitingDeadLetters, policy::Review, snapshot::Collecting, timers::Timers,
    transaction::Commits, work::Work,
};
use crate::{
    ChannelNumber, Config, ConnectionId, DeprecatedFeature, Instant, Name, Now, QueueId, Random, View,
    access::Access,
    blocks::Blocks,
    event::Events,
    explain::{Passage, Routing},
    id::ConsumerId,
    journal::{Group, Journal},
    ordered::{OrdMap, OrdSet},
    policy::Policies,
    queue::{Consumer, Queue},
    routing::Routes,
    session::Session,
    vhost::Vhost,
};
pub(crate) use configured::{Subject, value_from};
pub(crate) use memory::Alarms;
pub(crate) use reply_to::ReplyAddress;

/// The broker as a machine. See [`Broker::handle`] for its one law. A clone goes its own way from there.
#[derive(Clone)]
pub struct Broker {
    pub(crate) config: Config,
    pub(crate) sessions: OrdMap<ConnectionId, Session>,
    pub(crate) vhosts: OrdMap<Name, Vhost>,
    pub(crate) access: Access,
    policies: Policies,
    /// By virtual host: its exchanges and queues that have not followed a changed policy yet.
    reviews: OrdMap<Name, Review>,
    /// What the configuration file said at the last start; `None` before the first.
    configured: Option<Entries>,
    pub(crate) queues: OrdMap<QueueId, Queue>,
    pub(crate) consumers: OrdMap<ConsumerId, Consumer>,
    /// Where direct replies go; each has the id of a queue that there is not.
    reply_consumers: OrdMap<QueueId, ReplyAddress>,
    /// Deprecated features that clients have used; the operator has been told.
    deprecated_used: OrdSet<DeprecatedFeature>,
    /// Messages that queues have given up and that have not gone on yet.
    dead_letters: Blocks<DeadLetter>,
    /// Those that their queues keep until they can go on, by queue.
    waiting_dead_letters: OrdMap<QueueId, Blocks<DeadLetter>>,
    /// What waits until all dead letters of a queue are published.
    awaiting_dead_letters: OrdMap<QueueId, AwaitingDeadLetters>,
    /// Messages that exchanges hold back, by when they are due and then by age.
    pub(crate) delayed: OrdMap<(Instant, u64), Delayed>,
    /// Virtual hosts that have been deleted, and the latest message that was held back then: those of theirs that are still among
    /// `delayed` are being forgotten.
    forgotten_delays: OrdMap<Name, u64>,
    /// Bytes of messages that queues, unacked deliveries and exchanges hold.
    pub(crate) message_bytes: u64,
    /// Bytes of messages that have not come whole, or are not committed.
    unfinished_bytes: u64,
    /// Bytes of messages that exchanges of type x-recent-history keep.
    history_bytes: u64,
    /// Who waits for the disk.
    behind: Behind,
    /// Bytes of messages in memory that are to leave it, and whose record is not written yet, as [`Broker::page_out`] last
    /// found them.
    lined_up_bytes: u64,
    /// Messages in all queues: ready, and unacked. Each queue tells of its changes ([`Broker::recount`]), so that nobody has to
    /// ask all of them.
    pub(crate) counted: (u64, u64),
    random: Random,
    latest: Latest,
    /// Why publishers are paused, if they are.
    pub(crate) alarms: Alarms,
    /// Connections that have published in spite of that, and are to be paused, too.
    publish_while_blocked: Vec<ConnectionId>,
    /// Connections that are paused.
    paused: Vec<ConnectionId>,
    shutting_down: bool,
    timers: Timers,
    /// Connections with encoded frames that no output has carried yet.
    unsent: VecDeque<ConnectionId>,
    /// Channels with publishes that are safe and not confirmed yet.
    unconfirmed: Vec<(ConnectionId, ChannelNumber)>,
    outputs: VecDeque<Output>,
    /// What is written down, if there is a disk.
    journal: Option<Journal>,
    /// What is being read, by operation.
    reads: OrdMap<u64, Reading>,
    cleaning: Option<Cleaning>,
    /// The snapshot for the journal's next segment, while it is put together.
    collecting: Option<Box<Collecting>>,
    journal_alarm: Option<Instant>,
    /// Changes recorded so far.
    changes: u64,
    /// Connections whose answers wait until a commit is safe.
    held: Vec<ConnectionId>,
    /// What connections that are gone have left to send, when a commit is safe.
    parting: Vec<(Group, Output)>,
    /// Channels with publishes that are not safe yet.
    unsafe_confirms: Vec<(ConnectionId, ChannelNumber)>,
    /// Where the next look for memory begins.
    paged_to: QueueId,
    /// Queues that want to read what is not written yet.
    thirsty: OrdSet<QueueId>,
    /// Connections with a basic.get that waits for its queue, by queue and then by age.
    getters: OrdMap<(QueueId, u64), ConnectionId>,
    /// The first commit behind the end of a broker that was stopped in order. Until the disk has it, nothing of what was
    /// found is delivered: after a crash nobody would know that it was.
    opening: Option<Group>,
    /// The commit with the last of everything.
    stopping: Option<Group>,
    /// Nothing is served any more.
    halted: bool,
    /// Commits of transactions.
    commits: Commits,
    /// What may be done in this slice, and what is unfinished.
    work: Work,
    events: Events,
    now: Now,
    /// Where the message being routed goes; here so that its memory is used again.
    routes: Routes,
    /// How messages were routed, while somebody wants to know.
    routings: Option<Vec<Routing>>,
    /// The ways that messages took, while somebody watches them.
    passages: Option<Vec<Passage>>,
}

/// The latest numbers given out.
#[derive(Clone, Default)]
struct Latest {
    message: u64,
    queue: u64,
    consumer: u64,
    parked: u64,
    delayed: u64,
    get: u64,
}

impl Broker {
    /// A broker with the exchanges that every virtual host has, and nothing else.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let vhosts = config.vhosts.iter().map(|name| Name::from(name.as_str()));
        Broker {
            vhosts: vhosts.map(|name| (name.clone(), Vhost::new(name, config.behaviours()))).collect(),
            access: Access::new(&config),
            policies: Policies::new(&config.policies),
            reviews: OrdMap::new(),
            configured: None,
            sessions: OrdMap::new(),
            queues: OrdMap::new(),
            consumers: OrdMap::new(),
            reply_consumers: OrdMap::new(),
            deprecated_used: OrdSet::new(),
            dead_letters: Blocks::new(),
            waiting_dead_letters: OrdMap::new(),
            awaiting_dead_letters: OrdMap::new(),
            delayed: OrdMap::new(),
            forgotten_delays: OrdMap::new(),
            message_bytes: 0,
            unfinished_bytes: 0,
            history_bytes: 0,
            behind: Behind::default(),
            lined_up_bytes: 0,
            counted: (0, 0),
            random: Random::new(config.seed),
            latest: Latest { message: config.latest_message, ..Latest::default() },
            alarms: Alarms::default(),
            publish_while_blocked: Vec::new(),
            paused: Vec::new(),
            shutting_down: false,
            timers: Timers::default(),
            unsent: VecDeque::new(),
            unconfirmed: Vec::new(),
            outputs: VecDeque::new(),
            journal: None,
            reads: OrdMap::new(),
            cleaning: None,
            collecting: None,
            journal_alarm: None,
            changes: 0,
            held: Vec::new(),
            parting: Vec::new(),
            unsafe_confirms: Vec::new(),
            paged_to: QueueId(0),
            thirsty: OrdSet::new(),
            getters: OrdMap::new(),
            opening: None,
            stopping: None,
            halted: false,
            commits: Commits::default(),
            work: Work::default(),
            events: Events::new(config.watched),
            now: Now::default(),
            routes: Routes::default(),
            routings: None,
            passages: None,
            config,
        }
    }

    /// Takes in what happened. Total: a protocol error is an output, not an `Err`, and no input panics.
    ///
    /// The one law: after a `handle`, or a batch of them at one `now`, drain [`Broker::poll_output`] to `None`.
    pub fn handle(&mut self, now: Now, input: Input<'_>) {
        if self.halted {
            return;
        }
        self.now = now;
        self.events.set_time(now.instant);
        // What is due comes first: nothing that has expired may still be delivered.
        self.work.begin(self.config.work_per_input);
        self.run_timers();
        // Whatever was due, this input has a slice of its own.
        self.work.begin(self.config.work_per_input);
        match input {
            Input::Accepted { connection, peer } => self.accept(connection, peer),
            Input::Bytes { connection, bytes } => self.bytes(connection, bytes),
            Input::Sent { connection, bytes } => self.sent(connection, bytes),
            Input::Lost { connection } => self.drop_connection(connection, "the connection was lost"),
            Input::Disk { op, result } => self.disk(op, result),
            Input::Admin(command) => self.admin(command),
            Input::Tick => self.continue_work(),
        }
        self.publish_dead_letters();
        self.confirm_publishes();
        self.keep_journal();
        self.check_memory();
    }

    /// The next thing the host has to do.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(event) = self.events.next() {
            return Some(Output::Event(event));
        }
        if let Some((op, action)) = self.journal.as_mut().and_then(Journal::next_action) {
            return Some(Output::Disk { op, action });
        }
        if let Some(output) = self.outputs.pop_front() {
            return Some(output);
        }
        while let Some(connection) = self.unsent.pop_front() {
            if self.is_held(connection).is_some() {
                self.held.push(connection);
                continue;
            }
            if let Some(output) = self.take_bytes(connection) {
                return Some(output);
            }
        }
        None
    }

    /// When to call [`Broker::handle`] with [`Input::Tick`] if nothing else happens first.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.has_work() { Some(self.now.instant) } else { self.timers.first() }
    }

    /// Whether something is unfinished because it is more than one input may lead to
    /// ([`Config::work_per_input`](crate::Config::work_per_input)). It goes on with the next [`Input::Tick`], at any time:
    /// the host calls soon, and lets other inputs have their turns before.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.work.is_waiting() && !self.halted && self.stopping.is_none()
    }

    /// Whether something is unfinished because more waits for the disk than
    /// [`Config::disk_backlog_bytes`](crate::Config::disk_backlog_bytes). It goes on when the disk has caught up.
    #[must_use]
    pub fn awaits_disk(&self) -> bool {
        self.behind.is_so
    }

    /// How much work the broker has done since it began, in the operations of
    /// [`Config::work_per_input`](crate::Config::work_per_input).
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.work.done()
    }

    /// From now on it is written down how messages are routed, until [`Broker::take_routings`]. It costs a look at
    /// every binding, and nothing else changes.
    pub fn explain_routings(&mut self) {
        self.routings = Some(Vec::new());
    }

    /// How messages were routed since [`Broker::explain_routings`], in order.
    pub fn take_routings(&mut self) -> Vec<Routing> {
        self.routings.take().unwrap_or_default()
    }

    /// From now on it is written down which bindings take messages: cheap, and nothing else changes. The host is to
    /// [forget](Broker::forget_passages) what it has seen.
    pub fn watch_passages(&mut self) {
        self.passages.get_or_insert_default();
    }

    /// The ways that messages took since they were last forgotten, in order.
    #[must_use]
    pub fn passages(&self) -> &[Passage] {
        self.passages.as_deref().unwrap_or_default()
    }

    /// Makes room for those to come.
    pub fn forget_passages(&mut self) {
        self.passages.iter_mut().for_each(Vec::clear);
    }

    /// A look inside.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { broker: self }
    }
}
