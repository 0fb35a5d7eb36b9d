//! What moves: every event that starts a journey says when it ends, so positions follow from the time alone.

mod labels;

use warren_core::ordered::{OrdMap, OrdSet};
use warren_sim::{
    ActorId, ChannelRef, Happening, LossReason, Scenario, Sending, WorldEvent,
    warren_core::{Event, Fact, Instant, MessageId, Name, explain::Passage},
};

use super::{
    Dot, DotKind, Label, Layout, Link, Place, Point, QueueRow, Settlement,
    about::{About, Messages},
    disconnections::{Disconnections, HeldByCrashed},
    lights::Lights,
    losses::{Loss, Losses, Spot},
    safety::{OnDisk, Safety},
    way::{Carried, Way},
};

/// The journeys at hand, and what is delivered and not acked.
#[derive(Clone, Default)]
pub(crate) struct Motion {
    ways: Vec<Way>,
    /// Where a way is in the list, by where it leads to and from.
    index: OrdMap<Place, OrdMap<Place, usize>>,
    /// Who has just come to an exchange.
    arrivals: Vec<Arrival>,
    /// The exchanges that hold messages back.
    held_back: OrdMap<MessageId, Place>,
    /// Where the latest binding leads from: what its exchange has kept sets out from there at the same moment.
    latest_binding: Option<(Instant, Place)>,
    /// When dead letters come to their exchanges on the stage; in the broker they are there at once.
    dead: OrdMap<MessageId, Instant>,
    lights: Lights,
    losses: Losses,
    /// What queues have delivered and got no ack for, and to whom.
    unacked: OrdMap<Name, OrdMap<MessageId, Option<ActorId>>>,
    messages: Messages,
    /// How often a copy has gone back to its queue.
    returns: OrdMap<Name, OrdMap<MessageId, u32>>,
    disconnections: Disconnections,
    /// What is on its way to the broker and has no id yet.
    sent: OrdMap<(ChannelRef, u64), Label>,
    sent_count: u64,
    /// Whether colours say who has sent a message.
    is_coloured_by_sender: bool,
    disk: OnDisk,
}

/// Inside the broker nothing takes time; on the stage a hop is seen for this long, in µs.
const HOP_US: u64 = 260_000;
/// So much of what a crashed client held is seen, and followed when it goes back.
pub(crate) const MOST_HELD: usize = 12;
/// How long what a crashed client held takes to its place beside it, in s.
const HELD_S: f64 = 0.12;
/// So many are kept without a look at whether they are over.
const FEW: usize = 64;

/// A message at an exchange that has yet to be routed; who is routed nowhere is seen there for a while.
#[derive(Clone)]
struct Arrival {
    at: Instant,
    exchange: Place,
    message: MessageId,
}

impl Motion {
    /// Before anything has happened.
    pub(crate) fn of(scenario: &Scenario) -> Motion {
        Motion { is_coloured_by_sender: scenario.producers.len() > 1, ..Motion::default() }
    }

    /// What is known of a message.
    pub(crate) fn about(&self, message: MessageId) -> About {
        self.messages.get(message).cloned().unwrap_or_default()
    }

    /// How often a copy has been on its way from a queue, if it is more than once; otherwise 0.
    pub(crate) fn deliveries(&self, queue: &Name, message: MessageId) -> u32 {
        let returns = self.returns.get(queue).and_then(|returns| returns.get(&message));
        returns.map_or(0, |returns| returns + 1)
    }

    /// Clients without a connection, and what those held that have crashed.
    pub(crate) const fn disconnections(&self) -> &Disconnections {
        &self.disconnections
    }

    /// How safe a message is.
    pub(crate) fn safety(&self, message: MessageId) -> Safety {
        let is_persistent = self.messages.get(message).is_some_and(|about| about.persistent);
        if is_persistent { self.disk.safety(message) } else { Safety::Transient }
    }

    /// What the disk has.
    pub(crate) const fn disk(&self) -> &OnDisk {
        &self.disk
    }

    /// What a queue has delivered and got no ack for.
    pub(crate) fn unacked(&self, queue: &Name) -> impl Iterator<Item = MessageId> {
        self.unacked.get(queue).into_iter().flat_map(OrdMap::keys).copied()
    }

