//! What is about very many queues or bindings at once.

use warren_core::{
    ApplyTo, Command, Config, ConnectionId, Definition, Pattern, Permissions, Policy,
    wire::{FieldTable, Method},
};

use crate::{
    client::{
        Rig, bind, consume, declare, declare_durable, number, on_channel, publish, publish_delayed,
        publish_persistent, text,
    },
    crowd, is_fair, is_frugal, many,
    memory::Memory,
};

#[test]
fn many_queues_follow_a_policy_in_slices() {
    let (mut rig, client) = crowd();
    rig.send(client, &many((0..10_000).map(|i| declare(&format!("q{i}"), FieldTable::default()))));
    let set = |max_length: i64| {
        let definition = Definition::of_policy(FieldTable::from([number("max-length", max_length)]));
        Command::SetPolicy(Box::new(Policy {
            vhost: "/".into(),
            name: "short".into(),
            pattern: Pattern::parse("^q[0-9a]").expect("a pattern"),
            apply_to: ApplyTo::Queues,
            priority: 0,
            definition: definition.expect("a definition"),
        }))
    };
    let clear = Command::ClearPolicy { vhost: "/".into(), name: "short".into(), operators: false };
    let with_policy =
        |rig: &Rig| rig.broker.view().queues().iter().filter(|queue| queue.policy.is_some()).count();
    let (rig, slices) = is_fair(rig, |rig| {
        rig.admin(set(5));
        // One that changes before all queues have followed it takes hold all the same.
        rig.admin(set(7));
        // So it does of a queue that is declared meanwhile.
        rig.send(client, &declare("qa", FieldTable::default()));
    });
    assert!(slices > 10, "{slices} slices");
    assert_eq!(with_policy(&rig), 10_001);
    let (mut rig, slices) = is_fair(rig, |rig| rig.admin(clear));
    assert!(slices > 5, "{slices} slices");
    assert_eq!(with_policy(&rig), 0);
    rig.admin(set(7));
    rig.finish();
    rig.send(client, &many((0..10_000).map(|i| publish("", &format!("q{i}")).repeat(8))));
    rig.finish();
    assert_eq!(rig.totals().ready, 7 * 10_000 + 1);
}

#[test]
fn a_virtual_host_full_of_queues_is_deleted_in_slices() {
    let (mut rig, client) = crowd();
    let queue = |i| {
        let queue = format!("q{i}");
        [declare(&queue, FieldTable::default()), publish("", &queue), bind(&queue, "amq.topic", &queue)]
            .concat()
    };
    rig.send(client, &many((0..20_000).map(queue)));
    rig.finish();
    let most = 3 * Config::default().work_per_input;
    (rig.most, rig.memory) = (0, Memory::default());
    // Another one of the same name has nothing to do with what is left of it.
    let client = begin_virtual_host_again(&mut rig, 2);
    rig.send(client, &[declare("q9999", FieldTable::default()), bind("q9999", "amq.topic", "here")].concat());
    let mut slices = 0;
    while rig.broker.has_work() {
        rig.wait_ms(0);
        slices += 1;
    }
    assert!(slices > 10, "{slices} slices");
    assert!(rig.most <= most, "one input led to {} operations", rig.most);
    assert!(rig.memory.calls < 50_000, "memory was asked for {} times", rig.memory.calls);
    rig.send(client, &[publish("", "q9999"), publish("amq.topic", "here")].concat());
    assert_eq!((rig.totals().queues, rig.totals().ready), (1, 2));
}

/// What its exchanges hold back goes in slices, too, and is not sent on by another one of the same name.
#[test]
fn a_virtual_host_that_holds_messages_back_is_deleted_in_slices() {
    let (mut rig, client) = crowd();
    rig.send(client, &delaying());
    rig.send(client, &publish_delayed("x", 60_000).repeat(30_000));
    rig.finish();
    assert!(rig.totals().message_bytes > 30_000);
    (rig.most, rig.memory) = (0, Memory::default());
    let client = begin_virtual_host_again(&mut rig, 2);
    rig.send(client, &[delaying(), publish_delayed("x", 60_000)].concat());
    assert!(rig.broker.has_work());
    rig.wait_ms(60_000);
    rig.finish();
    assert!(rig.memory.calls < 100_000, "memory was asked for {} times", rig.memory.calls);
    assert!(rig.most <= 3 * Config::default().work_per_input, "one input led to {} operations", rig.most);
    // Of the others nothing is left.
    assert_eq!((rig.totals().ready, rig.totals().message_bytes < 1_000), (1, true));
}

