//! A queue: messages ready in order, and the consumers that take turns.

mod arguments;
mod consumer;

pub(crate) use arguments::{check_arguments, check_equivalent};
pub(crate) use consumer::Consumer;

use std::{collections::VecDeque, sync::Arc};

use crate::{ConnectionId, Name, QueueId, id::ConsumerId, message::Message, wire::FieldTable};

/// A queue. What is delivered and not acked is with the channel that has it; the queue only counts it.
pub(crate) struct Queue {
    pub(crate) id: QueueId,
    pub(crate) vhost: Name,
    pub(crate) name: Name,
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    /// The connection that an exclusive queue belongs to.
    pub(crate) owner: Option<ConnectionId>,
    pub(crate) arguments: FieldTable,
    pub(crate) unacked: u64,
    /// Every consumer, in the order in which they started.
    pub(crate) consumers: Vec<ConsumerId>,
    /// The consumer that may not have another beside it.
    pub(crate) exclusive_consumer: Option<ConsumerId>,
    /// Whose turn it is: who is served goes to the end, who has no credit leaves until it has some.
    pub(crate) turns: VecDeque<ConsumerId>,
    ready: VecDeque<Entry>,
    next_position: u64,
}

/// A message's place in a queue. It keeps its position for life, so that it can go back there.
pub(crate) struct Entry {
    pub(crate) message: Arc<Message>,
    pub(crate) redelivered: bool,
    position: u64,
}

/// What queue.declare says of a queue.
#[derive(Clone, PartialEq)]
pub(crate) struct Properties {
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    pub(crate) owner: Option<ConnectionId>,
    pub(crate) arguments: FieldTable,
}

impl Queue {
    pub(crate) fn new(id: QueueId, vhost: Name, name: Name, properties: Properties) -> Self {
        let Properties { durable, auto_delete, owner, arguments } = properties;
        Queue {
            id,
            vhost,
            name,
            durable,
            auto_delete,
            owner,
            arguments,
            unacked: 0,
            consumers: Vec::new(),
            exclusive_consumer: None,
            turns: VecDeque::new(),
            ready: VecDeque::new(),
            next_position: 0,
        }
    }

    /// Puts a new message at the end.
    pub(crate) fn push(&mut self, message: Arc<Message>) {
        let position = self.next_position;
        self.next_position += 1;
        self.ready.push_back(Entry { message, redelivered: false, position });
    }

    /// Takes the first ready message out.
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        let entry = self.ready.pop_front();
        self.give_memory_back();
        entry
    }

    /// Puts an entry back where it was, marked as delivered before.
    pub(crate) fn put_back(&mut self, mut entry: Entry) {
        entry.redelivered = true;
        let at = self.ready.partition_point(|other| other.position < entry.position);
        self.ready.insert(at, entry);
    }

    /// Takes every ready message out.
    pub(crate) fn take_ready(&mut self) -> VecDeque<Entry> {
        std::mem::take(&mut self.ready)
    }

    pub(crate) fn ready(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.ready.iter()
    }

    pub(crate) fn ready_count(&self) -> u64 {
        self.ready.len() as u64
    }

    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// A consumer is over: it has no more turns.
    pub(crate) fn remove_consumer(&mut self, consumer: ConsumerId) {
        self.consumers.retain(|&id| id != consumer);
        self.turns.retain(|&id| id != consumer);
        if self.exclusive_consumer == Some(consumer) {
            self.exclusive_consumer = None;
        }
    }

    /// A backlog that is gone must not keep its memory.
    fn give_memory_back(&mut self) {
        const WORTH_IT: usize = 4096;
        if self.ready.capacity() > WORTH_IT && self.ready.len() < self.ready.capacity() / 8 {
            self.ready.shrink_to(self.ready.capacity() / 4);
        }
    }
}
