//! The tests of durability and of the world, and fuzzing, for longer than anybody wants to wait for a change to land.

mod fuzz;

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments.split_first() {
        Some((first, rest)) if first == "--fuzz" => return fuzz::run(rest),
        Some((first, rest)) if first == "--server" => return server(rest),
        Some((first, rest)) if first == "--page" => return page(rest),
        _ => {}
    }
    let (mut crashes, mut kills, mut worlds) = (500, 200, 100_000);
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let number = rest.next().with_context(|| format!("{option} needs a number"))?;
        let number: u32 =
            number.parse().with_context(|| format!("{option} needs a number, and got {number:?}"))?;
        match option.as_str() {
            "--crashes" => crashes = number,
            "--kills" => kills = number,
            "--worlds" => worlds = number,
            unknown => {
                bail!(
                    "there is no option {unknown:?}; there are --crashes, --kills, --worlds, --fuzz, --server and --page"
                )
            }
        }
    }
    let mut nextest = nextest(&["durability", "world"])?;
    nextest
        .env("WARREN_CRASH_SEEDS", crashes.to_string())
        .env("WARREN_WORLD_SEEDS", worlds.to_string())
        .env("WARREN_KILL_ROUNDS", kills.to_string());
    shell::check(&mut nextest)
}

/// The server at work for so many minutes: an hour, unless somebody says otherwise.
fn server(arguments: &[String]) -> Result<()> {
    let minutes = arguments.first().map_or("60", String::as_str);
    let minutes: u64 = minutes
        .parse()
        .with_context(|| format!("--server needs a number of minutes, and got {minutes:?}"))?;
    shell::check(nextest(&["soak"])?.env("WARREN_SOAK_MINUTES", minutes.to_string()))
}

/// Every lesson in each of the six ways to its goal, or in those that are named. The page has to be built.
fn page(ways: &[String]) -> Result<()> {
    const WAYS: [&str; 6] = ["mouse-en", "mouse-ru", "keyboard-en", "keyboard-ru", "touch-en", "touch-ru"];
    if let Some(unknown) = ways.iter().find(|way| !WAYS.contains(&way.as_str())) {
        bail!("there is no way {unknown:?}; there are {}", WAYS.join(", "));
    }
    for way in WAYS.into_iter().filter(|way| ways.is_empty() || ways.iter().any(|wanted| wanted == way)) {
        println!("every lesson by {way}");
        let mut nextest = shell::command(&shell::cargo())?;
        nextest.args(["nextest", "run", "--package", "warren-tests", "--test", "browser", "--no-fail-fast"]);
        shell::check(nextest.args(["--", "ways::"]).env("WARREN_WAY", way))?;
    }
    Ok(())
}

/// Runs these tests of the project, with all that they print.
fn nextest(tests: &[&str]) -> Result<Command> {
    let mut nextest = shell::command(&shell::cargo())?;
    nextest.args(["nextest", "run", "--release", "--package", "warren-tests", "--no-capture"]);
    for test in tests {
        nextest.args(["--test", test]);
    }
    Ok(nextest)
}
