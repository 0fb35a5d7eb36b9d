//! The checks: what must hold in a run, looked at through its events alone.
//!
//! They know what the broker has told, and what clients saw on the wire; of how the broker does things they know
//! nothing. `book` is what ought to be in the queues by that, `routes` where messages ought to go.

mod book;
mod calm;
mod delivering;
mod plan;
mod property;
mod publishing;
mod queueing;
mod restarting;
mod routes;
mod sharing;
mod violation;
mod waiting;
mod wishes;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use warren_core::{
    Event, Fact, Instant, MessageId, Name, View,
    event::{Destination, ExchangeKind},
};

pub use property::Property;
pub use violation::Violation;

use crate::{ActorId, ChannelRef, Happening, Mishap, Scenario, Sending, Unsynced, WorldEvent};
use book::QueueBook;
use plan::Plan;
use queueing::Said;
use routes::Routes;

/// Follows a run, event by event.
#[derive(Clone, Debug)]
pub struct Checks {
    plan: Plan,
    at: Instant,
    seq: u64,
    owners: BTreeMap<ChannelRef, ActorId>,
    /// The latest channel of each.
    current: BTreeMap<ActorId, ChannelRef>,
    queues: BTreeMap<Name, QueueBook>,
    /// Durable queues that were deleted, and the last commit told of then: a crash may bring them back, if the disk had not
    /// heard of it.
    deleted: BTreeMap<Name, u64>,
    /// And those that a crash may have brought back.
    doubtful: BTreeSet<Name>,
    routes: Routes,
    messages: BTreeMap<MessageId, MessageBook>,
    /// What exchanges hold back: until when, and which.
    held_back: BTreeSet<(Instant, MessageId, Name)>,
    /// The latest binding of an exchange that keeps messages: what it has kept goes there at once.
    listener: Option<(Instant, Destination)>,
    /// What is on the wire to the broker, by channel and number.
    sent: BTreeMap<(ChannelRef, u64), Arc<Sending>>,
    /// What the broker has taken on a channel and not confirmed, by number.
    unconfirmed: BTreeMap<ChannelRef, BTreeMap<u64, MessageId>>,
    /// What has to come back to its producer on a channel.
    returning: BTreeMap<ChannelRef, BTreeSet<MessageId>>,
    /// What is in the transaction that is open on a channel.
    transactions: BTreeMap<ChannelRef, Vec<MessageId>>,
    /// The last commit of the broker's journal that anything was told of, and the last one that is synced.
    commit: u64,
    synced: u64,
    /// How the broker ended last.
    ended: Ending,
    /// The broker has started and tells what it has found.
    is_recovering: bool,
    /// What it has found again of what was there when it ended.
    found: BTreeSet<(Name, MessageId)>,
    /// The same, and what had left its queue before it ended.
    came_back: BTreeSet<(Name, MessageId)>,
    /// What exchanges hold back again.
    found_waiting: BTreeSet<MessageId>,
    /// What is on the wire to an actor: the deaths that it should speak of.
    on_wire: BTreeMap<(ActorId, Name, MessageId), VecDeque<u64>>,
    /// What consumers have said of what they got, and is on its way to the broker.
    said: BTreeMap<(ChannelRef, Name, MessageId), VecDeque<Said>>,
    /// What queues took back from them because it was unacked for too long.
    overdue: BTreeSet<(ChannelRef, Name, MessageId)>,
    /// The consumers of each channel.
    sharers: BTreeMap<ChannelRef, Vec<sharing::Sharer>>,
    /// Messages that queues have given up in this step.
    dying: BTreeSet<MessageId>,
    /// The broker has been asked to stop: it begins nothing more.
    is_stopping: bool,
    /// Dead letters that had yet to go on when it ended, with the queues that had given them up: they are found there.
    interrupted: BTreeSet<(Name, MessageId)>,
    /// Dead letters that queues had to keep when it ended: they are found there.
    kept: BTreeSet<(Name, MessageId)>,
    /// Queues that something has happened to since they were last compared with the broker.
    touched: BTreeSet<Name>,
    /// The calendar has jumped: what was on the disk may expire at any time.
    calendar_jumped: bool,
    /// A bit on the disk was turned around: what was confirmed in the last moments may be taken for half written.
    bit_flipped: bool,
    wishes: BTreeSet<Property>,
    /// What somebody has finished work on.
    worked_on: BTreeSet<(Name, String)>,
    /// What is gone without that, by queue and name: which message, and when.
    lost: BTreeMap<(Option<Name>, String), Violation>,
    violations: Vec<Violation>,
    exercised: BTreeMap<Property, u64>,
}

