//! Recovery: reads the segments from the oldest to the newest, and says what is left.
//!
//! Another machine that is fed: the host reads what [`Recovery::wants`] names and hands it to [`Recovery::read`].

use super::{
    Bounds, Cut, Damage, ReadRequest, Recovered, RecoveryReport,
    bounds::BOUNDS_BYTES,
    found::Found,
    record::{Framed, MARK, PREFIX_BYTES, Place, Record, frame},
    scrub::passwords,
    segment::{HEADER_BYTES, Header, HeaderError, VERSION},
};
use crate::{Now, id::SegmentId, ordered::sort_by};

/// Reads a journal's segments.
pub struct Recovery {
    files: Vec<File>,
    /// The file with the journal's bounds, if there is one: its length, and what it says.
    bounds_bytes: Option<u64>,
    bounds: Option<(Bounds, u32)>,
    /// Files that are not needed any more.
    leftover: Vec<SegmentId>,
    step: Step,
    found: Found,
    /// What has been read and not understood yet, and where it begins.
    buffer: Vec<u8>,
    at: u64,
    /// Records whose end may be missing, and where their beginning is.
    open: Option<Open>,
    records: u64,
    bytes: u64,
    clear_passwords: Vec<SegmentId>,
    end: Option<Result<Option<Cut>, Damage>>,
}

/// What was begun and has not ended yet.
struct Open {
    /// Where its beginning is.
    segment: SegmentId,
    offset: u64,
    records: Vec<(Place, Record)>,
}

struct File {
    segment: SegmentId,
    bytes: u64,
    /// Where its records begin.
    start: u64,
    /// Where what is to be read of it ends.
    end: u64,
    /// It belongs to the one before.
    continues: bool,
}

#[derive(Clone, Copy)]
enum Step {
    /// The journal's bounds are next.
    Bounds,
    /// The header of this file is next.
    Header(u32),
    /// The records of this file are.
    Records(u32),
    /// The rest of the last file, in which there is something that is no record, is looked through for marks.
    Search(u32),
}

/// How much is read at once.
const BLOCK_BYTES: u64 = 1 << 20;

impl Recovery {
    /// For these files and their lengths in bytes, in any order. Expirations count from `now` on.
    #[must_use]
    pub fn new(now: Now, mut files: Vec<(SegmentId, u64)>) -> Recovery {
        sort_by(&mut files, Ord::cmp);
        let bounds_bytes = files.iter().find(|(file, _)| *file == SegmentId::BOUNDS).map(|(_, bytes)| *bytes);
        let segments = files.into_iter().filter(|(file, _)| *file != SegmentId::BOUNDS);
        let new = |(segment, bytes)| File { segment, bytes, start: 0, end: bytes, continues: false };
        let mut recovery = Recovery {
            files: segments.map(new).collect(),
            bounds_bytes,
            bounds: None,
            leftover: Vec::new(),
            step: Step::Bounds,
            found: Found::new(now),
            buffer: Vec::new(),
            at: 0,
            open: None,
            records: 0,
            bytes: 0,
            end: None,
            clear_passwords: Vec::new(),
        };
        if bounds_bytes.is_none() {
            recovery.check_files();
        }
        recovery
    }

    /// Finds out which messages are left, too, for a broker that is watched. That takes memory for each.
    pub fn name_messages(&mut self) {
        self.found.name_messages();
    }

    /// What to read next; `None` when all that is needed has been read.
    #[must_use]
    pub fn wants(&self) -> Option<ReadRequest> {
        if self.end.is_some() {
            return None;
        }
        let (index, offset, end) = match self.step {
            Step::Bounds => {
                let bytes = self.bounds_bytes?.min(BOUNDS_BYTES as u64) as u32;
                return Some(ReadRequest { segment: SegmentId::BOUNDS, offset: 0, bytes });
            }
            Step::Header(index) => (index, 0, HEADER_BYTES as u64),
            Step::Records(index) => (index, self.at + self.buffer.len() as u64, self.file(index)?.end),
            Step::Search(index) => (index, self.at + self.buffer.len() as u64, self.file(index)?.bytes),
        };
        let file = self.file(index)?;
        let bytes = end.min(file.bytes).saturating_sub(offset).min(BLOCK_BYTES);
        Some(ReadRequest { segment: file.segment, offset, bytes: bytes as u32 })
    }

    /// What stands there.
    pub fn read(&mut self, bytes: &[u8]) {
        match self.step {
            Step::Bounds => {
                self.bounds = Bounds::found(bytes);
                self.check_files();
            }
            Step::Header(index) => self.header(index, bytes),
            Step::Records(index) => {
                self.buffer.extend_from_slice(bytes);
                self.records(index, bytes.is_empty());
            }
            Step::Search(index) => {
                self.buffer.extend_from_slice(bytes);
                if self.file(index).is_none_or(|file| self.read_to() >= file.bytes) {
                    self.search(index);
                }
            }
        }
    }

