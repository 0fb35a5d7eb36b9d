//! A broker that answers like another release of RabbitMQ, and how long it waits for acks.

use warren_sim::{
    Scenario, World, lessons, outages, report,
    warren_core::{Instant, Release},
};

/// How many copies of messages are lost in a scenario.
fn lost(scenario: &Scenario) -> u64 {
    let mut world = World::new(scenario, 1);
    world.run_until(Instant::ZERO + scenario.until);
    world.ledger().lost()
}

/// The outage came with the upgrade: RabbitMQ 3 delivered as often as it took.
#[test]
fn twenty_returns_lose_a_message_since_4_0() {
    let outage = outages::find("twenty-returns").expect("an outage").toml;
    let mut scenario = Scenario::parse("twenty-returns.toml", outage).expect("a good file");
    let lost = Release::ALL.map(|release| {
        scenario.broker.compat = Some(release);
        lost(&scenario)
    });
    assert_eq!(lost, [0, 1, 1]);
}

#[test]
fn a_delivery_waits_for_its_ack_as_long_as_the_file_says() {
    let ledger = |(queue, broker): (&str, &str)| {
        let file = format!(
            r#"
            until = "20s"
            [title]
            en = "a"
            [summary]
            en = "a"
            [broker]
            {broker}
            [[queue]]
            name = "q"
            {queue}
            [[producer]]
            name = "p"
            routing_key = "q"
            count = 1
            [[consumer]]
            name = "c"
            queue = "q"
            ack = "never"
            "#
        );
        let scenario = Scenario::parse("timeout.toml", &file).expect("a good file");
        let mut world = World::new(&scenario, 1);
        world.run_until(Instant::ZERO + scenario.until);
        let ledger = report::ledger(&scenario, world.ledger());
        ledger.lines().filter(|line| !line.contains("     0   ")).collect::<Vec<_>>().join("\n")
    };
    let quorum = "durable = true\narguments = { x-queue-type = \"quorum\" }";
    let all = [
        (quorum, "consumer_timeout = \"none\""),
        (quorum, "consumer_timeout = \"2s\""),
        // A classic queue has had no such time since 4.3.
        ("", "consumer_timeout = \"2s\""),
        ("", "consumer_timeout = \"2s\"\ncompat = \"4.0\""),
    ]
    .map(ledger)
    .join("\n---\n");
    insta::assert_snapshot!(all, @"
      published        1   messages reached the broker
      routed           1   found at least one queue
      delivered        1   copies went out to consumers
      processed        1   copies were worked on to the end
      unacked          1   copies are delivered and not acked
    ---
      published        1   messages reached the broker
      routed           1   found at least one queue
      delivered        1   copies went out to consumers
      processed        1   copies were worked on to the end
      ready            1   copies wait in queues
      requeued         1   copies went back to their queue
    ---
      published        1   messages reached the broker
      routed           1   found at least one queue
      delivered        1   copies went out to consumers
      processed        1   copies were worked on to the end
      unacked          1   copies are delivered and not acked
    ---
      published        1   messages reached the broker
      routed           1   found at least one queue
      delivered        1   copies went out to consumers
      processed        1   copies were worked on to the end
      ready            1   copies wait in queues
      requeued         1   copies went back to their queue
    ");
}

#[test]
fn a_wrong_release_is_told_where_and_what() {
    let good = lessons::find("hello").expect("a lesson").toml;
    let told = ["compat = \"3.11\"", "compat = 3.10", "consumer_timeout = \"never\""].map(|wrong| {
        let file = good.replacen("[[queue]]", &format!("[broker]\n{wrong}\n[[queue]]"), 1);
        let error = Scenario::parse("hello.toml", &file).expect_err("it is wrong");
        format!("{wrong}\n  {error}")
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    compat = "3.11"
      hello.toml:12: field "compat": invalid value: string "3.11", expected a release of RabbitMQ: "3.10", "4.0" or "4.3"
    compat = 3.10
      hello.toml:12: field "compat": invalid value: float 3.10, expected a release of RabbitMQ: "3.10", "4.0" or "4.3"
    consumer_timeout = "never"
      hello.toml:12: field "consumer_timeout": invalid value: string "never", expected a time such as "30min", or "none"
    "#);
}

#[test]
fn a_release_is_written_as_it_is_read() {
    let good = lessons::find("hello").expect("a lesson").toml;
    let file =
        good.replacen("[[queue]]", "[broker]\ncompat = \"3.10\"\nconsumer_timeout = \"none\"\n[[queue]]", 1);
    let scenario = Scenario::parse("hello.toml", &file).expect("a good file");
    assert_eq!(scenario.broker.compat, Some(Release::V3_10));
    assert_eq!(Scenario::parse("again.toml", &scenario.to_toml()).as_ref(), Ok(&scenario));
}
