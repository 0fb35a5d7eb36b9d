//! The page: trunk builds it into `dist/`.

use anyhow::{Result, ensure};

use crate::shell;

pub(crate) fn build() -> Result<()> {
    let installed = shell::output("trunk", &["--version"]).is_some();
    ensure!(installed, "trunk is not installed: run `cargo xtask setup --only page`");
    // Trunk downloads nothing: wasm-bindgen is where set-up put it.
    shell::run("trunk", &["build", "--release", "--offline"])
}
