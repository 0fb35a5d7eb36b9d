//! What is about very many queues or bindings at once.

use warren_core::{
    ApplyTo, Command, Definition, Pattern, Policy,
    wire::{FieldTable, Method},
};

use crate::{
    client::{Rig, consume, declare, number, publish, text},
    crowd, is_fair, many,
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
fn dead_letters_that_wait_go_with_their_queue_in_slices() {
    let (mut rig, client) = crowd();
    let arguments = FieldTable::from([
        text("x-queue-type", "quorum"),
        text("x-dead-letter-exchange", ""),
        text("x-dead-letter-routing-key", "nowhere"),
        text("x-dead-letter-strategy", "at-least-once"),
        text("x-overflow", "reject-publish"),
    ]);
    let (ticket, queue, passive, durable, exclusive, auto_delete, nowait) =
        (0, "q", false, true, false, false, true);
    let quorum =
        Method::QueueDeclare { ticket, queue, passive, durable, exclusive, auto_delete, nowait, arguments };
    rig.say(client, &quorum);
    rig.send(client, &publish("", "q").repeat(20_000));
    rig.send(client, &consume("q", "t"));
    rig.finish();
    rig.say(client, &Method::BasicNack { delivery_tag: 0, multiple: true, requeue: false });
    rig.finish();
    assert!(rig.totals().message_bytes > 20_000 * 100);
    let delete = Method::QueueDelete { ticket, queue, if_unused: false, if_empty: false, nowait };
    let (rig, slices) = is_fair(rig, |rig| rig.say(client, &delete));
    assert!(slices > 10, "{slices} slices");
    assert!(rig.totals().message_bytes < 1_000, "{:?}", rig.totals());
}
