//! Reads segments.

use std::{
    collections::HashMap,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use warren_core::{DiskAction, DiskResult, SegmentId};

use super::spare::Spare;

pub(super) struct Reader {
    path: PathBuf,
    open: HashMap<SegmentId, File>,
    /// Files that stay open at most.
    most: usize,
    spare: Spare,
}

impl Reader {
    pub(super) fn new(path: &Path, most: usize) -> Reader {
        Reader { path: path.to_owned(), open: HashMap::new(), most, spare: Spare::new(path) }
    }

    pub(super) fn carry_out(&mut self, action: &DiskAction) -> io::Result<DiskResult> {
        match *action {
            DiskAction::Read { segment, offset, bytes } => {
                self.read(segment, offset, bytes).map(DiskResult::Read)
            }
            DiskAction::Delete { segment } => {
                self.open.remove(&segment);
                Ok(DiskResult::Done)
            }
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    pub(super) fn read(&mut self, segment: SegmentId, offset: u64, bytes: u32) -> io::Result<Vec<u8>> {
        if !self.open.contains_key(&segment) {
            if self.open.len() >= self.most {
                self.open.clear();
            }
            let file = self.path.join(segment.file_name());
            self.open.insert(segment, self.spare.open(|| File::open(&file))?);
        }
        let file = self.open.get(&segment).ok_or(io::ErrorKind::NotFound)?;
        let mut found = vec![0; bytes as usize];
        read_at(file, &mut found, offset)?;
        Ok(found)
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    use io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(bytes)
}
