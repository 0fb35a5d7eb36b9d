//! What exchanges hold back (x-delayed-message) and what they keep (x-recent-history) outlives the broker.

use std::collections::BTreeSet;

use warren_core::{
    Command, Config, DiskAction, Input,
    wire::{FieldTable, FieldValue, Method, Properties},
};
use warren_sim::{Disk, Survival};

use crate::rig::{self, Heard, Rig, config, number, text};

const DELAY_MS: u32 = 5_000;

/// An exchange that is durable or not, with queue `q` bound to it.
fn start(kind: &str, durable: bool) -> (Rig, usize) {
    let (mut rig, client) = rig::start();
    rig.declare(client, "q", FieldTable::default());
    declare(&mut rig, client, kind, durable);
    bind(&mut rig, client, "q");
    rig.settle();
    while rig.hear(client).is_some() {}
    (rig, client)
}

fn declare(rig: &mut Rig, client: usize, kind: &str, durable: bool) {
    let arguments = FieldTable::from([
        ("x-delayed-type", text("fanout")),
        ("x-recent-history-length", FieldValue::I32(3)),
    ]);
    let declare = Method::ExchangeDeclare {
        ticket: 0,
        exchange: "x",
        kind,
        passive: false,
        durable,
        auto_delete: false,
        internal: false,
        nowait: true,
        arguments,
    };
    rig.say(client, 1, &declare);
}

fn bind(rig: &mut Rig, client: usize, queue: &str) {
    let (nowait, arguments) = (true, FieldTable::default());
    let bind = Method::QueueBind { ticket: 0, queue, exchange: "x", routing_key: "", nowait, arguments };
    rig.say(client, 1, &bind);
}

fn delete(rig: &mut Rig, client: usize) {
    let delete = Method::ExchangeDelete { ticket: 0, exchange: "x", if_unused: false, nowait: true };
    rig.say(client, 1, &delete);
}

fn publish(rig: &mut Rig, client: usize, number: u32, delay_ms: u32, delivery_mode: u8) {
    let headers = FieldTable::from([("x-delay", FieldValue::I32(delay_ms as i32))]);
    let properties =
        Properties { headers: Some(headers), delivery_mode: Some(delivery_mode), ..Properties::default() };
    rig.publish((client, 1), ("x", ""), &properties, format!("{number} ").as_bytes());
}

const NONE: [u32; 0] = [];

fn numbers(rig: &mut Rig, queue: &str) -> Vec<u32> {
    let client = rig.connect(1);
    rig.take_all(client, queue).into_iter().map(|(number, _)| number).collect()
}

/// The two ways in which a broker ends, and another one goes on.
const ENDS: [fn(Rig, Config) -> Rig; 2] = [Rig::crash, Rig::restart];

#[test]
fn what_is_held_back_goes_on_after_a_restart_when_its_time_comes() {
    for end in ENDS {
        let (mut rig, client) = start("x-delayed-message", true);
        publish(&mut rig, client, 1, DELAY_MS, 2);
        // Whatever the delivery mode (RabbitMQ).
        publish(&mut rig, client, 2, DELAY_MS, 1);
        publish(&mut rig, client, 3, 2 * DELAY_MS, 2);
        rig.settle();
        let mut rig = end(rig, config());
        // The clocks of the new broker show the time of the first one's start.
        rig.wait(u64::from(DELAY_MS) - 100);
        assert_eq!(numbers(&mut rig, "q"), NONE);
        rig.wait(200);
        assert_eq!(numbers(&mut rig, "q"), [1, 2]);
        rig.settle();
        // And once more: what has gone on does not come again.
        let mut rig = end(rig, config());
        rig.wait(u64::from(2 * DELAY_MS) + 100);
        assert_eq!(numbers(&mut rig, "q"), [3]);
    }
}

#[test]
fn what_is_overdue_goes_on_at_once() {
    let (mut rig, client) = start("x-delayed-message", true);
    publish(&mut rig, client, 1, DELAY_MS, 2);
    rig.settle();
    let mut later = Rig::start();
    later.wall = warren_core::WallTime::from_millis(later.wall.as_millis() + i64::from(2 * DELAY_MS));
    let disk = rig.disk.after_crash(Survival::Nothing);
    let recovered = disk.recover(later).expect("a journal without damage");
    let mut rig = Rig::with(config(), disk, recovered);
    rig.wait(0);
    assert_eq!(numbers(&mut rig, "q"), [1]);
}

