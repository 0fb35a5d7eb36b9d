//! Two releases of RabbitMQ side by side: what differs in a topology, and which behaviours that comes from.

use warren_sim::{
    Comparison, Difference, Measure, Scenario, lessons, outages,
    warren_core::{Behaviour, Release},
};

fn scenario(topology: &str) -> Scenario {
    let head = "until = \"60s\"\ntitle = { en = \"t\" }\nsummary = { en = \"s\" }\n";
    Scenario::parse("case", &format!("{head}{topology}")).expect("a good topology")
}

/// `queue q: ready at the end 1 → 0 (delivery-limit-20)`
fn line(scenario: &Scenario, difference: &Difference) -> String {
    let Difference { spot, measure, older, newer, because, can_be_chance, .. } = difference;
    let names: Vec<&str> = because.iter().map(Behaviour::name).collect();
    let what = measure.said(scenario).english();
    let values = if measure.is_count() { format!(" {older} → {newer}") } else { String::new() };
    let chance = if *can_be_chance { ", or by chance" } else { "" };
    format!("{spot}: {what}{values} ({}{chance})", names.join(", "))
}

fn lines(scenario: &Scenario, comparison: Comparison) -> String {
    let differences = comparison.run();
    let lines: Vec<String> = differences.iter().map(|difference| line(scenario, difference)).collect();
    if lines.is_empty() { "nothing differs".to_owned() } else { lines.join("\n") }
}

/// What differs between RabbitMQ 3.10 and 4.3, for each of the topologies.
fn table(cases: &[(&str, &str)]) -> String {
    let rows = cases.iter().map(|(name, topology)| {
        let scenario = scenario(topology);
        let comparison = Comparison::new(&scenario, Release::V3_10, Release::V4_3).seeds(0..2);
        format!("# {name}\n{}", lines(&scenario, comparison))
    });
    rows.collect::<Vec<_>>().join("\n\n")
}

/// A quorum queue with these arguments, a message, and a consumer that always fails and says so like this.
fn failing(arguments: &str, on_failure: &str) -> String {
    format!(
        r#"
        queue = [{{ name = "q", durable = true, arguments = {{ x-queue-type = "quorum"{arguments} }} }}, {{ name = "dead" }}]
        producer = [{{ name = "p", routing_key = "q", count = 1 }}]
        consumer = [{{ name = "c", queue = "q", ack = "after-work", work = "100ms", fails = "always", on_failure = "{on_failure}" }},
                    {{ name = "d", queue = "dead", ack = "after-work" }}]
        "#
    )
}

const DEAD: &str =
    ", x-delivery-limit = 5, x-dead-letter-exchange = \"\", x-dead-letter-routing-key = \"dead\"";

