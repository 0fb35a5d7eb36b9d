//! Work that is done in slices: a power cut between any two of them.

use std::collections::BTreeSet;

use warren_core::{
    Command, Config, Input, Permissions,
    wire::{FieldTable, Method},
};
use warren_sim::{Disk, Survival};

use crate::rig::{Heard, Rig, config, persistent, text};

/// A long transaction counts as a whole or not at all, wherever it is cut off; and nobody who publishes meanwhile is told
/// that a message is safe before it is.
#[test]
fn a_transaction_that_is_committed_in_slices_counts_as_a_whole() {
    let sliced = Config { work_per_input: 10, ..config() };
    let mut rig = Rig::new(sliced, Disk::default()).expect("an empty disk");
    let (client, other) = (rig.connect(1), rig.connect(1));
    for queue in ["from", "to", "other"] {
        rig.declare(client, queue, FieldTable::default());
    }
    finish(&mut rig);
    rig.fill(client, "from", 0..40, 20);
    finish(&mut rig);
    for _ in 0..40 {
        rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "from", no_ack: false });
        finish(&mut rig);
    }
    rig.say(client, 1, &Method::TxSelect {});
    rig.fill(client, "to", 100..140, 20);
    rig.say(client, 1, &Method::BasicAck { delivery_tag: 20, multiple: true });
    rig.say(client, 1, &Method::BasicNack { delivery_tag: 40, multiple: true, requeue: false });
    rig.say(other, 1, &Method::ConfirmSelect { nowait: true });
    finish(&mut rig);
    while rig.hear(client).is_some() {}

    rig.say(client, 1, &Method::TxCommit {});
    let (mut slices, mut confirmed, mut is_committed) = (0, 0, false);
    while rig.broker.has_work() || rig.work() {
        slices += 1;
        if slices <= 20 {
            rig.publish((other, 1), ("", "other"), &persistent(), format!("{slices} ").as_bytes());
        }
        // The disk keeps pace.
        while rig.work() {}
        rig.handle(Input::Tick);
        is_committed |=
            std::iter::from_fn(|| rig.hear(client)).any(|heard| heard == Heard::Ok("tx.commit-ok"));
        for heard in std::iter::from_fn(|| rig.hear(other)) {
            let Heard::Ack { number, .. } = heard else { panic!("{heard:?}") };
            confirmed = number;
        }
        for survival in [Survival::Nothing, Survival::Everything] {
            let left = rig.disk.after_crash(survival);
            let mut left = Rig::new(config(), left).expect("a journal without damage");
            let client = left.connect(1);
            let [from, to, other] =
                ["from", "to", "other"].map(|queue| left.take_all(client, queue).len() as u64);
            assert!(matches!((from, to), (40, 0) | (0, 40)), "{from} and {to} after {slices} slices");
            assert!(to == 40 || !is_committed, "the commit is lost after {slices} slices");
            assert!(other >= confirmed, "{other} of {confirmed} confirmed after {slices} slices");
        }
    }
    assert!(is_committed && confirmed == 20 && slices > 10, "{confirmed} confirmed in {slices} slices");
}

/// Lets the broker finish what it has begun, and the disk, too.
fn finish(rig: &mut Rig) {
    while rig.broker.has_work() {
        rig.handle(Input::Tick);
    }
    rig.settle();
    while rig.broker.has_work() {
        rig.handle(Input::Tick);
    }
}

/// A virtual host that is being deleted is gone after a crash, wherever that was, and what was in it takes no room.
#[test]
fn a_virtual_host_that_is_deleted_in_slices_is_gone_as_a_whole() {
    let sliced = Config { work_per_input: 10, ..config() };
    let mut rig = Rig::new(sliced, Disk::default()).expect("an empty disk");
    rig.handle(Input::Admin(Command::AddVhost("v".into())));
    rig.handle(Input::Admin(Command::Permit(Box::new(Permissions::all("guest", "v")))));
    let client = rig.connect_to("v", 1);
    for queue in 0..20 {
        let queue = format!("q{queue}");
        rig.declare(client, &queue, FieldTable::default());
        rig.fill(client, &queue, 0..20, 100);
        finish(&mut rig);
    }
    assert!(rig.disk.bytes() > 40_000);
    rig.handle(Input::Admin(Command::DeleteVhost("v".into())));
    let (mut slices, mut gone) = (0, 0);
    while rig.broker.has_work() {
        rig.wait(20);
        while rig.work() {}
        slices += 1;
        let mut left = Rig::new(config(), rig.disk.after_crash(Survival::Nothing)).expect("no damage");
        left.settle();
        if left.broker.view().exchanges().iter().all(|exchange| &*exchange.vhost != "v") {
            gone += 1;
            assert_eq!(left.broker.view().totals().queues, 0);
            assert!(left.disk.bytes() < 12 << 10, "{:?} are left", left.disk.files());
        }
    }
    assert!(gone > 10, "gone after {gone} of {slices} slices");
}

