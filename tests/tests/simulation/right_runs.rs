//! Runs in which all is as it should be, and of which a check said that it was not.

use crate::all_holds::assert_all_holds;

/// The broker halts before the disk knows that the message has died. It is found in its queue, and expires there at once.
#[test]
fn a_message_is_found_where_it_was_before_an_exchange_held_it_back() {
    let ledger = assert_all_holds(
        r#"
until = "2s"

[network]
latency = "1ms"

[disk]
write = "1ms"
sync = "20ms"

[[exchange]]
name = "later"
type = "x-delayed-message"
durable = true
arguments = { x-delayed-type = "fanout" }

[[queue]]
name = "q"
durable = true
arguments = { x-dead-letter-exchange = "later", x-message-ttl = 300 }

[[producer]]
name = "p"
routing_key = "q"
headers = { x-delay = 12 }
persistent = true
confirms = true
interval = "100ms"
count = 1

[[fault]]
at = "305ms"
disk = "failing"

[[fault]]
at = "1s"
revive = "broker"
"#,
    );
    assert_eq!((ledger.published, ledger.lost()), (1, 1));
}

/// The broker stops. The exchange that holds the dead letter back is not durable, and ends with it.
#[test]
fn a_dead_letter_that_is_held_back_need_not_be_in_its_queue() {
    let ledger = assert_all_holds(
        r#"
until = "1s"

[network]
latency = "1ms"

[disk]
write = "1ms"
sync = "1ms"

[[exchange]]
name = "later"
type = "x-delayed-message"
arguments = { x-delayed-type = "fanout" }

[[queue]]
name = "q"
durable = true
arguments = { x-dead-letter-exchange = "later", x-message-ttl = 10 }

[[producer]]
name = "p"
routing_key = "q"
headers = { x-delay = 3 }
persistent = true
interval = "100ms"
count = 1

[[consumer]]
name = "c"
queue = "q"
ack = "after-work"
work = "1s"

[[fault]]
at = "100ms"
stop = "broker"

[[fault]]
at = "200ms"
revive = "broker"
"#,
    );
    assert_eq!((ledger.published, ledger.lost()), (1, 1));
}

/// Whether the queue was deleted the disk may know or not. It is there after the restart, and gives a message up.
#[test]
fn a_queue_of_which_nobody_knows_has_dead_letters() {
    let ledger = assert_all_holds(
        r#"
until = "5s"

[network]
latency = "3ms"

[disk]
write = "1ms"
sync = "11ms"

[[queue]]
name = "q"
durable = true
arguments = { x-dead-letter-exchange = "", x-dead-letter-routing-key = "dead", x-message-ttl = 10 }

[[queue]]
name = "dead"

[[producer]]
name = "p"
start = "1s"
routing_key = "q"
interval = "1s"
count = 1

[[consumer]]
name = "c"
queue = "dead"
ack = "on-receipt"

[[fault]]
at = "8922us"
delete = "q"

[[fault]]
at = "26603us"
disk = "failing"

[[fault]]
at = "43574us"
revive = "broker"
"#,
    );
    assert_eq!((ledger.published, ledger.lost()), (1, 0));
}

/// Two consumers have the same message, and one of them rejects it. What the other one had comes back to its old place.
#[test]
fn of_two_copies_either_may_have_been_rejected() {
    let ledger = assert_all_holds(
        r#"
until = "1s"

[network]
latency = "1ms"

[[exchange]]
name = "later"
type = "x-delayed-message"
arguments = { x-delayed-type = "fanout", alternate-exchange = "all" }

[[exchange]]
name = "all"
type = "fanout"

[[queue]]
name = "q"
arguments = { x-max-length = 1 }

[[binding]]
exchange = "all"
queue = "q"

[[producer]]
name = "p"
exchange = "later"
headers = [{ x-delay = 30 }, {}]
interval = "10ms"
count = 2

[[consumer]]
name = "c1"
queue = "q"
ack = "never"
prefetch = 2

[[consumer]]
name = "c2"
start = "20ms"
queue = "q"
ack = "after-work"
fails = "always"

[[fault]]
at = "100ms"
crash = "c1"
"#,
    );
    assert_eq!((ledger.published, ledger.lost()), (2, 3));
}

/// The broker crashes before the transaction is committed, and the exchange has kept the message (RabbitMQ).
#[test]
fn what_an_exchange_keeps_is_routed_for_the_first_time_after_a_crash() {
    let ledger = assert_all_holds(
        r#"
until = "1s"

[network]
latency = "1ms"

[disk]
write = "1ms"
sync = "1ms"

[[exchange]]
name = "latest"
type = "x-recent-history"
durable = true

[[queue]]
name = "q1"

[[queue]]
name = "q2"

[[binding]]
exchange = "latest"
queue = "q1"

[[binding]]
exchange = "latest"
queue = "q2"

[[producer]]
name = "p"
exchange = "latest"
interval = "1s"
count = 2
reconnect = { after = "100ms" }
transaction = 2

[[fault]]
at = "50ms"
crash = "broker"

[[fault]]
at = "100ms"
revive = "broker"
"#,
    );
    assert_eq!((ledger.published, ledger.lost()), (2, 0));
}

/// It is in the queue, is acked, comes back as a dead letter and is acked; the disk knows of nothing but the first.
#[test]
fn of_two_copies_that_are_gone_either_may_be_found() {
    let ledger = assert_all_holds(
        r#"
until = "5s"

[network]
latency = "1ms"

[disk]
write = "50ms"
sync = "50ms"

[[exchange]]
name = "all"
type = "fanout"

[[queue]]
name = "q1"
durable = true

[[queue]]
name = "q2"
arguments = { x-dead-letter-exchange = "", x-dead-letter-routing-key = "q1" }

[[binding]]
exchange = "all"
queue = "q1"

[[binding]]
exchange = "all"
queue = "q2"

[[producer]]
name = "p"
start = "1s"
exchange = "all"
persistent = true
interval = "100ms"
count = 1

[[consumer]]
name = "c1"
reconnect = { after = "100ms" }
queue = "q1"
ack = "after-work"
work = "15ms"

[[consumer]]
name = "c2"
queue = "q2"
ack = "after-work"
fails = "always"
work = "20ms"

[[fault]]
at = "1120ms"
crash = "broker"

[[fault]]
at = "2s"
revive = "broker"
"#,
    );
    assert_eq!((ledger.published, ledger.lost()), (1, 0));
}
