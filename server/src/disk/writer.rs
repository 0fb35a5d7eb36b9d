//! Writes segments.

use std::{
    collections::{HashMap, hash_map::Entry},
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use warren_core::{DiskAction, DiskResult, SegmentId};

use super::directory::private;

pub(super) struct Writer {
    path: PathBuf,
    /// Those that are written to.
    open: HashMap<SegmentId, File>,
}

impl Writer {
    pub(super) fn new(path: &Path) -> Writer {
        Writer { path: path.to_owned(), open: HashMap::new() }
    }

    pub(super) fn carry_out(&mut self, action: &DiskAction) -> io::Result<DiskResult> {
        match *action {
            DiskAction::Create { segment } => self.create(segment)?,
            DiskAction::Write { segment, offset, ref bytes } => write_at(self.file(segment)?, bytes, offset)?,
            DiskAction::Sync { segment } => self.file(segment)?.sync_data()?,
            DiskAction::Delete { segment } => {
                self.open.remove(&segment);
                fs::remove_file(self.path.join(segment.file_name()))?;
                File::open(&self.path)?.sync_all()?;
            }
            DiskAction::Read { .. } => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(DiskResult::Done)
    }

    /// The name is safe when the directory is.
    fn create(&mut self, segment: SegmentId) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let file = private(options.write(true).create(true).truncate(true))
            .open(self.path.join(segment.file_name()))?;
        file.sync_all()?;
        File::open(&self.path)?.sync_all()?;
        // Nothing is written any more to the ones before.
        self.open.clear();
        self.open.insert(segment, file);
        Ok(())
    }

    /// The latest one of an earlier process is synced before anything is written behind it.
    fn file(&mut self, segment: SegmentId) -> io::Result<&File> {
        match self.open.entry(segment) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(new) => {
                let file = OpenOptions::new().write(true).open(self.path.join(segment.file_name()))?;
                Ok(new.insert(file))
            }
        }
    }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn write_at(mut file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    use io::{Seek, SeekFrom, Write};
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}
