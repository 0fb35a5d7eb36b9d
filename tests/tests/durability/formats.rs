//! Journals of earlier format versions, committed under `tests/journals`: each opens with everything that is in it.
//!
//! A directory is named after the format version and how the broker ended. `WARREN_WRITE_JOURNALS=1 cargo test -p
//! warren-tests --test durability journals_of_this_version` writes those of the version that this build writes.

use std::{collections::BTreeSet, fs, ops::RangeInclusive, path::PathBuf, sync::Arc};

use warren_core::{
    ApplyTo, Command, Config, Definition, DiskAction, Input, PasswordHash, Pattern, Permissions, Policy,
    SegmentId, User,
    wire::{FieldTable, FieldValue, Method, Properties},
};
use warren_sim::{Disk, Survival};

use crate::{
    rig::{Heard, Rig, config, persistent, text},
    workload::consume,
};

/// The format version that this build writes.
const VERSION: u32 = 4;

/// The first version that has what exchanges hold, and records of this kind.
const HELD: u32 = 3;
const DELIVERED: u8 = 13;

/// The first version that knows of a dead letter that its delivery had failed: it says redelivered.
const FAILED: u32 = 4;

/// Queues and the numbers of their messages, in order, with whether they say redelivered after a stop in order. After a
/// kill all do.
const CONTENTS: [(&str, &[(u32, bool)]); 8] = [
    ("work", &[(1, true), (3, false), (4, false), (80, false), (81, false)]),
    ("dead", &[(2, true)]),
    ("urgent", &[(12, false), (11, false), (10, false)]),
    ("quorum", &[(20, true), (21, false)]),
    ("expiring", &[(30, false)]),
    ("forgotten", &[(40, false)]),
    ("topics", &[(50, false)]),
    ("busy", &[]),
];

/// Exchanges that hold message 70.
const HOLDING: [(&str, &str); 2] = [("later", "x-delayed-message"), ("latest", "x-recent-history")];
const DELAY_MS: i32 = 1_000_000_000;

/// How the broker ended, whether that was in order, and the kinds of records that it leaves then: `FORMAT.md`, section
/// "Records".
const ENDS: [(&str, bool, RangeInclusive<u8>); 2] = [("stopped", true, 1..=11), ("killed", false, 1..=9)];

/// A broker that leaves something of every kind behind.
fn fill() -> Rig {
    let mut rig = Rig::new(config(), Disk::default()).expect("an empty disk");
    commands().into_iter().for_each(|command| rig.handle(Input::Admin(command)));
    let client = rig.connect(1);
    let table = |name, value| FieldTable::from([(name, value)]);
    let dead = [("x-dead-letter-exchange", text("")), ("x-dead-letter-routing-key", text("dead"))];
    let arguments = [
        FieldTable::from(dead),
        FieldTable::default(),
        table("x-max-priority", FieldValue::I32(3)),
        table("x-queue-type", text("quorum")),
        table("x-message-ttl", FieldValue::I32(1_000_000_000)),
    ];
    let arguments = arguments.into_iter().chain(std::iter::repeat_with(FieldTable::default));
    for ((queue, _), arguments) in CONTENTS.iter().zip(arguments) {
        rig.declare(client, queue, arguments);
    }
    rig.declare(client, "log", table("x-queue-type", text("stream")));
    rig.fill(client, "forgotten", 40..41, 20);
    rig.fill(client, "log", 60..63, 20);
    rig.publish((client, 1), ("", "log"), &Properties::default(), b"63 transient");
    rig.settle();
    while rig.hear(client).is_some() {}
    // Several segments are written and cleaned: message 40 is moved.
    for round in 0..12 {
        rig.fill_and_take(client, "busy", 100 + round * 20..120 + round * 20, 60);
    }
    rig.declare(client, "deleted", FieldTable::default());
    let (queue, exchange, routing_key) = ("deleted", "shop", "order.*");
    rig.say(
        client,
        1,
        &Method::QueueDelete { ticket: 0, queue, if_unused: false, if_empty: false, nowait: true },
    );
    rig.say(client, 1, &exchange_declare(exchange));
    rig.say(client, 1, &exchange_declare("deleted"));
    rig.say(
        client,
        1,
        &Method::ExchangeDelete { ticket: 0, exchange: "deleted", if_unused: false, nowait: true },
    );
    let (nowait, arguments) = (true, FieldTable::default());
    for routing_key in [routing_key, "unbound"] {
        let arguments = arguments.clone();
        rig.say(
            client,
            1,
            &Method::QueueBind { ticket: 0, queue: "topics", exchange, routing_key, nowait, arguments },
        );
    }
    let (queue, routing_key) = ("topics", "unbound");
    rig.say(client, 1, &Method::QueueUnbind { ticket: 0, queue, exchange, routing_key, arguments });
    rig.fill(client, "work", 0..5, 30);
    for (number, priority) in [(10_u32, 0), (11, 1), (12, 2)] {
        let properties = Properties { priority: Some(priority), ..persistent() };
        rig.publish((client, 1), ("", "urgent"), &properties, format!("{number} ").as_bytes());
    }
    rig.fill(client, "quorum", 20..22, 20);
    rig.fill(client, "expiring", 30..31, 20);
    rig.publish((client, 1), ("shop", "order.new"), &persistent(), b"50 ");
    rig.publish((client, 1), ("", "work"), &Properties::default(), b"70 transient");
    rig.settle();
    let get = |rig: &mut Rig, queue| {
        rig.say(client, 1, &Method::BasicGet { ticket: 0, queue, no_ack: false });
        loop {
            if let Heard::Got { tag, .. } = rig.hear_in_time(client).expect("an answer") {
                return tag;
            }
        }
    };
    let [acked, unacked, rejected] = ["work"; 3].map(|queue| get(&mut rig, queue));
    assert!(unacked > acked);
    rig.say(client, 1, &Method::BasicAck { delivery_tag: acked, multiple: false });
    rig.say(client, 1, &Method::BasicReject { delivery_tag: rejected, requeue: false });
    let returned = get(&mut rig, "quorum");
    rig.say(client, 1, &Method::BasicReject { delivery_tag: returned, requeue: true });
    for (exchange, kind) in HOLDING {
        rig.say(
            client,
            1,
            &Method::ExchangeDeclare {
                ticket: 0,
                exchange,
                kind,
                passive: false,
                durable: true,
                auto_delete: false,
                internal: false,
                nowait: true,
                arguments: table("x-delayed-type", text("fanout")),
            },
        );
        let headers = Some(table("x-delay", FieldValue::I32(DELAY_MS)));
        let properties = Properties { headers, ..persistent() };
        rig.publish((client, 1), (exchange, ""), &properties, b"70 ");
    }
    let committer = rig.connect(1);
    rig.say(committer, 1, &Method::TxSelect {});
    rig.fill(committer, "work", 80..82, 20);
    rig.say(committer, 1, &Method::TxCommit {});
    rig.settle();
    rig
}

