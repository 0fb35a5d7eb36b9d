//! A property that a seed breaks: made smaller, told as a story, and written to a replay file.

use std::{fs, path::Path};

use warren_sim::{
    Ending, Replay, Scenario, Trial, WorldEvent,
    check::{Property, Violation},
    shrink,
};

use super::{args::SimArgs, print};
use crate::failure::Failure;

/// The commit that this program was built from, if the build knew.
const COMMIT: &str = match option_env!("WARREN_COMMIT") {
    Some(commit) => commit,
    None => "",
};

/// What a failing seed comes down to.
pub(super) struct Finding {
    pub(super) seed: u64,
    pub(super) replay: Replay,
    pub(super) violation: Option<Violation>,
    story: String,
    events: usize,
}

impl Finding {
    /// Shrinks what a seed plays as long as it breaks the same property.
    pub(super) fn of(args: &SimArgs, scenario: &Scenario, seed: u64, violation: &Violation) -> Finding {
        let (ending, wishes) = (args.ending(), args.demand.as_slice());
        let mut smaller = shrink(scenario, seed, ending, wishes, violation);
        smaller.title.en = format!("{}: {}", violation.property.name(), scenario.title.en);
        let mut events: Vec<WorldEvent> = Vec::new();
        let trial = Trial::new(&smaller, seed).wishing(wishes);
        let outcome = trial.run(ending, |event| events.push(event.clone()));
        let violation = outcome.violation().cloned();
        let story = violation.as_ref().map(|violation| print::story(&smaller, violation, &events));
        let replay = Replay::of(&smaller, seed, ending, wishes, COMMIT);
        Finding { seed, replay, violation, story: story.unwrap_or_default(), events: events.len() }
    }

    /// Writes the replay file, and says where.
    pub(super) fn write(&self, folder: &Path) -> Result<String, Failure> {
        let property = self.replay.header.property.map_or("fine", Property::name);
        let path = folder.join(format!("{property}-{}.toml", self.seed));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, self.replay.to_toml()))
            .map_err(|error| Failure::system(format!("cannot write {}: {error}", path.display())))?;
        Ok(path.display().to_string())
    }

    /// For a person: the property, the story of the message that shows it, and how to see it again.
    pub(super) fn text(&self, again: &str, file: &str) -> String {
        let Some(violation) = &self.violation else { return String::new() };
        let (name, sentence) = (violation.property.name(), violation.property.sentence());
        let scenario = &self.replay.scenario;
        let heals = if self.replay.ending() == Ending::Healed { ", then all is healed" } else { "" };
        format!(
            "{name} does not hold: {sentence}\n  at {} s, {}\n\n{}\n\
             Shrunk to {}, {}, {}, {} and {} in {}{heals}.\n\
             \x20 again      {again}\n  smaller    warren replay {file}\n  picture    warren replay {file} --link\n  commit     {}\n",
            violation.at,
            print::subject(violation),
            self.story,
            print::counted(scenario.producers.len(), "producer"),
            print::counted(scenario.consumers.len(), "consumer"),
            print::counted(scenario.queues.len(), "queue"),
            print::counted(scenario.faults.len(), "fault"),
            print::counted(self.events, "event"),
            humantime::format_duration(scenario.until),
            if COMMIT.is_empty() { "unknown" } else { COMMIT },
        )
    }
}
