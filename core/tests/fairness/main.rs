//! Whatever one client asks for, no input leads to more than a bounded number of operations, and another client is served
//! at once in between.

mod client;
mod disk;
mod memory;
mod topology;
mod transactions;

use client::{Rig, bind, consume, declare, number, on_channel, prefetch, publish, text};
use memory::Memory;
use warren_core::{
    Config, ConnectionId,
    wire::{FieldTable, Method},
};

/// Work that this crowd of frames leads to is cut into slices, and between them a quiet client's publish is confirmed by
/// the very input that brings it. Returns how many slices it took.
fn is_fair(mut rig: Rig, begin: impl FnOnce(&mut Rig)) -> (Rig, u64) {
    let quiet = rig.client(1_000);
    rig.send(quiet, &declare("quiet", FieldTable::from([number("x-max-length", 1)])));
    rig.say(quiet, &Method::ConfirmSelect { nowait: true });
    rig.finish();
    (rig.most, rig.memory) = (0, Memory::default());
    begin(&mut rig);
    let mut slices = 0;
    while rig.broker.has_work() {
        rig.hear(quiet);
        rig.send(quiet, &publish("", "quiet"));
        assert_eq!(rig.hear(quiet), ["basic.ack"], "after {slices} slices");
        rig.wait_ms(0);
        slices += 1;
    }
    // One slice for what is due and one for the input, and the last operation of each may be a large one.
    let limit = 3 * Config::default().work_per_input;
    assert!(rig.most <= limit, "one input led to {} operations", rig.most);
    is_frugal(&rig);
    (rig, slices)
}

/// No input has asked for much memory at once, or for many pieces of it.
fn is_frugal(rig: &Rig) {
    println!("{:?}", rig.memory);
    assert!(rig.memory.largest < 5 << 19, "{} bytes were asked for at once", rig.memory.largest);
    assert!(rig.memory.calls < 250_000, "memory was asked for {} times", rig.memory.calls);
}

fn many<'a>(frames: impl Iterator<Item = Vec<u8>> + 'a) -> Vec<u8> {
    frames.flatten().collect()
}

fn crowd() -> (Rig, ConnectionId) {
    let mut rig = Rig::new();
    let client = rig.client(1);
    (rig, client)
}

#[test]
fn publishes_to_a_wide_fanout_are_cut() {
    let (mut rig, client) = crowd();
    let queue = |i| {
        let arguments = FieldTable::from([number("x-max-length", 1)]);
        [declare(&format!("f{i}"), arguments), bind(&format!("f{i}"), "amq.fanout", "")].concat()
    };
    rig.send(client, &many((0..2_000).map(queue)));
    let (rig, slices) = is_fair(rig, |rig| rig.send(client, &publish("amq.fanout", "").repeat(100)));
    assert!(slices > 50, "{slices} slices");
    assert_eq!(rig.totals().ready, 2_001);
}

#[test]
fn masks_full_of_wildcards_cost_no_more_than_there_are() {
    let (mut rig, client) = crowd();
    rig.send(client, &declare("q", FieldTable::from([number("x-max-length", 1)])));
    let words = ["*", "#", "a", "b"];
    let mask = |i: u64| {
        let word = |j: u64| words[((i * 7919 + j * j * 31 + i * j) % 4) as usize];
        (0..60).map(word).collect::<Vec<_>>().join(".")
    };
    rig.send(client, &many((0..500).map(|i| bind("q", "amq.topic", &mask(i)))));
    let key = "a.b.a.a.b.".repeat(12);
    let before = rig.broker.operations();
    rig.send(client, &publish("amq.topic", &key));
    rig.finish();
    // At most the nodes of the trie: a walk that went through them for every word of the key would visit a million.
    let cost = rig.broker.operations() - before;
    assert!(cost < 30_000, "{cost} operations");
    is_fair(rig, |rig| rig.send(client, &publish("amq.topic", &key).repeat(50)));
}

#[test]
fn a_prefetch_that_changes_nothing_wakes_nobody() {
    let (mut rig, client) = crowd();
    rig.send(client, &prefetch(1));
    let queue = |i| {
        let queue = format!("p{i}");
        let two = publish("", &queue).repeat(2);
        [declare(&queue, FieldTable::default()), two, consume(&queue, &format!("t{i}"))].concat()
    };
    rig.send(client, &many((0..2_000).map(queue)));
    rig.finish();
    assert_eq!(rig.totals().unacked, 2_000);
    let before = rig.broker.operations();
    rig.send(client, &prefetch(1).repeat(1_000));
    rig.finish();
    let cost = rig.broker.operations() - before;
    assert!(cost < 50_000, "{cost} operations for 1,000 basic.qos");
}

