//! Disks that flip bits, fill up, fail and lie.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use warren_core::{
    Config, DiskAction, DiskResult, Input, Random, SegmentId, SyncPolicy,
    journal::{DiskFailure, Lost, repair},
    wire::{FieldTable, Method},
};
use warren_sim::{Disk, Survival};

use crate::{
    promise,
    rig::{Heard, Rig, config},
    workload::Workload,
};

#[test]
fn every_flipped_bit_is_found() {
    let mut workload = Workload::new(7, config());
    workload.run(60, &mut |_, _, _| {});
    workload.finish(&mut |_, _, _| {});
    let disk = workload.rig.disk;
    let mut found = 0;
    for (segment, bytes) in disk.files().into_iter().filter(|(file, _)| *file != SegmentId::BOUNDS) {
        for bit in (0..bytes * 8).step_by(3) {
            let mut damaged = disk.clone();
            damaged.flip(segment, bit);
            let damage = damaged.recover(Rig::start()).err().expect("damage");
            assert_eq!(damage.segment, segment, "{damage}");
            assert!(damage.offset <= bit / 8, "{damage}, and the bit is in byte {}", bit / 8);
            found += 1;
        }
    }
    assert!(found > 5000, "{found} found");
    // Of the bounds there are two, and one is enough.
    for bit in 0..64 * 8 {
        let mut damaged = disk.clone();
        damaged.flip(SegmentId::BOUNDS, bit);
        match damaged.recover(Rig::start()) {
            Ok(recovered) => assert_eq!(recovered.report.cut, None),
            Err(damage) => assert!(damage.what.contains("missing"), "{damage}"),
        }
    }
}

#[test]
fn a_full_disk_blocks_publishers_until_there_is_space() {
    let mut rig = Rig::new(config(), Disk::default()).expect("an empty disk");
    let [publisher, consumer] = [rig.connect(1), rig.connect(1)];
    rig.declare(publisher, "q", FieldTable::default());
    rig.say(publisher, 1, &Method::ConfirmSelect { nowait: false });
    rig.settle();
    rig.fill(publisher, "q", 0..10, 100);
    rig.settle();
    while rig.hear(publisher).is_some() {}
    rig.disk.set_capacity(Some(rig.disk.bytes() + 100));
    rig.fill(publisher, "q", 10..15, 100);
    rig.settle();
    rig.fill(publisher, "q", 15..20, 100);
    rig.settle();
    assert_eq!(rig.hear(publisher), Some(Heard::Blocked("low on disk".into())));
    assert_eq!(rig.hear(publisher), None, "nothing is confirmed while the disk is full");
    assert!(rig.paused);
    // Consumers go on.
    rig.say(consumer, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: true });
    assert!(matches!(rig.hear_in_time(consumer), Some(Heard::Got { .. })));
    rig.disk.set_capacity(None);
    rig.wait(1000);
    rig.settle();
    let heard: Vec<Heard> = std::iter::from_fn(|| rig.hear(publisher)).collect();
    assert_eq!(heard.first(), Some(&Heard::Unblocked));
    assert_eq!(heard.last(), Some(&Heard::Ack { number: 20, multiple: true }));
    assert!(!rig.paused);
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    let numbers: Vec<u32> = rig.take_all(client, "q").into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, (1..20).collect::<Vec<u32>>());
}

#[test]
fn a_failed_write_or_sync_halts_the_broker_and_a_restart_finds_what_was_confirmed() {
    for failing in ["write", "sync"] {
        let mut workload = Workload::new(3, config());
        workload.run(30, &mut |_, _, _| {});
        workload.finish(&mut |_, _, _| {});
        let known = workload.known.clone();
        let rig = &mut workload.rig;
        let client = rig.connect(1);
        rig.fill(client, "a", 900..901, 10);
        rig.wait(20);
        let failure = DiskFailure { full: false, text: "Input/output error".into() };
        while let Some((op, action)) = rig.pending.pop_front() {
            let fails = action.to_string().starts_with(failing);
            let result =
                if fails { DiskResult::Failed(failure.clone()) } else { rig.disk.carry_out(&action) };
            rig.handle(Input::Disk { op, result });
        }
        assert_eq!(rig.halted.as_deref(), Some("the journal cannot be written: Input/output error"));
        rig.fill(client, "a", 901..902, 10);
        assert!(rig.pending.is_empty(), "a broker that has halted wants nothing any more");
        let disk = rig.disk.after_crash(Survival::Nothing);
        let recovered = disk.recover(Rig::start()).expect("a journal without damage");
        promise::check(disk, recovered, &config(), &known).expect("nothing confirmed is lost");
    }
}

