//! New things, copies, other names, and what goes when something goes.

use warren_core::ordered::OrdSet;
use warren_sim::{
    ActorId, Consumer, DiskPlan, Exchange, ExchangeType, Mishap, Producer, Queue, Scenario, Seat,
    warren_core::wire::{FieldTable, FieldValue},
};

use crate::{
    i18n::Lang,
    scene::{Lit, Place},
};

/// What can be put on the stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Producer,
    Exchange,
    Queue,
    Consumer,
    /// A program that sends and receives, on two channels of one connection.
    Client,
    Disk,
}

impl Kind {
    pub(crate) const ALL: [Kind; 6] =
        [Kind::Producer, Kind::Exchange, Kind::Queue, Kind::Consumer, Kind::Client, Kind::Disk];

    pub(crate) fn name(self, lang: Lang) -> &'static str {
        match self {
            Kind::Producer => lang.say("Producer"),
            Kind::Exchange => lang.say("Exchange"),
            Kind::Queue => lang.say("Queue"),
            Kind::Consumer => lang.say("Consumer"),
            Kind::Client => lang.say("Client"),
            Kind::Disk => lang.say("Disk"),
        }
    }

    /// What it is called in the page's HTML.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Kind::Producer => "producer",
            Kind::Exchange => "exchange",
            Kind::Queue => "queue",
            Kind::Consumer => "consumer",
            Kind::Client => "client",
            Kind::Disk => "disk",
        }
    }

    /// The thing of this kind that came last.
    pub(crate) fn latest(self, scenario: &Scenario) -> Option<Place> {
        let producers = u32::try_from(scenario.producers.len()).ok()?;
        let consumers = u32::try_from(scenario.consumers.len()).ok()?;
        Some(match self {
            Kind::Producer => Place::Producer(ActorId(producers.checked_sub(1)?)),
            Kind::Consumer | Kind::Client => {
                Place::Consumer(ActorId((producers + consumers).checked_sub(1)?))
            }
            Kind::Exchange => Place::Exchange(scenario.exchanges.last()?.name.as_str().into()),
            Kind::Queue => Place::Queue(scenario.queues.last()?.name.as_str().into()),
            Kind::Disk => Place::Disk,
        })
    }
}

impl Place {
    /// Whether a scenario has it.
    pub(crate) fn is_in(&self, scenario: &Scenario) -> bool {
        let (producers, all) =
            (scenario.producers.len(), scenario.producers.len() + scenario.consumers.len());
        match self {
            Place::Producer(actor) => (actor.0 as usize) < producers,
            Place::Consumer(actor) => (producers..all).contains(&(actor.0 as usize)),
            Place::Exchange(name) => {
                name.is_empty() || scenario.exchanges.iter().any(|exchange| *exchange.name == **name)
            }
            Place::Queue(name) => scenario.queues.iter().any(|queue| *queue.name == **name),
            // What is folded is there as long as its exchange is.
            Place::Queues(exchange) | Place::Consumers(exchange) => {
                Place::Exchange(exchange.clone()).is_in(scenario)
            }
            Place::Disk => scenario.disk.is_some(),
        }
    }

    /// What it is called; nothing for the default exchange and the disk.
    pub(crate) fn name(&self, scenario: &Scenario) -> String {
        match self {
            Place::Producer(actor) | Place::Consumer(actor) => {
                scenario.actor_names().nth(actor.0 as usize).unwrap_or_default().to_owned()
            }
            Place::Exchange(name) | Place::Queue(name) | Place::Queues(name) | Place::Consumers(name) => {
                name.to_string()
            }
            Place::Disk => String::new(),
        }
    }

    /// The same under another name.
    pub(crate) fn renamed(&self, name: &str) -> Place {
        match self {
            Place::Exchange(_) => Place::Exchange(name.into()),
            Place::Queue(_) => Place::Queue(name.into()),
            other => other.clone(),
        }
    }
}

/// What the first queue is called.
const FIRST_QUEUE: &str = "queue";