#[test]
fn a_channel_with_many_consumers_closes_in_slices() {
    let (mut rig, client) = crowd();
    rig.send(client, &declare("q", FieldTable::default()));
    rig.send(client, &many((0..50_000).map(|i| consume("q", &format!("t{i}")))));
    rig.hear(client);
    let close = Method::ChannelClose { reply_code: 0, reply_text: "", class_id: 0, method_id: 0 };
    let (mut rig, slices) = is_fair(rig, |rig| rig.say(client, &close));
    assert!(slices > 3, "{slices} slices");
    // The client hears when all of it is done.
    assert_eq!(rig.hear(client), ["channel.close-ok"]);
    assert_eq!(rig.totals().consumers, 0);
}

#[test]
fn a_connection_with_many_consumers_and_queues_of_its_own_breaks_in_slices() {
    let (mut rig, client) = crowd();
    let exclusive = |i: u64| {
        let queue = format!("x{i}");
        let (ticket, passive, durable, exclusive, auto_delete, nowait) = (0, false, false, true, false, true);
        let (queue, arguments) = (queue.as_str(), FieldTable::default());
        let method = Method::QueueDeclare {
            ticket,
            queue,
            passive,
            durable,
            exclusive,
            auto_delete,
            nowait,
            arguments,
        };
        [on_channel(1, &method), consume(queue, queue)].concat()
    };
    rig.send(client, &many((0..20_000).map(exclusive)));
    let (rig, slices) = is_fair(rig, |rig| rig.lose(client));
    assert!(slices > 3, "{slices} slices");
    assert_eq!((rig.totals().queues, rig.totals().consumers), (1, 0));
}

#[test]
fn a_chain_of_queues_that_give_everything_up_is_cut() {
    let (mut rig, client) = crowd();
    let queue = |i| {
        let next = format!("l{}", i + 1);
        let arguments = FieldTable::from([
            number("x-message-ttl", 0),
            text("x-dead-letter-exchange", ""),
            text("x-dead-letter-routing-key", &next),
        ]);
        declare(&format!("l{i}"), arguments)
    };
    rig.send(client, &many((0..200).map(queue)));
    let (_, slices) = is_fair(rig, |rig| rig.send(client, &publish("", "l0").repeat(20)));
    assert!(slices > 100, "{slices} slices");
}

#[test]
fn messages_that_expire_together_become_dead_letters_in_slices() {
    let (mut rig, client) = crowd();
    let arguments = FieldTable::from([
        number("x-message-ttl", 100),
        text("x-dead-letter-exchange", ""),
        text("x-dead-letter-routing-key", "dead"),
    ]);
    rig.send(client, &[declare("dead", FieldTable::default()), declare("old", arguments)].concat());
    rig.send(client, &publish("", "old").repeat(20_000));
    let (rig, slices) = is_fair(rig, |rig| {
        rig.wait_ms(200);
    });
    assert!(slices > 5, "{slices} slices");
    assert_eq!(rig.totals().ready, 20_001);
}

#[test]
fn a_long_queue_is_purged_and_deleted_in_slices() {
    for last in [
        Method::QueuePurge { ticket: 0, queue: "q", nowait: true },
        Method::QueueDelete { ticket: 0, queue: "q", if_unused: false, if_empty: false, nowait: true },
    ] {
        let (mut rig, client) = crowd();
        rig.send(client, &declare("q", FieldTable::default()));
        rig.send(client, &publish("", "q").repeat(50_000));
        let (rig, slices) = is_fair(rig, |rig| {
            rig.say(client, &last);
            assert_eq!(rig.totals().ready, 0, "they are out of the queue at once");
        });
        assert!(slices > 5, "{slices} slices");
        assert!(rig.totals().message_bytes < 1_000, "{:?}", rig.totals());
    }
}

#[test]
fn many_deliveries_are_settled_in_slices() {
    for (last, ready) in [
        (Method::BasicAck { delivery_tag: 0, multiple: true }, 0),
        (Method::BasicNack { delivery_tag: 0, multiple: true, requeue: true }, 50_000),
        (Method::BasicNack { delivery_tag: 0, multiple: true, requeue: false }, 0),
        (Method::ChannelClose { reply_code: 0, reply_text: "", class_id: 0, method_id: 0 }, 50_000),
    ] {
        let (mut rig, client) = crowd();
        rig.send(client, &declare("q", FieldTable::default()));
        rig.send(client, &publish("", "q").repeat(50_000));
        rig.send(client, &consume("q", "t"));
        rig.finish();
        assert_eq!(rig.totals().unacked, 50_000);
        rig.say(client, &Method::BasicCancel { consumer_tag: "t", nowait: true });
        let (rig, slices) = is_fair(rig, |rig| rig.say(client, &last));
        assert!(slices > 5, "{slices} slices");
        let totals = rig.totals();
        assert_eq!((totals.ready, totals.unacked), (ready + 1, 0), "{last:?}");
    }
}

