//! What the lint says of topologies, rule by rule, and that it says nothing of those that are as they should be.

use std::collections::BTreeSet;

use warren_sim::{Finding, Rule, Scenario, Severity, lessons, lint};

/// A rule, a topology that breaks it, and where; then the same put right.
struct Case {
    rule: Rule,
    severity: Severity,
    wrong: &'static str,
    spot: &'static str,
    right: &'static str,
}

fn scenario(topology: &str) -> Scenario {
    let head = "until = \"1s\"\ntitle = { en = \"t\", ru = \"t\" }\nsummary = { en = \"s\", ru = \"s\" }\n";
    Scenario::parse("case", &format!("{head}{topology}")).expect("a good topology")
}

fn found(topology: &str) -> Vec<Finding> {
    lint(&scenario(topology))
}

const ORDERS: &str = r#"
[[producer]]
name = "shop"
routing_key = "orders"
count = 5
[[consumer]]
name = "worker"
queue = "orders"
ack = "after-work"
"#;

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    use Rule as R;
    use Severity::{Hint, Problem};
    let case = |rule, severity, spot, wrong, right| Case { rule, severity, wrong, spot, right };
    vec![
        case(
            R::Refused,
            Problem,
            "queue q",
            r#"queue = [{ name = "q", arguments = { x-max-priority = 1000 } }]
               consumer = [{ name = "c", queue = "q", ack = "auto" }]"#,
            r#"queue = [{ name = "q", arguments = { x-max-priority = 10 } }]
               consumer = [{ name = "c", queue = "q", ack = "auto" }]"#,
        ),
        case(
            R::Unroutable,
            Problem,
            "producer p",
            r#"queue = [{ name = "q" }]
               exchange = [{ name = "x", type = "topic" }]
               binding = [{ exchange = "x", queue = "q", routing_key = "a.*" }]
               producer = [{ name = "p", exchange = "x", routing_key = ["a.b", "b.a"], count = 2 }]"#,
            r#"queue = [{ name = "q" }, { name = "rest" }]
               exchange = [{ name = "x", type = "topic", arguments = { alternate-exchange = "y" } }, { name = "y", type = "fanout" }]
               binding = [{ exchange = "x", queue = "q", routing_key = "a.*" }, { exchange = "y", queue = "rest" }]
               producer = [{ name = "p", exchange = "x", routing_key = ["a.b", "b.a"], count = 2 }]"#,
        ),
        case(
            R::Unroutable,
            Problem,
            "producer p",
            r#"queue = [{ name = "q" }]
               exchange = [{ name = "x", type = "headers" }]
               binding = [{ exchange = "x", queue = "q", arguments = { x-match = "all", kind = "a" } }]
               producer = [{ name = "p", exchange = "x", headers = [{ kind = "a" }, { kind = "b" }], count = 2 }]"#,
            r#"queue = [{ name = "q" }]
               exchange = [{ name = "x", type = "headers" }]
               binding = [{ exchange = "x", queue = "q", arguments = { x-match = "all", kind = "a" } }]
               producer = [{ name = "p", exchange = "x", headers = [{ kind = "a" }, { kind = "b" }], count = 1 }]"#,
        ),
        case(
            R::Unroutable,
            Hint,
            "producer p",
            r#"producer = [{ name = "p", routing_key = "q", count = 1, mandatory = true }]"#,
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1, mandatory = true }]"#,
        ),
        case(
            R::NoDeadLetter,
            Problem,
            "queue q",
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]
               consumer = [{ name = "c", queue = "q", ack = "after-work", fails = "20%" }]"#,
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]
               consumer = [{ name = "c", queue = "q", ack = "after-work" }]"#,
        ),
        case(
            R::NoDeadLetter,
            Hint,
            "queue q",
            r#"queue = [{ name = "q", arguments = { x-max-length = 5 } }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]"#,
            r#"queue = [{ name = "q", arguments = { x-max-length = 5, x-overflow = "reject-publish" } }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]"#,
        ),
        // What the operator's policy says holds, too.
        case(
            R::NoDeadLetter,
            Hint,
            "queue q",
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]
               fault = [{ at = "0s", policy = { pattern = "^q$", definition = { message-ttl = 9 } } }]"#,
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]
               fault = [{ at = "0s", policy = { pattern = "^other$", definition = { message-ttl = 9 } } }]"#,
        ),
        case(
            R::DeadLetterUnroutable,
            Problem,
            "queue q",
            r#"queue = [{ name = "q", arguments = { x-message-ttl = 1, x-dead-letter-exchange = "dead" } }, { name = "late" }]
               exchange = [{ name = "dead", type = "direct" }]
               binding = [{ exchange = "dead", queue = "late", routing_key = "late" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]"#,
            r#"queue = [{ name = "q", arguments = { x-message-ttl = 1, x-dead-letter-exchange = "dead", x-dead-letter-routing-key = "late" } }, { name = "late" }]
               exchange = [{ name = "dead", type = "direct" }]
               binding = [{ exchange = "dead", queue = "late", routing_key = "late" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]"#,
        ),
        case(
            R::DeadLetterCycle,
            Hint,
            "queue a",
            r#"queue = [{ name = "a", arguments = { x-message-ttl = 5, x-dead-letter-exchange = "", x-dead-letter-routing-key = "b" } },
                        { name = "b", arguments = { x-message-ttl = 5, x-dead-letter-exchange = "", x-dead-letter-routing-key = "a" } }]
               producer = [{ name = "p", routing_key = "b", count = 1 }]"#,
            r#"queue = [{ name = "a", arguments = { x-dead-letter-exchange = "", x-dead-letter-routing-key = "b" } },
                        { name = "b", arguments = { x-message-ttl = 5, x-dead-letter-exchange = "", x-dead-letter-routing-key = "a" } }]
               producer = [{ name = "p", routing_key = "b", count = 1 }]"#,
        ),
        case(
            R::NoConsumer,
            Problem,
            "queue q",
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]"#,
            r#"queue = [{ name = "q", arguments = { x-max-length = 10 } }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]"#,
        ),
        case(
            R::NoConsumer,
            Hint,
            "queue late",
            r#"queue = [{ name = "q", arguments = { x-message-ttl = 1, x-dead-letter-exchange = "", x-dead-letter-routing-key = "late" } }, { name = "late" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]"#,
            r#"queue = [{ name = "q", arguments = { x-message-ttl = 1, x-dead-letter-exchange = "", x-dead-letter-routing-key = "late" } }, { name = "late" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]
               consumer = [{ name = "c", queue = "late", ack = "after-work" }]"#,
        ),
        case(
            R::NothingArrives,
            Hint,
            "queue q",
            r#"queue = [{ name = "q" }]
               consumer = [{ name = "c", queue = "q", ack = "after-work" }]"#,
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]
               consumer = [{ name = "c", queue = "q", ack = "after-work" }]"#,
        ),
        case(
            R::ShadowedBinding,
            Hint,
            "binding 2",
            r##"queue = [{ name = "q" }]
               exchange = [{ name = "x", type = "topic" }]
               binding = [{ exchange = "x", queue = "q", routing_key = "log.#" }, { exchange = "x", queue = "q", routing_key = "log.*.error" }]"##,
            r##"queue = [{ name = "q" }]
               exchange = [{ name = "x", type = "topic" }]
               binding = [{ exchange = "x", queue = "q", routing_key = "log.#.warning" }, { exchange = "x", queue = "q", routing_key = "log.*.error" }]"##,
        ),
        case(
            R::ShadowedBinding,
            Hint,
            "binding 2",
            r#"queue = [{ name = "q" }]
               exchange = [{ name = "x", type = "fanout" }]
               binding = [{ exchange = "x", queue = "q" }, { exchange = "x", queue = "q", routing_key = "k" }]"#,
            r#"queue = [{ name = "q" }]
               exchange = [{ name = "x", type = "direct" }]
               binding = [{ exchange = "x", queue = "q" }, { exchange = "x", queue = "q", routing_key = "k" }]"#,
        ),
        case(
            R::TransientQueue,
            Problem,
            "queue q",
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1, persistent = true }]"#,
            r#"queue = [{ name = "q", durable = true }]
               producer = [{ name = "p", routing_key = "q", count = 1, persistent = true }]"#,
        ),
        case(
            R::TransientMessages,
            Hint,
            "queue q",
            r#"queue = [{ name = "q", durable = true }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]"#,
            r#"queue = [{ name = "q", durable = true, arguments = { x-queue-type = "quorum" } }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]"#,
        ),
        case(
            R::NoDisk,
            Problem,
            "disk",
            r#"queue = [{ name = "q", durable = true }]
               fault = [{ at = "1s", crash = "broker" }]"#,
            r#"queue = [{ name = "q", durable = true }]
               disk = { write = "1ms", sync = "1ms" }
               fault = [{ at = "1s", crash = "broker" }]"#,
        ),
        case(
            R::Unconfirmed,
            Hint,
            "producer p",
            r#"queue = [{ name = "q", durable = true }]
               producer = [{ name = "p", routing_key = "q", count = 1, persistent = true }]"#,
            r#"queue = [{ name = "q", durable = true }]
               producer = [{ name = "p", routing_key = "q", count = 1, persistent = true, confirms = true }]"#,
        ),
        case(
            R::NoReconnect,
            Hint,
            "producer p",
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1 }]
               fault = [{ at = "1s", cut = "p" }]"#,
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1, reconnect = { after = "1s" } }]
               fault = [{ at = "1s", cut = "p" }]"#,
        ),
        // A connection that breaks takes all of its channels.
        case(
            R::NoReconnect,
            Hint,
            "producer p",
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", client = "app", routing_key = "q", count = 1 }]
               consumer = [{ name = "c", client = "app", queue = "q", ack = "auto", reconnect = { after = "1s" } }]
               fault = [{ at = "1s", cut = "c" }]"#,
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", client = "app", connection = "out", routing_key = "q", count = 1 }]
               consumer = [{ name = "c", client = "app", queue = "q", ack = "auto", reconnect = { after = "1s" } }]
               fault = [{ at = "1s", cut = "c" }]"#,
        ),
        case(
            R::SharedConnection,
            Hint,
            "consumer c",
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", client = "app", routing_key = "q", count = 1 }]
               consumer = [{ name = "c", client = "app", queue = "q", ack = "after-work" }]"#,
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", client = "app", connection = "out", routing_key = "q", count = 1 }]
               consumer = [{ name = "c", client = "app", connection = "in", queue = "q", ack = "after-work" }]"#,
        ),
        case(
            R::NeverAcks,
            Problem,
            "consumer c",
            r#"queue = [{ name = "q" }]
               consumer = [{ name = "c", queue = "q", ack = "never" }]"#,
            r#"queue = [{ name = "q" }]
               consumer = [{ name = "c", queue = "q", ack = "after-work" }]"#,
        ),
        case(
            R::AutoAck,
            Hint,
            "consumer c",
            r#"queue = [{ name = "q" }]
               consumer = [{ name = "c", queue = "q", ack = "auto" }]"#,
            r#"queue = [{ name = "q" }]
               consumer = [{ name = "c", queue = "q", ack = "after-work" }]"#,
        ),
        case(
            R::NoPrefetch,
            Hint,
            "consumer c",
            r#"queue = [{ name = "q" }]
               consumer = [{ name = "c", queue = "q", ack = "after-work" }, { name = "d", queue = "q", ack = "after-work", prefetch = 1 }]"#,
            r#"queue = [{ name = "q", arguments = { x-single-active-consumer = true } }]
               consumer = [{ name = "c", queue = "q", ack = "after-work" }, { name = "d", queue = "q", ack = "after-work", prefetch = 1 }]"#,
        ),
        case(
            R::RequeueLoop,
            Hint,
            "consumer c",
            r#"queue = [{ name = "q", durable = true }]
               producer = [{ name = "p", routing_key = "q", count = 1, fails = 9 }]
               consumer = [{ name = "c", queue = "q", ack = "after-work", on_failure = "requeue" }]"#,
            r#"queue = [{ name = "q", durable = true, arguments = { x-queue-type = "quorum" } }]
               producer = [{ name = "p", routing_key = "q", count = 1, fails = 9 }]
               consumer = [{ name = "c", queue = "q", ack = "after-work", on_failure = "requeue" }]"#,
        ),
        // A nack is not counted.
        case(
            R::RequeueLoop,
            Hint,
            "consumer c",
            r#"queue = [{ name = "q", durable = true, arguments = { x-queue-type = "quorum" } }]
               producer = [{ name = "p", routing_key = "q", count = 1, fails = 9 }]
               consumer = [{ name = "c", queue = "q", ack = "after-work", on_failure = "nack-requeue" }]"#,
            r#"queue = [{ name = "q", durable = true, arguments = { x-queue-type = "quorum" } }]
               producer = [{ name = "p", routing_key = "q", count = 1, fails = 9 }]
               consumer = [{ name = "c", queue = "q", ack = "after-work", on_failure = "requeue" }]"#,
        ),
        case(
            R::PriorityIgnored,
            Hint,
            "queue q",
            r#"queue = [{ name = "q" }]
               producer = [{ name = "p", routing_key = "q", count = 1, priority = 5 }]"#,
            r#"queue = [{ name = "q", arguments = { x-max-priority = 9 } }]
               producer = [{ name = "p", routing_key = "q", count = 1, priority = 5 }]"#,
        ),
    ]
}

