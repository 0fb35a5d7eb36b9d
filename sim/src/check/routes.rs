//! Where messages ought to go: a naive look at every binding, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use warren_core::{
    Name,
    event::{Destination, ExchangeKind},
    wire::{FieldTable, FieldValue},
};

/// Exchanges and bindings, as the broker has told of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes {
    exchanges: BTreeMap<Name, ExchangeBook>,
    bindings: BTreeSet<(Name, Destination, Name)>,
}

#[derive(Clone, Debug)]
struct ExchangeBook {
    kind: ExchangeKind,
    durable: bool,
}

/// What a route depends on.
#[derive(Clone, Copy)]
pub(super) struct Letter<'a> {
    pub(super) exchange: &'a Name,
    pub(super) routing_key: &'a Name,
    pub(super) headers: &'a FieldTable,
    /// It has been held back, and is no more.
    pub(super) has_waited: bool,
}

/// What only the scenario knows of exchanges and bindings.
pub(super) struct Declared<'a> {
    pub(super) alternate: &'a BTreeMap<Name, Name>,
    /// Those that can hold messages back, and what they are otherwise.
    pub(super) delayed: &'a BTreeMap<Name, ExchangeKind>,
    pub(super) arguments: &'a BTreeMap<(Name, Destination, Name), FieldTable>,
}

impl Letter<'_> {
    /// Whether an exchange that can hold it back does.
    fn waits(&self) -> bool {
        let asked_ms = match self.headers.get("x-delay") {
            Some(FieldValue::I64(ms)) => Some(*ms),
            Some(text) => text.as_text().and_then(|text| text.parse().ok()),
            None => None,
        };
        !self.has_waited && asked_ms.is_some_and(|ms| (1..=i64::from(u32::MAX)).contains(&ms))
    }
}

impl Routes {
    pub(super) fn declare(&mut self, exchange: Name, kind: ExchangeKind, durable: bool) {
        self.exchanges.insert(exchange, ExchangeBook { kind, durable });
    }

    pub(super) fn is_durable(&self, exchange: &Name) -> bool {
        self.exchanges.get(exchange).is_some_and(|exchange| exchange.durable)
    }

    pub(super) fn delete(&mut self, exchange: &Name) {
        self.exchanges.remove(exchange);
        let gone = Destination::Exchange(exchange.clone());
        self.bindings.retain(|(from, to, _)| from != exchange && *to != gone);
    }

    pub(super) fn bind(&mut self, exchange: Name, to: Destination, key: Name) {
        self.bindings.insert((exchange, to, key));
    }

    pub(super) fn unbind(&mut self, exchange: &Name, to: &Destination, key: &Name) {
        self.bindings.remove(&(exchange.clone(), to.clone(), key.clone()));
    }

    pub(super) fn delete_queue(&mut self, queue: &Name) {
        let gone = Destination::Queue(queue.clone());
        self.bindings.retain(|(_, to, _)| *to != gone);
    }

    /// The broker has started again: only what is durable is left.
    pub(super) fn restart(&mut self, is_durable_queue: impl Fn(&Name) -> bool) {
        self.exchanges.retain(|_, exchange| exchange.durable);
        let exchanges = &self.exchanges;
        let lasts = |exchange: &Name| exchanges.contains_key(exchange) || is_predeclared(exchange).is_some();
        self.bindings.retain(|(from, to, _)| {
            lasts(from)
                && match to {
                    Destination::Queue(queue) => is_durable_queue(queue),
                    Destination::Exchange(exchange) => lasts(exchange),
                }
        });
    }

    /// The queues that a message should go to, of those there are.
    pub(super) fn find(
        &self,
        letter: Letter<'_>,
        declared: &Declared<'_>,
        is_queue: impl Fn(&Name) -> bool,
    ) -> BTreeSet<Name> {
        let mut found = BTreeSet::new();
        let mut asked = BTreeSet::new();
        let mut to_ask = vec![letter.exchange.clone()];
        while let Some(exchange) = to_ask.pop() {
            if !asked.insert(exchange.clone()) {
                continue;
            }
            if exchange.is_empty() {
                if is_queue(letter.routing_key) {
                    found.insert(letter.routing_key.clone());
                }
                continue;
            }
            let Some(kind) = self.rule(&exchange, declared) else { continue };
            let mut any = false;
            let waits = declared.delayed.contains_key(&exchange) && letter.waits();
            for binding in self.bindings.iter().filter(|(from, _, _)| *from == exchange && !waits) {
                let nothing = FieldTable::default();
                let arguments = declared.arguments.get(binding).unwrap_or(&nothing);
                if !matches(kind, &binding.2, arguments, letter) {
                    continue;
                }
                any = true;
                match &binding.1 {
                    Destination::Queue(queue) => drop(found.insert(queue.clone())),
                    Destination::Exchange(exchange) => to_ask.push(exchange.clone()),
                }
            }
            if let (false, Some(alternate)) = (any, declared.alternate.get(&exchange)) {
                to_ask.push(alternate.clone());
            }
        }
        found
    }

