//! A run of a queue's messages that is on the disk only: where each is, in a few bytes of memory.

use super::{
    codec::{Decoder, put_number},
    record::{Framed, PREFIX_BYTES, Place, frame, message_of},
};
use crate::{
    Instant, QueueId,
    id::SegmentId,
    message::Message,
    queue::{Entry, Returns},
};

/// Messages of one queue and one priority whose records are in one segment, in the order of their positions.
#[derive(Clone)]
pub(crate) struct Chunk {
    pub(crate) segment: SegmentId,
    /// Where its first record begins, and its last one ends.
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) first_position: u64,
    pub(crate) last_position: u64,
    pub(crate) count: u32,
    /// Bytes of bodies.
    pub(crate) body_bytes: u64,
    /// Where the last one begins.
    last_offset: u32,
    /// For each message: how far its position is from the one before, flags, how far its record is from the one before,
    /// and what the flags announce. That is three bytes for most.
    index: Vec<u8>,
}

/// What is kept of a message whose record is on the disk.
#[derive(Clone, Copy)]
pub(crate) struct Parked {
    pub(crate) position: u64,
    pub(crate) place: Place,
    pub(crate) body_bytes: u32,
    pub(crate) redelivered: bool,
    pub(crate) expires_at: Option<Instant>,
    pub(crate) returns: Returns,
}

/// How many messages a chunk has at most, and over how many bytes of a segment it reaches.
const MAX_COUNT: u32 = 1024;
const MAX_SPAN: u32 = 512 << 10;

const REDELIVERED: u64 = 1;
const EXPIRES: u64 = 2;
const RETURNS: u64 = 4;
const FLAG_BITS: u32 = 3;

impl Chunk {
    pub(crate) fn new(first: &Parked) -> Self {
        let mut chunk = Chunk {
            segment: first.place.segment,
            start: first.place.offset,
            end: first.place.offset,
            last_offset: first.place.offset,
            first_position: first.position,
            last_position: first.position,
            count: 0,
            body_bytes: 0,
            index: Vec::new(),
        };
        chunk.put(first);
        chunk
    }

    /// Adds a message behind the others; `false` if it does not fit.
    pub(crate) fn push(&mut self, parked: &Parked) -> bool {
        let place = parked.place;
        let fits = place.segment == self.segment
            && place.offset >= self.end
            && parked.position > self.last_position
            && self.count < MAX_COUNT
            && place.end() - self.start <= MAX_SPAN;
        if fits {
            self.put(parked);
        }
        fits
    }

    /// Gives memory back that it will not need.
    pub(crate) fn close(&mut self) {
        self.index.shrink_to_fit();
    }

    fn put(&mut self, parked: &Parked) {
        let flag = |set: bool, flag: u64| if set { flag } else { 0 };
        let returned = parked.returns != Returns::default();
        let flags = flag(parked.redelivered, REDELIVERED)
            | flag(parked.expires_at.is_some(), EXPIRES)
            | flag(returned, RETURNS);
        put_number(&mut self.index, (parked.position - self.last_position) << FLAG_BITS | flags);
        put_number(&mut self.index, (parked.place.offset - self.last_offset).into());
        if let Some(at) = parked.expires_at {
            put_number(&mut self.index, at.as_micros());
        }
        if returned {
            put_number(&mut self.index, parked.returns.acquired.into());
            put_number(&mut self.index, parked.returns.failed.into());
        }
        self.last_position = parked.position;
        self.last_offset = parked.place.offset;
        self.end = parked.place.end();
        self.count += 1;
        self.body_bytes += u64::from(parked.body_bytes);
    }

    /// How many bytes from `start` on hold all of it.
    pub(crate) fn span(&self) -> u32 {
        self.end - self.start
    }

    /// Its messages, without what their records know: their lengths.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Parked> {
        let mut index = Decoder(&self.index);
        let (mut position, mut offset, segment) = (self.first_position, self.start, self.segment);
        std::iter::from_fn(move || {
            let head = index.number()?;
            position += head >> FLAG_BITS;
            offset += index.small()?;
            let place = Place { segment, offset, bytes: 0 };
            let expires_at =
                if head & EXPIRES != 0 { Some(Instant::from_micros(index.number()?)) } else { None };
            let returns = if head & RETURNS != 0 {
                Returns { acquired: index.small()?, failed: index.small()? }
            } else {
                Returns::default()
            };
            let redelivered = head & REDELIVERED != 0;
            Some(Parked { position, place, body_bytes: 0, redelivered, expires_at, returns })
        })
    }

    /// Makes entries of what was read at `start`; `None` if that is not what was written there.
    pub(crate) fn load(&self, queue: QueueId, bytes: &[u8]) -> Option<Vec<Entry>> {
        self.iter()
            .map(|mut parked| {
                let at = (parked.place.offset - self.start) as usize;
                let Framed::Whole(content) = frame(bytes.get(at..)?) else { return None };
                parked.place.bytes = (PREFIX_BYTES + content.len()) as u32;
                let (message, copies) = message_of(content)?;
                let there =
                    |copy: &super::StoredCopy| copy.queue == queue && copy.position == parked.position;
                copies.iter().any(there).then(|| entry_of(message, &parked))
            })
            .collect()
    }
}

fn entry_of(message: Message, parked: &Parked) -> Entry {
    Entry {
        message: message.into(),
        expires_at: parked.expires_at,
        position: parked.position,
        returns: parked.returns,
        redelivered: parked.redelivered,
        kept: false,
        place: Some(parked.place),
    }
}
