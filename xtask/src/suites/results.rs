//! What came of each test, and how two brokers differ.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use anyhow::{Context, Result};

use super::catalogue::Suite;

/// Each test's outcome, by name.
#[derive(Default)]
pub(super) struct Results(BTreeMap<String, Outcome>);

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

const WORDS: [(Outcome, &str); 3] =
    [(Outcome::Passed, "pass"), (Outcome::Failed, "fail"), (Outcome::Skipped, "skip")];

impl Results {
    /// Reads a report in `JUnit`'s XML. A test that is there twice under one name has failed if one of them has.
    pub(super) fn from_junit(text: &str) -> Result<Results> {
        let report = roxmltree::Document::parse(text).context("the report is not XML")?;
        let mut results = Results::default();
        for case in report.descendants().filter(|node| node.has_tag_name("testcase")) {
            let has = |tag| case.children().any(|child| child.has_tag_name(tag));
            let outcome = match () {
                () if has("failure") || has("error") => Outcome::Failed,
                () if has("skipped") => Outcome::Skipped,
                () => Outcome::Passed,
            };
            let kept = results.0.entry(name(case)).or_insert(outcome);
            if outcome == Outcome::Failed {
                *kept = outcome;
            }
        }
        Ok(results)
    }

    /// Reads what `write` has written; none if there is no such file.
    pub(super) fn read(path: &Path) -> Result<Results> {
        let Ok(text) = fs::read_to_string(path) else { return Ok(Results::default()) };
        let entry = |line: &str| {
            let (word, name) = line.split_once(' ')?;
            let (outcome, _) = WORDS.iter().find(|(_, known)| *known == word)?;
            Some((name.to_owned(), *outcome))
        };
        let results = text.lines().map(entry).collect::<Option<_>>();
        Ok(Results(
            results.with_context(|| format!("{}: a line is not an outcome and a name", path.display()))?,
        ))
    }

    /// One line each: the outcome and the name.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let mut text = String::new();
        for (name, outcome) in &self.0 {
            let (_, word) =
                WORDS.iter().find(|(known, _)| known == outcome).context("an outcome has a word")?;
            writeln!(text, "{word} {name}")?;
        }
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(path, text).with_context(|| path.display().to_string())
    }

    fn passed(&self) -> usize {
        self.0.values().filter(|outcome| **outcome == Outcome::Passed).count()
    }

    fn passes(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Outcome::Passed)
    }

    /// The names of those that pass here and not there.
    fn passed_only_here(&self, there: &Results) -> Vec<String> {
        self.0.keys().filter(|name| self.passes(name) && !there.passes(name)).cloned().collect()
    }
}

/// pytest and nextest put modules into the class; Node has nested suites and always the same class.
fn name(case: roxmltree::Node) -> String {
    let (class, own) =
        (case.attribute("classname").unwrap_or_default(), case.attribute("name").unwrap_or_default());
    if class != "test" {
        return one_line(&format!("{class} {own}"));
    }
    let suites = case.ancestors().filter(|node| node.has_tag_name("testsuite"));
    let mut names: Vec<&str> = suites.filter_map(|node| node.attribute("name")).collect();
    names.reverse();
    // A file that does not even run is named by its whole path.
    names.push(if own.starts_with('/') { own.rsplit('/').next().unwrap_or(own) } else { own });
    one_line(&names.join(" > "))
}

fn one_line(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a suite's outcomes differ from the baseline.
pub(super) struct Difference {
    suite: &'static Suite,
    tests: usize,
    passed_there: usize,
    passed_here: usize,
    /// Passes there and not here.
    pub(super) lost: Vec<String>,
    gained: Vec<String>,
}

impl Difference {
    pub(super) fn new(suite: &'static Suite, there: &Results, here: &Results) -> Difference {
        Difference {
            suite,
            tests: here.0.len().max(there.0.len()),
            passed_there: there.passed(),
            passed_here: here.passed(),
            lost: there.passed_only_here(here),
            gained: here.passed_only_here(there),
        }
    }
}

/// The table, and under it the differing tests.
pub(super) fn table(here: &str, there: &str, differences: &[Difference]) -> String {
    let mut text = format!("| suite | tests | passed on {there} | passed on {here} | lost | gained |\n");
    text += "|---|---|---|---|---|---|\n";
    for Difference { suite, tests, passed_there, passed_here, lost, gained } in differences {
        let (lost, gained) = (lost.len(), gained.len());
        let suite = format!("{} {}", suite.name, suite.version);
        text += &format!("| {suite} | {tests} | {passed_there} | {passed_here} | {lost} | {gained} |\n");
    }
    for difference in differences {
        let named = [("lost", &difference.lost), ("gained", &difference.gained)];
        for (what, tests) in named {
            text.extend(tests.iter().map(|test| format!("{what} {} {test}\n", difference.suite.name)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Difference, Results, table};
    use crate::suites::SUITES;

    #[test]
    fn reports_of_all_players_are_understood() {
        let pytest = r#"<testsuites><testsuite name="pytest"><testcase classname="tests.a" name="test_b"/>
            <testcase classname="tests.a" name="test_c"><failure>no</failure></testcase></testsuite></testsuites>"#;
        let node = r#"<testsuites><testsuite name="connect"><testcase classname="test" name="at&#10; all"/>
            <testcase classname="test" name="later"><skipped/></testcase></testsuite></testsuites>"#;
        let names = |text| Results::from_junit(text).map(|results| results.0.into_keys().collect::<Vec<_>>());
        assert_eq!(names(pytest).unwrap(), ["tests.a test_b", "tests.a test_c"]);
        assert_eq!(names(node).unwrap(), ["connect > at all", "connect > later"]);
    }

    #[test]
    fn a_test_that_fails_or_is_missing_here_is_lost() {
        let there = Results::from_junit(
            r#"<a><testcase name="x"/><testcase name="y"/><testcase name="z"><error/></testcase></a>"#,
        );
        let here =
            Results::from_junit(r#"<a><testcase name="x"><error/></testcase><testcase name="z"/></a>"#);
        let difference = Difference::new(&SUITES[0], &there.unwrap(), &here.unwrap());
        assert_eq!((difference.lost.len(), difference.gained.len()), (2, 1));
        assert!(table("here", "there", &[difference]).contains("| 3 | 2 | 1 | 2 | 1 |"));
    }
}
