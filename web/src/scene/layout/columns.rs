//! What there is on the stage, in columns: producers, exchanges, queues and the disk, consumers.

use warren_sim::{ActorId, Binding, Scenario, warren_core::Name};

use crate::scene::Place;

/// What stands there, its name, and a note.
pub(super) type Standing = (Place, String, String);

pub(super) fn columns(scenario: &Scenario) -> Vec<Vec<Standing>> {
    let producers = (0..)
        .zip(&scenario.producers)
        .map(|(id, producer)| (Place::Producer(ActorId(id)), producer.name.clone(), String::new()));
    let first_consumer = u32::try_from(scenario.producers.len()).unwrap_or(u32::MAX);
    let consumers = (first_consumer..)
        .zip(&scenario.consumers)
        .map(|(id, consumer)| (Place::Consumer(ActorId(id)), consumer.name.clone(), String::new()));
    let uses_default = scenario.producers.iter().any(|producer| producer.exchange.is_empty());
    let default = uses_default.then(|| (Place::Exchange(Name::default()), "default".into(), "direct".into()));
    let exchanges = default.into_iter().chain(scenario.exchanges.iter().map(|exchange| {
        let place = Place::Exchange(Name::from(exchange.name.as_str()));
        (place, exchange.name.clone(), exchange.kind.as_str().to_owned())
    }));
    let queues = scenario.queues.iter().map(|queue| {
        let bindings = scenario.bindings.iter().filter(|binding| binding.queue.as_ref() == Some(&queue.name));
        let keys: Vec<String> = bindings.map(key).filter(|key| !key.is_empty()).collect();
        (Place::Queue(Name::from(queue.name.as_str())), queue.name.clone(), keys.join("  "))
    });
    let disk = scenario.disk.iter().map(|_| (Place::Disk, "disk".to_owned(), String::new()));
    let queues = queues.chain(disk).collect();
    vec![producers.collect(), exchanges.collect(), queues, consumers.collect()]
}

/// What a binding asks of messages: its key, or for a headers exchange its arguments.
pub(super) fn key(binding: &Binding) -> String {
    let asked = binding.arguments.iter().filter(|(name, _)| *name != *"x-match");
    let asked: Vec<String> = asked.map(|(name, value)| format!("{name}={value}")).collect();
    let any = binding.arguments.get("x-match").is_some_and(|how| how.as_text() == Some("any"));
    let word = if any { " | " } else { " & " };
    if asked.is_empty() { binding.routing_key.clone() } else { asked.join(word) }
}