#[test]
fn each_rule_sees_what_it_is_about_and_nothing_else() {
    for Case { rule, severity, wrong, spot, right } in cases() {
        let of_rule = |topology| -> Vec<(Severity, String)> {
            let found = found(topology).into_iter().filter(|finding| finding.rule == rule);
            found.map(|finding| (finding.severity, finding.spot.to_string())).collect()
        };
        assert_eq!(of_rule(wrong), [(severity, spot.to_owned())], "{}: {wrong}", rule.name());
        assert_eq!(of_rule(right), [], "{}: {right}", rule.name());
    }
}

#[test]
fn no_rule_is_left_out() {
    let seen: BTreeSet<Rule> = cases().iter().map(|case| case.rule).collect();
    assert_eq!(seen, Rule::ALL.iter().copied().collect());
}

#[test]
fn nothing_is_said_of_what_is_as_it_should_be() {
    assert_eq!(found(&format!("[[queue]]\nname = \"orders\"\n{ORDERS}")), []);
    // Where an exchange chooses, a message may come to each of its queues.
    for (kind, key) in
        [("x-consistent-hash", "1"), ("x-modulus-hash", ""), ("x-random", ""), ("x-local-random", "")]
    {
        let topology = r#"queue = [{ name = "a" }, { name = "b" }]
            exchange = [{ name = "x", type = "KIND" }]
            binding = [{ exchange = "x", queue = "a", routing_key = "KEY" }, { exchange = "x", queue = "b", routing_key = "KEY" }]
            producer = [{ name = "p", exchange = "x", routing_key = "k", count = 1 }]
            consumer = [{ name = "c", queue = "a", ack = "after-work" }, { name = "d", queue = "b", ack = "after-work" }]"#;
        assert_eq!(found(&topology.replace("KIND", kind).replace("KEY", key)), [], "{kind}");
    }
}