#[test]
fn a_file_that_cannot_be_deleted_halts_the_broker_before_later_ones_go() {
    let mut rig = Rig::new(config(), Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    rig.declare(client, "q", FieldTable::default());
    rig.fill(client, "q", 0..200, 100);
    rig.settle();
    rig.say(client, 1, &Method::QueuePurge { ticket: 0, queue: "q", nowait: true });
    while let Some((op, action)) = rig.pending.pop_front() {
        let failure = DiskFailure { full: false, text: "Input/output error".into() };
        let is_delete = matches!(action, DiskAction::Delete { .. });
        let result = if is_delete { DiskResult::Failed(failure) } else { rig.disk.carry_out(&action) };
        rig.handle(Input::Disk { op, result });
        rig.wait(20);
        if is_delete {
            break;
        }
    }
    assert_eq!(rig.halted.as_deref(), Some("the journal cannot be written: Input/output error"));
}

#[test]
fn a_disk_that_lies_about_syncs_is_beyond_the_promise() {
    let mut lost = 0;
    for seed in 0..5 {
        let mut workload = Workload::new(seed * 2, config());
        workload.run(10, &mut |_, _, _| {});
        workload.rig.disk.lie();
        workload.run(30, &mut |_, _, _| {});
        workload.finish(&mut |_, _, _| {});
        let disk = workload.rig.disk.after_crash(Survival::Nothing);
        // What was written before the lie may say that later parts were synced: that is damage. Else messages are gone.
        let kept = disk
            .recover(Rig::start())
            .map_err(|damage| damage.to_string())
            .and_then(|recovered| promise::check(disk, recovered, &config(), &workload.known));
        lost += u32::from(kept.is_err());
    }
    assert_eq!(lost, 5, "a disk that does not sync cannot keep the promise, and the checks must see it");
}

#[test]
fn publishes_share_a_sync() {
    let mut rig =
        Rig::new(Config { segment_bytes: 1 << 20, ..config() }, Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    rig.declare(client, "q", FieldTable::default());
    rig.say(client, 1, &Method::ConfirmSelect { nowait: false });
    rig.settle();
    while rig.hear(client).is_some() {}
    // The first goes alone; what comes while it is on its way shares the next.
    rig.fill(client, "q", 0..100, 20);
    let mut syncs = 0;
    while let Some((_, action)) = rig.pending.front() {
        syncs += u32::from(action.to_string().starts_with("sync"));
        rig.work();
    }
    assert_eq!(syncs, 2);
    assert_eq!(rig.hear(client), Some(Heard::Ack { number: 1, multiple: false }));
    assert_eq!(rig.hear(client), Some(Heard::Ack { number: 100, multiple: true }));
}

#[test]
fn what_a_confirm_means_is_a_setting() {
    let second = std::time::Duration::from_secs(1);
    let cases = [
        (SyncPolicy::Always, "confirmed after write and sync"),
        (SyncPolicy::Interval(second), "confirmed after write"),
        (SyncPolicy::Never, "confirmed after write"),
    ];
    for (sync, expected) in cases {
        let mut rig = Rig::new(Config { sync, ..config() }, Disk::default()).expect("an empty disk");
        let client = rig.connect(1);
        rig.declare(client, "q", FieldTable::default());
        rig.say(client, 1, &Method::ConfirmSelect { nowait: false });
        rig.settle();
        while rig.hear(client).is_some() {}
        rig.fill(client, "q", 0..1, 20);
        let mut done = Vec::new();
        while rig.hear(client).is_none() {
            let action = rig.pending.front().map(|(_, action)| action.to_string());
            let action = action.expect("something to do before the confirm");
            done.push(action.split(' ').next().unwrap_or_default().to_owned());
            rig.work();
        }
        assert_eq!(format!("confirmed after {}", done.join(" and ")), expected, "{sync:?}");
        // A broker that is killed loses nothing under any of them.
        let killed = rig.disk.after_crash(Survival::Everything);
        let mut rig = Rig::new(config(), killed).expect("a journal without damage");
        let client = rig.connect(1);
        assert_eq!(rig.take_all(client, "q"), [(0, true)], "{sync:?}");
    }
}

#[test]
fn whatever_is_in_the_files_repair_makes_something_of_it_that_can_be_read() {
    let mut workload = Workload::new(11, config());
    workload.run(200, &mut |_, _, _| {});
    workload.finish(&mut |_, _, _| {});
    let disk = workload.rig.disk;
    let mut random = Random::new(1);
    let mut refused = 0;
    for _ in 0..300 {
        let mut damaged = disk.clone();
        let files = damaged.files();
        for _ in 0..=random.below(20) {
            let (segment, bytes) = files[random.below(files.len() as u64) as usize];
            // Lengths and kinds are hit as well as bodies, and often several of them.
            damaged.flip(segment, random.below(bytes * 8));
        }
        refused += u32::from(damaged.recover(Rig::start()).is_err());
        let (repaired, _) = repair_all(&damaged);
        let recovered = repaired.recover(Rig::start()).expect("what repair has made");
        let mut rig = Rig::with(config(), repaired, recovered);
        let client = rig.connect(1);
        rig.declare(client, "new", FieldTable::default());
        rig.fill(client, "new", 0..3, 10);
        rig.settle();
        assert_eq!(rig.take_all(client, "new").len(), 3);
        assert_eq!(rig.halted, None);
    }
    assert!(refused > 250, "only {refused} of 300 were refused");
}

/// What `warren journal repair` does.
pub(crate) fn repair_all(damaged: &Disk) -> (Disk, Vec<Lost>) {
    let mut files = BTreeMap::new();
    damaged.save(|file, bytes| drop(files.insert(file, bytes.to_vec())));
    let names: Vec<SegmentId> = files.keys().copied().collect();
    let mut repaired = Disk::default();
    let lost = repair(
        &names,
        |file| Ok::<_, Infallible>(files[&file].clone()),
        |segment, bytes| {
            repaired.carry_out(&DiskAction::Create { segment });
            repaired.carry_out(&DiskAction::Write { segment, offset: 0, bytes: Arc::new(bytes.to_vec()) });
            repaired.carry_out(&DiskAction::Sync { segment });
            Ok(())
        },
    );
    (repaired, lost.expect("no file fails"))
}
