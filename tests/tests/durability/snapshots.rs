//! A segment begins with a snapshot of all that is durable besides messages, and that is put together in slices: whatever
//! changes meanwhile, a crash finds the state that clients were told of.

use std::collections::BTreeSet;

use warren_core::{
    Broker, Command, Config, Input, PasswordHash, Permissions, Random, SegmentId, User,
    event::Destination,
    wire::{FieldTable, Method},
};
use warren_sim::{Disk, Survival};

use crate::rig::{Rig, config, text};

/// Queues and exchanges that are declared and deleted.
const NAMES: u64 = 16;
const VHOSTS: [&str; 2] = ["/", "other"];

#[test]
fn what_changes_while_a_snapshot_is_put_together_is_in_it() {
    let mut longest = 0;
    for seed in 0..12 {
        // A change or two in a slice.
        let sliced = Config { work_per_input: 12, ..config() };
        let mut rig = Rig::new(sliced, Disk::default()).expect("an empty disk");
        rig.handle(Input::Admin(Command::AddVhost("other".into())));
        rig.handle(Input::Admin(Command::Permit(Box::new(Permissions::all("guest", "other")))));
        let clients = VHOSTS.map(|vhost| rig.connect_to(vhost, 1));
        rig.settle();
        let mut random = Random::new(seed);
        let mut first = first_segment(&rig);
        let mut changes = 0;
        for step in 0..1_500 {
            change(&mut rig, clients, &mut random);
            changes += 1;
            // Old segments go with what was in them, so that only the snapshot tells of it.
            if step % 8 == 0 {
                rig.fill(clients[0], "q0", step..step + 1, 30);
            }
            // One slice of all that is under way.
            rig.handle(Input::Tick);
            while rig.work() {}
            if first_segment(&rig) != first {
                first = first_segment(&rig);
                longest = longest.max(std::mem::take(&mut changes));
            }
            if step % 5 == 0 {
                let left = Rig::new(config(), rig.disk.after_crash(Survival::Nothing)).expect("no damage");
                // What is gone may still be taken apart, and a restart does that at once.
                let (left, there) = (left.finished(), rig.finished());
                assert_eq!(topology(&left), topology(&there), "seed {seed}, step {step}");
            }
        }
        assert!(first.0 > 4, "{first:?}: too few snapshots have been written");
    }
    assert!(longest > 50, "never more than {longest} changes between two snapshots");
}

/// What an operator sets stands in it, too, and is told in slices.
#[test]
fn settings_that_change_while_a_snapshot_is_put_together_are_in_it() {
    for seed in 0..4 {
        let sliced = Config { work_per_input: 12, ..config() };
        let mut rig = Rig::new(sliced, Disk::default()).expect("an empty disk");
        let client = rig.connect(1);
        rig.declare(client, "q", limited());
        let mut random = Random::new(seed);
        rig.settle();
        let (mut users, mut closed) = (BTreeSet::new(), BTreeSet::new());
        let first = first_segment(&rig);
        for step in 0..800 {
            let (name, vhost) =
                (format!("user{:02}", random.below(30)), format!("vhost{:02}", random.below(20)));
            let command = match random.below(6) {
                0..=2 => {
                    users.insert(name.clone());
                    let password = PasswordHash::new(*b"salt", "secret");
                    Command::SetUser(Box::new(User { name, password, ..User::default() }))
                }
                3 => {
                    users.remove(&name);
                    Command::DeleteUser(name)
                }
                4 => {
                    closed.remove(&vhost);
                    Command::AddVhost(vhost)
                }
                _ => {
                    rig.handle(Input::Admin(Command::AddVhost(vhost.clone())));
                    closed.insert(vhost.clone());
                    Command::CloseVhost(vhost)
                }
            };
            rig.handle(Input::Admin(command));
            rig.fill(client, "q", step..step + 1, 100);
            rig.wait(20);
            while rig.work() {}
            if step % 5 == 0 {
                let mut left =
                    Rig::new(config(), rig.disk.after_crash(Survival::Nothing)).expect("no damage");
                let view = left.broker.view().closed_vhosts();
                let found: BTreeSet<String> = view.into_iter().map(|vhost| vhost.name.to_string()).collect();
                assert_eq!(found, closed, "seed {seed}, step {step}");
                let names = (0..30).map(|i| format!("user{i:02}"));
                let found: BTreeSet<String> = names.filter(|name| left.may_log_in(name, "secret")).collect();
                assert_eq!(found, users, "seed {seed}, step {step}");
            }
        }
        assert!(first_segment(&rig).0 > first.0 + 4, "too few snapshots have been written");
    }
}

