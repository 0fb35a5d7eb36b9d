//! What the fields of a scenario bring about, in small worlds.

use warren_sim::{Scenario, World, report, trace_hash, warren_core::Instant};

/// A scenario of these sections.
fn scenario(sections: &str) -> Scenario {
    let head = "until = \"20s\"\n[title]\nen = \"a\"\nru = \"b\"\n[summary]\nen = \"a\"\nru = \"b\"\n";
    Scenario::parse("sections.toml", &format!("{head}{sections}")).expect("a good file")
}

/// Plays it for 20 s, and says what the report says of the ledger where it is not 0.
fn ledger_of(sections: &str) -> String {
    let scenario = scenario(sections);
    let mut world = World::new(&scenario, 1);
    world.run_until(Instant::ZERO + scenario.until);
    let ledger = report::ledger(&scenario, world.ledger());
    ledger.lines().filter(|line| !line.contains("     0   ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_second_transaction_is_rolled_back() {
    let sections = r#"
        [[queue]]
        name = "q"
        [[producer]]
        name = "p"
        routing_key = "q"
        count = 7
        transaction = 2
        rolls_back = "every 2"
    "#;
    insta::assert_snapshot!(ledger_of(sections), @"
    published        7   messages reached the broker
    routed           4   found at least one queue
    ready            4   copies wait in queues
    confirmed        4   messages are safe, and their producer knows
    rolled back      3   messages were taken back in transactions
      p: 4 confirmed, on average 1.1 s after sending, the last 5.6 s after the first was sent
    ");
}

#[test]
fn a_crash_in_a_transaction_begins_it_again() {
    let sections = r#"
        [[queue]]
        name = "q"
        [[producer]]
        name = "p"
        routing_key = "q"
        count = 6
        transaction = 3
        [[fault]]
        at = "3500ms"
        crash = "p"
        [[fault]]
        at = "5s"
        revive = "p"
    "#;
    insta::assert_snapshot!(ledger_of(sections), @"
    published        8   messages reached the broker
    routed           6   found at least one queue
    ready            6   copies wait in queues
    confirmed        6   messages are safe, and their producer knows
      p: 6 confirmed, on average 1.6 s after sending, the last 10.6 s after the first was sent
    ");
}

#[test]
fn a_full_queue_frees_the_window_of_its_producer() {
    let sections = r#"
        [[queue]]
        name = "q"
        arguments = { x-max-length = 2, x-overflow = "reject-publish" }
        [[producer]]
        name = "p"
        routing_key = "q"
        count = 4
        confirms = true
        window = 1
    "#;
    insta::assert_snapshot!(ledger_of(sections), @"
    published        4   messages reached the broker
    routed           4   found at least one queue
    ready            2   copies wait in queues
    lost             2   copies are gone for good
    confirmed        2   messages are safe, and their producer knows
      p: 2 confirmed, on average 600 ms after sending, the last 1.6 s after the first was sent
      at 4.100  message 3 of queue q: its queue was full and did not take it
      at 5.100  message 4 of queue q: its queue was full and did not take it
    ");
}

#[test]
fn failed_work_is_lost_without_acks_and_tried_again_with_requeue() {
    let sections = |consumer: &str| {
        format!(
            r#"
            [[queue]]
            name = "q"
            [[producer]]
            name = "p"
            routing_key = "q"
            count = 4
            [[consumer]]
            name = "c"
            queue = "q"
            fails = "every 2"
            {consumer}
            "#
        )
    };
    insta::assert_snapshot!(ledger_of(&sections("ack = \"auto\"")), @"
    published        4   messages reached the broker
    routed           4   found at least one queue
    delivered        4   copies went out to consumers
    processed        2   copies were worked on to the end
    lost             2   copies are gone for good
    failed           2   times work on a copy failed
      at 3.400  message 2 of queue q: c failed at it, and needed no ack
      at 5.400  message 4 of queue q: c failed at it, and needed no ack
    ");
    insta::assert_snapshot!(ledger_of(&sections("ack = \"after-work\"\non_failure = \"requeue\"")), @"
    published        4   messages reached the broker
    routed           4   found at least one queue
    delivered        7   copies went out to consumers
    redelivered      3   of them for the second time or more
    processed        4   copies were worked on to the end
    acked            4   acks reached the broker
    failed           3   times work on a copy failed
    requeued         3   copies went back to their queue
    ");
}

#[test]
fn a_share_of_failures_comes_from_the_seed() {
    let sections = r#"
        [[queue]]
        name = "q"
        [[producer]]
        name = "p"
        routing_key = "q"
        count = 10
        [[consumer]]
        name = "c"
        queue = "q"
        ack = "after-work"
        fails = "50%"
    "#;
    insta::assert_snapshot!(ledger_of(sections), @"
    published       10   messages reached the broker
    routed          10   found at least one queue
    delivered       10   copies went out to consumers
    processed        3   copies were worked on to the end
    acked            3   acks reached the broker
    lost             7   copies are gone for good
    failed           7   times work on a copy failed
      at 2.700  message 1 of queue q: a consumer rejected it
      at 3.700  message 2 of queue q: a consumer rejected it
      at 4.700  message 3 of queue q: a consumer rejected it
      at 5.700  message 4 of queue q: a consumer rejected it
      at 7.700  message 6 of queue q: a consumer rejected it
      at 9.700  message 8 of queue q: a consumer rejected it
      at 10.700  message 9 of queue q: a consumer rejected it
    ");
    let scenario = scenario(sections);
    assert_ne!(trace_hash(&scenario, 1), trace_hash(&scenario, 2));
}

#[test]
fn an_exclusive_queue_goes_with_its_consumer() {
    let sections = r#"
        [[queue]]
        name = "q"
        exclusive = true
        [[exchange]]
        name = "e"
        type = "fanout"
        [[binding]]
        exchange = "e"
        queue = "q"
        [[producer]]
        name = "p"
        exchange = "e"
        count = 8
        [[consumer]]
        name = "c"
        queue = "q"
        ack = "after-work"
        prefetch = 1
        work = "2s"
        [[fault]]
        at = "5s"
        crash = "c"
    "#;
    insta::assert_snapshot!(ledger_of(sections), @"
    published        8   messages reached the broker
    routed           4   found at least one queue
    unroutable       4   found none
    delivered        2   copies went out to consumers
    processed        1   copies were worked on to the end
    acked            1   acks reached the broker
    lost             7   copies are gone for good
    requeued         1   copies went back to their queue
      at 5.300  message 2 of queue q: its queue was deleted
      at 5.300  message 3 of queue q: its queue was deleted
      at 5.300  message 4 of queue q: its queue was deleted
      at 6.100  message 5: no binding matched
      at 7.100  message 6: no binding matched
      at 8.100  message 7: no binding matched
      at 9.100  message 8: no binding matched
    ");
}

#[test]
fn answers_come_to_a_queue_of_ones_own_too() {
    let sections = r#"
        [[queue]]
        name = "questions"
        [[queue]]
        name = "answers"
        exclusive = true
        [[producer]]
        name = "client"
        routing_key = "questions"
        count = 3
        reply_to = "answers"
        [[consumer]]
        name = "server"
        queue = "questions"
        ack = "after-work"
        reply = "yes"
    "#;
    insta::assert_snapshot!(ledger_of(sections), @"
    published        6   messages reached the broker
    routed           6   found at least one queue
    delivered        6   copies went out to consumers
    processed        3   copies were worked on to the end
    acked            3   acks reached the broker
    answered         3   requests got their answer
      client: 3 answered, on average 1.2 s after sending, the last 3.2 s after the first was sent
    ");
}

#[test]
fn exchanges_lead_to_exchanges() {
    let sections = r#"
        [[exchange]]
        name = "all"
        type = "fanout"
        [[exchange]]
        name = "some"
        type = "direct"
        [[queue]]
        name = "everything"
        [[queue]]
        name = "urgent"
        [[binding]]
        exchange = "all"
        queue = "everything"
        [[binding]]
        exchange = "all"
        to_exchange = "some"
        [[binding]]
        exchange = "some"
        queue = "urgent"
        routing_key = "now"
        [[producer]]
        name = "p"
        exchange = "all"
        routing_key = ["now", "later", "never"]
        count = 6
        [[consumer]]
        name = "c"
        queue = "urgent"
        ack = "after-work"
    "#;
    insta::assert_snapshot!(ledger_of(sections), @"
    published        6   messages reached the broker
    routed           6   found at least one queue
    delivered        2   copies went out to consumers
    processed        2   copies were worked on to the end
    acked            2   acks reached the broker
    ready            6   copies wait in queues
    ");
}

/// Who stood still was there all the time; who has crashed begins anew.
#[test]
fn who_was_paused_goes_on_and_who_has_crashed_starts_again() {
    let told = |mishap: &str| {
        let scenario = scenario(&format!(
            "[[queue]]\nname = \"q\"\n[[consumer]]\nname = \"c\"\nqueue = \"q\"\nack = \"auto\"\n\
             [[fault]]\nat = \"3s\"\n{mishap} = \"c\"\n[[fault]]\nat = \"5s\"\nrevive = \"c\"\n"
        ));
        let mut world = World::new(&scenario, 1);
        world.run_until(Instant::ZERO + scenario.until);
        let sentences = world.take_events().into_iter().filter_map(|event| {
            let (_, what) = report::sentence(&scenario, &event.what)?;
            ["goes on", "starts again"].contains(&&*what).then_some(what)
        });
        sentences.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(told("pause"), "goes on");
    assert_eq!(told("crash"), "starts again");
}

/// A fault at the very start was written without its time, and the file could not be read again.
#[test]
fn a_fault_at_the_start_is_written_with_its_time() {
    let scenario = scenario("[[fault]]\nat = \"0s\"\nclock = \"+1h\"");
    assert_eq!(Scenario::parse("written.toml", &scenario.to_toml()), Ok(scenario));
}

/// What happens to messages of a producer and an exchange that holds them back for a second: the broker's part.
fn held_back(sections: &str, exchange: &str) -> String {
    let text = format!(
        r#"
        [network]
        latency = "0s"
        [[queue]]
        name = "q"
        [[binding]]
        exchange = "later"
        queue = "q"
        [[exchange]]
        name = "later"
        type = "x-delayed-message"
        arguments = {{ x-delayed-type = "fanout" }}
        [[producer]]
        name = "p"
        exchange = {exchange:?}
        headers = {{ x-delay = 1000 }}
        count = 1
        {sections}
    "#
    );
    let scenario = scenario(&text);
    let mut world = World::new(&scenario, 1);
    world.run_until(Instant::ZERO + scenario.until);
    let told = report::timeline(&scenario, &world.take_events());
    let lines = told.lines().filter(|line| line.contains("message 1")).map(str::trim);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_exchange_holds_a_message_back_and_routes_it_then() {
    insta::assert_snapshot!(held_back("mandatory = true\nconfirms = true", "later"), @r#"
    0.000  p       sends "message 1" to exchange later
    0.000  broker  message 1 waits in exchange later for 1000 ms
    0.000  broker  message 1 is mandatory, and no queue has it yet
    0.000  p       gets message 1 back
    0.000  p       hears that message 1 is safe
    1.000  broker  message 1 → queue q
    "#);
}

#[test]
fn what_an_exchange_holds_back_is_lost_with_the_broker() {
    let crash = "[[fault]]\nat = \"500ms\"\ncrash = \"broker\"";
    insta::assert_snapshot!(held_back(crash, "later"), @r#"
    0.000  p       sends "message 1" to exchange later
    0.000  broker  message 1 waits in exchange later for 1000 ms
    0.500  broker  message 1 is LOST: it was only in the broker's memory
    "#);
}

/// A dead letter that an exchange held back was told to match no binding, and to be lost.
#[test]
fn a_dead_letter_waits_too() {
    let rejected = r#"
        [[exchange]]
        name = "first"
        type = "fanout"
        [[queue]]
        name = "work"
        arguments = { x-dead-letter-exchange = "later" }
        [[binding]]
        exchange = "first"
        queue = "work"
        [[consumer]]
        name = "c"
        queue = "work"
        ack = "after-work"
        fails = "always"
    "#;
    insta::assert_snapshot!(held_back(rejected, "first"), @r#"
    0.000  p       sends "message 1" to exchange first
    0.000  broker  message 1 → queue work
    0.000  broker  message 1 → c
    0.000  c       receives message 1
    0.000  c       works on message 1 until 0.000
    0.000  c       has failed at message 1
    0.000  c       rejects message 1
    0.000  broker  message 1 in queue work was rejected: a dead letter for later
    0.000  broker  message 1 waits in exchange later for 1000 ms
    1.000  broker  message 1 → queue q
    "#);
}

#[test]
fn who_comes_later_gets_the_latest_messages_once() {
    let sections = r#"
        [[exchange]]
        name = "x"
        type = "x-recent-history"
        arguments = { x-recent-history-length = 2 }
        [[queue]]
        name = "q"
        exclusive = true
        [[binding]]
        exchange = "x"
        queue = "q"
        [[producer]]
        name = "p"
        exchange = "x"
        count = 5
        [[consumer]]
        name = "c"
        queue = "q"
        start = "8s"
        ack = "after-work"
        reconnect = { after = "1s" }
    "#;
    insta::assert_snapshot!(ledger_of(sections), @r"
    published        5   messages reached the broker
    routed           2   found at least one queue
    unroutable       5   found none
    delivered        2   copies went out to consumers
    processed        2   copies were worked on to the end
    acked            2   acks reached the broker
    lost             5   copies are gone for good
      at 2.100  message 1: no binding matched
      at 3.100  message 2: no binding matched
      at 4.100  message 3: no binding matched
      at 5.100  message 4: no binding matched
      at 6.100  message 5: no binding matched
    ");
}
