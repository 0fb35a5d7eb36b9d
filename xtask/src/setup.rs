//! `cargo xtask setup`: installs what is missing, and says what it does. What it installs goes to
//! `~/.cache/warren`, and stays there for the next checkout.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::shell;

const TRUNK: &str = "0.21.14";
const NEXTEST: &str = "0.9.143";
const WASM: &str = "wasm32-unknown-unknown";

/// Everything that building and testing need, or only one part of it.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => everything(),
        ["--only", "page"] => for_the_page(),
        ["--only", "serve"] => for_serving(),
        ["--only", "clients"] => python_clients().and_then(|()| node_clients()),
        ["--only", "browser"] => browser(),
        _ => bail!(
            "setup takes nothing, or one of `--only page`, `--only serve`, `--only clients`, `--only browser`"
        ),
    }
}

fn everything() -> Result<()> {
    for_testing()?;
    for_serving()
}

/// What building and testing need. What is not compiled is fetched while the rest compiles.
pub(crate) fn for_testing() -> Result<()> {
    let fetched = std::thread::spawn(|| {
        python_clients()?;
        node_clients()?;
        browser()
    });
    for_the_page()?;
    nextest()?;
    match fetched.join() {
        Ok(outcome) => outcome,
        Err(_) => bail!("installing the clients and the browser panicked"),
    }
}

/// What building the page needs.
pub(crate) fn for_the_page() -> Result<()> {
    wasm_target()?;
    wasm_opt()?;
    quickjs()
}

/// What `trunk serve` needs.
pub(crate) fn for_serving() -> Result<()> {
    wasm_target()?;
    wasm_bindgen()?;
    quickjs()?;
    trunk()
}

pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = shell::output("rustc", &["--print", "sysroot"]).context("rustc does not run")?;
    let present = Path::new(&sysroot).join("lib/rustlib").join(WASM).exists();
    ensure("the wasm32 target", present, || shell::run("rustup", &["target", "add", WASM]))
}

/// Trunk's way to the script. The command must be of exactly the crate's version.
fn wasm_bindgen() -> Result<()> {
    let version = locked_version("wasm-bindgen")?;
    let name = format!("wasm-bindgen {version}");
    ensure(&name, shell::output("wasm-bindgen", &["--version"]).as_ref() == Some(&name), || {
        // Not --locked: its lock file has named a version that the registry does not have.
        cargo_install("wasm-bindgen-cli", &version, &["--bin", "wasm-bindgen"])
    })
}

/// Without its default features trunk compiles in a fraction of the time; they are for updates and downloads, and
/// set-up does without both.
fn trunk() -> Result<()> {
    let name = format!("trunk {TRUNK}");
    ensure(&name, shell::output("trunk", &["--version"]).as_ref() == Some(&name), || {
        cargo_install("trunk", TRUNK, &["--locked", "--no-default-features"])
    })
}

fn nextest() -> Result<()> {
    ensure("cargo-nextest", shell::output("cargo-nextest", &["nextest", "--version"]).is_some(), || {
        cargo_install(
            "cargo-nextest",
            NEXTEST,
            &["--locked", "--no-default-features", "--features", "default-no-update"],
        )
    })
}

fn python_clients() -> Result<()> {
    let folder = shell::cache()?.join("python");
    let requirements = shell::root().join("tests/clients/python/requirements.txt");
    ensure("the Python clients", is_stamped(&folder, &requirements), || {
        let folder_name = folder.to_string_lossy();
        quietly("python3", &["-m", "venv", &folder_name], "install Python 3 with its venv module")?;
        let pip = folder.join("bin/pip");
        let requirements_name = requirements.to_string_lossy();
        quietly(&pip.to_string_lossy(), &["install", "--quiet", "--requirement", &requirements_name], "")?;
        translate_amqplib(&folder)?;
        stamp(&folder, &requirements)
    })
}

/// amqplib is the last client that speaks AMQP 0-8, and is written in Python 2: fissix makes it Python 3, as its own
/// set-up did in its day.
fn translate_amqplib(folder: &Path) -> Result<()> {
    let python = folder.join("bin/python").to_string_lossy().into_owned();
    let where_it_is = "import amqplib, os; print(os.path.dirname(amqplib.__file__))";
    let package = shell::output(&python, &["-c", where_it_is]).context("amqplib is not installed")?;
    quietly(&python, &["-W", "ignore", "-m", "fissix", "--write", "--nobackups", "--no-diffs", &package], "")
}

