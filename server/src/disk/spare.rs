//! Descriptors that are kept back for the journal: when the process, or the machine, has no others left, clients wait and the
//! journal goes on.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Descriptors that one thread of the journal keeps back.
const SPARE: usize = 2;
/// How long to wait for one when those are used up.
const BACK_OFF: Duration = Duration::from_millis(20);

/// `EMFILE` and `ENFILE`, which every Unix numbers the same.
#[cfg(unix)]
const OUT_OF_FILES: [i32; 2] = [24, 23];
#[cfg(not(unix))]
const OUT_OF_FILES: [i32; 0] = [];

/// The descriptors that are kept back.
pub(super) struct Spare {
    /// Something that can be opened as long as there is a journal.
    directory: PathBuf,
    kept: Vec<File>,
}

impl Spare {
    pub(super) fn new(directory: &Path) -> Spare {
        let mut spare = Spare { directory: directory.to_owned(), kept: Vec::new() };
        spare.refill();
        spare
    }

    /// Opens a file. If there is no descriptor for it, one of those kept back is given up, and then it is waited for one.
    pub(super) fn open(&mut self, open: impl Fn() -> io::Result<File>) -> io::Result<File> {
        loop {
            match open() {
                Err(error) if is_out_of_files(&error) => {
                    if self.kept.pop().is_none() {
                        tracing::error!(%error, "the journal waits for a file that another program closes");
                        thread::sleep(BACK_OFF);
                    }
                }
                opened => {
                    self.refill();
                    return opened;
                }
            }
        }
    }

    fn refill(&mut self) {
        while self.kept.len() < SPARE
            && let Ok(file) = File::open(&self.directory)
        {
            self.kept.push(file);
        }
    }
}

/// Whether it fails because too many files are open.
pub(crate) fn is_out_of_files(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| OUT_OF_FILES.contains(&code))
}

#[cfg(all(test, unix))]
mod tests {
    use std::{cell::Cell, env, fs::File, io};

    use super::{OUT_OF_FILES, SPARE, Spare};

    #[test]
    fn a_descriptor_that_was_kept_back_is_used_where_there_is_no_other() {
        let directory = env::temp_dir();
        let mut spare = Spare::new(&directory);
        assert_eq!(spare.kept.len(), SPARE);
        // As if there were none until one is given up, and a few more times.
        let tries = Cell::new(0);
        let opened = spare.open(|| {
            tries.set(tries.get() + 1);
            match tries.get() {
                1..=4 => Err(io::Error::from_raw_os_error(OUT_OF_FILES[0])),
                _ => File::open(&directory),
            }
        });
        assert!(opened.is_ok());
        assert_eq!((tries.get(), spare.kept.len()), (5, SPARE));
        let error = spare.open(|| Err(io::ErrorKind::PermissionDenied.into()));
        assert_eq!(error.expect_err("other errors are told").kind(), io::ErrorKind::PermissionDenied);
    }
}
