//! A scenario as its file has it.

use std::{ops::Range, time::Duration};

use toml::Spanned;
use warren_core::ordered::OrdMap;

use super::{
    BROKER, Binding, BrokerPlan, Consumer, Declaration, DiskPlan, Exchange, Fault, LessonPlan, NetworkPlan,
    Producer, Queue, Scenario, Seat, Text, entry, lesson,
};
use crate::document::{Error, Field, Fields, Node, Record, Value};

/// The file. The spans lead an error back to its line.
#[derive(Clone)]
pub(super) struct File {
    pub(super) until: Duration,
    pub(super) title: Text,
    pub(super) summary: Text,
    pub(super) network: NetworkPlan,
    pub(super) broker: BrokerPlan,
    pub(super) disk: Option<DiskPlan>,
    pub(super) exchanges: Vec<Spanned<Exchange>>,
    pub(super) queues: Vec<Spanned<Queue>>,
    pub(super) bindings: Vec<Spanned<Binding>>,
    pub(super) producers: Vec<Spanned<Producer>>,
    pub(super) consumers: Vec<Spanned<Consumer>>,
    pub(super) faults: Vec<Spanned<entry::Entry>>,
    pub(super) positions: OrdMap<String, (i32, i32)>,
    pub(super) lesson: Option<Spanned<lesson::Entry>>,
}

impl Record for File {
    fn plain() -> Self {
        File::of(&Scenario::new(""))
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("until", &mut self.until);
        fields.needed("title", &mut self.title);
        fields.needed("summary", &mut self.summary);
        fields.shown("network", &mut self.network);
        fields.optional("broker", &mut self.broker);
        fields.optional("disk", &mut self.disk);
        fields.optional("exchange", &mut self.exchanges);
        fields.optional("queue", &mut self.queues);
        fields.optional("binding", &mut self.bindings);
        fields.optional("producer", &mut self.producers);
        fields.optional("consumer", &mut self.consumers);
        fields.optional("fault", &mut self.faults);
        fields.optional("positions", &mut self.positions);
        fields.optional("lesson", &mut self.lesson);
        fields.optional("replay", &mut Elsewhere);
    }
}

/// `[replay]`: what makes a scenario a replay; [`crate::Replay`] reads that.
struct Elsewhere;

impl Field for Elsewhere {
    fn read(_: &Node<'_>) -> Result<Self, Error> {
        Ok(Elsewhere)
    }

    fn write(&self) -> Option<Value> {
        None
    }
}

impl File {
    /// As it is written.
    pub(super) fn of(scenario: &Scenario) -> File {
        File {
            until: scenario.until,
            title: scenario.title.clone(),
            summary: scenario.summary.clone(),
            network: scenario.network.clone(),
            broker: scenario.broker.clone(),
            disk: scenario.disk.clone(),
            exchanges: scenario.exchanges.iter().cloned().map(unplaced).collect(),
            queues: scenario.queues.iter().cloned().map(unplaced).collect(),
            bindings: scenario.bindings.iter().cloned().map(unplaced).collect(),
            producers: scenario.producers.iter().cloned().map(unplaced).collect(),
            consumers: scenario.consumers.iter().cloned().map(unplaced).collect(),
            faults: scenario.faults.iter().map(entry::Entry::from).map(unplaced).collect(),
            positions: scenario.positions.clone(),
            lesson: scenario.lesson.as_ref().map(lesson::Entry::of).map(unplaced),
        }
    }

    /// What it means, with what its faults and its lesson mean.
    pub(super) fn scenario(self, faults: Vec<Fault>, lesson: Option<LessonPlan>) -> Scenario {
        Scenario {
            title: self.title,
            summary: self.summary,
            until: self.until,
            lesson,
            network: self.network,
            broker: self.broker,
            disk: self.disk,
            exchanges: strip(self.exchanges),
            queues: strip(self.queues),
            bindings: strip(self.bindings),
            producers: strip(self.producers),
            consumers: strip(self.consumers),
            faults,
            positions: self.positions,
        }
    }

    pub(super) fn actors(&self) -> impl Iterator<Item = &str> {
        let producers = self.producers.iter().map(|producer| producer.get_ref().name.as_str());
        producers.chain(self.consumers.iter().map(|consumer| consumer.get_ref().name.as_str()))
    }

    pub(super) fn seats(&self) -> impl Iterator<Item = (Seat<'_>, Range<usize>)> {
        let producers = self.producers.iter().map(|producer| (producer.get_ref().seat(), producer.span()));
        let consumers = self.consumers.iter().map(|consumer| (consumer.get_ref().seat(), consumer.span()));
        producers.chain(consumers)
    }

    /// What actors declare differently from the others.
    pub(super) fn declarations(&self) -> impl Iterator<Item = (&Declaration, Range<usize>)> {
        let producers =
            self.producers.iter().map(|producer| (producer.get_ref().declares.as_ref(), producer.span()));
        let consumers =
            self.consumers.iter().map(|consumer| (consumer.get_ref().declares.as_ref(), consumer.span()));
        producers.chain(consumers).filter_map(|(declares, section)| Some((declares?, section)))
    }

    /// Everything that a lesson's step can light up.
    pub(super) fn things(&self) -> Vec<String> {
        let called = |kind: &str, name: &str| format!("{kind} {name}");
        let producers = self.producers.iter().map(|plan| called("producer", &plan.get_ref().name));
        let consumers = self.consumers.iter().map(|plan| called("consumer", &plan.get_ref().name));
        let exchanges = self.exchanges.iter().map(|plan| called("exchange", &plan.get_ref().name));
        let queues = self.queues().map(|name| called("queue", name));
        let broker = [BROKER, "disk"].into_iter().map(str::to_owned);
        producers.chain(consumers).chain(exchanges).chain(queues).chain(broker).collect()
    }

    pub(super) fn queues(&self) -> impl Iterator<Item = &str> {
        self.queues.iter().map(|queue| queue.get_ref().name.as_str())
    }
}

/// Something of a file that is yet to be written.
pub(super) fn unplaced<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

fn strip<T>(spanned: Vec<Spanned<T>>) -> Vec<T> {
    spanned.into_iter().map(Spanned::into_inner).collect()
}

#[cfg(test)]
mod tests {
    use super::File;
    use crate::{Scenario, document::Field, generate, lessons, swarm};

    #[test]
    fn it_is_written_as_the_toml_crate_writes_it() {
        let lessons =
            lessons::all().iter().map(|lesson| Scenario::parse(lesson.id, lesson.toml).expect("a good file"));
        let made_up = (0..200).map(|seed| swarm(&generate(seed), seed));
        for mut scenario in lessons.chain(made_up) {
            scenario.title.set("ru", "\"Кавычки\", 'и'\nстроки\t\u{7f}".into());
            scenario.positions.insert("queue a.b".into(), (-3, 7));
            let table = File::of(&scenario).write().expect("a table");
            assert_eq!(scenario.to_toml(), toml::to_string(&table).expect("it can be said"));
        }
    }
}
