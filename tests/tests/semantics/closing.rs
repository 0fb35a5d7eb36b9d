//! Channels and connections close in every order, and what they held goes back.

use expect_test::expect;

use crate::talk::check;

/// After channel.close only its answer counts.
#[test]
fn a_refused_channel_hears_nothing_more() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.declare queue=nope passive
        <- 1 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (50,10)
        -> 1 queue.declare queue=other
        -> 1 basic.publish routing_key=q body=lost
        -> 1 channel.close-ok
        -> 1 channel.open
        <- 1 channel.open-ok
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.declare queue=other passive
        <- 1 channel.close 404 NOT_FOUND - no queue 'other' in vhost '/' (50,10)
        # Both sides close at once.
        -> 1 channel.close reply_code=200
        <- 1 channel.close-ok
        -> 1 channel.close-ok
        -> 1 channel.open
        <- 1 channel.open-ok
    "#]]);
}

#[test]
fn a_refused_connection_hears_nothing_more() {
    check(expect![[r#"
        -> b:1 queue.declare queue=q
        <- b:1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.qos prefetch_size=10
        <- 0 connection.close 540 NOT_IMPLEMENTED - prefetch_size!=0 (10) (60,10)
        -> 1 basic.publish routing_key=q body=lost
        -> 2 channel.open
        -> 0 heartbeat
        -> 0 connection.close-ok
        <- closed
        -> b:1 queue.declare queue=q passive
        <- b:1 queue.declare-ok queue=q message_count=0 consumer_count=0
        # Both sides close at once.
        -> c:1 basic.qos prefetch_size=10
        <- c:0 connection.close 540 NOT_IMPLEMENTED - prefetch_size!=0 (10) (60,10)
        -> c:0 connection.close reply_code=200
        <- c:0 connection.close-ok
        <- c:closed
        # Nobody answers.
        -> d:1 basic.qos prefetch_size=10
        <- d:0 connection.close 540 NOT_IMPLEMENTED - prefetch_size!=0 (10) (60,10)
        wait 60s
        <- d:closed  (at 30.000)
    "#]]);
}

#[test]
fn a_closed_channel_requeues() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=one
        -> 1 basic.publish routing_key=q body=two
        -> 2 basic.consume queue=q consumer_tag=t
        <- 2 basic.consume-ok consumer_tag=t
        <- 2 basic.deliver consumer_tag=t delivery_tag=1 routing_key=q body=one
        <- 2 basic.deliver consumer_tag=t delivery_tag=2 routing_key=q body=two
        -> 3 basic.consume queue=q consumer_tag=u
        <- 3 basic.consume-ok consumer_tag=u
        -> 2 channel.close reply_code=200
        <- 3 basic.deliver consumer_tag=u delivery_tag=1 redelivered routing_key=q body=one
        <- 3 basic.deliver consumer_tag=u delivery_tag=2 redelivered routing_key=q body=two
        <- 2 channel.close-ok
        -> 3 basic.ack delivery_tag=1 multiple
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=1
    "#]]);
}

#[test]
fn a_refused_channel_requeues() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=one
        -> 2 basic.get queue=q
        <- 2 basic.get-ok delivery_tag=1 routing_key=q message_count=0 body=one
        -> 2 basic.ack delivery_tag=5
        <- 2 channel.close 406 PRECONDITION_FAILED - unknown delivery tag 5 (60,80)
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=1 redelivered routing_key=q message_count=0 body=one
    "#]]);
}

#[test]
fn a_closed_connection_requeues() {
    check(expect![[r#"
        -> b:1 queue.declare queue=q
        <- b:1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> b:1 basic.publish routing_key=q body=one
        -> b:1 basic.publish routing_key=q body=two
        -> b:1 basic.publish routing_key=q body=three
        -> 1 basic.consume queue=q consumer_tag=t
        <- 1 basic.consume-ok consumer_tag=t
        <- 1 basic.deliver consumer_tag=t delivery_tag=1 routing_key=q body=one
        <- 1 basic.deliver consumer_tag=t delivery_tag=2 routing_key=q body=two
        <- 1 basic.deliver consumer_tag=t delivery_tag=3 routing_key=q body=three
        -> 0 connection.close reply_code=200
        <- 0 connection.close-ok
        <- closed
        -> b:1 basic.get queue=q
        <- b:1 basic.get-ok delivery_tag=1 redelivered routing_key=q message_count=2 body=one
        -> b:1 basic.get queue=q
        <- b:1 basic.get-ok delivery_tag=2 redelivered routing_key=q message_count=1 body=two
        -> b:1 basic.get queue=q
        <- b:1 basic.get-ok delivery_tag=3 redelivered routing_key=q message_count=0 body=three
    "#]]);
}

#[test]
fn a_lost_connection_requeues_to_the_next_worker() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> b:1 basic.consume queue=q consumer_tag=b
        <- b:1 basic.consume-ok consumer_tag=b
        -> c:1 basic.consume queue=q consumer_tag=c
        <- c:1 basic.consume-ok consumer_tag=c
        -> 1 basic.publish routing_key=q body=one
        <- b:1 basic.deliver consumer_tag=b delivery_tag=1 routing_key=q body=one
        -> 1 basic.publish routing_key=q body=two
        <- c:1 basic.deliver consumer_tag=c delivery_tag=1 routing_key=q body=two
        -> b: lost
        <- c:1 basic.deliver consumer_tag=c delivery_tag=2 redelivered routing_key=q body=one
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=1
    "#]]);
}

#[test]
fn what_was_auto_acked_is_lost() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=one
        -> b:1 basic.consume queue=q consumer_tag=b no_ack
        <- b:1 basic.consume-ok consumer_tag=b
        <- b:1 basic.deliver consumer_tag=b delivery_tag=1 routing_key=q body=one
        -> b: lost
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
    "#]]);
}

#[test]
fn exclusive_queues_die_with_their_connection() {
    check(expect![[r#"
        -> 1 queue.declare queue=mine exclusive
        <- 1 queue.declare-ok queue=mine message_count=0 consumer_count=0
        -> 1 queue.declare exclusive
        <- 1 queue.declare-ok queue=amq.gen-4bB-GULxP8ZwhjthfwN22q message_count=0 consumer_count=0
        -> 1 exchange.declare exchange=x kind=fanout auto_delete
        <- 1 exchange.declare-ok
        -> 1 queue.bind queue=mine exchange=x
        <- 1 queue.bind-ok
        -> 1 channel.close reply_code=200
        <- 1 channel.close-ok
        -> b:1 queue.declare queue=mine passive
        <- b:1 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mine' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (50,10)
        -> 0 connection.close reply_code=200
        <- 0 connection.close-ok
        <- closed
        -> b:2 queue.declare queue=mine passive
        <- b:2 channel.close 404 NOT_FOUND - no queue 'mine' in vhost '/' (50,10)
        -> b:3 exchange.declare exchange=x passive
        <- b:3 channel.close 404 NOT_FOUND - no exchange 'x' in vhost '/' (40,10)
    "#]]);
}

#[test]
fn shutdown() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> b:1 queue.declare queue=p
        <- b:1 queue.declare-ok queue=p message_count=0 consumer_count=0
        shutdown maintenance
        <- 0 connection.close 320 CONNECTION_FORCED - broker forced connection closure with reason 'maintenance' (0,0)
        <- b:0 connection.close 320 CONNECTION_FORCED - broker forced connection closure with reason 'maintenance' (0,0)
        -> 0 connection.close-ok
        <- closed
        wait 60s
        <- b:closed  (at 30.000)
    "#]]);
}

/// What a channel was about to publish goes with it.
#[test]
fn half_a_message_is_forgotten() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 2 basic.publish routing_key=q bare
        -> 2 header body_size=10
        -> 2 body text=half
        -> b:1 basic.publish routing_key=q bare
        -> b:1 header body_size=10
        -> b: lost
        -> 2 channel.close reply_code=200
        <- 0 connection.close 505 UNEXPECTED_FRAME - expected content body, got non content body frame instead (60,40)
        -> c:1 queue.declare queue=q passive
        <- c:1 queue.declare-ok queue=q message_count=0 consumer_count=0
    "#]]);
}

/// What a lost connection held goes back in order, whichever of its consumers had it.
#[test]
fn several_consumers_of_a_lost_connection() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.declare queue=p
        <- 1 queue.declare-ok queue=p message_count=0 consumer_count=0
        -> b:1 basic.consume queue=q consumer_tag=s
        <- b:1 basic.consume-ok consumer_tag=s
        -> b:1 basic.consume queue=q consumer_tag=t
        <- b:1 basic.consume-ok consumer_tag=t
        -> b:1 basic.consume queue=p consumer_tag=u
        <- b:1 basic.consume-ok consumer_tag=u
        -> 1 basic.publish routing_key=q body=1
        <- b:1 basic.deliver consumer_tag=s delivery_tag=1 routing_key=q body=1
        -> 1 basic.publish routing_key=p body=2
        <- b:1 basic.deliver consumer_tag=u delivery_tag=2 routing_key=p body=2
        -> 1 basic.publish routing_key=q body=3
        <- b:1 basic.deliver consumer_tag=t delivery_tag=3 routing_key=q body=3
        -> c:1 basic.qos prefetch_count=1
        <- c:1 basic.qos-ok
        -> c:1 basic.consume queue=q consumer_tag=q
        <- c:1 basic.consume-ok consumer_tag=q
        -> c:1 basic.consume queue=p consumer_tag=p
        <- c:1 basic.consume-ok consumer_tag=p
        -> b: lost
        <- c:1 basic.deliver consumer_tag=q delivery_tag=1 redelivered routing_key=q body=1
        <- c:1 basic.deliver consumer_tag=p delivery_tag=2 redelivered routing_key=p body=2
        -> c:1 basic.ack delivery_tag=2 multiple
        <- c:1 basic.deliver consumer_tag=q delivery_tag=3 redelivered routing_key=q body=3
    "#]]);
}

/// Deliveries of a queue that is gone can still be settled, and mean nothing to its successor.
#[test]
fn a_queue_deleted_under_its_consumers() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> b:1 basic.qos prefetch_count=1
        <- b:1 basic.qos-ok
        -> b:1 basic.consume queue=q consumer_tag=t
        <- b:1 basic.consume-ok consumer_tag=t
        -> b:2 basic.get queue=q
        <- b:2 basic.get-empty
        -> 1 basic.publish routing_key=q body=1
        <- b:1 basic.deliver consumer_tag=t delivery_tag=1 routing_key=q body=1
        -> 1 basic.publish routing_key=q body=2
        -> b:2 basic.get queue=q
        <- b:2 basic.get-ok delivery_tag=1 routing_key=q message_count=0 body=2
        -> 1 queue.delete queue=q
        <- b:1 basic.cancel consumer_tag=t nowait
        <- 1 queue.delete-ok message_count=0
        -> b:1 basic.nack delivery_tag=1 requeue
        -> b:2 channel.close reply_code=200
        <- b:2 channel.close-ok
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> b: lost
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
    "#]]);
}
