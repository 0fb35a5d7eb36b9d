//! The page: compiled, made smaller, put into `dist/`, and taught to do without a network. It does what `trunk build`
//! would, so that nobody waits for trunk to compile; `cargo xtask serve` has trunk do it at every change.

mod assemble;
mod compile;
mod lazy;
mod module;
mod names;
mod offline;
mod style;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use crate::shell;
use compile::Code;

/// What a visitor has to download at most, in bytes, compressed by brotli. It differs by some hundred bytes from folder to
/// folder.
const MAX_BYTES: usize = 900 * 1024;

/// The page's files by name, with what is in them.
type Files = BTreeMap<String, Vec<u8>>;

/// Runs what takes its time to compile, and is therefore a package of its own.
const TOOLS: [&str; 4] = ["run", "--package", "xtask-page-tools", "--"];

/// Builds it. `--quick` leaves out what only makes it smaller; `--for-trunk` only adds to what trunk builds.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => build(),
        ["--quick"] => build_quickly(),
        ["--for-trunk"] => lazy::put_into_trunks_folder(),
        _ => bail!("page takes nothing, --quick, or --for-trunk"),
    }
}

pub(crate) fn build() -> Result<()> {
    let mut files = assemble::assemble(&shell::root(), Code::compile()?.shrink()?)?;
    module::add(&mut files)?;
    let lazy = lazy::files(&files)?;
    offline::add(&mut files, &lazy)?;
    files.extend(lazy.clone());
    write(&files)?;
    let total = compress(&files, &lazy)?;
    ensure!(total <= MAX_BYTES, "the page is {} bytes too large", total - MAX_BYTES);
    Ok(())
}

/// Without what only makes it smaller, and without a service worker: it is to be looked at here.
fn build_quickly() -> Result<()> {
    let mut files = assemble::assemble(&shell::root(), Code::compile()?)?;
    let lazy = lazy::files(&files)?;
    files.extend(lazy);
    write(&files)
}

/// Compresses every file of a visit; the compressed one stays beside it as `*.br` for servers that can send it, if that is
/// worth it. Returns how much a visitor downloads, in bytes, and says so: without what is loaded only when it is needed.
fn compress(files: &Files, lazy: &Files) -> Result<usize> {
    // Types are for editors, and the icons are fetched by who installs the page.
    let is_part = |name: &str| !has_extension(name, "ts") && !has_extension(name, "png");
    let parts = || files.iter().filter(|(name, _)| is_part(name));
    let dist = shell::root().join("dist");
    let paths: Vec<String> = parts().map(|(name, _)| format!("dist/{name}")).collect();
    let paths = paths.iter().map(String::as_str);
    shell::cargo_labelled("page", &TOOLS.into_iter().chain(["compress"]).chain(paths).collect::<Vec<_>>())?;
    let mut total = 0;
    for (name, content) in parts() {
        let compressed = dist.join(format!("{name}.br"));
        let bytes = usize::try_from(fs::metadata(&compressed)?.len())?;
        let is_lazy = lazy.contains_key(name);
        let when = if is_lazy { "  (when it is first needed)" } else { "" };
        println!("{:>9} bytes, {bytes:>7} by brotli  {name}{when}", content.len());
        total += if is_lazy { 0 } else { bytes.min(content.len()) };
        if bytes >= content.len() / 10 * 9 {
            fs::remove_file(compressed)?;
        }
    }
    println!("{total:>25} by brotli in all; allowed: {MAX_BYTES}");
    Ok(total)
}

/// Writes the files into `dist/`, in place of what is there.
fn write(files: &Files) -> Result<()> {
    let dist: PathBuf = shell::root().join("dist");
    fs::create_dir_all(&dist).with_context(|| dist.display().to_string())?;
    for entry in fs::read_dir(&dist)? {
        let path = entry?.path();
        if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }
            .with_context(|| path.display().to_string())?;
    }
    for (name, content) in files {
        fs::write(dist.join(name), content).with_context(|| format!("dist/{name}"))?;
    }
    Ok(())
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

/// The name that ends so.
fn name_with(files: &Files, ending: &str) -> Result<String> {
    let found = files.keys().find(|name| name.ends_with(ending));
    Ok(found.with_context(|| format!("the page has no {ending}"))?.clone())
}