/// Durable exchanges that are gone have an id each for what they still hold back: these are forgotten in slices, too.
#[test]
fn a_virtual_host_whose_exchanges_are_gone_is_deleted_in_slices() {
    const EXCHANGES: u64 = 10_000;
    let mut rig = Rig::of_config(Config::default());
    let client = rig.client(1);
    let held_by = |i| {
        let exchange = format!("x{i}");
        let arguments = FieldTable::from([text("x-delayed-type", "fanout")]);
        let delete =
            Method::ExchangeDelete { ticket: 0, exchange: &exchange, if_unused: false, nowait: true };
        [
            exchange_declare(&exchange, "x-delayed-message", true, false, arguments),
            publish_delayed(&exchange, 60_000),
            on_channel(1, &delete),
        ]
        .concat()
    };
    rig.send(client, &many((0..EXCHANGES).map(held_by)));
    while rig.disk_answers() || rig.wait_ms(20).disk_answers() || rig.broker.has_work() {
        rig.finish();
    }
    (rig.most, rig.memory) = (0, Memory::default());
    let before = rig.broker.operations();
    begin_virtual_host_again(&mut rig, 2);
    rig.finish();
    // A message is looked at and forgotten, and so is the id.
    let cost = rig.broker.operations() - before;
    assert!(cost > 5 * EXCHANGES, "{cost} operations");
    assert!(rig.most <= 3 * Config::default().work_per_input, "one input led to {} operations", rig.most);
    assert!(rig.memory.calls < 100_000, "memory was asked for {} times", rig.memory.calls);
}

/// It is deleted again while what the first one has held back is being forgotten.
#[test]
fn a_virtual_host_that_holds_messages_back_is_deleted_twice() {
    let (mut rig, client) = crowd();
    rig.send(client, &delaying());
    rig.send(client, &publish_delayed("x", 60_000).repeat(30_000));
    rig.finish();
    let second = begin_virtual_host_again(&mut rig, 2);
    rig.send(second, &delaying());
    for _ in 0..100 {
        rig.send(second, &publish_delayed("x", 50_000).repeat(300));
    }
    assert!(rig.broker.has_work());
    let third = begin_virtual_host_again(&mut rig, 3);
    rig.send(third, &[delaying(), publish_delayed("x", 60_000)].concat());
    assert!(rig.broker.has_work());
    rig.finish();
    rig.wait_ms(60_000);
    rig.finish();
    assert_eq!(rig.totals().ready, 1, "of those that are gone nothing is sent on");
}

/// A queue, and an exchange that holds back what is for it.
fn delaying() -> Vec<u8> {
    let arguments = FieldTable::from([text("x-delayed-type", "fanout")]);
    [
        declare("q", FieldTable::default()),
        exchange_with("x", "x-delayed-message", arguments),
        bind("q", "x", ""),
    ]
    .concat()
}

/// Deletes the virtual host and adds one of the same name; returns a client of that.
fn begin_virtual_host_again(rig: &mut Rig, client: u64) -> ConnectionId {
    rig.admin(Command::DeleteVhost("/".into()));
    rig.admin(Command::AddVhost("/".into()));
    rig.admin(Command::Permit(Box::new(Permissions::all("guest", "/"))));
    rig.client(client)
}

