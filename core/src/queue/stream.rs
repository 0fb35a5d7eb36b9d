//! A stream: a log that reading does not empty. It grows at its end in segments, and only whole segments go
//! (RabbitMQ's stream queues).

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::{
    Entry,
    offset::{Filter, StartAt},
    settings::Retention,
};
use crate::{
    Instant, Now, WallTime,
    id::ConsumerId,
    journal::Place,
    message::Message,
    ordered::{OrdMap, OrdSet},
};

/// Every message has an offset, from 0. Each reader has a place of its own.
#[derive(Clone)]
pub(crate) struct Stream {
    /// In order; the last one is written to, and there always is one.
    segments: VecDeque<Segment>,
    next_offset: u64,
    /// How many messages all segments have.
    count: u64,
    readers: OrdMap<ConsumerId, Reader>,
    /// Who has yet to be served.
    pub(crate) round: Round,
    /// Messages before this offset are on the disk only, except for what readers are at.
    pub(super) let_go_to: u64,
    /// What has been read back, as first and last offsets.
    pub(super) loaded: Vec<(u64, u64)>,
    /// The operation that reads messages back, and the first offset of these.
    pub(crate) loading: Option<(u64, u64)>,
    /// When to look again for segments that are too old.
    pub(crate) look_at: Option<Instant>,
}

/// A run of messages that goes as a whole.
#[derive(Clone)]
struct Segment {
    first_offset: u64,
    records: VecDeque<Record>,
    bytes: u64,
}

/// Messages that a stream has let go of, the oldest first.
#[derive(Clone, Default)]
pub(crate) struct Records(VecDeque<Segment>);

impl Iterator for Records {
    /// Each with its offset.
    type Item = (u64, Record);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let segment = self.0.front_mut()?;
            if let Some(record) = segment.records.pop_front() {
                segment.first_offset += 1;
                return Some((segment.first_offset - 1, record));
            }
            self.0.pop_front();
        }
    }
}

/// A message, and when it was written.
#[derive(Clone)]
pub(crate) struct Record {
    /// `None`: on the disk only.
    pub(crate) message: Option<Arc<Message>>,
    /// What it counts for in limits, in bytes.
    pub(crate) size: u32,
    pub(crate) at: WallTime,
    /// Its record in the journal.
    pub(crate) place: Option<Place>,
}

/// Where a consumer is.
#[derive(Clone)]
struct Reader {
    next_offset: u64,
    filter: Option<Filter>,
}

/// Readers that have their turns, each once: there is something new for all of them.
#[derive(Clone, Default)]
pub(crate) struct Round {
    readers: VecDeque<ConsumerId>,
    /// More has come meanwhile: there is to be another round.
    again: bool,
}

impl Round {
    pub(crate) fn begin(&mut self, readers: &OrdSet<ConsumerId>) {
        if self.readers.is_empty() {
            self.readers.extend(readers.iter().copied());
        } else {
            self.again = true;
        }
    }

    pub(crate) fn next(&mut self, readers: &OrdSet<ConsumerId>) -> Option<ConsumerId> {
        if self.readers.is_empty() && std::mem::take(&mut self.again) {
            self.begin(readers);
        }
        self.readers.pop_front()
    }

    /// A reader has another turn, after the others.
    pub(crate) fn put_off(&mut self, reader: ConsumerId) {
        self.readers.push_back(reader);
    }
}

/// What a reader comes to next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seek {
    /// A message in memory.
    Found,
    /// One that has to be read from the disk first.
    OnDisk(u64),
    /// Nothing yet.
    End,
    /// Nothing among the next ones that it was compared with; there are more.
    Further,
}

/// How many messages a segment holds at most (RabbitMQ: chunks, and every message is a chunk of its own here).
const SEGMENT_RECORDS: usize = 256_000;
/// How many messages a filter passes over before others have their turn.
const PASSED_OVER_AT_ONCE: u64 = 256;
/// How often RabbitMQ looks for what is too old while nothing is written.
const LOOK_EVERY: Duration = Duration::from_secs(3600);

