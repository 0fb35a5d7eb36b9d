//! What decides whether a change lands.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{deny, setup, shell, tidy};

type Step = (&'static str, fn() -> Result<()>);

const STEPS: [Step; 8] = [
    ("format", || shell::run(&shell::cargo(), &["fmt", "--all", "--check"])),
    ("tidy", tidy::run),
    ("licences and sources of dependencies", deny::run),
    ("wasm target", setup::wasm_target),
    ("lints", lints),
    ("documentation", documentation),
    ("set-up and tests, as the README says", readme_commands),
    ("committed files are unchanged", unchanged),
];

pub(crate) fn run() -> Result<()> {
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for (name, step) in STEPS {
        println!("\n== {name}");
        let start = Instant::now();
        step().with_context(|| format!("ci stopped at: {name}"))?;
        times.push((name, start.elapsed()));
    }
    println!();
    for (name, time) in times {
        println!("{:>6} s  {name}", time.as_secs());
    }
    Ok(())
}

fn lints() -> Result<()> {
    const STRICT: [&str; 3] = ["--", "-D", "warnings"];
    let cargo = shell::cargo();
    let native = ["clippy", "--workspace", "--all-targets"];
    shell::run(&cargo, &[&native[..], &STRICT].concat())?;
    let wasm = ["clippy", "--target", "wasm32-unknown-unknown", "--package", "warren-web"];
    shell::run(&cargo, &[&wasm[..], &STRICT].concat())
}

fn documentation() -> Result<()> {
    println!("$ RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps");
    let mut doc = shell::command(&shell::cargo())?;
    shell::check(doc.args(["doc", "--quiet", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Runs the README's own commands for set-up and tests, so that the README stays true.
fn readme_commands() -> Result<()> {
    let readme = fs::read_to_string(shell::root().join("README.md")).context("README.md")?;
    let shell_lines = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let commands: Vec<&str> = shell_lines
        .flat_map(str::lines)
        .map(|line| line.split('#').next().unwrap_or(line).trim())
        .filter(|line| ["cargo xtask setup", "cargo xtask test"].contains(line))
        .collect();
    ensure!(commands.len() == 2, "README.md names the commands `cargo xtask setup` and `cargo xtask test`");
    commands.into_iter().try_for_each(|line| shell::run("sh", &["-c", line]))
}

fn unchanged() -> Result<()> {
    shell::run("git", &["diff", "--exit-code", "--stat"])
}
