//! What RabbitMQ's import takes is read, each thing with its line; what it refuses is told.

use warren_core::Policy;
use warren_definitions::Definitions;

#[test]
fn exports_of_all_kinds_are_read() {
    let vhosts_own = r#"{ "queues": [{ "name": "q", "durable": true }] }"#;
    let with_mark = "\u{feff}{ \"rabbitmq_version\": \"4.1.0\", \"queues\": null }";
    let empty_tables = r#"{ "queues": [{ "name": "q", "arguments": [], "auto_delete": null }] }"#;
    let of = |text| Definitions::parse(text).expect("RabbitMQ takes it");
    assert_eq!(of(vhosts_own).queues[0].vhost, "/");
    assert_eq!(of(with_mark).made_by.as_deref(), Some("4.1.0"));
    assert!(of(empty_tables).queues[0].arguments.is_empty());
    assert!(of("{}").queues.is_empty());
}

#[test]
fn operator_policies_are_among_the_parameters_and_the_rest_is_counted() {
    let text = r#"{ "parameters": [
      { "vhost": "/", "component": "operator_policy", "name": "cap", "value": { "pattern": "", "definition": { "max-length": 3 } } },
      { "vhost": "/", "component": "shovel", "name": "a", "value": {} },
      { "vhost": "/", "component": "shovel", "name": "b", "value": {} }
    ] }"#;
    let definitions = Definitions::parse(text).expect("RabbitMQ takes it");
    let cap = &definitions.policies[0];
    assert_eq!((cap.line, cap.operators, cap.name.as_str()), (2, true, "cap"));
    assert_eq!(definitions.parameters.get("shovel"), Some(&2));
}

#[test]
fn the_core_chooses_among_policies() {
    let text = r#"{
      "policies": [
        { "name": "a", "pattern": "^q", "definition": { "max-length": 10 }, "priority": 1 },
        { "name": "b", "pattern": "^q", "definition": { "max-length": 5 }, "priority": 2, "apply-to": "quorum_queues" },
        { "name": "c", "pattern": "^q", "definition": { "ha-mode": "all", "message-ttl": 7 }, "priority": 3, "vhost": "other" }
      ] }"#;
    let policies = Definitions::parse(text).expect("RabbitMQ takes it").core_policies();
    let effective = |vhost, kind| Policy::effective(&policies, vhost, Some(kind), "q").to_string();
    assert_eq!(effective("/", "classic"), r#"{"max-length": 10}"#);
    assert_eq!(effective("/", "quorum"), r#"{"max-length": 5}"#);
    assert_eq!(
        effective("other", "classic"),
        r#"{"message-ttl": 7}"#,
        "what this core does not know is left out"
    );
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let error = |text| Definitions::parse(text).expect_err("it is wrong").to_string();
    let told = [
        error("{"),
        error("[]"),
        error("{\n\"queues\": 3}"),
        error("{\"queues\": [\n\n{\"name\": \"q\", \"durable\": \"yes\"}]}"),
        error("{\"exchanges\": [{}]}"),
        error("{\"queues\": [{\"name\": \"q\"},\n]}"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    line 1: these are no definitions of RabbitMQ: EOF while parsing an object at line 1 column 1
    line 1: these are no definitions of RabbitMQ: invalid type: sequence, expected a map at line 1 column 0
    line 2: these are no definitions of RabbitMQ: "queues" is no list
    line 3: these are no definitions of RabbitMQ: an element "q" of "queues" has a wrong "durable"
    line 1: these are no definitions of RabbitMQ: an element "" of "exchanges" needs a "name"
    line 2: these are no definitions of RabbitMQ: expected value at line 2 column 1
    "#);
}
