//! Where messages can go. The core is asked: a world is played in which every key is published once.

use std::time::Duration;

use warren_core::{
    Event, Fact, Instant, MessageId,
    ordered::{OrdMap, OrdSet},
    wire::{FieldTable, FieldValue},
};

use crate::{
    Exchange, ExchangeType, Happening, NetworkPlan, Producer, Queue, Scenario, World,
    actor::cycle,
    client::DIRECT_REPLY_TO,
    happening::{ActorId, ChannelRef},
    scenario::{Mishap, queue_policy},
};

/// More than this no producer is asked of.
const MOST_KEYS: u32 = 10_000;

/// A way in which a message can be published.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Publish {
    /// Empty for the default exchange.
    pub(super) exchange: String,
    pub(super) key: String,
    /// The headers of which producer, and which of them.
    headers: Option<(u32, u32)>,
}

/// Where messages can go.
#[derive(Default)]
pub(super) struct Flow {
    /// What producers send, in the order of the scenario.
    pub(super) sent: Vec<OrdSet<Publish>>,
    /// The queues that take what is published, dead letters included.
    routes: OrdMap<Publish, OrdSet<String>>,
    /// What else is published: answers, and messages that consumers put aside.
    others: OrdSet<Publish>,
    /// The dead letters of each queue.
    dead_letters: OrdMap<String, OrdSet<Publish>>,
}

impl Flow {
    pub(super) fn of(scenario: &Scenario) -> Flow {
        let mut flow = Flow {
            sent: (0..).zip(&scenario.producers).map(|(id, producer)| sent_by(id, producer)).collect(),
            others: others(scenario),
            ..Flow::default()
        };
        let mut open: OrdSet<Publish> = flow.sent.iter().flatten().chain(&flow.others).cloned().collect();
        while !open.is_empty() {
            let mut next = OrdSet::new();
            for (publish, queues) in ask(scenario, open.into_iter().collect()) {
                for queue in scenario.queues.iter().filter(|queue| queues.contains(&queue.name)) {
                    if let Some(letter) = dead_letter(scenario, queue, &publish) {
                        flow.dead_letters.entry(queue.name.clone()).or_default().insert(letter.clone());
                        next.insert(letter);
                    }
                }
                flow.routes.insert(publish, queues);
            }
            next.retain(|publish| !flow.routes.contains_key(publish));
            open = next;
        }
        flow
    }

    /// The queues that take a message.
    pub(super) fn queues(&self, publish: &Publish) -> impl Iterator<Item = &str> {
        self.routes.get(publish).into_iter().flatten().map(String::as_str)
    }

    /// Whether no queue takes it.
    pub(super) fn is_unroutable(&self, publish: &Publish) -> bool {
        self.routes.get(publish).is_none_or(OrdSet::is_empty)
    }

    /// What a queue sends on when it gives a message up.
    pub(super) fn dead_letters(&self, queue: &str) -> impl Iterator<Item = &Publish> {
        self.dead_letters.get(queue).into_iter().flatten()
    }

    /// The queues that dead letters of a queue come to.
    pub(super) fn next(&self, queue: &str) -> OrdSet<&str> {
        self.dead_letters(queue).flat_map(|letter| self.queues(letter)).collect()
    }

    /// Whether any message can come to a queue.
    pub(super) fn reaches(&self, queue: &str) -> bool {
        self.routes.values().any(|queues| queues.contains(queue))
    }

    /// Whether a message can come to a queue that is no dead letter and was not put aside.
    pub(super) fn feeds(&self, queue: &str) -> bool {
        self.sent.iter().flatten().any(|publish| self.queues(publish).any(|taker| taker == queue))
    }

    /// The producers whose messages can come to a queue, as dead letters, too.
    pub(super) fn sources<'a>(&self, scenario: &'a Scenario, queue: &str) -> Vec<&'a Producer> {
        let reaches = |sent: &OrdSet<Publish>| {
            let mut known: OrdSet<&str> = sent.iter().flat_map(|publish| self.queues(publish)).collect();
            let mut open: Vec<&str> = known.iter().copied().collect();
            while let Some(next) = open.pop() {
                open.extend(self.next(next).into_iter().filter(|found| known.insert(found)));
            }
            known.contains(queue)
        };
        let producers = scenario.producers.iter().zip(&self.sent);
        producers.filter(|(_, sent)| reaches(sent)).map(|(producer, _)| producer).collect()
    }
}

/// What a queue's arguments or the operator's policies say of it; `key` is a policy's (`message-ttl`).
pub(super) fn setting(scenario: &Scenario, queue: &Queue, key: &str) -> Option<FieldValue> {
    let policies = scenario.faults.iter().filter_map(|fault| match &fault.what {
        Mishap::Policy { pattern, definition } => Some((pattern, definition)),
        _ => None,
    });
    let applies = |(pattern, definition): (&String, &FieldTable)| {
        let policy = queue_policy(pattern, definition.clone()).ok()?;
        let value = policy.pattern.matches(&queue.name).then(|| definition.get(key).cloned());
        value.flatten()
    };
    queue.arguments.get(&format!("x-{key}")).cloned().or_else(|| policies.filter_map(applies).next())
}

/// A scenario of the same topology, in which nothing goes wrong and nobody waits.
pub(super) fn rehearsal(scenario: &Scenario) -> Scenario {
    Scenario {
        network: NetworkPlan { latency: Duration::ZERO, ..NetworkPlan::default() },
        disk: None,
        faults: Vec::new(),
        ..scenario.clone()
    }
}

