//! Streams: where more messages are on a way than an eye can tell apart, dots merge into a stream whose thickness is the
//! rate. That is a matter of the visitor's time, not of the world's, and so it is not rewound with it.

use warren_core::ordered::OrdMap;
use warren_sim::warren_core::{Instant, MessageId};

use super::{
    Dot, Layout, Motion, Path, Place, Point, QueueRow, Way,
    way::{Carried, Journey},
};

/// How the ways look at the moment.
#[derive(Default)]
pub(crate) struct Flows {
    ways: OrdMap<(Place, Place), Flow>,
    is_still: bool,
}

/// How a way looks.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Flow {
    /// From 0, where all is dots, to 1, where all is a stream.
    pub(crate) strength: f64,
    /// Messages a second.
    pub(crate) rate: f64,
    /// How far the stream has flown, in pixels of the layout.
    pub(crate) flown: f64,
    /// For how long it has been too much for an eye, in ms.
    crowded_ms: f64,
}

/// How time passes for the visitor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Since the last look, in ms.
    pub(crate) elapsed_ms: f64,
    /// Virtual seconds per second; 0 while the clock stands still.
    pub(crate) speed: f64,
    /// The visitor wants nothing to move that need not.
    pub(crate) is_still: bool,
}

/// From one dot to the next, where they just do not touch, in pixels of the layout.
const APART: f64 = 18.0;
/// A way that is covered by dots to this part is crowded, if they come often enough …
const CROWDED: f64 = 0.7;
/// … that is, so many a second of the world's time.
const OFTEN: f64 = 15.0;
/// With more messages on the whole stage, ways are the sooner crowded.
const MANY: f64 = 250.0;
/// An eye does not follow more messages a second of its own time.
const TOO_FAST: f64 = 50.0;
/// What is a stream remains one until it is this much less.
const CALMER: f64 = 0.55;
/// A crowd that has passed by then was none, in ms.
const PATIENCE_MS: f64 = 450.0;
/// How long dots take to merge, in ms.
const MERGING_MS: f64 = 400.0;
/// How fast streams flow, in pixels of the layout a second.
const SLOWEST: f64 = 14.0;
const FASTEST: f64 = 150.0;

impl Flows {
    /// Looks at all ways at `now`.
    pub(crate) fn follow(&mut self, motion: &Motion, layout: &Layout, now: Instant, pace: Pace) {
        self.is_still = pace.is_still;
        let bundles = bundles(motion, layout, now);
        let moving = bundles.values().map(|bundle| bundle.moving).sum::<usize>() as f64;
        let crowded = CROWDED * (MANY / moving.max(1.0)).min(1.0);
        for ((from, to), Bundle { way, rate, moving }) in bundles {
            let ends = (from.clone(), to.clone());
            let known = self.ways.get_mut(&ends);
            if known.is_none() && rate < 1.0 {
                continue;
            }
            let Some(path) = layout.path(&ends, QueueRow::Ready) else { continue };
            let flow = match known {
                Some(flow) => flow,
                None => self.ways.entry(ends).or_default(),
            };
            let covered = moving as f64 * APART / path.length().max(2.0 * APART);
            flow.follow(rate, covered / crowded, pace);
            flow.flow(way, &path, pace);
        }
        self.ways.retain(|_, flow| flow.strength > 0.0 || flow.crowded_ms > 0.0);
    }

    /// What a way looks like; one of a folded exchange as all of them together.
    pub(crate) fn of(&self, layout: &Layout, (from, to): &(Place, Place)) -> Flow {
        let folds = &layout.folds;
        let seen = (folds.shown(from).clone(), folds.shown(to).clone());
        self.ways.get(&seen).copied().unwrap_or_default()
    }

    /// Every stream.
    pub(crate) fn streams(&self) -> impl Iterator<Item = (&(Place, Place), &Flow)> {
        self.ways.iter().filter(|(_, flow)| flow.strength > 0.0)
    }

    /// Whether dots are merging somewhere, or streams dissolve.
    pub(crate) fn are_changing(&self) -> bool {
        self.streams().any(|(_, flow)| flow.strength < 1.0)
    }

