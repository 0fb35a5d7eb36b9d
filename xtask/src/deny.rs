//! What the project may depend on: deny.toml's list of licences, and its rules for sources and wildcards, against what
//! cargo resolves. cargo-deny's own lock file names 386 packages, as many as Warren's, which is too much to compile for a
//! look at a list; it does its part, the advisories, only where it is installed.

mod licence;

use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::shell;

/// The only place that packages come from, as cargo names it.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// `None` for what is in this repository.
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    source: Option<String>,
}

/// The lists of deny.toml that are held here, too.
#[derive(Deserialize)]
struct Lists {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

pub(crate) fn run() -> Result<()> {
    let lists: Lists = toml::from_str(&fs::read_to_string(shell::root().join("deny.toml"))?)?;
    // Of every platform and with every feature; the network is needed only for what is not there yet.
    let metadata =
        shell::output(&shell::cargo(), &["metadata", "--format-version=1", "--locked", "--all-features"]);
    let metadata: Metadata =
        serde_json::from_str(&metadata.context("`cargo metadata --locked` has failed")?)?;
    let findings = findings(&metadata.packages, &lists.licenses.allow);
    if !findings.is_empty() {
        bail!("deny.toml does not allow it:\n{}", findings.join("\n"));
    }
    println!("licences and sources of {} packages are allowed", metadata.packages.len());
    advisories()
}

fn findings(packages: &[Package], allowed: &[String]) -> Vec<String> {
    packages.iter().flat_map(|package| undue(package, allowed)).collect()
}

/// What is wrong with a package.
fn undue(package: &Package, allowed: &[String]) -> Vec<String> {
    let Package { name, version, license, source, dependencies } = package;
    let mut findings = Vec::new();
    if source.as_ref().is_some_and(|source| source != CRATES_IO) {
        findings.push(format!("{name} {version} comes from {}", source.as_deref().unwrap_or_default()));
    }
    match license {
        Some(license) if licence::is_allowed(license, allowed) => {}
        Some(license) => findings.push(format!("{name} {version} has the licence {license}")),
        None => findings.push(format!("{name} {version} names no licence")),
    }
    let is_ours = source.is_none();
    let any = dependencies.iter().filter(|on| is_ours && on.req == "*" && on.source.is_some());
    findings.extend(any.map(|on| format!("{name} depends on any version of {}", on.name)));
    findings
}

/// Asks cargo-deny, where it is installed, whether something is known to be unsafe or was withdrawn. Without the database
/// there is nothing to ask.
fn advisories() -> Result<()> {
    if shell::output("cargo-deny", &["--version"]).is_none() {
        println!("advisories are not checked: install cargo-deny (`cargo install --locked cargo-deny`)");
        return Ok(());
    }
    shell::run("cargo-deny", &["check", "licenses", "bans", "sources"])?;
    if shell::output("cargo-deny", &["fetch", "db"]).is_none() {
        println!("advisories are not checked: their database cannot be fetched");
        return Ok(());
    }
    shell::run("cargo-deny", &["check", "--disable-fetch", "advisories"])
}

#[cfg(test)]
mod tests {
    use super::{CRATES_IO, Dependency, Package, findings};

    fn package(license: Option<&str>, source: Option<&str>, dependency: (&str, Option<&str>)) -> Package {
        let (req, of) = dependency;
        let dependencies =
            vec![Dependency { name: "b".into(), req: req.into(), source: of.map(str::to_owned) }];
        Package {
            name: "a".into(),
            version: "1.0.0".into(),
            license: license.map(str::to_owned),
            source: source.map(str::to_owned),
            dependencies,
        }
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        let found = |package| findings(&[package], &["MIT".into()]);
        let (mit, io) = (Some("MIT"), Some(CRATES_IO));
        assert_eq!(found(package(mit, io, ("*", io))), [""; 0], "what others depend on is their affair");
        assert_eq!(found(package(mit, None, ("*", None))), [""; 0], "a path has no version");
        assert_eq!(found(package(mit, None, ("*", io))), ["a depends on any version of b"]);
        assert_eq!(found(package(Some("GPL-3.0"), io, ("1", io))), ["a 1.0.0 has the licence GPL-3.0"]);
        assert_eq!(found(package(None, io, ("1", io))), ["a 1.0.0 names no licence"]);
        let git = Some("git+https://example.com/a");
        assert_eq!(found(package(mit, git, ("1", io))), ["a 1.0.0 comes from git+https://example.com/a"]);
    }
}
