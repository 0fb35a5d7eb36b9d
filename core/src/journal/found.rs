//! What recovery finds, record by record, and what is left of it in the end.

use super::{
    change::Change,
    chunk::{Chunk, Parked},
    codec::{Decoder, put_number},
    held::{FoundHeld, FoundHolding},
    ranges::Ranges,
    record::{Place, Record},
    segment::Usage,
    stored::{Head, StoredCopy},
};
use crate::{
    Command, Instant, MessageId, Now, QueueId, WallTime,
    id::SegmentId,
    ordered::{OrdMap, sort_by},
    queue::{Kind, Priorities, Returns, StreamRecord, kind_of},
};

/// Everything that the records so far say.
pub(super) struct Found {
    now: Now,
    /// What leads to exchanges, queues and bindings as they were.
    changes: Vec<Change>,
    queues: OrdMap<QueueId, FoundQueue>,
    holdings: OrdMap<QueueId, FoundHolding>,
    usage: OrdMap<SegmentId, Usage>,
    latest_message: u64,
    closed: bool,
    /// Whether messages are wanted by name.
    names: bool,
    pub(super) messages: u64,
}

struct FoundQueue {
    kind: Kind,
    priorities: Priorities,
    next_position: u64,
    /// By level.
    runs: OrdMap<u8, Vec<Run>>,
    /// By offset.
    stream: OrdMap<u64, StreamRecord>,
    removed: Ranges,
    redelivered: Ranges,
    returns: OrdMap<u64, Returns>,
    /// Positions with clients, if it is a quorum queue.
    delivered: Ranges,
    /// Which message is where, if that is wanted.
    names: OrdMap<u64, MessageId>,
}

/// Messages in the order of their positions, in one segment, and out of one.
struct Run {
    segment: SegmentId,
    /// Where they stood at first, as far as is known.
    origin: SegmentId,
    chunks: Vec<Chunk>,
    /// The lengths of records and bodies, in the same order.
    lengths: Vec<u8>,
}

/// What is left of a queue.
#[derive(Default)]
pub(crate) struct RecoveredQueue {
    pub(crate) levels: OrdMap<u8, Vec<Chunk>>,
    /// By offset.
    pub(crate) stream: OrdMap<u64, StreamRecord>,
    pub(crate) next_position: u64,
    /// What clients of a quorum queue had at the end: it counts as come back once more.
    pub(crate) returned: Vec<(u64, Returns)>,
    /// Which messages these are, if that is wanted.
    pub(crate) messages: Vec<MessageId>,
}

/// What is left of everything.
pub(crate) struct Remains {
    pub(crate) changes: Vec<Change>,
    pub(crate) queues: OrdMap<QueueId, RecoveredQueue>,
    pub(crate) holdings: OrdMap<QueueId, FoundHolding>,
    pub(crate) usage: OrdMap<SegmentId, Usage>,
    pub(crate) latest_message: u64,
    pub(crate) closed: bool,
}

impl Found {
    pub(super) fn new(now: Now) -> Self {
        Found {
            now,
            changes: Vec::new(),
            queues: OrdMap::new(),
            holdings: OrdMap::new(),
            usage: OrdMap::new(),
            latest_message: 0,
            closed: false,
            names: false,
            messages: 0,
        }
    }

    /// From now on, keeps the ids of messages.
    pub(super) fn name_messages(&mut self) {
        self.names = true;
    }

    /// A segment is read from here to there.
    pub(super) fn segment(&mut self, segment: SegmentId, bytes: u64, continues: bool) {
        self.usage.insert(segment, Usage { bytes, continues, ..Usage::default() });
    }

    /// Takes in what a record says.
    pub(super) fn take(&mut self, place: Place, record: Record) {
        self.closed = matches!(record, Record::Closed);
        match record {
            Record::Mark(..) | Record::Begin | Record::End | Record::Closed => {}
            Record::Snapshot(changes) => {
                self.changes.clear();
                changes.into_iter().for_each(|change| self.change(change));
            }
            Record::SnapshotContinues(changes) => changes.into_iter().for_each(|change| self.change(change)),
            Record::Change(change) => self.change(change),
            Record::Message(head) => self.message(place, None, &head),
            Record::Moved(from, head) => self.message(place, Some(from), &head),
            Record::Removed(queue, ranges) => {
                if let Some(queue) = self.queues.get_mut(&queue) {
                    queue.has_given_out(&ranges);
                    ranges.into_iter().for_each(|(first, last)| queue.removed.insert(first, last));
                } else if let Some(holding) = self.holdings.get_mut(&queue) {
                    ranges.into_iter().for_each(|(first, last)| holding.remove(first, last));
                }
            }
            Record::Redelivered(queue, ranges) => {
                if let Some(queue) = self.queues.get_mut(&queue) {
                    queue.has_given_out(&ranges);
                    ranges.into_iter().for_each(|(first, last)| queue.redelivered.insert(first, last));
                }
            }
            Record::Returned(queue, position, returns) => {
                if let Some(queue) = self.queues.get_mut(&queue) {
                    queue.has_given_out(&[(position, position)]);
                    queue.returns.insert(position, returns);
                    queue.delivered.remove(position);
                }
            }
            Record::Delivered(queue, ranges) => {
                if let Some(queue) = self.queues.get_mut(&queue) {
                    queue.has_given_out(&ranges);
                    ranges.into_iter().for_each(|(first, last)| queue.delivered.insert(first, last));
                }
            }
        }
    }