impl Stream {
    pub(super) fn new() -> Self {
        Stream {
            segments: VecDeque::from([Segment::new(0)]),
            next_offset: 0,
            count: 0,
            round: Round::default(),
            readers: OrdMap::new(),
            let_go_to: 0,
            loaded: Vec::new(),
            loading: None,
            look_at: None,
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Writes a message at the end; `true` if that began a segment, so that older ones may have to go.
    pub(crate) fn append(&mut self, record: Record, segment_bytes: u64) -> bool {
        let full = self.segments.back().is_none_or(|last| last.is_full(segment_bytes));
        if full {
            self.segments.push_back(Segment::new(self.next_offset));
        }
        if let Some(last) = self.segments.back_mut() {
            last.bytes += u64::from(record.size);
            last.records.push_back(record);
        }
        self.count += 1;
        self.next_offset += 1;
        full
    }

    /// Lets go of the segments that are too much or too old, and returns what was in them. The last one always stays.
    pub(crate) fn retain(&mut self, retention: &Retention, now: Now) -> Records {
        let excess = retention.max_bytes.map_or(0, |max| self.excess_segments(max));
        let mut gone: VecDeque<Segment> = self.segments.drain(..excess).collect();
        if let Some(age_ms) = retention.max_age_ms {
            let oldest = now.wall.as_millis().saturating_sub_unsigned(age_ms);
            while self.segments.len() > 1
                && self.segments.front().is_some_and(|first| first.ended_before(oldest))
            {
                gone.extend(self.segments.pop_front());
            }
        }
        let wait = retention.max_age_ms.is_some() && self.segments.len() > 1;
        self.look_at = wait.then(|| now.instant + LOOK_EVERY);
        self.count -= gone.iter().map(|segment| segment.records.len() as u64).sum::<u64>();
        Records(gone)
    }

    /// How many of the oldest segments are too much: those before which the later ones reach the limit.
    fn excess_segments(&self, max_bytes: u64) -> usize {
        let mut room = max_bytes.saturating_sub(self.segments.back().map_or(0, |last| last.bytes));
        let older = self.segments.len() - 1;
        for index in (0..older).rev() {
            let bytes = self.segments.get(index).map_or(0, |segment| segment.bytes);
            if bytes > room {
                return index + 1;
            }
            room -= bytes;
        }
        0
    }

    /// A consumer starts.
    pub(crate) fn attach(&mut self, id: ConsumerId, start: StartAt, filter: Option<Filter>) {
        let next_offset = match start {
            StartAt::First => self.first_offset(),
            StartAt::Last => self.next_offset.saturating_sub(1).max(self.first_offset()),
            StartAt::Next => self.next_offset,
            // One that is not there yet is waited for.
            StartAt::Offset(offset) => offset,
            StartAt::Time(time) => self.offset_at(time),
        };
        self.readers.insert(id, Reader { next_offset, filter });
    }

    /// A consumer is over.
    pub(super) fn detach(&mut self, id: ConsumerId) {
        self.readers.remove(&id);
    }

    /// Moves a consumer to the next message that it wants; says how many it does not want were passed over.
    pub(crate) fn seek(&mut self, id: ConsumerId) -> (Seek, u64) {
        let Some(Reader { next_offset, filter }) = self.readers.get(&id) else { return (Seek::End, 0) };
        let unwanted = |message: &Message| filter.as_ref().is_some_and(|filter| !filter.passes(message));
        let mut offset = self.first_offset().max(*next_offset);
        let mut passed_over = 0;
        let found = loop {
            match self.record(offset) {
                // There may be gaps.
                None => match self.segments.iter().find(|segment| segment.first_offset > offset) {
                    Some(next) if !next.records.is_empty() => offset = next.first_offset,
                    _ => break Seek::End,
                },
                Some(Record { message: None, .. }) => break Seek::OnDisk(offset),
                Some(_) if passed_over >= PASSED_OVER_AT_ONCE => break Seek::Further,
                Some(Record { message: Some(message), .. }) if unwanted(message) => {
                    offset += 1;
                    passed_over += 1;
                }
                Some(_) => break Seek::Found,
            }
        };
        if let Some(reader) = self.readers.get_mut(&id) {
            reader.next_offset = offset;
        }
        (found, passed_over)
    }

    /// What a consumer that has been moved there gets; it stays in the stream.
    pub(crate) fn read(&mut self, id: ConsumerId) -> Option<Entry> {
        let offset = self.readers.get(&id)?.next_offset;
        let message = self.record(offset)?.message.clone()?;
        self.readers.get_mut(&id)?.next_offset += 1;
        Some(Entry::of_stream(message, offset))
    }

    /// Takes every message out, for good.
    pub(crate) fn take_all(&mut self) -> Records {
        self.count = 0;
        Records(std::mem::replace(&mut self.segments, VecDeque::from([Segment::new(self.next_offset)])))
    }

    /// Every message in memory, the oldest first.
    pub(super) fn messages(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.segments.iter().flat_map(|segment| &segment.records).filter_map(|record| record.message.as_ref())
    }

    /// The offset that the next message will have.
    pub(crate) fn next_offset(&self) -> u64 {
        self.next_offset
    }

    /// Goes on at this offset, which is not before what comes next. There is a gap then, as when something was damaged.
    pub(crate) fn skip_to(&mut self, offset: u64) {
        if offset <= self.next_offset {
            return;
        }
        self.segments.pop_back_if(|last| last.records.is_empty());
        self.segments.push_back(Segment::new(offset));
        self.next_offset = offset;
    }

    /// Where the messages behind a gap begin.
    pub(super) fn first_offset_behind(&self, offset: u64) -> Option<u64> {
        let later = self.segments.partition_point(|segment| segment.first_offset <= offset);
        self.segments.get(later).map(|segment| segment.first_offset)
    }

    pub(super) fn first_offset(&self) -> u64 {
        self.segments.front().map_or(self.next_offset, |first| first.first_offset)
    }

    /// The offset of the first message that was written then or later.
    fn offset_at(&self, time: WallTime) -> u64 {
        for segment in &self.segments {
            if let Some(index) = segment.records.iter().position(|record| record.at >= time) {
                return segment.first_offset + index as u64;
            }
        }
        self.next_offset
    }

    pub(crate) fn record_mut(&mut self, offset: u64) -> Option<&mut Record> {
        let later = self.segments.partition_point(|segment| segment.first_offset <= offset);
        let segment = self.segments.get_mut(later.checked_sub(1)?)?;
        segment.records.get_mut(usize::try_from(offset - segment.first_offset).ok()?)
    }

    /// Where readers are.
    pub(super) fn offsets_of_readers(&self) -> impl Iterator<Item = u64> {
        self.readers.values().map(|reader| reader.next_offset)
    }

    pub(super) fn record(&self, offset: u64) -> Option<&Record> {
        let later = self.segments.partition_point(|segment| segment.first_offset <= offset);
        let segment = self.segments.get(later.checked_sub(1)?)?;
        segment.records.get(usize::try_from(offset - segment.first_offset).ok()?)
    }
}

impl Segment {
    fn new(first_offset: u64) -> Self {
        Segment { first_offset, records: VecDeque::new(), bytes: 0 }
    }

    fn is_full(&self, max_bytes: u64) -> bool {
        !self.records.is_empty() && (self.bytes >= max_bytes || self.records.len() >= SEGMENT_RECORDS)
    }

    /// Whether all of it was written before a time, in ms since 1970.
    fn ended_before(&self, ms: i64) -> bool {
        self.records.back().is_some_and(|last| last.at.as_millis() < ms)
    }
}
