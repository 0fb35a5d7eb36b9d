//! What outlives a crash: records of it, answers that wait until these are safe, and places that are given back.

use std::sync::Arc;

use super::{Broker, Output, enqueue::Sender};
use crate::{
    Command, ConnectionId, Fact, Name, QueueId,
    event::Destination,
    exchange::Binding,
    journal::{Change, Chunk, Group, Journal, Place, StoredCopy, put_change, put_returned, put_stored},
    message::Message,
    queue::{Entry, Kind, Queue, Returns, StreamRecord},
};

/// What has become of a publish.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    /// Every queue took it.
    pub(super) by_all: bool,
    /// It is safe with this commit.
    pub(super) group: Option<Group>,
}

/// A message's position in a queue, as the journal has it.
#[derive(Clone, Copy)]
pub(super) struct RecordedCopy {
    queue: QueueId,
    position: u64,
    place: Place,
    /// A restart would find it again.
    is_stored: bool,
}

impl RecordedCopy {
    /// What an exchange holds, in this record.
    pub(super) fn held(copy: &StoredCopy, place: Place) -> Self {
        RecordedCopy { queue: copy.queue, position: copy.position, place, is_stored: true }
    }

    pub(super) fn is_stored(self) -> bool {
        self.is_stored
    }

    pub(super) fn queue(self) -> QueueId {
        self.queue
    }

    pub(super) fn position(self) -> u64 {
        self.position
    }

    pub(super) fn place(self) -> Place {
        self.place
    }

    pub(super) fn place_mut(&mut self) -> &mut Place {
        &mut self.place
    }
}

impl Broker {
    /// Records a change of what is durable. The client that is being served hears of it when it is safe.
    pub(super) fn record(&mut self, change: impl FnOnce() -> Change) {
        if let Some(journal) = &mut self.journal {
            let change = change();
            journal.append(|out| put_change(out, &change));
            self.changes += 1;
            self.tell_in_snapshot(&change);
        }
    }

    pub(super) fn record_binding(&mut self, vhost: &Name, exchange: &Name, binding: &Binding, bound: bool) {
        let forgotten = planted!(self.config, BindingNotRecorded);
        if self.journal.is_none() || forgotten || !self.is_durable_binding(vhost, exchange, binding) {
            return;
        }
        let (vhost, exchange, binding) = (vhost.clone(), exchange.clone(), binding.clone());
        self.record(|| match bound {
            true => Change::Bound { vhost, exchange, binding },
            false => Change::Unbound { vhost, exchange, binding },
        });
    }

    /// A binding lasts if both its ends do.
    pub(super) fn is_durable_binding(&self, vhost: &Name, exchange: &Name, binding: &Binding) -> bool {
        let Some(vhost) = self.vhosts.get(vhost) else { return false };
        let lasts = |name: &Name| vhost.exchanges.get(name).is_some_and(|found| found.properties.durable);
        lasts(exchange)
            && match &binding.destination {
                Destination::Exchange(name) => lasts(name),
                Destination::Queue(name) => {
                    let queue = vhost.queues.get(name).and_then(|id| self.queues.get(id));
                    queue.is_some_and(|queue| queue.durable)
                }
            }
    }

    /// Records what an operator sets.
    pub(super) fn record_command(&mut self, command: &Command) {
        if !matches!(
            command,
            Command::Shutdown { .. }
                | Command::CloseConnection { .. }
                | Command::Stop
                | Command::LimitMemory(_)
        ) {
            self.record(|| Change::Operator(command.clone()));
        }
    }

    /// What is sent to this client from now on waits until everything recorded so far is safe.
    pub(super) fn hold_answers(&mut self, connection: ConnectionId) {
        let Some(journal) = &mut self.journal else { return };
        journal.hurry();
        if let Some(session) = self.sessions.get_mut(&connection) {
            session.held = Some(journal.group());
        }
    }

    /// Whether the client's answers still have to wait.
    pub(super) fn is_held(&self, connection: ConnectionId) -> Option<Group> {
        let group = self.sessions.get(&connection)?.held?;
        let safe = self.journal.as_ref().is_none_or(|journal| group <= journal.safe());
        (!safe).then_some(group)
    }

    /// Has the host do this when the commit is safe.
    pub(super) fn put_off(&mut self, held: Option<Group>, output: Output) {
        match held {
            Some(group) => self.parting.push((group, output)),
            None => self.outputs.push_back(output),
        }
    }

    /// What is recorded from now on counts as a whole or not at all.
    pub(super) fn begin_transaction(&mut self) {
        self.publish_dead_letters();
        if let Some(journal) = &mut self.journal {
            journal.begin_transaction();
        }
    }

    /// It counts from now on, and the client hears of it when it is safe.
    pub(super) fn end_transaction(&mut self, connection: ConnectionId) {
        if let Some(journal) = &mut self.journal {
            journal.end_transaction();
            self.hold_answers(connection);
        }
    }

