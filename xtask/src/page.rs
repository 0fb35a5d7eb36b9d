//! The page: trunk builds it into `dist/`, and wasm-opt makes it smaller.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use crate::shell;

/// What a visitor should have to download at most, in bytes, compressed by brotli.
const WANTED_BYTES: usize = 600 * 1024;

/// What rustc's wasm uses, and every browser has.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Builds it. `--quick` leaves out what only makes it smaller.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => build(),
        ["--quick"] => assemble(),
        _ => bail!("page takes nothing, or --quick"),
    }
}

pub(crate) fn build() -> Result<()> {
    assemble()?;
    shrink()?;
    weigh()
}

fn assemble() -> Result<()> {
    let installed = shell::output("trunk", &["--version"]).is_some();
    ensure!(installed, "trunk is not installed: run `cargo xtask setup --only page`");
    // Trunk downloads nothing: wasm-bindgen is where set-up put it.
    shell::run("trunk", &["build", "--release", "--offline"])
}

fn shrink() -> Result<()> {
    let wasm_opt = shell::cache()?.join("wasm-opt/node_modules/binaryen/bin/wasm-opt");
    ensure!(wasm_opt.exists(), "wasm-opt is not installed: run `cargo xtask setup --only page`");
    let code = dist()?.into_iter().find(|file| file.extension().is_some_and(|kind| kind == "wasm"));
    let code = code.context("trunk has made no wasm")?.to_string_lossy().into_owned();
    let wasm_opt = wasm_opt.to_string_lossy();
    let mut arguments = vec![&*wasm_opt, "-Oz", "--strip-debug", &code, "-o", &code];
    arguments.extend(FEATURES);
    shell::run("node", &arguments)
}

/// Says how much a visitor downloads.
fn weigh() -> Result<()> {
    let mut total = 0;
    for file in dist()? {
        let content = fs::read(&file)?;
        let mut packed = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
        brotli::BrotliCompress(&mut content.as_slice(), &mut packed, &parameters)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        println!("{:>9} bytes, {:>7} by brotli  {name}", content.len(), packed.len());
        total += packed.len();
    }
    println!("{total:>25} by brotli in all; wanted: {WANTED_BYTES} at most");
    Ok(())
}

fn dist() -> Result<Vec<PathBuf>> {
    let dist: &Path = &shell::root().join("dist");
    let entries = fs::read_dir(dist).with_context(|| format!("{} cannot be read", dist.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    Ok(files)
}
