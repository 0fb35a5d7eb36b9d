//! RabbitMQ's `definitions.json` as a scenario: the topology that an operator has exported, with a load made up for it.

use std::time::Duration;

use serde_json::{Map, Value};
use warren_core::{
    Pattern,
    ordered::{OrdMap, OrdSet},
    wire::{FieldTable, FieldValue},
};
use warren_texts::{Catalogue, Said, said, said_of};

use crate::{
    Binding, Consumer, DiskPlan, Exchange, ExchangeType, Lapse, NetworkPlan, Producer, Queue, Scenario,
    ScenarioError, Text,
};

/// What the management plugin exports, as far as a scenario can say it.
struct Definitions {
    policies: Vec<PolicyEntry>,
    queues: Vec<QueueEntry>,
    exchanges: Vec<ExchangeEntry>,
    bindings: Vec<BindingEntry>,
}

struct PolicyEntry {
    vhost: String,
    name: String,
    pattern: String,
    apply_to: String,
    priority: i64,
    definition: Map<String, Value>,
}

struct QueueEntry {
    vhost: String,
    name: String,
    durable: bool,
    auto_delete: bool,
    arguments: Map<String, Value>,
}

struct ExchangeEntry {
    vhost: String,
    name: String,
    kind: String,
    durable: bool,
    arguments: Map<String, Value>,
}

struct BindingEntry {
    vhost: String,
    source: String,
    destination: String,
    destination_type: String,
    routing_key: String,
    arguments: Map<String, Value>,
}

impl Definitions {
    fn read(json: &Value) -> Result<Definitions, Wrong> {
        Ok(Definitions {
            policies: entries(json, "policies", |policy| {
                Ok(PolicyEntry {
                    vhost: policy.text("vhost", Some("/"))?,
                    name: policy.text("name", None)?,
                    pattern: policy.text("pattern", None)?,
                    apply_to: policy.text("apply-to", Some(""))?,
                    priority: policy.field("priority", Some(0), Value::as_i64)?,
                    definition: policy.field("definition", None, table_of)?,
                })
            })?,
            queues: entries(json, "queues", |queue| {
                Ok(QueueEntry {
                    vhost: queue.text("vhost", Some("/"))?,
                    name: queue.text("name", None)?,
                    durable: queue.field("durable", Some(false), Value::as_bool)?,
                    auto_delete: queue.field("auto_delete", Some(false), Value::as_bool)?,
                    arguments: queue.field("arguments", Some(Map::new()), table_of)?,
                })
            })?,
            exchanges: entries(json, "exchanges", |exchange| {
                Ok(ExchangeEntry {
                    vhost: exchange.text("vhost", Some("/"))?,
                    name: exchange.text("name", None)?,
                    kind: exchange.text("type", None)?,
                    durable: exchange.field("durable", Some(false), Value::as_bool)?,
                    arguments: exchange.field("arguments", Some(Map::new()), table_of)?,
                })
            })?,
            bindings: entries(json, "bindings", |binding| {
                Ok(BindingEntry {
                    vhost: binding.text("vhost", Some("/"))?,
                    source: binding.text("source", None)?,
                    destination: binding.text("destination", None)?,
                    destination_type: binding.text("destination_type", None)?,
                    routing_key: binding.text("routing_key", Some(""))?,
                    arguments: binding.field("arguments", Some(Map::new()), table_of)?,
                })
            })?,
        })
    }
}

/// An element of one of the lists.
struct Entry<'a> {
    list: &'static str,
    json: &'a Value,
}

/// The elements of a list; none if it is not there.
fn entries<T>(
    json: &Value,
    list: &'static str,
    read: fn(&Entry<'_>) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let all = json.get(list).map_or(Some(&[][..]), |all| all.as_array().map(Vec::as_slice));
    let wrong = || (list.to_owned(), format!("{NO_DEFINITIONS}: {list:?} is no list"));
    all.ok_or_else(wrong)?.iter().map(|json| read(&Entry { list, json })).collect()
}

impl Entry<'_> {
    fn text(&self, name: &str, otherwise: Option<&str>) -> Result<String, Wrong> {
        self.field(name, otherwise.map(str::to_owned), |text| text.as_str().map(str::to_owned))
    }

    fn field<T>(
        &self,
        name: &str,
        otherwise: Option<T>,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, Wrong> {
        let found = self.json.get(name).map_or(otherwise, read);
        found.ok_or_else(|| {
            let own = self.json.get("name").and_then(Value::as_str).unwrap_or_default();
            let wrong = if self.json.get(name).is_some() { "has a wrong" } else { "needs a" };
            (
                own.to_owned(),
                format!("{NO_DEFINITIONS}: an element {own:?} of {:?} {wrong} {name:?}", self.list),
            )
        })
    }
}

fn table_of(json: &Value) -> Option<Map<String, Value>> {
    json.as_object().cloned()
}

const NO_DEFINITIONS: &str = "these are no definitions of RabbitMQ";

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
    let wrong = |line: u32, message: String| ScenarioError { file: file.into(), line, message };
    let json: Value = serde_json::from_str(text).map_err(|error| {
        let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
        wrong(line, format!("{NO_DEFINITIONS}: {error}"))
    })?;
    let line_of = |name: &str| {
        let at = text.find(&format!("{name:?}")).unwrap_or_default();
        u32::try_from(text[..at].matches('\n').count() + 1).unwrap_or(u32::MAX)
    };
    let definitions = Definitions::read(&json).map_err(|(name, message)| wrong(line_of(&name), message))?;
    let vhost = choose(&definitions, vhost).map_err(|message| wrong(1, message))?;
    let scenario = import(catalogue, file, &definitions, &vhost)
        .map_err(|(name, message)| wrong(line_of(&name), message))?;
    scenario.check().map_err(|error| wrong(1, error.message))?;
    Ok(scenario)
}

