//! What makes the page do without a network: a service worker that knows its files.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use super::{has_extension, name_of};

const WORKER: &str = include_str!("service-worker.js");
const WORKER_NAME: &str = "service-worker.js";
/// Registered by whole builds only: while the page is worked on nothing is to be kept. After `load`, so that it takes
/// nothing from the first moments.
const REGISTRATION: &str = "<script>addEventListener(\"load\", () => \
    navigator.serviceWorker?.register(\"service-worker.js\").then((known) => known.update()).catch(() => {}));</script>\n  </head>";

/// Writes the service worker of these files, and has the page register it.
pub(super) fn prepare(files: &[PathBuf]) -> Result<()> {
    let index = files.iter().find(|file| name_of(file) == "index.html").context("trunk has made no page")?;
    let page = fs::read_to_string(index)?;
    ensure!(page.contains("</head>"), "the page has no head");
    fs::write(index, page.replacen("</head>", REGISTRATION, 1))?;
    fs::write(index.with_file_name(WORKER_NAME), worker(files)?)?;
    Ok(())
}

fn worker(files: &[PathBuf]) -> Result<String> {
    // Always the same for the same files: the browser takes another version for an update.
    let mut hash = DefaultHasher::new();
    let mut names = Vec::new();
    for file in files.iter().filter(|file| is_needed(file)) {
        let name = name_of(file);
        hash.write(name.as_bytes());
        hash.write(&fs::read(file)?);
        names.push(if name == "index.html" { "./".to_owned() } else { name });
    }
    hash.write(WORKER.as_bytes());
    let version = format!("{:016x}", hash.finish());
    Ok(WORKER.replace("{version}", &version).replace("{files}", &serde_json::to_string_pretty(&names)?))
}

/// Types and icons for home screens are nothing to keep.
fn is_needed(file: &Path) -> bool {
    !has_extension(file, "ts") && !has_extension(file, "png") && name_of(file) != WORKER_NAME
}
