//! A crash before and after every disk operation, and in the middle of every write, at every byte.

use std::{collections::BTreeMap, ops::Range};

use warren_core::{
    Config, DiskAction, Random, SyncPolicy,
    wire::{FieldTable, FieldValue, Method},
};
use warren_sim::{Disk, Survival};

use crate::{
    promise,
    rig::{Rig, config},
    workload::{Knowledge, Workload},
};

/// Crash points that were tried, and what was wrong with the first that broke a promise.
#[derive(Default)]
struct Tried {
    points: u64,
    states: u64,
    /// How often each kind of operation was next.
    operations: BTreeMap<&'static str, u64>,
    wrong: String,
}

/// How many bytes lie between two places where a write is torn.
#[derive(Clone, Copy)]
struct Stride(u64);

#[test]
fn no_crash_of_a_small_workload_breaks_a_promise() {
    let tried = crash(&config(), soak(0..30), 40, Stride(1));
    assert!(tried.points > 100_000, "only {} crash points", tried.points);
}

#[test]
fn no_crash_of_a_long_workload_breaks_a_promise() {
    let tried = crash(&config(), soak(100..104), 400, Stride(199));
    for operation in ["create", "write", "sync", "read", "delete"] {
        assert!(tried.operations.contains_key(operation), "nothing to {operation} in {:?}", tried.operations);
    }
}

/// The record of a reject in a transaction used to stand before that of the dead letter, and a torn write kept one of them.
#[test]
fn a_dead_letter_of_a_transaction_is_in_one_of_its_queues() {
    let (mut rig, client) = rejecting();
    rig.say(client, 1, &Method::TxSelect {});
    rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "work", no_ack: false });
    rig.say(client, 1, &Method::TxCommit {});
    rig.settle();
    rig.say(client, 1, &Method::BasicReject { delivery_tag: 1, requeue: false });
    rig.say(client, 1, &Method::TxCommit {});
    tear_next_write(&mut rig, |rig, client| {
        [rig.take_all(client, "work").len(), rig.take_all(client, "dead").len()].iter().sum::<usize>() == 1
    });
}

/// The end of a queue used to be recorded before what it had given up just before.
#[test]
fn a_dead_letter_of_a_queue_that_is_deleted_is_in_one_of_its_queues() {
    let (mut rig, client) = rejecting();
    rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "work", no_ack: false });
    rig.settle();
    let mut bytes = Vec::new();
    Method::BasicReject { delivery_tag: 1, requeue: false }.encode(1, &mut bytes);
    Method::QueueDelete { ticket: 0, queue: "work", if_unused: false, if_empty: false, nowait: true }
        .encode(1, &mut bytes);
    rig.bytes(client, &bytes);
    rig.wait(20);
    tear_next_write(&mut rig, |rig, client| {
        rig.declare(client, "work", FieldTable::from(dead_letters()));
        rig.settle();
        while rig.hear(client).is_some() {}
        [rig.take_all(client, "work").len(), rig.take_all(client, "dead").len()].iter().sum::<usize>() >= 1
    });
}