fn node_clients() -> Result<()> {
    node_packages("the Node clients", "node", "tests/clients/node")
}

/// What makes the page's code smaller once more.
fn wasm_opt() -> Result<()> {
    node_packages("wasm-opt", "wasm-opt", "xtask/wasm-opt")
}

/// What plays the code of actors on the page. The lock file has its checksum.
fn quickjs() -> Result<()> {
    node_packages("QuickJS", "quickjs", "xtask/quickjs")
}

/// Installs what a `package.json` with its lock file says into a folder of the cache.
fn node_packages(name: &str, folder: &str, source: &str) -> Result<()> {
    let folder = shell::cache()?.join(folder);
    let source = shell::root().join(source);
    let lock = source.join("package-lock.json");
    ensure(name, is_stamped(&folder, &lock), || {
        fs::create_dir_all(&folder)?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source.join(file), folder.join(file))?;
        }
        quietly(
            "npm",
            &["ci", "--silent", "--prefix", &folder.to_string_lossy()],
            "install Node.js with npm",
        )?;
        stamp(&folder, &lock)
    })
}

fn browser() -> Result<()> {
    let present =
        ["chromium", "chromedriver"].iter().all(|program| shell::output(program, &["--version"]).is_some());
    ensure("Chromium and chromedriver", present, || from_debian(&["chromium", "chromium-driver"]))?;
    // It finds what assistive technology would stumble over.
    node_packages("axe-core", "axe", "tests/axe")
}

fn from_debian(packages: &[&str]) -> Result<()> {
    let packages = packages.join(" ");
    if shell::output("apt-get", &["--version"]).is_none() {
        bail!("install {packages} by hand: there is no apt here");
    }
    let sudo = if shell::output("id", &["-u"]).as_deref() == Some("0") { "" } else { "sudo " };
    let install = format!("apt-get install --yes --quiet=2 {packages}");
    quietly("sh", &["-c", &format!("{sudo}apt-get update --quiet=2 && {sudo}{install}")], "")
}

/// Says whether something is there, and installs it if not.
pub(crate) fn ensure(name: &str, present: bool, install: impl FnOnce() -> Result<()>) -> Result<()> {
    if present {
        println!("   here  {name}");
        return Ok(());
    }
    println!("    ...  installing {name}");
    let start = Instant::now();
    install().with_context(|| format!("cannot install {name}"))?;
    println!("{:>5} s  installed {name}", start.elapsed().as_secs());
    Ok(())
}

/// Compiles a tool for being there soon, not for being fast: it runs for seconds. The tools share what they
/// have in common.
fn cargo_install(package: &str, version: &str, options: &[&str]) -> Result<()> {
    let cache = shell::cache()?;
    let mut install = shell::command(&shell::cargo())?;
    install
        .args(["install", "--force", package, "--version", version])
        .args(options)
        .arg("--root")
        .arg(&cache)
        .env("CARGO_TARGET_DIR", cache.join("tools"))
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    shell::check(&mut install)
}

/// Runs a program whose output only matters if it fails.
pub(crate) fn quietly(program: &str, arguments: &[&str], advice: &str) -> Result<()> {
    let mut command: Command = shell::command(program)?;
    let output = command.args(arguments).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("{program} does not start; {advice}"))?;
    if output.status.success() {
        return Ok(());
    }
    bail!("`{}` failed:\n{}", shell::line(&command), String::from_utf8_lossy(&output.stderr))
}

/// The version of a package in Cargo.lock.
fn locked_version(package: &str) -> Result<String> {
    let text = fs::read_to_string(shell::root().join("Cargo.lock")).context("Cargo.lock")?;
    let lock: toml::Table = text.parse().context("Cargo.lock")?;
    let packages =
        lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock names no packages")?;
    let found =
        packages.iter().find(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package));
    let version = found.and_then(|entry| entry.get("version")?.as_str());
    Ok(version.with_context(|| format!("Cargo.lock does not name {package}"))?.to_owned())
}

/// Whether the folder was filled from this very file.
fn is_stamped(folder: &Path, source: &Path) -> bool {
    let (stamped, wanted) = (fs::read(folder.join("stamp")), fs::read(source));
    matches!((stamped, wanted), (Ok(stamped), Ok(wanted)) if stamped == wanted)
}

fn stamp(folder: &Path, source: &Path) -> Result<()> {
    fs::copy(source, folder.join("stamp"))?;
    Ok(())
}
