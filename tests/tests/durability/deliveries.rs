//! Quorum queues count deliveries, and a crash does not make them forget those that were open.

use warren_core::{
    Config, Input,
    wire::{FieldTable, FieldValue, Method},
};
use warren_sim::{Disk, Survival};

use crate::rig::{Heard, Rig, config, number, start, text};

/// What clients have at a crash counts as come back, as if their channels had been closed (RabbitMQ); in the next crash it
/// does not count once more, unless it was delivered again.
#[test]
fn deliveries_that_were_open_at_a_crash_count() {
    let (mut rig, client) = start();
    rig.declare(client, "q", quorum(20));
    rig.fill(client, "q", 0..4, 20);
    rig.settle();
    for _ in 0..3 {
        get(&mut rig, client, "q");
    }
    // One of them comes back before the crash, and is with nobody then; another is acked.
    rig.say(client, 1, &Method::BasicReject { delivery_tag: 2, requeue: true });
    rig.say(client, 1, &Method::BasicAck { delivery_tag: 3, multiple: false });
    rig.settle();
    assert_eq!(counts_after_crash(&rig), [(0, Some(1), Some(1)), (1, Some(1), Some(1)), (3, None, None)]);
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    get(&mut rig, client, "q");
    rig.settle();
    for _ in 0..3 {
        assert_eq!(counts_after_crash(&rig), [(0, Some(2), Some(2)), (1, Some(1), Some(1)), (3, None, None)]);
        rig = rig.crash(config());
        rig.settle();
    }
}

#[test]
fn a_crash_may_be_the_last_delivery_that_fails() {
    let (mut rig, client) = start();
    let mut arguments = quorum(1);
    arguments.insert("x-dead-letter-exchange", text(""));
    arguments.insert("x-dead-letter-routing-key", text("dead"));
    rig.declare(client, "q", arguments);
    rig.declare(client, "dead", FieldTable::default());
    rig.fill(client, "q", 0..3, 20);
    rig.settle();
    for _ in 0..2 {
        assert!(rig.broker.view().ready_messages("/", "dead", 9).is_empty());
        let client = rig.connect(1);
        get(&mut rig, client, "q");
        rig.settle();
        rig = rig.crash(config());
    }
    rig.settle();
    let client = rig.connect(1);
    assert_eq!(rig.take_all(client, "dead"), [(0, true)]);
    assert_eq!(rig.take_all(client, "q"), [(1, true), (2, true)]);
}

/// The records of such deliveries are in segments that go meanwhile.
#[test]
fn deliveries_that_stay_open_for_long_count_too() {
    let (mut rig, client) = start();
    rig.declare(client, "q", quorum(20));
    rig.declare(client, "busy", FieldTable::default());
    rig.fill(client, "q", 0..1, 20);
    rig.settle();
    get(&mut rig, client, "q");
    let other = rig.connect(1);
    for round in 0..30 {
        rig.fill_and_take(other, "busy", round * 20..(round + 1) * 20, 200);
    }
    assert!(rig.segments() < 10, "{} segments", rig.segments());
    assert_eq!(counts_after_crash(&rig), [(0, Some(1), Some(1))]);
}

/// Nobody takes the dead letters, and so their queue keeps them: after a stop in order they are there, and what a client has had
/// says so.
#[test]
fn a_dead_letter_that_waits_knows_whether_a_client_has_had_it() {
    let (mut rig, client) = start();
    let mut arguments = quorum(20);
    for (name, value) in [
        ("x-overflow", "reject-publish"),
        ("x-dead-letter-strategy", "at-least-once"),
        ("x-dead-letter-exchange", ""),
        ("x-dead-letter-routing-key", "nowhere"),
    ] {
        arguments.insert(name, text(value));
    }
    rig.declare(client, "q", arguments);
    rig.fill(client, "q", 0..3, 20);
    rig.settle();
    for delivery_tag in 1..=2 {
        get(&mut rig, client, "q");
        rig.say(client, 1, &Method::BasicReject { delivery_tag, requeue: false });
    }
    let mut rig = rig.restart(config());
    let client = rig.connect(1);
    assert_eq!(rig.take_all(client, "q"), [(0, true), (1, true), (2, false)]);
}

