//! From a scenario to its file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Binding, BrokerPlan, Consumer, DiskPlan, Exchange, NetworkPlan, Producer, Queue, Scenario, Text,
    fault::Entry,
    values::{self, is_default},
};

/// The file as it is written.
#[derive(Serialize)]
struct File<'a> {
    #[serde(with = "values::duration")]
    until: std::time::Duration,
    title: &'a Text,
    summary: &'a Text,
    network: &'a NetworkPlan,
    #[serde(skip_serializing_if = "is_plain")]
    broker: &'a BrokerPlan,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk: Option<&'a DiskPlan>,
    #[serde(rename = "exchange", skip_serializing_if = "<[_]>::is_empty")]
    exchanges: &'a [Exchange],
    #[serde(rename = "queue", skip_serializing_if = "<[_]>::is_empty")]
    queues: &'a [Queue],
    #[serde(rename = "binding", skip_serializing_if = "<[_]>::is_empty")]
    bindings: &'a [Binding],
    #[serde(rename = "producer", skip_serializing_if = "<[_]>::is_empty")]
    producers: &'a [Producer],
    #[serde(rename = "consumer", skip_serializing_if = "<[_]>::is_empty")]
    consumers: &'a [Consumer],
    #[serde(rename = "fault", skip_serializing_if = "<[_]>::is_empty")]
    faults: &'a [Entry],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    positions: &'a BTreeMap<String, (i32, i32)>,
}

fn is_plain(plan: &&BrokerPlan) -> bool {
    is_default(*plan)
}

pub(super) fn toml(scenario: &Scenario) -> String {
    let faults: Vec<Entry> = scenario.faults.iter().map(Entry::from).collect();
    let file = File {
        until: scenario.until,
        title: &scenario.title,
        summary: &scenario.summary,
        network: &scenario.network,
        broker: &scenario.broker,
        disk: scenario.disk.as_ref(),
        exchanges: &scenario.exchanges,
        queues: &scenario.queues,
        bindings: &scenario.bindings,
        producers: &scenario.producers,
        consumers: &scenario.consumers,
        faults: &faults,
        positions: &scenario.positions,
    };
    // A scenario holds nothing that TOML cannot say; if it did, what reads the file would say so at once.
    ::toml::to_string(&file).unwrap_or_default()
}
