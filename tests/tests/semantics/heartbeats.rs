//! Heartbeats both ways, on the virtual clock (AMQP 0-9-1, section 4.2.7).

use expect_test::expect;

use crate::talk::check;

#[test]
fn the_broker_sends_them() {
    check(expect![[r#"
        by-hand
        -> 0 login
        -> 0 connection.tune-ok channel_max=2047 frame_max=131072 heartbeat=10
        -> 0 connection.open virtual_host=/
        <- 0 connection.open-ok
        wait 12s
        <- 0 heartbeat  (at 5.000)
        <- 0 heartbeat  (at 10.000)
        # Whatever the client sends is a sign of life, and what the broker sends spares a heartbeat.
        -> 0 heartbeat
        wait 2s
        -> 1 channel.open
        <- 1 channel.open-ok
        wait 7s
        <- 0 heartbeat  (at 19.000)
        # Two intervals of silence are too many.
        wait 60s
        <- 0 heartbeat  (at 24.000)
        <- 0 heartbeat  (at 29.000)
        <- closed  (at 34.000)
    "#]]);
}

#[test]
fn none_wanted() {
    check(expect![[r#"
        by-hand
        -> 0 login
        -> 0 connection.tune-ok channel_max=2047 frame_max=131072
        -> 0 connection.open virtual_host=/
        <- 0 connection.open-ok
        wait 3600s
        -> 1 channel.open
        <- 1 channel.open-ok
    "#]]);
}

/// What a silent client held goes back.
#[test]
fn a_lost_worker() {
    check(expect![[r#"
        -> b:1 queue.declare queue=q
        <- b:1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> b:1 basic.publish routing_key=q body=task
        by-hand
        -> 0 login
        -> 0 connection.tune-ok channel_max=2047 frame_max=131072 heartbeat=5
        -> 0 connection.open virtual_host=/
        <- 0 connection.open-ok
        -> 1 channel.open
        <- 1 channel.open-ok
        -> 1 basic.consume queue=q consumer_tag=a
        <- 1 basic.consume-ok consumer_tag=a
        <- 1 basic.deliver consumer_tag=a delivery_tag=1 routing_key=q body=task
        -> b:1 basic.consume queue=q consumer_tag=b
        <- b:1 basic.consume-ok consumer_tag=b
        wait 30s
        <- 0 heartbeat  (at 2.500)
        <- 0 heartbeat  (at 5.000)
        <- 0 heartbeat  (at 7.500)
        <- closed  (at 10.000)
        <- b:1 basic.deliver consumer_tag=b delivery_tag=1 redelivered routing_key=q body=task  (at 10.000)
    "#]]);
}
