//! Fuzzing: libFuzzer makes up input for every target of `fuzz/`, which it leads to where no input has been. It takes a
//! nightly compiler and a C++ compiler; `cargo fuzz run TARGET` does the same for one of them.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};

use crate::shell;

const TRIPLE: &str = "x86_64-unknown-linux-gnu";
/// What libFuzzer needs to see where an input has led.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";
const MINUTES: u64 = 10;
/// The longest that one input may take, in seconds: a thousand times what most take.
const LONGEST: &str = "-timeout=15";
/// The most memory that a target may take.
const MEMORY: &str = "-rss_limit_mb=2048";

/// Runs all targets, or those that are named, for so many minutes each.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let minutes = arguments.first().and_then(|first| first.parse().ok());
    let named = if minutes.is_some() { &arguments[1..] } else { arguments };
    let all = targets()?;
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        bail!("fuzz/ has no target {unknown:?}; it has {}", all.join(", "));
    }
    let programs = build()?;
    let names = if named.is_empty() { &all } else { named };
    let failed: Vec<&str> = names
        .iter()
        .filter(|name| fuzz(&programs, name, minutes.unwrap_or(MINUTES) * 60).is_err())
        .map(String::as_str)
        .collect();
    ensure!(failed.is_empty(), "found something: {} (the inputs are in fuzz/artifacts)", failed.join(", "));
    Ok(())
}

/// Their names, by the files of their programs.
fn targets() -> Result<Vec<String>> {
    let folder = shell::root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        names.extend(entry?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Compiles all targets and returns the folder of their programs.
fn build() -> Result<PathBuf> {
    let target = shell::target_directory()?.join("fuzz");
    let mut build = shell::command("rustup")?;
    build
        .args(["run", "nightly", "cargo", "build", "--release", "--bins", "--target", TRIPLE])
        .args(["--manifest-path", "fuzz/Cargo.toml"])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", FLAGS)
        // The toolchain that runs this is another one.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO");
    println!("$ {}", shell::line(&build));
    shell::check(&mut build)
        .context("fuzzing needs the nightly toolchain: rustup toolchain install nightly")?;
    Ok(target.join(TRIPLE).join("release"))
}

/// Runs a target for so long. What it makes up is kept beside the programs, so that the next run goes on from there; what
/// fails goes to `fuzz/artifacts`.
fn fuzz(programs: &Path, name: &str, seconds: u64) -> Result<()> {
    let kept = programs.join("corpus").join(name);
    let artifacts = shell::root().join("fuzz/artifacts").join(name);
    fs::create_dir_all(&kept)?;
    fs::create_dir_all(&artifacts)?;
    let program = programs.join(name).to_string_lossy().into_owned();
    let prefix = format!("-artifact_prefix={}/", artifacts.display());
    let (kept, corpus) = (kept.to_string_lossy(), format!("fuzz/corpus/{name}"));
    let begun = Instant::now();
    loop {
        let left = seconds.saturating_sub(begun.elapsed().as_secs()).max(1);
        let time = format!("-max_total_time={left}");
        let before = files(&artifacts)?;
        let ended =
            shell::run(&program, &[&time, LONGEST, MEMORY, &prefix, "-print_final_stats=1", &kept, &corpus]);
        let Err(failure) = ended else { return Ok(()) };
        let new: Vec<PathBuf> =
            files(&artifacts)?.into_iter().filter(|file| !before.contains(file)).collect();
        if new.is_empty() || !new.iter().all(|file| was_kept_waiting(&program, file)) {
            return Err(failure);
        }
        for file in new {
            println!("{} takes no long time by itself: the machine had other things to do", file.display());
            fs::remove_file(file)?;
        }
    }
}

/// libFuzzer goes by the clock. On a machine that has other things to do, an input that takes milliseconds may seem to take
/// for ever: it is tried once more, by itself.
fn was_kept_waiting(program: &str, artifact: &Path) -> bool {
    let is_timeout = artifact.file_name().is_some_and(|name| name.to_string_lossy().starts_with("timeout-"));
    is_timeout && shell::run(program, &[LONGEST, MEMORY, &artifact.to_string_lossy()]).is_ok()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}
