//! RabbitMQ's `definitions.json` as a scenario: the topology that an operator has exported, with a load made up for it.

use std::time::Duration;

use warren_core::{
    Policy,
    ordered::{OrdMap, OrdSet},
    wire::{FieldTable, FieldValue},
};
use warren_definitions::{BindingElement, Definitions, DefinitionsError, ExchangeElement, QueueElement};
use warren_texts::{Catalogue, Said, said, said_of};

use crate::{
    Binding, Consumer, DiskPlan, Exchange, ExchangeType, Lapse, NetworkPlan, Producer, Queue, Scenario,
    ScenarioError, Text,
};

/// Reads definitions. Of several virtual hosts it takes `vhost`, or `/`, or the only one that has queues.
///
/// # Errors
/// A text that is no definitions, with its line; a virtual host that is not there; whatever a scenario cannot say, or
/// refers to something that is not there, with its name.
pub fn scenario_of_definitions(
    file: &str,
    text: &str,
    vhost: Option<&str>,
) -> Result<Scenario, ScenarioError> {
    scenario_of_definitions_in(Catalogue::ENGLISH, file, text, vhost)
}

/// The same, with a summary in the language of a catalogue, too.
///
/// # Errors
/// The same.
pub fn scenario_of_definitions_in(
    catalogue: &Catalogue,
    file: &str,
    text: &str,
    vhost: Option<&str>,
) -> Result<Scenario, ScenarioError> {
    let wrong = |error: DefinitionsError| ScenarioError {
        file: file.into(),
        line: error.line,
        message: error.message,
    };
    let at_1 = |message| wrong(DefinitionsError { line: 1, message });
    let definitions = Definitions::parse(text).map_err(wrong)?;
    let vhost = choose(&definitions, vhost).map_err(at_1)?;
    let scenario = import(catalogue, file, &definitions, &vhost).map_err(wrong)?;
    scenario.check().map_err(|error| at_1(error.message))?;
    Ok(scenario)
}

fn choose(definitions: &Definitions, wanted: Option<&str>) -> Result<String, String> {
    let found: OrdSet<&str> = definitions.queues.iter().map(|queue| queue.vhost.as_str()).collect();
    let found: Vec<&str> = found.into_iter().collect();
    match (wanted, found.as_slice()) {
        (Some(wanted), found) if found.contains(&wanted) => Ok(wanted.into()),
        (Some(wanted), found) => Err(format!(
            "there is no queue in the virtual host {wanted:?}; there are some in {}",
            found.join(", ")
        )),
        (None, []) => Err("there are no queues in it".into()),
        (None, [only]) => Ok((*only).into()),
        (None, found) if found.contains(&"/") => Ok("/".into()),
        (None, found) => Err(format!("say which virtual host you mean: {}", found.join(", "))),
    }
}

fn import(
    catalogue: &Catalogue,
    file: &str,
    definitions: &Definitions,
    vhost: &str,
) -> Result<Scenario, DefinitionsError> {
    let mut scenario = Scenario::new(file);
    let mut left_out: Vec<String> = Vec::new();
    let policies = definitions.core_policies();
    unsaid(definitions, vhost, &mut left_out);
    for entry in definitions.exchanges.iter().filter(|entry| entry.vhost == vhost) {
        if !entry.name.is_empty() && !entry.name.starts_with("amq.") {
            scenario.exchanges.push(exchange(entry, &policies, &mut left_out)?);
        }
    }
    for entry in definitions.queues.iter().filter(|entry| entry.vhost == vhost) {
        scenario.queues.push(queue(entry, &policies, &mut left_out));
    }
    for entry in definitions.bindings.iter().filter(|entry| entry.vhost == vhost && !entry.source.is_empty())
    {
        scenario.bindings.push(binding(entry, &scenario, &mut left_out)?);
    }
    if scenario.queues.iter().any(|queue| queue.durable) {
        scenario.disk = Some(DiskPlan { write: Duration::from_millis(1), sync: Duration::from_millis(5) });
    }
    scenario.network = NetworkPlan { latency: Duration::from_millis(2), ..NetworkPlan::default() };
    load(&mut scenario);
    scenario.summary = Text::of_said(&describe(&scenario, &left_out), catalogue);
    Ok(scenario)
}

