//! What makes the page do without a network: a service worker that knows its files.

use std::hash::{DefaultHasher, Hasher};

use anyhow::{Result, ensure};

use super::{Files, has_extension};

const WORKER: &str = include_str!("service-worker.js");
const WORKER_NAME: &str = "service-worker.js";
/// Registered by whole builds only: while the page is worked on nothing is to be kept. Once the page has started, because it
/// asks for all files, too, and these are what the visitor waits for until then.
const REGISTRATION: &str = "<script>addEventListener(\"TrunkApplicationStarted\", () => \
    navigator.serviceWorker?.register(\"service-worker.js\").then((known) => known.update()).catch(() => {}));</script>\n</head>";

/// Adds the service worker of these files, and has the page register it. `lazy` are those that it keeps once they were
/// needed.
pub(super) fn add(files: &mut Files, lazy: &Files) -> Result<()> {
    let page = String::from_utf8(files.remove("index.html").unwrap_or_default())?;
    ensure!(page.contains("</head>"), "the page has no head");
    files.insert("index.html".into(), page.replacen("</head>", REGISTRATION, 1).into_bytes());
    let worker = worker(files, lazy)?;
    files.insert(WORKER_NAME.into(), worker.into_bytes());
    Ok(())
}

fn worker(files: &Files, lazy: &Files) -> Result<String> {
    // Always the same for the same files: the browser takes another version for an update.
    let mut hash = DefaultHasher::new();
    let mut names = Vec::new();
    for (name, content) in files.iter().filter(|(name, _)| is_needed(name)) {
        hash.write(name.as_bytes());
        hash.write(content);
        names.push(if name == "index.html" { "./" } else { name });
    }
    for (name, content) in lazy {
        hash.write(name.as_bytes());
        hash.write(content);
    }
    hash.write(WORKER.as_bytes());
    let version = format!("{:016x}", hash.finish());
    let lazy = serde_json::to_string_pretty(&lazy.keys().collect::<Vec<_>>())?;
    let names = serde_json::to_string_pretty(&names)?;
    Ok(WORKER.replace("{version}", &version).replace("{files}", &names).replace("{lazy}", &lazy))
}

/// Types and icons for home screens are nothing to keep.
fn is_needed(name: &str) -> bool {
    !has_extension(name, "ts") && !has_extension(name, "png")
}
