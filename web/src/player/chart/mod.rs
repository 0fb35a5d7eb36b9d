//! What the charts show, as a fold over events: how full queues are, how fast messages pass, how long they take, and
//! how busy consumers are, in buckets of virtual time that become wider as time goes on.

mod bucket;
mod curves;

use std::rc::Rc;

use warren_core::ordered::OrdMap;
use warren_sim::{
    ActorId, Happening, Shift, WorldEvent,
    warren_core::{Event, Fact, Instant, MessageId, Name},
};

use bucket::Bucket;
pub(crate) use curves::{Curve, Strip, StripKind};

/// The width of a bucket at first, in µs.
const FIRST_WIDTH_US: u64 = 100_000;
/// When there are more buckets, each two become one.
const MOST_BUCKETS: usize = 256;
/// Messages whose ack is still awaited; the oldest are forgotten first.
const AWAITED: usize = 20_000;

/// All that the charts need. It is kept with every checkpoint, so what is over is shared.
#[derive(Clone)]
pub(crate) struct Chart {
    width_us: u64,
    /// Those that are over, oldest first.
    over: Vec<Rc<Bucket>>,
    current: Bucket,
    /// Which column of a bucket a queue has, in the order in which they were first used.
    queues: OrdMap<Name, usize>,
    /// Consumers, in the order in which they began to work, and since when they have a message in hand.
    workers: OrdMap<ActorId, Worker>,
    /// When a message was published whose ack has not come, and how many copies of it there are.
    awaited: OrdMap<MessageId, (Instant, u32)>,
}

#[derive(Clone)]
struct Worker {
    column: usize,
    since: Option<Instant>,
}

impl Default for Chart {
    fn default() -> Chart {
        Chart {
            width_us: FIRST_WIDTH_US,
            over: Vec::new(),
            current: Bucket::default(),
            queues: OrdMap::new(),
            workers: OrdMap::new(),
            awaited: OrdMap::new(),
        }
    }
}

impl Chart {
    /// Enters an event.
    pub(crate) fn apply(&mut self, event: &WorldEvent) {
        self.pass(event.at);
        match &event.what {
            Happening::Broker(Event { fact, .. }) => self.apply_fact(event.at, fact),
            Happening::WorkStarted { actor, .. } => {
                let column = self.workers.len();
                let worker = self.workers.entry(*actor).or_insert(Worker { column, since: None });
                worker.since = Some(event.at);
            }
            Happening::WorkDone { actor, .. }
            | Happening::WorkFailed { actor, .. }
            | Happening::Crashed { actor, .. }
            | Happening::Refused { actor, .. } => self.put_down(*actor, event.at),
            // What the broker had in memory is gone; what it finds again is told by facts.
            Happening::BrokerCrashed { .. } | Happening::BrokerHalted { .. } | Happening::BrokerStopped => {
                self.current.depths.fill((0, 0));
                self.awaited.values_mut().for_each(|(_, copies)| *copies = 0);
            }
            _ => {}
        }
    }

    fn apply_fact(&mut self, at: Instant, fact: &Fact) {
        if let Some(shift) = Shift::of(fact) {
            let column = self.column(shift.queue);
            self.current.shift(column, shift.ready, shift.unacked);
        }
        match fact {
            Fact::Published { message, .. } => {
                self.current.published += 1;
                self.awaited.insert(*message, (at, 0));
                if self.awaited.len() > AWAITED {
                    self.awaited.pop_first();
                }
            }
            Fact::Enqueued { message, .. } | Fact::Recovered { message, .. } => {
                if let Some((_, copies)) = self.awaited.get_mut(message) {
                    *copies += 1;
                }
            }
            Fact::Delivered { message, no_ack, .. } | Fact::Got { message, no_ack, .. } => {
                self.current.delivered += 1;
                if *no_ack {
                    self.let_go(*message);
                }
            }
            Fact::Read { .. } => self.current.delivered += 1,
            Fact::Acked { message, .. } | Fact::ReadSettled { message, acked: true, .. } => {
                self.current.acked += 1;
                if let Some((published_at, _)) = self.awaited.get(message) {
                    let waited = at.since(*published_at).as_micros();
                    self.current.waits.add(u64::try_from(waited).unwrap_or(u64::MAX));
                }
                if matches!(fact, Fact::Acked { .. }) {
                    self.let_go(*message);
                }
            }
            Fact::Dropped { message, .. }
            | Fact::Unroutable { message, .. }
            | Fact::DeadLetterCycle { message, is_gone: true, .. } => self.let_go(*message),
            // It is on its way to another queue.
            Fact::DeadLettered { message, .. } => {
                if let Some((_, copies)) = self.awaited.get_mut(message) {
                    *copies = copies.saturating_sub(1);
                }
            }
            _ => {}
        }
    }

    /// A copy is gone; with the last one nobody waits for the message any more.
    fn let_go(&mut self, message: MessageId) {
        if let Some((_, copies)) = self.awaited.get_mut(&message) {
            *copies = copies.saturating_sub(1);
            if *copies == 0 {
                self.awaited.remove(&message);
            }
        }
    }

    fn put_down(&mut self, actor: ActorId, at: Instant) {
        let Some(worker) = self.workers.get_mut(&actor) else { return };
        if let Some(since) = worker.since.take() {
            self.current.work(worker.column, at.since(since));
        }
    }

