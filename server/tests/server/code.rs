//! `warren code`: a scenario's programs.

use crate::process::{TempFile, failure, output};

#[test]
fn an_actors_program_is_python_unless_something_else_is_asked_for() {
    let python = output(&["code", "hello", "--actor", "producer"]);
    assert!(
        python.starts_with("# producer — Hello, world\n") && python.contains("\nimport pika\n"),
        "{python}"
    );
    for (language, sign) in [
        ("python", "import pika"),
        ("javascript", "require(\"amqplib\")"),
        ("js", "require(\"amqplib\")"),
        ("rust", "use lapin::{"),
        ("java", "public class Producer {"),
        ("go", "package main"),
    ] {
        let program = output(&["code", "hello", "--actor", "producer", "--language", language]);
        assert!(program.contains(sign), "{language}: {program}");
    }
}

#[test]
fn without_an_actor_all_of_them_are_printed() {
    let all = output(&["code", "crash-with-ack"]);
    let programs: Vec<&str> = all.lines().filter(|line| line.contains(" — ")).collect();
    let expected = ["producer", "worker-1", "worker-2"].map(|actor| format!("# {actor} — A crash with acks"));
    assert_eq!(programs, expected);
}

#[test]
fn a_wrong_name_is_answered_with_the_right_one() {
    insta::assert_snapshot!(failure(&["code", "rpc", "--actor", "sever-1"]), @r"
exit code 2
warren: there is no producer or consumer called sever-1; did you mean server-1? --actor is one of client-1, client-2, server-1, server-2
");
    insta::assert_snapshot!(failure(&["code", "hallo"]), @r"
exit code 2
warren: cannot read the scenario hallo: there is no such file; did you mean hello? name a file, one of the lessons hello, work-queue, crash-without-ack, crash-with-ack, forgotten-ack, durable, confirms, unfair-dispatch, fair-dispatch, fanout, direct, topic, headers, expired, redeclare, retry, rpc, priorities, single-active, protocols, of the outages acked-too-early, sent-and-hoped, blocked-by-one, retry-storm, twenty-returns, expired-in-circles, memory or of the examples pub-sub, log-routing, retry-and-park, back-off, rpc-timeout, priority-lanes, outbox, ordered, poison, safety-net, event-bus, saga, two-connections, delayed, late-joiner
");
    let answer = failure(&["code", "hello", "--language", "pyton"]);
    assert!(answer.starts_with("exit code 2\n") && answer.contains("'python'"), "{answer}");
}

/// A consumer that plays code, and a producer that does not.
const WITH_CODE: &str = r#"
until = "5s"
title = { en = "t", ru = "t" }
summary = { en = "s", ru = "s" }

[[queue]]
name = "orders"

[[producer]]
name = "shop"
routing_key = "orders"
count = 4

[[consumer]]
name = "worker"
queue = "orders"
ack = "after-work"
code = """
console.log("hello");
"""
"#;

#[test]
fn code_of_an_actor_is_printed_as_it_is_and_played_by_the_page_only() {
    let file = TempFile::new("with-code.toml", WITH_CODE);
    let path = file.path();
    assert_eq!(output(&["code", path, "--actor", "worker", "--language", "js"]), "console.log(\"hello\");\n");
    assert!(output(&["code", path, "--actor", "shop"]).contains("import pika"));
    let refused = failure(&["code", path, "--actor", "worker"]);
    assert!(refused.contains("worker plays code of its own, in JavaScript: ask for that"), "{refused}");
    for command in [&["sim", path][..], &["sim", path, "--seeds", "0..3"], &["lint", path]] {
        let refused = failure(command);
        assert!(refused.starts_with("exit code 2"), "{command:?}: {refused}");
        assert!(refused.contains("worker plays code of its own"), "{command:?}: {refused}");
        assert!(refused.contains("only Warren's page runs"), "{command:?}: {refused}");
    }
}
