//! Running other programs, visibly.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// The checkout's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where set-up puts what outlives a checkout.
pub(crate) fn cache() -> Result<PathBuf> {
    let home = env::var_os("HOME").context("HOME is not set")?;
    Ok(Path::new(&home).join(".cache/warren"))
}

/// A program that runs in the root and finds the tools that set-up installed.
pub(crate) fn command(program: &str) -> Result<Command> {
    let mut path = vec![cache()?.join("bin")];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new(program);
    command.current_dir(root()).env("PATH", env::join_paths(path)?);
    Ok(command)
}

/// Runs a program with these arguments, shows what it prints, and fails if it does.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<()> {
    println!("$ {program} {}", arguments.join(" "));
    check(command(program)?.args(arguments))
}

/// Runs a program and fails if it does.
pub(crate) fn check(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?} does not start"))?;
    if status.success() { Ok(()) } else { bail!("{command:?} failed: {status}") }
}

/// What a program prints, if it runs well.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program).ok()?.args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The cargo that runs this.
pub(crate) fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}
