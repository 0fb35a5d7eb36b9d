//! Dead letters: messages that a queue gives up go on to its dead-letter exchange (RabbitMQ's extension).

use std::sync::Arc;

use super::{
    Broker,
    at_least_once::Attempt,
    cleaning::move_record,
    deaths,
    durable::RecordedCopy,
    enqueue::Sender,
    work::{Task, cost},
};
use crate::{
    Behaviour, Behaviours, Fact, Instant, Name, Now, QueueId, SegmentId,
    blocks::Blocks,
    event::{DeathReason, DropReason},
    journal::{Journal, StoredCopy},
    message::{Death, DeathRef, Extras, Message, Payload},
    ordered::{OrdMap, sort_by},
    queue::{DeadLetterTo, Entry, Returns},
    wire::Properties,
};

/// A message on its way from a queue to that queue's dead-letter exchange.
#[derive(Clone)]
pub(super) struct DeadLetter {
    pub(super) message: Arc<Message>,
    pub(super) vhost: Name,
    pub(super) source: QueueId,
    pub(super) queue: Name,
    reason: DeathReason,
    pub(super) to: DeadLetterTo,
    /// Where it stands in the journal until it stands where it goes.
    pub(super) copy: Option<RecordedCopy>,
    /// What its queue knew of it.
    known: Known,
    /// What has been tried, if it has to be tried again.
    pub(super) attempt: Option<Attempt>,
    #[cfg(feature = "planted-bugs")]
    bug: Option<crate::Bug>,
}

/// Where a dead letter is routed to.
pub(super) struct Targets {
    /// The queues that it goes to.
    pub(super) queues: Vec<QueueId>,
    /// Those that it does not enter, because they have given it up before.
    pub(super) circling: Vec<QueueId>,
    /// Whether an exchange holds it back (x-delayed-message).
    pub(super) held_back: bool,
}

impl Targets {
    /// Whether it is routed nowhere: not even to a queue that has given it up before.
    pub(super) fn is_nothing(&self) -> bool {
        self.queues.is_empty() && self.circling.is_empty() && !self.held_back
    }
}

/// What a queue knows of a message, and what a restart is to find with it.
#[derive(Clone, Default)]
struct Known {
    expires_at: Option<Instant>,
    redelivered: bool,
    returns: Returns,
}

impl Broker {
    /// A queue gives up a message that is not in it any more. `unacked`: the message was with a client.
    pub(super) fn give_up(&mut self, id: QueueId, entry: &Entry, reason: DeathReason, unacked: bool) {
        let copy = self.release_memory(id, entry);
        let Some(queue) = self.queues.get(&id) else { return self.release_copy(copy, false) };
        let (vhost, queue, message) = (queue.vhost.clone(), queue.name.clone(), entry.message.id);
        let Entry { expires_at, redelivered, returns, .. } = *entry;
        let known = Known { expires_at, redelivered: unacked || redelivered, returns };
        let fact = match self.send_on(id, &entry.message, reason, copy, known) {
            Some(exchange) => Fact::DeadLettered { message, queue, reason, exchange, unacked },
            None => {
                self.release_copy(copy, false);
                Fact::Dropped { message, queue, reason: reason.into(), unacked }
            }
        };
        self.events.emit(&vhost, || fact);
    }

    /// Sends on a message that a queue does not take.
    pub(super) fn bury(&mut self, id: QueueId, message: &Arc<Message>, reason: DeathReason) {
        self.send_on(id, message, reason, None, Known::default());
    }

    /// Sends a message on to the queue's dead-letter exchange, if it has one; returns that. `copy` is released when the
    /// dead letter has been recorded.
    fn send_on(
        &mut self,
        id: QueueId,
        message: &Arc<Message>,
        reason: DeathReason,
        copy: Option<RecordedCopy>,
        known: Known,
    ) -> Option<Name> {
        let queue = self.queues.get_mut(&id)?;
        let to = queue.settings.dead_letter.clone()?;
        queue.unpublished += u64::from(copy.is_some_and(RecordedCopy::is_stored));
        let exchange = to.exchange.clone();
        let (vhost, queue) = (queue.vhost.clone(), queue.name.clone());
        self.message_bytes += message.size();
        self.dead_letters.push_back(DeadLetter {
            message: message.clone(),
            vhost,
            source: id,
            queue,
            reason,
            to,
            copy,
            known,
            attempt: None,
            #[cfg(feature = "planted-bugs")]
            bug: self.config.bug,
        });
        Some(exchange)
    }

