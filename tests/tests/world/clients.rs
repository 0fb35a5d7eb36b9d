//! Clients of several actors: one program, its connections, and a channel for each of its actors.

use std::time::Duration;

use insta::assert_snapshot;
use warren_sim::{
    AckMode, ActorKind, Consumer, Ending, Fault, Happening, Lapse, Mishap, NetworkPlan, Producer, Queue,
    Reconnect, Scenario, Trial, World, gallery, report, warren_core::Instant,
};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A shop that sends and receives on one connection, with a second one for its clerk.
fn shop(faults: &[(u64, Mishap)]) -> Scenario {
    let reconnect = Some(Reconnect { after: ms(100), up_to: ms(100) });
    let producer = |name: &str| Producer {
        client: "shop".into(),
        interval: Lapse::Fixed(ms(100)),
        reconnect,
        ..Producer::new(name, "orders", 20)
    };
    let consumer = |name: &str, queue: &str, connection: &str| Consumer {
        client: "shop".into(),
        connection: connection.into(),
        ack: AckMode::AfterWork,
        work: Some(Lapse::Fixed(ms(10))),
        reconnect,
        ..Consumer::new(name, queue)
    };
    Scenario {
        until: ms(3_000),
        network: NetworkPlan { latency: ms(5), ..NetworkPlan::default() },
        queues: vec![Queue::new("orders"), Queue::new("news")],
        producers: vec![producer("till")],
        consumers: vec![consumer("packer", "orders", ""), consumer("clerk", "news", "slow")],
        faults: faults.iter().map(|(at, what)| Fault { at: ms(*at), what: what.clone() }).collect(),
        ..Scenario::new("a shop")
    }
}

fn played(scenario: &Scenario, until: u64) -> World {
    scenario.check().expect("every name that is used exists");
    let mut world = World::new(scenario, 1);
    world.run_until(Instant::ZERO + ms(until));
    world
}

/// Who connects, goes and comes, a line each.
fn comings_and_goings(scenario: &Scenario) -> String {
    let mut world = played(scenario, 3_000);
    let events = world.take_events().into_iter().filter(|event| {
        matches!(
            event.what,
            Happening::Connecting { .. }
                | Happening::Refused { .. }
                | Happening::Crashed { .. }
                | Happening::Revived { .. }
                | Happening::WentOn { .. }
        )
    });
    let lines = events.filter_map(|event| {
        let (who, what) = report::sentence(scenario, &event.what)?;
        Some(format!("{} {who} {what}\n", event.at))
    });
    lines.collect()
}

fn clerk() -> String {
    "clerk".into()
}

fn packer() -> String {
    "packer".into()
}

#[test]
fn actors_of_a_client_share_its_connections_and_each_has_a_channel() {
    let world = played(&shop(&[]), 500);
    let connections = world.broker().connections().into_iter();
    let seen: Vec<_> = connections
        .map(|view| {
            format!(
                "{}: channels {:?}",
                view.client_name,
                view.channels.iter().map(|n| n.0).collect::<Vec<_>>()
            )
        })
        .collect();
    assert_eq!(seen, ["shop: channels [1, 2]", "shop/slow: channels [1]"]);
}