/// What an operator sets.
fn commands() -> Vec<Command> {
    vec![
        Command::AddVhost("app".into()),
        Command::SetUser(Box::new(ann())),
        Command::Permit(Box::new(Permissions::all("guest", "app"))),
        Command::SetPolicy(Box::new(policy())),
    ]
}

fn ann() -> User {
    User { name: "ann".into(), password: PasswordHash::new([1, 2, 3, 4], "secret"), ..User::default() }
}

fn policy() -> Policy {
    let definition = Definition::of_policy(FieldTable::from([("max-length", FieldValue::I64(2))]));
    Policy {
        vhost: "app".into(),
        name: "short".into(),
        pattern: Pattern::parse("^q").expect("a pattern"),
        apply_to: ApplyTo::Queues,
        priority: -1,
        definition: definition.expect("a definition"),
    }
}

fn exchange_declare(exchange: &str) -> Method<'_> {
    Method::ExchangeDeclare {
        ticket: 0,
        exchange,
        kind: "topic",
        passive: false,
        durable: true,
        auto_delete: false,
        internal: false,
        nowait: true,
        arguments: FieldTable::default(),
    }
}

/// The journals that this build writes: after a stop in order, and after a power cut in the middle of a write.
fn written() -> [Disk; 2] {
    let mut stopping = fill();
    stopping.handle(Input::Admin(Command::Shutdown { reason: "test".into() }));
    stopping.handle(Input::Admin(Command::Stop));
    while stopping.work() {}
    assert!(stopping.stopped);
    let mut killed = fill();
    let client = killed.connect(1);
    killed.fill(client, "dead", 90..91, 200);
    killed.wait(20);
    let Some((_, action @ DiskAction::Write { .. })) = killed.pending.front() else { panic!("no write") };
    killed.disk.carry_out(action);
    let torn = Survival::Some { kept: 0, torn: 0, at: 100 };
    [stopping.disk.after_crash(Survival::Nothing), killed.disk.after_crash(torn)]
}

/// Opens a journal of a version and finds everything in it; `is_stopped`: the broker was stopped in order.
fn check(version: u32, disk: &Disk, is_stopped: bool) {
    let rig = Rig::new(larger(), disk.clone()).expect("a journal without damage");
    assert_contents(version, rig, is_stopped);
    // And once more from what this build has written of it.
    let mut rig = Rig::new(larger(), disk.clone()).expect("a journal without damage");
    rig.settle();
    assert_contents(version, rig.crash(larger()), false);
}

/// So that nothing is cleaned or paged out before it is looked at. What journals of earlier versions say of users and the
/// like counts as the configuration's: it names them, too, and ann with her password.
fn larger() -> Config {
    let mut config = Config { segment_bytes: 1 << 20, memory_budget_bytes: 1 << 20, ..config() };
    config.users.push(ann());
    config.vhosts.push("app".into());
    config.permissions.push(Permissions::all("guest", "app"));
    config.policies.push(policy());
    config
}

