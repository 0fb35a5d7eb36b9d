//! `warren upgrade-check`: what of a topology behaves otherwise after an upgrade.

use serde_json::Value;

use crate::process::{TempFile, failure, warren};

/// One of everything that breaks or changes, and as many things that do not.
const OLD: &str = r#"{
  "rabbit_version": "3.8.9",
  "vhosts": [{ "name": "/" }, { "name": "app", "metadata": { "default_queue_type": "quorum" } }],
  "policies": [
    { "vhost": "/", "name": "mirrored", "pattern": "^pay", "apply-to": "queues", "definition": { "ha-mode": "all" } },
    { "vhost": "/", "name": "located", "pattern": "^x", "definition": { "queue-master-locator": "min-masters" } },
    { "vhost": "/", "name": "letters", "pattern": "^tasks$", "definition": { "dead-letter-exchange": "dlx" } }
  ],
  "queues": [
    { "vhost": "/", "name": "orders", "durable": true, "arguments": { "x-queue-type": "quorum" } },
    { "vhost": "/", "name": "tasks", "durable": true, "arguments": { "x-queue-type": "quorum" } },
    { "vhost": "/", "name": "limited", "durable": true, "arguments": { "x-queue-type": "quorum", "x-delivery-limit": 5 } },
    { "vhost": "/", "name": "first", "durable": true, "arguments": { "x-queue-version": 1 } },
    { "vhost": "/", "name": "placed", "durable": true, "arguments": { "x-queue-master-locator": "min-masters" } },
    { "vhost": "/", "name": "mail", "durable": false, "arguments": [] },
    { "vhost": "/", "name": "timed", "durable": true, "arguments": { "x-consumer-timeout": 60000 } },
    { "vhost": "app", "name": "plain", "durable": true }
  ],
  "exchanges": [
    { "vhost": "/", "name": "later", "type": "x-delayed-message", "durable": true, "arguments": { "x-delayed-type": "direct" } },
    { "vhost": "/", "name": "spread", "type": "x-consistent-hash", "durable": true, "arguments": {} },
    { "vhost": "/", "name": "by-key", "type": "x-modulus-hash", "durable": true, "arguments": {} }
  ],
  "bindings": [
    { "vhost": "/", "source": "spread", "destination": "orders", "destination_type": "queue", "routing_key": "20000" },
    { "vhost": "/", "source": "spread", "destination": "tasks", "destination_type": "queue", "routing_key": "1" },
    { "vhost": "/", "source": "spread", "destination": "mail", "destination_type": "queue", "routing_key": "many" },
    { "vhost": "/", "source": "spread", "destination": "gone", "destination_type": "queue", "routing_key": "1" }
  ]
}"#;

/// What it prints, and how it ends.
fn check(name: &str, text: &str, options: &[&str]) -> (String, Option<i32>) {
    let file = TempFile::new(name, text);
    let run = warren(&[&["upgrade-check", file.path()], options].concat());
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    (text.replace(file.path(), "FILE"), run.status.code())
}

/// The rules that are found in a file, each with its effect and what it is about.
fn found(json: &Value) -> Vec<String> {
    let findings = json["findings"].as_array().into_iter().flatten();
    let told = findings.map(|finding| {
        let spots = finding["spots"].as_array().into_iter().flatten();
        let spots: Vec<String> = spots
            .map(|spot| format!("{}:{}", spot["name"].as_str().unwrap_or_default(), spot["line"]))
            .collect();
        format!("{} {} {}", finding["effect"], finding["rule"], spots.join(" ")).replace('"', "")
    });
    told.collect()
}

