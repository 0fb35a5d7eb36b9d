//! What came of a world, in the numbers that a person would compare.

use std::rc::Rc;

use warren_core::{
    Behaviours, Event, Fact, Instant, MessageId, Name,
    event::RequeueReason,
    ordered::{OrdMap, OrdSet},
};

use super::Measure;
use crate::{
    ActorId, Happening, LossReason, Scenario, Spot, World, WorldEvent, happening::ChannelRef,
    report::is_reply_address, script::Interpreter,
};

/// What is counted, and of what.
pub(super) type Key = (Spot, Measure);

/// What came of a world.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Observation {
    counts: OrdMap<Key, u64>,
    /// A check sum of the order in which each consumer got its messages.
    orders: OrdMap<Spot, u64>,
}

impl Observation {
    /// Plays a scenario to its end, with these behaviours of its broker switched.
    pub(super) fn of(
        scenario: &Scenario,
        (seed, switched): (u64, Behaviours),
        interpreter: Option<Rc<dyn Interpreter>>,
    ) -> Observation {
        let mut world = World::comparing(scenario, seed, switched);
        if let Some(interpreter) = interpreter {
            world = world.playing(interpreter);
        }
        let mut observer = Observer::new(scenario);
        let end = Instant::ZERO + scenario.until;
        while world.next_at().is_some_and(|next| next <= end) {
            world.step();
            world.take_events().iter().for_each(|event| observer.see(event));
        }
        observer.end(&world)
    }

    /// One of the numbers; 0 if there is nothing of the kind.
    pub(super) fn value(&self, (spot, measure): &Key) -> u64 {
        let found = match measure {
            Measure::Order => self.orders.get(spot),
            _ => self.counts.get(&(spot.clone(), measure.clone())),
        };
        found.copied().unwrap_or_default()
    }

    /// What is counted here.
    pub(super) fn counted(&self) -> impl Iterator<Item = &Key> {
        self.counts.keys()
    }

    /// Whose messages have an order.
    pub(super) fn ordered(&self) -> impl Iterator<Item = &Spot> {
        self.orders.keys()
    }

    /// Whether all that is counted is the same.
    pub(super) fn counts_as(&self, other: &Observation) -> bool {
        self.counts == other.counts
    }
}

/// Who counts.
struct Observer<'a> {
    scenario: &'a Scenario,
    names: Vec<&'a str>,
    owners: OrdMap<ChannelRef, ActorId>,
    /// Who has published what.
    publishers: OrdMap<MessageId, ActorId>,
    seen: Observation,
}

