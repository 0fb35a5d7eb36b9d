//! What moves: every event that starts a journey says when it ends, so positions follow from the time alone.

use std::collections::{BTreeMap, BTreeSet};

use warren_sim::{
    ActorId, Happening, LossReason, Sending, WorldEvent,
    warren_core::{ConnectionId, Event, Fact, Instant, MessageId, Name},
};

use super::{Dot, DotKind, Layout, Place, Point};

/// The journeys at hand, and what is delivered and not acked.
#[derive(Clone, Default)]
pub(crate) struct Motion {
    journeys: Vec<Journey>,
    fading: Vec<Fading>,
    unacked: BTreeMap<Name, BTreeSet<MessageId>>,
    /// Who got a queue's copy of a message last.
    holders: BTreeMap<(MessageId, Name), ActorId>,
    ordinals: BTreeMap<MessageId, u64>,
    /// What is on its way to the broker and has no id yet.
    sent: BTreeMap<(ConnectionId, u64), u64>,
    sent_count: u64,
    disk: Station,
}

/// What the disk has of messages.
#[derive(Clone, Default)]
struct Station {
    /// Not synced, by commit.
    unsynced: BTreeMap<u64, Vec<MessageId>>,
    /// The latest commit that is in the cache.
    written: u64,
    /// Messages that are there for good.
    synced: u64,
}

/// Inside the broker nothing takes time; on the stage a hop is seen for this long, in µs.
const HOP_US: u64 = 260_000;
/// How long a lost message fades, in µs.
const FADE_US: u64 = 1_400_000;
/// How far a lost message falls, in CSS pixels.
const FALL: f64 = 46.0;

/// When it is where.
type Stop = (Instant, Place);

#[derive(Clone)]
struct Journey {
    stops: Vec<Stop>,
    kind: DotKind,
    message: Option<MessageId>,
    ordinal: u64,
}

#[derive(Clone)]
struct Fading {
    place: Place,
    from: Instant,
    message: MessageId,
    ordinal: u64,
}

impl Motion {
    /// The number that a message bears on the stage, from 1.
    pub(crate) fn ordinal(&self, message: MessageId) -> u64 {
        self.ordinals.get(&message).copied().unwrap_or(message.0)
    }

    /// What a queue has delivered and got no ack for.
    pub(crate) fn unacked(&self, queue: &Name) -> Vec<MessageId> {
        self.unacked.get(queue).into_iter().flatten().copied().collect()
    }

    /// What is to go to the disk and not there for good: what is in the broker's memory, and what is in the cache.
    pub(crate) fn unsynced(&self) -> (Vec<MessageId>, Vec<MessageId>) {
        let ids = |written: bool| {
            let commits = self
                .disk
                .unsynced
                .iter()
                .filter(move |(commit, _)| (**commit <= self.disk.written) == written);
            commits.flat_map(|(_, messages)| messages).copied().collect()
        };
        (ids(false), ids(true))
    }

    /// How many messages have come to the disk for good.
    pub(crate) fn synced(&self) -> u64 {
        self.disk.synced
    }

    /// Whether a message has yet to come to rest in a queue.
    pub(crate) fn is_on_the_way_to(&self, message: MessageId, queue: &Name) -> bool {
        self.journeys.iter().any(|journey| {
            let end = journey.stops.last();
            journey.message == Some(message)
                && journey.kind != DotKind::Ack
                && end.is_some_and(|(_, place)| *place == Place::Queue(queue.clone()))
        })
    }

