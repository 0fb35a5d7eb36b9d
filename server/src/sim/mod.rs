//! `warren sim`, `warren replay` and `warren lint`: scenarios in virtual time, one run or thousands, and what they show.

mod args;
mod findings;
pub(crate) mod lint;
mod play;
pub(crate) mod print;
pub(crate) mod read;
pub(crate) mod replay;
mod sweep;

pub(crate) use args::SimArgs;
pub(crate) use lint::LintArgs;
pub(crate) use print::print;
pub(crate) use read::scenario as read;
pub(crate) use replay::ReplayArgs;

use crate::failure::Failure;

/// Plays one seed, or sweeps many.
pub(crate) fn run(args: &SimArgs) -> Result<(), Failure> {
    args.check()?;
    match &args.seeds {
        Some(seeds) => sweep::run(args, seeds.clone()),
        None => play::run(args),
    }
}