    /// Whether a message got where it should from an exchange: to all the queues that were found, or to some of them if an
    /// exchange on its way may choose.
    pub(super) fn is_right(
        &self,
        exchange: &Name,
        declared: &Declared<'_>,
        got: &BTreeSet<Name>,
        found: &BTreeSet<Name>,
    ) -> bool {
        got == found || (got.is_subset(found) && self.may_choose(exchange, declared))
    }

    /// Whether an exchange that chooses can be reached from this one.
    fn may_choose(&self, exchange: &Name, declared: &Declared<'_>) -> bool {
        let mut reached = BTreeSet::new();
        let mut to_look = vec![exchange];
        while let Some(exchange) = to_look.pop() {
            if !reached.insert(exchange) {
                continue;
            }
            if self.rule(exchange, declared).is_some_and(chooses) {
                return true;
            }
            let bound = self.bindings.iter().filter(|(from, _, _)| from == exchange);
            to_look.extend(bound.filter_map(|(_, to, _)| match to {
                Destination::Exchange(next) => Some(next),
                Destination::Queue(_) => None,
            }));
            to_look.extend(declared.alternate.get(exchange));
        }
        false
    }

    /// How an exchange chooses among its bindings when it holds no message back.
    fn rule(&self, exchange: &Name, declared: &Declared<'_>) -> Option<ExchangeKind> {
        let kind = self.kind(exchange)?;
        Some(declared.delayed.get(exchange).copied().unwrap_or(kind))
    }

    pub(super) fn kind(&self, exchange: &Name) -> Option<ExchangeKind> {
        let known = self.exchanges.get(exchange).map(|exchange| exchange.kind);
        known.or_else(|| is_predeclared(exchange))
    }
}

fn is_predeclared(exchange: &str) -> Option<ExchangeKind> {
    match exchange {
        "amq.direct" => Some(ExchangeKind::Direct),
        "amq.fanout" => Some(ExchangeKind::Fanout),
        "amq.topic" => Some(ExchangeKind::Topic),
        "amq.headers" | "amq.match" => Some(ExchangeKind::Headers),
        _ => None,
    }
}

fn matches(kind: ExchangeKind, key: &str, arguments: &FieldTable, letter: Letter<'_>) -> bool {
    match kind {
        ExchangeKind::Direct => key == &**letter.routing_key,
        ExchangeKind::Fanout | ExchangeKind::RecentHistory => true,
        ExchangeKind::Topic => topic(&split(key), &split(letter.routing_key)),
        ExchangeKind::Headers => headers(arguments, letter.headers),
        kind => chooses(kind),
    }
}

/// Whether an exchange takes one of its bindings, by chance or by a hash: any of them may be right.
const fn chooses(kind: ExchangeKind) -> bool {
    matches!(
        kind,
        ExchangeKind::ConsistentHash
            | ExchangeKind::ModulusHash
            | ExchangeKind::Random
            | ExchangeKind::LocalRandom
    )
}

fn split(text: &str) -> Vec<&str> {
    if text.is_empty() { Vec::new() } else { text.split('.').collect() }
}

/// `*` is one word, `#` any number of them.
fn topic(mask: &[&str], words: &[&str]) -> bool {
    match (mask, words) {
        ([], []) => true,
        (["#", rest @ ..], _) => topic(rest, words) || (!words.is_empty() && topic(mask, &words[1..])),
        (["*", rest @ ..], [_, others @ ..]) => topic(rest, others),
        ([word, rest @ ..], [other, others @ ..]) => word == other && topic(rest, others),
        _ => false,
    }
}

/// All of the binding's headers, or any; those that begin with `x-` count only if it says so.
fn headers(wanted: &FieldTable, has: &FieldTable) -> bool {
    let how = wanted.get("x-match").and_then(FieldValue::as_text).unwrap_or("all");
    let counts = |name: &str| name != "x-match" && (how.ends_with("-with-x") || !name.starts_with("x-"));
    let named = wanted.iter().filter_map(|(name, value)| Some((name.as_str()?, value)));
    let mut counted = named.filter(|(name, _)| counts(name));
    let agrees = |(name, value): (&str, &FieldValue)| has.get(name) == Some(value);
    if how.starts_with("any") { counted.any(agrees) } else { counted.all(agrees) }
}