/// Plays a rehearsal for a moment, and hands out what has happened.
pub(super) fn play(scenario: &Scenario) -> impl Iterator<Item = Happening> {
    let mut world = World::new(scenario, 0).without_stories();
    world.run_until(Instant::ZERO + Duration::from_secs(1));
    world.take_events().into_iter().map(|event| event.what)
}

/// Which queues take what is published like this.
fn ask(scenario: &Scenario, publishes: Vec<Publish>) -> OrdMap<Publish, OrdSet<String>> {
    let mut by_exchange: OrdMap<String, Vec<Publish>> = OrdMap::new();
    for publish in publishes {
        by_exchange.entry(publish.exchange.clone()).or_default().push(publish);
    }
    let headers = |publish: &Publish| {
        let (producer, which) = publish.headers?;
        Some(cycle(&scenario.producers.get(at(producer))?.headers, which)?.clone())
    };
    let asker = |(exchange, publishes): (&String, &Vec<Publish>)| {
        let count = u32::try_from(publishes.len()).unwrap_or(u32::MAX);
        Producer {
            exchange: exchange.clone(),
            routing_key: publishes.iter().map(|publish| publish.key.clone()).collect(),
            headers: publishes.iter().map(|publish| headers(publish).unwrap_or_default()).collect(),
            burst: count,
            ..Producer::new(exchange, "", count)
        }
    };
    let rehearsal = Scenario {
        exchanges: scenario.exchanges.iter().map(to_all).collect(),
        // What queues are like does not change the way to them.
        queues: scenario.queues.iter().map(|queue| Queue::new(&queue.name)).collect(),
        producers: by_exchange.iter().map(asker).collect(),
        consumers: Vec::new(),
        ..rehearsal(scenario)
    };
    let mut asked: Vec<_> = by_exchange.into_values().map(Vec::into_iter).collect();
    let mut sent: OrdMap<(ChannelRef, u64), Publish> = OrdMap::new();
    let mut numbered: OrdMap<MessageId, Publish> = OrdMap::new();
    let mut answers = OrdMap::new();
    for happening in play(&rehearsal) {
        match happening {
            // A producer sends its keys in their order.
            Happening::Sent(sending) => {
                let ActorId(actor) = sending.actor;
                let publish = asked.get_mut(at(actor)).and_then(Iterator::next);
                sent.extend(publish.map(|publish| ((sending.channel(), sending.number), publish)));
            }
            Happening::Broker(Event { fact, .. }) => match fact {
                Fact::Published { message, connection, channel, number, .. } => {
                    let channel = ChannelRef::new(connection, channel);
                    numbered.extend(sent.remove(&(channel, number)).map(|publish| (message, publish)));
                }
                Fact::Routed { message, queues } => {
                    let queues = queues.iter().map(ToString::to_string).collect();
                    answers.extend(numbered.remove(&message).map(|publish| (publish, queues)));
                }
                Fact::Unroutable { message, .. } => {
                    answers.extend(numbered.remove(&message).map(|publish| (publish, OrdSet::new())));
                }
                _ => {}
            },
            _ => {}
        }
    }
    answers
}

/// Where an exchange chooses one of its bindings, each of them may be the one; and nobody waits.
fn to_all(exchange: &Exchange) -> Exchange {
    let kind = match exchange.rule() {
        ExchangeType::ConsistentHash
        | ExchangeType::ModulusHash
        | ExchangeType::Random
        | ExchangeType::LocalRandom
        | ExchangeType::RecentHistory => ExchangeType::Fanout,
        kind => kind,
    };
    Exchange { kind, ..exchange.clone() }
}

/// What a producer sends: keys and headers take turns.
fn sent_by(id: u32, producer: &Producer) -> OrdSet<Publish> {
    let turns = [producer.routing_key.len(), producer.headers.len().max(1)];
    let turns = turns.into_iter().map(|turns| u32::try_from(turns).unwrap_or(u32::MAX));
    let turns = turns.fold(1, u32::saturating_mul).min(producer.count).min(MOST_KEYS);
    let publish = |turn| Publish {
        exchange: producer.exchange.clone(),
        key: cycle(&producer.routing_key, turn).cloned().unwrap_or_default(),
        headers: u32::try_from(producer.headers.len())
            .ok()
            .and_then(|headers| turn.checked_rem(headers))
            .map(|which| (id, which)),
    };
    (0..turns).map(publish).collect()
}

/// Answers, and messages that consumers put aside: they go to queues, through the default exchange.
fn others(scenario: &Scenario) -> OrdSet<Publish> {
    let answers = scenario.producers.iter().filter_map(|producer| producer.reply_to.as_deref());
    let aside = scenario.consumers.iter().filter_map(|consumer| Some(consumer.give_up.as_ref()?.to.as_str()));
    let queues = answers.chain(aside).filter(|queue| *queue != DIRECT_REPLY_TO);
    queues.map(|queue| Publish { exchange: String::new(), key: queue.into(), headers: None }).collect()
}

/// What becomes of a message that a queue gives up, if it goes anywhere.
fn dead_letter(scenario: &Scenario, queue: &Queue, publish: &Publish) -> Option<Publish> {
    let text = |key| Some(setting(scenario, queue, key)?.as_text()?.to_owned());
    let exchange = text("dead-letter-exchange")?;
    let key = text("dead-letter-routing-key").unwrap_or_else(|| publish.key.clone());
    Some(Publish { exchange, key, headers: publish.headers })
}

fn at(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}