fn exchange(
    entry: &ExchangeElement,
    policies: &[Policy],
    left_out: &mut Vec<String>,
) -> Result<Exchange, DefinitionsError> {
    let Some(kind) = ExchangeType::ALL.into_iter().find(|kind| kind.as_str() == entry.kind) else {
        let known = ExchangeType::ALL.map(ExchangeType::as_str).join(", ");
        let message =
            format!("exchange {:?} has the type {:?}; scenarios know {known}", entry.name, entry.kind);
        return Err(DefinitionsError { line: entry.line, message });
    };
    let mut arguments = table(&entry.arguments, &entry.name, left_out);
    let said = Policy::effective(policies, &entry.vhost, None, &entry.name);
    apply_policy(&said, OF_EXCHANGES, "", &mut arguments);
    Ok(Exchange { durable: entry.durable, arguments, ..Exchange::new(&entry.name, kind) })
}

fn queue(entry: &QueueElement, policies: &[Policy], left_out: &mut Vec<String>) -> Queue {
    if entry.auto_delete {
        left_out.push(format!("auto-delete of queue {}", entry.name));
    }
    let mut arguments = table(&entry.arguments, &entry.name, left_out);
    let said = Policy::effective(policies, &entry.vhost, Some(entry.kind()), &entry.name);
    apply_policy(&said, OF_QUEUES, "x-", &mut arguments);
    Queue { durable: entry.durable, arguments, ..Queue::new(&entry.name) }
}

fn binding(
    entry: &BindingElement,
    scenario: &Scenario,
    left_out: &mut Vec<String>,
) -> Result<Binding, DefinitionsError> {
    let exchanges: Vec<&str> = scenario.exchanges.iter().map(|exchange| exchange.name.as_str()).collect();
    let is_exchange = |name: &str| exchanges.contains(&name) || name.starts_with("amq.");
    let missing = |what: &str, name: &str| {
        let message = format!("a binding names the {what} {name:?}, and there is none");
        Err(DefinitionsError { line: entry.line, message })
    };
    if !is_exchange(&entry.source) {
        return missing("exchange", &entry.source);
    }
    let arguments = table(&entry.arguments, &entry.source, left_out);
    let binding =
        Binding { arguments, ..Binding::new(&entry.source, &entry.destination, &entry.routing_key) };
    if !entry.to_exchange {
        let is_there = scenario.queues.iter().any(|queue| queue.name == entry.destination);
        return if is_there { Ok(binding) } else { missing("queue", &entry.destination) };
    }
    if !is_exchange(&entry.destination) {
        return missing("exchange", &entry.destination);
    }
    Ok(Binding { queue: None, to_exchange: Some(entry.destination.clone()), ..binding })
}

/// What a scenario can say of exchanges and queues instead of a policy.
const OF_EXCHANGES: &[&str] = &["alternate-exchange"];
const OF_QUEUES: &[&str] = &[
    "message-ttl",
    "expires",
    "max-length",
    "max-length-bytes",
    "overflow",
    "delivery-limit",
    "dead-letter-exchange",
    "dead-letter-routing-key",
    "max-age",
];

/// The policies that hold say what a declaration does not; of two limits the lower one holds.
fn apply_policy(said: &FieldTable, keys: &[&str], prefix: &str, arguments: &mut FieldTable) {
    for (key, value) in said.iter().filter_map(|(key, value)| Some((key.as_str()?, value))) {
        let argument = format!("{prefix}{key}");
        let own = arguments.get(&argument).map(FieldValue::as_integer);
        let holds = own.is_none_or(|own| own.is_some() && own > value.as_integer());
        if keys.contains(&key) && holds {
            arguments.insert(&argument, value.clone());
        }
    }
}

/// What policies and parameters say that a scenario cannot.
fn unsaid(definitions: &Definitions, vhost: &str, left_out: &mut Vec<String>) {
    for policy in definitions.policies.iter().filter(|policy| policy.vhost == vhost) {
        let keys = policy.definition.iter().filter_map(|(key, _)| key.as_str());
        let unsaid = keys.filter(|key| !OF_EXCHANGES.contains(key) && !OF_QUEUES.contains(key));
        left_out.extend(unsaid.map(|key| format!("{key} of policy {}", policy.name)));
    }
    left_out.extend(definitions.parameters.iter().map(|(component, count)| format!("{count} × {component}")));
}

fn table(arguments: &FieldTable, of: &str, left_out: &mut Vec<String>) -> FieldTable {
    let mut table = arguments.clone();
    table.retain(|name, value| {
        let can_be_said = matches!(value, FieldValue::Bool(_) | FieldValue::I64(_) | FieldValue::LongStr(_));
        if !can_be_said {
            left_out.push(format!("{} of {of}", name.as_str().unwrap_or_default()));
        }
        can_be_said
    });
    table
}