    /// Those that a queue has delivered before they are seen to have come to it.
    pub(crate) fn unacked_on_the_way_to(&self, queue: &Name) -> OrdSet<MessageId> {
        let Some(unacked) = self.unacked.get(queue) else { return OrdSet::new() };
        let coming = self.ways_to(queue).flat_map(Way::messages);
        coming.filter(|message| unacked.contains_key(message)).collect()
    }

    /// Those of these messages that have yet to come to rest in a queue.
    pub(crate) fn on_the_way_to(&self, queue: &Name, messages: &[MessageId]) -> OrdSet<MessageId> {
        let ways: Vec<&Way> = self.ways_to(queue).collect();
        let moves = |message: &MessageId| ways.iter().any(|way| way.carries(*message));
        messages.iter().copied().filter(moves).collect()
    }

    fn ways_to(&self, queue: &Name) -> impl Iterator<Item = &Way> {
        let ways = self.index.get(&Place::Queue(queue.clone())).into_iter().flatten();
        ways.map(|(_, index)| &self.ways[*index])
    }

    /// All ways on which anything has ever been.
    pub(crate) fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// Takes in an event.
    pub(crate) fn apply(&mut self, event: &WorldEvent) {
        let at = event.at;
        if let Happening::Crashed { actor, .. } = &event.what {
            self.keep_held(*actor, at);
        }
        self.disconnections.apply(event);
        match &event.what {
            Happening::Sent(sending) => {
                let Sending { actor, number, exchange, routing_key, arrives_at, persistent, .. } = &**sending;
                self.sent_count += 1;
                let colour = self.colour_of(*actor).unwrap_or(self.sent_count);
                let label = Label { number: self.sent_count, colour };
                self.sent.insert((sending.channel(), *number), label);
                let ends = (Place::Producer(*actor), Place::Exchange(exchange.clone()));
                let carried = Carried {
                    kind: DotKind::Message,
                    message: None,
                    label,
                    routing_key: routing_key.clone(),
                    persistent: *persistent,
                    row: QueueRow::Ready,
                };
                self.way(ends).enter(carried, (at, *arrives_at), None);
            }
            Happening::NeverArrived(sending) => {
                let label = self.sent.remove(&(sending.channel(), sending.number)).unwrap_or_default();
                let spot = Spot::Socket(sending.actor);
                self.losses.add(Loss { spot, from: at, message: None, label });
            }
            Happening::Confirmed { message, .. } => self.messages.entry(*message).confirmed = true,
            Happening::Broker(Event { fact, .. }) => self.apply_fact(at, fact),
            Happening::Dispatched { actor, message, queue, redelivered, arrives_at } => {
                self.dispatched(at, *actor, *message, queue, *redelivered, *arrives_at);
            }
            Happening::AckSent { actor, message, queue, arrives_at } => {
                let ends = (Place::Consumer(*actor), Place::Queue(queue.clone()));
                self.travel(ends, (at, *arrives_at), DotKind::Settled(Settlement::Ack), *message);
            }
            Happening::RejectSent { actor, message, queue, requeue, arrives_at } => {
                let ends = (Place::Consumer(*actor), Place::Queue(queue.clone()));
                let how = if *requeue { Settlement::Requeue } else { Settlement::Reject };
                self.travel(ends, (at, *arrives_at), DotKind::Settled(how), *message);
            }
            Happening::BrokerStarted => self.disk.forget_taken(),
            Happening::BrokerCrashed { .. } | Happening::BrokerHalted { .. } | Happening::BrokerStopped => {
                self.broker_is_gone();
            }
            Happening::Crashed { actor, .. } => {
                let place = Place::Consumer(*actor);
                self.ways.iter_mut().filter(|way| way.ends.1 == place).for_each(Way::clear);
            }
            Happening::Lost { message, queue, reason } => self.lost(at, *message, queue.as_ref(), *reason),
            _ => {}
        }
    }

    /// A message took a way: it is seen to as soon as the message is there.
    pub(crate) fn pass(&mut self, at: Instant, passage: &Passage) {
        let comes_at = self.dead.get(&passage.message).map_or(at, |dead| at.max(*dead));
        self.lights.light(passage, comes_at, hop());
    }

