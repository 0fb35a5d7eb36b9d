//! Methods that come before what is unfinished is done: they wait with all that the client sends behind them, and are served
//! then as if they had come now.

use super::{Broker, channel::Caller, exchange::strip, work::Task};
use crate::{
    ConnectionId, QueueId,
    event::{Destination, QueueEnd},
    wire::Method,
};

/// What waits until all dead letters of a queue are published.
#[derive(Clone, Default)]
pub(super) struct AwaitingDeadLetters {
    /// Clients that delete it.
    clients: Vec<ConnectionId>,
    /// It is to end for this reason.
    end: Option<QueueEnd>,
}

impl Broker {
    /// Whether this method has to wait; it is served again later then.
    pub(super) fn comes_too_early(&mut self, caller: &Caller, method: &Method<'_>) -> bool {
        let waits = match method {
            Method::QueueDeclare { passive: false, queue, .. } => {
                self.await_unbinding(caller, &Destination::Queue((&*strip(queue)).into()))
            }
            Method::ExchangeDeclare { passive: false, exchange, .. } => {
                self.await_unbinding(caller, &Destination::Exchange((&*strip(exchange)).into()))
            }
            Method::QueueDelete { queue, .. } => self.await_dead_letters(caller, &strip(queue)),
            _ => false,
        };
        if waits && let Some(session) = self.sessions.get_mut(&caller.connection) {
            let mut frame = Vec::new();
            session.dialect.encode(method, caller.channel.0, &mut frame);
            // What has come behind it is put behind it.
            session.backlog.splice(..0, frame);
        }
        waits
    }

    /// The same until all dead letters of a queue are published, if that is so far off that it has to.
    fn await_dead_letters(&mut self, caller: &Caller, queue: &str) -> bool {
        let Ok(name) = self.named_or_last(caller, queue) else { return false };
        let vhost = self.vhosts.get(&caller.vhost);
        let Some(id) = vhost.and_then(|vhost| vhost.queues.get(&name)).copied() else { return false };
        let waits = self.has_unpublished(id);
        if waits {
            self.awaiting_dead_letters.entry(id).or_default().clients.push(caller.connection);
            self.hold_input(caller.connection);
        }
        waits
    }

    /// The end of a queue waits until its dead letters have been recorded where they go: a torn write might keep neither.
    /// `false`: it need not.
    pub(super) fn ends_later(&mut self, id: QueueId, reason: QueueEnd) -> bool {
        let waits = self.has_unpublished(id);
        if waits {
            self.awaiting_dead_letters.entry(id).or_default().end = Some(reason);
        }
        waits
    }

    /// A queue that goes with its virtual host need not wait: the end of that is recorded before.
    fn has_unpublished(&self, id: QueueId) -> bool {
        self.queues.get(&id).is_some_and(|queue| queue.unpublished > 0 && self.has_name(queue))
    }

    /// A dead letter of this queue stands in the journal where it goes.
    pub(super) fn dead_letter_is_out(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        queue.unpublished = queue.unpublished.saturating_sub(1);
        if queue.unpublished > 0 {
            return;
        }
        if let Some(reason) = self.release_awaiting(id) {
            self.work.add(Task::EndQueue(id, reason));
        }
    }

    /// Who has waited to delete a queue may do so; returns why it is to end besides.
    pub(super) fn release_awaiting(&mut self, id: QueueId) -> Option<QueueEnd> {
        let waiting = self.awaiting_dead_letters.remove(&id)?;
        for client in waiting.clients {
            self.release_input(client);
        }
        waiting.end
    }

    /// A queue was to end, and does if there is still reason for it.
    pub(super) fn end_after_dead_letters(&mut self, id: QueueId, reason: QueueEnd) {
        match reason {
            QueueEnd::Unused => self.consumer_ended(id),
            QueueEnd::Expired => self.queue_is_due(id, false),
            QueueEnd::Deleted | QueueEnd::OwnerGone => self.delete_queue(id, reason),
        }
    }

    /// Has the client's next frames wait until there are no bindings to `destination` any more, if that is gone and they are
    /// not; `false` if there is nothing to wait for.
    pub(super) fn await_unbinding(&mut self, caller: &Caller, destination: &Destination) -> bool {
        let vhost = self.vhosts.get_mut(&caller.vhost);
        let waits = vhost.is_some_and(|vhost| vhost.await_unbinding(destination, caller.connection));
        if waits {
            self.hold_input(caller.connection);
        }
        waits
    }
}