    fn column(&mut self, queue: &Name) -> usize {
        if let Some(column) = self.queues.get(queue) {
            return *column;
        }
        let column = self.queues.len();
        self.queues.insert(queue.clone(), column);
        column
    }

    /// Begins new buckets until `at` is in the last one: nothing has happened up to then.
    pub(crate) fn pass(&mut self, at: Instant) {
        while at.as_micros() >= self.end_us() {
            let end = Instant::from_micros(self.end_us());
            for worker in self.workers.values_mut() {
                if let Some(since) = &mut worker.since {
                    self.current.work(worker.column, end.since(*since));
                    *since = end;
                }
            }
            let next = self.current.next();
            self.over.push(Rc::new(std::mem::replace(&mut self.current, next)));
            if self.over.len() == MOST_BUCKETS {
                self.widen();
            }
        }
    }

    /// Each two buckets become one, twice as wide.
    fn widen(&mut self) {
        let pairs = self.over.chunks(2).map(|pair| match pair {
            [one, other] => Rc::new(one.followed_by(other)),
            rest => rest[0].clone(),
        });
        self.over = pairs.collect();
        self.width_us *= 2;
    }

    /// When the current bucket ends, in µs.
    fn end_us(&self) -> u64 {
        (self.over.len() as u64 + 1) * self.width_us
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use warren_sim::{
        Consumer, History, Lapse, Producer, Queue, Scenario, Spectator, lessons, warren_core::Instant,
    };

    use super::{Chart, MOST_BUCKETS, StripKind, WorldEvent};

    #[derive(Clone, Default)]
    struct Watcher(Chart);

    impl Spectator for Watcher {
        fn see(&mut self, event: &WorldEvent) {
            self.0.apply(event);
        }
    }

    fn seconds(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    fn played(scenario: &Scenario, to: Instant) -> History<Watcher> {
        let mut history = History::new(scenario, 1, Watcher::default());
        history.advance(to);
        history.spectator_mut().0.pass(to);
        history
    }

    /// The last value of each curve.
    fn last(history: &History<Watcher>) -> Vec<(StripKind, Vec<Option<u64>>)> {
        let strips = history.spectator().0.strips(history.scenario());
        strips
            .into_iter()
            .map(|strip| {
                let values =
                    strip.curves.iter().map(|curve| curve.values.last().copied().flatten()).collect();
                (strip.kind, values)
            })
            .collect()
    }

    /// The depths are what the broker says of its queues, whatever happens in a lesson, at every moment.
    #[test]
    fn depths_are_those_of_the_broker() {
        for lesson in lessons::all() {
            let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
            let mut history = History::new(&scenario, 1, Watcher::default());
            for second in 0..40 {
                history.advance(seconds(second));
                let depths = last(&history);
                for (kind, values) in depths {
                    let StripKind::Depth(name) = kind else { continue };
                    let counts = history.world().broker().queue_counts("/", &name).unwrap_or_default();
                    assert_eq!(
                        values,
                        [Some(counts.0), Some(counts.1)],
                        "{} {name} at {second} s",
                        lesson.id
                    );
                }
            }
        }
    }

    /// One message every 250 ms, each worked on for 100 ms, and 50 ms on the way to and fro.
    #[test]
    fn rates_waits_and_shares_are_what_the_scenario_makes_them() {
        let scenario = Scenario {
            network: warren_sim::NetworkPlan { latency: Duration::from_millis(50), ..Default::default() },
            queues: vec![Queue::new("q")],
            producers: vec![Producer {
                interval: Lapse::Fixed(Duration::from_millis(250)),
                ..Producer::new("p", "q", 1_000)
            }],
            consumers: vec![Consumer {
                work: Some(Lapse::Fixed(Duration::from_millis(100))),
                ..Consumer::new("c", "q")
            }],
            ..Scenario::new("steady")
        };
        let history = played(&scenario, seconds(20));
        let found = last(&history);
        let of = |index: usize| found[index].1.clone();
        assert_eq!(of(1), [Some(4_000), Some(4_000), Some(4_000)], "thousandths of a message per second");
        let waits: Vec<u64> = of(2).into_iter().flatten().collect();
        assert!(waits.iter().all(|us| us.abs_diff(200_000) * 12 <= 200_000), "µs: {waits:?}");
        assert_eq!(of(3), [Some(400)], "thousandths of the time");
    }

    /// However long it is played there are not more buckets, and none of what they count is lost.
    #[test]
    fn buckets_become_wider_and_lose_nothing() {
        let scenario = Scenario {
            queues: vec![Queue::new("q")],
            producers: vec![Producer::new("p", "q", 700)],
            ..Scenario::new("long")
        };
        let chart = played(&scenario, seconds(10_000)).spectator().0.clone();
        assert!(chart.over.len() < MOST_BUCKETS);
        let published: u32 = chart.over.iter().map(|bucket| bucket.published).sum();
        assert_eq!(published + chart.current.published, 700);
        let depth = chart.strips(&scenario)[0].curves[0].values.last().copied();
        assert_eq!(depth, Some(Some(700)));
    }

    /// The charts are rewound with the world: whoever comes back sees the same.
    #[test]
    fn a_chart_is_the_same_after_a_rewind() {
        let lesson = lessons::find("crash-with-ack").expect("a lesson");
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let straight = played(&scenario, seconds(12));
        let mut history = played(&scenario, seconds(25));
        history.seek(seconds(3));
        history.seek(seconds(12));
        history.spectator_mut().0.pass(seconds(12));
        assert_eq!(last(&straight), last(&history));
    }
}
