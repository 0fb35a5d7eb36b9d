//! Rules of the house that neither the compiler nor clippy know.

mod determinism;
mod hands;
mod threats;

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{shell, texts};

/// A rule: what it forbids in a file, by path from the root and text; each finding is a line number and a sentence.
type Rule = fn(&str, &str) -> Vec<(usize, String)>;

const RULES: [Rule; 7] = [
    begins_with_its_subject,
    is_not_too_long,
    has_no_loose_ends,
    has_no_silent_allow,
    has_no_stray_white_space,
    determinism::check,
    hands::check,
];

/// More lines than this are more than one subject.
const MAX_LINES: usize = 500;

pub(crate) fn run() -> Result<()> {
    let tracked = shell::output("git", &["ls-files", "*.rs"]).context("git does not list the files")?;
    let mut findings = Vec::new();
    for file in tracked.lines() {
        let path = shell::root().join(file);
        if path.exists() {
            findings.extend(check(file, &fs::read_to_string(&path)?));
        }
    }
    findings.extend(check_dependencies(&shell::root())?);
    findings.extend(texts::check(&shell::root())?);
    for document in ["SECURITY.md", "THREATS.md"] {
        let text = fs::read_to_string(shell::root().join(document)).context(document)?;
        findings.extend(threats::check(&shell::root(), document, &text));
    }
    if findings.is_empty() {
        println!("tidy");
        return Ok(());
    }
    bail!("not tidy:\n{}", findings.join("\n"))
}

fn check(file: &str, text: &str) -> Vec<String> {
    let findings = RULES.iter().flat_map(|rule| rule(file, text));
    findings.map(|(line, what)| format!("{file}:{line}: {what}")).collect()
}

fn begins_with_its_subject(file: &str, text: &str) -> Vec<(usize, String)> {
    // What is generated begins as it was generated.
    if text.starts_with("//!") || file.contains("/generated/") {
        return Vec::new();
    }
    vec![(1, "begin the file with `//!` and a sentence that says what it is about".into())]
}

fn is_not_too_long(_: &str, text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().count();
    if lines <= MAX_LINES {
        return Vec::new();
    }
    vec![(lines, format!("{lines} lines are more than one subject: split the file (at most {MAX_LINES})"))]
}

fn has_no_loose_ends(file: &str, text: &str) -> Vec<(usize, String)> {
    if file.starts_with("xtask/") {
        return Vec::new();
    }
    let marks = ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("];
    let unfinished =
        find(text, |line| marks.iter().any(|mark| line.contains(mark)), "finish this, or file an issue");
    let ignored = find(text, |line| line.trim() == "#[ignore]", "say why: #[ignore = \"reason\"]");
    [unfinished, ignored].concat()
}

fn has_no_silent_allow(file: &str, text: &str) -> Vec<(usize, String)> {
    if file.starts_with("xtask/") {
        return Vec::new();
    }
    find(text, |line| line.contains("[allow("), "use #[expect(..., reason = \"...\")]")
}

fn has_no_stray_white_space(_: &str, text: &str) -> Vec<(usize, String)> {
    find(
        text,
        |line| line.ends_with([' ', '\t']) || line.contains('\t'),
        "no tabs, and nothing behind the last word",
    )
}

/// Dependencies point one way: {core ← definitions, texts} ← {sim ← programs, talk} ← {server, web, tests}; xtask knows texts
/// alone.
const MAY_USE: [(&str, &[&str]); 10] = [
    ("texts", &[]),
    ("core", &[]),
    ("definitions", &["warren-core"]),
    ("sim", &["warren-core", "warren-definitions", "warren-texts"]),
    ("programs", &["warren-sim", "warren-texts"]),
    ("talk", &["warren-core"]),
    (
        "server",
        &[
            "warren-core",
            "warren-definitions",
            "warren-sim",
            "warren-programs",
            "warren-talk",
            "warren-texts",
        ],
    ),
    ("web", &["warren-core", "warren-sim", "warren-programs", "warren-texts"]),
    ("tests", &["warren-core", "warren-sim", "warren-programs", "warren-talk", "warren-texts", "warren"]),
    ("xtask", &["warren-texts"]),
];

fn check_dependencies(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for (house, allowed) in MAY_USE {
        let file = format!("{house}/Cargo.toml");
        let text = fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
        findings.extend(undue_dependencies(house, allowed, &text.parse().context(file)?));
    }
    Ok(findings)
}

fn undue_dependencies(house: &str, allowed: &[&str], manifest: &toml::Table) -> Vec<String> {
    let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
    let tables = sections.iter().filter_map(|section| manifest.get(*section)?.as_table());
    let ours = tables.flat_map(toml::Table::keys).filter(|name| name.starts_with("warren"));
    let undue = ours.filter(|name| !allowed.contains(&name.as_str()));
    undue.map(|name| format!("{house}/Cargo.toml: {house} must not depend on {name}")).collect()
}

fn find(text: &str, wrong: impl Fn(&str) -> bool, what: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate().filter(|(_, line)| wrong(line));
    lines.map(|(index, _)| (index + 1, what.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, check, undue_dependencies};

    #[test]
    fn every_rule_finds_what_it_is_for() {
        let table = [
            ("core/src/a.rs", "fn a() {}\n", "core/src/a.rs:1: begin the file"),
            ("core/src/a.rs", "//! A.\n// TODO: b\n", "core/src/a.rs:2: finish this"),
            ("core/src/a.rs", "//! A.\n#[ignore]\n", "core/src/a.rs:2: say why"),
            ("core/src/a.rs", "//! A.\n#[allow(dead_code)]\n", "core/src/a.rs:2: use #[expect"),
            ("core/src/a.rs", "//! A. \n", "core/src/a.rs:1: no tabs"),
            ("core/src/a.rs", "//! A.\nstruct A(usize);\n", "core/src/a.rs:2: no usize"),
        ];
        for (file, text, expected) in table {
            let findings = check(file, text);
            assert!(findings.len() == 1 && findings[0].starts_with(expected), "{text:?}: {findings:?}");
        }
        let long = format!("//! A.\n{}", "\n".repeat(MAX_LINES));
        assert!(check("core/src/a.rs", &long)[0].contains("more than one subject"));
    }

    #[test]
    fn what_is_fine_is_left_alone() {
        let fine = "//! A.\nstruct A {\n    b: u64,\n}\nfn c(d: usize) -> usize {\n    d\n}\n";
        assert_eq!(check("core/src/a.rs", fine), Vec::<String>::new());
    }

    #[test]
    fn dependencies_point_one_way() {
        let manifest =
            "[dependencies]\nserde = \"1\"\nwarren-core = {}\n[dev-dependencies]\nwarren-web = {}\n";
        let manifest = manifest.parse().expect("TOML");
        let to_core = "sim/Cargo.toml: sim must not depend on warren-core";
        let to_web = "sim/Cargo.toml: sim must not depend on warren-web";
        assert_eq!(undue_dependencies("sim", &[], &manifest), [to_core, to_web]);
        assert_eq!(undue_dependencies("sim", &["warren-core"], &manifest), [to_web]);
        assert!(undue_dependencies("sim", &["warren-core", "warren-web"], &manifest).is_empty());
    }
}