/// Something new that works at once: it sends to, or takes from, the queue that is there. Without one a producer sends to
/// the queue that will come first, and a consumer brings one along, as none can be without.
pub(super) fn add(scenario: &mut Scenario, kind: Kind, at: Option<(i32, i32)>) {
    const BELOW: i32 = 72;
    let queue = |scenario: &mut Scenario| match scenario.queues.first() {
        Some(queue) => queue.name.clone(),
        None => {
            scenario.queues.push(Queue::new(FIRST_QUEUE));
            FIRST_QUEUE.to_owned()
        }
    };
    match kind {
        Kind::Producer => {
            let name = free(scenario, "producer");
            let queue = scenario.queues.first().map_or(FIRST_QUEUE, |queue| &queue.name);
            scenario.producers.push(Producer::new(&name, queue, 100));
        }
        Kind::Consumer => {
            let name = free(scenario, "worker");
            let queue = queue(scenario);
            let work = Some(warren_sim::Lapse::Fixed(std::time::Duration::from_millis(500)));
            scenario.consumers.push(Consumer { work, ..Consumer::new(&name, &queue) });
        }
        Kind::Queue => {
            let name = free(scenario, FIRST_QUEUE);
            scenario.queues.push(Queue::new(&name));
        }
        Kind::Exchange => {
            let name = free(scenario, "exchange");
            scenario.exchanges.push(Exchange::new(&name, ExchangeType::Direct));
        }
        Kind::Client => {
            let client = free(scenario, "app");
            add(scenario, Kind::Producer, at);
            // The consumer stands below.
            add(scenario, Kind::Consumer, at.map(|(left, top)| (left, top + BELOW)));
            scenario.producers.last_mut().into_iter().for_each(|last| last.client.clone_from(&client));
            return scenario
                .consumers
                .last_mut()
                .into_iter()
                .for_each(|last| last.client.clone_from(&client));
        }
        Kind::Disk => {
            scenario.disk.get_or_insert_with(DiskPlan::default);
        }
    }
    if let (Some(at), Some(key)) = (at, kind.latest(scenario).and_then(|place| place.key(scenario))) {
        scenario.positions.insert(key, at);
    }
}

/// Copies beside the originals; copies of queues are bound as the originals are.
pub(super) fn duplicate(scenario: &mut Scenario, places: &OrdSet<Place>) {
    const ASIDE: i32 = 40;
    for place in places {
        let from = place.key(scenario).and_then(|key| scenario.positions.get(&key).copied());
        let name = free(scenario, &place.name(scenario));
        let index = |actor: ActorId| actor.0 as usize;
        let kind = match place {
            Place::Producer(actor) => {
                let Some(producer) = scenario.producers.get(index(*actor)) else { continue };
                scenario.producers.push(Producer { name, ..producer.clone() });
                Kind::Producer
            }
            Place::Consumer(actor) => {
                // A producer that was copied before has moved the consumers on.
                let name_of = place.name(scenario);
                let Some(consumer) =
                    scenario.consumers.iter().find(|consumer| consumer.name == name_of).cloned()
                else {
                    let _ = actor;
                    continue;
                };
                scenario.consumers.push(Consumer { name, ..consumer });
                Kind::Consumer
            }
            Place::Exchange(of) => {
                let Some(exchange) = scenario.exchanges.iter().find(|exchange| *exchange.name == **of) else {
                    continue;
                };
                scenario.exchanges.push(Exchange { name, ..exchange.clone() });
                Kind::Exchange
            }
            Place::Queue(of) => {
                let Some(queue) = scenario.queues.iter().find(|queue| *queue.name == **of) else { continue };
                scenario.queues.push(Queue { name: name.clone(), ..queue.clone() });
                let bound =
                    scenario.bindings.iter().filter(|binding| binding.queue.as_deref() == Some(&**of));
                let copies =
                    bound.map(|binding| warren_sim::Binding { queue: Some(name.clone()), ..binding.clone() });
                let copies: Vec<_> = copies.collect();
                scenario.bindings.extend(copies);
                Kind::Queue
            }
            Place::Disk | Place::Queues(_) | Place::Consumers(_) => continue,
        };
        if let (Some((left, top)), Some(place)) = (from, kind.latest(scenario))
            && let Some(key) = place.key(scenario)
        {
            scenario.positions.insert(key, (left + ASIDE, top + ASIDE));
        }
    }
}