    fn change(&mut self, change: Change) {
        match &change {
            Change::Queue { id, properties, next_position, .. } => {
                let kind = kind_of(&properties.arguments);
                let queue = self.queues.entry(*id).or_insert_with(|| FoundQueue {
                    kind,
                    priorities: Priorities::of(kind, &properties.arguments),
                    next_position: 0,
                    runs: OrdMap::new(),
                    stream: OrdMap::new(),
                    removed: Ranges::default(),
                    redelivered: Ranges::default(),
                    returns: OrdMap::new(),
                    delivered: Ranges::default(),
                    names: OrdMap::new(),
                });
                queue.next_position = queue.next_position.max(*next_position);
            }
            Change::QueueGone(id) => {
                self.queues.remove(id);
            }
            Change::Holding { id, next_position, .. } => {
                let holding = self.holdings.entry(*id).or_default();
                holding.next_position = holding.next_position.max(*next_position);
            }
            Change::Latest { message, .. } => self.latest_message = self.latest_message.max(*message),
            _ => {}
        }
        self.changes.push(change);
    }

    fn message(&mut self, place: Place, moved_from: Option<SegmentId>, head: &Head) {
        self.latest_message = self.latest_message.max(head.id.0);
        if head.transient {
            return;
        }
        self.messages += 1;
        if let Some(usage) = self.usage.get_mut(&place.segment) {
            usage.copies += head.copies.len() as u64;
        }
        // What was moved may still be where it was, because a crash came before that segment went: the later one counts.
        let origin = moved_from.unwrap_or(place.segment);
        for copy in &head.copies {
            if let (true, Some(message)) = (copy.held, &head.held) {
                let due = copy.time_ms.map(|time_ms| instant_of(time_ms, self.now));
                let held = FoundHeld { message: message.clone(), place, due };
                if let Some(holding) = self.holdings.get_mut(&copy.queue) {
                    holding.add(copy.position, held);
                }
                continue;
            }
            let Some(queue) = self.queues.get_mut(&copy.queue) else { continue };
            queue.next_position = queue.next_position.max(copy.position + 1);
            if self.names {
                queue.names.insert(copy.position, head.id);
            }
            if queue.kind == Kind::Stream {
                queue.keep(place, copy);
                continue;
            }
            let expires_at = copy.time_ms.map(|time_ms| instant_of(time_ms, self.now));
            let parked = Parked {
                position: copy.position,
                place,
                body_bytes: head.body_bytes,
                redelivered: copy.redelivered,
                expires_at,
                returns: copy.returns,
            };
            queue.park(head.priority, origin, &parked);
        }
    }

    /// What is left in the end.
    pub(super) fn finish(mut self) -> Remains {
        // A queue of which no snapshot tells any more is gone, even if the record of its end is lost.
        let mut declared = OrdMap::new();
        for change in &self.changes {
            match change {
                Change::Queue { id, vhost, .. } => drop(declared.insert(*id, vhost.clone())),
                Change::QueueGone(id) => drop(declared.remove(id)),
                // All that was in it went with it, even if no record tells of each.
                Change::Operator(Command::DeleteVhost(gone)) => declared.retain(|_, vhost| **vhost != **gone),
                Change::Holding { id, vhost, .. } => drop(declared.insert(*id, vhost.clone())),
                _ => {}
            }
        }
        self.queues.retain(|id, _| declared.contains_key(id));
        self.holdings.retain(|id, _| declared.contains_key(id));
        let Found { changes, holdings, mut usage, latest_message, closed, .. } = self;
        for held in holdings.values().flat_map(|holding| holding.messages.values()) {
            if let Some(usage) = usage.get_mut(&held.place.segment) {
                usage.live += 1;
            }
        }
        let mut queues = OrdMap::new();
        for (id, queue) in self.queues {
            let queue = queue.finish(closed);
            for chunk in queue.levels.values().flatten() {
                if let Some(usage) = usage.get_mut(&chunk.segment) {
                    usage.live += u64::from(chunk.count);
                }
            }
            for place in queue.stream.values().filter_map(|record| record.place) {
                if let Some(usage) = usage.get_mut(&place.segment) {
                    usage.live += 1;
                }
            }
            queues.insert(id, queue);
        }
        Remains { changes, queues, holdings, usage, latest_message, closed }
    }
}

impl FoundQueue {
    /// Positions that a record is about are not given to other messages, even if nothing else tells of them any more: it would
    /// be taken to be about those.
    fn has_given_out(&mut self, ranges: &[(u64, u64)]) {
        let latest = ranges.iter().map(|&(_, last)| last + 1).max();
        self.next_position = self.next_position.max(latest.unwrap_or_default());
    }

