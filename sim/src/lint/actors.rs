//! What clients do: how they ack, take their share, and come back.

use warren_texts::said;

use super::{
    Finding, Rule, Spot,
    flow::{Flow, setting},
    hint, problem,
    queues::{can_fail, consumers, is_a},
};
use crate::{Consumer, Mishap, OnFailure, Scenario, scenario::AckMode};

pub(super) fn check(scenario: &Scenario, flow: &Flow, found: &mut Vec<Finding>) {
    for consumer in &scenario.consumers {
        found.extend(acks(consumer));
        found.extend(no_prefetch(scenario, consumer));
        found.extend(requeue_loop(scenario, flow, consumer));
        found.extend(shared_connection(scenario, consumer));
    }
    no_reconnect(scenario, found);
}

fn acks(consumer: &Consumer) -> Option<Finding> {
    let spot = Spot::Consumer(consumer.name.clone());
    match consumer.ack {
        AckMode::Never => {
            let text = said!(
                "It never acks: the broker keeps every message for it, and delivers all of them again when it goes."
            );
            Some(problem(Rule::NeverAcks, spot, text))
        }
        AckMode::Auto | AckMode::OnReceipt => {
            let text = said!(
                "The broker forgets messages before they are worked on: what this consumer holds when it crashes is lost."
            );
            Some(hint(Rule::AutoAck, spot, text))
        }
        AckMode::AfterWork => None,
    }
}

fn no_prefetch(scenario: &Scenario, consumer: &Consumer) -> Option<Finding> {
    let queue = scenario.queues.iter().find(|queue| queue.name == consumer.queue)?;
    let takes_turns = queue.arguments.get("x-single-active-consumer").is_some() || is_a(queue, "stream");
    if consumer.prefetch > 0 || takes_turns || consumers(scenario, &queue.name).count() < 2 {
        return None;
    }
    let text = said!(
        "Without prefetch it takes every message that is its turn at once, while others beside it may be idle."
    );
    Some(hint(Rule::NoPrefetch, Spot::Consumer(consumer.name.clone()), text))
}

fn requeue_loop(scenario: &Scenario, flow: &Flow, consumer: &Consumer) -> Option<Finding> {
    let queue = scenario.queues.iter().find(|queue| queue.name == consumer.queue)?;
    let requeues = matches!(consumer.on_failure, OnFailure::Requeue | OnFailure::NackRequeue)
        && consumer.ack == AckMode::AfterWork;
    let limit = setting(scenario, queue, "delivery-limit").and_then(|limit| limit.as_integer());
    // What comes back by basic.nack is not counted (RabbitMQ 4.3).
    let counts = consumer.on_failure == OnFailure::Requeue && is_a(queue, "quorum");
    let is_limited = counts && limit.is_none_or(|limit| limit >= 0);
    if !requeues || is_limited || !can_fail(scenario, flow, consumer) {
        return None;
    }
    let text = said!(
        "It puts back what it fails at, and nothing counts how often: a poison message comes round for ever. \
         A quorum queue has a delivery limit, and counts what comes back by reject."
    );
    Some(hint(Rule::RequeueLoop, Spot::Consumer(consumer.name.clone()), text))
}

/// A broker that is short of memory or disk stops reading from connections that publish (RabbitMQ, alarms).
fn shared_connection(scenario: &Scenario, consumer: &Consumer) -> Option<Finding> {
    let seat = scenario.seats().find(|seat| seat.actor == consumer.name)?;
    let producers = scenario.producers.len();
    let publishes = scenario.seats().take(producers).any(|producer| producer.shares_connection(seat));
    if !publishes || matches!(consumer.ack, AckMode::Auto | AckMode::Never) {
        return None;
    }
    let text = said!(
        "It shares its connection with a producer: when the broker blocks publishers, because memory or disk is short, \
         its acks wait behind their messages. Give the client a connection for each."
    );
    Some(hint(Rule::SharedConnection, Spot::Consumer(consumer.name.clone()), text))
}

/// Who would not come back from what the scenario does to connections.
fn no_reconnect(scenario: &Scenario, found: &mut Vec<Finding>) {
    let seat = |name: &str| scenario.seats().find(|seat| seat.actor == name);
    let is_on_one = |actor: &str, name: &str| {
        seat(actor).zip(seat(name)).is_some_and(|(one, other)| one.shares_connection(other))
    };
    let strikes = |name: &str| {
        scenario.faults.iter().any(|fault| match &fault.what {
            Mishap::CrashBroker { .. } | Mishap::StopBroker => true,
            Mishap::Close { actor } => actor == name,
            Mishap::Cut { actor, .. } | Mishap::Silence { actor } => is_on_one(actor, name),
            _ => false,
        })
    };
    let producers =
        scenario.producers.iter().map(|it| (&it.name, it.reconnect, Spot::Producer as fn(String) -> Spot));
    let consumers =
        scenario.consumers.iter().map(|it| (&it.name, it.reconnect, Spot::Consumer as fn(String) -> Spot));
    for (name, reconnect, spot) in producers.chain(consumers) {
        if reconnect.is_none() && strikes(name) {
            let text = said!("Its connection breaks in this scenario, and without reconnect it stays away.");
            found.push(hint(Rule::NoReconnect, spot(name.clone()), text));
        }
    }
}
