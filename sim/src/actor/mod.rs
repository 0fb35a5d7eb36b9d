//! Actors: the programs around the broker. An actor decides what to do; its client knows how to say it.

mod consumer;
mod producer;
mod view;

use std::{collections::VecDeque, time::Duration};

use warren_core::ConnectionId;

pub(crate) use consumer::{Consumer, Held};
pub(crate) use producer::Producer;
pub use view::{ActorKind, ActorView, Status, WorkView};

use crate::{
    client::{Client, Request},
    network::Delay,
    scenario::{self, AckMode, Scenario},
};

/// A program that runs, or does not.
#[derive(Debug)]
pub(crate) struct Actor {
    pub name: String,
    pub start: Duration,
    pub delay: Delay,
    pub status: Status,
    pub role: Role,
    /// Its connection, while it has one.
    pub line: Option<Line>,
    /// What it declares, each time it has connected.
    topology: Vec<Request>,
}

/// What an actor does.
#[derive(Debug)]
pub(crate) enum Role {
    Producer(Producer),
    Consumer(Consumer),
}

/// An actor's end of a connection.
#[derive(Debug)]
pub(crate) struct Line {
    pub connection: ConnectionId,
    pub client: Client,
    /// How many messages it has published on it.
    pub published: u64,
}

impl Actor {
    /// Everyone in a scenario, in the order of their ids.
    pub(crate) fn cast(scenario: &Scenario) -> Vec<Actor> {
        let topology = topology(scenario);
        let actor = |name: &str, start, latency: Option<Duration>, role| Actor {
            name: name.into(),
            start,
            delay: Delay {
                latency: latency.unwrap_or(scenario.network.latency),
                jitter: scenario.network.jitter,
            },
            status: Status::Waiting,
            role,
            line: None,
            topology: topology.clone(),
        };
        let producers = scenario.producers.iter().map(|plan| {
            let role = Role::Producer(Producer { plan: plan.clone(), sent: 0 });
            actor(&plan.name, plan.start, plan.latency, role)
        });
        let consumers = scenario.consumers.iter().map(|plan| {
            let role = Role::Consumer(Consumer {
                plan: plan.clone(),
                buffer: VecDeque::new(),
                work: None,
                processed: 0,
            });
            actor(&plan.name, plan.start, plan.latency, role)
        });
        producers.chain(consumers).collect()
    }

    /// Takes up a connection, and hands out the bytes that it begins with.
    pub(crate) fn connect(&mut self, connection: ConnectionId) -> Vec<u8> {
        let mut client = Client::new(&self.name, self.requests());
        let hello = client.take_output();
        self.line = Some(Line { connection, client, published: 0 });
        self.status = Status::Connecting;
        hello
    }

    /// Ends as `status`, and forgets its connection, its buffer and its work.
    pub(crate) fn stop(&mut self, status: Status) {
        self.line = None;
        self.status = status;
        if let Role::Consumer(consumer) = &mut self.role {
            consumer.buffer.clear();
            consumer.work = None;
        }
    }

    fn requests(&self) -> Vec<Request> {
        let mut requests = self.topology.clone();
        match &self.role {
            Role::Producer(producer) if producer.plan.confirms => requests.push(Request::Confirms),
            Role::Producer(_) => {}
            Role::Consumer(Consumer { plan, .. }) => requests.extend(consume(plan)),
        }
        requests
    }
}

fn consume(plan: &scenario::Consumer) -> Vec<Request> {
    let no_ack = plan.ack == AckMode::Auto;
    let (queue, tag) = (plan.queue.clone(), plan.name.clone());
    let consume = Request::Consume { queue, tag, no_ack, arguments: plan.arguments.clone() };
    if plan.prefetch == 0 { vec![consume] } else { vec![Request::Prefetch(plan.prefetch), consume] }
}

/// Every actor declares everything: whoever comes first creates it, and for the others it is there.
fn topology(scenario: &Scenario) -> Vec<Request> {
    let exchanges = scenario.exchanges.iter().map(|exchange| Request::Exchange {
        name: exchange.name.clone(),
        kind: exchange.kind.as_str(),
        durable: exchange.durable,
    });
    let queues = scenario.queues.iter().map(|queue| Request::Queue {
        name: queue.name.clone(),
        durable: queue.durable,
        arguments: queue.arguments.clone(),
    });
    let bindings = scenario.bindings.iter().map(|binding| Request::Bind {
        exchange: binding.exchange.clone(),
        queue: binding.queue.clone(),
        routing_key: binding.routing_key.clone(),
    });
    exchanges.chain(queues).chain(bindings).collect()
}
