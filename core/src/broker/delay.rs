//! Messages that exchanges of type x-delayed-message hold back, and those that x-recent-history keeps.

use std::sync::Arc;

use super::{
    Broker,
    durable::RecordedCopy,
    enqueue::Sender,
    timers::Timer,
    work::{Task, cost},
};
use crate::{
    Behaviour, Fact, Instant, Name, QueueId, ReplyCode,
    event::Destination,
    exchange::{DELAY, History, Kept, asked_ms},
    journal::Group,
    message::{Message, Payload},
    refusal::{Outcome, Refusal},
    routing::Routes,
    wire::{FieldValue, Properties},
};

/// Which part of the memory limit all exchanges of type x-recent-history may take with what they keep: nobody consumes it, so
/// it must never be what keeps publishers waiting.
const HISTORY_SHARE: u64 = 8;

/// So many messages are looked at before it is asked whether a slice is spent.
const FORGOTTEN_AT_ONCE: usize = 64;

/// A message that is held back.
#[derive(Clone)]
pub(crate) struct Delayed {
    pub(crate) vhost: Name,
    pub(crate) exchange: Name,
    pub(crate) message: Arc<Message>,
    /// Where it stands in the journal until it stands where it goes.
    pub(super) copy: Option<RecordedCopy>,
}

impl Broker {
    /// Some exchanges on the message's way keep it, or hold it back. Returns the commit with which that is safe, if it is
    /// recorded.
    pub(super) fn set_aside(
        &mut self,
        vhost: &Name,
        message: &Arc<Message>,
        routes: &Routes,
    ) -> Option<Group> {
        if routes.keepers.is_empty() && routes.delays.is_empty() {
            return None;
        }
        let copies = self.store_held(vhost, message, routes);
        let place = copies.iter().flatten().next().map(|copy| copy.place());
        let (kept, delayed) = copies.split_at(routes.keepers.len());
        for (exchange, copy) in routes.keepers.iter().zip(kept) {
            let stored = copy.map(|copy| (copy.position(), copy.place()));
            self.keep(vhost, exchange, Kept { message: message.clone(), stored });
        }
        for ((exchange, delay_ms), &copy) in routes.delays.iter().zip(delayed) {
            let (exchange, delay_ms) = (exchange.clone(), *delay_ms);
            self.events.emit(vhost, || {
                let (message, exchange) = (message.id, exchange.clone());
                Fact::Delayed { message, exchange, delay_ms }
            });
            let delayed = Delayed { vhost: vhost.clone(), exchange, message: message.clone(), copy };
            self.hold_back(self.now.after_ms(delay_ms), delayed);
        }
        self.group_of(place)
    }

    /// Has a message wait.
    pub(super) fn hold_back(&mut self, due: Instant, delayed: Delayed) {
        self.latest.delayed += 1;
        self.message_bytes += delayed.message.size();
        self.count_delayed(&delayed, true);
        self.delayed.insert((due, self.latest.delayed), delayed);
        self.set_delay_alarm();
    }

    /// Has an exchange keep a message, and no more than it may.
    pub(super) fn keep(&mut self, vhost: &Name, keeper: &Name, kept: Kept) {
        let exchange = self.vhosts.get_mut(vhost).and_then(|vhost| vhost.exchanges.get_mut(keeper));
        let Some((holding, history)) =
            exchange.and_then(|exchange| Some((exchange.holding, exchange.history.as_mut()?)))
        else {
            return;
        };
        let most = self.config.memory_limit_bytes / HISTORY_SHARE;
        let others = self.history_bytes - history.bytes();
        history.keep(kept);
        let over: Vec<Kept> =
            std::iter::from_fn(|| history.pop_overflow(most.saturating_sub(others))).collect();
        self.history_bytes = others + history.bytes();
        for kept in over {
            self.release_kept(holding, &kept, true);
        }
    }

    /// An exchange is gone, and what it has kept goes with it, as far as this slice goes.
    pub(super) fn forget_history(&mut self, mut history: History, holding: Option<QueueId>) {
        while let Some(kept) = history.pop() {
            self.history_bytes -= kept.message.size();
            self.release_kept(holding, &kept, false);
            self.work.charge(cost::SETTLE);
            if self.work.is_spent() {
                return self.work.add(Task::ForgetHistory(Box::new(history), holding));
            }
        }
    }

    /// The wait of one or several messages is over.
    pub(super) fn delays_are_due(&mut self) {
        while !self.is_disk_behind()
            && self.stopping.is_none()
            && let Some(((due, _), _)) = self.delayed.first_key_value()
            && *due <= self.now.instant
            && let Some(((_, number), delayed)) = self.delayed.pop_first()
        {
            match self.is_forgotten(number, &delayed) {
                true => self.forget(&delayed),
                false => self.end_delay(&delayed),
            }
            if self.work.is_spent() {
                break;
            }
        }
        self.set_delay_alarm();
    }

    fn end_delay(&mut self, delayed: &Delayed) {
        self.work.charge(cost::DEAD_LETTER + cost::copy(delayed.message.size()));
        self.message_bytes -= delayed.message.size();
        if !planted!(self.config, DelayedForgotten) {
            self.release_delayed(delayed);
        }
        // Where it goes is recorded by now.
        self.release_copy(delayed.copy, true);
        self.count_delayed(delayed, false);
    }

