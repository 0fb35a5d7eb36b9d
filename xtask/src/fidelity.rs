//! `cargo xtask fidelity`: holds the conversations against RabbitMQ itself.

use anyhow::{Result, bail};

use crate::{
    rabbitmq::{Extra, RabbitMq, Release},
    shell,
};

const CONVERSATIONS: &str = "conversations";

/// Plays conversations with a live RabbitMQ and compares its answers with those in the files; `--record` writes both
/// brokers' answers instead, and `--seeds N` makes conversations up and compares the core's answers.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut rest: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let version = take_value(&mut rest, "--rabbitmq")?.unwrap_or(Release::FOLLOWED);
    let release = version.parse()?;
    let address = take_value(&mut rest, "--address")?;
    let seeds = take_value(&mut rest, "--seeds")?;
    let from = take_value(&mut rest, "--from")?;
    let record = take_flag(&mut rest, "--record");
    if let Some(unknown) = rest.iter().find(|argument| argument.starts_with('-')) {
        bail!(
            "fidelity takes --rabbitmq VERSION, --record, --seeds N, --from SEED, --address HOST:PORT and files, not \
             {unknown:?}"
        );
    }
    let files = if rest.is_empty() && seeds.is_none() { vec![CONVERSATIONS] } else { rest };
    let broker = match address {
        Some(address) => RabbitMq::Running(address.to_owned()),
        None => RabbitMq::start(release, &Extra::default())?,
    };
    let reference = if record || seeds.is_some() { "core" } else { "file" };
    // Not the release profile: its link-time optimisation takes longer than most comparisons.
    let mut arguments = vec!["run", "--quiet", "--profile", "demo", "--package", "warren"];
    arguments.extend(["--", "compare", reference]);
    let address = broker.address();
    arguments.extend([&address, "--rabbitmq", version]);
    if let Some(seeds) = seeds {
        arguments.extend(["--seeds", seeds]);
    }
    if let Some(from) = from {
        arguments.extend(["--from", from]);
    }
    if record {
        arguments.push("--record");
    }
    arguments.extend(files);
    shell::run(&shell::cargo(), &arguments)
}

fn take_flag(arguments: &mut Vec<&str>, flag: &str) -> bool {
    let before = arguments.len();
    arguments.retain(|argument| *argument != flag);
    arguments.len() < before
}

fn take_value<'a>(arguments: &mut Vec<&'a str>, flag: &str) -> Result<Option<&'a str>> {
    let Some(at) = arguments.iter().position(|argument| *argument == flag) else { return Ok(None) };
    if at + 1 >= arguments.len() {
        bail!("{flag} needs a value");
    }
    let value = arguments[at + 1];
    arguments.drain(at..at + 2);
    Ok(Some(value))
}