#[test]
fn what_an_exchange_keeps_is_for_those_that_are_bound_after_a_restart_too() {
    for end in ENDS {
        let (mut rig, client) = start("x-recent-history", true);
        (1..=5).for_each(|number| publish(&mut rig, client, number, 0, 1));
        rig.settle();
        let mut rig = end(rig, config());
        let client = rig.connect(1);
        rig.declare(client, "late", FieldTable::default());
        bind(&mut rig, client, "late");
        assert_eq!(numbers(&mut rig, "late"), [3, 4, 5]);
        // It goes on where it was.
        publish(&mut rig, client, 6, 0, 2);
        rig.settle();
        let mut rig = end(rig, config());
        let client = rig.connect(1);
        rig.declare(client, "later", FieldTable::default());
        bind(&mut rig, client, "later");
        assert_eq!(numbers(&mut rig, "later"), [4, 5, 6]);
    }
}

#[test]
fn what_an_exchange_that_is_not_durable_holds_is_gone_with_it() {
    for kind in ["x-delayed-message", "x-recent-history"] {
        let (mut rig, client) = start(kind, false);
        publish(&mut rig, client, 1, DELAY_MS, 2);
        rig.say(client, 1, &Method::QueuePurge { ticket: 0, queue: "q", nowait: true });
        rig.settle();
        let mut rig = rig.crash(config());
        let client = rig.connect(1);
        declare(&mut rig, client, kind, true);
        bind(&mut rig, client, "q");
        rig.wait(u64::from(2 * DELAY_MS));
        assert_eq!(numbers(&mut rig, "q"), NONE, "{kind}");
    }
}

#[test]
fn a_history_goes_with_its_exchange() {
    let (mut rig, client) = start("x-recent-history", true);
    publish(&mut rig, client, 1, 0, 2);
    rig.say(client, 1, &Method::QueuePurge { ticket: 0, queue: "q", nowait: true });
    rig.settle();
    delete(&mut rig, client);
    declare(&mut rig, client, "x-recent-history", true);
    rig.settle();
    let mut rig = rig.crash(config());
    let client = rig.connect(1);
    bind(&mut rig, client, "q");
    assert_eq!(numbers(&mut rig, "q"), NONE);
}

/// The plugin looks for an exchange with this name when the time comes.
#[test]
fn what_is_held_back_goes_on_through_an_exchange_that_was_declared_again() {
    for crashes in [false, true] {
        let (mut rig, client) = start("x-delayed-message", true);
        publish(&mut rig, client, 1, DELAY_MS, 2);
        delete(&mut rig, client);
        declare(&mut rig, client, "x-delayed-message", true);
        bind(&mut rig, client, "q");
        publish(&mut rig, client, 2, DELAY_MS, 2);
        rig.settle();
        let mut rig = if crashes { rig.crash(config()) } else { rig };
        rig.wait(u64::from(2 * DELAY_MS));
        assert_eq!(numbers(&mut rig, "q"), [1, 2]);
    }
}

#[test]
fn what_is_held_goes_with_its_vhost() {
    let (mut rig, _) = start("x-delayed-message", true);
    rig.handle(Input::Admin(Command::AddVhost("app".into())));
    let all = warren_core::Permissions::all("guest", "app");
    rig.handle(Input::Admin(Command::Permit(Box::new(all))));
    let client = rig.connect_to("app", 1);
    for kind in ["x-delayed-message", "x-recent-history"] {
        declare(&mut rig, client, kind, true);
        publish(&mut rig, client, 1, DELAY_MS, 2);
        delete(&mut rig, client);
    }
    publish(&mut rig, client, 1, DELAY_MS, 2);
    rig.settle();
    rig.handle(Input::Admin(Command::DeleteVhost("app".into())));
    rig.settle();
    rig.handle(Input::Admin(Command::AddVhost("app".into())));
    rig.settle();
    let rig = rig.crash(config());
    assert_eq!(rig.broker.view().held_back("app").count(), 0);
}

/// Nothing of it is in queues, and a confirm waits all the same.
#[test]
fn a_confirm_of_what_is_held_waits_for_the_disk() {
    for kind in ["x-delayed-message", "x-recent-history"] {
        let (mut rig, client) = start(kind, true);
        rig.say(
            client,
            1,
            &Method::QueueUnbind {
                ticket: 0,
                queue: "q",
                exchange: "x",
                routing_key: "",
                arguments: FieldTable::default(),
            },
        );
        rig.say(client, 1, &Method::ConfirmSelect { nowait: true });
        rig.settle();
        while rig.hear(client).is_some() {}
        publish(&mut rig, client, 1, DELAY_MS, 1);
        let mut done = Vec::new();
        while rig.hear(client).is_none() {
            let (_, action) = rig.pending.front().expect("the disk is asked for something");
            done.push(matches!(action, DiskAction::Sync { .. }));
            rig.work();
        }
        assert_eq!(done, [false, true], "{kind}: a write, and its sync");
    }
}