    /// What is left, once there is nothing more to read.
    ///
    /// # Errors
    /// Damage: something that was safe is not there any more.
    pub fn finish(self) -> Result<Recovered, Damage> {
        let cut = self.end.unwrap_or(Ok(None))?;
        let messages = self.found.messages;
        let latest = self.files.last().map(|file| (file.segment, file.end as u32));
        let remains = self.found.finish();
        let held = remains.holdings.values().map(|holding| holding.messages.len() as u64).sum::<u64>();
        let queues = remains.queues.values();
        let left = queues.map(|queue| {
            let chunks = queue.levels.values().flatten().map(|chunk| u64::from(chunk.count));
            chunks.sum::<u64>() + queue.stream.len() as u64
        });
        let report = RecoveryReport {
            segments: self.files.len() as u64,
            bytes: self.bytes,
            records: self.records,
            messages,
            left: left.sum::<u64>() + held,
            closed: remains.closed,
            cut,
            clear_passwords: self.clear_passwords,
        };
        let latest = latest.unwrap_or_default();
        Ok(Recovered { remains, latest, bounds: self.bounds, leftover: self.leftover, report })
    }

    fn count(&self) -> u32 {
        self.files.len() as u32
    }

    fn file(&self, index: u32) -> Option<&File> {
        self.files.get(index as usize)
    }

    fn read_to(&self) -> u64 {
        self.at + self.buffer.len() as u64
    }

    /// No segment can just be missing, or end before it had been synced.
    fn check_files(&mut self) {
        let Bounds { oldest, synced } = self.bounds.map(|(bounds, _)| bounds).unwrap_or_default();
        let leftover = self.files.extract_if(.., |file| file.segment < oldest);
        self.leftover = leftover.map(|file| file.segment).collect();
        let missing = |file: SegmentId, what: &str| Damage { segment: file, offset: 0, what: what.into() };
        let first = self.files.first().map(|file| file.segment);
        let gap = self.files.windows(2).find(|pair| pair[0].segment.0 + 1 != pair[1].segment.0);
        let last = self.files.last();
        let overlong = self.files.iter().find(|file| file.bytes > u32::MAX.into());
        let short = last.filter(|last| last.segment == synced.0 && last.bytes < synced.1.into());
        let damage = if let Some(file) = overlong {
            let what = "the file is longer than any segment".to_owned();
            Some(Damage { segment: file.segment, offset: u32::MAX.into(), what })
        } else if oldest <= synced.0 && first.is_some_and(|first| first != oldest) && oldest.0 > 0 {
            Some(missing(oldest, "the file is missing, and the journal begins with it"))
        } else if let Some([before, _]) = gap {
            Some(missing(SegmentId(before.segment.0 + 1), "the file is missing, though there are later ones"))
        } else if last.map_or(SegmentId(0), |last| last.segment) < synced.0 {
            let after_last = last.map_or(oldest, |last| SegmentId(last.segment.0 + 1));
            Some(missing(after_last, "the file is missing, and it had been synced"))
        } else {
            short.map(|last| {
                let what = format!("the file ends here; it had been synced up to byte {}", synced.1);
                Damage { segment: last.segment, offset: last.bytes, what }
            })
        };
        match damage {
            Some(damage) => self.end = Some(Err(damage)),
            None if self.files.is_empty() => self.end = Some(Ok(None)),
            None => self.step = Step::Header(0),
        }
    }

    fn header(&mut self, index: u32, bytes: &[u8]) {
        let last = index + 1 == self.count();
        let Some(segment) = self.file(index).map(|file| file.segment) else { return };
        match Header::decode(bytes) {
            Ok(header) if header.version > 1 && self.bounds.is_none() => {
                let what = match self.bounds_bytes {
                    None => "the file is missing: without it nobody can tell whether others are",
                    Some(_) => "nothing in the file can be read",
                };
                return self.damaged(SegmentId::BOUNDS, 0, what.into());
            }
            Ok(header) if header.segment == segment => self.link(index, header),
            Err(HeaderError::Version(version)) => {
                let what = format!(
                    "format version {version}; this Warren reads versions 1 to {VERSION}: open it with the Warren \
                     that wrote it"
                );
                return self.damaged(segment, 8, what);
            }
            // Perhaps it was just being made.
            _ if last => {
                self.step = Step::Search(index);
                self.at = 0;
                return self.read(&[]);
            }
            _ => return self.damaged(segment, 0, "the header is damaged".into()),
        }
        if self.end.is_some() {
            return;
        }
        self.next_header(index);
    }

    fn next_header(&mut self, index: u32) {
        if index + 1 < self.count() {
            self.step = Step::Header(index + 1);
        } else {
            self.begin(0);
        }
    }

    /// A segment's header says where the one before ends.
    fn link(&mut self, index: u32, header: Header) {
        if let Some(file) = self.files.get_mut(index as usize) {
            (file.start, file.continues) = (header.bytes(), header.continues);
        }
        let Some(before) = index.checked_sub(1).and_then(|before| self.files.get_mut(before as usize)) else {
            return;
        };
        before.end = header.previous_end.into();
        if before.end > before.bytes {
            let (segment, bytes) = (before.segment, before.bytes);
            let what = format!("the file ends here; it had {} bytes", before.end);
            self.damaged(segment, bytes, what);
        }
    }

