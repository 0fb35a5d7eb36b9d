//! The page alone, built anew at every change, by the trunk that set-up has installed.

use anyhow::Result;

use crate::{setup, shell};

/// Runs `trunk serve` with these options.
pub(crate) fn run(options: &[String]) -> Result<()> {
    setup::for_serving()?;
    let options = options.iter().map(String::as_str);
    shell::run("trunk", &["serve"].into_iter().chain(options).collect::<Vec<_>>())
}
