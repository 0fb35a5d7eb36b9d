//! Clients in other languages, where `cargo xtask setup` puts what they need.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// A Python program of `tests/clients/python`, with the clients' virtual environment.
///
/// # Panics
/// If set-up has not been run.
#[must_use]
pub fn python(program: &str) -> Command {
    let interpreter = installed("python/bin/python");
    let mut command = Command::new(interpreter);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/python").join(program));
    command
}

/// A Node program of `tests/clients/node`, with the clients' modules.
///
/// # Panics
/// If set-up has not been run.
#[must_use]
pub fn node(program: &str) -> Command {
    let mut command = Command::new("node");
    command.env("NODE_PATH", installed("node/node_modules"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/node").join(program));
    command
}

pub(crate) fn installed(what: &str) -> PathBuf {
    let home = env::var_os("HOME").expect("HOME is set");
    let path = Path::new(&home).join(".cache/warren").join(what);
    assert!(path.exists(), "{} is missing: run `cargo xtask setup`", path.display());
    path
}
