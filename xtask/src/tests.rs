//! Every test.

use anyhow::Result;

use crate::{page, setup, shell};

pub(crate) fn run() -> Result<()> {
    setup::for_testing()?;
    page::build()?;
    let cargo = shell::cargo();
    shell::run(&cargo, &["build", "--workspace", "--all-targets"])?;
    shell::run(&cargo, &["test", "--doc", "--workspace", "--quiet"])?;
    // Last, so that its summary closes what is printed.
    shell::run(&cargo, &["nextest", "run", "--workspace", "--no-fail-fast"])
}
