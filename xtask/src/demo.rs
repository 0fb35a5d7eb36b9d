//! The demo: from a fresh clone to a running server and its page.

use std::thread;

use anyhow::{Result, anyhow};

use crate::{page, setup, shell};

/// Compiled for being there soon (Cargo.toml says how); it reads the page from `dist/`, so that neither waits for the other.
const BUILD_SERVER: [&str; 5] = ["build", "--package", "warren", "--profile", "demo"];

pub(crate) fn run() -> Result<()> {
    let server = thread::spawn(|| shell::cargo_labelled("server", &BUILD_SERVER));
    let page = setup::for_the_page().and_then(|()| page::build());
    let server = server.join().unwrap_or_else(|_| Err(anyhow!("building the server panicked")));
    page.and(server)?;
    println!(
        "\nStop with Ctrl-C. The page is at the address that follows; AMQP clients connect as guest/guest.\n"
    );
    shell::run(&shell::target_directory()?.join("demo/warren").to_string_lossy(), &[])
}