    /// With the broker goes all that moved in it, and what was in its memory and in the cache.
    fn broker_is_gone(&mut self) {
        self.unacked.clear();
        self.disk.lose_unsynced();
        let in_broker = |place: &Place| matches!(place, Place::Exchange(_) | Place::Queue(_));
        let inner = self.ways.iter_mut().filter(|way| in_broker(&way.ends.0) && in_broker(&way.ends.1));
        inner.for_each(Way::clear);
        self.arrivals.clear();
    }

    /// What a consumer holds is seen beside it when it crashes, until the broker has noticed. What it has acked it holds no
    /// more: the ack is on its way, and arrives.
    fn keep_held(&mut self, actor: ActorId, at: Instant) {
        let held = self.unacked.iter().flat_map(|(queue, unacked)| {
            let ends = (Place::Consumer(actor), Place::Queue(queue.clone()));
            let acks = self.ways.iter().find(|way| way.ends == ends);
            let held = unacked.iter().filter(move |(message, holder)| {
                **holder == Some(actor) && !acks.is_some_and(|way| way.carries_ack(**message))
            });
            held.map(move |(message, _)| (queue, *message))
        });
        for (place, (queue, message)) in held.enumerate() {
            let queue = queue.clone();
            self.disconnections.keep_held(HeldByCrashed { actor, queue, message, since: at, place });
        }
    }

    /// Forgets the journeys that are over.
    pub(crate) fn forget(&mut self, now: Instant) {
        self.ways.iter_mut().for_each(|way| way.forget(now));
        self.dead.retain(|_, comes_at| *comes_at > now);
        self.lights.forget(now);
        self.arrivals.retain(|arrival| arrival.at + hop() > now);
        self.losses.forget(now);
    }

    /// Everything that waits at an exchange or fades at `now`; what moves is on the ways.
    pub(crate) fn standing_dots(&self, layout: &Layout, now: Instant) -> Vec<Dot> {
        let waiting = self.arrivals.iter().filter(|arrival| arrival.at <= now && now < arrival.at + hop());
        let waiting = waiting.filter_map(|arrival| {
            let (at, message) = (layout.waiting_at(&arrival.exchange)?, Some(arrival.message));
            let about = self.about(arrival.message);
            Some(Dot {
                at,
                kind: DotKind::Message,
                message,
                label: self.label(arrival.message),
                opacity: 1.0,
                routing_key: about.routing_key,
                persistent: about.persistent,
                from: None,
            })
        });
        let held =
            self.disconnections.held_by_crashed().iter().filter(|held| held.place < MOST_HELD).filter_map(
                |held| {
                    let part = (now.since(held.since).as_secs_f64() / HELD_S).min(1.0);
                    let client = Place::Consumer(held.actor);
                    let place = layout.place_of_held(&client, held.place)?;
                    let at = layout.centre(&client)?.towards(place, part * (2.0 - part));
                    let (message, label) = (Some(held.message), self.label(held.message));
                    let persistent = self.about(held.message).persistent;
                    let (kind, routing_key) = (DotKind::HeldByCrashed, Name::default());
                    let from = Some(Place::Queue(held.queue.clone()));
                    Some(Dot { at, kind, message, label, opacity: 1.0, routing_key, persistent, from })
                },
            );
        waiting.chain(held).chain(self.losses.dots(layout, now)).collect()
    }

    /// Where messages have just been lost, and their numbers.
    pub(crate) fn lost_at(&self, layout: &Layout, now: Instant) -> Vec<(Point, Vec<u64>)> {
        self.losses.lost_at(layout, now)
    }

    /// Everything that moves, waits at an exchange or fades at `now`.
    #[cfg(test)]
    pub(crate) fn dots(&self, layout: &Layout, now: Instant) -> Vec<Dot> {
        super::Flows::default().dots(self, layout, now, None)
    }

    /// The links, by their index, whose binding has just taken a message: it goes along them at `now`.
    pub(crate) fn lit(&self, layout: &Layout, now: Instant) -> Vec<usize> {
        let shines = |link: &Link| link.step.as_ref().is_some_and(|step| self.lights.shines(step, now));
        (0..).zip(&layout.links).filter(|(_, link)| shines(link)).map(|(index, _)| index).collect()
    }

