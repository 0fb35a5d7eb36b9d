//! Dead letters that wait (at-least-once), and what the ledger says of them.

use warren_sim::LossReason;

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

/// A queue whose messages expire, and whose dead letters come to it again.
const CIRCLE: &str = r#"
until = "5s"

[network]
latency = "1ms"

[[exchange]]
name = "dead"
type = "fanout"

[[queue]]
name = "q"
durable = true

[queue.arguments]
x-queue-type = "quorum"
x-overflow = "reject-publish"
x-dead-letter-strategy = "STRATEGY"
x-dead-letter-exchange = "dead"
x-message-ttl = 10

[[binding]]
exchange = "dead"
queue = "q"

[[producer]]
name = "p"
routing_key = "q"
interval = "100ms"
count = 1
"#;

/// Another queue that the dead letters go to; if it is full, they wait for that.
const PARKING: &str = r#"
[[queue]]
name = "parking"
durable = true

[queue.arguments]
x-max-length = LIMIT
x-overflow = "reject-publish"

[[binding]]
exchange = "dead"
queue = "parking"

[[producer]]
name = "fills-parking"
routing_key = "parking"
interval = "1ms"
count = FILLING
"#;

#[test]
fn a_dead_letter_that_comes_round_to_its_only_queue_is_lost_once() {
    for strategy in ["at-most-once", "at-least-once"] {
        let ledger = assert_all_holds(&CIRCLE.replace("STRATEGY", strategy));
        let sums = (ledger.dead_lettered, ledger.ready, ledger.lost(), ledger.unroutable);
        assert_eq!(sums, (1, 0, 1, 0), "{strategy}");
        let reasons: Vec<_> = ledger.lost_by_reason().into_iter().collect();
        assert_eq!(reasons, [(LossReason::DeadLetterCycle, 1)], "{strategy}");
    }
}

#[test]
fn a_dead_letter_that_another_queue_takes_is_not_lost() {
    for strategy in ["at-most-once", "at-least-once"] {
        let parking = PARKING.replace("LIMIT", "5").replace("FILLING", "1");
        let ledger = assert_all_holds(&[&CIRCLE.replace("STRATEGY", strategy), &*parking].concat());
        let sums = (ledger.dead_lettered, ledger.ready, ledger.lost(), ledger.unroutable);
        assert_eq!(sums, (1, 2, 0, 0), "{strategy}");
    }
}

/// It is tried again each second.
#[test]
fn a_dead_letter_that_waits_for_another_queue_is_not_lost() {
    let parking = PARKING.replace("LIMIT", "1").replace("FILLING", "1");
    let ledger = assert_all_holds(&[&CIRCLE.replace("STRATEGY", "at-least-once"), &*parking].concat());
    let sums = (ledger.dead_lettered, ledger.ready, ledger.lost(), ledger.unroutable);
    assert_eq!(sums, (1, 1, 0, 0));
}