/// A message that the broker has taken.
#[derive(Clone, Debug)]
struct MessageBook {
    sending: Arc<Sending>,
    /// Where its bindings lead, as they were when it came.
    expected: BTreeSet<Name>,
    /// One of them has been deleted before the transaction was committed in which it came: it does not come back for that.
    lost_a_queue: bool,
    /// The broker has said where it goes as it was published, or that it goes nowhere; or will not say so any more.
    is_routed: bool,
    /// Queues that have yet to get it, after the broker has said where it goes.
    awaited: BTreeSet<Name>,
    /// Exchanges hold it back: it is routed again when they are done.
    waits: VecDeque<Wait>,
    /// Exchanges that held it back before the broker ended, and that have not been found to do so again.
    limbo: Vec<Wait>,
    /// Durable exchanges that hold it back no more, and the last commit told of then: the disk may not have heard.
    waited: Vec<(Wait, u64)>,
    /// One has held it back.
    has_waited: bool,
    /// All that have held it back are durable.
    waits_durably: bool,
    /// The commit that it was written down with, and the one that it was written down with again, as a dead letter.
    commit: Option<u64>,
    last_commit: Option<u64>,
    is_confirmed: bool,
    is_refused: bool,
    /// The transaction that it was committed in, by the seq of its end.
    transaction: Option<u64>,
    /// Queues have given it up, and it is on its way to where their dead letters go.
    dying: VecDeque<Death>,
    /// Queues that keep it until its dead letter can go on, and the deaths that it died there, each once for every copy.
    kept_by: BTreeMap<Name, VecDeque<Death>>,
    /// The death that the copies come from which are enqueued now.
    latest: Option<Death>,
    /// They come from an exchange that held it back or kept it: its producer has been told before what became of it.
    is_late: bool,
}

/// An exchange holds a message back.
#[derive(Clone, Debug)]
struct Wait {
    until: Instant,
    exchange: Name,
    routing_key: Name,
    /// It came there as a dead letter.
    death: Option<Death>,
}

/// A queue has given a message up.
#[derive(Clone, Debug)]
struct Death {
    queue: Name,
    exchange: Name,
    routing_key: Name,
    deaths: u64,
    /// The queue had it twice, and it may have been the other one.
    in_doubt: bool,
    /// An exchange holds it back.
    waits: bool,
    /// Queues that it may not go to, because it has died in them before.
    circled: BTreeSet<Name>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ending {
    Lives,
    /// What was written is there.
    Kept,
    /// What was not synced is gone, or part of it.
    Lost,
    /// Everything was written down.
    InOrder,
}

impl Checks {
    /// Checks of a run of `scenario`, from its beginning.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Checks {
        Checks {
            plan: Plan::of(scenario),
            at: Instant::ZERO,
            seq: 0,
            owners: BTreeMap::new(),
            current: BTreeMap::new(),
            queues: BTreeMap::new(),
            deleted: BTreeMap::new(),
            doubtful: BTreeSet::new(),
            routes: Routes::default(),
            messages: BTreeMap::new(),
            held_back: BTreeSet::new(),
            listener: None,
            sent: BTreeMap::new(),
            unconfirmed: BTreeMap::new(),
            returning: BTreeMap::new(),
            transactions: BTreeMap::new(),
            commit: 0,
            synced: 0,
            ended: Ending::Lives,
            is_recovering: false,
            found: BTreeSet::new(),
            came_back: BTreeSet::new(),
            found_waiting: BTreeSet::new(),
            on_wire: BTreeMap::new(),
            said: BTreeMap::new(),
            overdue: BTreeSet::new(),
            sharers: BTreeMap::new(),
            dying: BTreeSet::new(),
            is_stopping: false,
            interrupted: BTreeSet::new(),
            kept: BTreeSet::new(),
            touched: BTreeSet::new(),
            calendar_jumped: false,
            bit_flipped: false,
            wishes: BTreeSet::new(),
            worked_on: BTreeSet::new(),
            lost: BTreeMap::new(),
            violations: Vec::new(),
            exercised: BTreeMap::new(),
        }
    }

