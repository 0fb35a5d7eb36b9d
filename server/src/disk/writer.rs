//! Writes segments.

use std::{
    collections::{HashMap, hash_map::Entry},
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use warren_core::{DiskAction, DiskResult, SegmentId};

use super::{directory::private, spare::Spare};

pub(super) struct Writer {
    path: PathBuf,
    /// Those that are written to.
    open: HashMap<SegmentId, File>,
    spare: Spare,
}

impl Writer {
    pub(super) fn new(path: &Path) -> Writer {
        Writer { path: path.to_owned(), open: HashMap::new(), spare: Spare::new(path) }
    }

    pub(super) fn carry_out(&mut self, action: &DiskAction) -> io::Result<DiskResult> {
        match *action {
            DiskAction::Create { segment } => self.create(segment)?,
            DiskAction::Write { segment, offset, ref bytes } => {
                write_at(self.file(segment)?, bytes, offset)?;
                self.check_still_there(segment)?;
            }
            DiskAction::Sync { segment } => {
                self.file(segment)?.sync_data()?;
                self.check_still_there(segment)?;
            }
            DiskAction::Delete { segment } => {
                self.open.remove(&segment);
                fs::remove_file(self.path.join(segment.file_name()))?;
                self.sync_directory()?;
            }
            DiskAction::Read { .. } => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(DiskResult::Done)
    }

    /// The name is safe when the directory is.
    fn create(&mut self, segment: SegmentId) -> io::Result<()> {
        let mut options = OpenOptions::new();
        private(options.write(true).create(true).truncate(true));
        let path = self.path.join(segment.file_name());
        let file = self.spare.open(|| options.open(&path))?;
        file.sync_all()?;
        self.sync_directory()?;
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

impl Writer {
    fn sync_directory(&mut self) -> io::Result<()> {
        self.spare.open(|| File::open(&self.path))?.sync_all()
    }

    /// What was written to a file that is not in the directory any more cannot be found again.
    #[cfg(unix)]
    fn check_still_there(&mut self, segment: SegmentId) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt;
        let open = self.file(segment)?.metadata()?;
        let path = self.path.join(segment.file_name());
        let is_same = |found: fs::Metadata| (found.dev(), found.ino()) == (open.dev(), open.ino());
        match fs::symlink_metadata(&path).map(is_same) {
            Ok(true) => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => {
                let path = path.display();
                Err(io::Error::other(format!("{path} was removed or replaced while it was written to")))
            }
        }
    }

    #[cfg(not(unix))]
    fn check_still_there(&mut self, _: SegmentId) -> io::Result<()> {
        Ok(())
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