#[test]
fn an_exchange_with_many_bindings_is_deleted_in_slices() {
    for kind in ["direct", "topic", "fanout", "headers", "x-random", "x-modulus-hash"] {
        let (mut rig, client) = crowd();
        rig.send(client, &[declare("q", FieldTable::default()), declare_exchange("x", kind, false)].concat());
        rig.send(client, &many((0..10_000).map(|i| bind("q", "x", &format!("k{i}")))));
        rig.finish();
        let delete = Method::ExchangeDelete { ticket: 0, exchange: "x", if_unused: false, nowait: true };
        let (mut rig, slices) = is_fair(rig, |rig| {
            // Another one of the same name has nothing to do with what is left of it.
            rig.send(
                client,
                &[on_channel(1, &delete), declare_exchange("x", kind, true), bind("q", "x", "k0")].concat(),
            );
        });
        assert!(slices > 3, "{slices} slices");
        assert_eq!(
            rig.broker.view().bindings().iter().filter(|binding| &*binding.exchange == "x").count(),
            1
        );
        rig.send(client, &delete_queue("q"));
        assert_eq!(
            rig.broker.view().bindings().iter().filter(|binding| &*binding.exchange == "x").count(),
            0
        );
    }
}

#[test]
fn dead_letters_that_wait_go_with_their_queue_in_slices() {
    let (mut rig, client) = crowd();
    let arguments = FieldTable::from([
        text("x-queue-type", "quorum"),
        text("x-dead-letter-exchange", ""),
        text("x-dead-letter-routing-key", "nowhere"),
        text("x-dead-letter-strategy", "at-least-once"),
        text("x-overflow", "reject-publish"),
    ]);
    rig.send(client, &declare_durable("q", arguments));
    rig.send(client, &publish("", "q").repeat(20_000));
    rig.send(client, &consume("q", "t"));
    rig.finish();
    (rig.most, rig.memory) = (0, Memory::default());
    rig.say(client, &Method::BasicNack { delivery_tag: 0, multiple: true, requeue: false });
    rig.finish();
    is_frugal(&rig);
    assert!(rig.totals().message_bytes > 20_000 * 100);
    let (rig, slices) = is_fair(rig, |rig| rig.send(client, &delete_queue("q")));
    assert!(slices > 10, "{slices} slices");
    assert!(rig.totals().message_bytes < 1_000, "{:?}", rig.totals());
}

pub(crate) fn delete_queue(queue: &str) -> Vec<u8> {
    let (ticket, if_unused, if_empty, nowait) = (0, false, false, true);
    on_channel(1, &Method::QueueDelete { ticket, queue, if_unused, if_empty, nowait })
}

/// It goes when they stand where they go: a crash must not take both.
#[test]
fn a_queue_whose_dead_letters_are_on_their_way_is_deleted_behind_them() {
    let mut rig = Rig::with_disk(1 << 30);
    let client = rig.client(1);
    let arguments = FieldTable::from([
        number("x-message-ttl", 100),
        text("x-dead-letter-exchange", ""),
        text("x-dead-letter-routing-key", "dead"),
    ]);
    rig.send(client, &[declare("dead", FieldTable::default()), declare_durable("old", arguments)].concat());
    rig.send(client, &publish_persistent("", "old").repeat(20_000));
    rig.finish();
    while rig.disk_answers() {}
    let (ticket, if_unused, if_empty, nowait) = (0, false, false, false);
    let delete = Method::QueueDelete { ticket, queue: "old", if_unused, if_empty, nowait };
    rig.hear(client);
    let (mut rig, slices) = is_fair(rig, |rig| {
        rig.wait_ms(200);
        rig.say(client, &delete);
        assert_eq!(rig.hear(client), [""; 0]);
    });
    assert!(slices > 5, "{slices} slices");
    while rig.disk_answers() {}
    assert_eq!(rig.hear(client), ["queue.delete-ok"]);
    assert_eq!((rig.totals().queues, rig.totals().ready), (2, 20_001));
}

