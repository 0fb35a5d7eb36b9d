//! Brings a suite to `~/.cache/warren/suites`, where it stays for the next time.
//!
//! Git's own settings decide where repositories come from: `git config url.BASE.insteadOf https://github.com/` is
//! how a mirror is used.

use std::{fs, path::Path, path::PathBuf};

use anyhow::{Context, Result, bail};

use super::catalogue::{Source, Suite};
use crate::shell;

/// The folder of the suite's checkout.
pub(super) fn fetch(suite: &Suite) -> Result<PathBuf> {
    let folder = home()?.join(format!("{}-{}", suite.name, suite.version));
    if folder.join("fetched").exists() {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let fetched = match suite.source {
        Source::Python(package) => from_pypi(package, suite.version, &folder),
        Source::PythonGit(repository) => from_git(repository, suite.version, &folder),
        Source::NodeGit(repository) => {
            from_git(repository, &format!("v{}", suite.version), &folder)?;
            // The one thing its tests need besides Node.
            run_in(&folder, "npm", &["install", "--silent", "--prefix", "needs", "claire@0.4.1"])
        }
        Source::Crate => from_crates_io(suite, &folder),
    };
    fetched.with_context(|| format!("cannot fetch {} {}", suite.name, suite.version))?;
    fs::write(folder.join("fetched"), "")?;
    Ok(folder)
}

/// Where suites and what they need are kept.
pub(super) fn home() -> Result<PathBuf> {
    let home = shell::cache()?.join("suites");
    fs::create_dir_all(&home)?;
    Ok(home)
}

/// Runs a program in a folder.
pub(super) fn run_in(folder: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    shell::check(shell::command(program)?.args(arguments).current_dir(folder))
}

/// The Python that plays suites, with what they need.
pub(super) fn python() -> Result<PathBuf> {
    let (folder, wanted) = (home()?.join("python"), shell::root().join("tests/suites/requirements.txt"));
    let stamp = folder.join("stamp");
    if fs::read(&stamp).ok() != Some(fs::read(&wanted)?) {
        shell::run("python3", &["-m", "venv", &folder.to_string_lossy()])?;
        let install = ["-m", "pip", "install", "--quiet", "--requirement", &wanted.to_string_lossy()];
        shell::run(&folder.join("bin/python").to_string_lossy(), &install)?;
        fs::copy(&wanted, &stamp)?;
    }
    Ok(folder.join("bin/python"))
}

fn from_git(repository: &str, tag: &str, folder: &Path) -> Result<()> {
    let quiet = ["-c", "advice.detachedHead=false", "clone", "--quiet", "--depth", "1"];
    run_in(folder, "git", &[&quiet[..], &["--branch", tag, repository, "."]].concat())
}

fn from_pypi(package: &str, version: &str, folder: &Path) -> Result<()> {
    let wanted = format!("{package}=={version}");
    let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package, &wanted];
    run_in(folder, &python()?.to_string_lossy(), &download)?;
    let archive = format!("{package}-{version}.tar.gz");
    run_in(folder, "tar", &["xzf", &archive, "--strip-components", "1"])
}

/// cargo brings the crate, as for any package that depends on it.
fn from_crates_io(suite: &Suite, folder: &Path) -> Result<()> {
    let asking = folder.join("asking");
    fs::create_dir_all(asking.join("src"))?;
    fs::write(asking.join("src/lib.rs"), "")?;
    let (name, version) = (suite.name, suite.version);
    let manifest = format!("[package]\nname = \"asking\"\n[dependencies]\n{name} = \"={version}\"\n");
    fs::write(asking.join("Cargo.toml"), manifest)?;
    let mut metadata = shell::command(&shell::cargo())?;
    let said =
        metadata.args(["metadata", "--quiet", "--format-version", "1"]).current_dir(&asking).output()?;
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).context("cargo metadata")?;
    let packages = said["packages"].as_array().context("cargo metadata names no packages")?;
    let ours = packages.iter().find(|package| package["name"] == name).context("cargo did not bring it")?;
    let manifest = Path::new(ours["manifest_path"].as_str().unwrap_or_default());
    let Some(source) = manifest.parent() else { bail!("cargo names no folder for it") };
    run_in(folder, "cp", &["-r", &format!("{}/.", source.display()), "."])
}
