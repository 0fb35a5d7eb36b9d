//! Fields as a person types them, and as the file has them.

use warren_sim::{
    Scenario,
    document::{Table, Value},
};

use super::{
    FieldKind, Item,
    fields::{self, QUEUE_TYPE},
};

const ARGUMENTS: &str = "arguments";

/// The values of all fields of an item, as they are shown for editing; nothing for a default.
pub(crate) fn texts_of(scenario: &Scenario, item: Item) -> Vec<String> {
    let (scenario, item) = alone(scenario, item);
    let mut file = Table::parse(&scenario.to_toml()).unwrap_or_default();
    let mut section = section(&mut file, item);
    let mut value = |name: &str| {
        let section = section.as_mut()?;
        let is_argument = name == QUEUE_TYPE;
        let table = if is_argument { section.get_mut(ARGUMENTS)?.as_table_mut()? } else { section };
        table.get(name).map(shown)
    };
    item.fields().iter().map(|field| value(field.name).unwrap_or_default()).collect()
}

/// A scenario with nothing but the item in its list, and where it is now: to write all of a large one takes long.
fn alone(scenario: &Scenario, item: Item) -> (Scenario, Item) {
    fn one<T: Clone>(all: &[T], index: usize) -> Vec<T> {
        all.get(index).cloned().into_iter().collect()
    }
    let (until, network) = (scenario.until, scenario.network.clone());
    let (broker, disk) = (scenario.broker.clone(), scenario.disk.clone());
    let mut alone = Scenario { until, network, broker, disk, ..Scenario::new("") };
    let item = match item {
        Item::Producer(index) => {
            alone.producers = one(&scenario.producers, index);
            Item::Producer(0)
        }
        Item::Consumer(index) => {
            alone.consumers = one(&scenario.consumers, index);
            Item::Consumer(0)
        }
        Item::Exchange(index) => {
            alone.exchanges = one(&scenario.exchanges, index);
            Item::Exchange(0)
        }
        Item::Queue(index) => {
            alone.queues = one(&scenario.queues, index);
            Item::Queue(0)
        }
        Item::Binding(index) => {
            alone.bindings = one(&scenario.bindings, index);
            Item::Binding(0)
        }
        Item::Scenario | Item::Network | Item::Broker | Item::Disk => item,
    };
    (alone, item)
}

/// The scenario with another value in a field.
pub(super) fn set(scenario: &Scenario, item: Item, field: &str, text: &str) -> Result<Scenario, String> {
    let kind = fields::kind_of(item, field).ok_or_else(|| format!("there is no field {field}"))?;
    let mut file = Table::parse(&scenario.to_toml())?;
    let Some(section) = section(&mut file, item) else { return Err("it is not there any more".into()) };
    match read(kind, text.trim())? {
        Some(value) if field == QUEUE_TYPE => set_queue_type(section, value),
        Some(value) => section.insert(field, value),
        None => drop(section.remove(field)),
    }
    Scenario::parse("scenario", &file.to_string()).map_err(|error| error.message)
}

/// Quorum queues and streams are durable, or refused.
fn set_queue_type(queue: &mut Table, kind: Value) {
    if !matches!(&kind, Value::Text(text) if text == "classic") {
        queue.insert("durable", Value::Flag(true));
    }
    if queue.get(ARGUMENTS).is_none() {
        queue.insert(ARGUMENTS, Value::Table(Table::default()));
    }
    if let Some(arguments) = queue.get_mut(ARGUMENTS).and_then(Value::as_table_mut) {
        arguments.insert(QUEUE_TYPE, kind);
    }
}

