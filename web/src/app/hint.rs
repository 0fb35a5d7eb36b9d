//! What can be done on the stage, in a sentence: it names what is there, and fits mouse, finger and keys.

use warren_sim::{Mishap, Scenario};

use crate::i18n::{Lang, say};

/// More consumers than this are many.
const MANY: usize = 12;

/// The sentence above the stage.
pub(super) fn hint(lang: Lang, scenario: &Scenario, is_touched: bool) -> String {
    let is_empty = scenario.actor_names().next().is_none() && scenario.queues.is_empty();
    if is_empty && scenario.exchanges.is_empty() {
        return lang
            .say("Nothing is here yet: begin with a queue and a producer, from the bar above.")
            .to_owned();
    }
    if is_touched {
        return lang.say("Select a message to read its story, or drag the bar of time back.").to_owned();
    }
    if scenario.disk.is_some() {
        return lang
            .say(
                "Select the disk to cut the broker's power. Outlined: in memory. Filled: in the cache. On the lowest shelf: synced.")
            .to_owned();
    }
    let crashes_by_itself = scenario.faults.iter().any(|fault| matches!(fault.what, Mishap::Crash { .. }));
    // Among many nobody sees at once which one is meant.
    let is_plain = !crashes_by_itself && scenario.consumers.len() <= MANY;
    match scenario.consumers.first().filter(|_| is_plain) {
        Some(consumer) => say!(lang, "Select {name} and crash it.", name = consumer.name),
        None => lang.say("Select anything on the stage to see what you can do to it.").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use warren_sim::{Consumer, Scenario, lessons};

    use super::hint;
    use crate::i18n::Lang;

    fn of(id: &str, lang: Lang) -> String {
        let lesson = lessons::find(id).expect("a lesson");
        hint(lang, &Scenario::parse(lesson.id, lesson.toml).expect("a good file"), false)
    }

    #[test]
    fn it_names_a_consumer_that_is_there() {
        assert_eq!(of("hello", Lang::ENGLISH), "Select consumer and crash it.");
        assert_eq!(of("work-queue", Lang::russian()), "Выберите worker-1 и уроните его.");
    }

    #[test]
    fn it_asks_for_no_crash_where_nobody_consumes_or_one_crashes_by_itself() {
        for id in ["confirms", "crash-with-ack", "single-active"] {
            assert!(!of(id, Lang::ENGLISH).contains("crash"), "{id}: {}", of(id, Lang::ENGLISH));
        }
        assert!(hint(Lang::ENGLISH, &Scenario::new("empty"), true).contains("begin with a queue"));
        let consumers = (0..30).map(|number| Consumer::new(&format!("c{number}"), "q")).collect();
        let crowd = Scenario { consumers, ..Scenario::new("crowd") };
        assert!(!hint(Lang::ENGLISH, &crowd, false).contains("crash"), "which of thirty nobody sees at once");
    }
}
