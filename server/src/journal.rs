//! `warren journal`: a look at the files of a broker that is not running, and a repaired copy of damaged ones.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use warren_core::{
    Now, SegmentId,
    journal::{RecoveryReport, Repaired, previous_end, repair},
};

use crate::{
    disk::{Directory, read_journal, segments},
    failure::Failure,
};

/// The options of `warren journal`.
#[derive(Args)]
pub(crate) struct JournalArgs {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Read everything, and say what is there and what is wrong. Exit code 1: something is damaged.
    Check {
        /// The data directory.
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
    /// Write what can be read into another directory, and say what cannot. The files themselves stay as they are.
    Repair {
        /// The data directory.
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// A directory that is not there yet.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
}

pub(crate) fn run(args: &JournalArgs) -> Result<(), Failure> {
    match &args.task {
        Task::Check { directory } => check(directory),
        Task::Repair { directory, to } => repair_all(directory, to),
    }
}

fn check(path: &Path) -> Result<(), Failure> {
    let _locked = lock(path)?;
    match read_journal(path, Now::default())? {
        Ok(recovered) => {
            print_report(&recovered.report);
            Ok(())
        }
        Err(damage) => {
            let path = path.display();
            Err(Failure::system(format!(
                "{damage}; 'warren journal repair {path} --to DIR' saves what can be read"
            )))
        }
    }
}

fn print_report(report: &RecoveryReport) {
    let rows = [
        ("segments", report.segments),
        ("bytes", report.bytes),
        ("records", report.records),
        ("messages written", report.messages),
        ("messages in queues", report.left),
    ];
    for (what, count) in rows {
        println!("{what:<20}{count:>16}");
    }
    let end = if report.closed { "in order" } else { "without a word, by a crash or a kill" };
    println!("The broker ended {end}.");
    if let Some(cut) = &report.cut {
        let (file, offset, bytes) = (cut.segment.file_name(), cut.offset, cut.bytes);
        println!(
            "The last {bytes} bytes of {file}, from byte {offset} on, are a write that was interrupted; nothing in them \
             was confirmed, and the next start cuts them off."
        );
    }
    println!("Nothing is damaged.");
}

fn repair_all(path: &Path, to: &Path) -> Result<(), Failure> {
    let _locked = lock(path)?;
    if to.exists() {
        let to = to.display();
        return Err(Failure::usage(format!("{to} is there already; name a directory that is not")));
    }
    // It makes the directory, for its owner alone.
    let _new = Directory::open(to)?;
    let mut files = segments(path).map_err(|error| cannot("read", path, &error))?;
    files.sort_unstable();
    let mut end_before = 0;
    let mut dropped = 0;
    for (index, &(segment, _)) in files.iter().enumerate() {
        let bytes = read_file(path, segment)?;
        let next = files.get(index + 1).map(|&(next, _)| read_file(path, next)).transpose()?;
        let end = next.and_then(|next| previous_end(&next));
        // The first one may follow others that are not needed any more.
        let before = if index == 0 { previous_end(&bytes).unwrap_or_default() } else { end_before };
        let repaired = repair(segment, &bytes, before, end);
        dropped += print_dropped(segment, &repaired);
        end_before = u32::try_from(repaired.bytes.len()).unwrap_or(u32::MAX);
        let file = to.join(segment.file_name());
        fs::write(&file, &repaired.bytes).map_err(|error| cannot("write", &file, &error))?;
    }
    match dropped {
        0 => println!("Nothing had to be dropped."),
        _ => println!("{dropped} bytes are dropped. All else is in {}.", to.display()),
    }
    match read_journal(to, Now::default())? {
        Ok(recovered) => println!("{} messages are left in queues.", recovered.report.left),
        Err(damage) => println!("It still cannot be opened: {damage}"),
    }
    Ok(())
}

fn print_dropped(segment: SegmentId, repaired: &Repaired) -> u64 {
    for dropped in &repaired.dropped {
        println!(
            "{}: {} bytes from byte {} on say nothing",
            segment.file_name(),
            dropped.bytes,
            dropped.offset
        );
    }
    repaired.dropped.iter().map(|dropped| dropped.bytes).sum()
}

/// Nobody may write while somebody reads.
fn lock(path: &Path) -> Result<Directory, Failure> {
    if !path.is_dir() {
        return Err(Failure::usage(format!("there is no directory {}", path.display())));
    }
    Directory::open(path)
}

fn read_file(path: &Path, segment: SegmentId) -> Result<Vec<u8>, Failure> {
    let file = path.join(segment.file_name());
    fs::read(&file).map_err(|error| cannot("read", &file, &error))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::system(format!("cannot {what} {}: {error}", path.display()))
}
