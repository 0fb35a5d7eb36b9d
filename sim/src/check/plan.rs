//! What the checks take from the scenario, because no event tells of it.

use std::collections::{BTreeMap, BTreeSet};

use warren_core::{
    Behaviours, Name,
    event::{Destination, ExchangeKind},
    wire::{FieldTable, FieldValue},
};

use super::{book::Terms, routes::Declared};
use crate::{ActorId, ExchangeType, Scenario};

/// What only the scenario knows.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What the broker does where releases of RabbitMQ differ.
    pub(super) compat: Behaviours,
    pub(super) terms: BTreeMap<Name, Terms>,
    /// Who may take from exclusive queues: those on the connection that takes from it.
    pub(super) exclusive_owners: BTreeSet<(Name, ActorId)>,
    pub(super) consumer_priorities: BTreeMap<Name, i64>,
    pub(super) transactions: BTreeSet<ActorId>,
    pub(super) alternate: BTreeMap<Name, Name>,
    /// What exchanges that hold messages back do with them afterwards.
    pub(super) delayed: BTreeMap<Name, ExchangeKind>,
    pub(super) arguments: BTreeMap<(Name, Destination, Name), FieldTable>,
    pub(super) has_disk: bool,
    /// The broker keeps little in memory, and much only on the disk.
    pub(super) pages: bool,
}

impl Plan {
    pub(super) fn of(scenario: &Scenario) -> Plan {
        let ids = || (0..).map(ActorId);
        let queues = scenario.queues.iter();
        let owners = ids().zip(scenario.actor_names()).flat_map(|(id, actor)| {
            scenario.exclusive_queues_of(actor).map(move |queue| (Name::from(queue), id))
        });
        let alternate = scenario.exchanges.iter().filter_map(|exchange| {
            let alternate = exchange.arguments.get("alternate-exchange")?.as_text()?;
            Some((Name::from(exchange.name.as_str()), Name::from(alternate)))
        });
        let delayed =
            scenario.exchanges.iter().filter(|exchange| exchange.kind == ExchangeType::DelayedMessage);
        let delayed = delayed.filter_map(|exchange| {
            let rule = exchange.rule().as_str();
            let kind = ExchangeKind::ALL.into_iter().find(|kind| kind.as_str() == rule)?;
            Some((Name::from(exchange.name.as_str()), kind))
        });
        let arguments = scenario.bindings.iter().filter_map(|binding| {
            let to = match (&binding.queue, &binding.to_exchange) {
                (Some(queue), _) => Destination::Queue(queue.as_str().into()),
                (None, to) => Destination::Exchange(to.as_deref()?.into()),
            };
            let key = (binding.exchange.as_str().into(), to, binding.routing_key.as_str().into());
            Some((key, binding.arguments.clone()))
        });
        let by_priority =
            scenario.consumers.iter().filter_map(|consumer| match consumer.arguments.get("x-priority") {
                Some(FieldValue::I64(priority)) => Some((consumer.name.as_str().into(), *priority)),
                _ => None,
            });
        let compat = scenario.broker.compat.unwrap_or_default().behaviours();
        Plan {
            compat,
            terms: queues.map(|queue| (queue.name.as_str().into(), Terms::of(&queue.arguments))).collect(),
            exclusive_owners: owners.collect(),
            consumer_priorities: by_priority.collect(),
            transactions: ids()
                .zip(&scenario.producers)
                .filter(|(_, producer)| producer.transaction > 0)
                .map(|(id, _)| id)
                .collect(),
            alternate: alternate.collect(),
            delayed: delayed.collect(),
            arguments: arguments.collect(),
            has_disk: scenario.disk.is_some(),
            pages: scenario.broker.memory_budget.is_some(),
        }
    }

    pub(super) fn declared(&self) -> Declared<'_> {
        Declared { alternate: &self.alternate, delayed: &self.delayed, arguments: &self.arguments }
    }
}