    /// Publishes the dead letters, and those that this leads to, as far as this slice goes. It ends, because no message
    /// enters a queue again that has given it up, unless a client rejected it meanwhile.
    pub(super) fn publish_dead_letters(&mut self) {
        // Those that are left over have turns of their own: they must not use up the slice of whose frame happens to come.
        while !self.dead_letters.is_empty() && !self.work.has_dead_letters() && self.stopping.is_none() {
            if self.is_disk_behind() {
                return self.work.let_dead_letters_wait(true);
            }
            if self.work.is_spent() {
                return self.work.add(Task::DeadLetters);
            }
            self.publish_next_dead_letter();
        }
    }

    /// Dead letters that have yet to go on, and that a client has had: the queues and positions at which a restart finds them.
    pub(super) fn delivered_dead_letters(&self) -> OrdMap<QueueId, Vec<u64>> {
        let mut delivered: OrdMap<QueueId, Vec<u64>> = OrdMap::new();
        let waiting = self.waiting_dead_letters.values().flat_map(Blocks::iter);
        for letter in self.dead_letters.iter().chain(waiting).filter(|letter| letter.known.redelivered) {
            if let Some(copy) = letter.copy.filter(|copy| copy.is_stored()) {
                delivered.entry(letter.source).or_default().push(copy.position());
            }
        }
        delivered.values_mut().for_each(|positions| sort_by(positions, u64::cmp));
        delivered
    }

    /// The same, of so many dead letters and at once: those of a transaction.
    pub(super) fn publish_some_dead_letters(&mut self, count: u64) {
        (0..count).for_each(|_| self.publish_next_dead_letter());
    }

    fn publish_next_dead_letter(&mut self) {
        let Some(letter) = self.dead_letters.pop_front() else { return };
        // Its history is copied, and written into its headers.
        let deaths = letter.message.extras.as_ref().map_or(0, |extras| extras.deaths.len() as u64);
        self.work.charge(cost::DEAD_LETTER * (1 + deaths) + cost::copy(letter.message.size()));
        let stored_in = letter.stored_in();
        if letter.to.at_least_once {
            self.try_dead_letter(letter);
        } else {
            self.publish_dead_letter_once(&letter);
        }
        if let Some(queue) = stored_in {
            self.dead_letter_is_out(queue);
        }
    }

    fn publish_dead_letter_once(&mut self, letter: &DeadLetter) {
        self.message_bytes -= letter.message.size();
        if planted!(letter, DeadLetterTwice) && letter.message.extras.is_none() {
            self.publish_dead_letter(letter);
        }
        if !planted!(letter, DeadLetterLost) {
            self.publish_dead_letter(letter);
        }
        self.release_copy(letter.copy, true);
    }

    fn publish_dead_letter(&mut self, letter: &DeadLetter) {
        let message = self.readdress(letter);
        let id = message.id;
        let targets = self.route_dead_letter(letter, &message);
        let goes_on = targets.held_back || !targets.queues.is_empty();
        if !targets.circling.is_empty() {
            self.tell_of_cycle(letter, &targets.circling, !goes_on);
        }
        if !targets.queues.is_empty() {
            self.enqueue(&letter.vhost, &message, &targets.queues, Sender::Untold);
        } else if targets.is_nothing() {
            // A dead-letter exchange need not exist: then the message is gone (RabbitMQ).
            self.events.emit(&letter.vhost, || Fact::Unroutable { message: id, mandatory: false });
        }
    }

    /// The message as it goes on from the dead-letter exchange.
    pub(super) fn readdress(&self, letter: &DeadLetter) -> Arc<Message> {
        let now_s = u64::try_from(self.now.wall.as_millis() / 1000).unwrap_or_default();
        Arc::new(letter.readdressed(now_s, self.config.behaviours()))
    }

    /// Where a dead letter is routed to.
    pub(super) fn route_dead_letter(&mut self, letter: &DeadLetter, message: &Arc<Message>) -> Targets {
        let routes = self.route_again(&letter.vhost, &letter.to.exchange, message);
        let held_back = !routes.delays.is_empty();
        // Looked up once: a client's header may be long, and the targets many.
        let circle = match letter.reason {
            DeathReason::Rejected => Vec::new(),
            _ => deaths::circle(message, self.config.behaviours()),
        };
        let in_circle = |id: &QueueId| self.queues.get(id).is_some_and(|queue| circle.contains(&queue.name));
        let (circling, queues) = routes.queues.into_iter().partition(in_circle);
        Targets { queues, circling, held_back }
    }

