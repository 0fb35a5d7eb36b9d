//! Actors: the programs around the broker. An actor decides what to do; its client knows how to say it.

mod connection;
mod consumer;
mod draft;
mod producer;
mod running;
mod view;

use std::{rc::Rc, time::Duration};

use warren_core::{Random, wire::FieldTable};

pub(crate) use connection::{Connection, Line};
pub(crate) use consumer::{Consumer, Held, Verdict};
pub(crate) use draft::Draft;
pub(crate) use producer::{Ending, Producer, cycle};
pub(crate) use running::Running;
pub use view::{ActorKind, ActorView, Status, WorkView};

use crate::{
    client::Request,
    happening::{ActorId, ChannelRef},
    scenario::{self, AckMode, OPERATOR, Reconnect, Scenario, Seat},
};

/// A program that runs, or does not.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub name: String,
    pub start: Duration,
    pub status: Status,
    /// It stands still: what is due for it waits.
    pub is_paused: bool,
    pub role: Role,
    /// The first actor of its client: itself, if it is a client of its own.
    pub client: ActorId,
    /// Its connection's place among all.
    pub connection: u32,
    /// Its channel there, while it has one.
    pub channel: Option<OpenChannel>,
    /// How it comes back when its connection breaks.
    reconnect: Option<Reconnect>,
    /// How many attempts to connect have failed in a row.
    failed: u32,
    /// What it declares, each time it has connected.
    topology: Vec<Request>,
    /// What it plays, if it has code of its own.
    pub program: Option<Program>,
    /// Its program, while it runs.
    pub running: Option<Running>,
}

/// The code of an actor.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub code: Rc<str>,
    /// What the chances of its runs come from.
    random: Random,
    /// How often it has been started.
    pub starts: u32,
}

/// What an actor does.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    Producer(Producer),
    Consumer(Consumer),
    /// It deletes and purges queues, on a connection each time, and goes.
    Operator,
}

/// An actor's channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenChannel {
    pub at: ChannelRef,
    /// How many messages it has published on it.
    pub published: u64,
}

impl OpenChannel {
    /// Its number on its connection.
    pub(crate) const fn number(self) -> u16 {
        self.at.channel.0
    }
}

impl Actor {
    /// Everyone in a scenario, in the order of their ids, and the connections that they have. Their chances come from
    /// `random`.
    pub(crate) fn cast(scenario: &Scenario, mut random: Random) -> (Vec<Actor>, Vec<Connection>) {
        let places = Places::of(scenario);
        let mut places_left = places.actors.into_iter();
        let mut actor = |name: &str, start, reconnect, role, program| {
            let (client, connection) = places_left.next().unwrap_or((ActorId(0), 0));
            Actor {
                name: name.into(),
                start,
                status: Status::Waiting,
                is_paused: false,
                role,
                client,
                connection,
                channel: None,
                reconnect,
                failed: 0,
                topology: topology(scenario, name),
                program,
                running: None,
            }
        };
        let mut cast = Vec::new();
        let mut producers_random = random.fork();
        for plan in &scenario.producers {
            let random = producers_random.fork();
            let program = Program::of(plan.code.as_deref(), &random);
            let role = Role::Producer(Producer::new(plan.clone(), random));
            cast.push(actor(&plan.name, plan.start, plan.reconnect, role, program));
        }
        for plan in &scenario.consumers {
            let random = random.fork();
            let program = Program::of(plan.code.as_deref(), &random);
            let role = Role::Consumer(Consumer::new(plan.clone(), random));
            cast.push(actor(&plan.name, plan.start, plan.reconnect, role, program));
        }
        (cast, places.connections)
    }

    /// Who deletes and purges queues, when it is time: the actor with this id, on the connection at this place.
    pub(crate) fn operator(client: ActorId, connection: u32) -> Actor {
        Actor {
            name: OPERATOR.into(),
            start: Duration::MAX,
            status: Status::Waiting,
            is_paused: false,
            role: Role::Operator,
            client,
            connection,
            channel: None,
            reconnect: None,
            failed: 0,
            topology: Vec::new(),
            program: None,
            running: None,
        }
    }

    /// How long it waits before it connects again, if it does.
    pub(crate) fn wait(&mut self) -> Option<Duration> {
        let wait = self.reconnect?.wait(self.failed);
        self.failed += 1;
        Some(wait)
    }

    /// Its connection works.
    pub(crate) const fn is_ready(&mut self) {
        self.status = Status::Up;
        self.failed = 0;
    }

    /// What it does the next time that it has connected.
    pub(crate) fn set_task(&mut self, request: Request) {
        self.topology = vec![request];
    }

    /// Has a channel, which is being opened.
    pub(crate) const fn takes(&mut self, at: ChannelRef) {
        self.channel = Some(OpenChannel { at, published: 0 });
        self.status = Status::Connecting;
    }

