//! What is longer than a segment of the journal: the records of one input, a transaction, the durable topology.

use warren_core::{
    Config, DiskAction, Input,
    wire::{ContentHeader, FieldTable, FieldValue, Method, encode_body},
};
use warren_sim::{Disk, Survival};

use crate::rig::{Heard, Rig, config, persistent};

/// Their records take about ten segments.
const MESSAGES: u32 = 300;

fn start(config: Config) -> (Rig, usize) {
    let mut rig = Rig::new(config, Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    rig.declare(client, "q", FieldTable::default());
    quiet(&mut rig, client);
    (rig, client)
}

fn quiet(rig: &mut Rig, client: usize) {
    rig.settle();
    while rig.hear(client).is_some() {}
}

/// Many publishes, in bytes for one input.
fn publishes(queue: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let publish = Method::BasicPublish {
        ticket: 0,
        exchange: "",
        routing_key: queue,
        mandatory: false,
        immediate: false,
    };
    let properties = persistent().to_bytes();
    for number in 0..MESSAGES {
        let body = format!("{number} {}", ".".repeat(80));
        publish.encode(1, &mut bytes);
        ContentHeader { class_id: 60, body_size: body.len() as u64, properties: &properties }
            .encode(1, &mut bytes);
        encode_body(1, 131_072, body.as_bytes(), &mut bytes);
    }
    bytes
}

/// Lets the disk work, and looks at what a power cut leaves at every operation and in the middle of every write.
/// `is_promised`: the client has been told that all is safe.
fn cut_power(rig: &mut Rig, client: usize, told: &Heard, check: impl Fn(Rig, bool)) {
    let mut is_promised = false;
    rig.wait(20);
    while let Some((_, action)) = rig.pending.front() {
        let mut torn = rig.disk.clone();
        torn.carry_out(action);
        let writes = torn.unsynced();
        let last = writes.len().saturating_sub(1) as u64;
        let places = writes.last().map_or(1, |bytes| bytes + 1);
        for at in (0..places).step_by(997) {
            let left = torn.after_crash(Survival::Some { kept: u64::MAX, torn: last, at });
            check(Rig::new(config(), left).expect("a journal without damage"), is_promised);
        }
        let left = rig.disk.after_crash(Survival::Nothing);
        check(Rig::new(config(), left).expect("a journal without damage"), is_promised);
        rig.work();
        is_promised |= std::iter::from_fn(|| rig.hear(client)).any(|heard| heard == *told);
    }
    assert!(is_promised);
}

fn numbers(rig: &mut Rig, queue: &str) -> Vec<u32> {
    let client = rig.connect(1);
    rig.take_all(client, queue).into_iter().map(|(number, _)| number).collect()
}

fn segments(rig: &Rig) -> usize {
    rig.disk.files().len() - 1
}

#[test]
fn the_records_of_one_input_go_on_in_the_next_segment() {
    let (mut rig, client) = start(config());
    rig.say(client, 1, &Method::ConfirmSelect { nowait: true });
    rig.bytes(client, &publishes("q"));
    let before = segments(&rig);
    cut_power(
        &mut rig,
        client,
        &Heard::Ack { number: MESSAGES.into(), multiple: true },
        |mut rig, is_promised| {
            let found = numbers(&mut rig, "q");
            assert_eq!(found, (0..found.len() as u32).collect::<Vec<u32>>());
            assert!(!is_promised || found.len() as u32 == MESSAGES, "{} of them", found.len());
        },
    );
    assert!(segments(&rig) >= before + 4, "{} segments", segments(&rig));
    let longest = rig.disk.files().into_iter().map(|(_, bytes)| bytes).max();
    assert!(longest < Some(3 * u64::from(config().segment_bytes)), "{longest:?} bytes in one");
    // They go together.
    let mut rig = rig.crash(config());
    assert_eq!(numbers(&mut rig, "q").len() as u32, MESSAGES);
    rig.settle();
    assert!(rig.disk.bytes() < 12 << 10, "{:?} are left", rig.disk.files());
}

#[test]
fn a_transaction_over_several_segments_counts_as_a_whole() {
    let (mut rig, client) = start(config());
    rig.say(client, 1, &Method::TxSelect {});
    rig.bytes(client, &publishes("q"));
    quiet(&mut rig, client);
    let before = segments(&rig);
    rig.say(client, 1, &Method::TxCommit {});
    cut_power(&mut rig, client, &Heard::Ok("tx.commit-ok"), |mut rig, is_promised| {
        let found = numbers(&mut rig, "q").len() as u32;
        assert!(found == MESSAGES || (found == 0 && !is_promised), "{found} of them");
        // What comes behind one that has not ended counts.
        let client = rig.connect(1);
        rig.fill(client, "q", 900..903, 20);
        rig.settle();
        assert_eq!(numbers(&mut rig.crash(config()), "q"), [900, 901, 902]);
    });
    assert!(segments(&rig) >= before + 4, "{} segments", segments(&rig));
}

#[test]
fn messages_that_expire_at_one_moment_stand_in_one_of_their_queues() {
    let mut rig = Rig::new(config(), Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    let text = |text: &str| FieldValue::LongStr(text.as_bytes().into());
    let arguments = FieldTable::from([
        ("x-message-ttl", FieldValue::I32(60_000)),
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text("dead")),
    ]);
    rig.declare(client, "work", arguments);
    rig.declare(client, "dead", FieldTable::default());
    quiet(&mut rig, client);
    rig.bytes(client, &publishes("work"));
    rig.settle();
    rig.wait(60_000);
    rig.say(client, 1, &Method::ConfirmSelect { nowait: true });
    rig.publish((client, 1), ("", "dead"), &persistent(), b"1000 ");
    cut_power(&mut rig, client, &Heard::Ack { number: 1, multiple: false }, |mut rig, is_promised| {
        rig.settle();
        let mut found: Vec<u32> =
            ["work", "dead"].into_iter().flat_map(|queue| numbers(&mut rig, queue)).collect();
        found.sort_unstable();
        found.dedup();
        assert!(found.len() as u32 >= MESSAGES + u32::from(is_promised), "{} are left", found.len());
    });
}

#[test]
fn a_transaction_that_is_too_large_is_refused_before_it_is_committed() {
    let (mut rig, client) = start(Config { max_transaction_bytes: 10_000, ..config() });
    rig.say(client, 1, &Method::TxSelect {});
    rig.bytes(client, &publishes("q"));
    let heard: Vec<Heard> = std::iter::from_fn(|| rig.hear(client)).collect();
    let text = "PRECONDITION_FAILED - transaction size 10095 is larger than configured max size 10000";
    assert_eq!(heard.last(), Some(&Heard::Closed(text.into())));
    assert!(numbers(&mut rig, "q").is_empty());
    // A smaller one goes through.
    let client = rig.connect(1);
    rig.say(client, 1, &Method::TxSelect {});
    rig.fill(client, "q", 0..20, 100);
    rig.say(client, 1, &Method::TxCommit {});
    assert_eq!(numbers(&mut rig, "q").len(), 20);
}

/// Every segment begins with the durable topology. Longer than a segment, it used to be written again with every input.
#[test]
fn topology_longer_than_a_segment_is_not_written_again_and_again() {
    let (mut rig, client) = start(config());
    for number in 0..20 {
        rig.declare(client, &format!("q{number}"), note(1000));
        rig.settle();
    }
    quiet(&mut rig, client);
    let mut made = 0;
    for number in 0..200 {
        rig.fill(client, "q", number..number + 1, 100);
        while let Some((_, action)) = rig.pending.front() {
            made += u32::from(matches!(action, DiskAction::Create { .. }));
            rig.work();
        }
        rig.handle(Input::Tick);
    }
    rig.settle();
    // 200 records of 150 bytes are less than twice as long as the topology.
    assert!(made <= 1, "{made} segments for 200 messages");
    let mut rig = rig.crash(config());
    assert_eq!(rig.broker.view().queues().len(), 21);
    assert_eq!(numbers(&mut rig, "q").len(), 200);
    rig.settle();
    let bytes = rig.disk.bytes();
    rig.settle();
    assert_eq!(rig.disk.bytes(), bytes, "nobody does anything");
}

/// Six megabytes: its snapshot has several records, written one after the other, which count together.
#[test]
fn a_long_snapshot_comes_in_parts() {
    let (mut rig, client) = start(config());
    let queues = 60;
    for number in 0..queues {
        rig.declare(client, &format!("q{number}"), note(100_000));
        rig.settle();
    }
    rig.fill(client, "q", 0..5, 10);
    rig.settle();
    // Two starts: the second one reads the snapshot that the first one has written, and nothing else.
    let mut rig = rig.crash(config());
    while let Some((_, action)) = rig.pending.front() {
        // A power cut in the middle of it leaves the old one.
        let mut torn = rig.disk.clone();
        torn.carry_out(action);
        let last = torn.unsynced().len().saturating_sub(1) as u64;
        for at in [1_000, 700_000] {
            let left = torn.after_crash(Survival::Some { kept: u64::MAX, torn: last, at });
            let rig = Rig::new(config(), left).expect("a journal without damage");
            assert_eq!(rig.broker.view().queues().len(), queues + 1);
        }
        rig.work();
    }
    rig.settle();
    let mut rig = rig.crash(config());
    assert_eq!(rig.broker.view().queues().len(), queues + 1);
    assert_eq!(numbers(&mut rig, "q").len(), 5);
}

fn note(bytes: usize) -> FieldTable {
    FieldTable::from([("note", FieldValue::LongStr(vec![b'x'; bytes]))])
}
