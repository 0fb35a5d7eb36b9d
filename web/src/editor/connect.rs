//! Ways from one thing to another: what they mean depends on what the things are.

use warren_sim::{Binding, Scenario, warren_core::wire::FieldValue};

use super::things::join;
use crate::scene::Place;

/// What a connection needs that there is no sense in.
const NO_WAY: &str = "messages go from producers to exchanges, from exchanges to queues and exchanges, \
                      from queues to consumers, and as dead letters from queues to exchanges; \
                      two actors become one client";

pub(super) fn connect(scenario: &mut Scenario, from: &Place, to: &Place) -> Result<(), String> {
    let consumers_from = scenario.producers.len();
    match (from, to) {
        (Place::Producer(actor), Place::Exchange(exchange)) => {
            let producer = scenario.producers.get_mut(actor.0 as usize).ok_or(NO_WAY)?;
            producer.exchange = exchange.to_string();
        }
        // By the default exchange.
        (Place::Producer(actor), Place::Queue(queue)) => {
            let producer = scenario.producers.get_mut(actor.0 as usize).ok_or(NO_WAY)?;
            producer.exchange = String::new();
            let key = queue.to_string();
            if producer.routing_key.iter().any(|old| scenario.queues.iter().any(|queue| queue.name == *old)) {
                if !producer.routing_key.contains(&key) {
                    producer.routing_key.push(key);
                }
            } else {
                producer.routing_key = vec![key];
            }
        }
        (Place::Exchange(exchange), Place::Queue(_) | Place::Exchange(_)) if exchange.is_empty() => {
            return Err("the default exchange leads to every queue by its name; bind another exchange".into());
        }
        (_, Place::Exchange(exchange)) if exchange.is_empty() && !matches!(from, Place::Queue(_)) => {
            return Err(NO_WAY.into());
        }
        (Place::Exchange(exchange), Place::Queue(queue)) => {
            let key = likely_key(scenario, exchange);
            scenario.bindings.push(Binding::new(exchange, queue, &key));
        }
        (Place::Exchange(exchange), Place::Exchange(other)) if exchange != other => {
            let key = likely_key(scenario, exchange);
            let binding = Binding::new(exchange, "", &key);
            scenario.bindings.push(Binding { queue: None, to_exchange: Some(other.to_string()), ..binding });
        }
        (Place::Queue(queue), Place::Consumer(actor)) | (Place::Consumer(actor), Place::Queue(queue)) => {
            let consumer = scenario.consumers.get_mut(actor.0 as usize - consumers_from).ok_or(NO_WAY)?;
            consumer.queue = queue.to_string();
        }
        (Place::Queue(queue), Place::Exchange(exchange)) => {
            let queue = scenario.queues.iter_mut().find(|other| *other.name == **queue).ok_or(NO_WAY)?;
            queue
                .arguments
                .insert("x-dead-letter-exchange", FieldValue::LongStr(exchange.as_bytes().to_vec()));
        }
        (Place::Producer(_) | Place::Consumer(_), Place::Producer(_) | Place::Consumer(_)) if from != to => {
            let (actor, other) = (from.name(scenario), to.name(scenario));
            join(scenario, &actor, &other);
        }
        _ => return Err(NO_WAY.into()),
    }
    Ok(())
}

/// A key that lets something through: the first that is sent there and no binding of the exchange has yet.
fn likely_key(scenario: &Scenario, exchange: &str) -> String {
    let keys = scenario.producers.iter().filter(|producer| producer.exchange == *exchange);
    let keys: Vec<&String> = keys.flat_map(|producer| &producer.routing_key).collect();
    let is_bound = |key: &str| {
        scenario.bindings.iter().any(|binding| binding.exchange == *exchange && binding.routing_key == *key)
    };
    let free = keys.iter().find(|key| !is_bound(key)).or(keys.first());
    free.map(|key| (*key).clone()).unwrap_or_default()
}
