//! Every test.

use anyhow::Result;

use crate::{page, setup, shell};

pub(crate) fn run() -> Result<()> {
    setup::for_testing()?;
    page::build()?;
    let cargo = shell::cargo();
    shell::run(&cargo, &["build", "--workspace", "--all-targets"])?;
    shell::run(&cargo, &["test", "--doc", "--workspace", "--quiet"])?;
    // Tests build the server as their own package's dependency, with other features than the workspace's: while it compiles,
    // browsers would be too slow for their time limits.
    shell::run(&cargo, &["build", "--package", "warren"])?;
    // Last, so that its summary closes what is printed.
    shell::run(&cargo, &["nextest", "run", "--workspace", "--no-fail-fast"])
}
