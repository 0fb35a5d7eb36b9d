//! Actors: the programs around the broker. An actor decides what to do; its client knows how to say it.

mod consumer;
mod draft;
mod producer;
mod view;

use std::time::Duration;

use warren_core::{ConnectionId, Random, wire::FieldTable};

pub(crate) use consumer::{Consumer, Held, Verdict};
pub(crate) use draft::Draft;
pub(crate) use producer::{Ending, Producer, cycle};
pub use view::{ActorKind, ActorView, Status, WorkView};

use crate::{
    client::{Client, Request},
    network::Delay,
    scenario::{self, AckMode, NetworkPlan, OPERATOR, Reconnect, Scenario},
};

/// A program that runs, or does not.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub name: String,
    pub start: Duration,
    pub delay: Delay,
    pub status: Status,
    /// It stands still: what is due for it waits.
    pub is_paused: bool,
    pub role: Role,
    /// Its connection, while it has one.
    pub line: Option<Line>,
    /// After how many seconds of silence it gives its connection up; 0 for never.
    pub heartbeat_s: u16,
    /// How it comes back when its connection breaks.
    reconnect: Option<Reconnect>,
    /// How many attempts to connect have failed in a row.
    failed: u32,
    /// What it declares, each time it has connected.
    topology: Vec<Request>,
}

/// What an actor does.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    Producer(Producer),
    Consumer(Consumer),
    /// It deletes and purges queues, on a connection each time, and goes.
    Operator,
}

/// An actor's end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub connection: ConnectionId,
    pub client: Client,
    /// How many messages it has published on it.
    pub published: u64,
}

impl Actor {
    /// Everyone in a scenario, in the order of their ids. Their chances come from `random`.
    pub(crate) fn cast(scenario: &Scenario, mut random: Random) -> Vec<Actor> {
        let network = &scenario.network;
        let actor = |name: &str, start, latency: Option<Duration>, reconnect, role| Actor {
            name: name.into(),
            start,
            delay: delay(network, latency),
            status: Status::Waiting,
            is_paused: false,
            role,
            line: None,
            heartbeat_s: heartbeat_s(network),
            reconnect,
            failed: 0,
            topology: topology(scenario, name),
        };
        let mut producers_random = random.fork();
        let producers = scenario.producers.iter().map(|plan| {
            let role = Role::Producer(Producer::new(plan.clone(), producers_random.fork()));
            actor(&plan.name, plan.start, plan.latency, plan.reconnect, role)
        });
        let consumers = scenario.consumers.iter().map(|plan| {
            let role = Role::Consumer(Consumer::new(plan.clone(), random.fork()));
            actor(&plan.name, plan.start, plan.latency, plan.reconnect, role)
        });
        let mut cast: Vec<Actor> = producers.chain(consumers).collect();
        if scenario.faults.iter().any(|fault| fault.what.is_the_operators()) {
            cast.push(Actor::operator(network));
        }
        cast
    }

    /// Who deletes and purges queues, when it is time.
    pub(crate) fn operator(network: &NetworkPlan) -> Actor {
        Actor {
            name: OPERATOR.into(),
            start: Duration::MAX,
            delay: delay(network, None),
            status: Status::Waiting,
            is_paused: false,
            role: Role::Operator,
            line: None,
            heartbeat_s: heartbeat_s(network),
            reconnect: None,
            failed: 0,
            topology: Vec::new(),
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

    /// Takes up a connection, and hands out the bytes that it begins with.
    pub(crate) fn connect(&mut self, connection: ConnectionId) -> Vec<u8> {
        let mut client = Client::new(&self.name, self.heartbeat_s, self.requests());
        let hello = client.take_output();
        self.line = Some(Line { connection, client, published: 0 });
        self.status = Status::Connecting;
        hello
    }

    /// Ends as `status`, and forgets its connection, its buffer and its work.
    pub(crate) fn stop(&mut self, status: Status) {
        self.line = None;
        self.status = status;
        match &mut self.role {
            Role::Producer(producer) => producer.stop(),
            Role::Consumer(consumer) => consumer.stop(),
            Role::Operator => {}
        }
    }

    fn requests(&self) -> Vec<Request> {
        let mut requests = self.topology.clone();
        match &self.role {
            Role::Producer(Producer { plan, .. }) => requests.extend(produce(plan)),
            Role::Consumer(Consumer { plan, .. }) => requests.extend(consume(plan)),
            Role::Operator => {}
        }
        requests
    }
}

fn delay(network: &NetworkPlan, latency: Option<Duration>) -> Delay {
    Delay {
        latency: latency.unwrap_or(network.latency),
        jitter: network.jitter,
        bandwidth: network.bandwidth,
    }
}

fn heartbeat_s(network: &NetworkPlan) -> u16 {
    u16::try_from(network.heartbeat.as_secs()).unwrap_or(u16::MAX)
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
    if plan.prefetch == 0 { vec![consume] } else { vec![Request::Prefetch(plan.prefetch), consume] }
}

/// Every actor declares everything that is not exclusively another's: whoever comes first creates it, and for the
/// others it is there.
fn topology(scenario: &Scenario, actor: &str) -> Vec<Request> {
    let others: Vec<&str> = scenario.exclusive_queues_of_others(actor).collect();
    let exchanges = scenario.exchanges.iter().map(|exchange| Request::Exchange {
        name: exchange.name.clone(),
        kind: exchange.kind.as_str(),
        durable: exchange.durable,
        arguments: exchange.arguments.clone(),
    });
    let queues = scenario.queues.iter().filter(|queue| !others.contains(&queue.name.as_str()));
    let queues = queues.map(|queue| Request::Queue {
        name: queue.name.clone(),
        durable: queue.durable,
        exclusive: queue.exclusive,
        arguments: queue.arguments.clone(),
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
