//! Messages that nobody wants any more, many at once: of a queue that was purged or deleted, or of a stream's old segments.
//! They are out of the queue at once; the memory and the places in the journal that they take are given back in slices.

use super::{
    Broker,
    work::{Task, cost},
};
use crate::{
    Fact, Name, QueueId,
    event::DropReason,
    queue::{Ready, StreamRecords},
};

/// What is left of them.
#[derive(Clone)]
pub(super) struct Discard {
    queue: QueueId,
    vhost: Name,
    name: Name,
    reason: DropReason,
    ready: Ready,
    records: StreamRecords,
    /// Messages that were on the disk only, and are gone.
    unread: u64,
}

impl Broker {
    /// Forgets messages that were taken out of a queue.
    pub(super) fn discard(&mut self, id: QueueId, ready: Ready, records: StreamRecords, reason: DropReason) {
        let Some(queue) = self.queues.get(&id) else { return };
        let (vhost, name) = (queue.vhost.clone(), queue.name.clone());
        self.continue_discarding(Discard { queue: id, vhost, name, reason, ready, records, unread: 0 });
    }

    pub(super) fn continue_discarding(&mut self, mut discard: Discard) {
        let (id, reason) = (discard.queue, discard.reason);
        loop {
            if self.work.is_spent() {
                return self.work.add(Task::Discard(Box::new(discard)));
            }
            self.work.charge(cost::SETTLE);
            let message = if let Some(entry) = discard.ready.pop() {
                self.let_go(id, &entry);
                Some(entry.message.id)
            } else if let Some(chunk) = discard.ready.take_chunk() {
                self.work.charge(u64::from(chunk.count));
                discard.unread += self.drop_chunks(id, vec![chunk]);
                None
            } else if let Some((offset, record)) = discard.records.next() {
                self.let_go_of_record(id, offset, &record);
                discard.unread += u64::from(record.message.is_none());
                record.message.map(|message| message.id)
            } else {
                break;
            };
            let queue = &discard.name;
            if let Some(message) = message {
                self.events.emit(&discard.vhost, || Fact::Dropped {
                    message,
                    queue: queue.clone(),
                    reason,
                    unacked: false,
                });
            }
        }
        let (queue, messages) = (discard.name, discard.unread);
        if messages > 0 {
            self.events.emit(&discard.vhost, || Fact::DroppedUnread { queue, messages, reason });
        }
    }
}