    fn release_delayed(&mut self, delayed: &Delayed) {
        let Delayed { vhost, exchange, message, .. } = delayed;
        let message = Arc::new(waited(message));
        let routes = self.route_again(vhost, exchange, &message);
        if routes.queues.is_empty() {
            self.events.emit(vhost, || Fact::Unroutable { message: message.id, mandatory: false });
        } else {
            self.enqueue(vhost, &message, &routes.queues, Sender::Untold);
        }
    }

    /// The messages of a virtual host that is deleted are not waited for. There may be very many of them: they are forgotten in
    /// slices.
    pub(super) fn forget_delayed(&mut self, vhost: &Name) {
        if !self.delayed.is_empty() {
            let latest = self.latest.delayed;
            self.forgotten_delays.insert(vhost.clone(), latest);
            self.continue_forgetting_delayed(vhost.clone(), latest, (Instant::ZERO, 0));
        }
    }

    /// Looks through all that is held back, from here on, as far as this slice goes, for what a deleted virtual host has left:
    /// messages up to number `latest`.
    pub(super) fn continue_forgetting_delayed(&mut self, vhost: Name, latest: u64, mut from: (Instant, u64)) {
        loop {
            let some: Vec<_> =
                self.delayed.range(from..).take(FORGOTTEN_AT_ONCE).map(|(&at, _)| at).collect();
            let Some(&(due, last)) = some.last() else { break };
            for at in some {
                self.work.charge(cost::FRAME);
                if self.delayed.get(&at).is_some_and(|delayed| self.is_forgotten(at.1, delayed))
                    && let Some(delayed) = self.delayed.remove(&at)
                {
                    self.forget(&delayed);
                }
            }
            from = (due, last + 1);
            if self.work.is_spent() {
                return self.work.add(Task::ForgetDelayed(vhost, latest, from));
            }
        }
        // One that has been deleted again since has more to forget, and is looked for by a task of its own.
        if self.forgotten_delays.get(&vhost) == Some(&latest) {
            self.forgotten_delays.remove(&vhost);
        }
        self.set_delay_alarm();
    }

    /// Whether a message that is held back was in a virtual host that has been deleted since; another one may have its name.
    pub(crate) fn is_forgotten(&self, number: u64, delayed: &Delayed) -> bool {
        self.forgotten_delays.get(&delayed.vhost).is_some_and(|latest| number <= *latest)
    }

    fn forget(&mut self, delayed: &Delayed) {
        self.work.charge(cost::SETTLE);
        self.message_bytes -= delayed.message.size();
        self.release_copy(delayed.copy, false);
    }

    fn set_delay_alarm(&mut self) {
        if self.is_disk_behind() {
            // Who is due goes on when the disk has caught up.
            return self.timers.set(Timer::Delayed, None);
        }
        let due = self.delayed.first_key_value().map(|(&(due, _), _)| due);
        self.timers.set(Timer::Delayed, due);
    }

    /// What an exchange has kept goes where its new binding leads. An exchange that leads nowhere is an error there
    /// (RabbitMQ).
    pub(super) fn send_history(&mut self, vhost: &Name, source: &str, destination: &Destination) -> Outcome {
        let exchange = self.vhosts.get(vhost).and_then(|vhost| vhost.exchanges.get(source));
        let history = exchange.and_then(|exchange| exchange.history.as_ref());
        let Some(messages) = history.map(|history| history.messages().cloned()) else { return Ok(()) };
        for message in messages.collect::<Vec<_>>() {
            let queues = match destination {
                Destination::Queue(queue) => self.queue_of(vhost, queue).into_iter().collect(),
                Destination::Exchange(exchange) => self.route_again(vhost, exchange, &message).queues,
            };
            if queues.is_empty() && !self.config.has(Behaviour::NowhereExplained) {
                return Err(Refusal::internal_error());
            }
            if queues.is_empty() {
                let text = "could not find queue/exchange ''";
                return Err(Refusal::new(ReplyCode::InternalError, text));
            }
            self.enqueue(vhost, &message, &queues, Sender::Untold);
        }
        Ok(())
    }

    fn queue_of(&self, vhost: &Name, queue: &str) -> Option<QueueId> {
        self.vhosts.get(vhost)?.queues.get(queue).copied()
    }
}

/// The message as it goes on: its delay is told below 0, so that nobody holds it back again.
fn waited(message: &Message) -> Message {
    let mut properties = Properties::decode(message.properties()).unwrap_or_default();
    if let Ok(Some(ms)) = asked_ms(properties.headers.as_ref()) {
        let headers = properties.headers.get_or_insert_default();
        headers.remove(DELAY);
        headers.insert(DELAY, FieldValue::I64(ms.saturating_neg()));
        headers.sort();
    }
    Message {
        id: message.id,
        exchange: message.exchange.clone(),
        persistent: message.persistent,
        priority: message.priority,
        expiration_ms: message.expiration_ms,
        extras: message.extras.clone(),
        payload: Payload::join(message.routing_key(), &properties.to_bytes(), message.body()),
    }
}