/// Segments come and go while dead letters wait (at-least-once): they are moved, with all that a restart is to know of them.
#[test]
fn dead_letters_that_wait_for_long_are_moved_and_kept() {
    let (mut rig, client) = start();
    let arguments = FieldTable::from([
        ("x-queue-type", text("quorum")),
        ("x-overflow", text("reject-publish")),
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text("nowhere")),
    ]);
    rig.declare(client, "kept", arguments);
    rig.declare(client, "busy", FieldTable::default());
    rig.settle();
    rig.fill(client, "kept", 0..5, 20);
    rig.settle();
    for delivery_tag in 1..=5 {
        rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "kept", no_ack: false });
        rig.settle();
        rig.say(client, 1, &Method::BasicReject { delivery_tag, requeue: false });
        rig.settle();
    }
    while rig.hear(client).is_some() {}
    for round in 0..30 {
        rig.fill_and_take(client, "busy", round * 20..(round + 1) * 20, 200);
    }
    assert!(rig.segments() < 10, "{} segments of 4 KiB", rig.segments());
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    let found: Vec<u32> = rig.take_all(client, "kept").iter().map(|taken| taken.0).collect();
    assert_eq!(found, [0, 1, 2, 3, 4]);
}

/// The next segment's snapshot is put together in slices, and has told of the queue before the latest messages came. All that
/// is left of those in the end is that clients had them: the next message is not taken for one of them.
#[test]
fn a_delivery_is_not_counted_for_a_later_message() {
    let sliced = Config { work_per_input: 12, ..config() };
    let mut rig = Rig::new(sliced, Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    rig.declare(client, "q", quorum(20));
    (0..40).for_each(|i| rig.declare(client, &format!("other{i}"), FieldTable::default()));
    rig.settle();
    while !rig.broker.has_work() {
        rig.fill(client, "q", 0..1, 900);
    }
    (0..12).for_each(|_| rig.handle(Input::Tick));
    rig.fill(client, "q", 0..1, 900);
    let before = rig.segments();
    while rig.broker.has_work() || rig.work() {
        rig.handle(Input::Tick);
    }
    assert_eq!(rig.segments(), before + 1, "the next segment has begun");
    let ready = rig.broker.view().totals().ready;
    (0..ready).for_each(|_| get(&mut rig, client, "q"));
    rig.fill(client, "other0", 0..1, 20);
    rig.settle();
    // Nothing is recorded of the acks, and the first segment goes by them.
    rig.say(client, 1, &Method::BasicAck { delivery_tag: 0, multiple: true });
    while rig.broker.has_work() || rig.work() {
        rig.handle(Input::Tick);
    }
    assert_eq!(rig.segments(), before, "the first segment is gone");

    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    rig.fill(client, "q", 1..2, 20);
    rig.settle();
    assert_eq!(counts_after_crash(&rig), [(1, None, None)]);
}

fn quorum(limit: i32) -> FieldTable {
    FieldTable::from([("x-queue-type", text("quorum")), ("x-delivery-limit", FieldValue::I32(limit))])
}

fn get(rig: &mut Rig, client: usize, queue: &str) {
    rig.say(client, 1, &Method::BasicGet { ticket: 0, queue, no_ack: false });
    while !matches!(rig.hear_in_time(client), Some(Heard::Got { .. })) {}
}

/// The messages of queue `q` as another broker would find them now, with what they say of their deliveries.
fn counts_after_crash(rig: &Rig) -> Vec<(u32, Option<i64>, Option<i64>)> {
    let disk = rig.disk.after_crash(Survival::Nothing);
    let mut rig = Rig::new(config(), disk).expect("a journal without damage");
    let client = rig.connect(1);
    let mut found = Vec::new();
    loop {
        rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: true });
        let Some(Heard::Got { body, .. }) = rig.hear_in_time(client) else { return found };
        let count = |header: &str| rig.headers(client).get(header).and_then(FieldValue::as_integer);
        found.push((number(&body), count("x-acquired-count"), count("x-delivery-count")));
    }
}