#[test]
fn a_channel_that_is_closed_leaves_the_others_of_its_connection_alone() {
    let closed = shop(&[(500, Mishap::Close { actor: packer() })]);
    assert_snapshot!(comings_and_goings(&closed), @r"
    0.000 till connects
    0.000 packer opens channel 2 on its client's connection
    0.000 clerk connects
    0.510 packer loses its channel: it has closed its channel; it tries again at 0.610
    0.610 packer opens channel 3 on its client's connection
    ");
    let ledger = played(&closed, 3_000).ledger().clone();
    assert_eq!((ledger.published, ledger.processed), (20, 20), "the till has gone on, and so has the packer");
}

#[test]
fn a_consumer_whose_queue_is_deleted_gives_up_only_its_channel() {
    let deleted = shop(&[(500, Mishap::DeleteQueue { queue: "orders".into() })]);
    assert_snapshot!(comings_and_goings(&deleted), @r"
    0.000 till connects
    0.000 packer opens channel 2 on its client's connection
    0.000 clerk connects
    0.500 operator connects
    0.530 packer loses its channel: the broker cancelled the consumer; it tries again at 0.630
    0.630 packer opens channel 3 on its client's connection
    ");
}

#[test]
fn a_connection_that_breaks_takes_all_its_channels_and_no_others() {
    let cut = Mishap::Cut { actor: packer(), way: None, frames: 0, torn: false };
    assert_snapshot!(comings_and_goings(&shop(&[(500, cut)])), @r"
    0.000 till connects
    0.000 packer opens channel 2 on its client's connection
    0.000 clerk connects
    0.505 till loses its connection: the connection broke; it tries again at 0.605
    0.505 packer loses its connection: the connection broke; it tries again at 0.605
    0.605 till connects
    0.605 packer opens channel 2 on its client's connection
    ");
}

#[test]
fn a_client_dies_and_comes_back_as_one() {
    let crash = [(500, Mishap::Crash { actor: clerk() }), (900, Mishap::Revive { actor: "shop".into() })];
    assert_snapshot!(comings_and_goings(&shop(&crash)), @r"
    0.000 till connects
    0.000 packer opens channel 2 on its client's connection
    0.000 clerk connects
    0.500 till CRASHES
    0.500 packer CRASHES
    0.500 clerk CRASHES
    0.900 till starts again
    0.900 till connects
    0.900 packer starts again
    0.900 packer opens channel 2 on its client's connection
    0.900 clerk starts again
    0.900 clerk connects
    ");
}

#[test]
fn a_client_stands_still_as_one() {
    let paused = shop(&[(500, Mishap::Pause { actor: "shop".into() })]);
    let (at_once, later) = (played(&paused, 520), played(&paused, 2_000));
    assert_eq!(at_once.ledger().published, later.ledger().published, "the till stands still, too");
    assert!(later.actors().iter().all(|actor| actor.status == warren_sim::Status::Paused));
    assert_eq!(later.broker().connections().len(), 2, "and its connections stay open");
}

/// Who has lost its channel stands still with its client, and starts again where the others go on.
#[test]
fn of_a_client_that_goes_on_only_who_was_up_does() {
    let pause = Mishap::Pause { actor: "shop".into() };
    let close = Mishap::Close { actor: packer() };
    let revive = Mishap::Revive { actor: "shop".into() };
    let mut scenario = shop(&[(500, close), (600, pause), (900, revive)]);
    scenario.consumers[0].reconnect = None;
    assert_snapshot!(comings_and_goings(&scenario), @r"
    0.000 till connects
    0.000 packer opens channel 2 on its client's connection
    0.000 clerk connects
    0.510 packer is refused: it has closed its channel
    0.900 till goes on
    0.900 packer starts again
    0.900 packer opens channel 3 on its client's connection
    0.900 clerk goes on
    ");
}

#[test]
fn an_exclusive_queue_is_for_everyone_on_its_connection() {
    let mut scenario = shop(&[]);
    scenario.queues[0].exclusive = true;
    scenario.consumers.push(Consumer { name: "helper".into(), ..scenario.consumers[0].clone() });
    assert_eq!(Trial::new(&scenario, 1).run(Ending::AsItIs, |_| {}).violation(), None);
    assert_eq!(played(&scenario, 3_000).ledger().processed, 20);

    scenario.consumers[2].connection = "slow".into();
    let refusal = scenario.check().expect_err("it is on another connection").to_string();
    assert_snapshot!(refusal.split_once(": ").expect("file and line").1, @r#"field "exclusive": an exclusive queue belongs to one connection: let one actor take from it, or several on one connection"#);
}

/// From 5 s to 11 s the broker is short of memory.
#[test]
fn acks_wait_behind_publishes_on_the_same_connection_while_the_broker_blocks_publishers() {
    let example = gallery::find("two-connections").expect("an example");
    let scenario = Scenario::parse(example.id, example.toml).expect("a good file");
    let done = |until: u64| {
        let world = played(&scenario, until);
        let done = world.actors().into_iter().filter_map(|actor| match actor.kind {
            ActorKind::Consumer { processed, .. } if actor.name != "archive" => Some(processed),
            _ => None,
        });
        done.collect::<Vec<_>>()
    };
    let (before, after) = (done(5_600), done(11_000));
    let worked: Vec<u64> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
    assert_eq!(worked, [0, 7], "service-a has one connection, service-b has two");
}

/// A connection has 2,047 channels, and the numbers of a client are never used again. This client opens more of them:
/// it begins anew on another connection.
#[test]
fn a_connection_that_has_no_channel_left_is_opened_anew() {
    let closes: Vec<_> = (1..=2_100).map(|turn| (turn * 250, Mishap::Close { actor: packer() })).collect();
    let mut scenario = shop(&closes);
    scenario.until = ms(600_000);
    let world = played(&scenario, 600_000);
    let ledger = world.ledger();
    assert_eq!(ledger.published, 20, "the till was interrupted once, and went on");
    let connections = world.broker().connections();
    assert_eq!(connections.len(), 2);
    assert!(connections.iter().any(|view| view.connection.0 > 2), "a new one");
}
