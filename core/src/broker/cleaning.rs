//! Old segments that are mostly of no use: what is still needed moves to the end of the journal, and they go.
//!
//! Segments go from the oldest on, so that a record of what was removed never goes before what it is about. One message
//! that nobody takes would keep everything behind it: it is moved.

use super::{Broker, disk::Reading};
use crate::{
    Now, QueueId, SegmentId,
    journal::{Chunk, Journal, Place, StoredCopy, chunks_of, put_moved},
    message::Message,
    queue::{Entry, Kind, Queue, Returns},
};

/// What is left to move.
#[derive(Clone)]
pub(super) struct Cleaning {
    segment: SegmentId,
    /// Where there are messages that are on the disk only.
    lines: Vec<(QueueId, u8)>,
    /// What was in memory has been moved; what comes into memory later is moved then.
    residents_are_moved: bool,
    /// The operation that reads some of them, and their line.
    reading: Option<(u64, QueueId, u8)>,
}

impl Broker {
    /// Goes on with cleaning, or begins with it when it is worth it.
    pub(super) fn clean(&mut self) {
        let Some(journal) = &mut self.journal else { return };
        let Some(cleaning) = &self.cleaning else {
            if let Some(segment) = journal.dirtiest() {
                self.begin_cleaning(segment);
            }
            return;
        };
        if journal.is_gone(cleaning.segment) {
            self.cleaning = None;
        } else if cleaning.reading.is_none() {
            self.clean_on();
        }
    }

    fn begin_cleaning(&mut self, segment: SegmentId) {
        let mut lines = Vec::new();
        for queue in self.queues.values_mut() {
            let id = queue.id;
            let here = queue
                .ready
                .levels_mut()
                .filter(|(_, level)| level.chunks().any(|chunk| chunk.segment == segment));
            lines.extend(here.map(|(level, _)| (id, level)));
        }
        self.cleaning = Some(Cleaning { segment, lines, residents_are_moved: false, reading: None });
        self.clean_on();
    }

    /// Asks for the next messages that are on the disk only; when there are none, moves those that are in memory.
    fn clean_on(&mut self) {
        let (Some(cleaning), Some(journal)) = (&mut self.cleaning, &mut self.journal) else { return };
        while let Some(&(queue, index)) = cleaning.lines.last() {
            let level =
                self.queues.get_mut(&queue).and_then(|queue| Some((queue.id, queue.ready.level_mut(index)?)));
            let chunk = level
                .as_ref()
                .and_then(|(_, level)| level.chunks().find(|chunk| chunk.segment == cleaning.segment));
            let Some(chunk) = chunk else {
                cleaning.lines.pop();
                continue;
            };
            // What its queue is just reading will be in memory, and what is not written yet can wait.
            let loading = level.as_ref().is_some_and(|(_, level)| level.is_loading(chunk.first_position));
            if loading || !journal.is_readable(chunk.segment, chunk.end) {
                return;
            }
            let op = journal.read(chunk.segment, chunk.start, chunk.span());
            cleaning.reading = Some((op, queue, index));
            self.reads.insert(op, Reading::Move);
            return;
        }
        let segment = cleaning.segment;
        if cleaning.residents_are_moved {
            return self.read_streams(segment);
        }
        cleaning.residents_are_moved = true;
        self.move_residents(segment);
        self.read_streams(segment);
    }

    /// A stream has messages in memory again: they are moved before they are let go of.
    pub(super) fn clean_stream(&mut self, id: QueueId) {
        let (Some(cleaning), Some(journal)) = (&self.cleaning, &mut self.journal) else { return };
        if let Some(queue) = self.queues.get_mut(&id) {
            move_stream(journal, cleaning.segment, queue);
        }
    }

    /// Has what streams have there come into memory, from where it is moved.
    fn read_streams(&mut self, segment: SegmentId) {
        let streams = self.queues.values().filter_map(|queue| Some((queue.id, queue.stream.as_ref()?)));
        let streams = streams.filter(|(_, stream)| stream.loading.is_none());
        let on_disk: Vec<(QueueId, u64)> =
            streams.filter_map(|(id, stream)| Some((id, stream.on_disk_in(segment)?))).collect();
        for (queue, offset) in on_disk {
            self.read_stream(queue, offset);
        }
    }

