//! Every input that fuzzing has kept, through the functions that fuzzing calls. An input that has failed once stays in
//! `fuzz/corpus`, so that it never fails again.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

#[expect(unreachable_pub, reason = "the fuzz targets call it from outside")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

/// The most that all inputs may have together, in bytes.
const MOST_BYTES: u64 = 1 << 20;

#[test]
fn every_input_that_was_kept_is_taken() {
    let mut failed = Vec::new();
    for (name, run) in fuzz::TARGETS {
        let inputs = files(&corpus().join(name));
        assert!(!inputs.is_empty(), "{name} has no inputs");
        for input in inputs {
            let bytes = fs::read(&input).expect("a file");
            if catch_unwind(|| run(&bytes)).is_err() {
                failed.push(input);
            }
        }
    }
    assert!(failed.is_empty(), "these fail: {failed:#?}");
}

#[test]
fn every_folder_belongs_to_a_target_and_all_are_small() {
    let named = |names: &[PathBuf], extension: &str| {
        let mut names: Vec<String> = names
            .iter()
            .map(|path| path.file_name().expect("a name").to_string_lossy().replace(extension, ""))
            .collect();
        names.sort();
        names
    };
    let mut targets = fuzz::TARGETS.map(|(name, _)| name.to_owned()).to_vec();
    targets.sort();
    let folders = files(&corpus());
    assert_eq!(named(&folders, ""), targets);
    assert_eq!(named(&files(&corpus().join("../fuzz_targets")), ".rs"), targets);
    let bytes = |file: &PathBuf| fs::metadata(file).expect("a file").len();
    let sum: u64 = folders.iter().flat_map(|folder| files(folder)).map(|file| bytes(&file)).sum();
    assert!(sum <= MOST_BYTES, "{sum} bytes");
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}