    /// Tells that a dead letter does not enter these queues. `is_gone`: nothing else takes it.
    pub(super) fn tell_of_cycle(&mut self, letter: &DeadLetter, circling: &[QueueId], is_gone: bool) {
        let queues = &self.queues;
        self.events.emit(&letter.vhost, || {
            let names = circling.iter().filter_map(|id| queues.get(id)).map(|queue| queue.name.clone());
            Fact::DeadLetterCycle { message: letter.message.id, queues: names.collect(), is_gone }
        });
    }
}

impl DeadLetter {
    /// The queue in which a restart would find it, until it is where it goes.
    pub(super) fn stored_in(&self) -> Option<QueueId> {
        self.copy.filter(|copy| copy.is_stored()).map(|_| self.source)
    }

    /// Where it stands in the journal is written again, if that is in this segment; returns the message's size then, in bytes.
    pub(super) fn relocate(&mut self, journal: &mut Journal, now: Now, segment: SegmentId) -> Option<u64> {
        let (Known { expires_at, redelivered, returns }, copy) = (&self.known, self.copy.as_mut()?);
        let stored = StoredCopy {
            queue: copy.queue(),
            position: copy.position(),
            held: false,
            redelivered: *redelivered,
            time_ms: expires_at.map(|at| now.wall_ms(at)),
            returns: *returns,
        };
        let transient = !copy.is_stored();
        *copy.place_mut() = move_record(journal, segment, &self.message, transient, stored, copy.place())?;
        Some(self.message.size())
    }

    /// The message as it goes on: its history is longer, its address new, its expiration off.
    fn readdressed(&self, now_s: u64, compat: Behaviours) -> Message {
        let old = &self.message;
        let mut extras = old.extras.as_deref().cloned().unwrap_or_default();
        self.record(&mut extras, now_s);
        if compat.has(Behaviour::FailedDeadLettersRedelivered) {
            extras.failed = extras.failed.max(self.known.returns.failed);
        }
        let mut properties = Properties::decode(old.properties()).unwrap_or_default();
        let mut headers = properties.headers.take().unwrap_or_default();
        deaths::write(&extras, &mut headers, compat);
        if self.to.routing_key.is_some() && !compat.has(Behaviour::CcKeptInDeadLetters) {
            headers.remove("CC");
        }
        properties.headers = Some(headers);
        if !planted!(self, DeadLetterKeepsExpiration) {
            properties.expiration = None;
        }
        let encoded = properties.to_bytes();
        let routing_key = match &self.to.routing_key {
            Some(key) if !planted!(self, DeadLetterKeepsKey) => {
                (extras.cc, extras.bcc) = (Vec::new(), Vec::new());
                key.as_str()
            }
            _ => old.routing_key(),
        };
        Message {
            id: old.id,
            exchange: self.to.exchange.clone(),
            persistent: old.persistent,
            priority: old.priority,
            expiration_ms: old.expiration_ms.filter(|_| planted!(self, DeadLetterKeepsExpiration)),
            payload: Payload::join(routing_key, &encoded, old.body()),
            extras: Some(Box::new(extras)),
        }
    }

    /// Counts this death: the same queue and reason again moves to the front.
    fn record(&self, extras: &mut Extras, now_s: u64) {
        let (queue, reason) = (&self.queue, self.reason);
        let known = extras.deaths.iter().position(|death| death.queue == *queue && death.reason == reason);
        let death = match known {
            Some(at) => {
                let mut death = extras.deaths.remove(at);
                death.count += u64::from(!planted!(self, DeathNotCounted));
                death
            }
            None => Death {
                queue: queue.clone(),
                reason,
                count: 1,
                first_time_s: now_s,
                exchange: self.message.exchange.clone(),
                routing_keys: [vec![self.message.routing_key().into()], self.message.further_keys(false)]
                    .concat(),
                expiration_ms: self.message.expiration_ms,
            },
        };
        extras.deaths.insert(0, death);
        let exchange = self.message.exchange.clone();
        let latest = DeathRef { queue: queue.clone(), reason, exchange };
        extras.last_death = Some(latest.clone());
        extras.first_death.get_or_insert(latest);
    }
}

impl From<DeathReason> for DropReason {
    fn from(reason: DeathReason) -> Self {
        match reason {
            DeathReason::Rejected => DropReason::Rejected,
            DeathReason::Expired => DropReason::Expired,
            DeathReason::MaxLength => DropReason::MaxLength,
            DeathReason::DeliveryLimit => DropReason::DeliveryLimit,
        }
    }
}
