//! Dead letters that wait (at-least-once), and what the ledger says of them.

use crate::all_holds::assert_all_holds;

/// A dead letter waits, because nothing is there to take it, when its queue is deleted.
const DELETED: &str = r#"
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
    let ledger = assert_all_holds(DELETED);
    assert_eq!((ledger.dead_lettered, ledger.ready, ledger.lost()), (1, 0, 1));
}
