//! The options of `warren sim`.

use std::{ops::Range, path::PathBuf, time::Duration};

use clap::Args;
use warren_core::Release;
use warren_sim::{Ending, Scenario, check::Property, generate, swarm};

use super::read;
use crate::{failure::Failure, values};

/// The options of `warren sim`.
#[derive(Args)]
pub(crate) struct SimArgs {
    /// A scenario file, RabbitMQ's definitions.json, or the name of a lesson or an example: hello, work-queue, outbox, saga …
    #[arg(value_name = "FILE", required_unless_present = "generate")]
    pub(super) file: Option<PathBuf>,
    /// Of definitions.json: which virtual host [default: /, or the only one].
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(super) vhost: Option<String>,
    /// Make the topology up, too, from each seed, instead of reading a file.
    #[arg(long, conflicts_with = "file")]
    pub(super) generate: bool,
    /// Where all that is random comes from: the same seed, the same run, to the byte.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Add the faults that the seed decides on, heal everything in the end, and demand that it drains.
    #[arg(long)]
    pub(super) swarm: bool,
    /// Sweep: play every seed from A up to, but without, B, with --swarm.
    #[arg(long, value_name = "A..B", value_parser = seeds, conflicts_with = "seed")]
    pub(super) seeds: Option<Range<u64>>,
    /// In a sweep: only what the file says goes wrong.
    #[arg(long, requires = "seeds")]
    pub(super) as_is: bool,
    /// Also demand what no broker promises: nothing-lost, nothing-twice.
    #[arg(long, value_name = "PROPERTY", value_parser = wish)]
    pub(super) demand: Vec<Property>,
    /// In a sweep: on so many threads [default: one for each core].
    #[arg(long, value_name = "N", requires = "seeds")]
    pub(super) jobs: Option<usize>,
    /// In a sweep: only every N-th seed, beginning with the K-th, for several machines that share the work.
    #[arg(long, value_name = "K/N", value_parser = partition, requires = "seeds")]
    pub(super) partition: Option<(u64, u64)>,
    /// In a sweep: end after so much real time, such as 60s.
    #[arg(long, value_name = "DURATION", value_parser = values::duration, requires = "seeds")]
    pub(super) time: Option<Duration>,
    /// How much virtual time to play, such as 30s or 1m30s [default: what the scenario says].
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    pub(super) until: Option<Duration>,
    /// Play every run twice and compare all that happens.
    #[arg(long)]
    pub(super) check_determinism: bool,
    /// Print one JSON object instead.
    #[arg(long)]
    pub(super) json: bool,
    /// In a sweep: write the results for a CI to this file, too, in the XML of `JUnit`.
    #[arg(long, value_name = "FILE", requires = "seeds")]
    pub(super) junit: Option<PathBuf>,
    /// Where to write the replay file of a failure.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(super) replays: PathBuf,
    /// The release of RabbitMQ that the broker answers like, whatever the scenario says: 3.10, 4.0 or 4.3.
    #[arg(long, value_name = "RELEASE")]
    pub(super) compat: Option<Release>,
    /// Print the scenario as a file, with all that the seed adds to it, and play nothing.
    #[arg(long)]
    pub(super) print_scenario: bool,
}

impl SimArgs {
    /// What clap cannot tell.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match self.jobs {
            Some(0) => Err(Failure::usage("--jobs 0 would play nothing; leave it out, or write how many")),
            _ => Ok(()),
        }
    }

    /// What the file says, if there is one.
    pub(super) fn read(&self) -> Result<Option<Scenario>, Failure> {
        self.file.as_deref().map(|file| read::playable(file, self.vhost.as_deref())).transpose()
    }

    /// Whether faults are added, and everything is healed in the end.
    pub(super) fn swarms(&self) -> bool {
        self.swarm || (self.seeds.is_some() && !self.as_is)
    }

    pub(super) fn ending(&self) -> Ending {
        if self.swarms() { Ending::Healed } else { Ending::AsItIs }
    }

    /// What a seed plays.
    pub(super) fn scenario(&self, base: Option<&Scenario>, seed: u64) -> Scenario {
        let mut scenario = base.cloned().unwrap_or_else(|| generate(seed));
        scenario.until = self.until.unwrap_or(scenario.until);
        scenario.broker.compat = self.compat.or(scenario.broker.compat);
        if self.swarms() { swarm(&scenario, seed) } else { scenario }
    }

    /// How to play one seed of this again, for a person to copy.
    pub(super) fn again(&self, seed: u64) -> String {
        let file = self.file.as_ref().map_or("--generate".into(), |file| file.display().to_string());
        let swarm = if self.swarms() { " --swarm" } else { "" };
        let demand: String = self.demand.iter().map(|wish| format!(" --demand {}", wish.name())).collect();
        let until = self.until.map(|until| format!(" --until {}", humantime::format_duration(until)));
        let until = until.unwrap_or_default().replace("s ", "s");
        let compat = self.compat.map(|compat| format!(" --compat {compat}")).unwrap_or_default();
        format!("warren sim {file} --seed {seed}{swarm}{demand}{until}{compat}")
    }
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let wrong = || "write the first seed, two dots and where to stop, such as 0..1000".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let range = from.parse().map_err(|_| wrong())?..to.parse().map_err(|_| wrong())?;
    if range.is_empty() { Err("there is no seed in this range; write 0..1000".into()) } else { Ok(range) }
}

fn partition(text: &str) -> Result<(u64, u64), String> {
    let wrong = || "write which part and how many there are, such as 3/8".to_owned();
    let (part, of) = text.split_once('/').ok_or_else(wrong)?;
    let (part, of): (u64, u64) = (part.parse().map_err(|_| wrong())?, of.parse().map_err(|_| wrong())?);
    if (1..=of).contains(&part) { Ok((part, of)) } else { Err(wrong()) }
}

fn wish(name: &str) -> Result<Property, String> {
    let wishes: Vec<&str> =
        Property::ALL.iter().filter(|property| property.is_a_wish()).map(|p| p.name()).collect();
    match Property::named(name) {
        Some(property) if property.is_a_wish() => Ok(property),
        Some(_) => Err("that is always demanded; --demand is for nothing-lost and nothing-twice".into()),
        None => Err(format!("there is no such property; write {}", wishes.join(" or "))),
    }
}
