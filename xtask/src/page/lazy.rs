//! What stands beside the page and is loaded only when it is first needed: QuickJS, which plays the code of actors. It is
//! not in the repository; set-up fetches the version that `xtask/quickjs` names, whose checksum is in the lock file there.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use super::{Files, has_extension};
use crate::shell;

/// The package, as npm knows it.
const PACKAGE: &str = "quickjs-wasi";

/// The files by name. The page that is built must ask for each of them by this name.
pub(super) fn files(page: &Files) -> Result<Files> {
    let (name, path) = interpreter()?;
    let is_asked_for = |content: &[u8]| content.windows(name.len()).any(|piece| piece == name.as_bytes());
    let mut code = page.iter().filter(|(name, _)| has_extension(name, "wasm"));
    ensure!(
        code.any(|(_, content)| is_asked_for(content)),
        "the page does not ask for {name}: web/src/interpreter names another version than xtask/quickjs"
    );
    Ok(Files::from([(name, read(&path)?)]))
}

/// Puts them where trunk collects the page: it calls this when it has built the rest (`Trunk.toml`).
pub(super) fn put_into_trunks_folder() -> Result<()> {
    let folder = env::var_os("TRUNK_STAGING_DIR").context("TRUNK_STAGING_DIR is not set: trunk sets it")?;
    let (folder, (name, path)) = (Path::new(&folder), interpreter()?);
    fs::write(folder.join(&name), read(&path)?).with_context(|| folder.join(name).display().to_string())
}

/// What the page calls QuickJS, and where set-up has put it. Another version has another name, so that a browser may keep
/// it.
fn interpreter() -> Result<(String, PathBuf)> {
    let wanted = fs::read_to_string(shell::root().join("xtask/quickjs/package.json"))?;
    let wanted: serde_json::Value = serde_json::from_str(&wanted).context("xtask/quickjs/package.json")?;
    let version = wanted.pointer(&format!("/dependencies/{PACKAGE}")).and_then(serde_json::Value::as_str);
    let version = version.context("xtask/quickjs/package.json names no version")?;
    let folder = shell::cache()?.join("quickjs/node_modules").join(PACKAGE);
    Ok((format!("quickjs-{version}.wasm"), folder.join("quickjs.wasm")))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    match fs::read(path) {
        Ok(content) => Ok(content),
        Err(_) => bail!(
            "QuickJS is not installed: run `cargo xtask setup --only page` once, with a connection to the npm registry"
        ),
    }
}