    /// Looks at these, too, which no broker promises.
    pub fn wish(&mut self, wishes: &[Property]) {
        self.wishes.extend(wishes.iter().filter(|property| property.is_a_wish()));
    }

    /// What did not hold so far, first things first.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How often each property was looked at with something to see.
    #[must_use]
    pub const fn exercised(&self) -> &BTreeMap<Property, u64> {
        &self.exercised
    }

    /// Takes in an event.
    pub fn apply(&mut self, event: &WorldEvent) {
        // What it has found it tells at once.
        let tells = matches!(event.what, Happening::Broker(_) | Happening::BrokerRefused { .. });
        if self.is_recovering && !(tells && event.at == self.at) {
            self.recovered();
        }
        (self.at, self.seq) = (event.at, event.seq);
        match &event.what {
            Happening::Broker(Event { fact, .. }) => self.fact(fact),
            Happening::Connecting { actor, connection, channel, .. } => {
                let channel = ChannelRef::new(*connection, *channel);
                self.owners.insert(channel, *actor);
                self.current.insert(*actor, channel);
            }
            Happening::Sent(sending) => {
                self.sent.insert((sending.channel(), sending.number), sending.clone());
            }
            Happening::Confirmed { message, .. } => self.heard(*message),
            Happening::Returned { message, .. } => self.returned(*message),
            Happening::Received { actor, message, queue, seal, deaths, .. } => {
                self.received(*actor, *message, queue, *seal, *deaths);
            }
            Happening::Crashed { actor, .. } | Happening::Refused { actor, .. } => {
                self.on_wire.retain(|(owner, _, _), _| owner != actor);
                self.current.remove(actor);
            }
            Happening::Invented { .. } => {
                self.broken(
                    Property::NothingInvented,
                    None,
                    "a delivery came that the broker never told of".into(),
                );
            }
            Happening::BrokerCrashed { unsynced: Unsynced::Kept } | Happening::BrokerHalted { .. } => {
                self.ends(Ending::Kept);
            }
            Happening::BrokerCrashed { .. } => self.ends(Ending::Lost),
            Happening::BrokerStopped => self.ends(Ending::InOrder),
            Happening::BrokerStarted => self.starts(),
            Happening::BrokerRefused { damage } => {
                self.is_recovering = false;
                // Without a bit that has flipped there is nothing that may be damaged.
                if !self.bit_flipped {
                    let detail = format!("the broker does not start: {damage}");
                    self.broken(Property::ConfirmedKept, None, detail);
                }
            }
            Happening::AckSent { actor, message, queue, .. } => self.says(*actor, *message, queue, Said::Ack),
            Happening::RejectSent { actor, message, queue, requeue, .. } => {
                let said = if *requeue { Said::Requeue } else { Said::Reject };
                self.says(*actor, *message, queue, said);
            }
            Happening::WorkDone { message, queue, .. } => self.worked(*message, queue),
            Happening::Lost { message, queue, reason } => self.lost(*message, queue.as_ref(), *reason),
            Happening::Mishap(Mishap::ClockJump { .. }) => self.calendar_jumped = true,
            Happening::Mishap(Mishap::FlippedBit) => self.bit_flipped = true,
            // A broker that is about to end lets nothing more go on.
            Happening::Mishap(Mishap::StopBroker) => {
                self.held_back.clear();
                self.is_stopping = true;
            }
            _ => {}
        }
    }