    /// Takes in an event.
    pub(crate) fn apply(&mut self, event: &WorldEvent) {
        let at = event.at;
        match &event.what {
            Happening::Sent(sending) => {
                let Sending { actor, connection, number, exchange, arrives_at, .. } = &**sending;
                self.sent_count += 1;
                self.sent.insert((*connection, *number), self.sent_count);
                let stops =
                    vec![(at, Place::Producer(*actor)), (*arrives_at, Place::Exchange(exchange.clone()))];
                let ordinal = self.sent_count;
                self.journeys.push(Journey { stops, kind: DotKind::Message, message: None, ordinal });
            }
            Happening::Broker(Event { fact, .. }) => self.apply_fact(at, fact),
            Happening::Dispatched { actor, message, queue, redelivered, arrives_at } => {
                self.dispatched(at, *actor, *message, queue, *redelivered, *arrives_at);
            }
            Happening::AckSent { actor, message, queue, arrives_at } => {
                let stops = vec![(at, Place::Consumer(*actor)), (*arrives_at, Place::Queue(queue.clone()))];
                self.travel(stops, DotKind::Ack, *message);
            }
            Happening::BrokerCrashed { .. } | Happening::BrokerHalted { .. } | Happening::BrokerStopped => {
                self.broker_is_gone();
            }
            Happening::Crashed { actor, .. } => {
                let place = Place::Consumer(*actor);
                self.journeys.retain(|journey| journey.stops.last().is_none_or(|(_, to)| *to != place));
            }
            Happening::Lost { message, queue, reason } => self.lost(at, *message, queue.as_ref(), *reason),
            _ => {}
        }
    }

    /// With the broker goes all that moved in it, and what was in its memory and in the cache.
    fn broker_is_gone(&mut self) {
        self.unacked.clear();
        self.disk.unsynced.clear();
        self.disk.written = 0;
    }

    /// Forgets the journeys that are over.
    pub(crate) fn forget(&mut self, now: Instant) {
        self.journeys.retain(|journey| journey.stops.last().is_some_and(|(end, _)| *end > now));
        self.fading.retain(|fading| now.since(fading.from).as_micros() < u128::from(FADE_US));
    }

    /// Everything that moves or fades at `now`.
    pub(crate) fn dots(&self, layout: &Layout, now: Instant) -> Vec<Dot> {
        let moving = self.journeys.iter().filter_map(|journey| journey.dot(layout, now));
        let fading = self.fading.iter().filter_map(|fading| fading.dot(layout, now));
        moving.chain(fading).collect()
    }

    /// The links, by their index, whose binding has just matched a message: it goes along them at `now`.
    pub(crate) fn lit(&self, layout: &Layout, now: Instant) -> BTreeSet<usize> {
        let legs = self.journeys.iter().filter_map(|journey| journey.leg(now));
        let routed = legs.filter(|(from, to)| matches!(from.1, Place::Exchange(_)) && from.1 != to.1);
        let link = |from: &Place, to: &Place| {
            layout.links.iter().position(|link| link.ends.0 == *from && link.ends.1 == *to)
        };
        routed.filter_map(|(from, to)| link(&from.1, &to.1)).collect()
    }

