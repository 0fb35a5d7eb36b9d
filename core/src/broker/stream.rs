//! Streams: what is written to them, who reads, and what goes at last (RabbitMQ's stream queues).

use std::sync::Arc;

use super::{Broker, consume::Wish, disk::Reading, dispatch::Credit, work::cost};
use crate::{
    Behaviour, Fact, QueueId, ReplyCode,
    event::DropReason,
    id::ConsumerId,
    journal::Place,
    message::Message,
    queue::{Kind, Queue, Ready, Seek, StreamRecord},
    refusal::{Outcome, Refusal, queue_in},
    session::{Settlement, Unacked},
};

impl Broker {
    /// Writes a message to a stream.
    pub(super) fn append(&mut self, id: QueueId, message: &Arc<Message>, place: Option<Place>) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let Some(stream) = &mut queue.stream else { return };
        self.message_bytes += message.size();
        let segment_bytes = queue.settings.retention.segment_bytes;
        let size = u32::try_from(message.size()).unwrap_or(u32::MAX);
        let record = StreamRecord { message: Some(message.clone()), size, at: self.now.wall, place };
        let new_segment = stream.append(record, segment_bytes);
        self.events.emit(&queue.vhost, || Fact::Enqueued { message: message.id, queue: queue.name.clone() });
        self.serve_readers(id);
        if new_segment {
            self.keep_retention(id);
        }
    }

    /// Delivers to every consumer what it has not read, as far as its credit and this slice go.
    pub(super) fn serve_readers(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        if let Some(stream) = &mut queue.stream {
            stream.round.begin(&queue.consumers);
        }
        self.continue_readers(id);
    }

    /// Goes on with those who have not had their turn, by one at least.
    pub(super) fn continue_readers(&mut self, id: QueueId) {
        while let Some(queue) = self.queues.get_mut(&id)
            && let Some(stream) = &mut queue.stream
            && let Some(reader) = stream.round.next(&queue.consumers)
        {
            self.work.charge(cost::CONSUMER);
            if self.consumers.get(&reader).is_some_and(|consumer| consumer.parked.is_none()) {
                self.serve_reader(id, reader);
            }
            if self.work.is_spent() {
                return self.postpone(id);
            }
        }
        self.recount(id);
    }

    fn serve_reader(&mut self, id: QueueId, reader: ConsumerId) {
        loop {
            let stream = self.queues.get_mut(&id).and_then(|queue| queue.stream.as_mut());
            let Some(stream) = stream else { return };
            let (found, passed_over) = stream.seek(reader);
            self.work.charge(passed_over);
            match found {
                Seek::End => return,
                Seek::OnDisk(offset) => return self.read_stream(id, offset),
                Seek::Further => {}
                Seek::Found => match self.credit(reader) {
                    Credit::Some => self.read_next(id, reader),
                    Credit::None(lacks) => return self.park(reader, lacks),
                    Credit::Ended => return,
                },
            }
            if self.work.is_spent() {
                let stream = self.queues.get_mut(&id).and_then(|queue| queue.stream.as_mut());
                return stream.into_iter().for_each(|stream| stream.round.put_off(reader));
            }
        }
    }

    fn read_next(&mut self, id: QueueId, reader: ConsumerId) {
        let stream = self.queues.get_mut(&id).and_then(|queue| queue.stream.as_mut());
        if let Some(entry) = stream.and_then(|stream| stream.read(reader)) {
            self.deliver(reader, entry);
        }
    }

    /// Has messages read that are on the disk only, one run of them at a time.
    pub(super) fn read_stream(&mut self, id: QueueId, offset: u64) {
        let Some(journal) = &mut self.journal else { return };
        let stream = self.queues.get_mut(&id).and_then(|queue| queue.stream.as_mut());
        let Some(stream) = stream.filter(|stream| stream.loading.is_none()) else { return };
        let Some((first, bytes)) = stream.run_at(offset) else { return };
        let op = journal.read(first.segment, first.offset, bytes);
        stream.loading = Some((op, offset));
        self.reads.insert(op, Reading::Stream { queue: id });
    }

    /// They have been read.
    pub(super) fn stream_goes_on(&mut self, id: QueueId, bytes: &[u8]) {
        let stream = self.queues.get_mut(&id).and_then(|queue| queue.stream.as_mut());
        let Some(stream) = stream else { return };
        let Some((_, first)) = stream.loading.take() else { return };
        let Some(taken) = stream.fill(id, first, bytes) else {
            return self.halt("the journal is damaged: a message is not what was written");
        };
        self.message_bytes += taken;
        self.clean_stream(id, first);
        self.serve_readers(id);
    }

    /// A client settles what it has read, in whatever way: it may be sent more, and the stream keeps the message.
    pub(super) fn settle_read(&mut self, unacked: &Unacked, settlement: Settlement) {
        let Some(queue) = self.queues.get_mut(&unacked.queue) else { return };
        queue.unacked -= 1;
        queue.recount(&mut self.counted);
        self.events.emit(&queue.vhost, || Fact::ReadSettled {
            message: unacked.entry.message.id,
            queue: queue.name.clone(),
            acked: matches!(settlement, Settlement::Ack),
        });
    }

    /// Lets go of a stream's segments that are too much or too old, and sets the alarm for the next look.
    pub(super) fn keep_retention(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let Some(stream) = &mut queue.stream else { return };
        let gone = stream.retain(&queue.settings.retention, self.now);
        self.discard(id, Ready::default(), gone, DropReason::Retention);
        self.set_queue_alarm(id);
    }
}

/// Refuses to read a stream without credit. Order and texts are RabbitMQ's.
pub(super) fn check_reader(queue: &Queue, prefetch: u16, wish: &Wish) -> Outcome {
    let name = queue_in(&queue.name, &queue.vhost);
    let named = queue.compat.has(Behaviour::StreamRefusalsNameIt);
    if queue.kind != Kind::Stream {
        Ok(())
    } else if prefetch == 0 {
        let stream = if named { format!("stream {name}") } else { format!("'{name}'") };
        let text = format!("consumer prefetch count is not set for {stream}");
        Err(Refusal::new(ReplyCode::PreconditionFailed, text))
    } else if wish.no_ack {
        let stream = if named { "stream" } else { "stream queues" };
        let text = format!("automatic acknowledgement not supported by {stream} {name}");
        Err(Refusal::new(ReplyCode::NotImplemented, text))
    } else {
        Ok(())
    }
}

/// Refuses what needs messages to be taken out.
pub(super) fn check_not_stream(queue: &Queue, method: &str) -> Outcome {
    if queue.kind == Kind::Stream {
        let queue = queue_in(&queue.name, &queue.vhost);
        let text = format!("{method} not supported by stream queues {queue}");
        return Err(Refusal::new(ReplyCode::NotImplemented, text));
    }
    Ok(())
}