/// A queue with 1,000 bindings is deleted: after a crash it is there with all of them, or gone with all of them and with the
/// exchange that was to go with its last one. What somebody else has been told meanwhile is there in any case.
#[test]
fn a_queue_whose_bindings_go_in_slices_is_gone_as_a_whole() {
    for is_used in [false, true] {
        let sliced = Config { work_per_input: 10, ..config() };
        let mut rig = Rig::new(sliced, Disk::default()).expect("an empty disk");
        let (client, other) = (rig.connect(1), rig.connect(1));
        rig.declare(client, "q", FieldTable::default());
        rig.declare(client, "q2", FieldTable::default());
        rig.say(client, 1, &auto_delete("x"));
        (0..1_000).for_each(|key| rig.say(client, 1, &bind("q", &format!("k{key}"))));
        finish(&mut rig);
        while rig.hear(client).is_some() || rig.hear(other).is_some() {}

        rig.say(
            client,
            1,
            &Method::QueueDelete { ticket: 0, queue: "q", if_unused: false, if_empty: false, nowait: false },
        );
        if is_used {
            rig.say(other, 1, &bind("q2", "new"));
        }
        let (mut slices, mut gone, mut is_told, mut is_bound) = (0, 0, false, false);
        while rig.broker.has_work() || rig.work() {
            slices += 1;
            rig.handle(Input::Tick);
            while rig.work() {}
            let told = |rig: &mut Rig, client, word| {
                std::iter::from_fn(|| rig.hear(client)).any(|heard| heard == Heard::Ok(word))
            };
            is_told |= told(&mut rig, client, "queue.delete-ok");
            is_bound |= told(&mut rig, other, "queue.bind-ok");
            for survival in [Survival::Nothing, Survival::Everything] {
                let left = Rig::new(config(), rig.disk.after_crash(survival)).expect("no damage");
                let view = left.broker.view();
                let there = |queue: &str| view.queues().iter().any(|found| found.name == *queue);
                let bindings: Vec<String> =
                    view.bindings().iter().map(|binding| binding.routing_key.to_string()).collect();
                let is_new = usize::from(bindings.iter().any(|key| key == "new"));
                let exchange = view.exchanges().iter().any(|exchange| &*exchange.name == "x");
                if there("q") {
                    assert!(!is_told, "the deletion is lost after {slices} slices");
                    assert_eq!(bindings.len() - is_new, 1_000, "after {slices} slices");
                } else {
                    gone += 1;
                    assert_eq!(bindings.len() - is_new, 0, "after {slices} slices");
                    assert_eq!(exchange, is_new == 1, "after {slices} slices");
                }
                assert!(!is_bound || is_new == 1, "a binding is lost after {slices} slices");
            }
        }
        assert!(is_told && is_bound == is_used && slices > 3, "{slices} slices");
        assert!(gone > 2, "gone after {gone} of {slices} slices");
    }
}

fn auto_delete(exchange: &str) -> Method<'_> {
    Method::ExchangeDeclare {
        ticket: 0,
        exchange,
        kind: "direct",
        passive: false,
        durable: true,
        auto_delete: true,
        internal: false,
        nowait: false,
        arguments: FieldTable::default(),
    }
}

fn bind<'a>(queue: &'a str, routing_key: &'a str) -> Method<'a> {
    let (ticket, exchange, nowait, arguments) = (0, "x", false, FieldTable::default());
    Method::QueueBind { ticket, queue, exchange, routing_key, nowait, arguments }
}

/// A queue is deleted while its dead letters are on their way: no crash takes any of them.
#[test]
fn a_queue_goes_when_its_dead_letters_stand_where_they_go() {
    let sliced = Config { work_per_input: 10, ..config() };
    let mut rig = Rig::new(sliced, Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    let dead = [("x-dead-letter-exchange", text("")), ("x-dead-letter-routing-key", text("dead"))];
    rig.declare(client, "q", FieldTable::from(dead));
    rig.declare(client, "dead", FieldTable::default());
    finish(&mut rig);
    rig.fill(client, "q", 0..40, 20);
    finish(&mut rig);
    for _ in 0..40 {
        rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: false });
        finish(&mut rig);
    }
    while rig.hear(client).is_some() {}
    let nack = Method::BasicNack { delivery_tag: 0, multiple: true, requeue: false };
    let (ticket, if_unused, if_empty, nowait) = (0, false, false, false);
    let delete = Method::QueueDelete { ticket, queue: "q", if_unused, if_empty, nowait };
    let mut frames = Vec::new();
    [nack, delete].iter().for_each(|method| method.encode(1, &mut frames));
    rig.bytes(client, &frames);
    let (mut slices, mut is_told) = (0, false);
    while rig.broker.has_work() || rig.work() {
        slices += 1;
        rig.handle(Input::Tick);
        while rig.work() {}
        is_told |= std::iter::from_fn(|| rig.hear(client)).any(|heard| heard == Heard::Ok("queue.delete-ok"));
        let torn = rig.disk.unsynced().len().saturating_sub(1) as u64;
        let length = rig.disk.unsynced().last().copied().unwrap_or_default();
        let torn = (0..length).step_by(7).map(|at| Survival::Some { kept: u64::MAX, torn, at });
        for survival in torn.chain([Survival::Nothing, Survival::Everything]) {
            let left = rig.disk.after_crash(survival);
            let mut left = Rig::new(config(), left).expect("a journal without damage");
            let client = left.connect(1);
            let is_there = left.broker.view().queues().iter().any(|queue| queue.name == "q");
            assert!(!(is_there && is_told), "the deletion is lost after {slices} slices");
            let mut found: BTreeSet<u32> =
                left.take_all(client, "dead").iter().map(|taken| taken.0).collect();
            if is_there {
                found.extend(left.take_all(client, "q").iter().map(|taken| taken.0));
            }
            assert_eq!(found.len(), 40, "after {slices} slices; {survival:?}");
        }
    }
    assert!(is_told && slices > 10, "{slices} slices");
}
