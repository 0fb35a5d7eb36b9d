//! From a scenario to its file.

use serde::Serialize;
use warren_core::ordered::OrdMap;

use super::{
    Binding, BrokerPlan, Consumer, DiskPlan, Exchange, LessonPlan, NetworkPlan, Producer, Queue, Scenario,
    Text,
    fault::Entry,
    values::{self, is_default},
};
use crate::document;

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
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    positions: &'a OrdMap<String, (i32, i32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lesson: Option<&'a LessonPlan>,
}

fn is_plain(plan: &&BrokerPlan) -> bool {
    is_default(*plan)
}

pub(super) fn toml(scenario: &Scenario) -> String {
    with_file(scenario, |file| {
        // A scenario holds nothing that TOML cannot say; if it did, what reads the file would say so at once.
        document::to_string(file).unwrap_or_default()
    })
}

fn with_file<T>(scenario: &Scenario, write: impl FnOnce(&File<'_>) -> T) -> T {
    let faults: Vec<Entry> = scenario.faults.iter().map(Entry::from).collect();
    write(&File {
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
        lesson: scenario.lesson.as_ref(),
    })
}

#[cfg(test)]
mod tests {
    use super::with_file;
    use crate::{Scenario, generate, lessons, swarm};

    #[test]
    fn it_is_written_as_the_toml_crate_writes_it() {
        let lessons =
            lessons::all().iter().map(|lesson| Scenario::parse(lesson.id, lesson.toml).expect("a good file"));
        let made_up = (0..200).map(|seed| swarm(&generate(seed), seed));
        for mut scenario in lessons.chain(made_up) {
            scenario.title.ru = "\"Кавычки\", 'и'\nстроки\t\u{7f}".into();
            scenario.positions.insert("queue a.b".into(), (-3, 7));
            let expected = with_file(&scenario, |file| toml::to_string(file).expect("it can be said"));
            assert_eq!(scenario.to_toml(), expected);
        }
    }
}
