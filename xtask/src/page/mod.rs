//! The page: trunk builds it into `dist/`, wasm-opt makes it smaller, and it learns to do without a network.

mod module;
mod names;
mod offline;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use crate::shell;

/// What a visitor has to download at most, in bytes, compressed by brotli. It differs by some hundred bytes from folder to
/// folder.
const MAX_BYTES: usize = 900 * 1024;

/// What makes it smaller when it is compressed. `-Oz` would make the plain file four percent smaller and the compressed
/// one a little larger: it puts functions into one another, and what was the same twice is not the same any more.
const PASSES: [&str; 33] = [
    // They may look for as long as they like.
    "--optimize-level=2",
    "--shrink-level=2",
    "--code-folding",
    "--vacuum",
    "--duplicate-function-elimination",
    "--remove-unused-module-elements",
    "--vacuum",
    "--rse",
    "--dce",
    "--coalesce-locals",
    "--reorder-locals",
    "--merge-blocks",
    "--remove-unused-brs",
    "--remove-unused-names",
    "--optimize-instructions",
    "--merge-locals",
    "--coalesce-locals",
    "--simplify-locals-notee-nostructure",
    "--precompute-propagate",
    "--directize",
    "--dae-optimizing",
    // rustc puts nothing below 1 KB that could be reached by an offset that wraps around.
    "--low-memory-unused",
    "--optimize-added-constants",
    "--simplify-locals-notee-nostructure",
    "--coalesce-locals",
    "--vacuum",
    "--reorder-locals",
    // What says that memory is aligned helps no processor that there is, and differs where nothing else does.
    "--dealign",
    // What is called most gets the shortest numbers.
    "--reorder-functions",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    names::PASS,
];

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
    module::write(&dist()?)?;
    offline::prepare(&dist()?)?;
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
    let code = dist()?.into_iter().find(|file| has_extension(file, "wasm"));
    let code = code.context("trunk has made no wasm")?.to_string_lossy().into_owned();
    let wasm_opt = wasm_opt.to_string_lossy();
    let mut arguments = vec![&*wasm_opt, &code, "-o", &code];
    arguments.extend(PASSES);
    arguments.extend(FEATURES);
    let printed = shell::output("node", &arguments).context("wasm-opt has failed")?;
    let script =
        dist()?.into_iter().find(|file| has_extension(file, "js")).context("trunk has made no code")?;
    let text = fs::read_to_string(&script)?;
    Ok(fs::write(&script, names::put_into(&without_descriptions(&text), &printed)?)?)
}

/// wasm-bindgen's code without what it says of each function; the types say it, too.
fn without_descriptions(script: &str) -> String {
    let mut is_inside = false;
    let mut left = String::new();
    for line in script.lines() {
        is_inside |= line.trim_start().starts_with("/**");
        if !is_inside {
            left.push_str(line.trim_start());
            left.push('\n');
        }
        is_inside &= !line.trim_end().ends_with("*/");
    }
    left
}

/// Compresses every file, beside which it stays as `*.br` for servers that can send it, and says how much a visitor
/// downloads.
///
/// # Errors
/// It is too much.
fn weigh() -> Result<()> {
    let mut total = 0;
    // Types are for editors, and the icons are fetched by who installs the page.
    let is_part = |file: &PathBuf| !has_extension(file, "ts") && !has_extension(file, "png");
    for file in dist()?.into_iter().filter(is_part) {
        let content = fs::read(&file)?;
        let mut packed = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
        brotli::BrotliCompress(&mut content.as_slice(), &mut packed, &parameters)?;
        let name = name_of(&file);
        println!("{:>9} bytes, {:>7} by brotli  {name}", content.len(), packed.len());
        if packed.len() < content.len() / 10 * 9 {
            fs::write(file.with_file_name(format!("{name}.br")), &packed)?;
        }
        total += packed.len().min(content.len());
    }
    println!("{total:>25} by brotli in all; allowed: {MAX_BYTES}");
    ensure!(total <= MAX_BYTES, "the page is {} bytes too large", total - MAX_BYTES);
    Ok(())
}

/// The page's files, without their compressed copies.
fn dist() -> Result<Vec<PathBuf>> {
    let dist: &Path = &shell::root().join("dist");
    let entries = fs::read_dir(dist).with_context(|| format!("{} cannot be read", dist.display()))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = files.filter(|file| !has_extension(file, "br")).collect();
    files.sort();
    Ok(files)
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
