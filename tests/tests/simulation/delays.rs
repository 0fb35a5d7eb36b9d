//! Messages that an exchange holds back, and of which a queue has two copies: the broker does not say which of them goes on,
//! and the checks must not take the one for the other.

use warren_sim::Ledger;

use crate::all_holds::assert_all_holds;

/// What is published to `orders` is in queue `q` at once, and again when `later` has held it back.
const TWICE: &str = r#"
until = "1s"

[network]
latency = "1ms"

[[exchange]]
name = "orders"
type = "fanout"

[[exchange]]
name = "later"
type = "x-delayed-message"

[exchange.arguments]
x-delayed-type = "fanout"

[[queue]]
name = "dead"

[[binding]]
exchange = "orders"
queue = "q"

[[binding]]
exchange = "orders"
to_exchange = "later"

[[binding]]
exchange = "later"
queue = "q"
"#;

/// One message at a time, whose dead letters are published again.
const SHORT_QUEUE: &str = r#"
[[queue]]
name = "q"

[queue.arguments]
x-dead-letter-exchange = "orders"
x-max-length = 1
"#;

fn play(parts: &[&str]) -> Ledger {
    assert_all_holds(&[&[TWICE], parts].concat().concat())
}

/// Both copies of the first message are too many before either goes on as a dead letter. Neither may enter the queue again;
/// the first is held back, and the second, which has been, goes nowhere.
#[test]
fn two_dead_letters_of_a_message_are_two() {
    let producers = r#"
[[producer]]
name = "p1"
exchange = "orders"
interval = "100ms"
count = 1

[[producer.headers]]
x-delay = 2

[[producer]]
name = "p2"
exchange = "later"
interval = "100ms"
count = 1

[[producer.headers]]
x-delay = 2
"#;
    let ledger = play(&[SHORT_QUEUE, producers]);
    assert_eq!((ledger.published, ledger.dead_lettered, ledger.ready), (2, 3, 1));
}

/// At one moment a copy is too many, and the wait of another is over. That goes first.
#[test]
fn a_message_is_held_back_no_more_before_its_dead_letter_goes_on() {
    let producer = r#"
[[producer]]
name = "p"
exchange = "orders"
interval = "1ms"
count = 2
transaction = 2

[[producer.headers]]
x-delay = 2
"#;
    let ledger = play(&[SHORT_QUEUE, producer]);
    assert_eq!((ledger.published, ledger.dead_lettered, ledger.ready), (2, 5, 1));
}

/// An exchange holds a message back before its transaction is committed (RabbitMQ), and a queue has got it and given it up
/// when that is.
#[test]
fn a_dead_letter_may_come_before_the_commit() {
    let rest = r#"
[[queue]]
name = "q"

[queue.arguments]
x-dead-letter-exchange = ""
x-dead-letter-routing-key = "dead"
x-message-ttl = 10

[[producer]]
name = "p"
exchange = "orders"
interval = "100ms"
count = 2
transaction = 2

[[producer.headers]]
x-delay = 1
"#;
    let ledger = play(&[rest]);
    assert_eq!((ledger.published, ledger.dead_lettered, ledger.ready), (2, 4, 4));
}