impl<'a> Observer<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Observer {
            scenario,
            names: scenario.actor_names().collect(),
            owners: OrdMap::new(),
            publishers: OrdMap::new(),
            seen: Observation::default(),
        }
    }

    fn see(&mut self, event: &WorldEvent) {
        let (actor, measure) = match &event.what {
            Happening::Broker(Event { fact, .. }) => return self.see_fact(fact),
            Happening::Connecting { actor, connection, channel, .. } => {
                self.owners.insert(ChannelRef::new(*connection, *channel), *actor);
                return;
            }
            Happening::Lost { message, queue, reason } => {
                return self.lost(*message, queue.as_ref(), *reason);
            }
            Happening::Received { actor, message, redelivered, .. } => {
                self.received(*actor, *message, *redelivered);
                return;
            }
            Happening::Refused { actor, reason, .. } => (*actor, Measure::Closed(reason.clone())),
            Happening::Sent(sending) => (sending.actor, Measure::Sent),
            Happening::Confirmed { actor, .. } => (*actor, Measure::Confirmed),
            Happening::Nacked { actor, .. } => (*actor, Measure::NotTaken),
            Happening::Answered { actor, .. } => (*actor, Measure::Answered),
            Happening::Returned { actor, .. } => (*actor, Measure::Returned),
            Happening::WorkDone { actor, .. } => (*actor, Measure::Processed),
            Happening::WorkFailed { actor, .. } => (*actor, Measure::Failed),
            _ => return,
        };
        self.count_actor(actor, measure);
    }

    fn see_fact(&mut self, fact: &Fact) {
        match fact {
            Fact::Published { message, connection, channel, .. } => {
                if let Some(actor) = self.owners.get(&ChannelRef::new(*connection, *channel)) {
                    self.publishers.insert(*message, *actor);
                }
            }
            Fact::ConsumerTimedOut { consumer, .. } => {
                if let Some(actor) = self.owners.get(&ChannelRef::of(consumer)).copied() {
                    self.count_actor(actor, Measure::TimedOut);
                }
            }
            Fact::Enqueued { queue, .. } => self.count_queue(queue, Measure::Taken),
            Fact::Requeued { queue, reason, .. } if *reason != RequeueReason::TimedOut => {
                self.count_queue(queue, Measure::Requeued);
            }
            Fact::DeadLettered { queue, reason, .. } => {
                self.count_queue(queue, Measure::DeadLettered(*reason));
            }
            _ => {}
        }
    }

    fn received(&mut self, actor: ActorId, message: MessageId, redelivered: bool) {
        let Some(spot) = self.spot(actor) else { return };
        let order = self.seen.orders.entry(spot.clone()).or_default();
        *order = order.wrapping_mul(PRIME).wrapping_add(message.0);
        self.count(spot.clone(), Measure::Received, 1);
        if redelivered {
            self.count(spot, Measure::Redelivered, 1);
        }
    }

    fn lost(&mut self, message: MessageId, queue: Option<&Name>, reason: LossReason) {
        match queue {
            Some(queue) => self.count_queue(queue, Measure::Lost(reason)),
            None => {
                if let Some(actor) = self.publishers.get(&message).copied() {
                    self.count_actor(actor, Measure::Lost(reason));
                }
            }
        }
    }

    /// The rest is known at the end.
    fn end(mut self, world: &World) -> Observation {
        let queues = if world.broker_is_up() { world.broker().queues() } else { Vec::new() };
        for queue in queues {
            for (measure, count) in [(Measure::Ready, queue.ready), (Measure::Unacked, queue.unacked)] {
                if count > 0 && !is_reply_address(&queue.name) {
                    self.count(Spot::Queue(queue.name.to_string()), measure, count);
                }
            }
        }
        for (actor, name, count) in world.header_counts() {
            if let Some(spot) = self.spot(actor) {
                self.count(spot, Measure::Header(name.to_owned()), count);
            }
        }
        self.seen
    }

    fn count_actor(&mut self, actor: ActorId, measure: Measure) {
        if let Some(spot) = self.spot(actor) {
            self.count(spot, measure, 1);
        }
    }

    fn count_queue(&mut self, queue: &Name, measure: Measure) {
        // The address of somebody who waits for an answer is a queue in newer releases; what matters is the answer.
        if !is_reply_address(queue) {
            self.count(Spot::Queue(queue.to_string()), measure, 1);
        }
    }

    fn count(&mut self, spot: Spot, measure: Measure, count: u64) {
        *self.seen.counts.entry((spot, measure)).or_default() += count;
    }

    /// `None` for the operator, who is not in the scenario.
    fn spot(&self, ActorId(id): ActorId) -> Option<Spot> {
        let place = usize::try_from(id).unwrap_or(usize::MAX);
        let name = (*self.names.get(place)?).to_owned();
        let is_producer = place < self.scenario.producers.len();
        Some(if is_producer { Spot::Producer(name) } else { Spot::Consumer(name) })
    }
}

/// Of the check sum of an order: that of FNV-1a.
const PRIME: u64 = 0x0000_0100_0000_01B3;

/// All that is counted in any of these.
pub(super) fn all_counted<'a>(observations: impl Iterator<Item = &'a Observation>) -> OrdSet<&'a Key> {
    observations.flat_map(Observation::counted).collect()
}
