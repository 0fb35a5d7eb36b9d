//! A segment: one file of the journal, what stands at its beginning, and how much of it is still of use.

use super::Group;
use crate::{checksum, id::SegmentId};

/// The version of the format that this broker writes.
pub(super) const VERSION: u32 = 4;

/// Version 1 had no flags in its headers and no file with the journal's bounds. It is read, too.
const VERSION_1: u32 = 1;

/// Bytes before the first record, in versions 2 to 4, and in version 1.
pub(super) const HEADER_BYTES: usize = 28;
const HEADER_BYTES_1: usize = 24;

const MAGIC: [u8; 8] = *b"WarrenJ\n";
const CONTINUES: u32 = 1;

/// What stands at the beginning of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) segment: SegmentId,
    /// Where the segment before this one ends; what stands behind that was never safe. 0: there is none before.
    pub(super) previous_end: u32,
    /// It goes on where the one before ended, without a snapshot of its own, and is deleted together with it.
    pub(super) continues: bool,
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
    /// A header of the version that this broker writes.
    pub(super) const fn new(segment: SegmentId, previous_end: u32, continues: bool) -> Header {
        Header { version: VERSION, segment, previous_end, continues }
    }

    /// Where the records begin, in bytes.
    pub(super) const fn bytes(self) -> u64 {
        let bytes = if self.version == VERSION_1 { HEADER_BYTES_1 } else { HEADER_BYTES };
        bytes as u64
    }

    pub(super) fn encode(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let flags = if self.continues { CONTINUES } else { 0 };
        put_fields(&mut bytes, &MAGIC, &[VERSION, self.segment.0, self.previous_end, flags]);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Header, HeaderError> {
        // Where the version stands is the same in all of them.
        let version = bytes.get(8..12).and_then(|bytes| bytes.first_chunk::<4>());
        let version = u32::from_le_bytes(*version.ok_or(HeaderError::Broken)?);
        let fields = match version {
            VERSION_1 => read_fields::<3>(bytes, &MAGIC).map(|[_, segment, end]| (segment, end, 0)),
            _ => read_fields::<4>(bytes, &MAGIC).map(|[_, segment, end, flags]| (segment, end, flags)),
        };
        match fields {
            Some((segment, previous_end, flags)) if version <= VERSION => Ok(Header {
                version,
                segment: SegmentId(segment),
                previous_end,
                continues: flags & CONTINUES != 0,
            }),
            Some(_) => Err(HeaderError::Version(version)),
            // A later version's header may be longer, with its check sum elsewhere.
            None if version > VERSION && bytes.starts_with(&MAGIC) => Err(HeaderError::Version(version)),
            None => Err(HeaderError::Broken),
        }
    }
}

/// Writes 8 bytes that say what follows, numbers of 4 bytes, and the check sum of all of them.
pub(super) fn put_fields(room: &mut [u8], magic: &[u8; 8], fields: &[u32]) {
    let summed = magic.len() + 4 * fields.len();
    room[..8].copy_from_slice(magic);
    for (field, room) in fields.iter().zip(room[8..].chunks_exact_mut(4)) {
        room.copy_from_slice(&field.to_le_bytes());
    }
    let sum = checksum::of(&room[..summed]);
    room[summed..summed + 4].copy_from_slice(&sum.to_le_bytes());
}

/// Reads what [`put_fields`] has written; `None` if it is not whole.
pub(super) fn read_fields<const N: usize>(bytes: &[u8], magic: &[u8; 8]) -> Option<[u32; N]> {
    let summed = magic.len() + 4 * N;
    let bytes = bytes.get(..summed + 4).filter(|bytes| bytes.starts_with(magic))?;
    let field = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    (checksum::of(&bytes[..summed]) == field(summed))
        .then(|| std::array::from_fn(|index| field(magic.len() + 4 * index)))
}

/// How much of a segment is still of use.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Usage {
    /// It has no snapshot of its own, and is deleted together with the one before.
    pub(crate) continues: bool,
    /// Places in queues that its messages still have.
    pub(crate) live: u64,
    /// Places in queues that they ever had.
    pub(crate) copies: u64,
    /// The file's length.
    pub(crate) bytes: u64,
    /// The commit with its snapshot.
    pub(crate) begun: Group,
    /// The latest commit with something that took the place of one of its messages: a dead letter, a copy, a transaction.
    pub(crate) replaced: Group,
}

impl Usage {
    /// About how many of its bytes are still of use.
    pub(super) fn live_bytes(self) -> u64 {
        self.bytes.saturating_mul(self.live).checked_div(self.copies).unwrap_or_default()
    }
}