    pub(super) fn moves(&self, op: u64) -> bool {
        let reading = self.cleaning.as_ref().and_then(|cleaning| cleaning.reading);
        reading.is_some_and(|(reading, ..)| reading == op)
    }

    /// A chunk has been read: its messages get new records, and it is replaced.
    pub(super) fn move_chunk(&mut self, bytes: &[u8]) {
        let Some(cleaning) = &mut self.cleaning else { return };
        let Some((_, id, index)) = cleaning.reading.take() else { return };
        let segment = cleaning.segment;
        let (Some(queue), Some(journal)) = (self.queues.get_mut(&id), &mut self.journal) else { return };
        let (durable, now) = (queue.durable, self.now);
        let Some(level) = queue.ready.level_mut(index) else { return };
        let Some(at) = level.chunks().position(|chunk| chunk.segment == segment) else { return };
        // Meanwhile its queue may have begun to read it, or have read it and gone on to another.
        let Some(entries) = level.chunk(at).filter(|chunk| !level.is_loading(chunk.first_position)) else {
            return;
        };
        let Some(entries) = entries.load(id, bytes) else {
            return self.halt("the journal is damaged: a message is not what was written");
        };
        let moved = entries.into_iter().map(|mut entry| {
            relocate(journal, now, segment, durable, id, &mut entry);
            entry.parked()
        });
        let moved: Vec<Chunk> = chunks_of(moved.flatten());
        level.replace(at, moved);
        journal.hurry();
    }

    /// Messages in memory whose records are in this segment get new ones.
    fn move_residents(&mut self, segment: SegmentId) {
        let Some(journal) = &mut self.journal else { return };
        let now = self.now;
        for queue in self.queues.values_mut() {
            let (id, durable) = (queue.id, queue.durable);
            for entry in queue.ready.iter_mut() {
                relocate(journal, now, segment, durable, id, entry);
            }
            move_stream(journal, segment, queue);
        }
        for channel in self.sessions.values_mut().flat_map(|session| session.channels.values_mut()) {
            for unacked in channel.all_unacked_mut().filter(|unacked| !unacked.entry.kept) {
                let queue = self.queues.get(&unacked.queue);
                let durable = queue.is_some_and(|queue| queue.durable);
                let before = unacked.entry.place;
                relocate(journal, now, segment, durable, unacked.queue, &mut unacked.entry);
                // The record of its delivery may go with the old segments.
                if unacked.entry.place != before && queue.is_some_and(|queue| queue.kind == Kind::Quorum) {
                    journal.deliver(unacked.queue, unacked.entry.position);
                }
            }
        }
        journal.hurry();
        self.move_held(segment);
    }
}

/// Messages of a stream that are in memory get new records.
fn move_stream(journal: &mut Journal, segment: SegmentId, queue: &mut Queue) {
    for (offset, record) in queue.stream.iter_mut().flat_map(|stream| stream.records_mut()) {
        let copy = StoredCopy {
            queue: queue.id,
            position: offset,
            held: false,
            redelivered: false,
            time_ms: u64::try_from(record.at.as_millis()).ok(),
            returns: Returns::default(),
        };
        if let Some(message) = &record.message {
            move_record(journal, segment, message, false, copy, &mut record.place);
        }
    }
}

/// A message gets a new record; `durable`: its queue is.
fn relocate(
    journal: &mut Journal,
    now: Now,
    segment: SegmentId,
    durable: bool,
    queue: QueueId,
    entry: &mut Entry,
) {
    let transient = !(durable && entry.message.persistent);
    let copy = StoredCopy {
        queue,
        position: entry.position,
        held: false,
        redelivered: entry.redelivered,
        time_ms: entry.expires_at.map(|at| now.wall_ms(at)),
        returns: entry.returns,
    };
    move_record(journal, segment, &entry.message, transient, copy, &mut entry.place);
}

/// Writes the record again, if it is in this segment.
fn move_record(
    journal: &mut Journal,
    segment: SegmentId,
    message: &Message,
    transient: bool,
    copy: StoredCopy,
    place: &mut Option<Place>,
) {
    if place.is_some_and(|place| place.segment == segment) {
        let new = journal.append(|out| put_moved(out, segment, message, transient, copy));
        journal.hold(new, 1);
        journal.release_replaced(segment);
        *place = Some(new);
    }
}