    fn apply_fact(&mut self, at: Instant, fact: &Fact) {
        match fact {
            Fact::Published { message, connection, number, exchange, .. } => {
                if let Some(ordinal) = self.sent.remove(&(*connection, *number)) {
                    self.ordinals.insert(*message, ordinal);
                }
                let here = Place::Exchange(exchange.clone());
                let ordinal = self.ordinal(*message);
                for journey in self.journeys.iter_mut().filter(|journey| journey.ordinal == ordinal) {
                    journey.message = Some(*message);
                }
                // Where its copies set out from, for the facts that follow at the same moment.
                self.travel(vec![(at, here.clone()), (at + hop(), here)], DotKind::Message, *message);
            }
            Fact::Routed { message, queues } => {
                let Some((set_out, from)) = self.take_arrival(*message) else { return };
                for queue in queues {
                    let stops = vec![(set_out, from.clone()), (set_out + hop(), Place::Queue(queue.clone()))];
                    self.travel(stops, DotKind::Message, *message);
                }
            }
            Fact::Delivered { message, queue, no_ack: false, .. } | Fact::Read { message, queue, .. } => {
                self.unacked.entry(queue.clone()).or_default().insert(*message);
            }
            Fact::Recorded { message, commit } => {
                self.disk.unsynced.entry(*commit).or_default().push(*message);
            }
            Fact::Written { commit } => self.disk.written = *commit,
            Fact::Synced { commit } => {
                let later = self.disk.unsynced.split_off(&(commit + 1));
                let synced = std::mem::replace(&mut self.disk.unsynced, later);
                self.disk.synced += synced.into_values().map(|messages| messages.len() as u64).sum::<u64>();
            }
            Fact::Acked { message, queue, .. }
            | Fact::ReadSettled { message, queue, .. }
            | Fact::Dropped { message, queue, .. } => {
                self.settled(*message, queue);
            }
            Fact::DeadLettered { message, queue, exchange, .. } => {
                self.settled(*message, queue);
                let (from, to) = (Place::Queue(queue.clone()), Place::Exchange(exchange.clone()));
                self.travel(vec![(at, from), (at + hop(), to.clone())], DotKind::Message, *message);
                self.travel(vec![(at + hop(), to.clone()), (at + hop() * 2, to)], DotKind::Message, *message);
            }
            Fact::Requeued { message, queue, .. } => {
                self.settled(*message, queue);
                if let Some(holder) = self.holders.get(&(*message, queue.clone())) {
                    let stops =
                        vec![(at, Place::Consumer(*holder)), (at + hop() * 2, Place::Queue(queue.clone()))];
                    self.travel(stops, DotKind::Redelivered, *message);
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
        self.holders.insert((message, queue.clone()), actor);
        let shelf = Place::Queue(queue.clone());
        let hop = self.journeys.iter().position(|journey| {
            journey.message == Some(message)
                && journey.kind != DotKind::Ack
                && journey.stops.last().is_some_and(|(_, place)| *place == shelf)
        });
        let mut stops = match hop {
            Some(index) => self.journeys.swap_remove(index).stops,
            None => vec![(at, shelf)],
        };
        if let Some((passes_at, _)) = stops.last_mut() {
            // A hop that is longer than the delivery itself must not make it late.
            let half_way = at + arrives_at.since(at) / 2;
            *passes_at = (*passes_at).min(half_way).max(at);
        }
        stops.push((arrives_at, Place::Consumer(actor)));
        let kind = if redelivered { DotKind::Redelivered } else { DotKind::Message };
        self.travel(stops, kind, message);
    }

    fn lost(&mut self, at: Instant, message: MessageId, queue: Option<&Name>, reason: LossReason) {
        let place = match (reason, queue) {
            (LossReason::HeldByCrashed { actor, .. } | LossReason::InSocket { actor }, _) => {
                Place::Consumer(actor)
            }
            (_, Some(queue)) => Place::Queue(queue.clone()),
            (_, None) => match self.take_arrival(message) {
                Some((_, place)) => place,
                None => return,
            },
        };
        let ordinal = self.ordinal(message);
        self.fading.push(Fading { place, from: at, message, ordinal });
    }

    fn settled(&mut self, message: MessageId, queue: &Name) {
        if let Some(unacked) = self.unacked.get_mut(queue) {
            unacked.remove(&message);
        }
    }

    fn travel(&mut self, stops: Vec<(Instant, Place)>, kind: DotKind, message: MessageId) {
        let ordinal = self.ordinal(message);
        self.journeys.push(Journey { stops, kind, message: Some(message), ordinal });
    }

    /// The exchange at which a message has just arrived, whose wait there is over.
    fn take_arrival(&mut self, message: MessageId) -> Option<(Instant, Place)> {
        let waits = |journey: &Journey| {
            journey.message == Some(message)
                && matches!(&journey.stops[..], [(_, a @ Place::Exchange(_)), (_, b)] if a == b)
        };
        let index = self.journeys.iter().position(waits)?;
        self.journeys.swap_remove(index).stops.into_iter().next()
    }
}

impl Journey {
    /// Where it comes from at `now` and where it goes.
    fn leg(&self, now: Instant) -> Option<(&Stop, &Stop)> {
        let mut legs = self.stops.iter().zip(self.stops.iter().skip(1));
        legs.find(|(from, to)| from.0 <= now && now < to.0)
    }

    fn dot(&self, layout: &Layout, now: Instant) -> Option<Dot> {
        let ((start, from), (end, to)) = self.leg(now)?;
        let part = now.since(*start).as_micros() as f64 / end.since(*start).as_micros().max(1) as f64;
        let at = layout.centre(from)?.towards(layout.centre(to)?, ease(part));
        Some(Dot { at, kind: self.kind, message: self.message, ordinal: self.ordinal, opacity: 1.0 })
    }
}

impl Fading {
    fn dot(&self, layout: &Layout, now: Instant) -> Option<Dot> {
        let part = now.since(self.from).as_micros() as f64 / FADE_US as f64;
        let centre = layout.centre(&self.place)?;
        let offset = (self.ordinal % 5) as f64 * 13.0 - 26.0;
        let at = Point { x: centre.x + offset, y: centre.y + 20.0 + part * FALL };
        let (message, ordinal) = (Some(self.message), self.ordinal);
        Some(Dot { at, kind: DotKind::Lost, message, ordinal, opacity: (1.0 - part).max(0.0) })
    }
}

fn hop() -> std::time::Duration {
    std::time::Duration::from_micros(HOP_US)
}

/// Slow at both ends.
fn ease(part: f64) -> f64 {
    let part = part.clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use warren_sim::{Scenario, World, lessons, warren_core::Instant};

    use super::{super::Layout, DotKind, Motion};

    /// Plays a lesson and says at which moments how many dots of a kind are seen.
    fn seen(lesson: &str, kind: DotKind) -> usize {
        let lesson = lessons::find(lesson).expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let layout = Layout::new(&scenario, 1000.0, 400.0);
        let (mut world, mut motion) = (World::new(&scenario, 1), Motion::default());
        let mut most = 0;
        for tick in 0..600 {
            let now = Instant::from_micros(tick * 50_000);
            world.run_until(now);
            world.take_events().iter().for_each(|event| motion.apply(event));
            motion.forget(now);
            let dots = motion.dots(&layout, now);
            for dot in &dots {
                assert!((0.0..=1000.0).contains(&dot.at.x) && (0.0..=460.0).contains(&dot.at.y), "{dot:?}");
            }
            most = most.max(dots.iter().filter(|dot| dot.kind == kind).count());
        }
        most
    }

    #[test]
    fn acks_travel_back_where_there_are_any() {
        assert!(seen("crash-with-ack", DotKind::Ack) > 0);
        assert_eq!(seen("crash-without-ack", DotKind::Ack), 0);
    }

    #[test]
    fn a_crash_loses_without_acks_and_redelivers_with_them() {
        assert!(seen("crash-without-ack", DotKind::Lost) > 0);
        assert_eq!(seen("crash-without-ack", DotKind::Redelivered), 0);
        assert_eq!(seen("crash-with-ack", DotKind::Lost), 0);
        assert!(seen("crash-with-ack", DotKind::Redelivered) > 0);
    }

    /// A link glows only while a message that its binding matched goes along it.
    #[test]
    fn bindings_that_match_light_up() {
        let lesson = lessons::find("direct").expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let layout = Layout::new(&scenario, 1000.0, 400.0);
        let (mut world, mut motion) = (World::new(&scenario, 1), Motion::default());
        let (mut lit, mut dark) = (BTreeSet::new(), 0);
        for tick in 0..400 {
            let now = Instant::from_micros(tick * 50_000);
            world.run_until(now);
            world.take_events().iter().for_each(|event| motion.apply(event));
            motion.forget(now);
            let at_once = motion.lit(&layout, now);
            dark += usize::from(at_once.is_empty());
            lit.extend(at_once);
        }
        let lit: BTreeSet<_> = lit.iter().map(|link| &layout.links[*link].ends).collect();
        let bindings = layout.links.iter().filter(|link| link.binding.is_some());
        assert_eq!(lit, bindings.map(|link| &link.ends).collect());
        assert!(dark > 200, "mostly nothing is being routed: {dark}");
    }

    #[test]
    fn a_fanout_sends_three_copies_at_once() {
        assert!(seen("fanout", DotKind::Message) >= 3);
    }
}