fn first_segment(rig: &Rig) -> SegmentId {
    let mut first = SegmentId(u32::MAX);
    rig.disk.save(|segment, _| {
        if segment != SegmentId::BOUNDS {
            first = first.min(segment);
        }
    });
    first
}

/// Something is declared, deleted, bound or unbound, and the client has its answer.
fn change(rig: &mut Rig, clients: [usize; 2], random: &mut Random) {
    let client = clients[random.below(2) as usize];
    let (queue, exchange) = (format!("q{}", random.below(NAMES)), format!("x{}", random.below(NAMES)));
    let (queue, exchange, key) = (&*queue, &*exchange, format!("k{}", random.below(4)));
    let (ticket, nowait, arguments) = (0, false, FieldTable::default());
    let method = match random.below(16) {
        0..=3 => return answered(rig, client, &crate::rig::declare(queue, limited())),
        4..=6 => Method::ExchangeDeclare {
            ticket,
            exchange,
            kind: "fanout",
            passive: false,
            durable: true,
            auto_delete: random.below(3) == 0,
            internal: false,
            nowait,
            arguments,
        },
        7..=10 => Method::QueueBind { ticket, queue, exchange, routing_key: &key, nowait, arguments },
        11 => {
            let destination = format!("x{}", random.below(NAMES));
            let bind = Method::ExchangeBind {
                ticket,
                destination: &destination,
                source: exchange,
                routing_key: &key,
                nowait,
                arguments,
            };
            return answered(rig, client, &bind);
        }
        12 | 13 => Method::QueueUnbind { ticket, queue, exchange, routing_key: &key, arguments },
        14 => Method::QueueDelete { ticket, queue, if_unused: false, if_empty: false, nowait },
        _ => Method::ExchangeDelete { ticket, exchange, if_unused: false, nowait },
    };
    answered(rig, client, &method);
}

/// A queue that keeps one message: what it had before is of no use.
fn limited() -> FieldTable {
    FieldTable::from([
        ("x-max-length", warren_core::wire::FieldValue::I32(1)),
        ("x-overflow", text("drop-head")),
    ])
}

/// Says it, and waits for what the broker says to that; other work goes on by a slice at a time.
fn answered(rig: &mut Rig, client: usize, method: &Method<'_>) {
    while rig.hear(client).is_some() {}
    rig.say(client, 1, method);
    let heard = rig.hear_in_time(client).unwrap_or_else(|| panic!("no answer to {}", method.name()));
    if let crate::rig::Heard::Closed(_) = heard {
        rig.say(client, 1, &Method::ChannelCloseOk {});
        rig.say(client, 1, &Method::ChannelOpen { out_of_band: "" });
        rig.hear_in_time(client);
    }
}

/// All that is durable, bindings in the order of their age.
fn topology(broker: &Broker) -> Vec<String> {
    let view = broker.view();
    let queues = view.queues().into_iter().map(|queue| format!("{} queue {}", queue.vhost, queue.name));
    let exchanges =
        view.exchanges().into_iter().map(|exchange| format!("{} exchange {}", exchange.vhost, exchange.name));
    let bindings = view.bindings().into_iter().map(|binding| {
        let to = match &binding.destination {
            Destination::Queue(name) | Destination::Exchange(name) => name,
        };
        format!("{} binding {} {} {to}", binding.vhost, binding.exchange, binding.routing_key)
    });
    queues.chain(exchanges).chain(bindings).collect()
}