    /// On to the records of this file.
    fn begin(&mut self, index: u32) {
        let Some(&File { segment, start, end, continues, .. }) = self.file(index) else {
            return self.finished(None);
        };
        if !continues {
            // What an earlier broker has begun and not ended.
            self.open = None;
        }
        self.found.segment(segment, end, continues);
        self.bytes += end;
        self.step = Step::Records(index);
        self.buffer.clear();
        self.at = start;
        if self.at >= end {
            self.next(index);
        }
    }

    fn next(&mut self, index: u32) {
        if index + 1 < self.count() {
            return self.begin(index + 1);
        }
        self.finished(None);
    }

    /// Takes in every whole record.
    fn records(&mut self, index: u32, is_end: bool) {
        let Some(&File { segment, end, .. }) = self.file(index) else { return };
        let buffer = std::mem::take(&mut self.buffer);
        let mut rest = &buffer[..];
        let broken = loop {
            match frame(rest) {
                Framed::Whole(content) => {
                    let bytes = (PREFIX_BYTES + content.len()) as u32;
                    let place = Place { segment, offset: self.at as u32, bytes };
                    if !self.record(place, content) {
                        break Some("a record says nothing that this Warren understands");
                    }
                    self.at += u64::from(bytes);
                    rest = &rest[bytes as usize..];
                }
                Framed::Needs(_) if rest.is_empty() && self.at >= end => break None,
                Framed::Needs(bytes) if self.at + bytes > end || is_end => {
                    break Some("a record is longer than what is there");
                }
                Framed::Needs(_) => {
                    self.buffer = rest.to_vec();
                    return;
                }
                Framed::Broken => break Some("the check sum of a record is wrong"),
            }
        };
        self.buffer = rest.to_vec();
        match broken {
            None => self.next(index),
            Some(what) if index + 1 < self.count() => self.damaged(segment, self.at, what.into()),
            Some(_) => {
                self.step = Step::Search(index);
                self.read(&[]);
            }
        }
    }

    fn record(&mut self, place: Place, content: &[u8]) -> bool {
        let Some(record) = Record::decode(content) else { return false };
        self.records += 1;
        if self.clear_passwords.last() != Some(&place.segment) && !passwords(content).is_empty() {
            self.clear_passwords.push(place.segment);
        }
        match (record, &mut self.open) {
            (Record::Begin, _) => {
                self.open = Some(Open { segment: place.segment, offset: self.at, records: Vec::new() });
            }
            (Record::End, _) => {
                for (place, record) in self.open.take().map(|open| open.records).unwrap_or_default() {
                    self.found.take(place, record);
                }
            }
            (record, Some(open)) => open.records.push((place, record)),
            (record, None) => self.found.take(place, record),
        }
        true
    }

    /// Something in the last segment is no header or no record. If a mark behind it says that it was safe once, it is
    /// damaged; else a crash has interrupted a write.
    fn search(&mut self, index: u32) {
        let Some(&File { segment, bytes, .. }) = self.file(index) else { return };
        let later = self.buffer.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
        let safe = later.filter_map(|(at, _)| {
            let start = at.checked_sub(PREFIX_BYTES)?;
            let Framed::Whole(content) = frame(self.buffer.get(start..)?) else { return None };
            match Record::decode(content)? {
                Record::Mark(segment, offset) => Some((segment, u64::from(offset))),
                _ => None,
            }
        });
        let synced =
            self.bounds.map(|(Bounds { synced: (segment, offset), .. }, _)| (segment, offset.into()));
        if safe.chain(synced).max() > Some((segment, self.at)) {
            return self.damaged(segment, self.at, "something that was safe is damaged".into());
        }
        if self.at == 0 {
            // There never was a whole header: this segment has not begun.
            self.files.pop();
            return self.begin(0);
        }
        let cut = Cut { segment, offset: self.at, bytes: bytes - self.at };
        self.finished(Some(cut));
    }

    /// All is read. What was begun and not ended does not count.
    fn finished(&mut self, cut: Option<Cut>) {
        let mut cut = cut;
        if let Some(Open { segment, offset, .. }) = self.open.take() {
            let begun = self.files.iter().filter(|file| file.segment >= segment);
            let bytes = begun.map(|file| file.bytes).sum::<u64>().saturating_sub(offset);
            cut = Some(Cut { segment, offset, bytes });
        }
        if let (Some(cut), Some(file)) = (&cut, self.files.last_mut())
            && cut.segment == file.segment
        {
            file.end = cut.offset;
        }
        self.end = Some(Ok(cut));
    }

    fn damaged(&mut self, segment: SegmentId, offset: u64, what: String) {
        self.end = Some(Err(Damage { segment, offset, what }));
    }
}
