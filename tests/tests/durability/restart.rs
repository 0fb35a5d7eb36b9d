//! What a restart brings back, and what it does not.

use warren_core::{
    ApplyTo, Command, Config, Definition, Input, PasswordHash, Pattern, Permissions, Policy, User,
    UserLimits, VhostLimits,
    wire::{FieldTable, FieldValue, Method, Properties},
};
use warren_sim::Disk;

use crate::rig::{Heard, Rig, config, persistent, start, text};

#[test]
fn transient_messages_and_queues_are_gone_and_durable_ones_are_not() {
    let (mut rig, client) = start();
    rig.declare(client, "durable", FieldTable::default());
    let transient = Method::QueueDeclare {
        ticket: 0,
        queue: "transient",
        passive: false,
        durable: false,
        exclusive: false,
        auto_delete: false,
        nowait: false,
        arguments: FieldTable::default(),
    };
    rig.say(client, 1, &transient);
    rig.publish((client, 1), ("", "durable"), &Properties::default(), b"1 transient");
    rig.publish((client, 1), ("", "durable"), &persistent(), b"2 persistent");
    rig.publish((client, 1), ("", "transient"), &persistent(), b"3 persistent");
    rig.settle();
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    assert_eq!(rig.take_all(client, "durable"), [(2, true)]);
    let names: Vec<String> = rig.broker.view().queues().iter().map(|queue| queue.name.to_string()).collect();
    assert_eq!(names, ["durable"]);
}

#[test]
fn an_end_in_order_keeps_redelivered_flags_as_they_were() {
    let (mut rig, client) = start();
    rig.declare(client, "q", FieldTable::default());
    rig.fill(client, "q", 0..5, 20);
    rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: false });
    rig.settle();
    let mut rig = rig.restart(config());
    let client = rig.connect(1);
    assert_eq!(rig.take_all(client, "q"), [(0, true), (1, false), (2, false), (3, false), (4, false)]);
}

#[test]
fn an_answer_to_a_durable_declaration_waits_for_the_disk() {
    let (mut rig, client) = start();
    rig.settle();
    rig.declare(client, "q", FieldTable::default());
    assert_eq!(rig.hear(client), None);
    let mut done = Vec::new();
    while let Some((_, action)) = rig.pending.front() {
        done.push(action.to_string());
        rig.work();
        if rig.hear(client) == Some(Heard::DeclareOk { ready: 0 }) {
            done.push("declare-ok".to_owned());
            break;
        }
    }
    let words: Vec<&str> = done.iter().filter_map(|action| action.split(' ').next()).collect();
    assert_eq!(words, ["write", "sync", "declare-ok"]);
}

#[test]
fn what_was_left_of_a_time_to_live_is_left_after_a_restart() {
    let (mut rig, client) = start();
    let ttl = FieldTable::from([("x-message-ttl", FieldValue::I32(5000))]);
    rig.declare(client, "q", ttl);
    rig.fill(client, "q", 0..1, 20);
    rig.wait(3000);
    rig.settle();
    // The new broker's clock shows the time of the first one's start: all of the time is left, and 3 s besides.
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    rig.wait(4900);
    rig.settle();
    assert_eq!(ready(&rig, "q"), 1);
    rig.wait(200);
    rig.settle();
    assert_eq!(ready(&rig, "q"), 0);
    assert_eq!(rig.take_all(client, "q"), []);
}

#[test]
fn dead_letters_keep_their_history() {
    let (mut rig, client) = start();
    let dead =
        FieldTable::from([("x-dead-letter-exchange", text("")), ("x-dead-letter-routing-key", text("dead"))]);
    rig.declare(client, "work", dead);
    rig.declare(client, "dead", FieldTable::default());
    rig.fill(client, "work", 0..1, 20);
    rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "work", no_ack: false });
    rig.say(client, 1, &Method::BasicReject { delivery_tag: 1, requeue: false });
    rig.settle();
    let before = rig.broker.view().ready_messages("/", "dead", 1);
    let mut rig = rig.crash(config());
    rig.settle();
    let client = rig.connect(1);
    assert_eq!(rig.take_all(client, "work"), []);
    let after = rig.broker.view().ready_messages("/", "dead", 1);
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].properties, before[0].properties);
    assert_eq!(after[0].message, before[0].message);
}

