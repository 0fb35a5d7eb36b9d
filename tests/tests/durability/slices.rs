//! Work that is done in slices: a power cut between any two of them.

use warren_core::{
    Command, Config, Input, Permissions,
    wire::{FieldTable, Method},
};
use warren_sim::{Disk, Survival};

use crate::rig::{Heard, Rig, config, persistent};

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
