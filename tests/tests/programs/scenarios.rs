//! What is played: the lessons, and one scenario with what no lesson has, in a twentieth of the time.

use std::time::Duration;

use warren_programs::Language;
use warren_sim::{
    Frequency, Lapse, Scenario, lessons,
    warren_core::wire::{FieldTable, FieldValue},
};

/// What no lesson has.
pub(crate) const ODDS: &str = include_str!("odds.toml");

/// So many times as fast.
const SPEED: u32 = 20;

/// Every lesson, and the odds.
pub(crate) fn all(language: Language) -> Vec<(&'static str, Scenario)> {
    // A program that the broker refuses ends with an error, as it should: there is nothing to compare.
    let lessons = lessons::all().iter().filter(|lesson| lesson.id != "redeclare");
    let lessons = lessons.map(|lesson| (lesson.id, lesson.toml));
    let all = lessons.chain([("odds", ODDS)]).map(|(name, toml)| {
        let mut scenario = hurried(name, toml);
        if language == Language::JavaScript {
            // amqplib has no transactions, and rolls nothing back.
            scenario.producers.iter_mut().for_each(|producer| producer.rolls_back = Frequency::Never);
        }
        (name, scenario)
    });
    all.collect()
}

/// A scenario in which nothing goes wrong, and all takes less time.
pub(crate) fn hurried(name: &str, toml: &str) -> Scenario {
    let mut scenario = Scenario::parse(name, toml).expect("a good file");
    scenario.faults.clear();
    scenario.disk = None;
    scenario.network.latency /= SPEED;
    for queue in &mut scenario.queues {
        hurry_arguments(&mut queue.arguments);
    }
    for producer in &mut scenario.producers {
        producer.start /= SPEED;
        producer.interval = hurry(producer.interval);
        producer.work.iter_mut().for_each(|work| *work /= SPEED);
    }
    for consumer in &mut scenario.consumers {
        // Who comes late takes that long: by then the others have to be at work, however slowly their programs start.
        consumer.work = consumer.work.map(hurry);
    }
    scenario
}

fn hurry(time: Lapse) -> Lapse {
    let less = |time: Duration| time / SPEED;
    match time {
        Lapse::Fixed(time) => Lapse::Fixed(less(time)),
        Lapse::Between(from, to) => Lapse::Between(less(from), less(to)),
        Lapse::About(mean) => Lapse::About(less(mean)),
    }
}

fn hurry_arguments(arguments: &mut FieldTable) {
    if let Some(FieldValue::I64(ttl)) = arguments.get("x-message-ttl").cloned() {
        arguments.insert("x-message-ttl", FieldValue::I64(ttl / i64::from(SPEED)));
    }
}
