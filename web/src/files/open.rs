//! Files that the page opens: scenarios, replays of `warren sim`, and RabbitMQ's definitions.

use warren_sim::{Moment, Replay, Scenario, scenario_of_definitions_in, warren_core::Instant};

use crate::i18n::{Lang, say};

/// A file that was opened.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Opened {
    pub(crate) moment: Moment,
    /// What the visitor is told.
    pub(crate) notice: Option<String>,
}

/// Without a replay everyone sees the same.
const SEED: u64 = 1;

/// What a file has. `name` is what its errors begin with.
///
/// # Errors
/// What is wrong with it, with file, line and field.
pub(crate) fn open(lang: Lang, name: &str, text: &str) -> Result<Opened, String> {
    if text.trim_start().starts_with('{') {
        let scenario = scenario_of_definitions_in(lang.catalogue(), name, text, None)
            .map_err(|error| error.to_string())?;
        let notice = lang.say("RabbitMQ's definitions, with a load that Warren has made up");
        let moment = Moment { scenario, seed: SEED, at: Instant::ZERO };
        return Ok(Opened { moment, notice: Some(notice.to_owned()) });
    }
    if is_replay(text) {
        let replay = Replay::parse(name, text).map_err(|error| error.to_string())?;
        let (scenario, header) = (replay.staged(), replay.header);
        let what = match (&header.property, header.detail.as_str()) {
            (Some(_), detail) if !detail.is_empty() => detail.to_owned(),
            _ => lang.say("nothing was broken").to_owned(),
        };
        let notice = say!(lang, "Replay of seed {seed}: {what}", seed = header.seed, what);
        let moment = Moment { scenario, seed: header.seed, at: Instant::ZERO };
        return Ok(Opened { moment, notice: Some(notice) });
    }
    let scenario = Scenario::parse(name, text).map_err(|error| error.to_string())?;
    Ok(Opened { moment: Moment { scenario, seed: SEED, at: Instant::ZERO }, notice: None })
}

fn is_replay(text: &str) -> bool {
    text.lines().any(|line| line.trim() == "[replay]")
}

#[cfg(test)]
mod tests {
    use warren_sim::{Ending, Replay, Scenario, lessons};

    use super::open;
    use crate::i18n::Lang;

    #[test]
    fn scenarios_replays_and_definitions_are_told_apart() {
        let lesson = lessons::find("crash-with-ack").expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let opened = open(Lang::ENGLISH, "mine.toml", lesson.toml).expect("a scenario");
        assert_eq!(
            (opened.moment.scenario.clone(), opened.moment.seed, opened.notice),
            (scenario.clone(), 1, None)
        );
        let replay = Replay::of(&scenario, 17, Ending::AsItIs, &[], "").to_toml();
        let opened = open(Lang::ENGLISH, "failed.toml", &replay).expect("a replay");
        let expected = (17, Some("Replay of seed 17: nothing was broken".to_owned()));
        assert_eq!((opened.moment.seed, opened.notice), expected);
        let definitions = r#"{ "queues": [{ "name": "orders", "vhost": "/", "durable": true }] }"#;
        let opened = open(Lang::ENGLISH, "definitions.json", definitions).expect("definitions");
        assert_eq!(opened.moment.scenario.queues[0].name, "orders");
        let wrong = lesson.toml.replace("queue = \"tasks\"", "queue = \"taks\"");
        let error = open(Lang::ENGLISH, "mine.toml", &wrong).expect_err("no such queue");
        assert!(error.starts_with("mine.toml:") && error.contains("tasks"), "{error}");
    }
}
