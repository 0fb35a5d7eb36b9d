//! Old segments that are mostly of no use: what is still needed moves to the end of the journal, and they go.
//!
//! Segments go from the oldest on, so that a record of what was removed never goes before what it is about. One message
//! that nobody takes would keep everything behind it: it is moved.
//!
//! There may be very many messages to look at, so that is done in slices. Wherever a message goes meanwhile, it is found: a
//! client gets it from a queue, and clients' deliveries are looked at behind the queues; what comes back to a queue, or waits
//! to go on as a dead letter, is moved when it does.

use super::{
    Broker,
    disk::Reading,
    work::{Task, cost},
};
use crate::{
    ChannelNumber, ConnectionId, DeliveryTag, Instant, Name, Now, QueueId, SegmentId,
    journal::{Chunk, Journal, Place, StoredCopy, chunks_of, put_moved},
    message::Message,
    queue::{Entry, Kind, Returns, Step, StreamRecord, Visited, Walk},
    session::{Channel, Unacked},
};

/// A segment that is cleaned.
#[derive(Clone)]
pub(super) struct Cleaning {
    pub(super) segment: SegmentId,
    next: Next,
    /// What was to be acked with a transaction is unacked again, and may have been missed.
    pub(super) looks_again: bool,
    /// A chunk that is being read.
    reading: Option<ReadingChunk>,
    /// It goes on with a task.
    has_turn: bool,
}

/// A read of a chunk: the operation, and where the chunk is.
#[derive(Clone, Copy)]
struct ReadingChunk {
    op: u64,
    queue: QueueId,
    level: u8,
    first_position: u64,
}

/// Where to look next.
#[derive(Clone)]
pub(super) enum Next {
    /// In queues from this one on, and how far in that one.
    Queues(QueueId, Option<Walk>),
    /// In channels of connections from this one on, and how far in that one.
    Channels(ConnectionId, ChannelNumber, Settled),
    /// Among messages that are held back, from here on.
    Delayed((Instant, u64)),
    /// In histories of exchanges behind this one.
    Histories(Option<(Name, Name)>),
    /// In this one's history, of which so many messages are left.
    History((Name, Name), u64),
    /// Among dead letters that wait, of queues from this one on; so many of its own are left, or 0 for all.
    DeadLetters(QueueId, u64),
    /// All has been looked at. What is left is on its way to where it will be moved, or will not be needed.
    Nowhere,
}

/// How far a channel has been looked through.
#[derive(Clone, Copy)]
pub(super) enum Settled {
    /// Its unacked deliveries, from this one on.
    Not(DeliveryTag),
    /// What this method has settled in its transaction, from this delivery on.
    By(u64, DeliveryTag),
}

/// So many messages are looked at in one step, and so many cost as much as one operation.
pub(super) const AT_ONCE: usize = 256;
pub(super) const LOOKS_PER_OPERATION: u64 = 8;

impl Broker {
    /// Begins to clean when it is worth it, and goes on where that had to wait for something.
    pub(super) fn clean(&mut self) {
        match &self.cleaning {
            None => {
                let Some(segment) = self.journal.as_mut().and_then(Journal::dirtiest) else { return };
                self.cleaning = Some(Cleaning::of(segment));
            }
            Some(cleaning) if cleaning.has_turn => return,
            Some(_) => {}
        }
        self.continue_cleaning();
    }

    /// Goes on as far as this slice goes, but by one step at least.
    pub(super) fn continue_cleaning(&mut self) {
        let Some(mut cleaning) = self.cleaning.take() else { return };
        let Some(journal) = &self.journal else { return };
        if journal.is_of_no_use(cleaning.segment) {
            return;
        }
        cleaning.has_turn = false;
        // Who waits for the disk goes on with its next answer.
        let waits = cleaning.reading.is_some()
            || journal.is_in_transaction()
            || journal.unwritten_bytes() >= self.config.disk_backlog_bytes.max(1);
        while !waits && self.clean_next(&mut cleaning) {
            if self.work.is_spent() {
                cleaning.has_turn = true;
                self.work.add(Task::Clean);
                break;
            }
        }
        self.cleaning = Some(cleaning);
    }

