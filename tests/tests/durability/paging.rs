//! Queues longer than the memory budget: what is on the disk only counts, goes and comes like the rest.

use warren_core::wire::{FieldTable, FieldValue, Method, Properties};
use warren_sim::Disk;

use crate::rig::{Heard, Rig, config, persistent};

const MESSAGES: u32 = 5000;

/// A broker with a queue of many messages, of which few are in memory.
fn long_queue(arguments: FieldTable) -> (Rig, usize) {
    let config = warren_core::Config { segment_bytes: 64 << 10, memory_budget_bytes: 20 << 10, ..config() };
    let mut rig = Rig::new(config, Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    rig.declare(client, "q", arguments);
    rig.settle();
    while rig.hear(client).is_some() {}
    (rig, client)
}

fn fill(rig: &mut Rig, client: usize, properties: &Properties<'_>) {
    for number in 0..MESSAGES {
        rig.publish((client, 1), ("", "q"), properties, format!("{number} and a little more").as_bytes());
        if number % 50 == 0 {
            rig.settle();
        }
    }
    rig.settle();
    let totals = rig.broker.view().totals();
    assert!(totals.message_bytes < 512 << 10, "{} bytes in memory", totals.message_bytes);
}

#[test]
fn messages_come_back_in_order_persistent_or_not() {
    for properties in [persistent(), Properties::default()] {
        let (mut rig, client) = long_queue(FieldTable::default());
        fill(&mut rig, client, &properties);
        assert_eq!(rig.broker.view().totals().ready, u64::from(MESSAGES));
        let found: Vec<u32> = rig.take_all(client, "q").into_iter().map(|(number, _)| number).collect();
        assert_eq!(found, (0..MESSAGES).collect::<Vec<u32>>());
        rig.settle();
        assert!(rig.disk.bytes() < 80 << 10, "{} bytes are left on the disk", rig.disk.bytes());
    }
}

#[test]
fn a_consumer_gets_all_of_it() {
    let (mut rig, client) = long_queue(FieldTable::default());
    fill(&mut rig, client, &persistent());
    let consume = Method::BasicConsume {
        ticket: 0,
        queue: "q",
        consumer_tag: "c",
        no_local: false,
        no_ack: true,
        exclusive: false,
        nowait: true,
        arguments: FieldTable::default(),
    };
    rig.say(client, 1, &consume);
    for expected in 0..MESSAGES {
        match rig.hear_in_time(client) {
            Some(Heard::Delivered { body, .. }) => assert_eq!(crate::rig::number(&body), expected),
            other => panic!("{other:?} instead of message {expected}"),
        }
    }
}

#[test]
fn a_purge_counts_what_it_does_not_read() {
    let (mut rig, client) = long_queue(FieldTable::default());
    fill(&mut rig, client, &persistent());
    rig.say(client, 1, &Method::QueuePurge { ticket: 0, queue: "q", nowait: false });
    assert_eq!(rig.hear_in_time(client), Some(Heard::Ok("queue.purge-ok")));
    rig.settle();
    assert_eq!(rig.broker.view().totals().ready, 0);
    assert_eq!(rig.broker.view().totals().message_bytes, 0);
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    assert_eq!(rig.take_all(client, "q"), []);
}

#[test]
fn the_highest_priority_comes_first_wherever_it_is() {
    let priorities = FieldTable::from([("x-max-priority", FieldValue::I32(2))]);
    let (mut rig, client) = long_queue(priorities);
    for number in 0..MESSAGES {
        let properties = Properties { priority: Some((number % 3) as u8), ..persistent() };
        rig.publish((client, 1), ("", "q"), &properties, format!("{number} !").as_bytes());
        if number % 50 == 0 {
            rig.settle();
        }
    }
    rig.settle();
    let found: Vec<u32> = rig.take_all(client, "q").into_iter().map(|(number, _)| number).collect();
    let by_priority = |priority| (0..MESSAGES).filter(move |number| number % 3 == priority);
    let expected: Vec<u32> = by_priority(2).chain(by_priority(1)).chain(by_priority(0)).collect();
    assert_eq!(found, expected);
}

#[test]
fn expired_messages_go_without_having_been_in_memory() {
    let (mut rig, client) = long_queue(FieldTable::from([("x-message-ttl", FieldValue::I32(100_000))]));
    fill(&mut rig, client, &persistent());
    assert_eq!(rig.broker.view().totals().ready, u64::from(MESSAGES));
    rig.wait(101_000 + 20 * u64::from(MESSAGES));
    rig.settle();
    assert_eq!(rig.broker.view().totals().ready, 0);
}

#[test]
fn a_length_limit_drops_the_oldest() {
    let (mut rig, client) = long_queue(FieldTable::from([("x-max-length", FieldValue::I32(4000))]));
    fill(&mut rig, client, &persistent());
    rig.settle();
    let found: Vec<u32> = rig.take_all(client, "q").into_iter().map(|(number, _)| number).collect();
    assert_eq!(found, (MESSAGES - 4000..MESSAGES).collect::<Vec<u32>>());
}

#[test]
fn one_message_that_nobody_takes_does_not_keep_the_rest_on_the_disk() {
    let (mut rig, client) = long_queue(FieldTable::default());
    rig.declare(client, "forgotten", FieldTable::default());
    for round in 0..20 {
        rig.fill(client, "forgotten", round..round + 1, 20);
        rig.fill_and_take(client, "q", 0..1000, 40);
    }
    assert!(rig.disk.bytes() < 300 << 10, "{} bytes are left on the disk", rig.disk.bytes());
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    let found: Vec<u32> = rig.take_all(client, "forgotten").into_iter().map(|(number, _)| number).collect();
    assert_eq!(found, (0..20).collect::<Vec<u32>>());
}

/// Reads a stream from its beginning, and acks what comes.
fn read_stream(rig: &mut Rig, client: usize, messages: u32) -> Vec<u32> {
    rig.say(client, 1, &Method::BasicQos { prefetch_size: 0, prefetch_count: 100, global: false });
    let consume = Method::BasicConsume {
        ticket: 0,
        queue: "s",
        consumer_tag: "reader",
        no_local: false,
        no_ack: false,
        exclusive: false,
        nowait: true,
        arguments: FieldTable::from([("x-stream-offset", FieldValue::LongStr(b"first"[..].into()))]),
    };
    rig.say(client, 1, &consume);
    let mut found = Vec::new();
    while found.len() < messages as usize {
        match rig.hear_in_time(client) {
            Some(Heard::Delivered { tag, body, .. }) => {
                found.push(crate::rig::number(&body));
                rig.say(client, 1, &Method::BasicAck { delivery_tag: tag, multiple: false });
            }
            Some(_) => {}
            None => panic!("nothing after {} messages; halted: {:?}", found.len(), rig.halted),
        }
    }
    rig.say(client, 1, &Method::BasicCancel { consumer_tag: "reader", nowait: true });
    found
}

#[test]
fn streams_are_read_from_the_disk() {
    let (mut rig, client) = long_queue(FieldTable::default());
    rig.declare(client, "s", FieldTable::from([("x-queue-type", FieldValue::LongStr(b"stream"[..].into()))]));
    rig.settle();
    for start in (0..MESSAGES).step_by(50) {
        rig.fill(client, "s", start..start + 50, 60);
        rig.settle();
    }
    let everything: Vec<u32> = (0..MESSAGES).collect();
    for _ in 0..2 {
        let bytes = rig.broker.view().totals().message_bytes;
        assert!(bytes < 512 << 10, "{bytes} bytes in memory");
        assert_eq!(read_stream(&mut rig, client, MESSAGES), everything);
    }
    // What others leave behind in the same files goes, and the stream stays.
    for _ in 0..30 {
        rig.fill_and_take(client, "q", 0..1000, 40);
    }
    assert!(rig.disk.bytes() < 2 << 20, "{} bytes are left on the disk", rig.disk.bytes());
    assert_eq!(read_stream(&mut rig, client, MESSAGES), everything);
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    assert_eq!(rig.broker.view().totals().message_bytes, 0);
    assert_eq!(read_stream(&mut rig, client, MESSAGES), everything);
}
