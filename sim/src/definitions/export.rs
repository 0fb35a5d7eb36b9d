//! The topology of a scenario as `definitions.json`, for RabbitMQ to import.

use serde_json::{Map, Value, json};
use warren_core::wire::{FieldTable, FieldValue};

use crate::{Fault, Mishap, Scenario};

/// What RabbitMQ's management plugin imports: the queues, exchanges and bindings of a scenario, and its policy.
/// There are no users in it: a scenario has none, and RabbitMQ keeps its own. Exclusive queues are left out, for they
/// belong to connections.
#[must_use]
pub fn definitions_of_scenario(scenario: &Scenario) -> String {
    let queues = scenario.queues.iter().filter(|queue| !queue.exclusive).map(|queue| {
        json!({
            "name": queue.name, "vhost": "/", "durable": queue.durable, "auto_delete": false,
            "arguments": arguments(&queue.arguments),
        })
    });
    let exchanges = scenario.exchanges.iter().map(|exchange| {
        json!({
            "name": exchange.name, "vhost": "/", "type": exchange.kind.as_str(), "durable": exchange.durable,
            "auto_delete": false, "internal": false, "arguments": arguments(&exchange.arguments),
        })
    });
    let exclusive = |name: &str| scenario.queues.iter().any(|queue| queue.exclusive && queue.name == name);
    let bindings = scenario.bindings.iter().filter_map(|binding| {
        let (destination, kind) = match (&binding.queue, &binding.to_exchange) {
            (Some(queue), _) if exclusive(queue) => return None,
            (Some(queue), _) => (queue, "queue"),
            (None, to) => (to.as_ref()?, "exchange"),
        };
        Some(json!({
            "source": binding.exchange, "vhost": "/", "destination": destination, "destination_type": kind,
            "routing_key": binding.routing_key, "arguments": arguments(&binding.arguments),
        }))
    });
    let definitions = json!({
        "vhosts": [{ "name": "/" }],
        "policies": scenario.faults.iter().filter_map(policy).collect::<Vec<_>>(),
        "queues": queues.collect::<Vec<_>>(),
        "exchanges": exchanges.collect::<Vec<_>>(),
        "bindings": bindings.collect::<Vec<_>>(),
    });
    // Values that come from JSON's own types can be written as JSON.
    format!("{definitions:#}\n")
}

fn policy(fault: &Fault) -> Option<Value> {
    let Mishap::Policy { pattern, definition } = &fault.what else { return None };
    Some(json!({
        "vhost": "/", "name": "operator", "pattern": pattern, "apply-to": "queues", "priority": 0,
        "definition": arguments(definition),
    }))
}

fn arguments(table: &FieldTable) -> Map<String, Value> {
    table.iter().map(|(name, value)| (name.to_string(), json_of(value))).collect()
}

fn json_of(value: &FieldValue) -> Value {
    match (value.as_integer(), value) {
        (Some(number), _) => number.into(),
        (None, FieldValue::Bool(value)) => (*value).into(),
        // A scenario file brings no other types.
        (None, value) => value.to_string().into(),
    }
}
