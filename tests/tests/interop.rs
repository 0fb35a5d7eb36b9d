//! Real clients against the real server: each says what it saw, and all must have seen the same.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

#[path = "interop/lapin_client.rs"]
mod lapin_client;

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};
use warren_tests::{Server, node, python};

/// What every client sees, whatever its language.
fn expected() -> Value {
    json!({
        "hello": [["hello world", false]],
        // The worker that took the task is killed; the next one gets it again, and is told so.
        "killed worker": { "first": [["task", false]], "second": [["task", true]] },
        // With prefetch 1 who never finishes never holds more than one.
        "prefetch": { "slow": ["task 1"], "fast": ["task 2", "task 3", "task 4", "task 5"] },
        "topic": {
            "app.notification.sms.*": ["app.notification.sms.sent"],
            "app.notification.#": ["app.notification.sms.sent", "app.notification.email.sent"],
            "#": ["app.notification.sms.sent", "app.notification.email.sent", "app.user.created"],
        },
        // A mandatory message that no queue takes comes back before its confirm.
        "confirms": { "routed": "ack", "unroutable": ["return 312 NO_ROUTE", "ack"] },
    })
}

/// What a program prints, which ends well.
fn output(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What a client's program says that it saw.
fn seen(mut client: Command, server: &Server) -> Value {
    let said = output(client.arg(server.amqp.port().to_string()));
    serde_json::from_str(&said).expect("one JSON object")
}

#[test]
fn pika() {
    let server = Server::start();
    assert_eq!(seen(python("pika_client.py"), &server), expected());
}

/// A client of 2009, which speaks AMQP 0-8: what it can do works as it always did.
#[test]
fn early_amqplib() {
    let mut expected = expected();
    let object = expected.as_object_mut().expect("an object");
    object.remove("confirms");
    object.insert("version".into(), json!([8, 0]));
    let server = Server::start();
    assert_eq!(seen(python("early_client.py"), &server), expected);
}

#[test]
fn aio_pika() {
    let server = Server::start();
    assert_eq!(seen(python("aio_pika_client.py"), &server), expected());
}

/// Workers and a workflow, whose results come back over queues of their own (`rpc://`).
#[test]
fn celery() {
    let server = Server::start();
    let expected = json!({
        "group": [0, 2, 4, 6, 8],
        "chain": 21,
        "retry": { "retries": 2, "waited": true },
        "rate limit": { "done": 5, "spread": true },
        // The worker with the task was killed before its late ack.
        "killed worker": { "worker": "second", "redelivered": true },
    });
    assert_eq!(seen(python("celery_client.py"), &server), expected);
}

#[test]
fn amqplib() {
    let server = Server::start();
    assert_eq!(seen(node("amqplib_client.js"), &server), expected());
}

#[test]
fn lapin() {
    let server = Server::start();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    assert_eq!(runtime.block_on(lapin_client::seen(server.amqp)).expect("no errors"), expected());
}

#[test]
fn the_example_of_the_readme_works_as_it_stands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    let (_, rest) = readme.split_once("```python\n").expect("an example in Python");
    let (example, _) = rest.split_once("```").expect("the end of the example");

    let server = Server::start();
    let here = format!("ConnectionParameters(port={})", server.amqp.port());
    let example = example.replace("ConnectionParameters()", &here);
    assert!(example.contains(&here), "the example connects with ConnectionParameters()");
    let mut python = python("");
    let program = python.get_program().to_owned();
    python = Command::new(program);
    assert_eq!(output(python.args(["-c", &example])), "hello, rabbit\n");
}