    /// Everything that is to be seen for itself: what moves outside of streams, the message that is `selected`, and what
    /// waits at an exchange or fades.
    pub(crate) fn dots(
        &self,
        motion: &Motion,
        layout: &Layout,
        now: Instant,
        selected: Option<MessageId>,
    ) -> Vec<Dot> {
        let mut dots = Vec::new();
        for way in motion.ways() {
            let clear = 1.0 - self.of(layout, &way.ends).strength;
            if clear <= 0.0 && selected.is_none() {
                continue;
            }
            let mut paths = [None, None];
            for journey in way.on_it(now) {
                let is_selected = selected.is_some() && journey.carried.message == selected;
                let opacity = if is_selected { 1.0 } else { clear };
                if opacity <= 0.0 {
                    continue;
                }
                let row = journey.carried.row;
                let path = paths[row as usize].get_or_insert_with(|| layout.path(&way.ends, row));
                let Some(path) = path else { break };
                let path = match unacked_at(motion, layout, &way.ends, &journey.carried) {
                    Some(place) if journey.carried.kind.is_settlement() => path.ending_at(place),
                    Some(place) => path.beginning_at(place),
                    None => *path,
                };
                let part = self.stepwise(journey.part(now));
                let at = place(journey, &path, part, layout, &way.ends.0);
                let Carried { kind, message, label, ref routing_key, persistent, .. } = journey.carried;
                let (routing_key, from) = (routing_key.clone(), Some(way.ends.0.clone()));
                dots.push(Dot { at, kind, message, label, opacity, routing_key, persistent, from });
            }
        }
        dots.extend(motion.standing_dots(layout, now));
        dots
    }

    /// For who wants nothing to move: a message is at the beginning, half of the way, or at the end.
    fn stepwise(&self, part: f64) -> f64 {
        if self.is_still { (part * 2.0).round() / 2.0 } else { part }
    }
}

/// The ways that are seen as one: those of an exchange that is folded lie on one another.
struct Bundle<'a> {
    /// One of them.
    way: &'a Way,
    /// Messages a second on all of them.
    rate: f64,
    /// How many are on them.
    moving: usize,
}

fn bundles<'a>(
    motion: &'a Motion,
    layout: &'a Layout,
    now: Instant,
) -> OrdMap<(&'a Place, &'a Place), Bundle<'a>> {
    let mut bundles = OrdMap::new();
    for way in motion.ways() {
        let (from, to) = (layout.folds.shown(&way.ends.0), layout.folds.shown(&way.ends.1));
        let bundle = bundles.entry((from, to)).or_insert(Bundle { way, rate: 0.0, moving: 0 });
        bundle.rate += way.rate(now);
        bundle.moving += way.on_it(now).count();
    }
    bundles
}

/// Where the message is in its queue that a consumer gets or settles.
fn unacked_at(motion: &Motion, layout: &Layout, ends: &(Place, Place), carried: &Carried) -> Option<Point> {
    /// Those behind so many are hardly seen.
    const SEEN: usize = 16;
    if carried.row != QueueRow::Unacked {
        return None;
    }
    let queue = if carried.kind.is_settlement() { &ends.1 } else { &ends.0 };
    let Place::Queue(name) = queue else { return None };
    let node = layout.node(queue).filter(|node| node.place == *queue)?;
    let ahead = motion.unacked(name).take(SEEN).position(|message| Some(message) == carried.message)?;
    Some(layout.sizes.in_row(node.area, QueueRow::Unacked, ahead))
}

/// Where a message is, that has gone this part of its way.
fn place(journey: &Journey, path: &Path, part: f64, layout: &Layout, from: &Place) -> Point {
    const NEARBY: f64 = 0.02;
    let at = path.at(part);
    let beside = journey.beside(part) * 2.2 * layout.sizes.radius;
    let (back, ahead) = (path.at((part - NEARBY).max(0.0)), path.at((part + NEARBY).min(1.0)));
    let length = back.distance(ahead).max(0.001);
    let across = Point { x: (back.y - ahead.y) / length, y: (ahead.x - back.x) / length };
    // What a crashed client held comes from beside it.
    let held_at = journey.held_at.and_then(|place| layout.place_of_held(from, place));
    let aside = held_at.map_or(Point::default(), |held_at| held_at.minus(path.at(0.0)));
    Point {
        x: at.x + across.x * beside + aside.x * (1.0 - part),
        y: at.y + across.y * beside + aside.y * (1.0 - part),
    }
}

