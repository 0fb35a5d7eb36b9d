//! The tests of durability and of the world, and fuzzing, for longer than anybody wants to wait for a change to land.

mod fuzz;

use anyhow::{Context, Result, bail};

use crate::shell;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some((first, rest)) = arguments.split_first()
        && first == "--fuzz"
    {
        return fuzz::run(rest);
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
                bail!("there is no option {unknown:?}; there are --crashes, --kills, --worlds and --fuzz")
            }
        }
    }
    let mut nextest = shell::command(&shell::cargo())?;
    nextest
        .args([
            "nextest",
            "run",
            "--release",
            "--package",
            "warren-tests",
            "--test",
            "durability",
            "--test",
            "world",
            "--no-capture",
        ])
        .env("WARREN_CRASH_SEEDS", crashes.to_string())
        .env("WARREN_WORLD_SEEDS", worlds.to_string())
        .env("WARREN_KILL_ROUNDS", kills.to_string());
    shell::check(&mut nextest)
}
