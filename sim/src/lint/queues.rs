//! Queues that lose messages, keep them for ever, or wait for some.

use warren_texts::said;

use super::{
    Finding, Rule, Severity, Spot,
    flow::{Flow, setting},
    hint, problem,
};
use crate::{Consumer, Frequency, OnFailure, Queue, Scenario, scenario::AckMode};

pub(super) fn check(scenario: &Scenario, flow: &Flow, found: &mut Vec<Finding>) {
    for queue in &scenario.queues {
        found.extend(no_dead_letter(scenario, flow, queue));
        found.extend(no_consumer(scenario, flow, queue));
        found.extend(nothing_arrives(scenario, flow, queue));
        found.extend(priority_ignored(scenario, flow, queue));
    }
}

/// Who takes from a queue.
pub(super) fn consumers<'a>(scenario: &'a Scenario, queue: &'a str) -> impl Iterator<Item = &'a Consumer> {
    scenario.consumers.iter().filter(move |consumer| consumer.queue == queue)
}

/// Whether a queue is of a type: `quorum`, `stream`.
pub(super) fn is_a(queue: &Queue, kind: &str) -> bool {
    queue.arguments.get("x-queue-type").and_then(|value| value.as_text()) == Some(kind)
}

/// Whether work of a consumer can fail: by itself, or because a message is made so.
pub(super) fn can_fail(scenario: &Scenario, flow: &Flow, consumer: &Consumer) -> bool {
    let is_poisoned = || {
        let sources = flow.sources(scenario, &consumer.queue);
        sources.iter().any(|producer| producer.fails.iter().any(|fails| *fails > 0))
    };
    consumer.fails != Frequency::Never || is_poisoned()
}

/// The worst reason for which it gives messages up that then are gone.
fn no_dead_letter(scenario: &Scenario, flow: &Flow, queue: &Queue) -> Option<Finding> {
    let asks = |key: &str| setting(scenario, queue, key).is_some();
    if asks("dead-letter-exchange") || is_a(queue, "stream") || !flow.reaches(&queue.name) {
        return None;
    }
    let rejects = consumers(scenario, &queue.name).find(|consumer| {
        let is_told = matches!(consumer.on_failure, OnFailure::Reject | OnFailure::Nack);
        is_told && consumer.ack == AckMode::AfterWork && can_fail(scenario, flow, consumer)
    });
    let expires = || flow.sources(scenario, &queue.name).iter().any(|producer| producer.expiration.is_some());
    let refuses = setting(scenario, queue, "overflow").is_some_and(|overflow| {
        overflow.as_text().is_some_and(|overflow| overflow.starts_with("reject-publish"))
    });
    let (severity, what) = if let Some(consumer) = rejects {
        (Severity::Problem, said!("what {name} rejects", name = &consumer.name))
    } else if is_a(queue, "quorum") && asks("delivery-limit") {
        (Severity::Problem, said!("what is over the delivery limit"))
    } else if asks("message-ttl") || expires() {
        (Severity::Hint, said!("what waits for too long"))
    } else if (asks("max-length") || asks("max-length-bytes")) && !refuses {
        (Severity::Hint, said!("the oldest messages of a queue that is full"))
    } else {
        return None;
    };
    let text = said!("It has no dead-letter exchange: {what} is gone without a trace.", what);
    Some(Finding { severity, rule: Rule::NoDeadLetter, spot: Spot::Queue(queue.name.clone()), text })
}

fn no_consumer(scenario: &Scenario, flow: &Flow, queue: &Queue) -> Option<Finding> {
    let is_taken = consumers(scenario, &queue.name).next().is_some()
        || scenario.producers.iter().any(|producer| producer.reply_to.as_ref() == Some(&queue.name));
    let limits = ["message-ttl", "max-length", "max-length-bytes", "expires", "max-age"];
    let is_bounded = limits.iter().any(|limit| setting(scenario, queue, limit).is_some());
    if is_taken || is_bounded || !flow.reaches(&queue.name) {
        return None;
    }
    let spot = Spot::Queue(queue.name.clone());
    if flow.feeds(&queue.name) {
        let text = said!(
            "Nobody consumes from it, and nothing limits it: it grows until the broker has no room left."
        );
        return Some(problem(Rule::NoConsumer, spot, text));
    }
    let text = said!("What is put aside here stays: somebody has to look into it, and nothing limits it.");
    Some(hint(Rule::NoConsumer, spot, text))
}

fn nothing_arrives(scenario: &Scenario, flow: &Flow, queue: &Queue) -> Option<Finding> {
    let who = consumers(scenario, &queue.name).next()?;
    if flow.reaches(&queue.name) {
        return None;
    }
    let text = said!("No message can come here, and {name} waits in vain.", name = &who.name);
    Some(hint(Rule::NothingArrives, Spot::Queue(queue.name.clone()), text))
}

fn priority_ignored(scenario: &Scenario, flow: &Flow, queue: &Queue) -> Option<Finding> {
    // A quorum queue knows two priorities by itself.
    if queue.arguments.get("x-max-priority").is_some() || is_a(queue, "quorum") {
        return None;
    }
    let sources = flow.sources(scenario, &queue.name);
    let who = sources.iter().find(|producer| producer.priority.iter().any(|priority| *priority > 0))?;
    let name = &who.name;
    let text = said!(
        "{name} sends messages with priorities, and without x-max-priority the queue does not look at them.",
        name
    );
    Some(hint(Rule::PriorityIgnored, Spot::Queue(queue.name.clone()), text))
}
