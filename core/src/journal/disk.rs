//! What the journal wants of a disk, as data: a host carries it out and says how it went.

use std::{fmt, sync::Arc};

use crate::id::SegmentId;

/// One operation on the directory that holds the journal's files. Those that a broker asks for are to be carried out
/// in the order in which they were asked for; only reads may overtake others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DiskAction {
    /// Make an empty file for this segment, in place of one that is there. Done when its name would survive a crash.
    Create {
        /// Which.
        segment: SegmentId,
    },
    /// Write at this offset, over whatever is there.
    Write {
        /// Where.
        segment: SegmentId,
        /// Where in it, in bytes.
        offset: u64,
        /// What; shared, because the broker tries again when there was no space.
        bytes: Arc<Vec<u8>>,
    },
    /// Make everything written to this segment survive a crash (`fdatasync`).
    Sync {
        /// Which.
        segment: SegmentId,
    },
    /// Read exactly this much of what was written before.
    Read {
        /// Where.
        segment: SegmentId,
        /// Where in it, in bytes.
        offset: u64,
        /// How much, in bytes.
        bytes: u32,
    },
    /// Remove the file. Done when a crash would not bring it back: no later file may be gone while this one is there.
    Delete {
        /// Which.
        segment: SegmentId,
    },
}

/// How an operation went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DiskResult {
    /// It is done.
    Done,
    /// What was read.
    Read(Vec<u8>),
    /// It failed; a write may have been done in part.
    Failed(DiskFailure),
}

/// Why an operation failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiskFailure {
    /// There is no space left. The broker waits for some and tries again; with any other failure it halts.
    pub full: bool,
    /// The operating system's words.
    pub text: String,
}

/// The name of the file that is no segment.
const BOUNDS_NAME: &str = "bounds";

impl SegmentId {
    /// No segment, but the file that says where the journal begins and how far it has been synced
    /// ([`Bounds`](super::Bounds)).
    pub const BOUNDS: SegmentId = SegmentId(0);

    /// The name of its file.
    #[must_use]
    pub fn file_name(self) -> String {
        if self == SegmentId::BOUNDS {
            return BOUNDS_NAME.to_owned();
        }
        format!("{:08}.segment", self.0)
    }

    /// The file of the journal that has this name.
    #[must_use]
    pub fn of_file_name(name: &str) -> Option<SegmentId> {
        if name == BOUNDS_NAME {
            return Some(SegmentId::BOUNDS);
        }
        let id = SegmentId(name.strip_suffix(".segment")?.parse().ok()?);
        (id.file_name() == name).then_some(id)
    }
}

impl fmt::Display for DiskAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiskAction::Create { segment } => write!(f, "create {}", segment.file_name()),
            DiskAction::Write { segment, offset, bytes } => {
                write!(f, "write {} bytes at {offset} to {}", bytes.len(), segment.file_name())
            }
            DiskAction::Sync { segment } => write!(f, "sync {}", segment.file_name()),
            DiskAction::Read { segment, offset, bytes } => {
                write!(f, "read {bytes} bytes at {offset} of {}", segment.file_name())
            }
            DiskAction::Delete { segment } => write!(f, "delete {}", segment.file_name()),
        }
    }
}