    /// Ends as `status`, and forgets its channel, its buffer and its work.
    pub(crate) fn stop(&mut self, status: Status) {
        self.channel = None;
        self.running = None;
        self.status = status;
        match &mut self.role {
            Role::Producer(producer) => producer.stop(),
            Role::Consumer(consumer) => consumer.stop(),
            Role::Operator => {}
        }
    }

    /// What it asks for as soon as its channel is open. A program asks for itself.
    pub(crate) fn requests(&self) -> Vec<Request> {
        if self.program.is_some() {
            return Vec::new();
        }
        let mut requests = self.topology.clone();
        match &self.role {
            Role::Producer(Producer { plan, .. }) => requests.extend(produce(plan)),
            Role::Consumer(Consumer { plan, .. }) => requests.extend(consume(plan)),
            Role::Operator => {}
        }
        requests
    }
}

impl Program {
    fn of(code: Option<&str>, random: &Random) -> Option<Program> {
        // A program draws nothing from what its plan draws from: with code and without, the others have the same chances.
        Some(Program { code: code?.into(), random: random.clone().fork(), starts: 0 })
    }

    /// What its next run begins with.
    pub(crate) fn start(&mut self, actor: &str) -> Running {
        self.starts = self.starts.saturating_add(1);
        Running::new(actor, self.code.clone(), self.random.next_u64(), self.starts)
    }
}

/// Who is in which client, and on which connection.
struct Places {
    /// The first actor of its client, and the place of its connection, for every actor.
    actors: Vec<(ActorId, u32)>,
    connections: Vec<Connection>,
}

impl Places {
    fn of(scenario: &Scenario) -> Places {
        let seats: Vec<Seat<'_>> = scenario.seats().collect();
        let mut places = Places { actors: Vec::new(), connections: Vec::new() };
        for seat in &seats {
            let with_place = || seats.iter().zip(&places.actors);
            let mate = with_place().find(|(other, _)| other.shares_client(*seat)).map(|(_, place)| place.0);
            let client = mate.unwrap_or(ActorId(number_of(&places.actors)));
            let shared = with_place().find(|(other, _)| other.shares_connection(*seat));
            let connection = shared.map_or(number_of(&places.connections), |(_, place)| place.1);
            if shared.is_none() {
                places.connections.push(Connection::new(*seat, client, &scenario.network));
            }
            places.actors.push((client, connection));
        }
        places
    }
}

/// How many there are: what the next one's number is.
pub(crate) fn number_of<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

fn produce(plan: &scenario::Producer) -> impl Iterator<Item = Request> {
    let confirms = plan.confirms.then_some(Request::Confirms);
    let transactions = (plan.transaction > 0).then_some(Request::Transactions);
    let answers = plan.reply_to.clone().map(|queue| {
        let (tag, arguments) = (plan.name.clone(), FieldTable::default());
        Request::Consume { queue, tag, no_ack: true, arguments }
    });
    confirms.into_iter().chain(transactions).chain(answers)
}

fn consume(plan: &scenario::Consumer) -> Vec<Request> {
    let no_ack = plan.ack == AckMode::Auto;
    let (queue, tag) = (plan.queue.clone(), plan.name.clone());
    let consume = Request::Consume { queue, tag, no_ack, arguments: plan.arguments.clone() };
    if plan.prefetch == 0 {
        return vec![consume];
    }
    vec![Request::Prefetch { count: plan.prefetch, global: false }, consume]
}

/// Every actor declares everything that is not exclusively another's: whoever comes first creates it, and for the
/// others it is there.
fn topology(scenario: &Scenario, actor: &str) -> Vec<Request> {
    let others: Vec<&str> = scenario.exclusive_queues_of_others(actor).collect();
    let exchanges = scenario.exchanges.iter().map(|exchange| Request::Exchange {
        name: exchange.name.clone(),
        kind: exchange.kind.as_str().into(),
        durable: exchange.durable,
        arguments: exchange.arguments.clone(),
    });
    let queues = scenario.queues_declared_by(actor).map(|queue| Request::Queue {
        name: queue.name,
        passive: false,
        durable: queue.durable,
        exclusive: queue.exclusive,
        arguments: queue.arguments,
    });
    let bindings = scenario.bindings.iter().filter_map(|binding| {
        let (exchange, routing_key) = (binding.exchange.clone(), binding.routing_key.clone());
        let arguments = binding.arguments.clone();
        match (&binding.queue, &binding.to_exchange) {
            (Some(queue), _) if others.contains(&queue.as_str()) => None,
            (Some(queue), _) => {
                Some(Request::Bind { exchange, queue: queue.clone(), routing_key, arguments })
            }
            (None, to) => Some(Request::BindExchange { exchange, to: to.clone()?, routing_key, arguments }),
        }
    });
    exchanges.chain(queues).chain(bindings).collect()
}