/// The table of the file that has the fields of an item; it is made if the file does without.
fn section(file: &mut Table, item: Item) -> Option<&mut Table> {
    let (name, index) = match item {
        Item::Scenario => return Some(file),
        Item::Network => ("network", None),
        Item::Broker => ("broker", None),
        Item::Disk => ("disk", None),
        Item::Producer(index) => ("producer", Some(index)),
        Item::Consumer(index) => ("consumer", Some(index)),
        Item::Exchange(index) => ("exchange", Some(index)),
        Item::Queue(index) => ("queue", Some(index)),
        Item::Binding(index) => ("binding", Some(index)),
    };
    match index {
        None => {
            if file.get(name).is_none() {
                file.insert(name, Value::Table(Table::default()));
            }
            file.get_mut(name)?.as_table_mut()
        }
        Some(index) => file.get_mut(name)?.as_list_mut()?.get_mut(index)?.as_table_mut(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(values) if values.iter().all(Value::is_table) => {
            values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        Value::List(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Table(table) => {
            table.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

fn read(kind: FieldKind, text: &str) -> Result<Option<Value>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = |text: &str| {
        text.parse::<i64>().map(Value::Integer).map_err(|_| format!("{text:?} is no whole number"))
    };
    Ok(Some(match kind {
        FieldKind::Flag if text != "true" => return Ok(None),
        FieldKind::Flag => Value::Flag(true),
        FieldKind::Number => number(text)?,
        FieldKind::Text | FieldKind::Time | FieldKind::Choice(_) | FieldKind::Queue | FieldKind::Exchange => {
            Value::Text(text.to_owned())
        }
        FieldKind::Texts | FieldKind::Times => {
            let texts: Vec<Value> = list(text).map(|text| Value::Text(text.to_owned())).collect();
            one_or_many(texts)
        }
        FieldKind::Numbers => one_or_many(list(text).map(number).collect::<Result<_, _>>()?),
        FieldKind::Table => Value::Table(table(text)?),
        FieldKind::Tables => {
            let tables = text.lines().map(|line| table(inside_braces(line)).map(Value::Table));
            Value::List(tables.collect::<Result<_, _>>()?)
        }
    }))
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    // A table within a table has commas of its own.
    let is_between = move |letter| match letter {
        '{' => {
            depth += 1;
            false
        }
        '}' => {
            depth -= 1;
            false
        }
        letter => depth <= 0 && matches!(letter, ',' | '\n'),
    };
    text.split(is_between).map(str::trim).filter(|text| !text.is_empty())
}

fn one_or_many(mut values: Vec<Value>) -> Value {
    match values.len() {
        1 => values.remove(0),
        _ => Value::List(values),
    }
}

fn inside_braces(line: &str) -> &str {
    line.trim().trim_start_matches('{').trim_end_matches('}')
}

/// `x-max-length = 5`, one a line or with commas between; a bare word is a text.
fn table(text: &str) -> Result<Table, String> {
    let mut table = Table::default();
    for pair in list(text) {
        let Some((key, value)) = pair.split_once(['=', ':']) else {
            return Err(format!("{pair:?} is no `name = value`"));
        };
        let (key, value) = (key.trim().trim_matches('"'), value.trim());
        let typed = Table::parse(&format!("value = {value}")).ok().and_then(|mut read| read.remove("value"));
        let value = typed.unwrap_or_else(|| Value::Text(value.trim_matches('"').to_owned()));
        table.insert(key, value);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use warren_core::wire::FieldValue;
    use warren_sim::{Consumer, Queue, Scenario};

    use super::{Item, set, texts_of};

    /// The type is an argument, and quorum queues are durable: as a transient one it would be refused.
    #[test]
    fn the_type_of_a_queue_is_a_field() {
        let mut scenario = Scenario::new("types");
        scenario.queues.push(Queue::new("q"));
        let item = Item::Queue(0);
        let shown = |scenario: &Scenario| texts_of(scenario, item)[0].clone();
        assert_eq!(shown(&scenario), "");
        let quorum = set(&scenario, item, "x-queue-type", "quorum").expect("a type");
        assert_eq!((shown(&quorum).as_str(), quorum.queues[0].durable), ("quorum", true));
        let classic = set(&quorum, item, "x-queue-type", "classic").expect("a type");
        assert_eq!((shown(&classic).as_str(), classic.queues[0].durable), ("classic", true));
        assert_eq!(
            classic.queues[0].arguments.get("x-queue-type"),
            Some(&FieldValue::LongStr("classic".into()))
        );
    }

    /// Two clients that declare a queue differently, by hand.
    #[test]
    fn an_actors_own_declaration_is_typed_shown_and_cleared() {
        let mut scenario = Scenario::new("two declarations");
        scenario.queues.push(Queue::new("q"));
        scenario.consumers.push(Consumer::new("c", "q"));
        let item = Item::Consumer(0);
        let text =
            "queue = q, durable = true\narguments = { x-max-length = 5, x-overflow = \"reject-publish\" }";
        let changed = set(&scenario, item, "declares", text).expect("a good declaration");
        let declares = changed.consumers[0].declares.clone().expect("it declares");
        assert_eq!(
            (declares.queue.as_str(), declares.durable, declares.arguments.iter().count()),
            ("q", true, 2)
        );
        assert_eq!(declares.arguments.get("x-max-length"), Some(&FieldValue::I64(5)));

        let place = item.fields().iter().position(|field| field.name == "declares").expect("the field");
        let shown = texts_of(&changed, item).swap_remove(place);
        assert_eq!(set(&changed, item, "declares", &shown).as_ref(), Ok(&changed), "{shown}");
        assert_eq!(set(&changed, item, "declares", "").as_ref(), Ok(&scenario));
        let wrong = set(&scenario, item, "declares", "queue = other").expect_err("there is no such queue");
        assert!(wrong.contains("there is no queue called \"other\""), "{wrong}");
    }
}
