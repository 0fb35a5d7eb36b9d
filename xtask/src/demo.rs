//! The demo: from a fresh clone to a running server and its page.

use anyhow::Result;

use crate::{page, setup, shell};

pub(crate) fn run() -> Result<()> {
    setup::for_the_page()?;
    page::build()?;
    shell::run(&shell::cargo(), &["build", "--release", "--package", "warren"])?;
    println!(
        "\nStop with Ctrl-C. The page is at the address that follows; AMQP clients connect as guest/guest.\n"
    );
    shell::run(&shell::cargo(), &["run", "--quiet", "--release", "--package", "warren"])
}
