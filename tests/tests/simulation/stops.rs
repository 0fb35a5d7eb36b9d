//! A broker that is asked to stop.

use warren_sim::{
    Happening, Mishap, Scenario, World,
    warren_core::{Event, Fact, Instant},
};

use crate::all_holds::assert_all_holds;

/// Its disk is full until long after a message that an exchange holds back is due, and so it can stop only then. The message
/// waits for the disk, too, which is behind: it could go on in the very input that ends the broker.
const STOPS: &str = r#"
title = { en = "A stop", ru = "Остановка" }
summary = { en = "A stop", ru = "Остановка" }
until = "9s"

[network]
latency = "11ms"

[broker]
disk_backlog = 1

[disk]
write = "4ms"
sync = "4ms"

[[exchange]]
name = "later"
type = "x-delayed-message"
durable = true
arguments = { x-delayed-type = "fanout" }

[[queue]]
name = "q"
durable = true

[[binding]]
exchange = "later"
queue = "q"

[[producer]]
name = "p"
exchange = "later"
headers = { x-delay = 30 }
persistent = true
interval = "10ms"
count = 1

[[fault]]
at = "80ms"
disk = "full"
lasts = "7300ms"

[[fault]]
at = "100ms"
stop = "broker"
"#;

#[test]
fn nothing_goes_on_once_a_broker_stops() {
    let scenario = Scenario::parse("stops.toml", STOPS).expect("a good file");
    let mut world = World::new(&scenario, 1);
    world.run_until(Instant::ZERO + scenario.until);
    let events = world.take_events();
    let at = |wanted: fn(&Happening) -> bool| {
        events.iter().position(|event| wanted(&event.what)).expect("it happens")
    };
    let asked = at(|what| matches!(what, Happening::Mishap(Mishap::StopBroker)));
    let stopped = at(|what| matches!(what, Happening::BrokerStopped));
    assert!(asked < stopped);
    let goes_on = |what: &Happening| {
        matches!(
            what,
            Happening::Broker(Event {
                fact: Fact::Routed { .. } | Fact::Unroutable { .. } | Fact::Enqueued { .. },
                ..
            })
        )
    };
    let delayed = at(|what| matches!(what, Happening::Broker(Event { fact: Fact::Delayed { .. }, .. })));
    assert!(delayed < asked, "the exchange holds it back before");
    let gone_on: Vec<_> = events[asked..].iter().filter(|event| goes_on(&event.what)).collect();
    assert!(gone_on.is_empty(), "{gone_on:?}");
}

/// It starts while its disk is full, and is asked to stop before it could read its queue. When it can, the message has expired.
const READS: &str = r#"
until = "3s"

[network]
latency = "10ms"

[disk]
write = "2ms"
sync = "10ms"

[[queue]]
name = "q"
durable = true

[[producer]]
name = "p"
routing_key = "q"
interval = "1s"
count = 1
expiration = "500ms"
persistent = true
confirms = true

[[fault]]
at = "100ms"
stop = "broker"

[[fault]]
at = "120ms"
disk = "full"
lasts = "1500ms"

[[fault]]
at = "130ms"
revive = "broker"

[[fault]]
at = "160ms"
stop = "broker"

[[fault]]
at = "2500ms"
revive = "broker"
"#;

#[test]
fn what_is_read_while_a_broker_stops_leads_to_nothing() {
    assert_all_holds(READS);
}