    fn park(&mut self, priority: Option<u8>, origin: SegmentId, parked: &Parked) {
        let runs = self.runs.entry(self.priorities.level_of(priority)).or_default();
        let segment = parked.place.segment;
        let follows = |run: &&mut Run| {
            let last = run.chunks.last().map_or(0, |chunk| chunk.last_position);
            run.segment == segment && run.origin == origin && last < parked.position
        };
        match runs.iter_mut().rev().take(RUNS_AT_ONCE).find(follows) {
            Some(run) => run.push(parked),
            None => {
                let mut run = Run { segment, origin, chunks: Vec::new(), lengths: Vec::new() };
                run.push(parked);
                runs.push(run);
            }
        }
    }

    fn keep(&mut self, place: Place, copy: &StoredCopy) {
        let at = WallTime::from_millis(copy.time_ms.unwrap_or_default().try_into().unwrap_or(i64::MAX));
        let record = StreamRecord { message: None, size: place.bytes, at, place: Some(place) };
        self.stream.insert(copy.position, record);
    }

    fn finish(self, closed: bool) -> RecoveredQueue {
        let FoundQueue { runs, removed, redelivered, returns, delivered, mut names, .. } = self;
        names.retain(|&position, _| !removed.contains(position));
        let (mut levels, mut returned) = (OrdMap::new(), Vec::new());
        for (level, mut runs) in runs {
            sort_by(&mut runs, |one, other| {
                (one.first_position(), one.segment).cmp(&(other.first_position(), other.segment))
            });
            let left = in_order(&runs).filter(|parked| !removed.contains(parked.position));
            let chunks = chunks_of(left.map(|mut parked| {
                // After a crash nobody knows any more which had been delivered (RabbitMQ).
                parked.redelivered |= !closed || redelivered.contains(parked.position);
                if let Some(returns) = returns.get(&parked.position) {
                    parked.returns = *returns;
                }
                // As if its consumer's channel had been closed (RabbitMQ).
                if !delivered.is_empty() && delivered.contains(parked.position) {
                    parked.returns.acquired += 1;
                    parked.returns.failed += 1;
                    returned.push((parked.position, parked.returns));
                }
                parked
            }));
            if !chunks.is_empty() {
                levels.insert(level, chunks);
            }
        }
        let mut stream = self.stream;
        stream.retain(|&offset, _| !removed.contains(offset));
        let messages = names.into_values().collect();
        RecoveredQueue { levels, stream, next_position: self.next_position, returned, messages }
    }
}

/// How many runs of the segment that is read may go on at the same time: its own, and those of one that was cleaned.
const RUNS_AT_ONCE: usize = 4;

/// All that is in runs that begin one after the other. They may overlap, and a message that was moved twice, because a
/// crash came between, is in two: then the later one counts.
fn in_order(runs: &[Run]) -> impl Iterator<Item = Parked> {
    let mut last = None;
    let groups = runs.chunk_by(move |before, next| {
        last = last.max(before.last_position());
        next.first_position() <= last
    });
    groups.flat_map(|group| -> Box<dyn Iterator<Item = Parked>> {
        if let [run] = group {
            return Box::new(run.iter());
        }
        let mut merged: Vec<Parked> = group.iter().flat_map(Run::iter).collect();
        sort_by(&mut merged, |one, other| {
            (one.position, one.place.segment).cmp(&(other.position, other.place.segment))
        });
        // Of equals the first one is kept.
        merged.reverse();
        merged.dedup_by_key(|parked| parked.position);
        merged.reverse();
        Box::new(merged.into_iter())
    })
}

impl Run {
    fn first_position(&self) -> Option<u64> {
        self.chunks.first().map(|chunk| chunk.first_position)
    }

    fn last_position(&self) -> Option<u64> {
        self.chunks.last().map(|chunk| chunk.last_position)
    }

    fn push(&mut self, parked: &Parked) {
        put_number(&mut self.lengths, parked.place.bytes.into());
        put_number(&mut self.lengths, parked.body_bytes.into());
        if !self.chunks.last_mut().is_some_and(|chunk| chunk.push(parked)) {
            self.chunks.push(Chunk::new(parked));
        }
    }

    fn iter(&self) -> impl Iterator<Item = Parked> {
        let mut lengths = Decoder(&self.lengths);
        self.chunks.iter().flat_map(Chunk::iter).map(move |mut parked| {
            parked.place.bytes = lengths.small().unwrap_or_default();
            parked.body_bytes = lengths.small().unwrap_or_default();
            parked
        })
    }
}

/// Puts messages that come in order into as few chunks as will do.
pub(crate) fn chunks_of(parked: impl Iterator<Item = Parked>) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for parked in parked {
        let last = chunks.last_mut();
        if !last.is_some_and(|chunk| chunk.push(&parked)) {
            if let Some(full) = chunks.last_mut() {
                full.close();
            }
            chunks.push(Chunk::new(&parked));
        }
    }
    chunks
}

/// The moment of a calendar time, as the clocks stand now.
fn instant_of(time_ms: u64, now: Now) -> Instant {
    let now_ms = u64::try_from(now.wall.as_millis()).unwrap_or_default();
    now.instant + std::time::Duration::from_millis(time_ms.saturating_sub(now_ms))
}