#[test]
fn a_message_that_always_fails() {
    insta::assert_snapshot!(table(&[
        ("rejected", &failing("", "reject")),
        ("rejected, and back to the queue", &failing("", "requeue")),
        ("nacked, and back to the queue", &failing("", "nack-requeue")),
        ("a delivery limit of 5, nacked", &failing(", x-delivery-limit = 5", "nack-requeue")),
        ("a delivery limit of 5, a dead-letter exchange, rejected", &failing(DEAD, "requeue")),
    ]), @r#"
    # rejected
    nothing differs

    # rejected, and back to the queue
    queue q: lost messages: its delivery failed too often 0 → 1 (delivery-limit-20)
    queue q: unacked at the end 1 → 0 (delivery-limit-20)
    consumer c: deliveries received 83 → 21 (delivery-limit-20)
    consumer c: deliveries marked as redelivered 82 → 20 (delivery-limit-20)
    queue q: messages requeued 82 → 20 (delivery-limit-20)
    consumer c: failures 83 → 21 (delivery-limit-20)
    consumer c: deliveries with the header x-acquired-count 0 → 20 (acquired-count)

    # nacked, and back to the queue
    consumer c: deliveries with the header x-acquired-count 0 → 82 (acquired-count)
    consumer c: deliveries with the header x-delivery-count 82 → 0 (nack-is-no-failure)

    # a delivery limit of 5, nacked
    queue q: lost messages: its delivery failed too often 1 → 0 (nack-is-no-failure)
    queue q: unacked at the end 0 → 1 (nack-is-no-failure)
    consumer c: deliveries received 6 → 83 (nack-is-no-failure)
    consumer c: deliveries marked as redelivered 5 → 82 (nack-is-no-failure)
    queue q: messages requeued 5 → 82 (nack-is-no-failure)
    consumer c: failures 6 → 83 (nack-is-no-failure)
    consumer c: deliveries with the header x-acquired-count 0 → 82 (acquired-count)
    consumer c: deliveries with the header x-delivery-count 5 → 0 (nack-is-no-failure)

    # a delivery limit of 5, a dead-letter exchange, rejected
    consumer c: deliveries with the header x-acquired-count 0 → 5 (acquired-count)
    consumer d: deliveries with the header x-last-death-exchange 0 → 1 (last-death-headers)
    consumer d: deliveries with the header x-last-death-queue 0 → 1 (last-death-headers)
    consumer d: deliveries with the header x-last-death-reason 0 → 1 (last-death-headers)
    "#);
}

#[test]
fn an_ack_that_never_comes() {
    let topology = |queue: &str| {
        format!(
            r#"
            broker = {{ consumer_timeout = "5s" }}
            queue = [{{ name = "q", durable = true, arguments = {{ x-queue-type = "{queue}" }} }}]
            producer = [{{ name = "p", routing_key = "q", count = 3 }}]
            consumer = [{{ name = "c", queue = "q", ack = "never", reconnect = {{ after = "30s" }} }}]"#
        )
    };
    insta::assert_snapshot!(table(&[("classic", &topology("classic")), ("quorum", &topology("quorum"))]), @r#"
    # classic
    consumer c: closed: 406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 5000 ms. This timeout value can be configured, see consumers doc guide to learn more 2 → 0 (timeout-takes-back)
    queue q: ready at the end 3 → 0 (timeout-takes-back)
    queue q: unacked at the end 0 → 3 (timeout-takes-back)
    consumer c: deliveries received 6 → 3 (timeout-takes-back)
    consumer c: deliveries marked as redelivered 3 → 0 (timeout-takes-back)
    queue q: messages requeued 6 → 0 (timeout-takes-back)
    consumer c: messages processed 6 → 3 (timeout-takes-back)

    # quorum
    consumer c: closed: 406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 5000 ms. This timeout value can be configured, see consumers doc guide to learn more 2 → 0 (timeout-takes-back)
    consumer c: closed: the broker cancelled the consumer 0 → 2 (timeout-takes-back)
    consumer c: consumer timeouts 0 → 2 (timeout-takes-back)
    queue q: messages requeued 6 → 2 (timeout-takes-back)
    consumer c: deliveries with the header x-acquired-count 0 → 3 (acquired-count)
    "#);
}

#[test]
fn what_a_broker_refuses() {
    let queue = |arguments: &str| {
        format!(
            r#"
            queue = [{{ name = "q", durable = true, arguments = {{ {arguments} }} }}]
            producer = [{{ name = "p", routing_key = "q", count = 1 }}]"#
        )
    };
    let consumer = |arguments: &str| {
        let consumer = format!(
            r#"consumer = [{{ name = "c", queue = "q", ack = "after-work", arguments = {{ {arguments} }} }}]"#
        );
        format!("{}\n{consumer}", queue(""))
    };
    insta::assert_snapshot!(table(&[
        ("x-queue-mode", &queue("x-queue-mode = \"eager\"")),
        ("x-queue-version", &queue("x-queue-version = 1")),
        ("x-queue-master-locator", &queue("x-queue-master-locator = \"nearest\"")),
        ("x-max-age", &queue("x-queue-type = \"stream\", x-max-age = \"long\"")),
        ("x-cancel-on-ha-failover", &consumer("x-cancel-on-ha-failover = \"yes\"")),
        ("x-consumer-timeout", &consumer("x-consumer-timeout = 60000")),
        ("x-stream-filter", &consumer("x-stream-filter = \"a\"")),
        (
            "a weight of x-consistent-hash",
            r#"
            exchange = [{ name = "x", type = "x-consistent-hash" }]
            queue = [{ name = "q" }]
            binding = [{ exchange = "x", queue = "q", routing_key = "20000" }]
            producer = [{ name = "p", exchange = "x", count = 1 }]"#,
        ),
        (
            "basic.nack to a stream",
            r#"
            queue = [{ name = "q", durable = true, arguments = { x-queue-type = "stream" } }]
            producer = [{ name = "p", routing_key = "q", count = 2 }]
            consumer = [{ name = "c", queue = "q", prefetch = 10, ack = "after-work", fails = "always", on_failure = "nack" }]"#,
        ),
        (
            "20 MB, which is not a behaviour",
            r#"
            network = { latency = "1ms" }
            queue = [{ name = "q" }]
            producer = [{ name = "p", routing_key = "q", count = 1, bytes = 20000000 }]"#,
        ),
        (
            "a transaction without its queue",
            r#"
            queue = [{ name = "q" }]
            producer = [{ name = "p", routing_key = "q", count = 10, transaction = 5, reconnect = { after = "1s" } }]
            fault = [{ at = "4s", delete = "q" }]"#,
        ),
    ]), @r#"
    # x-queue-mode
    producer p: closed: 406 PRECONDITION_FAILED - invalid arg 'x-queue-mode' for queue 'q' in vhost '/': "unsupported queue mode 'eager'" 1 → 0 (queue-mode-unchecked)
    producer p: messages sent 0 → 1 (queue-mode-unchecked)
    queue q: messages enqueued 0 → 1 (queue-mode-unchecked)
    queue q: ready at the end 0 → 1 (queue-mode-unchecked)

    # x-queue-version
    producer p: closed: 406 PRECONDITION_FAILED - invalid arg 'x-queue-version' for queue 'q' in vhost '/': "unsupported queue version '1'" 0 → 1 (no-queue-version-1)
    producer p: messages sent 1 → 0 (no-queue-version-1)
    queue q: messages enqueued 1 → 0 (no-queue-version-1)
    queue q: ready at the end 1 → 0 (no-queue-version-1)

    # x-queue-master-locator
    producer p: closed: 541 INTERNAL_ERROR 1 → 0 (master-locator-unchecked)
    producer p: messages sent 0 → 1 (master-locator-unchecked)
    queue q: messages enqueued 0 → 1 (master-locator-unchecked)
    queue q: ready at the end 0 → 1 (master-locator-unchecked)

    # x-max-age
    producer p: closed: 406 PRECONDITION_FAILED - invalid arg 'x-max-age' for queue 'q' in vhost '/': invalid_max_age 0 → 1 (stream-age-checked)
    producer p: closed: 541 INTERNAL_ERROR 1 → 0 (stream-age-checked)

    # x-cancel-on-ha-failover
    consumer c: closed: 406 PRECONDITION_FAILED - invalid arg 'x-cancel-on-ha-failover' for queue 'q' in vhost '/': {unacceptable_type,longstr} 1 → 0 (ha-failover-unchecked)
    queue q: ready at the end 1 → 0 (ha-failover-unchecked)
    consumer c: deliveries received 0 → 1 (ha-failover-unchecked)
    consumer c: messages processed 0 → 1 (ha-failover-unchecked)

    # x-consumer-timeout
    consumer c: closed: 406 PRECONDITION_FAILED - invalid arg 'x-consumer-timeout' for queue 'q' in vhost '/' of queue type rabbit_classic_queue 0 → 1 (consumer-timeout-argument)
    queue q: ready at the end 0 → 1 (consumer-timeout-argument)
    consumer c: deliveries received 1 → 0 (consumer-timeout-argument)
    consumer c: messages processed 1 → 0 (consumer-timeout-argument)

    # x-stream-filter
    consumer c: closed: 406 PRECONDITION_FAILED - invalid arg 'x-stream-filter' for queue 'q' in vhost '/' of queue type rabbit_classic_queue 0 → 1 (stream-filters)
    queue q: ready at the end 0 → 1 (stream-filters)
    consumer c: deliveries received 1 → 0 (stream-filters)
    consumer c: messages processed 1 → 0 (stream-filters)

    # a weight of x-consistent-hash
    producer p: closed: 406 PRECONDITION_FAILED - The binding key must not exceed 10000 0 → 1 (hash-weight-limit)
    producer p: messages sent 1 → 0 (hash-weight-limit)
    queue q: messages enqueued 1 → 0 (hash-weight-limit)
    queue q: ready at the end 1 → 0 (hash-weight-limit)

    # basic.nack to a stream
    consumer c: closed: 540 NOT_IMPLEMENTED - basic.nack and basic.reject not supported by stream queues queue 'q' in vhost '/' 1 → 0 (stream-nack-settles)
    consumer c: deliveries received 1 → 2 (stream-nack-settles)
    consumer c: failures 1 → 2 (stream-nack-settles)

    # 20 MB, which is not a behaviour
    producer p: closed: 406 PRECONDITION_FAILED - message size 20000000 is larger than configured max size 16777216 0 → 1 ()
    queue q: messages enqueued 1 → 0 ()
    queue q: ready at the end 1 → 0 ()

    # a transaction without its queue
    producer p: closed: 506 RESOURCE_ERROR - failed to deliver message: {not_found,{resource,<<"/">>,queue,<<"q">>}} 0 → 1 (commit-names-the-queue, commit-needs-its-queues)
    producer p: lost messages: no binding matched 10 → 0 (commit-needs-its-queues)
    producer p: messages sent 10 → 15 (commit-needs-its-queues)
    queue q: messages enqueued 0 → 10 (commit-needs-its-queues)
    queue q: ready at the end 0 → 10 (commit-needs-its-queues)
    "#);
}

#[test]
fn where_messages_go() {
    insta::assert_snapshot!(table(&[
        (
            "x-modulus-hash",
            r#"
            exchange = [{ name = "x", type = "x-modulus-hash" }]
            queue = [{ name = "b" }, { name = "a" }]
            binding = [{ exchange = "x", queue = "a", routing_key = "2" }, { exchange = "x", queue = "b", routing_key = "1" }]
            producer = [{ name = "p", exchange = "x", routing_key = ["k1", "k2", "k3", "k4", "k5"], count = 10 }]"#,
        ),
        (
            "x-modulus-hash: as many, and others",
            r#"
            exchange = [{ name = "x", type = "x-modulus-hash" }]
            queue = [{ name = "b" }, { name = "a" }]
            binding = [{ exchange = "x", queue = "a", routing_key = "2" }, { exchange = "x", queue = "b", routing_key = "1" }]
            producer = [{ name = "p", exchange = "x", routing_key = ["k1", "k2"], count = 10 }]
            consumer = [{ name = "c", queue = "a", ack = "after-work" }, { name = "d", queue = "b", ack = "after-work" }]"#,
        ),
        (
            "a header of x-consistent-hash",
            r#"
            exchange = [{ name = "x", type = "x-consistent-hash", arguments = { hash-header = "h" } }]
            queue = [{ name = "q" }, { name = "r" }]
            binding = [{ exchange = "x", queue = "q", routing_key = "1" }, { exchange = "x", queue = "r", routing_key = "1" }]
            producer = [{ name = "p", exchange = "x", headers = [{ h = "a" }, { h = "b" }, { h = "c" }, { h = "d" }, { h = "e" }], count = 10 }]"#,
        ),
        (
            "a single active consumer and one of a higher priority",
            r#"
            queue = [{ name = "q", durable = true, arguments = { x-queue-type = "quorum", x-single-active-consumer = true } }]
            producer = [{ name = "p", routing_key = "q", count = 30 }]
            consumer = [{ name = "low", queue = "q", ack = "after-work" },
                        { name = "high", queue = "q", ack = "after-work", start = "10s", arguments = { x-priority = 5 } }]"#,
        ),
    ]), @r#"
    # x-modulus-hash
    queue a: messages enqueued 6 → 4 (modulus-hash-by-name)
    queue b: messages enqueued 4 → 6 (modulus-hash-by-name)
    queue a: ready at the end 6 → 4 (modulus-hash-by-name)
    queue b: ready at the end 4 → 6 (modulus-hash-by-name)

    # x-modulus-hash: as many, and others
    consumer c: other messages, or in another order (modulus-hash-by-name)
    consumer d: other messages, or in another order (modulus-hash-by-name)

    # a header of x-consistent-hash
    queue q: messages enqueued 6 → 2 (header-hashed-by-value)
    queue r: messages enqueued 4 → 8 (header-hashed-by-value)
    queue q: ready at the end 6 → 2 (header-hashed-by-value)
    queue r: ready at the end 4 → 8 (header-hashed-by-value)

    # a single active consumer and one of a higher priority
    consumer high: deliveries received 0 → 20 (quorum-active-by-priority)
    consumer low: deliveries received 30 → 10 (quorum-active-by-priority)
    consumer high: messages processed 0 → 20 (quorum-active-by-priority)
    consumer low: messages processed 30 → 10 (quorum-active-by-priority)
    "#);
}

#[test]
fn lessons_and_outages() {
    let told = ["hello", "retry", "twenty-returns"].map(|id| {
        let file = lessons::find(id).or_else(|| outages::find(id)).expect("a scenario").toml;
        let scenario = Scenario::parse(id, file).expect("a good file");
        let comparison = Comparison::new(&scenario, Release::V4_0, Release::V3_10).seeds(0..2);
        format!("# {id}\n{}", lines(&scenario, comparison))
    });
    insta::assert_snapshot!(told.join("\n\n"), @r#"
    # hello
    nothing differs

    # retry
    consumer worker: deliveries with the header x-last-death-exchange 0 → 5 (last-death-headers)
    consumer worker: deliveries with the header x-last-death-queue 0 → 5 (last-death-headers)
    consumer worker: deliveries with the header x-last-death-reason 0 → 5 (last-death-headers)

    # twenty-returns
    queue invoices: lost messages: its delivery failed too often 0 → 1 (delivery-limit-20)
    consumer sender: deliveries received 34 → 28 (delivery-limit-20)
    consumer sender: deliveries marked as redelivered 26 → 20 (delivery-limit-20)
    queue invoices: messages requeued 26 → 20 (delivery-limit-20)
    consumer sender: messages processed 8 → 7 (delivery-limit-20)
    consumer sender: failures 26 → 21 (delivery-limit-20)
    "#);
}

/// A consumer that fails by chance, beside one whose channel 3.10 closes: what both get depends on it.
const BY_CHANCE: &str = r#"
    network = { latency = "1ms", jitter = "200ms" }
    broker = { consumer_timeout = "5s" }
    queue = [{ name = "q" }]
    producer = [{ name = "p", routing_key = "q", count = 100, interval = "100ms", confirms = true }]
    consumer = [{ name = "c", queue = "q", ack = "after-work", work = "50ms..250ms", fails = "20%", on_failure = "requeue" },
                { name = "d", queue = "q", ack = "never", prefetch = 10, reconnect = { after = "1s" } }]"#;

#[test]
fn chance_is_told_as_such() {
    let scenario = scenario(BY_CHANCE);
    let by_chance = |seeds| {
        let differences = Comparison::new(&scenario, Release::V3_10, Release::V4_3).seeds(seeds).run();
        let sorted = differences.is_sorted_by_key(|difference| difference.can_be_chance);
        assert!(sorted, "what cannot be chance comes first");
        let chance = differences.iter().filter(|difference| difference.can_be_chance);
        let chance = chance.map(|difference| difference.measure.said(&scenario).english());
        (differences.len(), chance.collect::<Vec<_>>().join(", "))
    };
    insta::assert_debug_snapshot!([by_chance(0..1), by_chance(0..2), by_chance(0..16)], @r#"
    [
        (
            12,
            "closed: 406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 5000 ms. This timeout value can be configured, see consumers doc guide to learn more, closed: 406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 5000 ms. This timeout value can be configured, see consumers doc guide to learn more, ready at the end, unacked at the end, deliveries received, deliveries received, deliveries marked as redelivered, deliveries marked as redelivered, messages requeued, messages processed, messages processed, failures",
        ),
        (
            12,
            "ready at the end, deliveries received, deliveries marked as redelivered, deliveries marked as redelivered, messages requeued, messages processed, failures",
        ),
        (
            12,
            "deliveries received, deliveries marked as redelivered",
        ),
    ]
    "#);
}

#[test]
fn faults_are_the_same_in_both_releases() {
    let scenario = scenario(BY_CHANCE);
    let differences = |comparison: Comparison| comparison.with_faults().seeds(3..6).run();
    assert_eq!(differences(Comparison::new(&scenario, Release::V4_0, Release::V4_0)), []);
    // Between these two nothing is known of a client that never acks.
    assert_eq!(differences(Comparison::new(&scenario, Release::V3_10, Release::V4_0)), []);
    let closed = |difference: &&Difference| matches!(&difference.measure, Measure::Closed(reason) if reason.starts_with("406"));
    let told = differences(Comparison::new(&scenario, Release::V4_0, Release::V4_3));
    let without = Comparison::new(&scenario, Release::V4_0, Release::V4_3).seeds(3..6).run();
    let closed_without = without.iter().find(closed).map(|closed| closed.sums);
    let closed = told.iter().find(closed).expect("channels that are closed in 4.0");
    assert_ne!(closed_without, Some(closed.sums), "with faults fewer channels live so long");
    assert!(closed.older > 0 && closed.newer == 0 && closed.seed >= 3, "{closed:?}");
    assert!(closed.because.iter().eq([Behaviour::TimeoutTakesBack]), "{closed:?}");
}