/// Segments come and go meanwhile: what is held is moved.
#[test]
fn what_is_held_for_long_is_moved_and_kept() {
    for (kind, expected) in [("x-delayed-message", vec![1, 2]), ("x-recent-history", vec![1, 2])] {
        let (mut rig, client) = start(kind, true);
        rig.declare(client, "busy", FieldTable::default());
        publish(&mut rig, client, 1, 3_600_000, 2);
        publish(&mut rig, client, 2, 3_600_000, 2);
        rig.take_all(client, "q");
        for round in 0..30 {
            rig.fill_and_take(client, "busy", round * 20..(round + 1) * 20, 200);
        }
        assert!(rig.segments() < 10, "{} segments of 4 KiB; {kind}", rig.segments());
        let mut rig = rig.crash(config());
        let client = rig.connect(1);
        if kind == "x-recent-history" {
            bind(&mut rig, client, "busy");
            assert_eq!(numbers(&mut rig, "busy"), expected);
        } else {
            rig.wait(2 * 3_600_000);
            assert_eq!(numbers(&mut rig, "q"), expected);
        }
    }
}

/// Messages are held back, go on, are got and acked; behind every step of the disk, and inside of every write, the power is
/// cut: what was confirmed and not acked is there again, once it is due.
#[test]
fn no_power_cut_takes_what_is_held_back() {
    let (mut rig, client) = start("x-delayed-message", true);
    rig.say(client, 1, &Method::ConfirmSelect { nowait: true });
    rig.settle();
    let mut told = Told::default();
    let mut cuts = 0;
    for round in 0..12_u32 {
        for number in 0..6 {
            publish(&mut rig, client, round * 6 + number, 20 + 15 * number, 2);
        }
        cuts += told.cut_everywhere(&mut rig, client);
        rig.wait(45);
        cuts += told.cut_everywhere(&mut rig, client);
        rig.say(client, 1, &Method::BasicGet { ticket: 0, queue: "q", no_ack: false });
        cuts += told.cut_everywhere(&mut rig, client);
        told.acked.append(&mut told.got);
        rig.say(client, 1, &Method::BasicAck { delivery_tag: 0, multiple: true });
        cuts += told.cut_everywhere(&mut rig, client);
    }
    assert!(cuts > 300, "{cuts}");
    assert_eq!(told.confirmed, 72, "all are confirmed");
    assert!(told.acked.len() >= 10, "{:?}", told.acked);
}

/// What the client knows.
#[derive(Default)]
struct Told {
    /// So many of the first messages.
    confirmed: u32,
    got: BTreeSet<u32>,
    /// An ack has been sent.
    acked: BTreeSet<u32>,
}

impl Told {
    /// Lets the disk do its work, and cuts the power all the time; returns how often.
    fn cut_everywhere(&mut self, rig: &mut Rig, client: usize) -> u64 {
        let mut cuts = 0;
        loop {
            while let Some(heard) = rig.hear(client) {
                match heard {
                    Heard::Ack { number, .. } => self.confirmed = self.confirmed.max(number as u32),
                    Heard::Got { body, .. } => drop(self.got.insert(number(&body))),
                    _ => {}
                }
            }
            let torn = rig.disk.unsynced().len().saturating_sub(1) as u64;
            let length = rig.disk.unsynced().last().copied().unwrap_or_default();
            let torn = (0..length).step_by(23).map(|at| Survival::Some { kept: u64::MAX, torn, at });
            for survival in torn.chain([Survival::Nothing, Survival::Everything]) {
                cuts += 1;
                self.check(rig.disk.after_crash(survival), survival);
            }
            if !rig.work() {
                return cuts;
            }
        }
    }

    fn check(&self, disk: Disk, survival: Survival) {
        let mut rig = Rig::new(config(), disk).expect("a journal without damage");
        rig.wait(10_000);
        let found: BTreeSet<u32> = numbers(&mut rig, "q").into_iter().collect();
        let missing: Vec<u32> = (0..self.confirmed)
            .filter(|number| !found.contains(number) && !self.acked.contains(number))
            .collect();
        assert!(missing.is_empty(), "{missing:?} of {} are gone ({survival:?})", self.confirmed);
        assert_eq!(rig.broker.view().held_back("/").count(), 0);
    }
}
