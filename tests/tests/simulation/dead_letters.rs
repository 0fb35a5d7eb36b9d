//! Dead letters that wait (at-least-once), and what the ledger says of them.

use warren_sim::{Ending, Scenario, Trial};

/// A dead letter waits, because nothing is there to take it, when its queue is deleted.
const DELETED: &str = r#"
title = { en = "Deleted", ru = "Удалена" }
summary = { en = "Deleted", ru = "Удалена" }
until = "2s"

[network]
latency = "1ms"

[[queue]]
name = "q"
durable = true

[queue.arguments]
x-queue-type = "quorum"
x-overflow = "reject-publish"
x-dead-letter-strategy = "at-least-once"
x-dead-letter-exchange = ""
x-dead-letter-routing-key = "nowhere"
x-message-ttl = 10

[[producer]]
name = "p"
routing_key = "q"
interval = "100ms"
count = 1

[[fault]]
at = "500ms"
delete = "q"
"#;

#[test]
fn a_dead_letter_that_waits_goes_with_its_queue() {
    let scenario = Scenario::parse("deleted.toml", DELETED).expect("a good file");
    let outcome = Trial::new(&scenario, 1).run(Ending::AsItIs, |_| {});
    assert_eq!(outcome.violation(), None);
    let ledger = outcome.ledger;
    assert_eq!((ledger.dead_lettered, ledger.ready, ledger.lost()), (1, 0, 1));
}
