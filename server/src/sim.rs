//! `warren sim`: plays a scenario in virtual time and prints what came of it.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use warren_core::Instant;
use warren_sim::{Scenario, World, lessons, report};

use crate::{failure::Failure, values};

/// The options of `warren sim`.
#[derive(Args)]
pub(crate) struct SimArgs {
    /// A scenario file, or the name of a lesson that comes with Warren: hello, work-queue, fanout, topic …
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where all that is random comes from: the same seed, the same run, to the byte.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How much virtual time to play, such as 30s or 1m30s [default: what the scenario says].
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    until: Option<Duration>,
    /// Print one JSON object: the actors, every event and the ledger.
    #[arg(long)]
    json: bool,
}

/// Plays the scenario to its end, then prints.
pub(crate) fn run(args: &SimArgs) -> Result<(), Failure> {
    let scenario = read(&args.file)?;
    let mut world = World::new(&scenario, args.seed);
    let until = args.until.unwrap_or(scenario.until);
    world.run_until(Instant::ZERO + until);
    let events = world.take_events();
    let text = if args.json {
        report::json(&scenario, args.seed, &events, world.ledger()) + "\n"
    } else {
        let title =
            format!("{} (seed {}, {})", scenario.title.en, args.seed, humantime::format_duration(until));
        let timeline = report::timeline(&scenario, &events);
        let ledger = report::ledger(&scenario, world.ledger());
        format!("{title}\n{}\n\n{timeline}\nLedger\n{ledger}", scenario.summary.en)
    };
    print(&text)
}

fn read(path: &Path) -> Result<Scenario, Failure> {
    let name = path.display().to_string();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => match lessons::find(&name) {
            Some(lesson) => lesson.toml.to_owned(),
            None => return Err(unreadable(&name, &error)),
        },
    };
    Scenario::parse(&name, &text).map_err(|error| Failure::usage(error.to_string()))
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    let lessons: Vec<&str> = lessons::all().iter().map(|lesson| lesson.id).collect();
    Failure::usage(format!(
        "cannot read the scenario {name}: {error}; name a file or one of the lessons {}",
        lessons.join(", ")
    ))
}

/// A reader that has seen enough (`warren sim hello | head`) is no error.
fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::system(format!("cannot print the result: {error}")))
        }
        _ => Ok(()),
    }
}
