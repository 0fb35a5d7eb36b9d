//! Declares everything in the file as an application would, with a core that answers like the release before the upgrade
//! and with one that answers like the release after it: what is refused only then.

use warren_core::{Instant, Release, wire::FieldTable};
use warren_definitions::{BindingElement, ExchangeElement, QueueElement};
use warren_sim::{
    Binding, BrokerPlan, Exchange, ExchangeType, Happening, NetworkPlan, Producer, Queue, Scenario, World,
};

use super::survey::{Spot, Survey, of_binding, of_exchange, of_queue};

/// A declaration that the newer release refuses.
pub(super) struct Refusal {
    pub(super) spot: Spot,
    /// RabbitMQ's reply code and text.
    pub(super) answer: String,
}

/// What is refused after the upgrade, and was not before.
pub(super) fn refusals(survey: &Survey, from: Release, to: Release) -> Vec<Refusal> {
    let definitions = &survey.definitions;
    let queues = definitions.queues.iter().map(|it| (of_queue(it), Some(with_queue(it))));
    let exchanges = definitions.exchanges.iter().map(|it| (of_exchange(it), with_exchange(it)));
    let bindings = definitions.bindings.iter().map(|it| (of_binding(it), with_binding(survey, it)));
    let tried = queues.chain(exchanges).chain(bindings);
    let refused = tried.filter_map(|(spot, scenario)| {
        let scenario = scenario?;
        let answer = answer(scenario.clone(), to)?;
        answer_is_new(scenario, from).then_some(Refusal { spot, answer })
    });
    refused.collect()
}

fn answer_is_new(scenario: Scenario, from: Release) -> bool {
    answer(scenario, from).is_none()
}

/// What a broker like this release answers to a client that declares this, if it refuses.
fn answer(mut scenario: Scenario, release: Release) -> Option<String> {
    scenario.broker = BrokerPlan { compat: Some(release), strict: true, ..BrokerPlan::default() };
    let mut world = World::new(&scenario, 0).without_stories();
    world.run_until(Instant::from_micros(1_000));
    world.take_events().into_iter().find_map(|event| match event.what {
        Happening::Refused { reason, .. } => Some(reason),
        _ => None,
    })
}

/// A client that declares something and does nothing else.
fn declaring() -> Scenario {
    Scenario {
        network: NetworkPlan { latency: std::time::Duration::ZERO, ..NetworkPlan::default() },
        producers: vec![Producer { reconnect: None, ..Producer::new("client", "", 0) }],
        ..Scenario::new("upgrade-check")
    }
}

fn with_queue(queue: &QueueElement) -> Scenario {
    let arguments = queue.arguments.clone();
    let queue = Queue { durable: queue.durable, arguments, ..Queue::new(&queue.name) };
    Scenario { queues: vec![queue], ..declaring() }
}

/// Nothing if the type is one that a plugin brings which Warren does not have.
fn with_exchange(exchange: &ExchangeElement) -> Option<Scenario> {
    Some(Scenario { exchanges: vec![declared(exchange)?], ..declaring() })
}

fn declared(exchange: &ExchangeElement) -> Option<Exchange> {
    let kind = ExchangeType::ALL.into_iter().find(|kind| kind.as_str() == exchange.kind)?;
    let arguments = exchange.arguments.clone();
    Some(Exchange { durable: exchange.durable, arguments, ..Exchange::new(&exchange.name, kind) })
}

/// Its exchange with one queue or exchange bound to it. Only hashing exchanges are particular about bindings.
fn with_binding(survey: &Survey, binding: &BindingElement) -> Option<Scenario> {
    let is_source = |it: &&ExchangeElement| it.vhost == binding.vhost && it.name == binding.source;
    let source = survey.definitions.exchanges.iter().find(is_source)?;
    if !source.kind.starts_with("x-") {
        return None;
    }
    let bound = Binding {
        arguments: binding.arguments.clone(),
        ..Binding::new(&binding.source, &binding.destination, &binding.routing_key)
    };
    Some(Scenario {
        exchanges: vec![declared(source)?],
        queues: vec![Queue {
            durable: true,
            arguments: FieldTable::default(),
            ..Queue::new(&binding.destination)
        }],
        bindings: vec![bound],
        ..declaring()
    })
}