/// With a thing goes what leads to it and from it: bindings, consumers of a queue, faults that befall it.
pub(super) fn remove(scenario: &mut Scenario, places: &OrdSet<Place>) {
    let named = |scenario: &Scenario, pick: fn(&Place) -> bool| -> Vec<String> {
        places.iter().filter(|place| pick(place)).map(|place| place.name(scenario)).collect()
    };
    let mut actors = named(scenario, |place| matches!(place, Place::Producer(_) | Place::Consumer(_)));
    let queues = named(scenario, |place| matches!(place, Place::Queue(_)));
    let exchanges = named(scenario, |place| matches!(place, Place::Exchange(_)));
    let exchanges: Vec<String> = exchanges.into_iter().filter(|name| !name.is_empty()).collect();
    for key in places.iter().filter_map(|place| place.key(scenario)).collect::<Vec<_>>() {
        scenario.positions.remove(&key);
    }
    let orphans = scenario.consumers.iter().filter(|consumer| queues.contains(&consumer.queue));
    actors.extend(orphans.map(|consumer| consumer.name.clone()));
    let clients: Vec<String> = scenario.seats().map(|seat| seat.client.to_owned()).collect();
    scenario.producers.retain(|producer| !actors.contains(&producer.name));
    scenario.consumers.retain(|consumer| !actors.contains(&consumer.name));
    // With its last actor a client goes, which faults call by name, too.
    let is_gone = |client: &String| !scenario.seats().any(|seat| seat.client == client);
    actors.extend(clients.into_iter().filter(is_gone));
    scenario.queues.retain(|queue| !queues.contains(&queue.name));
    scenario.exchanges.retain(|exchange| !exchanges.contains(&exchange.name));
    scenario.bindings.retain(|binding| {
        let to_queue = binding.queue.as_ref().is_some_and(|queue| queues.contains(queue));
        let to_exchange = binding.to_exchange.as_ref().is_some_and(|exchange| exchanges.contains(exchange));
        !to_queue && !to_exchange && !exchanges.contains(&binding.exchange)
    });
    for producer in &mut scenario.producers {
        if exchanges.contains(&producer.exchange) {
            producer.exchange = String::new();
        }
        producer.reply_to = producer.reply_to.take().filter(|queue| !queues.contains(queue));
        producer.declares = producer.declares.take().filter(|own| !queues.contains(&own.queue));
    }
    for consumer in &mut scenario.consumers {
        consumer.give_up = consumer.give_up.take().filter(|give_up| !queues.contains(&give_up.to));
        consumer.declares = consumer.declares.take().filter(|own| !queues.contains(&own.queue));
    }
    for arguments in arguments_of(scenario) {
        for key in ["alternate-exchange", "x-dead-letter-exchange"] {
            let leads = arguments.get(key).and_then(FieldValue::as_text).map(str::to_owned);
            if leads.is_some_and(|to| exchanges.contains(&to)) {
                arguments.remove(key);
            }
        }
    }
    scenario.faults.retain(|fault| match &fault.what {
        Mishap::DeleteQueue { queue } | Mishap::PurgeQueue { queue } => !queues.contains(queue),
        what => !actors.iter().any(|actor| actor == what.whom()),
    });
    if places.contains(&Place::Disk) {
        scenario.disk = None;
    }
    if let Some(mut lesson) = scenario.lesson.take() {
        lesson.forget(&actors, &queues);
        lesson.keep_lights(|thing| Lit::called(thing, scenario).is_some());
        scenario.lesson = Some(lesson);
    }
}