fn assert_contents(version: u32, mut rig: Rig, is_stopped: bool) {
    assert!(rig.may_log_in("ann", "secret"));
    assert!(!rig.may_log_in("ann", "wrong"));
    let client = rig.connect(1);
    for (queue, expected) in CONTENTS {
        let is_known = queue != "dead" || version >= FAILED;
        let again = |&(number, redelivered): &(u32, bool)| (number, redelivered && is_known || !is_stopped);
        let expected: Vec<(u32, bool)> = expected.iter().map(again).collect();
        assert_eq!(rig.take_all(client, queue), expected, "{queue}");
    }
    assert_eq!(stream(&mut rig, client), [60, 61, 62, 63]);
    for routing_key in ["order.again", "unbound"] {
        rig.publish((client, 1), ("shop", routing_key), &persistent(), b"51 ");
    }
    assert_eq!(rig.take_all(client, "topics"), [(51, false)]);
    let names: BTreeSet<String> =
        rig.broker.view().queues().iter().map(|queue| queue.name.to_string()).collect();
    assert_eq!(names.len(), CONTENTS.len() + 1, "{names:?}");
    if version >= HELD {
        assert_held(&mut rig);
    }
    let client = rig.connect_to("app", 1);
    rig.declare(client, "q", FieldTable::default());
    rig.fill(client, "q", 0..5, 10);
    assert_eq!(rig.take_all(client, "q").len(), 2, "the policy limits the queue");
}

/// What the one exchange keeps comes as soon as a queue is bound, and what the other one holds back when it is due.
fn assert_held(rig: &mut Rig) {
    let client = rig.connect(1);
    for ((exchange, _), wait_ms) in HOLDING.into_iter().rev().zip([0, DELAY_MS as u64 + 10_000]) {
        let (nowait, arguments) = (true, FieldTable::default());
        let bind =
            Method::QueueBind { ticket: 0, queue: "busy", exchange, routing_key: "", nowait, arguments };
        rig.say(client, 1, &bind);
        rig.wait(wait_ms);
        assert_eq!(rig.take_all(client, "busy"), [(70, false)], "{exchange}");
    }
}

fn stream(rig: &mut Rig, client: usize) -> Vec<u32> {
    rig.say(client, 1, &Method::BasicQos { prefetch_size: 0, prefetch_count: 10, global: false });
    let start = FieldTable::from([("x-stream-offset", FieldValue::LongStr(b"first"[..].into()))]);
    rig.say(client, 1, &consume("log", start));
    let mut found = Vec::new();
    while let Some(heard) = rig.hear_in_time(client) {
        if let Heard::Delivered { body, .. } = heard {
            found.push(crate::rig::number(&body));
        }
    }
    found
}

#[test]
fn every_earlier_format_opens() {
    for version in 1..=VERSION {
        for (end, is_stopped, kinds) in ENDS {
            let disk = read(version, end);
            assert_eq!(missing_kinds(version, &disk, kinds), Vec::<u8>::new(), "version {version}, {end}");
            check(version, &disk, is_stopped);
        }
    }
}

#[test]
fn journals_of_this_version() {
    for ((end, is_stopped, kinds), disk) in ENDS.into_iter().zip(written()) {
        assert_eq!(missing_kinds(VERSION, &disk, kinds), Vec::<u8>::new(), "{end}");
        check(VERSION, &disk, is_stopped);
        if std::env::var_os("WARREN_WRITE_JOURNALS").is_some() {
            let directory = directory(VERSION, end);
            fs::create_dir_all(&directory).expect("a directory");
            disk.save(|segment, bytes| {
                fs::write(directory.join(segment.file_name()), bytes).expect("it can be written");
            });
        }
    }
}

fn directory(version: u32, end: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("journals").join(format!("{version}-{end}"))
}

fn read(version: u32, end: &str) -> Disk {
    let mut disk = Disk::default();
    for entry in fs::read_dir(directory(version, end)).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let segment = SegmentId::of_file_name(name).expect("a segment");
        disk.carry_out(&DiskAction::Create { segment });
        let bytes = Arc::new(fs::read(&path).expect("it can be read"));
        disk.carry_out(&DiskAction::Write { segment, offset: 0, bytes });
        disk.carry_out(&DiskAction::Sync { segment });
    }
    disk
}

/// Kinds of records that are not in a journal.
fn missing_kinds(version: u32, disk: &Disk, kinds: RangeInclusive<u8>) -> Vec<u8> {
    const PREFIX_BYTES: usize = 8;
    let mut found = BTreeSet::new();
    disk.save(|_, bytes| {
        let header_bytes = if bytes.get(8) == Some(&1) { 24 } else { 28 };
        let mut rest = bytes.get(header_bytes..).unwrap_or_default();
        while let [a, b, c, d, _, _, _, _, kind, ..] = *rest {
            found.insert(kind);
            rest = rest.get(PREFIX_BYTES + u32::from_le_bytes([a, b, c, d]) as usize..).unwrap_or_default();
        }
    });
    let delivered = (version >= HELD).then_some(DELIVERED);
    kinds.chain(delivered).filter(|kind| !found.contains(kind)).collect()
}
