//! Bindings that add nothing to another one. Whether a topic's mask takes all that another takes, the core is asked.

use warren_texts::said;

use super::{Finding, Rule, Spot, flow, hint};
use crate::{Binding, Exchange, ExchangeType, Happening, Producer, Queue, Scenario};
use warren_core::{
    Event, Fact,
    ordered::{OrdMap, OrdSet},
};

/// A word that no mask says: only a wildcard takes it.
const ANY_WORD: &str = "\u{1}";
/// More keys than this are not tried for the bindings from one exchange to one place.
const MOST_KEYS: usize = 5_000;

pub(super) fn check(scenario: &Scenario, found: &mut Vec<Finding>) {
    let mut groups: OrdMap<_, Vec<(u32, &Binding)>> = OrdMap::new();
    for (place, binding) in (0..).zip(&scenario.bindings) {
        let ends = (&binding.exchange, &binding.queue, &binding.to_exchange);
        groups.entry(ends).or_default().push((place, binding));
    }
    for ((exchange, ..), bindings) in groups {
        if bindings.len() > 1 {
            group(kind(scenario, exchange), &bindings, found);
        }
    }
}

/// The bindings from one exchange to one place.
fn group(kind: ExchangeType, bindings: &[(u32, &Binding)], found: &mut Vec<Finding>) {
    let wider = if kind == ExchangeType::Topic { wider(bindings) } else { OrdSet::new() };
    for (nth, (place, binding)) in bindings.iter().enumerate() {
        let is_same = |(other_nth, (_, other)): &(usize, &(u32, &Binding))| {
            let same = match kind {
                ExchangeType::Fanout | ExchangeType::RecentHistory => true,
                ExchangeType::Headers => other.arguments == binding.arguments,
                ExchangeType::Direct | ExchangeType::Topic => other.routing_key == binding.routing_key,
                // A second one is a second chance.
                ExchangeType::ConsistentHash
                | ExchangeType::ModulusHash
                | ExchangeType::Random
                | ExchangeType::LocalRandom
                | ExchangeType::DelayedMessage => false,
            };
            same && *other_nth < nth
        };
        let is_wider = |(other_nth, (other_place, _)): &(usize, &(u32, &Binding))| {
            // Of two that take the same, the first is not told of.
            let is_mutual = wider.contains(&(*place, *other_place));
            wider.contains(&(*other_place, *place)) && (!is_mutual || *other_nth < nth)
        };
        let others = || bindings.iter().enumerate();
        let Some((_, (_, other))) = others().find(is_same).or_else(|| others().find(is_wider)) else {
            continue;
        };
        let (key, other) = (&binding.routing_key, &other.routing_key);
        let text = if key == other || kind == ExchangeType::Fanout {
            said!("It leads where another binding of this exchange leads already: a message comes only once.")
        } else {
            said!("All that {key} matches, {other} matches too, and leads to the same place.", key, other)
        };
        found.push(hint(Rule::ShadowedBinding, Spot::Binding(*place), text));
    }
}

/// Pairs of a binding and another, of which the first takes all that the second takes: the core is asked with keys that
/// stand for all that the second mask says.
fn wider(bindings: &[(u32, &Binding)]) -> OrdSet<(u32, u32)> {
    let candidates: Vec<_> =
        bindings.iter().filter(|(_, binding)| binding.routing_key.contains(['*', '#'])).collect();
    let longest = candidates.iter().map(|(_, mask)| mask.routing_key.split('.').count()).max().unwrap_or(0);
    let keys: Vec<(u32, Vec<String>)> =
        bindings.iter().map(|(place, mask)| (*place, samples(&mask.routing_key, longest + 1))).collect();
    let all: Vec<String> = keys.iter().flat_map(|(_, keys)| keys).cloned().collect();
    if candidates.is_empty() || all.len().saturating_mul(candidates.len()) > MOST_KEYS {
        return OrdSet::new();
    }
    // One exchange with one queue and one binding, its name the queue's and the producer's, for each candidate.
    let names = || candidates.iter().map(|(place, mask)| (place.to_string(), &mask.routing_key));
    let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let sends = |name: &str| Producer {
        exchange: name.into(),
        routing_key: all.clone(),
        burst: count,
        ..Producer::new(name, "", count)
    };
    let trial = Scenario {
        exchanges: names().map(|(name, _)| Exchange::new(&name, ExchangeType::Topic)).collect(),
        queues: names().map(|(name, _)| Queue::new(&name)).collect(),
        bindings: names().map(|(name, mask)| Binding::new(&name, &name, mask)).collect(),
        producers: names().map(|(name, _)| sends(&name)).collect(),
        ..flow::rehearsal(&Scenario::new(""))
    };
    let taken = taken(&trial);
    let is_wider = |wide: u32, narrow: &(u32, Vec<String>)| {
        let takes = |key: &String| taken.contains(&(wide.to_string(), key.clone()));
        wide != narrow.0 && !narrow.1.is_empty() && narrow.1.iter().all(takes)
    };
    let pairs = candidates.iter().flat_map(|(wide, _)| keys.iter().map(|narrow| (*wide, narrow)));
    pairs.filter(|(wide, narrow)| is_wider(*wide, narrow)).map(|(wide, narrow)| (wide, narrow.0)).collect()
}

/// Which queues took a message with which key.
fn taken(trial: &Scenario) -> OrdSet<(String, String)> {
    let mut keys = OrdMap::new();
    let mut taken = OrdSet::new();
    for happening in flow::play(trial) {
        let Happening::Broker(Event { fact, .. }) = happening else { continue };
        match fact {
            Fact::Published { message, routing_key, .. } => {
                keys.insert(message, routing_key.to_string());
            }
            Fact::Routed { message, queues } => {
                let key = keys.get(&message).cloned().unwrap_or_default();
                taken.extend(queues.iter().map(|queue| (queue.to_string(), key.clone())));
            }
            _ => {}
        }
    }
    taken
}

/// Keys that stand for all that a mask takes, as far as masks of fewer than `words` words can tell them apart: for `*` a
/// word that no mask says, for `#` none, one, and so on. None if there would be too many, or one too long.
fn samples(mask: &str, words: usize) -> Vec<String> {
    let mut keys: Vec<Vec<&str>> = vec![Vec::new()];
    for word in mask.split('.') {
        keys = match word {
            "*" => keys.into_iter().map(|key| [key, vec![ANY_WORD]].concat()).collect(),
            "#" => {
                let longer = |more| keys.iter().map(move |key| [key.clone(), vec![ANY_WORD; more]].concat());
                (0..=words).flat_map(longer).collect()
            }
            word => keys.into_iter().map(|key| [key, vec![word]].concat()).collect(),
        };
        if keys.len() > MOST_KEYS {
            return Vec::new();
        }
    }
    let keys: Vec<String> = keys.into_iter().map(|key| key.join(".")).collect();
    if keys.iter().any(|key| key.len() > usize::from(u8::MAX)) { Vec::new() } else { keys }
}

fn kind(scenario: &Scenario, name: &str) -> ExchangeType {
    let declared = scenario.exchanges.iter().find(|exchange| exchange.name == name);
    declared.map_or_else(
        || match name {
            "amq.fanout" => ExchangeType::Fanout,
            "amq.topic" => ExchangeType::Topic,
            "amq.headers" | "amq.match" => ExchangeType::Headers,
            _ => ExchangeType::Direct,
        },
        Exchange::rule,
    )
}
