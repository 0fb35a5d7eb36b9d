//! The scenarios: what each lesson shows, and that a seed means one trace.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

#[path = "simulation/all_holds.rs"]
mod all_holds;
#[path = "simulation/behind.rs"]
mod behind;
#[path = "simulation/compat.rs"]
mod compat;
#[path = "simulation/dead_letters.rs"]
mod dead_letters;
#[path = "simulation/delays.rs"]
mod delays;
#[path = "simulation/fields.rs"]
mod fields;
#[path = "simulation/goals.rs"]
mod goals;
#[path = "simulation/right_runs.rs"]
mod right_runs;
#[path = "simulation/steps.rs"]
mod steps;
#[path = "simulation/stops.rs"]
mod stops;
#[path = "simulation/wrong_faults.rs"]
mod wrong_faults;
#[path = "simulation/wrong_files.rs"]
mod wrong_files;
#[path = "simulation/wrong_lessons.rs"]
mod wrong_lessons;

use std::{env, fs, path::PathBuf};

use warren_sim::{
    ActorKind, Happening, Scenario, World, WorldEvent, generate, lessons, report, swarm, trace_hash,
    warren_core::Instant,
};
use warren_texts::Said;

/// What is said of producers that wait to hear of their messages.
fn paces(scenario: &Scenario, world: &World) -> String {
    let paces = report::paces(scenario, world.ledger());
    paces.iter().map(Said::english).collect::<Vec<_>>().join("\n")
}

/// Plays a lesson to its end.
fn play(id: &str) -> (Scenario, World) {
    let lesson = lessons::find(id).expect("a lesson");
    let scenario = Scenario::parse(id, lesson.toml).expect("a good file");
    let mut world = World::new(&scenario, 1);
    world.run_until(Instant::ZERO + scenario.until);
    (scenario, world)
}

/// The numbers that a lesson is about, in one line.
fn ledger(id: &str) -> String {
    let (_, world) = play(id);
    let l = world.ledger();
    format!(
        "published {} routed {} unroutable {} delivered {} redelivered {} processed {} acked {} left {} lost {}",
        l.published,
        l.routed,
        l.unroutable,
        l.delivered,
        l.redelivered,
        l.processed,
        l.acked,
        l.ready + l.unacked,
        l.lost()
    )
}

#[test]
fn what_each_lesson_shows() {
    let shown: Vec<String> =
        lessons::all().iter().map(|lesson| format!("{}: {}", lesson.id, ledger(lesson.id))).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    hello: published 6 routed 6 unroutable 0 delivered 6 redelivered 0 processed 6 acked 6 left 0 lost 0
    work-queue: published 18 routed 18 unroutable 0 delivered 18 redelivered 0 processed 18 acked 18 left 0 lost 0
    crash-without-ack: published 12 routed 12 unroutable 0 delivered 12 redelivered 0 processed 10 acked 0 left 0 lost 2
    crash-with-ack: published 12 routed 12 unroutable 0 delivered 14 redelivered 2 processed 12 acked 12 left 0 lost 0
    forgotten-ack: published 8 routed 8 unroutable 0 delivered 12 redelivered 4 processed 12 acked 8 left 0 lost 0
    durable: published 13 routed 13 unroutable 0 delivered 4 redelivered 4 processed 4 acked 4 left 0 lost 9
    confirms: published 60 routed 60 unroutable 0 delivered 0 redelivered 0 processed 0 acked 0 left 60 lost 0
    unfair-dispatch: published 12 routed 12 unroutable 0 delivered 12 redelivered 0 processed 12 acked 12 left 0 lost 0
    fair-dispatch: published 12 routed 12 unroutable 0 delivered 12 redelivered 0 processed 12 acked 12 left 0 lost 0
    fanout: published 6 routed 6 unroutable 0 delivered 18 redelivered 0 processed 18 acked 18 left 0 lost 0
    direct: published 8 routed 6 unroutable 2 delivered 8 redelivered 0 processed 8 acked 8 left 0 lost 2
    topic: published 8 routed 8 unroutable 0 delivered 18 redelivered 0 processed 18 acked 18 left 0 lost 0
    headers: published 8 routed 8 unroutable 0 delivered 10 redelivered 0 processed 10 acked 10 left 0 lost 0
    expired: published 16 routed 26 unroutable 0 delivered 16 redelivered 0 processed 16 acked 16 left 0 lost 0
    redeclare: published 10 routed 10 unroutable 0 delivered 10 redelivered 0 processed 10 acked 10 left 0 lost 0
    retry: published 9 routed 19 unroutable 0 delivered 13 redelivered 2 processed 7 acked 8 left 1 lost 0
    rpc: published 24 routed 24 unroutable 0 delivered 13 redelivered 1 processed 12 acked 12 left 0 lost 0
    priorities: published 15 routed 15 unroutable 0 delivered 15 redelivered 0 processed 15 acked 15 left 0 lost 0
    single-active: published 14 routed 14 unroutable 0 delivered 15 redelivered 1 processed 14 acked 14 left 0 lost 0
    protocols: published 5 routed 5 unroutable 0 delivered 5 redelivered 0 processed 5 acked 5 left 0 lost 0
    ");
}

