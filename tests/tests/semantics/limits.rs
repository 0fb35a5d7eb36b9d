//! Memory, and clients that read slowly.

use expect_test::expect;
use warren_core::Config;

use crate::talk::check_with;

#[test]
fn the_memory_limit_pauses_publishers() {
    check_with(
        Config { memory_limit_bytes: 1000, ..Config::default() },
        expect![[r#"
            -> 1 queue.declare queue=q
            <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
            -> 1 basic.publish routing_key=q body=x times=500
            -> 1 basic.publish routing_key=q body=x times=600
            <- pause reads
            <- 0 connection.blocked reason='low on memory'
            # Who only consumes is not concerned.
            -> b:1 basic.get queue=q no_ack
            <- resume reads
            <- b:1 basic.get-ok delivery_tag=1 routing_key=q message_count=1 body=<500 bytes>
            <- 0 connection.unblocked
            -> b:1 basic.get queue=q no_ack
            <- b:1 basic.get-ok delivery_tag=2 routing_key=q message_count=0 body=<600 bytes>
        "#]],
    );
}

/// connection.blocked goes to those who announced that they understand it.
#[test]
fn others_are_paused_without_a_word() {
    check_with(
        Config { memory_limit_bytes: 1000, ..Config::default() },
        expect![[r#"
            by-hand
            -> 0 greet
            -> 0 connection.start-ok mechanism=PLAIN response=\0guest\0guest
            <- 0 connection.tune channel_max=2047 frame_max=131072 heartbeat=60
            -> 0 connection.tune-ok channel_max=2047 frame_max=131072
            -> 0 connection.open virtual_host=/
            <- 0 connection.open-ok
            -> 1 channel.open
            <- 1 channel.open-ok
            -> 1 queue.declare queue=q
            <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
            -> 1 basic.publish routing_key=q body=x times=1100
            <- pause reads
            -> 1 queue.purge queue=q
            <- resume reads
            <- 1 queue.purge-ok message_count=1
        "#]],
    );
}

#[test]
fn a_new_publisher_is_paused_too() {
    check_with(
        Config { memory_limit_bytes: 1000, ..Config::default() },
        expect![[r#"
            -> 1 queue.declare queue=q
            <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
            -> 1 basic.publish routing_key=q body=x times=1100
            <- pause reads
            <- 0 connection.blocked reason='low on memory'
            -> b:1 basic.publish routing_key=q body=y
            <- b:pause reads
            <- b:0 connection.blocked reason='low on memory'
            -> 2 queue.purge queue=q
            <- resume reads
            <- b:resume reads
            <- 2 queue.purge-ok message_count=2
            <- 0 connection.unblocked
            <- b:0 connection.unblocked
        "#]],
    );
}

/// Unblocked only once an eighth of the limit is free, so that one message does not block and unblock for ever.
#[test]
fn unblocked_with_room_to_spare() {
    check_with(
        Config { memory_limit_bytes: 10_000, ..Config::default() },
        expect![[r#"
            -> 1 queue.declare queue=q
            <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
            -> 1 basic.publish routing_key=q body=x times=1000
            -> 1 basic.publish routing_key=q body=x times=9300
            <- pause reads
            <- 0 connection.blocked reason='low on memory'
            -> b:1 basic.get queue=q no_ack
            <- b:1 basic.get-ok delivery_tag=1 routing_key=q message_count=1 body=<1000 bytes>
            -> b:1 basic.get queue=q no_ack
            <- resume reads
            <- b:1 basic.get-ok delivery_tag=2 routing_key=q message_count=0 body=<9300 bytes>
            <- 0 connection.unblocked
        "#]],
    );
}

#[test]
fn unacked_messages_count() {
    check_with(
        Config { memory_limit_bytes: 1000, ..Config::default() },
        expect![[r#"
            -> 1 queue.declare queue=q
            <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
            -> 1 basic.publish routing_key=q body=x times=1100
            <- pause reads
            <- 0 connection.blocked reason='low on memory'
            -> b:1 basic.consume queue=q consumer_tag=t
            <- b:1 basic.consume-ok consumer_tag=t
            <- b:1 basic.deliver consumer_tag=t delivery_tag=1 routing_key=q body=<1100 bytes>
            -> b:1 basic.ack delivery_tag=1
            <- resume reads
            <- 0 connection.unblocked
        "#]],
    );
}

/// What is on its way to a client is bounded; the rest waits in the queue.
#[test]
fn a_slow_reader_is_spared() {
    check_with(
        Config { send_window_bytes: 2000, ..Config::default() },
        expect![[r#"
            -> 1 queue.declare queue=q
            <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
            -> b:1 basic.consume queue=q consumer_tag=t no_ack
            <- b:1 basic.consume-ok consumer_tag=t
            slow
            -> 1 basic.publish routing_key=q body=x times=1500
            <- b:1 basic.deliver consumer_tag=t delivery_tag=1 routing_key=q body=<1500 bytes>
            -> 1 basic.publish routing_key=q body=y times=1500
            <- b:1 basic.deliver consumer_tag=t delivery_tag=2 routing_key=q body=<1500 bytes>
            -> 1 basic.publish routing_key=q body=z times=1500
            -> 1 queue.declare queue=q passive
            <- 1 queue.declare-ok queue=q message_count=1 consumer_count=1
            -> b: read
            <- b:1 basic.deliver consumer_tag=t delivery_tag=3 routing_key=q body=<1500 bytes>
            -> 1 queue.declare queue=q passive
            <- 1 queue.declare-ok queue=q message_count=0 consumer_count=1
        "#]],
    );
}
