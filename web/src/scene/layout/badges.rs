//! How queues and exchanges were declared, in words so short that they have room on the stage. RabbitMQ's own page uses
//! the same ones where it has them.

use warren_sim::{
    Scenario,
    warren_core::wire::{FieldTable, FieldValue},
};

use crate::scene::Place;

/// Of a thing; none of what is no queue or exchange.
pub(super) fn of(scenario: &Scenario, place: &Place) -> Vec<String> {
    match place {
        Place::Queue(name) => {
            let queue = scenario.queues.iter().find(|queue| *name == *queue.name.as_str());
            queue
                .map(|queue| queue_badges(queue.durable, queue.exclusive, &queue.arguments))
                .unwrap_or_default()
        }
        Place::Exchange(name) => {
            let exchange = scenario.exchanges.iter().find(|exchange| *name == *exchange.name.as_str());
            exchange.filter(|exchange| exchange.durable).map(|_| vec!["D".to_owned()]).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn queue_badges(durable: bool, exclusive: bool, arguments: &FieldTable) -> Vec<String> {
    let mut badges = Vec::new();
    let text = |name: &str| arguments.get(name).and_then(FieldValue::as_text);
    let number = |name: &str| arguments.get(name).and_then(FieldValue::as_integer);
    let kind = text("x-queue-type").filter(|kind| *kind != "classic");
    badges.extend(kind.map(str::to_owned));
    // The other types are always durable.
    badges.extend((durable && kind.is_none()).then(|| "D".to_owned()));
    badges.extend(exclusive.then(|| "Excl".to_owned()));
    let ttl = number("x-message-ttl").and_then(|ms| u64::try_from(ms).ok());
    badges.extend(ttl.map(|ms| format!("TTL {}", in_short(ms))));
    badges.extend(text("x-dead-letter-exchange").map(|_| "DLX".to_owned()));
    let limit = number("x-max-length").map(|limit| format!("Lim {limit}"));
    badges.extend(limit.or_else(|| number("x-max-length-bytes").map(|_| "Lim B".to_owned())));
    badges.extend(number("x-max-priority").map(|most| format!("Pri {most}")));
    let single = matches!(arguments.get("x-single-active-consumer"), Some(FieldValue::Bool(true)));
    badges.extend(single.then(|| "SAC".to_owned()));
    badges.extend(number("x-expires").map(|_| "Exp".to_owned()));
    badges
}

/// So many ms in the largest unit that divides them.
fn in_short(ms: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let whole = units.into_iter().find(|(unit, _)| ms >= *unit && ms.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{ms}ms"), |(unit, name)| format!("{}{name}", ms / unit))
}
