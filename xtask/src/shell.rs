//! Running other programs, visibly.

use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// The checkout's root.
pub(crate) fn root() -> PathBuf {
    // Cargo says at each run where the package is. The one that this was compiled in may be another checkout, where several
    // share a folder for what they build.
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).join("..")
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
    let mut command = command(program)?;
    command.args(arguments);
    println!("$ {}", line(&command));
    check(&mut command)
}

/// Runs a program and fails if it does.
pub(crate) fn check(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("`{}` does not start", line(command)))?;
    if status.success() { Ok(()) } else { bail!("`{}` failed: {status}", line(command)) }
}

/// The command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// What a program prints, if it runs well.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program).ok()?.args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs cargo and shows each line that it says about itself behind a label, so that a person can follow several at once.
pub(crate) fn cargo_labelled(label: &str, arguments: &[&str]) -> Result<()> {
    let mut command = command(&cargo())?;
    command.args(arguments).stderr(Stdio::piped());
    println!("{label:>8}: $ {}", line(&command));
    let mut child = command.spawn().with_context(|| format!("`{}` does not start", line(&command)))?;
    for said in child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
        println!("{label:>8}: {}", String::from_utf8_lossy(&said?));
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { bail!("`{}` failed: {status}", line(&command)) }
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let metadata = output(&cargo(), &["metadata", "--no-deps", "--format-version=1", "--offline"]);
    let metadata = metadata.context("`cargo metadata` has failed")?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let target = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    Ok(target.context("`cargo metadata` names no target directory")?.into())
}

/// The cargo that runs this.
pub(crate) fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}