#[test]
fn streams_go_on_at_their_offsets() {
    let (mut rig, client) = start();
    let stream = || FieldTable::from([("x-queue-type", text("stream"))]);
    rig.declare(client, "s", stream());
    rig.publish((client, 1), ("", "s"), &Properties::default(), b"0 transient, and kept all the same");
    rig.fill(client, "s", 1..3, 20);
    rig.settle();
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    rig.fill(client, "s", 3..4, 20);
    let qos = Method::BasicQos { prefetch_size: 0, prefetch_count: 10, global: false };
    rig.say(client, 1, &qos);
    let consume = Method::BasicConsume {
        ticket: 0,
        queue: "s",
        consumer_tag: "c",
        no_local: false,
        no_ack: false,
        exclusive: false,
        nowait: false,
        arguments: FieldTable::from([("x-stream-offset", text("first"))]),
    };
    rig.say(client, 1, &consume);
    rig.settle();
    let mut bodies = Vec::new();
    while let Some(heard) = rig.hear(client) {
        if let Heard::Delivered { body, .. } = heard {
            bodies.push(crate::rig::number(&body));
        }
    }
    assert_eq!(bodies, [0, 1, 2, 3]);
}

#[test]
fn quorum_queues_count_on() {
    let (mut rig, client) = start();
    let quorum =
        FieldTable::from([("x-queue-type", text("quorum")), ("x-delivery-limit", FieldValue::I32(2))]);
    rig.declare(client, "q", quorum);
    rig.fill(client, "q", 0..1, 20);
    for delivery_tag in 1..=2 {
        rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: false });
        rig.say(client, 1, &Method::BasicReject { delivery_tag, requeue: true });
    }
    rig.settle();
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: false });
    assert!(matches!(rig.hear_in_time(client), Some(Heard::Got { tag: 1, .. })));
    // The third failure is one too many.
    rig.say(client, 1, &Method::BasicReject { delivery_tag: 1, requeue: true });
    assert_eq!(rig.take_all(client, "q"), []);
}

#[test]
fn what_an_operator_sets_is_there_again() {
    let (mut rig, _) = start();
    let user = User {
        name: "ann".into(),
        password: PasswordHash::new([1, 2, 3, 4], "secret"),
        loopback_only: false,
        tags: vec!["management".into()],
        limits: UserLimits { max_connections: Some(3), max_channels: None },
    };
    let definition = Definition::of_policy(FieldTable::from([("max-length", FieldValue::I64(2))]));
    let policy = Policy {
        vhost: "app".into(),
        name: "short".into(),
        pattern: Pattern::parse("^q").expect("a pattern"),
        apply_to: ApplyTo::Queues,
        priority: -1,
        definition: definition.expect("a definition"),
    };
    let commands = [
        Command::AddVhost("app".into()),
        Command::AddVhost("gone".into()),
        Command::DeleteVhost("gone".into()),
        Command::SetUser(Box::new(user)),
        Command::SetUser(Box::new(User { name: "bob".into(), ..User::default() })),
        Command::DeleteUser("bob".into()),
        Command::Permit(Box::new(Permissions::all("guest", "app"))),
        Command::LimitVhost(VhostLimits {
            vhost: "app".into(),
            max_connections: Some(9),
            max_queues: Some(1),
        }),
        Command::SetPolicy(Box::new(policy)),
    ];
    for command in commands {
        rig.handle(Input::Admin(command));
    }
    rig.settle();
    // Once from the changes, and once from the snapshot of the next segment.
    for _ in 0..2 {
        rig = rig.crash(config());
        rig.settle();
        let client = rig.connect_to("app", 1);
        rig.declare(client, "q", FieldTable::default());
        rig.fill(client, "q", 0..5, 10);
        assert_eq!(rig.take_all(client, "q").len(), 2, "the policy limits the queue");
        rig.declare(client, "another", FieldTable::default());
        let text =
            "PRECONDITION_FAILED - cannot declare queue 'another': queue limit in vhost 'app' (1) is reached";
        let heard: Vec<Heard> = std::iter::from_fn(|| rig.hear_in_time(client)).collect();
        assert_eq!(heard.last(), Some(&Heard::Closed(text.into())));
    }
    for (name, password, welcome) in [("ann", "secret", true), ("ann", "wrong", false), ("bob", "", false)] {
        assert_eq!(rig.may_log_in(name, password), welcome, "{name} with {password:?}");
    }
}