    /// `false`: it has to wait, or nothing is left to look at.
    fn clean_next(&mut self, cleaning: &mut Cleaning) -> bool {
        self.work.charge(cost::FRAME);
        match cleaning.next.clone() {
            Next::Queues(from, walk) => return self.clean_queue(cleaning, from, walk),
            Next::Channels(connection, channel, from) => {
                cleaning.next = self.clean_channel(cleaning.segment, connection, channel, from);
            }
            Next::Delayed(from) => cleaning.next = self.clean_delayed(cleaning.segment, from),
            Next::Histories(after) => {
                let next = self.exchange_behind(after.as_ref());
                let address = next.map(|(vhost, exchange)| (vhost.name.clone(), exchange.name.clone()));
                cleaning.next = match address {
                    Some(address) => Next::History(address, u64::MAX),
                    None => Next::DeadLetters(QueueId(0), 0),
                };
            }
            Next::History(of, left) => {
                let left = self.clean_history(cleaning.segment, &of, left);
                cleaning.next = if left == 0 { Next::Histories(Some(of)) } else { Next::History(of, left) };
            }
            Next::DeadLetters(from, left) => {
                cleaning.next = self.clean_dead_letters(cleaning.segment, from, left);
            }
            Next::Nowhere if std::mem::take(&mut cleaning.looks_again) => cleaning.next = Next::channels(),
            Next::Nowhere => return false,
        }
        true
    }

    fn clean_queue(&mut self, cleaning: &mut Cleaning, from: QueueId, walk: Option<Walk>) -> bool {
        let segment = cleaning.segment;
        let Some((&id, _)) = self.queues.range(from..).next() else {
            cleaning.next = Next::channels();
            return true;
        };
        let (Some(queue), Some(journal)) = (self.queues.get_mut(&id), &mut self.journal) else {
            return false;
        };
        let mut walk = walk.filter(|_| id == from).unwrap_or_else(|| queue.begin_walk());
        let (durable, now, work) = (queue.durable, self.now, &mut self.work);
        let mut looks = 0;
        let step = queue.walk(&mut walk, segment, &mut |visited| {
            looks += 1;
            let size = match visited {
                Visited::Entry(entry) => relocate(journal, now, segment, durable, id, entry),
                Visited::Record(offset, record) => relocate_record(journal, segment, id, offset, record),
            };
            if let Some(size) = size {
                work.charge(cost::ENQUEUE + cost::copy(size));
            }
            !work.is_spent()
        });
        work.charge(looks / LOOKS_PER_OPERATION);
        cleaning.next = Next::Queues(id, Some(walk));
        match step {
            Step::Further => true,
            Step::End => {
                cleaning.next = Next::Queues(QueueId(id.0 + 1), None);
                true
            }
            Step::OnDisk(level, position) => {
                self.read_to_move(cleaning, id, level, position);
                false
            }
            Step::StreamOnDisk(offset) => {
                self.read_stream(id, offset);
                false
            }
        }
    }

    /// Asks for messages that are on the disk only, if they can be read now.
    fn read_to_move(&mut self, cleaning: &mut Cleaning, queue: QueueId, level: u8, first_position: u64) {
        let (Some(found), Some(journal)) = (self.queues.get_mut(&queue), &mut self.journal) else { return };
        let Some(found) = found.ready.level_mut(level) else { return };
        // What its queue is just reading will be in memory, and what is not written yet can wait.
        if found.is_loading(first_position) {
            return;
        }
        let chunk = found.chunk_at(first_position);
        if let Some(chunk) = chunk.filter(|chunk| journal.is_readable(chunk.segment, chunk.end)) {
            let op = journal.read(chunk.segment, chunk.start, chunk.span());
            cleaning.reading = Some(ReadingChunk { op, queue, level, first_position });
            self.reads.insert(op, Reading::Move);
        }
    }

    pub(super) fn moves(&self, op: u64) -> bool {
        let reading = self.cleaning.as_ref().and_then(|cleaning| cleaning.reading);
        reading.is_some_and(|reading| reading.op == op)
    }

