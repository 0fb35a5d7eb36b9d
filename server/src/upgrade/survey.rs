//! What a file of definitions says, with the policies that hold for each queue: what the rules look at.

use std::collections::{BTreeMap, BTreeSet};

use warren_core::{
    Policy, Release,
    wire::{FieldTable, FieldValue},
};
use warren_definitions::{BindingElement, Definitions, ExchangeElement, QueueElement};

/// Definitions, prepared for looking at.
pub(super) struct Survey {
    pub(super) definitions: Definitions,
    /// The release that the file is used with now.
    pub(super) from: Release,
    /// What policies say of each queue, in the order of the file.
    said: Vec<FieldTable>,
}

/// Something in the file that a finding is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Spot {
    /// The line that it begins on, from 1.
    pub(super) line: u32,
    /// `queue`, `policy`, `exchange`, `binding` or `user`.
    pub(super) kind: &'static str,
    /// Its name; of a binding, where from and where to.
    pub(super) name: String,
    /// The virtual host; empty for users.
    pub(super) vhost: String,
}

impl Survey {
    pub(super) fn of(definitions: Definitions, from: Release) -> Survey {
        let mut policies: BTreeMap<String, Vec<Policy>> = BTreeMap::new();
        for policy in definitions.core_policies() {
            policies.entry(policy.vhost.clone()).or_default().push(policy);
        }
        let said = |queue: &QueueElement| {
            let policies = policies.get(&queue.vhost).map(Vec::as_slice).unwrap_or_default();
            Policy::effective(policies, &queue.vhost, Some(queue.kind()), &queue.name)
        };
        let said = definitions.queues.iter().map(said).collect();
        Survey { definitions, from, said }
    }

    /// The queues for which something is so; `setting` says what holds for one, by a policy's key (`message-ttl`).
    pub(super) fn queues(&self, is_so: impl Fn(&QueueElement, Setting<'_>) -> bool) -> Vec<Spot> {
        let queues = self.definitions.queues.iter().zip(&self.said);
        let found =
            queues.filter(|(queue, said)| is_so(queue, Setting { arguments: &queue.arguments, said }));
        found.map(|(queue, _)| of_queue(queue)).collect()
    }

    /// The exchanges for which something is so.
    pub(super) fn exchanges(&self, is_so: impl Fn(&ExchangeElement) -> bool) -> Vec<Spot> {
        self.definitions.exchanges.iter().filter(|exchange| is_so(exchange)).map(of_exchange).collect()
    }

    /// The bindings of exchanges of this type for which something is so.
    pub(super) fn bindings(&self, kind: &str, is_so: impl Fn(&BindingElement) -> bool) -> Vec<Spot> {
        let of_kind = |binding: &&BindingElement| {
            let is_source = |it: &&ExchangeElement| it.vhost == binding.vhost && it.name == binding.source;
            let own = matches!(binding.source.as_str(), "amq.headers" | "amq.match") && kind == "headers";
            own || self.definitions.exchanges.iter().find(is_source).is_some_and(|it| is_a(it, kind))
        };
        let found = self.definitions.bindings.iter().filter(of_kind).filter(|binding| is_so(binding));
        found.map(of_binding).collect()
    }

    /// Bindings from exchanges, or to queues or exchanges, that are not in the file.
    pub(super) fn bound_to_nothing(&self) -> Vec<Spot> {
        let Definitions { queues, exchanges, bindings, .. } = &self.definitions;
        let names = |vhost: &str, name: &str| (vhost.to_owned(), name.to_owned());
        let queues: BTreeSet<_> = queues.iter().map(|it| names(&it.vhost, &it.name)).collect();
        let exchanges: BTreeSet<_> = exchanges.iter().map(|it| names(&it.vhost, &it.name)).collect();
        let is_exchange = |vhost: &str, name: &str| {
            name.is_empty() || name.starts_with("amq.") || exchanges.contains(&names(vhost, name))
        };
        let leads_nowhere = |it: &&BindingElement| {
            let is_there = match it.to_exchange {
                true => is_exchange(&it.vhost, &it.destination),
                false => queues.contains(&names(&it.vhost, &it.destination)),
            };
            !is_there || !is_exchange(&it.vhost, &it.source)
        };
        bindings.iter().filter(leads_nowhere).map(of_binding).collect()
    }

    /// Durable queues without a type of their own, in virtual hosts whose queues are not classic by default.
    pub(super) fn of_default_type(&self) -> Vec<Spot> {
        let types = &self.definitions.default_queue_types;
        let is_changed = |vhost: &str| types.get(vhost).is_some_and(|kind| kind != "classic");
        self.queues(|queue, setting| {
            let is_typed = setting.argument("queue-type").is_some();
            queue.durable && !queue.auto_delete && !is_typed && is_changed(&queue.vhost)
        })
    }

    /// The policies and operator policies that say one of these keys.
    pub(super) fn policies(&self, keys: &[&str]) -> Vec<Spot> {
        let says = |definition: &FieldTable| keys.iter().any(|key| definition.get(key).is_some());
        let found = self.definitions.policies.iter().filter(|policy| says(&policy.definition));
        let spot = |policy: &warren_definitions::PolicyElement| Spot {
            line: policy.line,
            kind: if policy.operators { "operator policy" } else { "policy" },
            name: policy.name.clone(),
            vhost: policy.vhost.clone(),
        };
        found.map(spot).collect()
    }

    /// Whether there is a queue of this type.
    pub(super) fn has(&self, kind: &str) -> bool {
        self.definitions.queues.iter().any(|queue| queue.kind() == kind)
    }

    /// Whether a queue has the one priority 0.
    pub(super) fn has_priority_0(&self) -> bool {
        let is_0 = |setting: Setting<'_>| {
            setting.argument("max-priority").and_then(FieldValue::as_integer) == Some(0)
        };
        !self.queues(|_, setting| is_0(setting)).is_empty()
    }

    /// Whether a queue gives messages to a dead-letter exchange.
    pub(super) fn has_dead_letters(&self) -> bool {
        !self.queues(|_, setting| setting.is("dead-letter-exchange")).is_empty()
    }
}

/// What holds for a queue.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    arguments: &'a FieldTable,
    said: &'a FieldTable,
}

impl Setting<'_> {
    /// Whether an argument or a policy says it.
    pub(super) fn is(&self, key: &str) -> bool {
        self.argument(key).or_else(|| self.said.get(key)).is_some()
    }

    /// What the argument says, by the policy's key.
    pub(super) fn argument(&self, key: &str) -> Option<&FieldValue> {
        self.arguments.get(&format!("x-{key}"))
    }
}

/// Whether an exchange routes like this, perhaps after a delay.
pub(super) fn is_a(exchange: &ExchangeElement, kind: &str) -> bool {
    let behind = exchange.arguments.get("x-delayed-type").and_then(FieldValue::as_text);
    exchange.kind == kind || (exchange.kind == "x-delayed-message" && behind == Some(kind))
}

pub(super) fn of_queue(queue: &QueueElement) -> Spot {
    Spot { line: queue.line, kind: "queue", name: queue.name.clone(), vhost: queue.vhost.clone() }
}

pub(super) fn of_exchange(exchange: &ExchangeElement) -> Spot {
    Spot { line: exchange.line, kind: "exchange", name: exchange.name.clone(), vhost: exchange.vhost.clone() }
}

pub(super) fn of_binding(binding: &BindingElement) -> Spot {
    let name = format!("{} → {} ({})", binding.source, binding.destination, binding.routing_key);
    Spot { line: binding.line, kind: "binding", name, vhost: binding.vhost.clone() }
}
