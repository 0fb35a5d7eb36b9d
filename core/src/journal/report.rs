//! What recovery asks for, and what it has found.

use std::fmt;

use super::{Bounds, found::Remains};
use crate::id::SegmentId;

/// A part of a segment that the host is to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadRequest {
    /// Which.
    pub segment: SegmentId,
    /// From where, in bytes.
    pub offset: u64,
    /// How much, in bytes; the file has that much.
    pub bytes: u32,
}

/// What a journal holds.
pub struct Recovered {
    pub(crate) remains: Remains,
    /// Where the latest segment ends.
    pub(crate) latest: (SegmentId, u32),
    /// What the file of bounds says, and which of its two places says so.
    pub(crate) bounds: Option<(Bounds, u32)>,
    /// Files that are not needed any more.
    pub(crate) leftover: Vec<SegmentId>,
    /// What there was to read.
    pub report: RecoveryReport,
}

/// What there was to read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecoveryReport {
    /// Segments.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records in them.
    pub records: u64,
    /// Messages among them, those that nobody needs any more included.
    pub messages: u64,
    /// Messages that are left in queues, and with exchanges that hold them back or keep them.
    pub left: u64,
    /// Whether the broker that wrote it was shut down in order.
    pub closed: bool,
    /// What was cut off at the end: a write that a crash has interrupted.
    pub cut: Option<Cut>,
    /// Segments with passwords in clear text, which earlier versions have written.
    pub clear_passwords: Vec<SegmentId>,
}

/// The end of the journal, which was never safe. It may reach over several segments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut {
    /// The segment.
    pub segment: SegmentId,
    /// From where.
    pub offset: u64,
    /// How much.
    pub bytes: u64,
}

/// A journal that has lost something that was safe, or that is none of this version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// The segment.
    pub segment: SegmentId,
    /// Where in it, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, byte {}: {}", self.segment.file_name(), self.offset, self.what)
    }
}
