//! How queues come and go, and what queue methods count (AMQP 0-9-1 reference, section 1.7).

use expect_test::expect;
use warren_core::Config;

use crate::talk::{check, check_with};

#[test]
fn counts() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=one
        -> 1 basic.publish routing_key=q body=two
        -> 1 basic.publish routing_key=q body=three
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=2 body=one
        -> 1 basic.consume queue=q consumer_tag=t arguments={}
        <- 1 basic.consume-ok consumer_tag=t
        <- 1 basic.deliver consumer_tag=t delivery_tag=2 routing_key=q body=two
        <- 1 basic.deliver consumer_tag=t delivery_tag=3 routing_key=q body=three
        -> 1 basic.cancel consumer_tag=t
        <- 1 basic.cancel-ok consumer_tag=t
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        # purge removes only what is ready.
        -> 1 basic.nack delivery_tag=2 requeue
        -> 1 queue.purge queue=q
        <- 1 queue.purge-ok message_count=1
        -> 1 basic.nack delivery_tag=1 requeue
        -> 1 queue.delete queue=q
        <- 1 queue.delete-ok message_count=1
        -> 1 basic.ack delivery_tag=3
    "#]]);
}

/// An empty name is the latest queue that the channel declared.
#[test]
fn server_named() {
    check(expect![[r#"
        -> 1 queue.declare
        <- 1 queue.declare-ok queue=amq.gen-4bB-GULxP8ZwhjthfwN22q message_count=0 consumer_count=0
        -> 1 queue.bind exchange=amq.direct
        <- 1 queue.bind-ok
        -> 1 basic.publish exchange=amq.direct routing_key=amq.gen-4bB-GULxP8ZwhjthfwN22q mandatory body=named
        -> 1 basic.get no_ack
        <- 1 basic.get-ok delivery_tag=1 exchange=amq.direct routing_key=amq.gen-4bB-GULxP8ZwhjthfwN22q message_count=0 body=named
        -> 1 queue.bind exchange=amq.direct routing_key=k
        <- 1 queue.bind-ok
        -> 1 basic.publish exchange=amq.direct routing_key=k body=m
        -> 1 queue.declare passive
        <- 1 queue.declare-ok queue=amq.gen-4bB-GULxP8ZwhjthfwN22q message_count=1 consumer_count=0
        -> 1 basic.consume
        <- 1 basic.consume-ok consumer_tag=amq.ctag-7V3kaQo78NDB0aQPbThEBE
        <- 1 basic.deliver consumer_tag=amq.ctag-7V3kaQo78NDB0aQPbThEBE delivery_tag=2 exchange=amq.direct routing_key=k body=m
        -> 1 queue.purge
        <- 1 queue.purge-ok message_count=0
        -> 1 queue.declare
        <- 1 queue.declare-ok queue=amq.gen-z7PadI43IAymMz9v7VP4KR message_count=0 consumer_count=0
        -> 1 queue.delete
        <- 1 queue.delete-ok message_count=0
    "#]]);
}

#[test]
fn auto_delete() {
    check(expect![[r#"
        # After its last consumer; one that never had any stays.
        -> 1 queue.declare queue=q auto_delete
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.declare queue=unused auto_delete
        <- 1 queue.declare-ok queue=unused message_count=0 consumer_count=0
        -> 1 basic.consume queue=q consumer_tag=t
        <- 1 basic.consume-ok consumer_tag=t
        -> 1 basic.consume queue=q consumer_tag=u
        <- 1 basic.consume-ok consumer_tag=u
        -> 1 basic.cancel consumer_tag=t
        <- 1 basic.cancel-ok consumer_tag=t
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=1
        -> 1 basic.cancel consumer_tag=u
        <- 1 basic.cancel-ok consumer_tag=u
        -> 2 queue.declare queue=q passive
        <- 2 channel.close 404 NOT_FOUND - no queue 'q' in vhost '/' (50,10)
        -> 1 queue.declare queue=unused passive
        <- 1 queue.declare-ok queue=unused message_count=0 consumer_count=0
        # Or when the channel or the connection of the last one closes.
        -> 1 queue.declare queue=q auto_delete
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 3 basic.consume queue=q
        <- 3 basic.consume-ok consumer_tag=amq.ctag-4bB-GULxP8ZwhjthfwN22q
        -> 3 channel.close reply_code=200
        <- 3 channel.close-ok
        -> 4 queue.declare queue=q passive
        <- 4 channel.close 404 NOT_FOUND - no queue 'q' in vhost '/' (50,10)
        -> 1 queue.declare queue=q auto_delete
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> b:1 basic.consume queue=q
        <- b:1 basic.consume-ok consumer_tag=amq.ctag-7V3kaQo78NDB0aQPbThEBE
        -> b: lost
        -> 5 queue.declare queue=q passive
        <- 5 channel.close 404 NOT_FOUND - no queue 'q' in vhost '/' (50,10)
    "#]]);
}

/// basic.cancel goes to those who announced `consumer_cancel_notify`.
#[test]
fn deleting_tells_consumers() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=one
        -> b:1 basic.consume queue=q consumer_tag=t
        <- b:1 basic.consume-ok consumer_tag=t
        <- b:1 basic.deliver consumer_tag=t delivery_tag=1 routing_key=q body=one
        by-hand
        -> c:0 greet
        -> c:0 connection.start-ok mechanism=PLAIN response=\0guest\0guest
        <- c:0 connection.tune channel_max=2047 frame_max=131072 heartbeat=60
        -> c:0 connection.tune-ok channel_max=2047 frame_max=131072
        -> c:0 connection.open virtual_host=/
        <- c:0 connection.open-ok
        -> c:1 channel.open
        <- c:1 channel.open-ok
        -> c:1 basic.consume queue=q consumer_tag=u
        <- c:1 basic.consume-ok consumer_tag=u
        -> 1 queue.delete queue=q
        <- b:1 basic.cancel consumer_tag=t nowait
        <- 1 queue.delete-ok message_count=0
        # The tag is free again, and a delivery of a queue that is gone can be acked.
        -> b:1 basic.cancel-ok consumer_tag=t
        -> b:1 basic.ack delivery_tag=1
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> b:1 basic.consume queue=q consumer_tag=t
        <- b:1 basic.consume-ok consumer_tag=t
    "#]]);
}

#[test]
fn deleting_if() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=one
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=0 body=one
        -> 1 queue.delete queue=q if_empty
        <- 1 queue.delete-ok message_count=0
        -> 1 basic.ack delivery_tag=1
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.consume queue=q consumer_tag=t
        <- 1 basic.consume-ok consumer_tag=t
        -> 1 basic.cancel consumer_tag=t
        <- 1 basic.cancel-ok consumer_tag=t
        -> 1 queue.delete queue=q if_unused if_empty
        <- 1 queue.delete-ok message_count=0
    "#]]);
}

#[test]
fn names() {
    check(expect![[r#"
        -> 1 queue.declare queue='with space'
        <- 1 queue.declare-ok queue='with space' message_count=0 consumer_count=0
        -> 1 queue.declare queue=очередь
        <- 1 queue.declare-ok queue=очередь message_count=0 consumer_count=0
        -> 1 queue.declare queue='line\n'
        <- 1 queue.declare-ok queue=line message_count=0 consumer_count=0
        -> 1 queue.declare queue=line passive
        <- 1 queue.declare-ok queue=line message_count=0 consumer_count=0
    "#]]);
}

/// An exclusive queue does not outlive its connection, so durable says nothing about it.
#[test]
fn exclusive_and_durable() {
    check(expect![[r#"
        -> 1 queue.declare queue=q durable exclusive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.declare queue=q exclusive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.declare queue=q durable exclusive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
    "#]]);
}

#[test]
fn a_redeclared_queue_is_the_same() {
    check(expect![[r#"
        -> 1 queue.declare queue=q durable auto_delete
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=one
        -> b:1 queue.declare queue=q durable auto_delete
        <- b:1 queue.declare-ok queue=q message_count=1 consumer_count=0
        -> 2 queue.declare queue=q durable exclusive auto_delete
        <- 2 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (50,10)
    "#]]);
}

/// Virtual hosts share nothing.
#[test]
fn vhosts() {
    check_with(
        Config { vhosts: vec!["/".into(), "other".into()], ..Config::default() },
        expect![[r#"
            -> 1 queue.declare queue=q
            <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
            -> 1 exchange.declare exchange=x kind=fanout
            <- 1 exchange.declare-ok
            by-hand
            -> b:0 login
            -> b:0 connection.tune-ok channel_max=2047 frame_max=131072
            -> b:0 connection.open virtual_host=other
            <- b:0 connection.open-ok
            -> b:1 channel.open
            <- b:1 channel.open-ok
            -> b:1 basic.publish routing_key=q mandatory body=lost
            <- b:1 basic.return reply_code=312 reply_text=NO_ROUTE routing_key=q body=lost
            -> b:1 queue.declare queue=q exclusive
            <- b:1 queue.declare-ok queue=q message_count=0 consumer_count=0
            -> b:1 queue.delete queue=q
            <- b:1 queue.delete-ok message_count=0
            -> b:1 exchange.declare exchange=x passive
            <- b:1 channel.close 404 NOT_FOUND - no exchange 'x' in vhost 'other' (40,10)
            -> 1 queue.declare queue=q passive
            <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        "#]],
    );
}
