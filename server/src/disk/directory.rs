//! The directory that holds the journal: one broker's at a time.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use warren_core::{
    Now, Recovered, Recovery, SegmentId,
    journal::{Damage, without_passwords},
};

use super::reader::Reader;
use crate::failure::Failure;

/// A directory that nobody else uses.
pub(crate) struct Directory {
    path: PathBuf,
    _lock: File,
}

/// The file whose lock says that the directory is in use; the process that has it writes its number into it.
const LOCK: &str = "lock";

impl Directory {
    /// Makes the directory if it is not there, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Directory, Failure> {
        let cannot = |error: &io::Error| {
            Failure::system(format!(
                "cannot keep data in {}: {error}; choose another directory with --data DIR, or say --memory",
                path.display()
            ))
        };
        make(path).map_err(|error| cannot(&error))?;
        let mut options = OpenOptions::new();
        let lock = private(options.read(true).write(true).create(true).truncate(false)).open(path.join(LOCK));
        let mut lock = lock.map_err(|error| cannot(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(path, lock)),
            Err(TryLockError::Error(error)) => return Err(cannot(&error)),
        }
        let pid = format!("{}\n", std::process::id());
        lock.set_len(0).and_then(|()| lock.write_all(pid.as_bytes())).map_err(|error| cannot(&error))?;
        Ok(Directory { path: path.to_owned(), _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what an earlier broker has left, and says so in the log.
    pub(crate) fn recover(&self, now: Now) -> Result<Recovered, Failure> {
        let started = Instant::now();
        let recovered = read(&self.path, now)?;
        let report = &recovered.report;
        self.remove_passwords(&report.clear_passwords)?;
        if let Some(cut) = &report.cut {
            let (file, offset, bytes) = (cut.segment.file_name(), cut.offset, cut.bytes);
            tracing::warn!(
                file,
                offset,
                bytes,
                "cut off a write that a crash has interrupted; nothing in it was confirmed"
            );
        }
        tracing::info!(
            directory = %self.path.display(),
            messages = report.left,
            segments = report.segments,
            bytes = report.bytes,
            ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "read the journal"
        );
        Ok(recovered)
    }
}

impl Directory {
    /// Writes segments of earlier versions again without the passwords in them. Whatever happens meanwhile, each file is
    /// as it was or as it is to be, and all messages in it stay where they are.
    fn remove_passwords(&self, segments: &[SegmentId]) -> Result<(), Failure> {
        for segment in segments {
            let path = self.path.join(segment.file_name());
            self.rewrite(&path, without_passwords).map_err(|error| {
                let path = path.display();
                Failure::system(format!("cannot remove passwords in clear text from {path}: {error}"))
            })?;
        }
        if !segments.is_empty() {
            let segments = segments.len();
            tracing::info!(segments, "removed passwords in clear text, which an earlier version has written");
        }
        Ok(())
    }

    fn rewrite(&self, path: &Path, change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> io::Result<()> {
        let Some(bytes) = change(&fs::read(path)?) else { return Ok(()) };
        let new = path.with_extension("new");
        let mut file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(&new)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        File::open(&self.path)?.sync_all()
    }
}

/// Reads the journal in a directory, without a change to it.
fn read(path: &Path, now: Now) -> Result<Recovered, Failure> {
    read_journal(path, now)?.map_err(|damage| {
        let path = path.display();
        Failure::system(format!(
            "the journal in {path} is damaged: {damage}; look with 'warren journal check {path}'"
        ))
    })
}

/// The same, for those who want to know about damage.
pub(crate) fn read_journal(path: &Path, now: Now) -> Result<Result<Recovered, Damage>, Failure> {
    let cannot = |error: &io::Error| {
        Failure::system(format!("cannot read the journal in {}: {error}", path.display()))
    };
    let files = segments(path).map_err(|error| cannot(&error))?;
    let mut recovery = Recovery::new(now, files);
    let mut reader = Reader::new(path, 1);
    while let Some(wanted) = recovery.wants() {
        let bytes =
            reader.read(wanted.segment, wanted.offset, wanted.bytes).map_err(|error| cannot(&error))?;
        recovery.read(&bytes);
    }
    Ok(recovery.finish())
}

/// The segments in a directory, and their lengths in bytes.
pub(crate) fn segments(path: &Path) -> io::Result<Vec<(SegmentId, u64)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if let Some(segment) = entry.file_name().to_str().and_then(SegmentId::of_file_name) {
            found.push((segment, entry.metadata()?.len()));
        }
    }
    Ok(found)
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Messages and passwords are nobody else's business.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn in_use(path: &Path, mut lock: File) -> Failure {
    let mut pid = String::new();
    // Whoever has it may not have said yet.
    let _ = lock.read_to_string(&mut pid);
    let who = match pid.trim() {
        "" => "another process".to_owned(),
        pid => format!("process {pid}"),
    };
    let path = path.display();
    Failure::system(format!("the data directory {path} is in use by {who}; choose another with --data DIR"))
}
