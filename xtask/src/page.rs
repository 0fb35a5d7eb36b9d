//! The page: trunk builds it into `dist/`.

use anyhow::Result;

use crate::shell;

pub(crate) fn build() -> Result<()> {
    // Trunk downloads nothing: wasm-bindgen is where set-up put it.
    shell::run("trunk", &["build", "--release", "--offline"])
}
