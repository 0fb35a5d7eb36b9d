//! Which faults there are in a run, how often and when.

use std::time::Duration;

use warren_core::wire::{FieldTable, FieldValue};

use super::dice::Dice;
use crate::{ClockJump, Direction, Fault, Mishap, Reconnect, Scenario, Unsynced};

/// The scenario as a seed has it: with its own faults and those that the seed adds, with clients that come back, on a
/// network that is not always the same.
#[must_use]
pub fn swarm(scenario: &Scenario, seed: u64) -> Scenario {
    let mut dice = Dice::new(seed ^ 0x5357_4152_4D21);
    let mut swarmed = scenario.clone();
    settings(&mut swarmed, &mut dice);
    for kind in KINDS {
        if dice.percent(kind.percent) && (kind.fits)(scenario) {
            for _ in 0..dice.number(1, kind.most) {
                let at = moment(scenario, &mut dice);
                swarmed.faults.extend((kind.strike)(scenario, at, &mut dice));
            }
        }
    }
    swarmed.faults.sort_by_key(|fault| fault.at);
    if swarmed.faults.iter().any(|fault| matches!(fault.what, Mishap::Silence { .. }))
        && swarmed.network.heartbeat.is_zero()
    {
        swarmed.network.heartbeat = Duration::from_secs(dice.number(1, 5));
    }
    swarmed
}

/// One kind of fault.
struct Kind {
    /// In how many of a hundred runs there is any of it.
    percent: u64,
    /// How often it strikes at most.
    most: u64,
    fits: fn(&Scenario) -> bool,
    strike: fn(&Scenario, Duration, &mut Dice) -> Vec<Fault>,
}

const KINDS: [Kind; 17] = [
    Kind { percent: 40, most: 4, fits: any, strike: crash },
    Kind { percent: 40, most: 4, fits: any, strike: cut },
    Kind { percent: 20, most: 3, fits: any, strike: close },
    Kind { percent: 15, most: 2, fits: any, strike: silence },
    Kind { percent: 25, most: 3, fits: any, strike: partition },
    Kind { percent: 20, most: 3, fits: any, strike: slow },
    Kind { percent: 20, most: 2, fits: has_consumers, strike: tire },
    Kind { percent: 10, most: 2, fits: any, strike: jump },
    Kind { percent: 40, most: 3, fits: any, strike: crash_broker },
    Kind { percent: 15, most: 2, fits: any, strike: stop_broker },
    Kind { percent: 20, most: 2, fits: has_disk, strike: slow_disk },
    Kind { percent: 15, most: 2, fits: has_disk, strike: full_disk },
    Kind { percent: 10, most: 1, fits: has_disk, strike: failing_write },
    Kind { percent: 5, most: 1, fits: has_disk, strike: flipped_bit },
    Kind { percent: 15, most: 2, fits: any, strike: low_memory },
    Kind { percent: 10, most: 2, fits: has_queues, strike: policy },
    Kind { percent: 12, most: 2, fits: has_queues, strike: delete_or_purge },
];

fn settings(scenario: &mut Scenario, dice: &mut Dice) {
    let again = Reconnect { after: dice.millis(50, 500), up_to: dice.millis(500, 4_000) };
    for producer in &mut scenario.producers {
        producer.reconnect.get_or_insert(again);
        if producer.reply_to.is_some() && producer.timeout.is_zero() {
            producer.timeout = Duration::from_secs(5);
        }
    }
    for consumer in &mut scenario.consumers {
        consumer.reconnect.get_or_insert(again);
    }
    if dice.percent(50) {
        scenario.network.jitter = dice.millis(1, 50);
    }
    if dice.percent(10) && scenario.network.bandwidth == 0 {
        scenario.network.bandwidth = dice.number(10_000, 100_000);
    }
    if scenario.disk.is_some() && dice.percent(40) {
        scenario.broker.segment.get_or_insert(16 << 10);
        let budget = *scenario.broker.memory_budget.get_or_insert(dice.number(1, 4) << 10);
        scenario.broker.disk_backlog.get_or_insert(budget);
    }
    // Work that others see between its slices.
    if dice.percent(25) {
        scenario.broker.work_per_input.get_or_insert(dice.number(1, 100));
    }
}

fn any(scenario: &Scenario) -> bool {
    scenario.actor_names().next().is_some()
}

fn has_consumers(scenario: &Scenario) -> bool {
    !scenario.consumers.is_empty()
}

fn has_disk(scenario: &Scenario) -> bool {
    scenario.disk.is_some()
}

fn has_queues(scenario: &Scenario) -> bool {
    scenario.queues.iter().any(|queue| !queue.exclusive)
}