    fn apply_fact(&mut self, at: Instant, fact: &Fact) {
        match fact {
            Fact::Published {
                message,
                connection,
                channel,
                number,
                exchange,
                routing_key,
                persistent,
                ..
            } => {
                let channel = ChannelRef::new(*connection, *channel);
                if let Some(label) = self.sent.remove(&(channel, *number)) {
                    self.messages.entry(*message).label = label;
                }
                let about = self.messages.entry(*message);
                (about.routing_key, about.persistent) = (routing_key.clone(), *persistent);
                // Where its copies set out from, for the facts that follow at the same moment.
                self.arrive(at, Place::Exchange(exchange.clone()), *message);
            }
            Fact::Routed { message, queues } => {
                let Some((set_out, from)) = self.set_out(at, *message) else { return };
                for queue in queues {
                    let ends = (from.clone(), Place::Queue(queue.clone()));
                    self.travel(ends, (set_out, set_out + hop()), DotKind::Message, *message);
                }
            }
            Fact::Delayed { message, exchange, .. } | Fact::RecoveredDelayed { message, exchange, .. } => {
                let exchange = Place::Exchange(exchange.clone());
                self.arrivals.retain(|arrival| arrival.message != *message || arrival.exchange != exchange);
                self.held_back.insert(*message, exchange);
            }
            Fact::Bound { exchange, .. } => {
                self.latest_binding = Some((at, Place::Exchange(exchange.clone())));
            }
            Fact::Delivered { message, queue, no_ack: false, .. } | Fact::Read { message, queue, .. } => {
                self.unacked.entry(queue.clone()).or_default().insert(*message, None);
            }
            Fact::Recorded { .. } | Fact::Written { .. } | Fact::Synced { .. } => {
                let messages = &self.messages;
                let is_there = |message| messages.get(message).is_some_and(|about| about.copies > 0);
                self.disk.apply(fact, is_there);
            }
            Fact::Enqueued { message, .. } => self.messages.enqueue(*message, at),
            Fact::Recovered { message, .. } => {
                self.messages.entry(*message).copies = 1;
            }
            Fact::Delivered { message, queue, no_ack: true, .. }
            | Fact::Got { message, queue, no_ack: true, .. } => {
                self.has_left(*message, queue);
            }
            Fact::Acked { message, queue, .. }
            | Fact::ReadSettled { message, queue, .. }
            | Fact::Dropped { message, queue, .. } => {
                self.settled(*message, queue);
                self.has_left(*message, queue);
            }
            Fact::DeadLettered { message, queue, exchange, reason, .. } => {
                let was_unacked = self.settled(*message, queue).is_some();
                self.has_left(*message, queue);
                self.messages.entry(*message).deaths += 1;
                let (from, to) = (Place::Queue(queue.clone()), Place::Exchange(exchange.clone()));
                let row = if was_unacked { QueueRow::Unacked } else { QueueRow::Ready };
                let carried = Carried { row, ..self.carried(DotKind::DeadLetter(*reason), *message) };
                self.way((from, to.clone())).enter(carried, (at, at + hop()), None);
                self.arrive(at + hop(), to, *message);
                if self.dead.len() >= FEW {
                    self.dead.retain(|_, comes_at| *comes_at > at);
                }
                self.dead.insert(*message, at + hop());
            }
            Fact::Requeued { message, queue, .. } => {
                let held_at = self.disconnections.settle(queue, *message);
                *self.returns.entry(queue.clone()).or_default().entry(*message).or_default() += 1;
                if let Some(holder) = self.settled(*message, queue) {
                    let ends = (Place::Consumer(holder), Place::Queue(queue.clone()));
                    let carried = self.carried(DotKind::Redelivered, *message);
                    self.way(ends).enter(carried, (at, at + hop() * 2), held_at);
                }
            }
            _ => {}
        }
    }