#[test]
fn opening_again_and_again_changes_nothing() {
    let (mut rig, client) = start();
    rig.declare(client, "q", FieldTable::default());
    let bind = Method::QueueBind {
        ticket: 0,
        queue: "q",
        exchange: "amq.topic",
        routing_key: "a.#",
        nowait: false,
        arguments: FieldTable::default(),
    };
    rig.say(client, 1, &bind);
    rig.fill(client, "q", 0..50, 30);
    rig.settle();
    let bindings = rig.broker.view().bindings();
    for _ in 0..20 {
        rig = rig.crash(config());
        rig.settle();
        assert_eq!(rig.broker.view().bindings(), bindings);
        assert_eq!(ready(&rig, "q"), 50);
    }
    assert!(rig.disk.bytes() < 40_000, "{} bytes after twenty starts", rig.disk.bytes());
}

fn ready(rig: &Rig, queue: &str) -> u64 {
    let queues = rig.broker.view().queues();
    queues.iter().find(|found| found.name == *queue).map_or(0, |queue| queue.ready)
}

/// A policy of this length for queues that begin with q.
fn policy(max_length: i64) -> Policy {
    let definition = Definition::of_policy(FieldTable::from([("max-length", FieldValue::I64(max_length))]));
    Policy {
        vhost: "/".into(),
        name: "short".into(),
        pattern: Pattern::parse("^q").expect("a pattern"),
        apply_to: ApplyTo::Queues,
        priority: 0,
        definition: definition.expect("a definition"),
    }
}

/// A configuration file with a user and a policy, if it has one.
fn file(password: &str, max_length: Option<i64>) -> Config {
    let mut config = config();
    let password = PasswordHash::new([1, 2, 3, 4], password);
    config.users.push(User { name: "ann".into(), password, ..User::default() });
    config.policies.extend(max_length.map(policy));
    config
}

/// How many of twenty messages a queue keeps.
fn kept(rig: &mut Rig) -> usize {
    let client = rig.connect(1);
    rig.declare(client, "q", FieldTable::default());
    rig.fill(client, "q", 0..20, 10);
    rig.take_all(client, "q").len()
}

#[test]
fn what_an_operator_changes_holds_until_the_file_says_something_else() {
    let mut rig = Rig::new(file("old", Some(5)), Disk::default()).expect("an empty disk");
    assert_eq!(kept(&mut rig), 5);
    let ann = User { name: "ann".into(), password: PasswordHash::new([9; 4], "new"), ..User::default() };
    let ours = Permissions::all("ann", "/");
    for command in [
        Command::SetPolicy(Box::new(policy(2))),
        Command::SetUser(Box::new(ann)),
        Command::Permit(Box::new(ours)),
        Command::SetUser(Box::new(User { name: "own".into(), ..User::default() })),
    ] {
        rig.handle(Input::Admin(command));
    }
    rig.settle();
    // Once from the changes, and once from the snapshot of the next segment.
    for _ in 0..2 {
        rig = rig.crash(file("old", Some(5)));
        assert_eq!(kept(&mut rig), 2, "the file says what it said");
        assert!(rig.may_log_in("ann", "new") && !rig.may_log_in("ann", "old"));
    }
    let mut rig = rig.crash(file("another", Some(9)));
    assert_eq!(kept(&mut rig), 9, "the file says something else");
    assert!(rig.may_log_in("ann", "another") && !rig.may_log_in("ann", "new"));
    let clear = Command::ClearPolicy { vhost: "/".into(), name: "short".into(), operators: false };
    for command in [clear, Command::DeleteUser("ann".into())] {
        rig.handle(Input::Admin(command));
    }
    rig.settle();
    for _ in 0..2 {
        rig = rig.crash(file("another", Some(9)));
        assert_eq!(kept(&mut rig), 20, "the operator has cleared it");
        assert!(!rig.may_log_in("ann", "another"));
    }
    let mut rig = rig.crash(file("a third", Some(4)));
    assert_eq!(kept(&mut rig), 4);
    assert!(rig.may_log_in("ann", "a third"));
    let mut rig = rig.crash(config());
    assert_eq!(kept(&mut rig), 20, "it is not in the file any more");
    assert!(!rig.may_log_in("ann", "a third") && rig.may_log_in("guest", "guest"));
}