/// Masks one by one: whether all that the second takes the first takes.
#[test]
fn a_mask_is_shadowed_by_a_wider_one() {
    for (wide, narrow, is_shadowed) in [
        ("#", "a", true),
        ("#", "#", true),
        ("#", "", true),
        ("*", "a", true),
        ("*", "a.b", false),
        ("*", "#", false),
        ("*.*", "a.#", false),
        ("a.#", "a", true),
        ("a.#", "a.*.b", true),
        ("a.#.b", "a.*.b", true),
        ("a.#.b", "a.b.*", false),
        ("#.a.#", "*.a.*", true),
        ("*.a.#", "#.a.*", false),
        ("*.#", "#.*", true),
        ("a.*", "*.a", false),
        ("a", "#", false),
    ] {
        let text = format!(
            "queue = [{{ name = \"q\" }}]\nexchange = [{{ name = \"x\", type = \"topic\" }}]\n\
             binding = [{{ exchange = \"x\", queue = \"q\", routing_key = \"{wide}\" }}, \
             {{ exchange = \"x\", queue = \"q\", routing_key = \"{narrow}\" }}]"
        );
        let spots: Vec<String> = found(&text).iter().map(|finding| finding.spot.to_string()).collect();
        assert_eq!(spots.contains(&"binding 2".to_owned()), is_shadowed, "{wide} over {narrow}: {spots:?}");
    }
}

