//! `warren replay`: a failure again, byte for byte.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use warren_core::{Instant, MessageId};
use warren_sim::{Happening, Moment, Replay, Trial, WorldEvent, check::Violation, report};

use super::{print, read::check_programs};
use crate::{failure::Failure, values};

/// The options of `warren replay`.
#[derive(Args)]
pub(crate) struct ReplayArgs {
    /// A replay file that `warren sim` has written.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Show one event at a time; Enter shows the next.
    #[arg(long)]
    step: bool,
    /// Show what happens up to this moment of virtual time.
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    until: Option<Duration>,
    /// Show the story of one message only, and what went wrong meanwhile.
    #[arg(long, value_name = "MESSAGE")]
    why: Option<u64>,
    /// Print a link that opens the failure on Warren's page, with all that it needs to play it, and play nothing here.
    #[arg(
        long,
        value_name = "PAGE",
        num_args = 0..=1,
        default_missing_value = "http://127.0.0.1:15672/",
        conflicts_with_all = ["step", "until", "why"]
    )]
    link: Option<String>,
}

/// Plays the file and compares what happens with what it says.
pub(crate) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let name = args.file.display().to_string();
    let text = fs::read_to_string(&args.file)
        .map_err(|error| Failure::usage(format!("cannot read the replay file {name}: {error}")))?;
    let replay = Replay::parse(&name, &text).map_err(|error| Failure::usage(error.to_string()))?;
    if let Some(page) = &args.link {
        let moment = Moment { scenario: replay.staged(), seed: replay.header.seed, at: Instant::ZERO };
        return print(&format!("{page}#{}\n", moment.to_fragment()));
    }
    check_programs(&name, &replay.scenario)?;
    let (outcome, is_same) = replay.again();
    let header = &replay.header;
    print(&format!("{} (seed {})\n", replay.scenario.title.en, header.seed))?;
    if header.version != env!("CARGO_PKG_VERSION") {
        let (theirs, ours) = (&header.version, env!("CARGO_PKG_VERSION"));
        print(&format!("This file is from Warren {theirs}; this is {ours}.\n"))?;
    }
    let mut events: Vec<WorldEvent> = Vec::new();
    let trial = Trial::new(&replay.scenario, header.seed).wishing(&header.wishes);
    trial.run(replay.ending(), |event| events.push(event.clone()));
    show(args, &replay, &events)?;
    print(&format!("\n{}", print::checks(&outcome)))?;
    let verdict = if is_same {
        "All that happened is what the file says, to the byte.\n"
    } else {
        "What happened is not what the file says: the program, or the file, has changed since.\n"
    };
    print(verdict)?;
    match outcome.violation() {
        Some(violation) => Err(Failure::found(format!("{} does not hold", violation.property.name()))),
        None if is_same => Ok(()),
        None => Err(Failure::found("the replay differs from its file")),
    }
}

fn show(args: &ReplayArgs, replay: &Replay, events: &[WorldEvent]) -> Result<(), Failure> {
    let end = args.until.map_or(Instant::from_micros(u64::MAX), |until| Instant::ZERO + until);
    let shown: Vec<WorldEvent> = events.iter().take_while(|event| event.at <= end).cloned().collect();
    if let Some(message) = args.why {
        let message = MessageId(message);
        if !shown.iter().any(|event| event.what.message() == Some(message)) {
            return Err(Failure::usage(format!(
                "no message {message} is in this replay; {}",
                messages(&shown)
            )));
        }
        return print(&format!("\n{}", print::story(&replay.scenario, &story_of(replay, message), &shown)));
    }
    if !args.step {
        return print(&format!("\n{}", report::timeline(&replay.scenario, &shown)));
    }
    let mut input = io::stdin().lock();
    for event in &shown {
        let line = report::timeline(&replay.scenario, std::slice::from_ref(event));
        if line.is_empty() {
            continue;
        }
        print(line.trim_end())?;
        // What cannot be shown at once is shown with the next line.
        let _ = io::stdout().flush();
        if input.read_line(&mut String::new()).map_err(|error| Failure::system(error.to_string()))? == 0 {
            print("\n")?;
        }
    }
    Ok(())
}

/// As if the replay were about this message.
fn story_of(replay: &Replay, message: MessageId) -> Violation {
    Violation {
        property: replay.header.property.unwrap_or(warren_sim::check::Property::NothingLost),
        at: Instant::ZERO,
        seq: 0,
        message: Some(message),
        detail: String::new(),
        reason: None,
    }
}

fn messages(events: &[WorldEvent]) -> String {
    let ids = events.iter().filter(|event| !matches!(event.what, Happening::Sent(_)));
    let last = ids.filter_map(|event| event.what.message()).max();
    last.map_or("there are none".into(), |last| format!("they go from 1 to {last}"))
}
