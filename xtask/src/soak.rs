//! The durability tests, for longer than anybody wants to wait for a change to land.

use anyhow::{Context, Result, bail};

use crate::shell;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (mut crashes, mut kills) = (500, 200);
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let number = rest.next().with_context(|| format!("{option} needs a number"))?;
        let number: u32 =
            number.parse().with_context(|| format!("{option} needs a number, and got {number:?}"))?;
        match option.as_str() {
            "--crashes" => crashes = number,
            "--kills" => kills = number,
            unknown => bail!("there is no option {unknown:?}; there are --crashes and --kills"),
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
            "--no-capture",
        ])
        .env("WARREN_CRASH_SEEDS", crashes.to_string())
        .env("WARREN_KILL_ROUNDS", kills.to_string());
    shell::check(&mut nextest)
}