impl Flow {
    /// Merges or parts, by the rate and by how crowded the way is: more than 1 is too much.
    fn follow(&mut self, rate: f64, crowd: f64, pace: Pace) {
        self.rate = rate;
        let crowd = if rate >= OFTEN * self.ease() { crowd } else { 0.0 };
        let is_crowded = crowd.max(rate * pace.speed / TOO_FAST) > self.ease();
        self.crowded_ms = if is_crowded { self.crowded_ms + pace.elapsed_ms } else { 0.0 };
        let is_stream = is_crowded && (self.strength > 0.0 || self.crowded_ms >= PATIENCE_MS);
        let step = if pace.is_still { 1.0 } else { pace.elapsed_ms / MERGING_MS };
        let step = if is_stream { step } else { -step };
        self.strength = (self.strength + step).clamp(0.0, 1.0);
    }

    /// Flows on, about as fast as the messages in it.
    fn flow(&mut self, way: &Way, path: &Path, pace: Pace) {
        if !pace.is_still && pace.speed > 0.0 {
            let takes_s = way.takes().as_secs_f64().max(0.001);
            let fast = (path.length() * pace.speed / takes_s).clamp(SLOWEST, FASTEST);
            self.flown += fast * pace.elapsed_ms / 1_000.0;
        }
    }

    /// A stream is less easily dots again than dots are a stream.
    fn ease(&self) -> f64 {
        if self.strength > 0.0 { CALMER } else { 1.0 }
    }