fn dead_letters() -> [(&'static str, FieldValue); 2] {
    let text = |text: &str| FieldValue::LongStr(text.as_bytes().into());
    [("x-dead-letter-exchange", text("")), ("x-dead-letter-routing-key", text("dead"))]
}

/// A message in queue `work`, whose dead letters go to queue `dead`.
fn rejecting() -> (Rig, usize) {
    let mut rig = Rig::new(config(), Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    rig.declare(client, "work", FieldTable::from(dead_letters()));
    rig.declare(client, "dead", FieldTable::default());
    rig.fill(client, "work", 0..1, 20);
    rig.settle();
    (rig, client)
}

/// Cuts the power in the middle of the next write, at every byte.
fn tear_next_write(rig: &mut Rig, holds: impl Fn(&mut Rig, usize) -> bool) {
    let Some((_, action)) = rig.pending.front() else { panic!("nothing is written") };
    rig.disk.carry_out(action);
    let bytes = rig.disk.unsynced()[0];
    for at in 0..=bytes {
        let disk = rig.disk.after_crash(Survival::Some { kept: 0, torn: 0, at });
        let mut rig = Rig::new(config(), disk).expect("a journal without damage");
        let client = rig.connect(1);
        assert!(holds(&mut rig, client), "after {at} of {bytes} bytes");
    }
}

/// Seed 115: messages that cleaning had moved, and later ones of the same queue, stood in one segment by turns. Recovery
/// took them for one line, and put message 52 before message 45.
#[test]
fn moved_messages_keep_their_places_among_others() {
    crash(&config(), 115..116, 400, Stride(199));
}

/// Snapshots and cleaning, among other things, go on while clients do.
#[test]
fn no_crash_between_slices_breaks_a_promise() {
    let sliced = Config { work_per_input: 30, ..config() };
    let tried = crash(&sliced, soak(400..404), 300, Stride(397));
    for operation in ["create", "write", "sync", "read", "delete"] {
        assert!(tried.operations.contains_key(operation), "nothing to {operation} in {:?}", tried.operations);
    }
}

/// Each life of a broker begins with what the crash of the one before has left.
#[test]
fn no_crash_after_crashes_breaks_a_promise() {
    for seed in soak(200..230) {
        let mut random = Random::new(seed);
        let mut workload = Workload::new(seed, config());
        for life in 0..6 {
            workload.run(20 + random.below(60) as u32, &mut |_, _, _| {});
            let writes = workload.rig.disk.unsynced().len() as u64;
            let survival = match random.below(3) {
                0 => Survival::Nothing,
                1 => Survival::Everything,
                _ => Survival::Some { kept: u64::MAX, torn: writes.saturating_sub(1), at: random.below(400) },
            };
            let disk = workload.rig.disk.after_crash(survival);
            let recover = || disk.recover(Rig::start()).map_err(|damage| damage.to_string());
            let contents = recover()
                .and_then(|recovered| promise::check(disk.clone(), recovered, &config(), &workload.known));
            let contents = contents.unwrap_or_else(|broken| panic!("seed {seed}, life {life}: {broken}"));
            let recovered = recover().expect("a journal without damage");
            workload = workload.go_on(Rig::with(config(), disk.clone(), recovered), &contents);
        }
    }
}

/// Without a sync for every commit a power cut may take confirmed messages, and keep any of the writes since the last
/// sync: what is left is the beginning of what was all the same.
#[test]
fn relaxed_settings_lose_the_end_and_nothing_else() {
    let relaxed = [SyncPolicy::Interval(std::time::Duration::from_millis(50)), SyncPolicy::Never];
    let mut subsets = 0;
    for (seed, sync) in soak(300..312).flat_map(|seed| relaxed.map(|sync| (seed, sync))) {
        let config = || Config { sync, ..config() };
        let mut random = Random::new(seed);
        let mut workload = Workload::new(seed, config());
        let mut watch = |disk: &Disk, _: Option<&DiskAction>, known: &Knowledge| {
            let writes = disk.unsynced();
            let torn = random.below(writes.len() as u64 + 1);
            let at = writes.get(torn as usize).map_or(0, |bytes| random.below(*bytes));
            let survival = Survival::Some { kept: random.next_u64(), torn, at };
            subsets += u32::from(writes.len() > 2);
            let disk = disk.after_crash(survival);
            let recovered = disk.recover(Rig::start()).map_err(|damage| damage.to_string());
            let checked = recovered.and_then(|recovered| promise::check(disk, recovered, &config(), known));
            assert_eq!(checked.err(), None, "seed {seed}, {sync:?}, {survival:?}");
        };
        workload.run(120, &mut watch);
        workload.finish(&mut watch);
    }
    assert!(subsets > 100, "only {subsets} times was there more than one write to choose from");
}

fn crash(of: &Config, seeds: Range<u64>, steps: u32, stride: Stride) -> Tried {
    let mut tried = Tried::default();
    for seed in seeds {
        let mut workload = Workload::new(seed, of.clone());
        let mut last = None;
        let mut watch = |disk: &Disk, next: Option<&DiskAction>, known: &Knowledge| {
            try_crashes(disk, next, known, stride, &mut tried, &mut last);
        };
        workload.run(steps, &mut watch);
        workload.finish(&mut watch);
        assert_eq!(workload.rig.halted, None);
        assert_eq!(tried.wrong, "", "seed {seed}");
    }
    println!("{} crash points, {} states, {:?}", tried.points, tried.states, tried.operations);
    tried
}

/// `WARREN_CRASH_SEEDS=1000` tries so many instead.
fn soak(seeds: Range<u64>) -> Range<u64> {
    let count = std::env::var("WARREN_CRASH_SEEDS").ok().and_then(|count| count.parse::<u64>().ok());
    seeds.start..count.map_or(seeds.end, |count| seeds.start + count)
}

/// Records and the end of what was read.
type State = Option<(u64, u64)>;

fn try_crashes(
    disk: &Disk,
    next: Option<&DiskAction>,
    known: &Knowledge,
    stride: Stride,
    tried: &mut Tried,
    last: &mut State,
) {
    *last = None;
    for survival in [Survival::Nothing, Survival::Everything] {
        try_crash(&disk.after_crash(survival), known, tried, last);
    }
    let Some(action) = next else { return };
    *tried.operations.entry(word(action)).or_default() += 1;
    let DiskAction::Write { .. } = action else { return };
    let mut writing = disk.clone();
    writing.carry_out(action);
    let writes = writing.unsynced();
    let Some((torn, &bytes)) = writes.iter().enumerate().next_back() else { return };
    for at in (0..=bytes).step_by(stride.0 as usize) {
        for kept in [0, u64::MAX] {
            let survival = Survival::Some { kept, torn: torn as u64, at };
            try_crash(&writing.after_crash(survival), known, tried, last);
            if torn == 0 {
                break;
            }
        }
    }
}

fn word(action: &DiskAction) -> &'static str {
    match action {
        DiskAction::Create { .. } => "create",
        DiskAction::Write { .. } => "write",
        DiskAction::Sync { .. } => "sync",
        DiskAction::Read { .. } => "read",
        DiskAction::Delete { .. } => "delete",
    }
}

fn try_crash(disk: &Disk, known: &Knowledge, tried: &mut Tried, last: &mut State) {
    tried.points += 1;
    if !tried.wrong.is_empty() {
        return;
    }
    let recovered = match disk.recover(Rig::start()) {
        Ok(recovered) => recovered,
        Err(damage) => {
            tried.wrong = damage.to_string();
            return;
        }
    };
    // Of one write, the same records lead to the same state.
    let cut = recovered.report.cut.as_ref().map(|cut| cut.offset);
    let state = cut.map(|offset| (recovered.report.records, offset));
    if state.is_some() && *last == state {
        return;
    }
    *last = state;
    tried.states += 1;
    if let Err(broken) = promise::check(disk.clone(), recovered, &config(), known) {
        tried.wrong = broken;
    }
}