    /// A delivery starts where the message is: in its queue, or still on the hop there.
    fn dispatched(
        &mut self,
        at: Instant,
        actor: ActorId,
        message: MessageId,
        queue: &Name,
        redelivered: bool,
        arrives_at: Instant,
    ) {
        if let Some(holder) = self.unacked.get_mut(queue).and_then(|unacked| unacked.get_mut(&message)) {
            *holder = Some(actor);
        }
        let shelf = Place::Queue(queue.clone());
        let ways = self.index.get(&shelf).into_iter().flatten().map(|(_, index)| *index);
        let mut leaves_at = at;
        for way in ways {
            let Some(hop) = self.ways[way].latest_of(message, at) else { continue };
            // A hop that is longer than the delivery itself must not make it late.
            let half_way = at + arrives_at.since(at) / 2;
            hop.ends_at = hop.ends_at.min(half_way).max(at);
            leaves_at = hop.ends_at;
        }
        let kind = if redelivered { DotKind::Redelivered } else { DotKind::Message };
        if redelivered {
            self.returns.entry(queue.clone()).or_default().entry(message).or_insert(1);
        }
        // What is to be acked goes from where it is remembered.
        let is_kept = self.unacked.get(queue).is_some_and(|unacked| unacked.contains_key(&message));
        let row = if is_kept { QueueRow::Unacked } else { QueueRow::Ready };
        let carried = Carried { row, ..self.carried(kind, message) };
        self.way((shelf, Place::Consumer(actor))).enter(carried, (leaves_at, arrives_at), None);
    }

    fn lost(&mut self, at: Instant, message: MessageId, queue: Option<&Name>, reason: LossReason) {
        let place = match (reason, queue) {
            (LossReason::HeldByCrashed { actor, .. } | LossReason::InSocket { actor }, _) => {
                Place::Consumer(actor)
            }
            (_, Some(queue)) => Place::Queue(queue.clone()),
            (_, None) => match self.set_out(at, message) {
                Some((_, place)) => place,
                None => return,
            },
        };
        self.disk.take(message, reason);
        let label = self.label(message);
        self.losses.add(Loss { spot: Spot::At(place), from: at, message: Some(message), label });
    }

    /// Who held it, if it was known.
    fn settled(&mut self, message: MessageId, queue: &Name) -> Option<ActorId> {
        self.unacked.get_mut(queue)?.remove(&message)?
    }

    fn travel(
        &mut self,
        ends: (Place, Place),
        (starts_at, ends_at): (Instant, Instant),
        kind: DotKind,
        message: MessageId,
    ) {
        let carried = self.carried(kind, message);
        self.way(ends).enter(carried, (starts_at, ends_at), None);
    }

    fn carried(&self, kind: DotKind, message: MessageId) -> Carried {
        let (about, label) = (self.about(message), self.label(message));
        let (routing_key, persistent) = (about.routing_key, about.persistent);
        let row = if kind.is_settlement() { QueueRow::Unacked } else { QueueRow::Ready };
        Carried { kind, message: Some(message), label, routing_key, persistent, row }
    }

    /// A queue has a copy less.
    fn has_left(&mut self, message: MessageId, queue: &Name) {
        self.disconnections.settle(queue, message);
        if let Some(returns) = self.returns.get_mut(queue) {
            returns.remove(&message);
        }
        let about = self.messages.entry(message);
        about.copies = about.copies.saturating_sub(1);
        if about.copies == 0 {
            self.disk.forget(message);
        }
    }

    fn way(&mut self, ends: (Place, Place)) -> &mut Way {
        let from = self.index.entry(ends.1.clone()).or_default();
        let index = *from.entry(ends.0.clone()).or_insert_with(|| {
            self.ways.push(Way::new(ends));
            self.ways.len() - 1
        });
        &mut self.ways[index]
    }

    fn arrive(&mut self, at: Instant, exchange: Place, message: MessageId) {
        if self.arrivals.len() >= FEW {
            self.arrivals.retain(|arrival| arrival.at + hop() > at);
        }
        self.arrivals.push(Arrival { at, exchange, message });
    }

    /// When and where a message that is routed sets out: where it has just arrived, or was held back, or is kept.
    fn set_out(&mut self, at: Instant, message: MessageId) -> Option<(Instant, Place)> {
        let held_back = |motion: &mut Motion| Some((at, motion.held_back.remove(&message)?));
        let arrival = self.take_arrival(message).or_else(|| held_back(self));
        arrival.or_else(|| self.latest_binding.clone().filter(|(bound_at, _)| *bound_at == at))
    }

    /// The exchange at which a message has just arrived, whose wait there is over.
    fn take_arrival(&mut self, message: MessageId) -> Option<(Instant, Place)> {
        let index = self.arrivals.iter().rposition(|arrival| arrival.message == message)?;
        let Arrival { at, exchange, .. } = self.arrivals.swap_remove(index);
        Some((at, exchange))
    }
}

fn hop() -> std::time::Duration {
    std::time::Duration::from_micros(HOP_US)
}

#[cfg(test)]
mod tests;
