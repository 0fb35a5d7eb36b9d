//! Queues that lose messages, keep them for ever, or wait for some.

use super::{
    Finding, Rule, Severity, Spot,
    flow::{Flow, setting},
    hint, problem, say,
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
    let (severity, en, ru) = if let Some(consumer) = rejects {
        let name = &consumer.name;
        (Severity::Problem, format!("what {name} rejects"), format!("отклонённое потребителем {name}"))
    } else if is_a(queue, "quorum") && asks("delivery-limit") {
        let en = "what is over the delivery limit".to_owned();
        (Severity::Problem, en, "превысившее предел доставок (x-delivery-limit)".to_owned())
    } else if asks("message-ttl") || expires() {
        (Severity::Hint, "what waits for too long".to_owned(), "слишком долго ждавшее".to_owned())
    } else if (asks("max-length") || asks("max-length-bytes")) && !refuses {
        let ru = "самое старое при переполнении".to_owned();
        (Severity::Hint, "the oldest messages of a queue that is full".to_owned(), ru)
    } else {
        return None;
    };
    let text = say(
        format!("It has no dead-letter exchange: {en} is gone without a trace."),
        format!("У неё нет dead-letter exchange: {ru} пропадает бесследно."),
    );
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
        let text = say(
            "Nobody consumes from it, and nothing limits it: it grows until the broker has no room left.",
            "Из неё никто не потребляет, и ничто её не ограничивает: она растёт, пока у брокера есть место.",
        );
        return Some(problem(Rule::NoConsumer, spot, text));
    }
    let text = say(
        "What is put aside here stays: somebody has to look into it, and nothing limits it.",
        "Отложенное остаётся здесь: кто-то должен заглядывать в эту очередь, и ничто её не ограничивает.",
    );
    Some(hint(Rule::NoConsumer, spot, text))
}

fn nothing_arrives(scenario: &Scenario, flow: &Flow, queue: &Queue) -> Option<Finding> {
    let who = consumers(scenario, &queue.name).next()?;
    if flow.reaches(&queue.name) {
        return None;
    }
    let text = say(
        format!("No message can come here, and {} waits in vain.", who.name),
        format!("Сюда не может попасть ни одно сообщение: {} ждёт напрасно.", who.name),
    );
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
    let text = say(
        format!(
            "{name} sends messages with priorities, and without x-max-priority the queue does not look at them."
        ),
        format!(
            "{name} отправляет сообщения с приоритетами, но без x-max-priority очередь на них не смотрит."
        ),
    );
    Some(hint(Rule::PriorityIgnored, Spot::Queue(queue.name.clone()), text))
}
