//! From buckets to curves: one strip for each queue, one for rates, one for waits, one for each consumer.

use warren_sim::{
    ActorId, Scenario,
    warren_core::{Name, ordered::sort_by},
};

use super::{Bucket, Chart};

/// Rates and shares are taken over so many buckets, so that single messages do not make spikes.
const WINDOW: usize = 20;
/// A percentile wants more messages than a rate.
const WAITS_WINDOW: usize = 40;
/// More queues, or more consumers, nobody looks at: those where most happens are shown.
const MOST_STRIPS: usize = 12;

/// What a strip is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum StripKind {
    /// How many messages a queue has.
    Depth(Name),
    /// How many messages pass, in thousandths of a message per second.
    Rates,
    /// How long it takes from publish to ack, in µs.
    Waits,
    /// How much of the time a consumer has a message in hand, in thousandths.
    Work(ActorId),
}

/// Curves that share an axis.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Strip {
    pub(crate) kind: StripKind,
    pub(crate) curves: Vec<Curve>,
}

/// One value for each bucket.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Curve {
    /// What it is called in the page's HTML.
    pub(crate) id: &'static str,
    pub(crate) values: Vec<Option<u64>>,
}

impl Chart {
    /// How wide a bucket is, in µs.
    pub(crate) const fn width_us(&self) -> u64 {
        self.width_us
    }

    /// Everything that can be drawn of a scenario: its queues and consumers in their order.
    pub(crate) fn strips(&self, scenario: &Scenario) -> Vec<Strip> {
        let buckets: Vec<&Bucket> = self.over.iter().map(|bucket| &**bucket).collect();
        let windows = self.windows(&buckets, WINDOW);
        let depths = scenario.queues.iter().map(|queue| self.depth(Name::from(queue.name.as_str())));
        let work = (scenario.producers.len()..).take(scenario.consumers.len());
        let work = work.filter_map(|actor| Some(self.work(&windows, ActorId(u32::try_from(actor).ok()?))));
        let (depths, work) = (liveliest(depths.collect()), liveliest(work.collect()));
        [depths, vec![self.rates(&windows), waits(&self.windows(&buckets, WAITS_WINDOW))], work].concat()
    }

    /// Each bucket together with those just before it, `most` in all, and how long they are, in µs.
    fn windows(&self, buckets: &[&Bucket], most: usize) -> Vec<(Bucket, u64)> {
        let window = |index: usize| {
            let first = (index + 1).saturating_sub(most);
            let mut sum = Bucket::default();
            buckets[first..=index].iter().for_each(|bucket| sum.count(bucket));
            (sum, (index + 1 - first) as u64 * self.width_us)
        };
        (0..buckets.len()).map(window).collect()
    }

    fn depth(&self, queue: Name) -> Strip {
        let column = self.queues.get(&queue).copied();
        let buckets = || self.over.iter().map(|bucket| &**bucket).chain([&self.current]);
        let depths = || buckets().map(|bucket| column.and_then(|column| bucket.depths.get(column)));
        let ready = depths().map(|depth| Some(depth.map_or(0, |(ready, _)| *ready))).collect();
        let unacked = depths().map(|depth| Some(depth.map_or(0, |(_, unacked)| *unacked))).collect();
        let curves = vec![Curve { id: "ready", values: ready }, Curve { id: "unacked", values: unacked }];
        Strip { kind: StripKind::Depth(queue), curves }
    }

    fn rates(&self, windows: &[(Bucket, u64)]) -> Strip {
        let curve = |id, pick: fn(&Bucket) -> u32| {
            let per_second = |(sum, us): &(Bucket, u64)| Some(u64::from(pick(sum)) * 1_000_000_000 / us);
            Curve { id, values: windows.iter().map(per_second).collect() }
        };
        let curves = vec![
            curve("published", |sum| sum.published),
            curve("delivered", |sum| sum.delivered),
            curve("acked", |sum| sum.acked),
        ];
        Strip { kind: StripKind::Rates, curves }
    }

    fn work(&self, windows: &[(Bucket, u64)], actor: ActorId) -> Strip {
        let column = self.workers.get(&actor).map(|worker| worker.column);
        let share = |(sum, us): &(Bucket, u64)| {
            let busy_us = column.and_then(|column| sum.busy_us.get(column)).copied().unwrap_or(0);
            Some((busy_us * 1_000 / us).min(1_000))
        };
        let values = windows.iter().map(share).collect();
        Strip { kind: StripKind::Work(actor), curves: vec![Curve { id: "busy", values }] }
    }
}

fn waits(windows: &[(Bucket, u64)]) -> Strip {
    let curve = |id, percent| {
        let values = windows.iter().map(|(sum, _)| sum.waits.percentile(percent)).collect();
        Curve { id, values }
    };
    Strip { kind: StripKind::Waits, curves: vec![curve("p50", 50), curve("p99", 99)] }
}

impl Strip {
    /// The largest value of all.
    pub(crate) fn top(&self) -> u64 {
        self.curves.iter().flat_map(|curve| &curve.values).flatten().copied().max().unwrap_or(0)
    }
}

/// Of too many strips those with the largest values, in their order.
fn liveliest(mut strips: Vec<Strip>) -> Vec<Strip> {
    let mut tops: Vec<u64> = strips.iter().map(Strip::top).collect();
    sort_by(&mut tops, u64::cmp);
    if let Some(least) = tops.iter().rev().nth(MOST_STRIPS) {
        strips.retain(|strip| strip.top() > *least);
        strips.truncate(MOST_STRIPS);
    }
    strips
}
