//! A disk that is behind: what waits for it goes on in slices, and all of it.

use crate::all_holds::assert_all_holds;

/// Messages are due while the disk is behind. When it has caught up, more of them go on than one slice has room for.
const DUE: &str = r#"
until = "2s"

[network]
latency = "20ms"

[broker]
disk_backlog = 175
work_per_input = 1

[disk]
write = "1ms"
sync = "13ms"

[[exchange]]
name = "x"
type = "x-delayed-message"
durable = true
arguments = { x-delayed-type = "headers" }

[[producer]]
name = "p"
exchange = "x"
headers = [{ x-delay = 1 }, {}, { x-delay = 1 }]
interval = "1s"
burst = 3
count = 3
transaction = 3
"#;

/// What is due makes a queue too long that has dead letters.
const DEAD_LETTER: &str = r#"
until = "3s"

[network]
latency = "20ms"

[broker]
memory_budget = 1
disk_backlog = 1

[disk]
write = "3ms"
sync = "6ms"

[[exchange]]
name = "later"
type = "x-delayed-message"
arguments = { x-delayed-type = "fanout" }

[[queue]]
name = "short"
arguments = { x-max-length = 1, x-dead-letter-exchange = "later" }

[[queue]]
name = "all"

[[binding]]
exchange = "later"
queue = "short"

[[binding]]
exchange = "later"
queue = "all"

[[producer]]
name = "delayed"
exchange = "later"
headers = { x-delay = 50 }
interval = "113ms"
count = 50

[[producer]]
name = "p"
exchange = "later"
interval = "307ms"
count = 200
"#;

#[test]
fn what_is_due_goes_on_when_the_disk_has_caught_up() {
    assert_all_holds(DUE);
}

#[test]
fn dead_letters_of_what_is_due_go_on_with_it() {
    assert_all_holds(DEAD_LETTER);
}