    /// Compares what something has happened to with the broker's own view of it, when the broker has come to rest.
    pub fn compare(&mut self, broker: View<'_>) {
        self.look_for_forgotten();
        if self.is_stopping {
            self.dying.clear();
        }
        for message in std::mem::take(&mut self.dying) {
            self.pass_over_waiting(message);
            let goes_on = self.messages.get(&message).is_none_or(|book| book.dying.is_empty());
            self.check(Property::DeadLettersGoOn, message, goes_on, || {
                "a queue gave it up, and its dead-letter exchange never got it".into()
            });
        }
        for name in std::mem::take(&mut self.touched) {
            let Some(book) = self.queues.get(&name).filter(|book| !book.terms.is_stream) else { continue };
            let expected = (book.ready.len() as u64, book.unacked);
            let is_idle = book.is_idle();
            let limit = book.limit().filter(|_| !self.plan.pages);
            let found = broker.queue_counts("/", &name).unwrap_or_default();
            self.exercise(Property::QueueAdds);
            if found != expected {
                let ((ready, unacked), (should, should_be)) = (found, expected);
                let detail = format!(
                    "queue {name} has {ready} ready and {unacked} unacked; by what came and went it should be {should} \
                     and {should_be}"
                );
                let message = self.queues.get(&name).and_then(QueueBook::suspect);
                self.broken(Property::QueueAdds, message, detail);
            }
            if let Some(limit) = limit {
                self.exercise(Property::LimitHeld);
                if found.0 > limit {
                    let detail = format!("queue {name} has {} ready messages; {limit} is its limit", found.0);
                    self.broken(Property::LimitHeld, None, detail);
                }
            }
            if is_idle {
                let detail = format!("queue {name} has consumers, and none is active");
                self.broken(Property::SingleActiveHeld, None, detail);
            }
        }
    }