    /// A chunk has been read: its messages get new records, and it is replaced.
    pub(super) fn move_chunk(&mut self, bytes: &[u8]) {
        let Some(cleaning) = &mut self.cleaning else { return };
        let Some(ReadingChunk { queue: id, level, first_position, .. }) = cleaning.reading.take() else {
            return;
        };
        let segment = cleaning.segment;
        let (Some(queue), Some(journal)) = (self.queues.get_mut(&id), &mut self.journal) else { return };
        let (durable, now) = (queue.durable, self.now);
        let Some(level) = queue.ready.level_mut(level) else { return };
        // Meanwhile its queue may have begun to read it, or have read it; or it may have become longer. Then it is looked at
        // again.
        let is_same = |chunk: &&Chunk| chunk.segment == segment && chunk.span() as usize == bytes.len();
        let chunk = level.chunk_at(first_position).filter(is_same);
        let Some(chunk) = chunk.filter(|_| !level.is_loading(first_position)) else { return };
        let Some(entries) = chunk.load(id, bytes) else {
            return self.halt("the journal is damaged: a message is not what was written");
        };
        self.work.charge(cost::ENQUEUE * entries.len() as u64 + cost::copy(bytes.len() as u64));
        let moved = entries.into_iter().map(|mut entry| {
            relocate(journal, now, segment, durable, id, &mut entry);
            entry.parked()
        });
        let moved: Vec<Chunk> = chunks_of(moved.flatten());
        level.replace(first_position, moved);
    }

    /// A stream has messages from an offset on in memory again: they are moved before they are let go of.
    pub(super) fn clean_stream(&mut self, id: QueueId, first: u64) {
        let (Some(cleaning), Some(journal)) = (&self.cleaning, &mut self.journal) else { return };
        let stream = self.queues.get_mut(&id).and_then(|queue| queue.stream.as_mut());
        let Some(stream) = stream else { return };
        stream.visit_loaded(first, &mut |visited| {
            if let Visited::Record(offset, record) = visited {
                relocate_record(journal, cleaning.segment, id, offset, record);
            }
            true
        });
    }

    /// Looks through a part of a channel; returns where to look next.
    fn clean_channel(
        &mut self,
        segment: SegmentId,
        from: ConnectionId,
        number: ChannelNumber,
        settled: Settled,
    ) -> Next {
        let Some((&connection, session)) = self.sessions.range(from..).next() else {
            return Next::Delayed((Instant::ZERO, 0));
        };
        let first = if connection == from { number } else { ChannelNumber(0) };
        let Some((&channel, found)) = session.channels.range(first..).next() else {
            return Next::Channels(ConnectionId(connection.0 + 1), ChannelNumber(0), Settled::NOTHING);
        };
        let is_same = connection == from && channel == number;
        let settled = if is_same { settled } else { Settled::NOTHING };
        let (found, next) = found.unacked_in(segment, settled);
        self.work.charge(AT_ONCE as u64 / LOOKS_PER_OPERATION);
        for at in found {
            // One at least is moved, however short the slice, and is not found again.
            self.move_unacked(segment, connection, channel, at);
            if self.work.is_spent() {
                return Next::Channels(connection, channel, at);
            }
        }
        match (next, channel.0.checked_add(1)) {
            (Some(next), _) => Next::Channels(connection, channel, next),
            (None, Some(behind)) => Next::Channels(connection, ChannelNumber(behind), Settled::NOTHING),
            (None, None) => {
                Next::Channels(ConnectionId(connection.0 + 1), ChannelNumber(0), Settled::NOTHING)
            }
        }
    }

    fn move_unacked(
        &mut self,
        segment: SegmentId,
        connection: ConnectionId,
        channel: ChannelNumber,
        at: Settled,
    ) {
        let channel = self.sessions.get_mut(&connection).and_then(|s| s.channels.get_mut(&channel));
        let Some(unacked) = channel.and_then(|channel| channel.unacked_at(at)) else { return };
        let Some(journal) = &mut self.journal else { return };
        let queue = self.queues.get(&unacked.queue);
        let durable = queue.is_some_and(|queue| queue.durable);
        let size = relocate(journal, self.now, segment, durable, unacked.queue, &mut unacked.entry);
        // The record of its delivery may go with the old segments.
        if size.is_some() && queue.is_some_and(|queue| queue.kind == Kind::Quorum) {
            journal.deliver(unacked.queue, unacked.entry.position);
        }
        self.work.charge(cost::ENQUEUE + cost::copy(size.unwrap_or_default()));
    }

    /// A message comes back to its queue: it is moved if its segment is cleaned, because that queue may have been looked
    /// through.
    pub(super) fn move_returned(&mut self, id: QueueId, entry: &mut Entry) {
        let (Some(cleaning), Some(journal)) = (&self.cleaning, &mut self.journal) else { return };
        let durable = self.queues.get(&id).is_some_and(|queue| queue.durable);
        relocate(journal, self.now, cleaning.segment, durable, id, entry);
    }
}

