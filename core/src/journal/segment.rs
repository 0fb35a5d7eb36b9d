//! A segment: one file of the journal, what stands at its beginning, and how much of it is still of use.

use crate::{checksum, id::SegmentId};

/// The version of the format that this broker writes, and the only one that it reads.
pub(super) const VERSION: u32 = 1;

/// Bytes before the first record.
pub(super) const HEADER_BYTES: usize = 24;

const MAGIC: [u8; 8] = *b"WarrenJ\n";

/// What stands at the beginning of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub(super) segment: SegmentId,
    /// Where the segment before this one ends; what stands behind that was never safe. 0: there is none before.
    pub(super) previous_end: u32,
}

/// Why a header is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum HeaderError {
    /// Another version of Warren wrote it.
    Version(u32),
    /// It is cut off, or its bytes are none of ours.
    Broken,
}

impl Header {
    pub(super) fn encode(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let fields = [VERSION, self.segment.0, self.previous_end];
        bytes[..8].copy_from_slice(&MAGIC);
        for (field, room) in fields.iter().zip(bytes[8..20].chunks_exact_mut(4)) {
            room.copy_from_slice(&field.to_le_bytes());
        }
        let sum = checksum::of(&bytes[..20]);
        bytes[20..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Header, HeaderError> {
        let bytes = bytes.first_chunk::<HEADER_BYTES>().ok_or(HeaderError::Broken)?;
        let field = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        if bytes[..8] != MAGIC || checksum::of(&bytes[..20]) != field(20) {
            return Err(HeaderError::Broken);
        }
        match field(8) {
            VERSION => Ok(Header { segment: SegmentId(field(12)), previous_end: field(16) }),
            other => Err(HeaderError::Version(other)),
        }
    }
}

/// How much of a segment is still of use.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Usage {
    /// Places in queues that its messages still have.
    pub(crate) live: u64,
    /// Places in queues that they ever had.
    pub(crate) copies: u64,
    /// The file's length.
    pub(crate) bytes: u64,
}

impl Usage {
    /// About how many of its bytes are still of use.
    pub(super) fn live_bytes(self) -> u64 {
        self.bytes.saturating_mul(self.live).checked_div(self.copies).unwrap_or_default()
    }
}
