//! Set-up and chores: `cargo xtask ...`.

mod ci;
mod demo;
mod deny;
mod fidelity;
mod page;
mod rabbitmq;
mod serve;
mod setup;
mod shell;
mod soak;
mod suites;
mod tests;
mod texts;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
Chores of Warren.

Usage: cargo xtask <COMMAND>

Commands:
  setup     Install what building and testing need, and say what; a second run has nothing to do
            (--only page, --only serve, --only clients, --only browser: that part alone)
  page      Build the simulator's page into dist/, from where the server takes it
            (--quick: without what only makes it smaller)
  serve     Serve the page alone and build it anew at every change: `trunk serve`, with what set-up has installed
            (options are trunk's)
  demo      Set up what that takes, build the page and the server, start it and print its addresses
  test      Set up, build the page and run every test
  texts     Bring the translations in web/texts up to date with what the code and the scenarios say, and say what is missing
            (CODE: begin the file of this language)
  fidelity  Hold the conversations against a live RabbitMQ 4.3, which it installs into a folder and starts
            (--rabbitmq 3.10, --rabbitmq 4.0: that version; --record: write the answers down;
            --seeds N --from SEED: conversations made up; --address HOST:PORT: a broker that runs; files)
  suites    Play the test suites of AMQP's clients against Warren, all or those that are named, and compare with what
            passes against RabbitMQ 4.3
            (--compat 3.10, --compat 4.0: as that release, compared with it; --rabbitmq VERSION: against a live RabbitMQ
            instead, which it installs into a folder and starts; --address IP:PORT: against a broker that runs;
            --record: keep the outcomes as what that release is compared with)
  soak      Crash simulated brokers at every byte of 500 workloads, kill the server 200 times, and play 100,000 worlds;
            takes some minutes
            (--crashes N, --kills N, --worlds N: so many;
            --server [MINUTES]: instead the real server for an hour or so many minutes, with clients of two libraries
            over a network that cuts, stalls and garbles, and killed now and then;
            --page [WAYS]: instead every lesson of the page, by mouse, keyboard and touch, in both languages;
            --fuzz [MINUTES] [TARGETS]: fuzzing instead, each target of fuzz/ for ten minutes or so many)
  tidy      Check the rules that neither the compiler nor clippy know
  deny      Check what the project depends on against deny.toml: licences and sources, and with cargo-deny advisories
  ci        Everything that decides whether a change lands: format, lints, tidy, deny, tests, documentation
  help      Print this";

const COMMANDS: [&str; 13] = [
    "setup", "page", "serve", "demo", "test", "texts", "fidelity", "suites", "soak", "tidy", "deny", "ci",
    "help",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) =
        arguments.split_first().map_or(("help", &[][..]), |(command, rest)| (command, rest));
    match run(command, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, arguments: &[String]) -> Result<()> {
    // Trunk has a help of its own.
    if command != "serve" && arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        return run("help", &[]);
    }
    if let (false, Some(extra)) = (
        matches!(command, "setup" | "page" | "serve" | "texts" | "fidelity" | "suites" | "soak"),
        arguments.first(),
    ) {
        bail!("{command} takes no arguments, and got {extra:?}");
    }
    match command {
        "setup" => setup::run(arguments),
        "page" => page::run(arguments),
        "serve" => serve::run(arguments),
        "demo" => demo::run(),
        "test" => tests::run(),
        "texts" => texts::run(arguments),
        "fidelity" => fidelity::run(arguments),
        "suites" => suites::run(arguments),
        "soak" => soak::run(arguments),
        "tidy" => tidy::run(),
        "deny" => deny::run(),
        "ci" => ci::run(),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        unknown => {
            let distance = |known: &&str| strsim::damerau_levenshtein(unknown, known);
            let nearest = COMMANDS.into_iter().min_by_key(distance).unwrap_or("help");
            bail!("there is no command {unknown:?}; did you mean `cargo xtask {nearest}`?")
        }
    }
}