    /// Records a message with its places in durable queues, if it has any.
    pub(super) fn store(
        &mut self,
        vhost: &Name,
        message: &Arc<Message>,
        queues: &[QueueId],
        sender: Sender,
    ) -> Option<Place> {
        let journal = self.journal.as_mut()?;
        let mut copies = Vec::new();
        for id in queues {
            let Some(queue) = self.queues.get(id) else { continue };
            if !queue.stores(message) || queue.refuses(message, sender) {
                continue;
            }
            copies.push(StoredCopy {
                queue: *id,
                position: queue.stream.as_ref().map_or(queue.next_position, |stream| stream.next_offset()),
                held: false,
                redelivered: false,
                time_ms: match &queue.stream {
                    Some(_) => u64::try_from(self.now.wall.as_millis()).ok(),
                    None => queue.expiry(message, self.now.instant).map(|at| self.now.wall_ms(at)),
                },
                returns: Returns::before(message),
            });
        }
        if copies.is_empty() {
            return None;
        }
        let one = copies.get(..1).filter(|_| planted!(self.config, SecondQueueNotRecorded));
        let recorded = one.unwrap_or(&copies);
        let place = journal.append(|out| put_stored(out, message, false, recorded));
        journal.hold(place, copies.len() as u64);
        let commit = journal.group();
        self.events.emit(vhost, || Fact::Recorded { message: message.id, commit });
        Some(place)
    }

    /// The commit that a record just made is part of.
    pub(super) fn group_of(&self, place: Option<Place>) -> Option<Group> {
        place.and(self.journal.as_ref()).map(Journal::group)
    }

    /// A queue is done with a message: the memory and the place that it took are free.
    pub(super) fn let_go(&mut self, id: QueueId, entry: &Entry) {
        let copy = self.release_memory(id, entry);
        self.release_copy(copy, false);
    }

    /// A queue is done with a message, and the journal is not yet: what is returned is to be released as soon as the
    /// record of what takes its place has been made. Before, a torn write might keep the end of the one and not the other.
    pub(super) fn release_memory(&mut self, id: QueueId, entry: &Entry) -> Option<RecordedCopy> {
        self.message_bytes -= entry.message.size();
        let place = entry.place?;
        let is_stored = self.queues.get(&id).is_some_and(|queue| queue.stores(&entry.message))
            && !planted!(self.config, AckNotRecorded);
        Some(RecordedCopy { queue: id, position: entry.position, place, is_stored })
    }

    /// The journal is done with it, too. `is_replaced`: because of what has been recorded just before.
    pub(super) fn release_copy(&mut self, copy: Option<RecordedCopy>, is_replaced: bool) {
        let (Some(copy), Some(journal)) = (copy, &mut self.journal) else { return };
        match is_replaced {
            true => journal.release_replaced(copy.place.segment),
            false => journal.release(copy.place.segment, 1),
        }
        if copy.is_stored {
            journal.remove(copy.queue, copy.position);
        }
    }

    /// The same for what a stream had kept.
    pub(super) fn let_go_of_record(&mut self, id: QueueId, offset: u64, record: &StreamRecord) {
        if record.message.is_some() {
            self.message_bytes -= u64::from(record.size);
        }
        if let Some(place) = record.place {
            let copy = RecordedCopy { queue: id, position: offset, place, is_stored: true };
            self.release_copy(Some(copy), false);
        }
    }

    /// The same for messages that are on the disk only; returns how many they are.
    pub(super) fn drop_chunks(&mut self, id: QueueId, chunks: Vec<Chunk>) -> u64 {
        let Some(journal) = &mut self.journal else { return 0 };
        let mut messages = 0;
        for chunk in chunks {
            messages += u64::from(chunk.count);
            journal.release(chunk.segment, chunk.count.into());
            chunk.iter().for_each(|parked| journal.remove(id, parked.position));
        }
        messages
    }

    /// Records how often a quorum queue got a message back.
    pub(super) fn record_return(&mut self, id: QueueId, position: u64, returns: Returns) {
        if let Some(journal) = &mut self.journal {
            // What has been delivered since is recorded before: it is not with a client any more.
            journal.record_delivered();
            journal.append(|out| put_returned(out, id, position, returns));
        }
    }
}

impl Queue {
    /// A client gets the message, and is to settle it: quorum queues count that, even if the broker crashes before (RabbitMQ).
    #[inline]
    pub(super) fn record_delivery(&self, entry: &Entry, journal: &mut Option<Journal>) {
        if self.kind == Kind::Quorum
            && entry.place.is_some()
            && let Some(journal) = journal
        {
            journal.deliver(self.id, entry.position);
        }
    }

    /// Whether a message in this queue outlives a restart.
    pub(crate) fn stores(&self, message: &Message) -> bool {
        self.durable && (message.persistent || self.stream.is_some())
    }
}
