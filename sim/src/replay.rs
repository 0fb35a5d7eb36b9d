//! Replay files: a scenario that shows something, with what it takes to see it again, byte for byte.
//!
//! A replay file is a scenario file with a `[replay]` section, so that whatever opens scenarios opens it, too.

use std::time::Duration;

use crate::{
    Ending, Fault, Mishap, Scenario, ScenarioError, Trial,
    check::Property,
    document::{self, Fields, Record},
    scenario::Mistake,
    trace::TraceHash,
    trial::Outcome,
};

/// The format that this version writes. Older ones are read.
pub const FORMAT: u32 = 1;

/// How much longer a replay is played that heals, where no check says when it is calm.
const AFTERWARDS: Duration = Duration::from_secs(30);

/// What makes a scenario a replay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// What is needed to see it again.
    pub header: ReplayHeader,
    /// What is played.
    pub scenario: Scenario,
}

/// `[replay]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplayHeader {
    /// The format of the file: [`FORMAT`].
    pub format: u32,
    /// The version of Warren that wrote it.
    pub version: String,
    /// The commit that it was built from, if it knew.
    pub commit: String,
    /// The seed of the world.
    pub seed: u64,
    /// Whether everything is healed in the end.
    pub heals: bool,
    /// The properties that were looked at although no broker promises them.
    pub wishes: Vec<Property>,
    /// What did not hold, if anything.
    pub property: Option<Property>,
    /// What was wrong, in words.
    pub detail: String,
    /// The SHA-256 of all that happened ([`crate::trace_hash`]): a replay that has the same saw the same.
    pub trace: String,
}

impl Record for ReplayHeader {
    fn plain() -> Self {
        ReplayHeader {
            format: FORMAT,
            version: String::new(),
            commit: String::new(),
            seed: 0,
            heals: false,
            wishes: Vec::new(),
            property: None,
            detail: String::new(),
            trace: String::new(),
        }
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("format", &mut self.format);
        fields.needed("version", &mut self.version);
        fields.optional("commit", &mut self.commit);
        fields.needed("seed", &mut self.seed);
        fields.needed("heals", &mut self.heals);
        fields.optional("wishes", &mut self.wishes);
        fields.optional("property", &mut self.property);
        fields.optional("detail", &mut self.detail);
        fields.needed("trace", &mut self.trace);
    }
}

impl Replay {
    /// Plays `scenario` and writes down what it takes to do so again.
    #[must_use]
    pub fn of(scenario: &Scenario, seed: u64, ending: Ending, wishes: &[Property], commit: &str) -> Replay {
        // As the file will have it: the order of arguments may differ, and with it the bytes on the wire.
        let scenario = Scenario::parse("replay", &scenario.to_toml()).unwrap_or_else(|_| scenario.clone());
        let (outcome, trace) = trial(&scenario, seed, ending, wishes);
        let violation = outcome.violation();
        let header = ReplayHeader {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            commit: commit.into(),
            seed,
            heals: ending == Ending::Healed,
            wishes: wishes.to_vec(),
            property: violation.map(|violation| violation.property),
            detail: violation.map(|violation| violation.detail.clone()).unwrap_or_default(),
            trace,
        };
        Replay { header, scenario }
    }

    /// Reads a replay file. `file` is the name that errors begin with.
    ///
    /// # Errors
    /// As [`Scenario::parse`], and a file that is a scenario, but no replay, or of a format that is newer than this.
    pub fn parse(file: &str, text: &str) -> Result<Replay, ScenarioError> {
        let wrong = |message: String| ScenarioError { file: file.into(), line: 1, message };
        let scenario = Scenario::parse(file, text)?;
        let header = document::read_section(text, "replay")
            .map_err(|error| ScenarioError::new(file, text, Mistake::from_document(error)))?;
        let Some(header): Option<ReplayHeader> = header else {
            return Err(wrong("this is a scenario and no replay: play it with warren sim".into()));
        };
        if header.format > FORMAT {
            let format = header.format;
            return Err(wrong(format!(
                "[replay]: format {format} is newer than this Warren knows ({FORMAT}); use version {} or later",
                header.version
            )));
        }
        Ok(Replay { header, scenario })
    }

    /// The file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let header = document::write(&self.header);
        format!("{}\n[replay]\n{header}", self.scenario.to_toml())
    }

    /// How the trial ends.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        if self.header.heals { Ending::Healed } else { Ending::AsItIs }
    }

    /// The scenario for whoever plays it without a trial: with the healing as the last of what befalls it, and time to
    /// see what comes of that.
    #[must_use]
    pub fn staged(&self) -> Scenario {
        let mut scenario = self.scenario.clone();
        if self.header.heals {
            scenario.faults.push(Fault { at: scenario.until, what: Mishap::Heal });
            scenario.until += AFTERWARDS;
        }
        scenario
    }

    /// Plays it again: what came of it, and whether that is what the file says, to the byte.
    #[must_use]
    pub fn again(&self) -> (Outcome, bool) {
        let (outcome, trace) = trial(&self.scenario, self.header.seed, self.ending(), &self.header.wishes);
        (outcome, trace == self.header.trace)
    }
}

/// Plays a trial and hashes all that happens in it.
#[must_use]
pub fn trial(scenario: &Scenario, seed: u64, ending: Ending, wishes: &[Property]) -> (Outcome, String) {
    let mut hash = TraceHash::default();
    let outcome = Trial::new(scenario, seed).wishing(wishes).run(ending, |event| hash.add(event));
    (outcome, hash.finish())
}