    /// How thick it is, in pixels of the layout: for ten times the rate always the same more.
    pub(crate) fn thickness(&self) -> f64 {
        2.0 + 3.6 * (1.0 + self.rate).log10()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use warren_sim::{Consumer, Lapse, Producer, Queue, Scenario, lessons};

    use super::{
        super::{Folding, Layout, Place},
        Flow,
    };
    use crate::player::{Player, Source};

    /// One producer, one queue, one consumer, and so much time from one message to the next.
    fn busy(interval_ms: u64) -> Scenario {
        let interval = Lapse::Fixed(Duration::from_millis(interval_ms));
        let mut scenario = Scenario {
            until: Duration::from_secs(60),
            queues: vec![Queue::new("work")],
            producers: vec![Producer { interval, ..Producer::new("producer", "work", 60_000) }],
            consumers: vec![Consumer { prefetch: 5_000, ..Consumer::new("consumer", "work") }],
            ..Scenario::new("busy")
        };
        scenario.network.latency = Duration::from_millis(400);
        scenario
    }

    fn player(scenario: &Scenario, speed: f64) -> Player {
        let mut player = Player::of(scenario, 1, Source::Own);
        player.set_speed(speed);
        player
    }

    fn layout(player: &Player) -> Layout {
        Layout::new(player.scenario(), 1_000.0, 400.0)
    }

    /// Plays on, looking as often as a screen does.
    fn watch(player: &mut Player, frames: u32, is_still: bool) {
        let layout = layout(player);
        for _ in 0..frames {
            player.advance(16.0);
            player.flow(&layout, 16.0, is_still);
        }
    }

    fn streams(player: &Player) -> Vec<Flow> {
        player.flows.streams().map(|(_, flow)| *flow).collect()
    }

    fn dots(player: &Player) -> usize {
        player.flows.dots(player.motion(), &layout(player), player.world().now(), player.selected()).len()
    }

    #[test]
    fn no_lesson_has_streams_at_its_own_pace() {
        for lesson in lessons::all() {
            let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
            let mut player = player(&scenario, 1.0);
            while player.playing {
                watch(&mut player, 1, false);
                assert!(streams(&player).is_empty(), "{} at {:?}", lesson.id, player.world().now());
            }
        }
    }

    #[test]
    fn what_an_eye_cannot_follow_merges_and_parts_again() {
        let mut player = player(&busy(5), 1.0);
        watch(&mut player, 20, false);
        assert!(streams(&player).is_empty() && dots(&player) > 20, "a crowd that may pass");
        watch(&mut player, 200, false);
        let merged = streams(&player);
        // To the exchange, to the queue, to the consumer, and the acks.
        assert_eq!(merged.len(), 4);
        assert!(merged.iter().all(|flow| (flow.strength - 1.0).abs() < 1e-9 && flow.flown > 0.0));
        assert!(merged.iter().all(|flow| (flow.rate - 200.0).abs() < 20.0), "{merged:?}");
        assert_eq!(dots(&player), 0);

        // Slowly, the rate is one that an eye can follow; but the ways are as full as before.
        player.set_speed(0.01);
        watch(&mut player, 200, false);
        assert_eq!(streams(&player).len(), 4);
    }

    #[test]
    fn the_ways_of_a_folded_exchange_are_one_stream() {
        let mut scenario = busy(5);
        let names: Vec<String> = (0..4).map(|number| format!("work-{number}")).collect();
        scenario.queues = names.iter().map(|name| Queue::new(name)).collect();
        scenario.producers[0].routing_key.clone_from(&names);
        let consumer =
            |name: &String| Consumer { prefetch: 5_000, ..Consumer::new(&format!("c-{name}"), name) };
        scenario.consumers = names.iter().map(consumer).collect();
        let mut player = player(&scenario, 1.0);
        let mut folding = Folding::default();
        folding.choose("".into(), true);
        let layout = Layout::folded(&scenario, &folding, 1_000.0, 400.0);
        for _ in 0..200 {
            player.advance(16.0);
            player.flow(&layout, 16.0, false);
        }
        let merged: Vec<_> = player.flows.streams().collect();
        let to_queues = merged.iter().find(|((_, to), _)| *to == Place::Queues("".into()));
        let (_, flow) = to_queues.expect("a stream to the queues");
        assert!((flow.rate - 200.0).abs() < 20.0, "what all four queues get: {}", flow.rate);
        // To the exchange, to the queues, to the consumers, and the acks.
        assert_eq!(merged.len(), 4);
    }

    #[test]
    fn a_fast_clock_makes_streams_of_few_messages_and_a_slow_one_dots_again() {
        let mut player = player(&busy(500), 1.0);
        watch(&mut player, 200, false);
        assert!(streams(&player).is_empty());
        player.set_speed(60.0);
        watch(&mut player, 40, false);
        assert!(!streams(&player).is_empty());
        player.set_speed(1.0);
        watch(&mut player, 200, false);
        assert!(streams(&player).is_empty());
    }

    #[test]
    fn ten_times_the_rate_is_always_the_same_more() {
        let thickness = |rate| Flow { rate, ..Flow::default() }.thickness();
        let steps = [10.0, 100.0, 1_000.0, 10_000.0].map(thickness);
        for pair in steps.windows(2) {
            assert!((pair[1] - pair[0] - 3.6).abs() < 0.2, "{steps:?}");
        }
    }

    #[test]
    fn the_message_that_is_selected_stays_a_dot() {
        let mut player = player(&busy(5), 1.0);
        watch(&mut player, 200, false);
        let now = player.world().now();
        let moving = player.motion().ways().iter().flat_map(|way| way.on_it(now));
        let message = moving.filter_map(|journey| journey.carried.message).last().expect("a message moves");
        player.selection.message = Some(message);
        assert!(dots(&player) >= 1);
    }

    #[test]
    fn who_wants_nothing_to_move_sees_steps() {
        let mut player = player(&busy(100), 1.0);
        let mut seen = Vec::new();
        for _ in 0..100 {
            watch(&mut player, 1, true);
            let layout = layout(&player);
            let dots = player.flows.dots(player.motion(), &layout, player.world().now(), None);
            for dot in dots.iter().filter(|dot| matches!(dot.from, Some(Place::Producer(_)))) {
                if !seen.contains(&dot.at) {
                    seen.push(dot.at);
                }
            }
        }
        // Where the producer sends from, half of the way, and the exchange.
        assert_eq!(seen.len(), 3, "{seen:?}");
        let mut player = self::player(&busy(5), 1.0);
        watch(&mut player, 200, true);
        assert!(streams(&player).iter().all(|flow| flow.flown == 0.0 && flow.strength == 1.0));
    }

    /// Five that set out at once are five, not one: half of the way they lie beside each other.
    #[test]
    fn messages_that_travel_together_go_side_by_side() {
        let mut scenario = busy(3_000);
        scenario.producers[0].burst = 5;
        let mut player = player(&scenario, 1.0);
        let layout = layout(&player);
        let mut farthest: f64 = 0.0;
        for _ in 0..200 {
            player.advance(20.0);
            let dots = player.motion().dots(&layout, player.world().now());
            let sent: Vec<_> =
                dots.iter().filter(|dot| matches!(dot.from, Some(Place::Producer(_)))).collect();
            if sent.len() < 5 {
                continue;
            }
            let apart = sent
                .iter()
                .enumerate()
                .flat_map(|(index, one)| sent[index + 1..].iter().map(|other| one.at.distance(other.at)));
            farthest = farthest.max(apart.fold(f64::MAX, f64::min));
        }
        assert!(farthest > 1.5 * layout.sizes.radius, "{farthest}");
    }
}