#[test]
fn the_timeline_of_hello_reads_like_a_story() {
    let (scenario, mut world) = play("hello");
    let events = world.take_events();
    let timeline = report::timeline(&scenario, &events);
    let beginning: Vec<&str> = timeline.lines().take(16).collect();
    insta::assert_snapshot!(beginning.join("\n"), @r#"
    0.000  producer  connects
    0.000  consumer  connects
    1.500  broker    has a new queue hello
    1.800  producer  is ready
    1.800  producer  sends "hello 1" to queue hello
    1.800  consumer  is ready
    2.100  broker    message 1 → queue hello
    2.100  broker    message 1 → consumer
    2.400  consumer  receives message 1
    2.400  consumer  works on message 1 until 2.900
    2.900  consumer  has done message 1
    2.900  consumer  acks message 1
    3.200  broker    message 1 is acked: gone from queue hello
    3.300  producer  sends "hello 2" to queue hello
    3.600  broker    message 2 → queue hello
    3.600  broker    message 2 → consumer
    "#);
}

#[test]
fn what_a_crash_without_acks_loses_is_named_one_by_one() {
    let (scenario, world) = play("crash-without-ack");
    insta::assert_snapshot!(report::ledger(&scenario, world.ledger()), @"
    published       12   messages reached the broker
    routed          12   found at least one queue
    unroutable       0   found none
    delivered       12   copies went out to consumers
    redelivered      0   of them for the second time or more
    processed       10   copies were worked on to the end
    acked            0   acks reached the broker
    ready            0   copies wait in queues
    unacked          0   copies are delivered and not acked
    lost             2   copies are gone for good
      at 6.500  message 5 of queue tasks: worker-1 crashed while working on it, and needed not ack
      at 6.500  message 7 of queue tasks: it was on its way when worker-1 crashed, and needed no ack
    ");
}

#[test]
fn a_power_cut_takes_what_the_disk_has_not_synced_and_nothing_that_was_confirmed() {
    let (scenario, mut world) = play("durable");
    insta::assert_snapshot!(report::ledger(&scenario, world.ledger()), @"
    published       13   messages reached the broker
    routed          13   found at least one queue
    unroutable       0   found none
    delivered        4   copies went out to consumers
    redelivered      4   of them for the second time or more
    processed        4   copies were worked on to the end
    acked            4   acks reached the broker
    ready            0   copies wait in queues
    unacked          0   copies are delivered and not acked
    lost             9   copies are gone for good
    not arrived      3   messages were on the wire when the broker ended
    confirmed        2   messages are safe, and their producer knows
      careful: 2 confirmed, on average 2.3 s after sending, the last 2.6 s after the first was sent
      at 5.500  message 5 of queue orders: it was marked persistent, and the disk had not synced it yet
      at 5.500  message 6 of queue orders: it was marked persistent, and the disk had not synced it yet
      at 5.500  message 7 of queue orders: it was only in the broker's memory
      at 5.500  message 8 of queue orders: it was marked persistent, and the disk had not synced it yet
      at 5.500  message 9 of queue orders: it was marked persistent, and the disk had not synced it yet
      at 5.500  message 10 of queue orders: it was only in the broker's memory
      at 5.500  message 11 of queue orders: it was marked persistent, and the disk had not synced it yet
      at 5.500  message 12 of queue orders: it was marked persistent, and the disk had not synced it yet
      at 5.500  message 13 of queue orders: it was only in the broker's memory
    ");
    let confirmed = |event: &WorldEvent| match event.what {
        Happening::Confirmed { message, .. } => Some(message),
        _ => None,
    };
    let confirmed: Vec<_> = world.take_events().iter().filter_map(confirmed).collect();
    assert!(!confirmed.is_empty());
    assert!(world.ledger().losses.iter().all(|loss| !confirmed.contains(&loss.message)));
}

/// What the timeline of a lesson says of an actor, where it says one of these words.
fn lines_of(id: &str, actor: &str, words: &[&str]) -> String {
    let (scenario, mut world) = play(id);
    let timeline = report::timeline(&scenario, &world.take_events());
    let lines = timeline.lines().filter(|line| line.contains(&format!("  {actor} ")));
    lines.filter(|line| words.iter().any(|word| line.contains(word))).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_retry_is_counted_until_the_worker_gives_up() {
    insta::assert_snapshot!(lines_of("retry", "worker", &["failed", "rejects", "sends"]), @r#"
     6.200  worker  has failed at message 3
     6.200  worker  rejects message 3
     9.200  worker  has failed at message 5
     9.200  worker  rejects message 5
    13.500  worker  has failed at message 7
    13.500  worker  rejects message 7
    16.300  worker  has failed at message 5, rejected once before
    16.300  worker  rejects message 5
    18.900  worker  has failed at message 7, rejected once before
    18.900  worker  rejects message 7
    21.700  worker  has failed at message 5, rejected 2 times before
    21.700  worker  sends "order 5" to queue parked
    "#);
}

#[test]
fn transactions_cost_a_round_trip_each_and_confirms_none() {
    let (scenario, world) = play("confirms");
    insta::assert_snapshot!(paces(&scenario, &world), @"
    confirms: 20 confirmed, on average 600 ms after sending, the last 4.4 s after the first was sent
    commits-5: 20 confirmed, on average 1 s after sending, the last 5.6 s after the first was sent
    commits-1: 20 confirmed, on average 600 ms after sending, the last 12 s after the first was sent
    ");
}

#[test]
fn answers_find_who_asked_in_any_order_and_after_a_crash() {
    let (scenario, world) = play("rpc");
    insta::assert_snapshot!(lines_of("rpc", "client-1", &["answer"]), @r#"
     5.100  client-1  gets the answer "price of item 2? 9.99" to message 3
     5.500  client-1  gets the answer "price of item 1? 9.99" to message 1
     6.200  client-1  gets the answer "price of item 3? 9.99" to message 5
     7.300  client-1  gets the answer "price of item 4? 9.99" to message 9
     9.500  client-1  gets the answer "price of item 5? 9.99" to message 11
    10.600  client-1  gets the answer "price of item 6? 9.99" to message 13
    11.700  client-1  gets the answer "price of item 7? 9.99" to message 15
    13.900  client-1  gets the answer "price of item 8? 9.99" to message 18
    "#);
    insta::assert_snapshot!(paces(&scenario, &world), @"
    client-1: 8 answered, on average 3.2 s after sending, the last 12.1 s after the first was sent
    client-2: 4 answered, on average 3.1 s after sending, the last 12.7 s after the first was sent
    ");
}

/// How many messages each consumer finished, and when the last one was done.
fn shares(id: &str) -> String {
    let (_, mut world) = play(id);
    let shares = world.actors().into_iter().filter_map(|actor| match actor.kind {
        ActorKind::Consumer { processed, .. } => Some(format!("{} {processed}", actor.name)),
        ActorKind::Producer { .. } | ActorKind::Operator => None,
    });
    let shares: Vec<String> = shares.collect();
    let events = world.take_events();
    let done = events.iter().rev().find(|event| matches!(event.what, Happening::WorkDone { .. }));
    format!("{}, all done at {}", shares.join(", "), done.expect("work was done").at)
}

#[test]
fn round_robin_shares_equally_and_only_prefetch_shares_fairly() {
    insta::assert_snapshot!(shares("work-queue"), @"worker-1 6, worker-2 6, worker-3 6, all done at 17.500");
    insta::assert_snapshot!(shares("unfair-dispatch"), @"worker-1 6, worker-2 6, all done at 26.400");
    insta::assert_snapshot!(shares("fair-dispatch"), @"worker-1 6, worker-2 6, all done at 18.600");
}

#[test]
fn routing_keys_reach_the_queues_whose_bindings_match() {
    insta::assert_snapshot!(shares("fanout"), @"mailer 6, logger 6, display 6, all done at 13.600");
    insta::assert_snapshot!(shares("direct"), @"pager 2, archive 6, all done at 10.600");
    insta::assert_snapshot!(shares("topic"), @"sms-gate 4, notifier 6, auditor 8, all done at 15.800");
    insta::assert_snapshot!(shares("headers"), @"accountant 2, previewer 4, archivist 4, all done at 15.400");
}

#[test]
fn the_ledger_adds_up_at_every_step() {
    for lesson in lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        let mut world = World::new(&scenario, 1);
        while world.now() < Instant::ZERO + scenario.until && world.step() {
            let queues = world.broker().queues();
            let (ready, unacked) =
                queues.iter().fold((0, 0), |(ready, unacked), q| (ready + q.ready, unacked + q.unacked));
            let ledger = world.ledger();
            assert_eq!((ledger.ready, ledger.unacked), (ready, unacked), "{} at {}", lesson.id, world.now());
        }
    }
}

#[test]
fn a_crash_by_hand_at_any_moment_loses_nothing_with_acks() {
    let lesson = lessons::find("crash-with-ack").expect("a lesson");
    let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
    for moment_ms in (0..20_000).step_by(250) {
        let mut world = World::new(&scenario, 1);
        world.run_until(Instant::from_micros(moment_ms * 1_000));
        let worker = world.actors().into_iter().find(|actor| actor.name == "worker-2").expect("worker-2");
        world.crash(worker.id);
        world.run_until(Instant::from_micros((moment_ms + 1_000) * 1_000));
        world.revive(worker.id);
        world.run_until(Instant::from_micros(120_000_000));
        let ledger = world.ledger();
        assert_eq!(ledger.lost(), 0, "crash at {moment_ms} ms");
        assert_eq!((ledger.acked, ledger.ready, ledger.unacked), (12, 0, 0), "crash at {moment_ms} ms");
    }
}

/// The committed traces: lines of `scenario seed hash`. The browser's test compares the same file in wasm.
fn committed_traces() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("trace-hashes.txt")
}

#[test]
fn the_same_seed_gives_the_committed_trace() {
    let mut lines = String::new();
    for lesson in lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        for seed in [1, 2] {
            let hash = trace_hash(&scenario, seed);
            assert_eq!(hash, trace_hash(&scenario, seed), "{} with seed {seed}, played twice", lesson.id);
            lines += &format!("{} {seed} {hash}\n", lesson.id);
        }
    }
    for seed in 1..=20 {
        // As its file has it, for that is what the browser gets.
        let made_up = swarm(&generate(seed), seed).to_toml();
        let scenario = Scenario::parse("generated", &made_up).expect("it can be read");
        lines += &format!("generated {seed} {}\n", trace_hash(&scenario, seed));
    }
    if env::var_os("WARREN_BLESS").is_some() {
        fs::write(committed_traces(), &lines).expect("written");
    }
    let committed = fs::read_to_string(committed_traces()).expect("tests/trace-hashes.txt");
    assert!(
        committed == lines,
        "the traces have changed. If that is meant, run this test with WARREN_BLESS=1.\nnow:\n{lines}\ncommitted:\n{committed}"
    );
}

#[test]
fn another_seed_gives_another_trace_where_chance_plays() {
    let jittery = "until = \"8s\"\n[title]\nen = \"a\"\nru = \"b\"\n[summary]\nen = \"a\"\nru = \"b\"\n\
                   [network]\njitter = \"90ms\"\n[[queue]]\nname = \"q\"\n\
                   [[producer]]\nname = \"p\"\nrouting_key = \"q\"\ncount = 5\n\
                   [[consumer]]\nname = \"c\"\nqueue = \"q\"\nack = \"after-work\"\n";
    let scenario = Scenario::parse("jittery.toml", jittery).expect("a good file");
    assert_ne!(trace_hash(&scenario, 1), trace_hash(&scenario, 2));
}