impl Cleaning {
    fn of(segment: SegmentId) -> Self {
        let next = Next::Queues(QueueId(0), None);
        Cleaning { segment, next, looks_again: false, reading: None, has_turn: false }
    }
}

impl Next {
    fn channels() -> Self {
        Next::Channels(ConnectionId(0), ChannelNumber(0), Settled::NOTHING)
    }
}

impl Settled {
    const NOTHING: Settled = Settled::Not(DeliveryTag(0));
}

impl Channel {
    /// Some of the deliveries from one on: those whose records are in a segment, and where the others begin, if there may be
    /// any.
    fn unacked_in(&self, segment: SegmentId, from: Settled) -> (Vec<Settled>, Option<Settled>) {
        let is_there = |unacked: &Unacked| unacked.entry.place.is_some_and(|place| place.segment == segment);
        let settled = |index: u64| self.transaction()?.settlements.get(usize::try_from(index).ok()?);
        let some: Vec<(DeliveryTag, bool)> = match from {
            Settled::Not(tag) => {
                self.unacked.range(tag..).take(AT_ONCE).map(|(&tag, found)| (tag, is_there(found))).collect()
            }
            Settled::By(index, tag) => match settled(index) {
                Some((settled, _)) => {
                    settled.from(tag).take(AT_ONCE).map(|(tag, found)| (tag, is_there(found))).collect()
                }
                None => return (Vec::new(), None),
            },
        };
        let here = |tag| match from {
            Settled::Not(_) => Settled::Not(tag),
            Settled::By(index, _) => Settled::By(index, tag),
        };
        let next = match (some.last(), from) {
            (Some(&(last, _)), _) => here(DeliveryTag(last.0 + 1)),
            (None, Settled::Not(_)) => Settled::By(0, DeliveryTag(0)),
            (None, Settled::By(index, _)) => Settled::By(index + 1, DeliveryTag(0)),
        };
        let found = some.into_iter().filter(|(_, is_there)| *is_there).map(|(tag, _)| here(tag));
        (found.collect(), Some(next))
    }

    fn unacked_at(&mut self, at: Settled) -> Option<&mut Unacked> {
        match at {
            Settled::Not(tag) => self.unacked.get_mut(&tag),
            Settled::By(index, tag) => {
                let settlements = &mut self.transaction_mut()?.settlements;
                settlements.get_mut(usize::try_from(index).ok()?)?.0.unacked_mut(tag)
            }
        }
    }
}

/// A message gets a new record, if its record is in this segment; returns its size then, in bytes. `durable`: its queue is.
pub(super) fn relocate(
    journal: &mut Journal,
    now: Now,
    segment: SegmentId,
    durable: bool,
    queue: QueueId,
    entry: &mut Entry,
) -> Option<u64> {
    let place = entry.place.filter(|_| !entry.kept)?;
    let transient = !(durable && entry.message.persistent);
    let copy = StoredCopy {
        queue,
        position: entry.position,
        held: false,
        redelivered: entry.redelivered,
        time_ms: entry.expires_at.map(|at| now.wall_ms(at)),
        returns: entry.returns,
    };
    entry.place = Some(move_record(journal, segment, &entry.message, transient, copy, place)?);
    Some(entry.message.size())
}

/// The same for a message of a stream that is in memory.
fn relocate_record(
    journal: &mut Journal,
    segment: SegmentId,
    queue: QueueId,
    offset: u64,
    record: &mut StreamRecord,
) -> Option<u64> {
    let (message, place) = (record.message.as_ref()?, record.place?);
    let copy = StoredCopy {
        queue,
        position: offset,
        held: false,
        redelivered: false,
        time_ms: u64::try_from(record.at.as_millis()).ok(),
        returns: Returns::default(),
    };
    record.place = Some(move_record(journal, segment, message, false, copy, place)?);
    Some(record.size.into())
}

/// Writes a record again, if it is in this segment; returns where it is then.
pub(super) fn move_record(
    journal: &mut Journal,
    segment: SegmentId,
    message: &Message,
    transient: bool,
    copy: StoredCopy,
    place: Place,
) -> Option<Place> {
    if place.segment != segment {
        return None;
    }
    let new = journal.append(|out| put_moved(out, segment, message, transient, copy));
    journal.hold(new, 1);
    journal.release_replaced(segment);
    journal.hurry();
    Some(new)
}