/// Gives something another name, wherever it is named.
pub(super) fn rename(scenario: &mut Scenario, place: &Place, name: &str) -> Result<(), String> {
    let old = place.name(scenario);
    let key = place.key(scenario);
    let replace = |text: &mut String| {
        if *text == old {
            name.clone_into(text);
        }
    };
    match place {
        Place::Producer(_) | Place::Consumer(_) => {
            scenario.producers.iter_mut().for_each(|producer| replace(&mut producer.name));
            scenario.consumers.iter_mut().for_each(|consumer| replace(&mut consumer.name));
            for fault in &mut scenario.faults {
                fault.what.rename_actor(&old, name);
            }
            scenario.lesson.iter_mut().for_each(|lesson| lesson.rename_actor(&old, name));
        }
        Place::Exchange(exchange) if exchange.is_empty() => {
            return Err("the default exchange has no name".into());
        }
        Place::Exchange(_) => {
            scenario.exchanges.iter_mut().for_each(|exchange| replace(&mut exchange.name));
            scenario.producers.iter_mut().for_each(|producer| replace(&mut producer.exchange));
            for binding in &mut scenario.bindings {
                replace(&mut binding.exchange);
                binding.to_exchange.iter_mut().for_each(replace);
            }
            rename_in_arguments(scenario, &["alternate-exchange", "x-dead-letter-exchange"], &old, name);
        }
        Place::Queue(_) => {
            scenario.queues.iter_mut().for_each(|queue| replace(&mut queue.name));
            scenario.lesson.iter_mut().for_each(|lesson| lesson.rename_queue(&old, name));
            scenario.bindings.iter_mut().filter_map(|binding| binding.queue.as_mut()).for_each(replace);
            for producer in &mut scenario.producers {
                producer.reply_to.iter_mut().for_each(replace);
                producer.declares.iter_mut().for_each(|own| replace(&mut own.queue));
                if producer.exchange.is_empty() {
                    producer.routing_key.iter_mut().for_each(replace);
                }
            }
            for consumer in &mut scenario.consumers {
                replace(&mut consumer.queue);
                consumer.give_up.iter_mut().for_each(|give_up| replace(&mut give_up.to));
                consumer.declares.iter_mut().for_each(|own| replace(&mut own.queue));
            }
            for fault in &mut scenario.faults {
                if let Mishap::DeleteQueue { queue } | Mishap::PurgeQueue { queue } = &mut fault.what {
                    replace(queue);
                }
            }
            rename_in_arguments(scenario, &["x-dead-letter-routing-key"], &old, name);
        }
        Place::Disk => return Err("the disk has no name".into()),
        Place::Queues(_) | Place::Consumers(_) => return Err("what is folded has no name of its own".into()),
    }
    if let (Some(old), Some(new)) = (key, place.renamed(name).key(scenario)) {
        scenario.lesson.iter_mut().for_each(|lesson| lesson.rename_light(&old, &new));
        if let Some(at) = scenario.positions.remove(&old) {
            scenario.positions.insert(new, at);
        }
    }
    Ok(())
}

fn arguments_of(scenario: &mut Scenario) -> impl Iterator<Item = &mut FieldTable> {
    let queues = scenario.queues.iter_mut().map(|queue| &mut queue.arguments);
    let producers = scenario.producers.iter_mut().filter_map(|plan| plan.declares.as_mut());
    let consumers = scenario.consumers.iter_mut().filter_map(|plan| plan.declares.as_mut());
    let declared = producers.chain(consumers).map(|own| &mut own.arguments);
    queues.chain(declared).chain(scenario.exchanges.iter_mut().map(|exchange| &mut exchange.arguments))
}

fn rename_in_arguments(scenario: &mut Scenario, keys: &[&str], old: &str, name: &str) {
    for arguments in arguments_of(scenario) {
        for key in keys {
            if arguments.get(key).and_then(FieldValue::as_text) == Some(old) {
                arguments.insert(key, FieldValue::LongStr(name.as_bytes().to_vec()));
            }
        }
    }
}

/// Makes an actor a part of another one's client, on the same connection.
pub(super) fn join(scenario: &mut Scenario, actor: &str, other: &str) {
    let of = |seat: Seat<'_>| (seat.client.to_owned(), seat.connection.to_owned(), seat.latency);
    let found = scenario.seats().find(|seat| seat.actor == other).map(of);
    let Some((client, connection, latency)) = found else { return };
    let client = if client.is_empty() { free(scenario, "app") } else { client };
    for plan in scenario.producers.iter_mut().filter(|plan| [actor, other].contains(&plan.name.as_str())) {
        (plan.client, plan.connection, plan.latency) = (client.clone(), connection.clone(), latency);
    }
    for plan in scenario.consumers.iter_mut().filter(|plan| [actor, other].contains(&plan.name.as_str())) {
        (plan.client, plan.connection, plan.latency) = (client.clone(), connection.clone(), latency);
    }
}

/// A name that nothing bears yet: the wanted one, or with the next number.
fn free(scenario: &Scenario, wanted: &str) -> String {
    let names: OrdSet<&str> = scenario
        .actor_names()
        .chain(scenario.seats().map(|seat| seat.client))
        .chain(scenario.queues.iter().map(|queue| queue.name.as_str()))
        .chain(scenario.exchanges.iter().map(|exchange| exchange.name.as_str()))
        .collect();
    let stem = wanted.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches('-');
    let stem = if stem.is_empty() { "thing" } else { stem };
    if !names.contains(stem) && !stem.is_empty() && stem == wanted {
        return stem.to_owned();
    }
    let mut number = 2;
    while names.contains(format!("{stem}-{number}").as_str()) {
        number += 1;
    }
    format!("{stem}-{number}")
}