/// Its bindings go in slices, and lead nowhere at once: not to another queue of the same name either.
#[test]
fn a_queue_with_many_bindings_is_deleted_in_slices() {
    for kind in ["direct", "topic", "fanout", "headers", "x-random", "x-modulus-hash"] {
        let (mut rig, client) = crowd();
        rig.send(client, &[declare("q", FieldTable::default()), declare_exchange("x", kind, true)].concat());
        rig.send(client, &many((0..10_000).map(|i| bind("q", "x", &format!("k{i}")))));
        rig.finish();
        let other = rig.client(2);
        let (mut rig, slices) = is_fair(rig, |rig| {
            rig.send(client, &delete_queue("q"));
            rig.send(other, &[publish("x", "k9999"), declare("q", FieldTable::default())].concat());
            rig.send(other, &[publish("x", "k9999"), bind("q", "x", "new")].concat());
            assert_eq!(rig.broker.view().bindings(), []);
            assert_eq!(rig.totals().queues, 1, "who declares a queue of this name waits");
        });
        assert!(slices > 3, "{slices} slices");
        let bindings = rig.broker.view().bindings();
        let keys: Vec<&str> = bindings.iter().map(|binding| &*binding.routing_key).collect();
        assert_eq!(keys, ["new"], "{kind}");
        rig.send(other, &publish("x", "new"));
        assert_eq!((rig.totals().queues, rig.totals().ready), (2, 2), "{kind}");
    }
}

/// Another virtual host of the same name has nothing to do with bindings that were being removed.
#[test]
fn a_virtual_host_is_deleted_while_bindings_are_removed() {
    let (mut rig, client) = crowd();
    rig.send(client, &declare("q", FieldTable::default()));
    rig.send(client, &many((0..10_000).map(|i| bind("q", "amq.direct", &format!("k{i}")))));
    rig.finish();
    rig.send(client, &delete_queue("q"));
    let client = begin_virtual_host_again(&mut rig, 2);
    rig.send(client, &[declare("q", FieldTable::default()), bind("q", "amq.direct", "here")].concat());
    rig.finish();
    rig.send(client, &publish("amq.direct", "here"));
    assert_eq!((rig.broker.view().bindings().len(), rig.totals().ready), (1, 1));
}

/// Each exchange of a long chain goes with its last binding, and that goes with the exchange before it.
#[test]
fn a_chain_of_exchanges_that_nobody_needs_goes_in_slices() {
    let (mut rig, client) = crowd();
    let link = |i: u64| {
        let (source, destination) = (format!("x{}", i + 1), format!("x{i}"));
        [declare_auto_delete(&source), bind_exchange(&destination, &source)].concat()
    };
    rig.send(client, &[declare("q", FieldTable::default()), declare_auto_delete("x0")].concat());
    rig.send(client, &[many((0..10_000).map(link)), bind("q", "x0", "")].concat());
    rig.finish();
    rig.hear(client);
    let (mut rig, slices) = is_fair(rig, |rig| {
        rig.send(client, &delete_queue("q"));
        // What the client asks next waits.
        rig.say(client, &Method::BasicQos { prefetch_size: 0, prefetch_count: 1, global: false });
    });
    assert!(slices > 3, "{slices} slices");
    assert_eq!(rig.hear(client), ["basic.qos-ok"]);
    assert_eq!(rig.broker.view().exchanges().iter().filter(|found| found.name.starts_with('x')).count(), 0);
}

fn declare_exchange(exchange: &str, kind: &str, durable: bool) -> Vec<u8> {
    exchange_frame(exchange, kind, durable, false)
}

fn declare_auto_delete(exchange: &str) -> Vec<u8> {
    exchange_frame(exchange, "fanout", false, true)
}

fn exchange_frame(exchange: &str, kind: &str, durable: bool, auto_delete: bool) -> Vec<u8> {
    exchange_declare(exchange, kind, durable, auto_delete, FieldTable::default())
}

fn exchange_with(exchange: &str, kind: &str, arguments: FieldTable) -> Vec<u8> {
    exchange_declare(exchange, kind, false, false, arguments)
}

fn exchange_declare(
    exchange: &str,
    kind: &str,
    durable: bool,
    auto_delete: bool,
    arguments: FieldTable,
) -> Vec<u8> {
    let (ticket, passive, internal, nowait) = (0, false, false, true);
    let method = Method::ExchangeDeclare {
        ticket,
        exchange,
        kind,
        passive,
        durable,
        auto_delete,
        internal,
        nowait,
        arguments,
    };
    on_channel(1, &method)
}

fn bind_exchange(destination: &str, source: &str) -> Vec<u8> {
    let (ticket, routing_key, nowait, arguments) = (0, "", true, FieldTable::default());
    on_channel(1, &Method::ExchangeBind { ticket, destination, source, routing_key, nowait, arguments })
}
