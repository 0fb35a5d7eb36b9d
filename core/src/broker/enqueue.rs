//! Messages into queues, and out of those that are full or whose messages have expired.

use std::sync::Arc;

use super::{
    Broker, ReplyAddress,
    dispatch::Credit,
    durable::Taken,
    timers::{GRACE, Timer},
    work::{Task, cost},
};
use crate::{
    Fact, Name, QueueId,
    event::{DeathReason, QueueEnd},
    journal::Place,
    message::Message,
    ordered::OrdMap,
    queue::{Kind, Overflow, Queue},
};

/// So many messages of a queue are dropped at once, however little room the slice has: what a client hears of a short queue
/// is the same with slices of any size.
const FEW: u64 = 16;

/// Who sends a message to queues.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// Somebody who is told if a queue refuses it.
    Told,
    /// The broker itself: nobody is told. A quorum queue then takes it beyond its limits (RabbitMQ).
    Untold,
}

impl Broker {
    /// Puts the message into these queues.
    pub(super) fn enqueue(
        &mut self,
        vhost: &Name,
        message: &Arc<Message>,
        queues: &[QueueId],
        sender: Sender,
    ) -> Taken {
        let name_of = |id| name_of(&self.queues, &self.reply_consumers, id);
        self.events.emit(vhost, || Fact::Routed {
            message: message.id,
            queues: queues.iter().filter_map(name_of).collect(),
        });
        let place = self.store(vhost, message, queues, sender);
        let group = self.group_of(place);
        let mut by_all = true;
        for &id in queues {
            by_all &= self.put(id, message, place, sender);
        }
        if planted!(self.config, FanoutTwice)
            && let &[first, _, ..] = queues
        {
            self.put(first, message, None, sender);
        }
        Taken { by_all, group }
    }

    /// `false`: the queue did not take it.
    fn put(&mut self, id: QueueId, message: &Arc<Message>, place: Option<Place>, sender: Sender) -> bool {
        let Some(queue) = self.queues.get_mut(&id) else {
            self.reply_directly(id, message);
            return true;
        };
        if queue.stream.is_some() {
            self.append(id, message, place);
            return true;
        }
        if queue.refuses(message, sender) {
            self.refuse_message(id, message);
            return false;
        }
        let passed_on = message.failed_deliveries() > 0 && self.has_waiting_consumer(id);
        let Some(queue) = self.queues.get_mut(&id) else { return true };
        self.message_bytes += message.size();
        let place = place.filter(|_| queue.stores(message));
        queue.push(message.clone(), place, self.now.instant, passed_on);
        self.events.emit(&queue.vhost, || Fact::Enqueued { message: message.id, queue: queue.name.clone() });
        self.work.charge(cost::ENQUEUE);
        if self.work.is_spent() {
            // Of a message for very many queues: it is in all of them at once, and each goes on in its turn.
            self.postpone(id);
            return true;
        }
        self.dispatch_and_limit(id);
        true
    }

    /// Whether a consumer would have a message of this queue at once.
    fn has_waiting_consumer(&mut self, id: QueueId) -> bool {
        let Some(queue) = self.queues.get(&id) else { return false };
        let mut looked_at = 0;
        let found = queue.turns.iter().any(|consumer| {
            looked_at += 1;
            matches!(self.credit(consumer), Credit::Some)
        });
        self.work.charge(looked_at * cost::CONSUMER);
        found
    }

    /// The queue is full, and its publishers are to hear of it.
    fn refuse_message(&mut self, id: QueueId, message: &Arc<Message>) {
        let Some(queue) = self.queues.get(&id) else { return };
        let (vhost, name) = (queue.vhost.clone(), queue.name.clone());
        let buried = queue.settings.overflow == Overflow::RejectPublishDlx;
        self.events.emit(&vhost, || Fact::Refused { message: message.id, queue: name });
        if buried {
            self.bury(id, message, DeathReason::MaxLength);
        }
    }

