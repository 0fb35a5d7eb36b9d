//! Rules of the house that neither the compiler nor clippy know.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::shell;

/// A rule: what it forbids in a file, by path from the root and text; each finding is a line number and a sentence.
type Rule = fn(&str, &str) -> Vec<(usize, String)>;

const RULES: [Rule; 6] = [
    begins_with_its_subject,
    is_not_too_long,
    has_no_loose_ends,
    has_no_silent_allow,
    has_no_stray_white_space,
    keeps_determinism,
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

fn begins_with_its_subject(_: &str, text: &str) -> Vec<(usize, String)> {
    if text.starts_with("//!") {
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

/// In core and sim nothing that is kept or traced may differ between machines: no `usize`, no floats, no hash maps.
fn keeps_determinism(file: &str, text: &str) -> Vec<(usize, String)> {
    if !file.starts_with("core/src") && !file.starts_with("sim/src") {
        return Vec::new();
    }
    let is_field = |line: &str, kind: &str| {
        let line = line.trim();
        let declared = line.strip_suffix(',').and_then(|line| line.split_once(": "));
        declared.is_some_and(|(name, of)| {
            let name = name.rsplit(' ').next().unwrap_or(name);
            name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                && of.split(['<', '>', ' ']).any(|w| w == kind)
        })
    };
    let sized =
        find(text, |line| is_field(line, "usize"), "no usize in state: it differs between native and wasm");
    let float = find(
        text,
        |line| is_field(line, "f64") || is_field(line, "f32"),
        "no floats in state: keep whole numbers",
    );
    let hashed = find(
        text,
        |line| line.contains("HashMap") || line.contains("HashSet"),
        "no hash maps: their order differs between runs",
    );
    [sized, float, hashed].concat()
}

/// Dependencies point one way: core ← sim ← web, core ← server.
fn check_dependencies(root: &Path) -> Result<Vec<String>> {
    let allowed: [(&str, &[&str]); 4] = [
        ("core", &[]),
        ("sim", &["warren-core"]),
        ("server", &["warren-core", "warren-sim"]),
        ("web", &["warren-core", "warren-sim"]),
    ];
    let mut findings = Vec::new();
    for (house, allowed) in allowed {
        let file = format!("{house}/Cargo.toml");
        let manifest: toml::Table =
            fs::read_to_string(root.join(&file))?.parse().with_context(|| file.clone())?;
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        for name in dependencies.into_iter().flat_map(toml::Table::keys) {
            if name.starts_with("warren") && !allowed.contains(&name.as_str()) {
                findings.push(format!("{file}: {house} must not depend on {name}"));
            }
        }
    }
    Ok(findings)
}

fn find(text: &str, wrong: impl Fn(&str) -> bool, what: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate().filter(|(_, line)| wrong(line));
    lines.map(|(index, _)| (index + 1, what.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, check};

    #[test]
    fn every_rule_finds_what_it_is_for() {
        let table = [
            ("core/src/a.rs", "fn a() {}\n", "core/src/a.rs:1: begin the file"),
            ("core/src/a.rs", "//! A.\n// TODO: b\n", "core/src/a.rs:2: finish this"),
            ("core/src/a.rs", "//! A.\n#[ignore]\n", "core/src/a.rs:2: say why"),
            ("core/src/a.rs", "//! A.\n#[allow(dead_code)]\n", "core/src/a.rs:2: use #[expect"),
            ("core/src/a.rs", "//! A. \n", "core/src/a.rs:1: no tabs"),
            (
                "core/src/a.rs",
                "//! A.\nstruct A {\n    pub(crate) b: usize,\n}\n",
                "core/src/a.rs:3: no usize",
            ),
            ("core/src/a.rs", "//! A.\nstruct A {\n    b: Option<usize>,\n}\n", "core/src/a.rs:3: no usize"),
            ("sim/src/a.rs", "//! A.\nstruct A {\n    b: f64,\n}\n", "sim/src/a.rs:3: no floats"),
            ("sim/src/a.rs", "//! A.\nuse std::collections::HashMap;\n", "sim/src/a.rs:2: no hash maps"),
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
        assert_eq!(
            check("server/src/a.rs", "//! A.\nuse std::collections::HashMap;\n"),
            Vec::<String>::new()
        );
    }
}
