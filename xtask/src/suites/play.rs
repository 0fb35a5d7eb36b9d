//! Plays a suite with its language's own tools, all of which can report in `JUnit`'s XML.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result};

use super::{
    catalogue::{Source, Suite},
    fetch,
    results::Results,
};
use crate::shell;

/// Longer than any test takes that does not hang.
const TEST_SECONDS: &str = "60";

const NEXTEST: &str = r#"
[profile.default]
slow-timeout = { period = "60s", terminate-after = 1 }
[profile.default.junit]
path = "junit.xml"
"#;

/// Plays it against the broker behind port 5672; Docker is pretended to be at the given port. What it prints goes
/// to a file beside it.
pub(super) fn play(suite: &Suite, folder: &Path, docker: u16) -> Result<Results> {
    let report = folder.join("report.xml");
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut command = match suite.source {
        Source::Python(_) | Source::PythonGit(_) => pytest(&report)?,
        Source::NodeGit(_) => node(folder, &report)?,
        Source::Crate => nextest(folder)?,
    };
    command.args(suite.arguments).current_dir(folder).env("DOCKER_HOST", format!("tcp://127.0.0.1:{docker}"));
    let log = folder.join("log.txt");
    let printed = File::create(&log)?;
    command.stderr(printed.try_clone()?).stdout(printed);
    // A failing test is a result, not an error; without a report nothing was played.
    command.status().with_context(|| format!("`{}` does not start", shell::line(&command)))?;
    if matches!(suite.source, Source::Crate) {
        let _ = fs::rename(folder.join("target/nextest/default/junit.xml"), &report);
    }
    let text = fs::read_to_string(&report)
        .with_context(|| format!("{} did not run: see {}", suite.name, log.display()))?;
    Results::from_junit(&text)
}

fn pytest(report: &Path) -> Result<Command> {
    let mut pytest = shell::command(&fetch::python()?.to_string_lossy())?;
    pytest.args(["-m", "pytest", "--quiet", "--timeout", TEST_SECONDS, "--junitxml"]).arg(report);
    pytest.env("PYTHONPATH", shell::root().join("tests/suites"));
    Ok(pytest)
}

fn node(folder: &Path, report: &Path) -> Result<Command> {
    let mut node = shell::command("node")?;
    node.env("NODE_PATH", folder.join("needs/node_modules"));
    node.args(["--test", "--test-timeout=5000", "--test-reporter=junit"]);
    node.arg(format!("--test-reporter-destination={}", report.display()));
    Ok(node)
}

/// One after the other: tests of these suites share names of queues.
fn nextest(folder: &Path) -> Result<Command> {
    let config = folder.join("nextest.toml");
    fs::write(&config, NEXTEST)?;
    let mut nextest = shell::command(&shell::cargo())?;
    nextest.args(["nextest", "run", "--no-fail-fast", "--test-threads", "1", "--config-file"]).arg(config);
    nextest.env("CARGO_TARGET_DIR", folder.join("target"));
    Ok(nextest)
}
