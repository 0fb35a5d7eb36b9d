//! `warren journal`: a look at the files of a broker that is not running, and a repaired copy of damaged ones.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use warren_core::{
    Now, SegmentId,
    journal::{Lost, RecoveryReport, repair},
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
    let files = segments(path).map_err(|error| cannot("read", path, &error))?;
    let files: Vec<SegmentId> = files.into_iter().map(|(file, _)| file).collect();
    let write = |name: SegmentId, bytes: &[u8]| {
        let file = to.join(name.file_name());
        fs::write(&file, bytes).map_err(|error| cannot("write", &file, &error))
    };
    let lost = repair(&files, |file| read_file(path, file), write)?;
    lost.iter().for_each(|lost| println!("{lost}"));
    let dropped: u64 = lost.iter().map(bytes_in_file).sum();
    match (lost.is_empty(), dropped) {
        (true, _) => println!("Nothing had to be dropped."),
        (false, 0) => println!("All that is there is in {}.", to.display()),
        (false, _) => println!("{dropped} bytes are dropped. All else is in {}.", to.display()),
    }
    match read_journal(to, Now::default())? {
        Ok(recovered) => {
            println!("{} messages are left in queues.", recovered.report.left);
            Ok(())
        }
        Err(damage) => Err(Failure::system(format!("the copy cannot be opened: {damage}"))),
    }
}

/// Bytes that are in a file and not in the copy.
fn bytes_in_file(lost: &Lost) -> u64 {
    match lost {
        Lost::Part { bytes, .. } => *bytes,
        Lost::Bounds | Lost::Segments { .. } | Lost::End { .. } => 0,
    }
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