#[test]
fn what_breaks_and_what_changes_is_found_with_its_lines() {
    let (text, code) = check("old.json", OLD, &["--json"]);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    insta::assert_snapshot!(found(&json).join("\n"), @r"
    breaks mirrored-queues mirrored:5
    breaks delayed-message-plugin later:20
    breaks master-locator-in-policy located:6
    breaks master-locator-of-queue placed:14
    breaks no-queue-version-1 first:13
    breaks consumer-timeout-of-queues timed:16
    breaks bound-to-nothing spread → gone (1):28
    breaks hash-weight-is-a-number spread → mail (many):27
    breaks hash-weight-limit spread → orders (20000):25
    breaks delivery-limit-20 orders:10
    changes default-queue-type plain:17
    changes delivery-limit-20-dead-letters tasks:11
    changes nack-is-no-failure limited:12
    changes modulus-hash-by-name by-key:22
    changes failed-dead-letters-redelivered tasks:11
    changes timeout-takes-back orders:10 tasks:11 limited:12 first:13 placed:14 mail:15 timed:16 plain:17
    changes transient-queues mail:15
    ");
    assert_eq!((json["from"].as_str(), json["to"].as_str(), code), (Some("3.10"), Some("4.3"), Some(1)));
    let names: Vec<&str> = json["applications"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|question| question["rule"].as_str())
        .collect();
    assert!(names.contains(&"max-message-size") && names.contains(&"acquired-count"), "{names:?}");
    assert!(!names.contains(&"stream-filters"), "there is no stream: {names:?}");
}

#[test]
fn an_upgrade_to_4_0_is_told_of_what_4_0_changes() {
    let (text, _) = check("old-to-4.0.json", OLD, &["--json", "--to", "4.0.5"]);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    insta::assert_snapshot!(found(&json).join("\n"), @r"
    breaks mirrored-queues mirrored:5
    breaks bound-to-nothing spread → gone (1):28
    breaks hash-weight-is-a-number spread → mail (many):27
    breaks delivery-limit-20 orders:10
    changes delivery-limit-20-dead-letters tasks:11
    ");
}

#[test]
fn nothing_breaks_where_everything_is_as_it_should_be() {
    let fine = r#"{ "rabbit_version": "3.13.7",
      "queues": [{ "vhost": "/", "name": "q", "durable": true, "arguments": { "x-queue-type": "stream" } }] }"#;
    let (text, code) = check("fine.json", fine, &["--from", "4.0"]);
    insta::assert_snapshot!(text, @r#"
    FILE, exported by RabbitMQ 3.13.7: from 4.0 to 4.3
    "Since" tells the first of 3.10, 4.0 and 4.3 that does so; it may be an earlier release after the one before.

    CHANGES timeout-takes-back (since 4.3)
      line 2: queue q
      Only quorum queues have a consumer timeout (30 minutes by default), and take back what is overdue,
      telling the consumer by basic.cancel; before, the channel was closed, whatever the queue.
      In a classic queue or a stream a delivery that is never acked stays with its consumer as long as
      the connection lives. A consumer of a quorum queue goes on after a timeout only if it reacts to
      basic.cancel.
      To do: Watch the number of unacked messages of classic queues. In consumers of quorum queues
      handle basic.cancel.
      Shown by: conversations/consumer-timeout/any-queue-before-4-3.talk

    Played as 4.0 and as 4.3, 16 seeds of a made-up load (every 7th message fails 25 times and is
    rejected with requeue): nothing differs.

    Played as 4.0 and as 4.3, 16 seeds of a made-up load (every 7th message fails 25 times and is nacked
    with requeue): nothing differs.

    The file cannot tell whether applications do this; look for:

      global-qos (since 4.3)
        basic.qos with global=true is deprecated and denied by default: it is ignored silently, and the
        prefetch counts for each consumer; before, for all consumers of the channel together.
        Look for basic.qos with global=true and several consumers on a channel: each gets as many as all
        together did (deprecated_features.permit.global_qos = true keeps it; or open a channel for each
        consumer).

      commit-names-the-queue (since 4.3)
        tx.commit ends the connection with 506 if no queue has that name any more; before, the channel
        with 406.
        Look for transactions that publish to queues which may be deleted before the commit.
        Shown by: conversations/tx/the-queue-deleted-before-commit.talk

      consumer-timeout-argument (since 4.3)
        basic.consume takes `x-consumer-timeout` of quorum queues and refuses it of others; before, it
        is ignored.
        Look for basic.consume with x-consumer-timeout from classic queues or streams: it is refused.
        Shown by: conversations/streams/refused.talk

      frames-of-8192 (since 4.3)
        A client may not ask for frames below 8192 bytes; before, below 4096.
        Look for clients that set frame_max below 8192, among them amqplib for Node.js before 0.10.7:
        they cannot connect.
        Shown by: conversations/handshake/smaller-frames-than-8192.talk

      late-reply-dropped (since 4.3)
        A mandatory reply to a client that is gone is dropped; before, it is returned to its sender.
        Look for servers that publish direct replies as mandatory and wait for basic.return to notice
        that a client is gone.
        Shown by: conversations/reply-to/a-client-that-is-gone.talk,
        conversations/reply-to/cancelled.talk

      reply-address-is-queue (since 4.3)
        A direct reply-to address is a queue: replies are routed, wait for a commit and count among the
        deliveries, and it cannot be bound; before, they pass queues by, and mandatory ones are
        returned, too.
        Look for direct replies (amq.rabbitmq.reply-to) that are published in a transaction, or to an
        address that is bound.
        Shown by: conversations/reply-to/confirmed.talk, conversations/reply-to/in-a-transaction.talk,
        conversations/reply-to/what-the-pseudo-queue-cannot.talk

    Breaks: 0. Changes: 1. To look for in applications: 6.
    In place an upgrade goes to 4.2 and from there to 4.3, with all feature flags enabled before each
    step.
    6 more behaviours differ that show only in the words of a refusal, or take what was refused;
    docs/RABBITMQ.md has all of them.
    "#);
    assert_eq!(code, Some(0));
}

#[test]
fn code_review_tools_get_a_result_for_each_line() {
    let (text, code) = check("sarif.json", OLD, &["--format", "sarif"]);
    let log: Value = serde_json::from_str(&text).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let mirrored = results.iter().find(|result| result["ruleId"] == "mirrored-queues").expect("it is found");
    assert_eq!(mirrored["level"], "error");
    let place = &mirrored["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["region"]["startLine"], &place["artifactLocation"]["uri"]),
        (&5.into(), &"file://FILE".into())
    );
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let known = |result: &Value| rules.iter().any(|rule| rule["id"] == result["ruleId"]);
    assert!(results.iter().all(known));
    assert_eq!(code, Some(1));
}

#[test]
fn what_cannot_be_checked_is_said() {
    let file = TempFile::new("fine-version.json", "{}");
    let broken = TempFile::new("broken.json", "{\n\"queues\": [{}]}");
    let told = [
        failure(&["upgrade-check", "nowhere.json"]),
        failure(&["upgrade-check", broken.path()]),
        failure(&["upgrade-check", file.path(), "--from", "newest"]),
        failure(&["upgrade-check", file.path(), "--from", "4.3"]),
    ];
    let told = told.join("\n").replace(broken.path(), "BROKEN");
    insta::assert_snapshot!(told, @r#"
    exit code 2
    warren: cannot read nowhere.json: No such file or directory (os error 2)

    exit code 2
    warren: BROKEN:2: these are no definitions of RabbitMQ: an element "" of "queues" needs a "name"

    exit code 2
    warren: --from: "newest" is no version of RabbitMQ; write one such as 3.13 or 4.3.6

    exit code 2
    warren: from 4.3 to 4.3 is no upgrade that Warren can tell anything of: it knows 3.10, 4.0 and 4.3; say --from and --to
    "#);
}

#[test]
fn a_load_of_ones_own_is_played_in_both() {
    let load = r#"
        until = "60s"
        title = { en = "t" }
        summary = { en = "s" }
        queue = [{ name = "q", durable = true, arguments = { x-queue-type = "quorum" } }]
        producer = [{ name = "p", routing_key = "q", count = 1 }]
        consumer = [{ name = "c", queue = "q", ack = "after-work", work = "100ms", fails = "always", on_failure = "requeue" }]
    "#;
    let load = TempFile::new("upgrade-load.toml", load);
    let (text, code) =
        check("empty.json", "{}", &["--scenario", load.path(), "--seeds", "2", "--from", "3.10"]);
    let played =
        text.split("\n\n").skip_while(|part| !part.starts_with("Played")).take(2).collect::<Vec<_>>();
    insta::assert_snapshot!(played.join("\n\n").replace(load.path(), "LOAD"), @r"
    Played as 3.10 and as 4.3, 2 seeds of LOAD: this differs.

      from delivery-limit-20 (conversations/quorum/the-delivery-limit-of-a-queue-without-one.talk)
        BREAKS queue q: lost messages: its delivery failed too often 0 → 1 (seed 0; 2 of 2 differ)
        CHANGES queue q: unacked at the end 1 → 0 (seed 0; 2 of 2 differ)
        CHANGES consumer c: deliveries received 83 → 21 (seed 0; 2 of 2 differ)
        CHANGES consumer c: deliveries marked as redelivered 82 → 20 (seed 0; 2 of 2 differ)
        CHANGES queue q: messages requeued 82 → 20 (seed 0; 2 of 2 differ)
        and 1 more
    ");
    assert_eq!(code, Some(1), "a message is lost that was kept");
    let (text, code) = check("unplayed.json", "{}", &["--seeds", "0"]);
    assert!(text.contains("Nothing was played: not asked for."), "{text}");
    assert_eq!(code, Some(0));
}
