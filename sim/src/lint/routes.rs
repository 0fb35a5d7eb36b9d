//! What the broker refuses, and messages and dead letters that reach no queue.

use warren_texts::{Said, said};

use std::time::Duration;

use super::{
    Finding, Rule, Severity, Spot,
    flow::{self, Flow, setting},
    hint, problem,
};
use crate::{Happening, Producer, Queue, Scenario};
use warren_core::ordered::OrdSet;

/// What the broker says no to, once everybody has connected.
pub(super) fn refusals(scenario: &Scenario) -> Vec<Finding> {
    // Who connects late is heard too, in the order in which they come.
    let mut starts: Vec<Duration> = (scenario.producers.iter().map(|it| it.start))
        .chain(scenario.consumers.iter().map(|it| it.start))
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let soon = |start: Duration| (0..).zip(&starts).find(|(_, other)| **other == start);
    let soon = |start| Duration::from_micros(soon(start).map_or(0, |(place, _)| place));
    let silent = |producer: &Producer| Producer {
        count: 0,
        reconnect: None,
        start: soon(producer.start),
        ..producer.clone()
    };
    let rehearsal = Scenario {
        producers: scenario.producers.iter().map(silent).collect(),
        consumers: scenario
            .consumers
            .iter()
            .cloned()
            .map(|it| crate::Consumer { reconnect: None, start: soon(it.start), ..it })
            .collect(),
        ..flow::rehearsal(scenario)
    };
    let mut said = OrdSet::new();
    let refused = flow::play(&rehearsal).filter_map(|happening| match happening {
        Happening::Refused { actor, reason, .. } if said.insert(reason.clone()) => {
            let spot = culprit(scenario, &reason).or_else(|| {
                let index = usize::try_from(actor.0).ok()?;
                let is_producer = index < scenario.producers.len();
                let name = scenario.actor_names().nth(index)?.to_owned();
                Some(if is_producer { Spot::Producer(name) } else { Spot::Consumer(name) })
            })?;
            let text = said!("The broker refuses it: {reason}.", reason);
            Some(problem(Rule::Refused, spot, text))
        }
        _ => None,
    });
    refused.collect()
}

/// What a refusal is about: the broker puts names into quotes.
fn culprit(scenario: &Scenario, reason: &str) -> Option<Spot> {
    let is_named = |kind: &str, name: &str| reason.contains(&format!("{kind} '{name}'"));
    let queue = scenario.queues.iter().find(|queue| is_named("queue", &queue.name));
    let exchange = scenario.exchanges.iter().find(|exchange| is_named("exchange", &exchange.name));
    let exchange = exchange.map(|exchange| Spot::Exchange(exchange.name.clone()));
    queue.map(|queue| Spot::Queue(queue.name.clone())).or(exchange)
}

pub(super) fn check(scenario: &Scenario, flow: &Flow, found: &mut Vec<Finding>) {
    for (producer, sent) in scenario.producers.iter().zip(&flow.sent) {
        found.extend(unroutable(producer, sent.iter().filter(|publish| flow.is_unroutable(publish))));
    }
    for queue in &scenario.queues {
        dead_letters(scenario, flow, queue, found);
    }
}

/// One finding for all keys of a producer.
fn unroutable<'a>(
    producer: &Producer,
    publishes: impl Iterator<Item = &'a flow::Publish>,
) -> Option<Finding> {
    let keys: OrdSet<&str> = publishes.map(|publish| publish.key.as_str()).collect();
    if keys.is_empty() {
        return None;
    }
    let keys = keys.into_iter().map(|key| if key.is_empty() { "\"\"" } else { key });
    let keys = keys.collect::<Vec<_>>().join(", ");
    let (severity, then) = if producer.mandatory {
        (Severity::Hint, said!("it comes back (mandatory)"))
    } else {
        (Severity::Problem, said!("it is dropped without a word"))
    };
    let to_exchange = through(&producer.exchange);
    let text = said!(
        "What it sends {to_exchange} with the key {keys} reaches no queue: {then}.",
        to_exchange,
        keys,
        then
    );
    let spot = Spot::Producer(producer.name.clone());
    Some(Finding { severity, rule: Rule::Unroutable, spot, text })
}

/// An exchange, as a sentence calls it that says where messages are sent.
fn through(exchange: &str) -> Said {
    if exchange.is_empty() {
        return said!("to the default exchange");
    }
    said!("to exchange {name}", name = exchange)
}

fn dead_letters(scenario: &Scenario, flow: &Flow, queue: &Queue, found: &mut Vec<Finding>) {
    let spot = || Spot::Queue(queue.name.clone());
    for letter in flow.dead_letters(&queue.name).filter(|letter| flow.is_unroutable(letter)) {
        let (to_exchange, key) = (through(&letter.exchange), &letter.key);
        let text = said!(
            "Its dead letters go {to_exchange} with the key {key}, and reach no queue there: they are lost.",
            to_exchange,
            key
        );
        found.push(problem(Rule::DeadLetterUnroutable, spot(), text));
    }
    if let Some(way) = circle(scenario, flow, &queue.name) {
        let way = way.join(" → ");
        let text = said!(
            "Dead letters go round: {way}. What comes back without having been rejected by a consumer is dropped there.",
            way
        );
        found.push(hint(Rule::DeadLetterCycle, spot(), text));
    }
}

/// The way on which messages come back to a queue although no consumer has rejected them. Told of the first of its
/// queues only.
fn circle<'a>(scenario: &'a Scenario, flow: &'a Flow, queue: &'a str) -> Option<Vec<&'a str>> {
    fn follow<'a>(
        flow: &'a Flow,
        gives_up: &dyn Fn(&str) -> bool,
        way: &mut Vec<&'a str>,
        seen: &mut OrdSet<&'a str>,
    ) -> bool {
        let (Some(first), Some(last)) = (way.first().copied(), way.last().copied()) else { return false };
        for next in flow.next(last).into_iter().filter(|next| gives_up(next)) {
            way.push(next);
            if next == first || (seen.insert(next) && follow(flow, gives_up, way, seen)) {
                return true;
            }
            way.pop();
        }
        false
    }
    let gives_up = |name: &str| {
        let queue = scenario.queues.iter().find(|queue| queue.name == name);
        let limits = ["message-ttl", "max-length", "max-length-bytes"];
        queue.is_some_and(|queue| limits.iter().any(|limit| setting(scenario, queue, limit).is_some()))
    };
    let mut way = vec![queue];
    let found = gives_up(queue) && follow(flow, &gives_up, &mut way, &mut OrdSet::new());
    let is_first = way.iter().min() == Some(&queue);
    (found && is_first).then_some(way)
}
