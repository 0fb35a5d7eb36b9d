//! The native Warren: the broker core behind TCP and HTTP, and the simulated world on the command line.

mod admission;
mod amqp;
mod cli;
mod code;
mod compare;
mod config;
mod disk;
mod failure;
mod files;
mod http;
mod journal;
mod log;
mod serve;
mod shutdown;
mod sim;
mod upgrade;
mod values;

use std::process::ExitCode;

fn main() -> ExitCode {
    let ended = cli::run();
    log::finish();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            log::say(&format!("warren: {failure}\n"));
            failure.exit_code()
        }
    }
}