/// What is wrong, and the name that it is about.
type Wrong = (String, String);

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
) -> Result<Scenario, Wrong> {
    let mut scenario = Scenario::new(file);
    let mut left_out: Vec<String> = Vec::new();
    for entry in definitions.exchanges.iter().filter(|entry| entry.vhost == vhost) {
        if !entry.name.is_empty() && !entry.name.starts_with("amq.") {
            scenario.exchanges.push(exchange(entry, definitions, &mut left_out)?);
        }
    }
    for entry in definitions.queues.iter().filter(|entry| entry.vhost == vhost) {
        scenario.queues.push(queue(entry, definitions, &mut left_out));
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
    entry: &ExchangeEntry,
    definitions: &Definitions,
    left_out: &mut Vec<String>,
) -> Result<Exchange, Wrong> {
    let Some(kind) = ExchangeType::ALL.into_iter().find(|kind| kind.as_str() == entry.kind) else {
        let known = ExchangeType::ALL.map(ExchangeType::as_str).join(", ");
        let message =
            format!("exchange {:?} has the type {:?}; scenarios know {known}", entry.name, entry.kind);
        return Err((entry.name.clone(), message));
    };
    let mut arguments = table(&entry.arguments, &entry.name, left_out);
    apply_policies(definitions, &entry.vhost, &entry.name, "exchanges", &mut arguments, left_out);
    Ok(Exchange { durable: entry.durable, arguments, ..Exchange::new(&entry.name, kind) })
}

fn queue(entry: &QueueEntry, definitions: &Definitions, left_out: &mut Vec<String>) -> Queue {
    if entry.auto_delete {
        left_out.push(format!("auto-delete of queue {}", entry.name));
    }
    let mut arguments = table(&entry.arguments, &entry.name, left_out);
    apply_policies(definitions, &entry.vhost, &entry.name, "queues", &mut arguments, left_out);
    Queue { durable: entry.durable, arguments, ..Queue::new(&entry.name) }
}

fn binding(entry: &BindingEntry, scenario: &Scenario, left_out: &mut Vec<String>) -> Result<Binding, Wrong> {
    let exchanges: Vec<&str> = scenario.exchanges.iter().map(|exchange| exchange.name.as_str()).collect();
    let is_exchange = |name: &str| exchanges.contains(&name) || name.starts_with("amq.");
    let missing = |what: &str, name: &str| {
        let message = format!("a binding names the {what} {name:?}, and there is none");
        Err((name.to_owned(), message))
    };
    if !is_exchange(&entry.source) {
        return missing("exchange", &entry.source);
    }
    let arguments = table(&entry.arguments, &entry.source, left_out);
    let binding =
        Binding { arguments, ..Binding::new(&entry.source, &entry.destination, &entry.routing_key) };
    if entry.destination_type == "queue" {
        let is_there = scenario.queues.iter().any(|queue| queue.name == entry.destination);
        return if is_there { Ok(binding) } else { missing("queue", &entry.destination) };
    }
    if !is_exchange(&entry.destination) {
        return missing("exchange", &entry.destination);
    }
    Ok(Binding { queue: None, to_exchange: Some(entry.destination.clone()), ..binding })
}

/// The policy that holds says what a declaration does not.
fn apply_policies(
    definitions: &Definitions,
    vhost: &str,
    name: &str,
    what: &str,
    arguments: &mut FieldTable,
    left_out: &mut Vec<String>,
) {
    let applies = |policy: &&PolicyEntry| {
        let is_about = ["", "all", what].contains(&policy.apply_to.as_str())
            || (what == "queues" && policy.apply_to.ends_with("_queues"));
        policy.vhost == vhost
            && is_about
            && Pattern::parse(&policy.pattern).is_ok_and(|pattern| pattern.matches(name))
    };
    let Some(policy) = definitions.policies.iter().filter(applies).max_by_key(|policy| policy.priority)
    else {
        return;
    };
    for (key, value) in &policy.definition {
        let argument = match key.as_str() {
            "alternate-exchange" if what == "exchanges" => key.clone(),
            "message-ttl"
            | "expires"
            | "max-length"
            | "max-length-bytes"
            | "overflow"
            | "delivery-limit"
            | "dead-letter-exchange"
            | "dead-letter-routing-key"
            | "max-age"
                if what == "queues" =>
            {
                format!("x-{key}")
            }
            _ => {
                left_out.push(format!("{key} of policy {}", policy.name));
                continue;
            }
        };
        if let (None, Some(value)) = (arguments.get(&argument), field(value)) {
            arguments.insert(&argument, value);
        }
    }
}

fn table(arguments: &Map<String, Value>, of: &str, left_out: &mut Vec<String>) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in arguments {
        match field(value) {
            Some(value) => table.insert(name, value),
            None => left_out.push(format!("{name} of {of}")),
        }
    }
    table.sort();
    table
}

fn field(value: &Value) -> Option<FieldValue> {
    match value {
        Value::Bool(value) => Some(FieldValue::Bool(*value)),
        Value::Number(number) => number.as_i64().map(FieldValue::I64),
        Value::String(text) => Some(FieldValue::LongStr(text.as_bytes().to_vec())),
        _ => None,
    }
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