fn moment(scenario: &Scenario, dice: &mut Dice) -> Duration {
    let until_us = u64::try_from(scenario.until.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(dice.number(0, until_us))
}

/// How long something lasts: mostly short.
fn while_it_lasts(dice: &mut Dice) -> Duration {
    if dice.percent(70) { dice.millis(10, 1_000) } else { dice.millis(1_000, 10_000) }
}

fn someone(scenario: &Scenario, dice: &mut Dice) -> String {
    let names: Vec<&str> = scenario.actor_names().collect();
    dice.word(&names)
}

fn way(dice: &mut Dice) -> Option<Direction> {
    [None, Some(Direction::ToBroker), Some(Direction::ToClient)]
        [usize::try_from(dice.number(0, 2)).unwrap_or(0)]
}

fn crash(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let actor = someone(scenario, dice);
    let back_at = at + while_it_lasts(dice);
    vec![
        Fault { at, what: Mishap::Crash { actor: actor.clone() } },
        Fault { at: back_at, what: Mishap::Revive { actor } },
    ]
}

fn cut(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let (actor, way) = (someone(scenario, dice), way(dice));
    let frames = if way.is_none() { 0 } else { u32::try_from(dice.number(0, 6)).unwrap_or_default() };
    let torn = way.is_some() && dice.percent(50);
    vec![Fault { at, what: Mishap::Cut { actor, way, frames, torn } }]
}

fn close(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    vec![Fault { at, what: Mishap::Close { actor: someone(scenario, dice) } }]
}

fn silence(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    vec![Fault { at, what: Mishap::Silence { actor: someone(scenario, dice) } }]
}

fn partition(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let (actor, way, lasts) = (someone(scenario, dice), way(dice), while_it_lasts(dice));
    vec![Fault { at, what: Mishap::Partition { actor, way, lasts } }]
}

fn slow(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let (actor, latency, lasts) = (someone(scenario, dice), dice.millis(10, 2_000), while_it_lasts(dice));
    let bandwidth = if dice.percent(50) { dice.number(1_000, 50_000) } else { 0 };
    vec![Fault { at, what: Mishap::Slow { actor, latency, bandwidth, lasts } }]
}

fn tire(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let names: Vec<&str> = scenario.consumers.iter().map(|consumer| consumer.name.as_str()).collect();
    let actor = dice.word(&names);
    let times = u32::try_from(dice.number(2, 20)).unwrap_or(2);
    vec![Fault { at, what: Mishap::Tire { actor, times, lasts: while_it_lasts(dice) } }]
}

fn jump(_: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let by = ClockJump { by: Duration::from_secs(dice.number(1, 7_200)), is_back: dice.percent(50) };
    vec![Fault { at, what: Mishap::ClockJump { by } }]
}

fn crash_broker(_: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let kinds = [Unsynced::Lost, Unsynced::Torn, Unsynced::Kept];
    let unsynced = dice.pick(&kinds).copied().unwrap_or_default();
    let back_at = at + while_it_lasts(dice);
    vec![
        Fault { at, what: Mishap::CrashBroker { unsynced } },
        Fault { at: back_at, what: Mishap::StartBroker },
    ]
}

fn stop_broker(_: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let back_at = at + Duration::from_millis(100) + while_it_lasts(dice);
    vec![Fault { at, what: Mishap::StopBroker }, Fault { at: back_at, what: Mishap::StartBroker }]
}

fn slow_disk(_: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let times = u32::try_from(dice.number(2, 50)).unwrap_or(2);
    vec![Fault { at, what: Mishap::SlowDisk { times, lasts: while_it_lasts(dice) } }]
}

fn full_disk(_: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    vec![Fault { at, what: Mishap::FullDisk { lasts: while_it_lasts(dice) } }]
}

fn failing_write(_: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let back_at = at + while_it_lasts(dice);
    vec![Fault { at, what: Mishap::FailingWrite }, Fault { at: back_at, what: Mishap::StartBroker }]
}

/// Nobody would notice before the broker reads its disk.
fn flipped_bit(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let mut faults = crash_broker(scenario, at, dice);
    faults.push(Fault { at, what: Mishap::FlippedBit });
    faults
}

fn low_memory(_: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    vec![Fault { at, what: Mishap::LowMemory { lasts: while_it_lasts(dice) } }]
}

fn policy(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let (key, value) = match dice.number(0, 2) {
        // It would be published for ever to a queue that refuses it.
        0 if has_refusing_queue_that_nobody_empties(scenario) => ("message-ttl", dice.number(1, 20)),
        0 => ("max-length", dice.number(1, 20)),
        1 => ("message-ttl", dice.number(10, 5_000)),
        _ => ("delivery-limit", dice.number(1, 5)),
    };
    let value = FieldValue::I64(i64::try_from(value).unwrap_or_default());
    let pattern = dice.word(&[".*", "^q1", "^orders"]);
    vec![Fault { at, what: Mishap::Policy { pattern, definition: FieldTable::from([(key, value)]) } }]
}

fn has_refusing_queue_that_nobody_empties(scenario: &Scenario) -> bool {
    scenario.queues.iter().any(|queue| {
        queue.arguments.get("x-overflow").is_some()
            && !scenario.consumers.iter().any(|consumer| consumer.queue == queue.name)
    })
}

fn delete_or_purge(scenario: &Scenario, at: Duration, dice: &mut Dice) -> Vec<Fault> {
    let shared = scenario.queues.iter().filter(|queue| !queue.exclusive);
    let names: Vec<&str> = shared.map(|queue| queue.name.as_str()).collect();
    let queue = dice.word(&names);
    let what = if dice.percent(50) { Mishap::DeleteQueue { queue } } else { Mishap::PurgeQueue { queue } };
    vec![Fault { at, what }]
}