    fn fact(&mut self, fact: &Fact) {
        match fact {
            Fact::ExchangeDeclared { exchange, kind, durable } => {
                self.routes.declare(exchange.clone(), *kind, *durable);
            }
            Fact::ExchangeDeleted { exchange } => self.routes.delete(exchange),
            Fact::Bound { exchange, destination, routing_key } => {
                if self.routes.kind(exchange) == Some(ExchangeKind::RecentHistory) {
                    self.listener = Some((self.at, destination.clone()));
                }
                self.routes.bind(exchange.clone(), destination.clone(), routing_key.clone());
            }
            Fact::Unbound { exchange, destination, routing_key } => {
                self.routes.unbind(exchange, destination, routing_key);
            }
            Fact::QueueDeclared { queue, durable, exclusive, .. } => {
                self.queue_declared(queue, *durable, *exclusive);
            }
            Fact::QueueDeleted { queue, .. } => self.queue_deleted(queue),
            Fact::PoliciesChanged { of: Destination::Queue(queue), .. } => {
                if let Some(book) = self.queues.get_mut(queue) {
                    book.under_policy = true;
                }
            }
            Fact::ConsumerStarted { consumer, queue, prefetch, .. } => {
                self.consumer_started(consumer, queue, *prefetch);
            }
            Fact::ConsumerActivated { consumer, queue } => self.consumer_activated(consumer, queue),
            Fact::ConsumerTimedOut { consumer, queue } => self.consumer_timed_out(consumer, queue),
            Fact::ConsumerResumed { consumer, queue } => self.consumer_resumed(consumer, queue),
            Fact::ConsumerStopped { consumer, queue } => self.consumer_stopped(consumer, queue),
            Fact::Published { message, connection, channel, number, exchange, routing_key, .. } => {
                self.published(
                    *message,
                    ChannelRef::new(*connection, *channel),
                    *number,
                    exchange,
                    routing_key,
                );
            }
            Fact::Routed { message, queues } => self.routed(*message, queues),
            Fact::Delayed { message, exchange, delay_ms } => self.is_held_back(*message, exchange, *delay_ms),
            Fact::RecoveredDelayed { message, exchange, delay_ms } => {
                self.found_waiting(*message, exchange, *delay_ms);
            }
            Fact::ReturnedEarly { message } => self.returned_early(*message),
            Fact::Unroutable { message, mandatory } => self.unroutable(*message, *mandatory),
            Fact::Enqueued { message, queue } => self.enqueued(*message, queue),
            Fact::Refused { message, queue } => self.refused(*message, queue),
            Fact::Delivered { message, queue, consumer, redelivered, no_ack, .. } => {
                self.delivered(*message, queue, consumer, *redelivered, *no_ack);
            }
            Fact::Acked { message, queue, connection, channel } => {
                self.acked(*message, queue, ChannelRef::new(*connection, *channel));
            }
            Fact::Requeued { message, queue, reason } => self.requeued(*message, queue, *reason),
            Fact::Dropped { message, queue, reason, unacked } => {
                self.dropped(*message, queue, *reason, *unacked);
            }
            Fact::DroppedUnread { queue, messages, .. } => self.dropped_unread(queue, *messages),
            Fact::DeadLettered { message, queue, reason, exchange, unacked } => {
                self.dead_lettered(*message, queue, *reason, exchange, *unacked);
            }
            Fact::DeadLetterCycle { message, queues, is_gone } => self.circled(*message, queues, *is_gone),
            Fact::DeadLetterWaits { message, queue } => self.dead_letter_waits(*message, queue),
            Fact::DeadLetterTaken { message, queue } => self.dead_letter_taken(*message, queue),
            Fact::DeadLetterDropped { message, queue } => self.dead_letter_taken(*message, queue),
            Fact::Recorded { message, commit } => self.recorded(*message, *commit),
            Fact::Written { commit } => self.commit = self.commit.max(*commit),
            Fact::Synced { commit } => {
                self.commit = self.commit.max(*commit);
                self.synced = *commit;
            }
            Fact::Recovered { message, queue } => self.found(*message, queue),
            Fact::Confirmed { connection, channel, number, multiple } => {
                self.confirmed(ChannelRef::new(*connection, *channel), *number, *multiple);
            }
            Fact::Nacked { connection, channel, number } => {
                self.nacked(ChannelRef::new(*connection, *channel), *number);
            }
            Fact::Committed { connection, channel } => self.committed(ChannelRef::new(*connection, *channel)),
            Fact::RolledBack { connection, channel, .. } => {
                self.rolled_back(ChannelRef::new(*connection, *channel));
            }
            Fact::ChannelClosed { connection, channel, reason } => {
                self.channel_closed(ChannelRef::new(*connection, *channel), reason);
            }
            _ => {}
        }
    }

    fn channel_closed(&mut self, channel: ChannelRef, reason: &str) {
        self.unconfirmed.remove(&channel);
        self.returning.remove(&channel);
        if reason.contains("partial tx completion") {
            // Part of it may have been done, and the client is told so (RabbitMQ).
            self.transactions.remove(&channel);
        } else {
            self.rolled_back(channel);
        }
    }

    fn says(&mut self, actor: ActorId, message: MessageId, queue: &Name, said: Said) {
        if let Some(channel) = self.current.get(&actor) {
            self.said.entry((*channel, queue.clone(), message)).or_default().push_back(said);
        }
    }

    fn exercise(&mut self, property: Property) {
        *self.exercised.entry(property).or_default() += 1;
    }

    /// Looks at a property: `detail` says what is wrong if it does not hold.
    fn check(
        &mut self,
        property: Property,
        message: MessageId,
        holds: bool,
        detail: impl FnOnce() -> String,
    ) {
        self.exercise(property);
        if !holds {
            self.broken(property, Some(message), detail());
        }
    }

    fn broken(&mut self, property: Property, message: Option<MessageId>, detail: String) {
        // The first ones tell it; what follows is more of the same.
        if self.violations.len() < 100 {
            self.violations.push(Violation {
                property,
                at: self.at,
                seq: self.seq,
                message,
                detail,
                reason: None,
            });
        }
    }
}
