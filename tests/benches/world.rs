//! How fast the world is: operations of the core alone and in the world, simulated time, seeds of a sweep.
//!
//! `cargo bench -p warren-tests --bench world`; the items are what the name of each bench says.

#![expect(clippy::expect_used, reason = "a bench that cannot go on says why")]

use std::time::Duration;

use divan::{Bencher, counter::ItemsCount};
use warren_sim::{
    Consumer, Ending, Lapse, NetworkPlan, Producer, Queue, Scenario, Trial, World, generate, lessons, swarm,
    warren_core::{
        Broker, Config, ConnectionId, Input, Instant, Now, Output, Peer,
        wire::{ContentHeader, FieldTable, Method, PROTOCOL_HEADER, Properties, encode_body},
    },
};

fn main() {
    divan::main();
}

const MESSAGES: u32 = 10_000;
/// How often a page takes the events, in virtual time.
const FRAME: Duration = Duration::from_millis(16);
const CONNECTION: ConnectionId = ConnectionId(1);

/// Publish, deliver, ack: the broker alone, as a server has it, fed with frames a hundred messages at a time.
#[divan::bench(sample_count = 20)]
fn core_operations(bencher: Bencher) {
    bencher.counter(ItemsCount::new(3 * MESSAGES)).bench_local(|| {
        let mut broker = broker();
        let mut tag = 0;
        for _ in 0..MESSAGES / 100 {
            let mut bytes = Vec::new();
            (0..100).for_each(|_| publish(&mut bytes));
            feed(&mut broker, &bytes);
            bytes.clear();
            for _ in 0..100 {
                tag += 1;
                Method::BasicAck { delivery_tag: tag, multiple: false }.encode(1, &mut bytes);
            }
            feed(&mut broker, &bytes);
        }
        assert_eq!(broker.view().totals().unacked, 0);
        tag
    });
}

/// The same operations in a world: clients, a network that carries the bytes, a broker that tells every fact.
#[divan::bench(sample_count = 20)]
fn world_operations(bencher: Bencher) {
    let scenario = load();
    bencher.counter(ItemsCount::new(3 * MESSAGES)).bench_local(|| {
        let (_, acked) = play(&scenario);
        assert_eq!(acked, u64::from(MESSAGES));
    });
}

/// And with the checks looking at every event.
#[divan::bench(sample_count = 20)]
fn checked_operations(bencher: Bencher) {
    let scenario = load();
    bencher.counter(ItemsCount::new(3 * MESSAGES)).bench_local(|| {
        let outcome = Trial::new(&scenario, 1).run(Ending::AsItIs, |_| {});
        assert_eq!((outcome.ledger.acked, outcome.violation()), (u64::from(MESSAGES), None));
    });
}

/// Events of the world, of all kinds.
#[divan::bench(sample_count = 20)]
fn world_events(bencher: Bencher) {
    let scenario = load();
    let (events, _) = play(&scenario);
    bencher.counter(ItemsCount::new(events)).bench_local(|| play(&scenario));
}

/// Simulated seconds of the lesson on work queues.
#[divan::bench(sample_count = 100)]
fn work_queue_seconds(bencher: Bencher) {
    let lesson = lessons::find("work-queue").expect("it is there");
    let scenario = Scenario::parse("work-queue", lesson.toml).expect("lessons are right");
    bencher.counter(ItemsCount::new(scenario.until.as_secs())).bench_local(|| play(&scenario));
}

/// Seeds of a sweep: a topology made up, faults, checks, healing.
#[divan::bench(sample_count = 10)]
fn sweep_seeds(bencher: Bencher) {
    bencher.counter(ItemsCount::new(100_u32)).bench_local(|| {
        for seed in 0..100 {
            let scenario = swarm(&generate(seed), seed);
            assert_eq!(Trial::new(&scenario, seed).run(Ending::Healed, |_| {}).violation(), None);
        }
    });
}

/// One producer and one consumer, as fast as a wire of a millisecond lets them be.
fn load() -> Scenario {
    Scenario {
        until: Duration::from_secs(60),
        network: NetworkPlan { latency: Duration::from_millis(1), ..NetworkPlan::default() },
        queues: vec![Queue::new("load")],
        producers: vec![Producer {
            interval: Lapse::Fixed(Duration::from_millis(1)),
            burst: 100,
            ..Producer::new("producer", "load", MESSAGES)
        }],
        consumers: vec![Consumer::new("consumer", "load")],
        ..Scenario::new("load")
    }
}

/// Plays as a page does, which takes the events once a frame: how many there were, and how many acks.
fn play(scenario: &Scenario) -> (u64, u64) {
    let mut world = World::new(scenario, 1).without_stories();
    let mut events = 0;
    let end = Instant::ZERO + scenario.until;
    while let Some(next) = world.next_at().filter(|next| *next <= end) {
        world.run_until(next + FRAME);
        events += world.take_events().len() as u64;
    }
    (events, world.ledger().acked)
}

fn broker() -> Broker {
    let mut broker = Broker::new(Config::default());
    let peer = Peer { address: "bench".into(), loopback: true };
    broker.handle(Now::default(), Input::Accepted { connection: CONNECTION, peer });
    let mut bytes = PROTOCOL_HEADER.to_vec();
    let client_properties = FieldTable::default();
    let response = b"\0guest\0guest";
    Method::ConnectionStartOk { client_properties, mechanism: "PLAIN", response, locale: "en_US" }
        .encode(0, &mut bytes);
    Method::ConnectionTuneOk { channel_max: 10, frame_max: 131_072, heartbeat: 0 }.encode(0, &mut bytes);
    Method::ConnectionOpen { virtual_host: "/", capabilities: "", insist: false }.encode(0, &mut bytes);
    Method::ChannelOpen { out_of_band: "" }.encode(1, &mut bytes);
    let declare = Method::QueueDeclare {
        ticket: 0,
        queue: "load",
        passive: false,
        durable: false,
        exclusive: false,
        auto_delete: false,
        nowait: false,
        arguments: FieldTable::default(),
    };
    declare.encode(1, &mut bytes);
    let consume = Method::BasicConsume {
        ticket: 0,
        queue: "load",
        consumer_tag: "consumer",
        no_local: false,
        no_ack: false,
        exclusive: false,
        nowait: false,
        arguments: FieldTable::default(),
    };
    consume.encode(1, &mut bytes);
    feed(&mut broker, &bytes);
    broker
}

fn publish(bytes: &mut Vec<u8>) {
    let method = Method::BasicPublish {
        ticket: 0,
        exchange: "",
        routing_key: "load",
        mandatory: false,
        immediate: false,
    };
    method.encode(1, bytes);
    let properties = Properties::default().to_bytes();
    ContentHeader { class_id: 60, body_size: 16, properties: &properties }.encode(1, bytes);
    encode_body(1, 131_072, b"sixteen bytes ok", bytes);
}

fn feed(broker: &mut Broker, bytes: &[u8]) {
    broker.handle(Now::default(), Input::Bytes { connection: CONNECTION, bytes });
    while let Some(output) = broker.poll_output() {
        if let Output::Send { bytes, .. } = output {
            let bytes = bytes.len() as u64;
            broker.handle(Now::default(), Input::Sent { connection: CONNECTION, bytes });
        }
    }
}
