//! RabbitMQ's definitions.json becomes a scenario with a load that reaches every queue.

use warren_sim::{Ending, Scenario, Trial, scenario_of_definitions, swarm};

const SHOP: &str = r##"{
  "rabbit_version": "3.13.7",
  "vhosts": [{ "name": "/" }, { "name": "other" }],
  "users": [],
  "policies": [
    { "vhost": "/", "name": "limits", "pattern": "^orders$", "apply-to": "queues", "priority": 1,
      "definition": { "max-length": 1000, "ha-mode": "all" } }
  ],
  "exchanges": [
    { "vhost": "/", "name": "shop", "type": "topic", "durable": true, "auto_delete": false, "internal": false, "arguments": {} },
    { "vhost": "/", "name": "audit", "type": "fanout", "durable": true, "auto_delete": false, "internal": false, "arguments": {} },
    { "vhost": "/", "name": "retry", "type": "fanout", "durable": true, "auto_delete": false, "internal": false, "arguments": {} }
  ],
  "queues": [
    { "vhost": "/", "name": "orders", "durable": true, "auto_delete": false, "arguments": { "x-dead-letter-exchange": "retry" } },
    { "vhost": "/", "name": "waiting", "durable": true, "auto_delete": false,
      "arguments": { "x-message-ttl": 2000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "orders" } },
    { "vhost": "/", "name": "log", "durable": true, "auto_delete": false, "arguments": { "x-queue-type": "classic" } },
    { "vhost": "/", "name": "mail", "durable": false, "auto_delete": true, "arguments": {} },
    { "vhost": "other", "name": "elsewhere", "durable": false, "auto_delete": false, "arguments": {} }
  ],
  "bindings": [
    { "vhost": "/", "source": "shop", "destination": "orders", "destination_type": "queue", "routing_key": "order.*", "arguments": {} },
    { "vhost": "/", "source": "shop", "destination": "audit", "destination_type": "exchange", "routing_key": "#", "arguments": {} },
    { "vhost": "/", "source": "audit", "destination": "log", "destination_type": "queue", "routing_key": "", "arguments": {} },
    { "vhost": "/", "source": "retry", "destination": "waiting", "destination_type": "queue", "routing_key": "", "arguments": {} }
  ]
}"##;

#[test]
fn an_export_is_a_scenario_that_drains_under_faults() {
    let scenario = scenario_of_definitions("shop.json", SHOP, None).expect("it is right");
    insta::assert_snapshot!(outline(&scenario), @r#"
    queue orders true {"x-dead-letter-exchange": retry, "x-max-length": 1000}
    queue waiting true {"x-dead-letter-exchange": , "x-dead-letter-routing-key": orders, "x-message-ttl": 2000}
    queue log true {"x-queue-type": classic}
    queue mail false {}
    producer to-mail -> "" ["mail"]
    producer to-shop -> "shop" ["order.one", "one.two"]
    consumer orders-worker
    consumer log-worker
    consumer mail-worker
    Imported: 3 exchanges, 4 queues, 4 bindings; producers and consumers are made up. Left out: ha-mode of policy limits, auto-delete of queue mail.
    "#);
    let plain = Trial::new(&scenario, 1).run(Ending::Healed, |_| {});
    assert_eq!(plain.violation(), None);
    assert_eq!(plain.ledger.unroutable, 0);
    for seed in 0..50 {
        let swarmed = swarm(&scenario, seed);
        assert_eq!(Trial::new(&swarmed, seed).run(Ending::Healed, |_| {}).violation(), None, "seed {seed}");
    }
    let again = Scenario::parse("shop.toml", &scenario.to_toml()).expect("it can be kept as a file");
    assert!(again == scenario);
}

#[test]
fn what_cannot_be_imported_is_told() {
    let error = |text: &str, vhost| {
        scenario_of_definitions("d.json", text, vhost).expect_err("it is wrong").to_string()
    };
    let told = [
        error("{", None),
        error("{}", None),
        error("{\n\"queues\": 3}", None),
        error("{\"queues\": [\n{\"name\": \"q\", \"durable\": \"yes\"}]}", None),
        error("{\"exchanges\": [{}]}", None),
        error(&SHOP.replace("\"type\": \"topic\"", "\"type\": \"x-jms-topic\""), None),
        error(&SHOP.replace("\"destination\": \"log\"", "\"destination\": \"logs\""), None),
        error(&SHOP.replace("\"source\": \"shop\"", "\"source\": \"shopp\""), None),
        error(SHOP, Some("elsewhere")),
        error(&SHOP.replace("\"vhost\": \"/\"", "\"vhost\": \"a\""), None),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    d.json:1: these are no definitions of RabbitMQ: EOF while parsing an object at line 1 column 1
    d.json:1: there are no queues in it
    d.json:2: these are no definitions of RabbitMQ: "queues" is no list
    d.json:2: these are no definitions of RabbitMQ: an element "q" of "queues" has a wrong "durable"
    d.json:1: these are no definitions of RabbitMQ: an element "" of "exchanges" needs a "name"
    d.json:10: exchange "shop" has the type "x-jms-topic"; scenarios know direct, fanout, topic, headers, x-consistent-hash, x-modulus-hash, x-random, x-local-random, x-delayed-message, x-recent-history
    d.json:25: a binding names the queue "logs", and there is none
    d.json:23: a binding names the exchange "shopp", and there is none
    d.json:1: there is no queue in the virtual host "elsewhere"; there are some in /, other
    d.json:1: say which virtual host you mean: a, other
    "#);
}

/// The lines that show what became of the export.
fn outline(scenario: &Scenario) -> String {
    let queue =
        |queue: &warren_sim::Queue| format!("queue {} {} {}", queue.name, queue.durable, queue.arguments);
    let producer = |producer: &warren_sim::Producer| {
        format!("producer {} -> {:?} {:?}", producer.name, producer.exchange, producer.routing_key)
    };
    let consumer = |consumer: &warren_sim::Consumer| format!("consumer {}", consumer.name);
    let lines = (scenario.queues.iter().map(queue))
        .chain(scenario.producers.iter().map(producer))
        .chain(scenario.consumers.iter().map(consumer));
    lines.chain([scenario.summary.en.clone()]).collect::<Vec<_>>().join("\n")
}

/// What goes out comes in again.
#[test]
fn a_topology_survives_the_way_out_and_in_again() {
    for lesson in warren_sim::lessons::all() {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("a good file");
        // An exclusive queue belongs to a connection, and is nobody else's to define.
        if scenario.queues.is_empty() || scenario.queues.iter().any(|queue| queue.exclusive) {
            continue;
        }
        let text = warren_sim::definitions_of_scenario(&scenario);
        let again = scenario_of_definitions("out.json", &text, None).expect("it is read");
        assert_eq!(again.queues, scenario.queues, "{}", lesson.id);
        assert_eq!(again.exchanges, scenario.exchanges, "{}", lesson.id);
        assert_eq!(again.bindings, scenario.bindings, "{}", lesson.id);
    }
}
