//! `warren sim`: a world on the command line.

use crate::process::{TempFile, failure, output};

const HELLO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/hello.toml");

#[test]
fn a_scenario_is_told_as_a_timeline_and_a_ledger() {
    insta::assert_snapshot!(output(&["sim", HELLO, "--until", "3300ms"]), @r#"
Hello, world (seed 1, 3s 300ms)
A producer sends messages, a queue keeps them, a consumer takes them. The producer never meets the consumer: between them is the broker.

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

Ledger
  published        1   messages reached the broker
  routed           1   found at least one queue
  unroutable       0   found none
  delivered        1   copies went out to consumers
  redelivered      0   of them for the second time or more
  processed        1   copies were worked on to the end
  acked            1   acks reached the broker
  ready            0   copies wait in queues
  unacked          0   copies are delivered and not acked
  lost             0   copies are gone for good

Checks: 9 properties looked at 12 times; all hold
"#);
}

#[test]
fn a_lesson_is_found_by_its_name() {
    assert_eq!(output(&["sim", "hello"]), output(&["sim", HELLO]));
}

#[test]
fn json_is_one_object_with_the_events_and_the_ledger() {
    let json: serde_json::Value = serde_json::from_str(&output(&["sim", HELLO, "--json"])).expect("JSON");
    assert_eq!(json["seed"], 1);
    assert_eq!(json["actors"], serde_json::json!(["producer", "consumer"]));
    assert_eq!(json["ledger"]["acked"], 6);
    let events = json["events"].as_array().expect("events");
    assert!(events.len() > 50, "{} events", events.len());
}

#[test]
fn the_same_seed_is_the_same_run_and_another_seed_another() {
    let text = "until = \"5s\"\n[title]\nen = \"t\"\nru = \"t\"\n[summary]\nen = \"s\"\nru = \"s\"\n\
        [network]\nlatency = \"10ms\"\njitter = \"90ms\"\n[[queue]]\nname = \"q\"\n\
        [[producer]]\nname = \"p\"\nrouting_key = \"q\"\nbody = \"m\"\ninterval = \"1s\"\ncount = 3\n";
    let file = TempFile::new("jitter.toml", text);
    let events = |seed| output(&["sim", file.path(), "--seed", seed, "--json"]);
    let [first, again, other] = ["7", "7", "8"].map(events);
    assert_eq!(first, again);
    assert_ne!(first.replace("\"seed\":7", ""), other.replace("\"seed\":8", ""));
}

#[test]
fn what_cannot_be_played_is_answered_with_one_line() {
    insta::assert_snapshot!(failure(&["sim", "/nope.toml"]), @r"
exit code 2
warren: cannot read the scenario /nope.toml: there is no such file; name a file, one of the lessons hello, work-queue, crash-without-ack, crash-with-ack, forgotten-ack, durable, confirms, unfair-dispatch, fair-dispatch, fanout, direct, topic, headers, expired, redeclare, retry, rpc, priorities, single-active, protocols, of the outages acked-too-early, sent-and-hoped, blocked-by-one, retry-storm, twenty-returns, expired-in-circles, memory or of the examples pub-sub, log-routing, retry-and-park, back-off, rpc-timeout, priority-lanes, outbox, ordered, poison, safety-net, event-bus, saga, two-connections, delayed, late-joiner
");
    insta::assert_snapshot!(failure(&["sim", "hello", "--until", "soon"]), @r"
exit code 2
warren: invalid value 'soon' for '--until <DURATION>': write a duration such as 500ms, 60s or 1m30s
");
    let file = TempFile::new("typo.toml", "until = \"5s\"\nseeed = 1\n");
    insta::assert_snapshot!(failure(&["sim", file.path()]).replace(file.path(), "FILE"), @r#"
exit code 2
warren: FILE:2: the file has no field "seeed"; possible: until, title, summary, network, broker, disk, exchange, queue, binding, producer, consumer, fault, positions, lesson, replay
"#);
}
