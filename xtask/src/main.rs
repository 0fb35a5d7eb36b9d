//! Set-up and chores: `cargo xtask ...`.

mod ci;
mod demo;
mod page;
mod setup;
mod shell;
mod tests;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
Chores of Warren.

Usage: cargo xtask <COMMAND>

Commands:
  setup   Install what building and testing need, and say what; a second run has nothing to do
  page    Build the simulator's page into dist/, from where the server takes it
  demo    Set up, build the page and the server, start it and print its addresses
  test    Set up, build the page and run every test
  tidy    Check the rules that neither the compiler nor clippy know
  ci      Everything that decides whether a change lands: format, lints, tidy, tests, documentation
  help    Print this";

const COMMANDS: [&str; 7] = ["setup", "page", "demo", "test", "tidy", "ci", "help"];

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_else(|| "help".into());
    match run(&command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str) -> Result<()> {
    match command {
        "setup" => setup::run(),
        "page" => page::build(),
        "demo" => demo::run(),
        "test" => tests::run(),
        "tidy" => tidy::run(),
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