/// What the client has of queues that the channel does not consume from stays with it until it answers.
#[test]
fn a_channel_with_many_deliveries_is_refused_in_slices() {
    let (mut rig, client) = crowd();
    for queue in ["gone", "there"] {
        rig.send(client, &declare(queue, FieldTable::default()));
        rig.send(client, &publish("", queue).repeat(50_000));
        rig.send(client, &consume(queue, queue));
    }
    rig.finish();
    rig.say(client, &Method::BasicCancel { consumer_tag: "gone", nowait: true });
    rig.hear(client);
    let unknown = Method::BasicAck { delivery_tag: 1_000_000, multiple: false };
    let (mut rig, slices) = is_fair(rig, |rig| rig.say(client, &unknown));
    assert!(slices > 10, "{slices} slices");
    assert_eq!(rig.hear(client), ["channel.close"]);
    assert_eq!((rig.totals().ready, rig.totals().unacked), (50_001, 50_000));
    rig.say(client, &Method::ChannelCloseOk {});
    rig.finish();
    assert_eq!((rig.totals().ready, rig.totals().unacked), (100_001, 0));
}

/// Its consumers end in slices, and until they have, nothing is delivered to them.
#[test]
fn a_channel_that_is_refused_gets_nothing_any_more() {
    let (mut rig, client) = crowd();
    rig.send(client, &declare("q", FieldTable::default()));
    rig.send(client, &many((0..50_000).map(|i| consume("q", &format!("t{i}")))));
    rig.finish();
    let other = rig.client(2);
    rig.hear(client);
    rig.say(client, &Method::BasicAck { delivery_tag: 1, multiple: false });
    assert!(rig.broker.has_work());
    rig.send(other, &publish("", "q"));
    rig.finish();
    assert_eq!(rig.hear(client), ["channel.close"]);
    assert_eq!((rig.totals().ready, rig.totals().consumers), (1, 0));
}

/// A channel's consumers share a prefetch of one: each queue has its turn (RabbitMQ).
#[test]
fn a_shared_prefetch_starves_no_queue() {
    let (mut rig, client) = crowd();
    rig.say(client, &Method::BasicQos { prefetch_size: 0, prefetch_count: 1, global: true });
    for queue in ["a", "b", "c"] {
        rig.send(client, &declare(queue, FieldTable::default()));
        rig.send(client, &publish("", queue).repeat(100));
        rig.send(client, &consume(queue, queue));
    }
    for delivery_tag in 1..=100 {
        rig.say(client, &Method::BasicAck { delivery_tag, multiple: false });
    }
    let queues = rig.broker.view().queues();
    let left: Vec<u64> = queues.iter().map(|queue| queue.ready).collect();
    assert!(left.iter().all(|left| (60..=70).contains(left)), "{left:?}");
}

/// The same for what a connection can carry: a client that reads slowly gets of all its queues.
#[test]
fn a_full_send_window_starves_no_queue() {
    let (mut rig, client) = crowd();
    for queue in ["a", "b"] {
        rig.send(client, &declare(queue, FieldTable::default()));
        rig.send(client, &publish("", queue).repeat(40_000));
    }
    rig.finish();
    rig.send(client, &[consume("a", "a"), consume("b", "b")].concat());
    rig.finish();
    let unacked = rig.totals().unacked;
    assert_eq!(unacked, 80_000);
}

#[test]
fn a_connection_comes_and_goes_at_the_same_cost_beside_many_queues() {
    let cost = |queues: u64| {
        let (mut rig, client) = crowd();
        rig.send(client, &many((0..queues).map(|i| declare(&format!("q{i}"), FieldTable::default()))));
        rig.finish();
        let before = rig.broker.operations();
        let visitor = rig.client(2);
        rig.lose(visitor);
        rig.broker.operations() - before
    };
    assert_eq!(cost(10), cost(5_000));
}

/// What is done to each of many things is as much for each, however many there are.
#[test]
fn what_one_costs_does_not_grow_with_how_many_there_are() {
    type Act = fn(&mut Rig, ConnectionId, u64);
    let rows: [(&str, Act); 3] = [
        ("a binding by a key that all have", |rig, client, n| {
            rig.send(client, &many((0..n).map(|i| bind(&format!("q{i}"), "amq.direct", "k"))));
        }),
        ("the end of a queue", |rig, client, n| {
            rig.send(client, &many((0..n).map(|i| topology::delete_queue(&format!("q{i}")))));
        }),
        ("a consumer that comes, and goes with its connection", |rig, _, n| {
            let other = rig.client(2);
            rig.send(other, &many((0..n).map(|i| consume("q0", &format!("t{i}")))));
            rig.lose(other);
        }),
    ];
    let cost = |act: Act, n: u64| {
        let (mut rig, client) = crowd();
        rig.send(client, &many((0..n).map(|i| declare(&format!("q{i}"), FieldTable::default()))));
        rig.finish();
        let before = rig.broker.operations();
        act(&mut rig, client, n);
        rig.finish();
        (rig.broker.operations() - before).div_ceil(n)
    };
    for (what, act) in rows {
        assert_eq!(cost(act, 8_000), cost(act, 1_000), "{what}");
    }
}