/// Who publishes wherever messages can come in, and who consumes wherever they do not have to wait.
fn load(scenario: &mut Scenario) {
    for (exchange, addresses) in sources(scenario) {
        let (keys, headers): (Vec<String>, Vec<FieldTable>) = addresses.into_iter().unzip();
        let headers = if headers.iter().all(FieldTable::is_empty) { Vec::new() } else { headers };
        let name = format!("to-{}", if exchange.is_empty() { &keys[0] } else { &exchange });
        scenario.producers.push(Producer {
            exchange,
            routing_key: keys,
            headers,
            interval: Lapse::About(Duration::from_millis(200)),
            persistent: true,
            confirms: true,
            ..Producer::new(&name, "", 50)
        });
    }
    for queue in scenario.queues.iter().filter(|queue| !is_waiting_room(queue)) {
        scenario.consumers.push(Consumer {
            prefetch: 10,
            work: Some(Lapse::About(Duration::from_millis(100))),
            ..Consumer::new(&format!("{}-worker", queue.name), &queue.name)
        });
    }
}

/// Messages expire there, and go on.
fn is_waiting_room(queue: &Queue) -> bool {
    let has = |argument| queue.arguments.get(argument).is_some();
    has("x-message-ttl") && has("x-dead-letter-exchange")
}

/// The exchanges that applications publish to, with a key and headers for each binding; and the queues that are reached
/// in no other way, through the default exchange.
fn sources(scenario: &Scenario) -> OrdMap<String, Vec<(String, FieldTable)>> {
    let dead: Vec<&str> = scenario.queues.iter().filter_map(dead_letter_exchange).collect();
    let fed: Vec<&str> =
        scenario.bindings.iter().filter_map(|binding| binding.to_exchange.as_deref()).collect();
    let mut sources: OrdMap<String, Vec<(String, FieldTable)>> = OrdMap::new();
    for binding in &scenario.bindings {
        let exchange = binding.exchange.as_str();
        if !dead.contains(&exchange) && !fed.contains(&exchange) {
            let mut headers = binding.arguments.clone();
            headers.retain(|name, _| !name.as_str().is_some_and(|name| name.starts_with("x-")));
            sources.entry(exchange.into()).or_default().push((sample_key(&binding.routing_key), headers));
        }
    }
    let bound =
        |queue: &Queue| scenario.bindings.iter().any(|binding| binding.queue.as_ref() == Some(&queue.name));
    let dead_keys: Vec<&str> = scenario.queues.iter().filter_map(dead_letter_key).collect();
    for queue in scenario.queues.iter().filter(|queue| !bound(queue)) {
        if !(dead.contains(&"") && dead_keys.contains(&queue.name.as_str())) {
            let address = (queue.name.clone(), FieldTable::default());
            sources.entry(String::new()).or_default().push(address);
        }
    }
    sources
}

fn dead_letter_exchange(queue: &Queue) -> Option<&str> {
    queue.arguments.get("x-dead-letter-exchange")?.as_text()
}

fn dead_letter_key(queue: &Queue) -> Option<&str> {
    queue.arguments.get("x-dead-letter-routing-key")?.as_text()
}

/// A routing key that a binding key matches: a word for `*`, two for `#`.
fn sample_key(binding_key: &str) -> String {
    let word = |word: &str| match word {
        "*" => "one".to_owned(),
        "#" => "one.two".to_owned(),
        word => word.to_owned(),
    };
    binding_key.split('.').map(word).collect::<Vec<_>>().join(".")
}

fn describe(scenario: &Scenario, left_out: &[String]) -> Said {
    let exchanges = u64::try_from(scenario.exchanges.len()).unwrap_or(u64::MAX);
    let queues = u64::try_from(scenario.queues.len()).unwrap_or(u64::MAX);
    let bindings = u64::try_from(scenario.bindings.len()).unwrap_or(u64::MAX);
    let exchanges = said_of!(exchanges, "{exchanges} exchange", "{exchanges} exchanges");
    let queues = said_of!(queues, "{queues} queue", "{queues} queues");
    let bindings = said_of!(bindings, "{bindings} binding", "{bindings} bindings");
    let rest = if left_out.is_empty() {
        warren_texts::Value::nothing()
    } else {
        said!(" Left out: {names}.", names = left_out.join(", ")).into()
    };
    said!(
        "Imported: {exchanges}, {queues}, {bindings}; producers and consumers are made up.{rest}",
        exchanges,
        queues,
        bindings,
        rest
    )
}
