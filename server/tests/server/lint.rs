//! `warren lint`: what can be said of a topology before anything is played.

use crate::process::{TempFile, failure, output, warren};

const SCENARIO: &str = r#"
until = "5s"
title = { en = "t", ru = "t" }
summary = { en = "s", ru = "s" }

[[queue]]
name = "orders"

[[producer]]
name = "shop"
routing_key = ["orders", "order"]
count = 4

[[consumer]]
name = "worker"
queue = "orders"
ack = "auto"
"#;

/// What it prints, and how it ends.
fn lint(args: &[&str]) -> (String, Option<i32>) {
    let run = warren(&[&["lint"], args].concat());
    (String::from_utf8(run.stdout).expect("UTF-8"), run.status.code())
}

#[test]
fn findings_are_told_the_worst_first() {
    let file = TempFile::new("lint.toml", SCENARIO);
    let (text, code) = lint(&[file.path()]);
    insta::assert_snapshot!(text, @r"
    problem unroutable: producer shop
      What it sends to the default exchange with the key order reaches no queue: it is dropped without a word.
    hint auto-ack: consumer worker
      The broker forgets messages before they are worked on: what this consumer holds when it crashes is lost.
    1 problem, 1 hint
    ");
    assert_eq!(code, Some(1));
}

#[test]
fn hints_alone_are_no_failure() {
    assert_eq!(lint(&["hello"]), ("0 problems, 0 hints\n".into(), Some(0)));
    let (text, code) = lint(&["retry"]);
    assert!(text.starts_with("hint no-consumer: queue parked\n"), "{text}");
    assert_eq!(code, Some(0));
}

#[test]
fn json_is_one_object_with_the_findings() {
    let file = TempFile::new("lint-json.toml", SCENARIO);
    let (text, code) = lint(&[file.path(), "--json"]);
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["problems"], 1);
    assert_eq!(json["findings"][0]["rule"], "unroutable");
    assert_eq!(json["findings"][0]["severity"], "problem");
    assert_eq!(json["findings"][0]["spot"], "producer shop");
    assert!(json["findings"][1]["text"]["ru"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(code, Some(1));
}

/// What RabbitMQ's management plugin exports, with a dead-letter exchange that leads nowhere.
#[test]
fn definitions_are_looked_at_too() {
    let definitions = r#"{ "queues": [{ "name": "work", "vhost": "/", "durable": true, "arguments": {
        "x-message-ttl": 1000, "x-dead-letter-exchange": "dead" } }],
        "exchanges": [{ "name": "dead", "vhost": "/", "type": "fanout", "durable": true, "arguments": {} }] }"#;
    let file = TempFile::new("lint.json", definitions);
    let (text, code) = lint(&[file.path()]);
    assert!(text.starts_with("problem dead-letter-unroutable: queue work\n"), "{text}");
    assert_eq!(code, Some(1));
}

#[test]
fn examples_of_the_gallery_are_found_by_their_names() {
    assert!(output(&["sim", "saga", "--until", "3s"]).starts_with("Saga: undo what cannot be finished"));
    assert_eq!(lint(&["saga"]), ("0 problems, 0 hints\n".into(), Some(0)));
}

#[test]
fn what_cannot_be_read_is_answered_with_one_line() {
    let answer = failure(&["lint", "sagas"]);
    assert!(answer.starts_with("exit code 2\nwarren: cannot read the scenario sagas: "), "{answer}");
    assert!(answer.contains("did you mean saga? name a file, one of the lessons hello, "), "{answer}");
}