/// The lessons show mistakes on purpose; what the lint says of them is what they teach.
#[test]
fn what_it_says_of_the_lessons() {
    let of_lesson = |lesson: &lessons::Lesson| {
        let scenario = Scenario::parse(lesson.id, lesson.toml).expect("lessons are right");
        let found = lint(&scenario);
        let line = |finding: &Finding| {
            let severity = if finding.severity == Severity::Problem { "!" } else { "-" };
            format!("  {severity} {} {}\n", finding.rule.name(), finding.spot)
        };
        format!("{}\n{}", lesson.id, found.iter().map(line).collect::<String>())
    };
    insta::assert_snapshot!(lessons::all().iter().map(of_lesson).collect::<String>(), @"
    hello
    work-queue
      - no-prefetch consumer worker-1
      - no-prefetch consumer worker-2
      - no-prefetch consumer worker-3
    crash-without-ack
      - auto-ack consumer worker-1
      - auto-ack consumer worker-2
      - no-prefetch consumer worker-1
      - no-prefetch consumer worker-2
    crash-with-ack
      - no-prefetch consumer worker-1
      - no-prefetch consumer worker-2
    forgotten-ack
      ! never-acks consumer worker-1
      - no-reconnect consumer worker-1
    durable
      - transient-messages queue orders
      - unconfirmed producer hopeful
      - no-reconnect producer careful
      - no-reconnect producer careless
      - no-reconnect producer hopeful
      - no-reconnect consumer worker
    confirms
      ! no-consumer queue by-fives
      ! no-consumer queue confirmed
      ! no-consumer queue one-by-one
    unfair-dispatch
      - no-prefetch consumer worker-1
      - no-prefetch consumer worker-2
    fair-dispatch
    fanout
    direct
      ! unroutable producer app
    topic
    headers
    expired
    redeclare
      ! refused queue tasks
    retry
      - no-consumer queue parked
    rpc
    priorities
    single-active
    protocols
      - unconfirmed producer shop
    ");
}