    /// Drops what is too much and what has expired, and looks at what comes next.
    pub(super) fn keep_limits(&mut self, id: QueueId) {
        if !self.drop_overflow(id) || !self.drop_expired(id) {
            return self.postpone(id);
        }
        self.look_ahead(id);
    }

    /// Reads on before it is needed, and sets the alarm for what is due next.
    pub(super) fn look_ahead(&mut self, id: QueueId) {
        self.read_ahead(id);
        self.set_queue_alarm(id);
    }

    /// Drops the first messages as long as there are too many; `false` if this slice has no room for all of them.
    fn drop_overflow(&mut self, id: QueueId) -> bool {
        let mut few = FEW;
        while !self.work.is_spent_beyond(&mut few) {
            let overflow = self.queues.get_mut(&id).and_then(Queue::pop_overflow);
            let Some(entry) = overflow else { return true };
            self.work.charge(cost::SETTLE);
            self.give_up(id, &entry, DeathReason::MaxLength, false);
        }
        false
    }

    /// Drops the first messages as long as they have expired; `false` if this slice has no room for all of them.
    pub(super) fn drop_expired(&mut self, id: QueueId) -> bool {
        let (now, mut few) = (self.now.instant, FEW);
        while !self.work.is_spent_beyond(&mut few) {
            let expired = self.queues.get_mut(&id).and_then(|queue| queue.pop_expired(now));
            let Some(entry) = expired else { return true };
            self.work.charge(cost::SETTLE);
            self.give_up(id, &entry, DeathReason::Expired, false);
        }
        false
    }

    /// What is left of a queue's work waits for the next slice.
    pub(super) fn postpone(&mut self, id: QueueId) {
        self.recount(id);
        self.work.add(Task::Queue(id));
    }

    /// Counts a queue's messages in the totals as they are now.
    pub(super) fn recount(&mut self, id: QueueId) {
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.recount(&mut self.counted);
        }
    }

    pub(super) fn set_queue_alarm(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        queue.recount(&mut self.counted);
        let due = queue.due();
        if queue.alarm != due {
            queue.alarm = due;
            self.timers.set(Timer::Queue(id), due);
        }
    }

    /// A queue's alarm: it has been unused for too long, or its first message has expired.
    pub(super) fn queue_is_due(&mut self, id: QueueId, is_late: bool) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        queue.alarm = None;
        if queue.stream.is_some() {
            return self.keep_retention(id);
        }
        let is_unused = queue.expires_at().is_some_and(|at| at <= self.now.instant);
        if is_unused && !is_late {
            self.delete_queue(id, QueueEnd::Expired);
            return;
        }
        self.keep_limits(id);
        // Somebody may have used it in a way that has not been read yet.
        if is_unused && let Some(queue) = self.queues.get_mut(&id) {
            let again = self.now.instant + GRACE;
            queue.alarm = Some(again);
            self.timers.set(Timer::Queue(id), Some(again));
        }
    }
}

impl Queue {
    /// Counts its messages in the totals, ready and unacked, as they are now.
    pub(super) fn recount(&mut self, totals: &mut (u64, u64)) {
        let now = (self.ready_count(), self.unacked);
        let before = std::mem::replace(&mut self.counted, now);
        *totals = (totals.0 + now.0 - before.0, totals.1 + now.1 - before.1);
    }

    /// Whether the message is one too many, and the queue takes no more.
    pub(super) fn refuses(&self, message: &Message, sender: Sender) -> bool {
        self.rejects(message) && (sender == Sender::Told || self.kind != Kind::Quorum)
    }
}

/// The name of a queue, or of who waits for direct replies.
pub(super) fn name_of(
    queues: &OrdMap<QueueId, Queue>,
    reply_consumers: &OrdMap<QueueId, ReplyAddress>,
    id: &QueueId,
) -> Option<Name> {
    let queue = queues.get(id).map(|queue| queue.name.clone());
    queue.or_else(|| Some(reply_consumers.get(id)?.address.clone()))
}
