//! Deliveries: whose turn it is, how many at once, and what becomes of them (AMQP 0-9-1 reference, section 1.8).

use expect_test::expect;

use crate::talk::check;

#[test]
fn round_robin() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.consume queue=q consumer_tag=a no_ack
        <- 1 basic.consume-ok consumer_tag=a
        -> b:1 basic.consume queue=q consumer_tag=b no_ack
        <- b:1 basic.consume-ok consumer_tag=b
        -> 1 basic.consume queue=q consumer_tag=c no_ack
        <- 1 basic.consume-ok consumer_tag=c
        -> 2 basic.publish routing_key=q body=1
        <- 1 basic.deliver consumer_tag=a delivery_tag=1 routing_key=q body=1
        -> 2 basic.publish routing_key=q body=2
        <- b:1 basic.deliver consumer_tag=b delivery_tag=1 routing_key=q body=2
        -> 2 basic.publish routing_key=q body=3
        <- 1 basic.deliver consumer_tag=c delivery_tag=2 routing_key=q body=3
        -> 2 basic.publish routing_key=q body=4
        <- 1 basic.deliver consumer_tag=a delivery_tag=3 routing_key=q body=4
        -> b:1 basic.cancel consumer_tag=b
        <- b:1 basic.cancel-ok consumer_tag=b
        -> 2 basic.publish routing_key=q body=5
        <- 1 basic.deliver consumer_tag=c delivery_tag=4 routing_key=q body=5
        -> 2 basic.publish routing_key=q body=6
        <- 1 basic.deliver consumer_tag=a delivery_tag=5 routing_key=q body=6
    "#]]);
}

/// Tags are unique per channel; no-local changes nothing.
#[test]
fn generated_and_shared_tags() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.consume queue=q
        <- 1 basic.consume-ok consumer_tag=amq.ctag-4bB-GULxP8ZwhjthfwN22q
        -> 2 basic.consume queue=q consumer_tag=t
        <- 2 basic.consume-ok consumer_tag=t
        -> 3 basic.consume queue=q consumer_tag=t no_local
        <- 3 basic.consume-ok consumer_tag=t
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=3
    "#]]);
}

#[test]
fn get() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.get queue=q
        <- 1 basic.get-empty
        -> 1 basic.publish routing_key=q body=1
        -> 1 basic.publish routing_key=q body=2
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=1 body=1
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=2 routing_key=q message_count=0 body=2
        -> 1 basic.get queue=q
        <- 1 basic.get-empty
        -> 1 basic.ack delivery_tag=1
        # What was taken without acks cannot be acked.
        -> 1 basic.ack delivery_tag=2
        <- 1 channel.close 406 PRECONDITION_FAILED - unknown delivery tag 2 (60,80)
    "#]]);
}

#[test]
fn acks() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.consume queue=q consumer_tag=t
        <- 1 basic.consume-ok consumer_tag=t
        -> 2 basic.publish routing_key=q body=1
        <- 1 basic.deliver consumer_tag=t delivery_tag=1 routing_key=q body=1
        -> 2 basic.publish routing_key=q body=2
        <- 1 basic.deliver consumer_tag=t delivery_tag=2 routing_key=q body=2
        -> 2 basic.publish routing_key=q body=3
        <- 1 basic.deliver consumer_tag=t delivery_tag=3 routing_key=q body=3
        -> 2 basic.publish routing_key=q body=4
        <- 1 basic.deliver consumer_tag=t delivery_tag=4 routing_key=q body=4
        -> 2 basic.publish routing_key=q body=5
        <- 1 basic.deliver consumer_tag=t delivery_tag=5 routing_key=q body=5
        -> 1 basic.ack delivery_tag=2
        -> 1 basic.ack delivery_tag=3 multiple
        -> 1 basic.cancel consumer_tag=t
        <- 1 basic.cancel-ok consumer_tag=t
        -> 1 basic.nack delivery_tag=4 requeue
        # Zero and multiple are all.
        -> 1 basic.ack delivery_tag=0 multiple
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=1 consumer_count=0
        # A tag is good once.
        -> 1 basic.ack delivery_tag=5
        <- 1 channel.close 406 PRECONDITION_FAILED - unknown delivery tag 5 (60,80)
    "#]]);
}

#[test]
fn requeued_to_the_original_position() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=1
        -> 1 basic.publish routing_key=q body=2
        -> 1 basic.publish routing_key=q body=3
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=2 body=1
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=2 routing_key=q message_count=1 body=2
        -> 1 basic.publish routing_key=q body=4
        -> 1 basic.nack delivery_tag=2 requeue
        -> 1 basic.reject delivery_tag=1 requeue
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=3 redelivered routing_key=q message_count=3 body=1
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=4 redelivered routing_key=q message_count=2 body=2
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=5 routing_key=q message_count=1 body=3
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=6 routing_key=q message_count=0 body=4
    "#]]);
}

#[test]
fn nack_and_reject() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=1
        -> 1 basic.publish routing_key=q body=2
        -> 1 basic.publish routing_key=q body=3
        -> 1 basic.publish routing_key=q body=4
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=3 body=1
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=2 routing_key=q message_count=2 body=2
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=3 routing_key=q message_count=1 body=3
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=4 routing_key=q message_count=0 body=4
        # Without requeue they are dropped.
        -> 1 basic.reject delivery_tag=1
        -> 1 basic.nack delivery_tag=2
        -> 1 basic.nack delivery_tag=4 multiple requeue
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=2 consumer_count=0
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=5 redelivered routing_key=q message_count=1 body=3
    "#]]);
}

#[test]
fn rejected_to_the_next_in_turn() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.qos prefetch_count=1
        <- 1 basic.qos-ok
        -> 1 basic.consume queue=q consumer_tag=a
        <- 1 basic.consume-ok consumer_tag=a
        -> b:1 basic.qos prefetch_count=1
        <- b:1 basic.qos-ok
        -> b:1 basic.consume queue=q consumer_tag=b
        <- b:1 basic.consume-ok consumer_tag=b
        -> 2 basic.publish routing_key=q body=hot
        <- 1 basic.deliver consumer_tag=a delivery_tag=1 routing_key=q body=hot
        -> 1 basic.nack delivery_tag=1 requeue
        <- b:1 basic.deliver consumer_tag=b delivery_tag=1 redelivered routing_key=q body=hot
        -> b:1 basic.ack delivery_tag=1
    "#]]);
}

#[test]
fn recover() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=1
        -> 1 basic.publish routing_key=q body=2
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=1 body=1
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=2 routing_key=q message_count=0 body=2
        -> 1 basic.recover requeue
        <- 1 basic.recover-ok
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=3 redelivered routing_key=q message_count=1 body=1
        -> 1 basic.recover-async requeue
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=2 consumer_count=0
        # Consumers get theirs again.
        -> 1 basic.consume queue=q consumer_tag=t
        <- 1 basic.consume-ok consumer_tag=t
        <- 1 basic.deliver consumer_tag=t delivery_tag=4 redelivered routing_key=q body=1
        <- 1 basic.deliver consumer_tag=t delivery_tag=5 redelivered routing_key=q body=2
        -> 1 basic.recover requeue
        <- 1 basic.deliver consumer_tag=t delivery_tag=6 redelivered routing_key=q body=1
        <- 1 basic.deliver consumer_tag=t delivery_tag=7 redelivered routing_key=q body=2
        <- 1 basic.recover-ok
    "#]]);
}

#[test]
fn a_cancelled_consumer_keeps_what_it_has() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=1
        -> 1 basic.consume queue=q consumer_tag=t
        <- 1 basic.consume-ok consumer_tag=t
        <- 1 basic.deliver consumer_tag=t delivery_tag=1 routing_key=q body=1
        -> 1 basic.cancel consumer_tag=t
        <- 1 basic.cancel-ok consumer_tag=t
        -> 1 basic.publish routing_key=q body=2
        -> 1 basic.ack delivery_tag=1
        -> 1 queue.declare queue=q passive
        <- 1 queue.declare-ok queue=q message_count=1 consumer_count=0
        # Its tag is free again.
        -> 1 basic.consume queue=q consumer_tag=t
        <- 1 basic.consume-ok consumer_tag=t
        <- 1 basic.deliver consumer_tag=t delivery_tag=2 routing_key=q body=2
    "#]]);
}

/// global=false: for each consumer that starts from now on.
#[test]
fn prefetch_per_consumer() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.consume queue=q consumer_tag=before
        <- 1 basic.consume-ok consumer_tag=before
        -> 1 basic.qos prefetch_count=1
        <- 1 basic.qos-ok
        -> 1 basic.consume queue=q consumer_tag=a
        <- 1 basic.consume-ok consumer_tag=a
        -> 1 basic.consume queue=q consumer_tag=b
        <- 1 basic.consume-ok consumer_tag=b
        -> 1 basic.cancel consumer_tag=before
        <- 1 basic.cancel-ok consumer_tag=before
        -> 2 basic.publish routing_key=q body=1
        <- 1 basic.deliver consumer_tag=a delivery_tag=1 routing_key=q body=1
        -> 2 basic.publish routing_key=q body=2
        <- 1 basic.deliver consumer_tag=b delivery_tag=2 routing_key=q body=2
        -> 2 basic.publish routing_key=q body=3
        -> 2 basic.publish routing_key=q body=4
        -> 1 basic.ack delivery_tag=2
        <- 1 basic.deliver consumer_tag=b delivery_tag=3 routing_key=q body=3
        -> 1 basic.ack delivery_tag=3 multiple
        <- 1 basic.deliver consumer_tag=a delivery_tag=4 routing_key=q body=4
    "#]]);
}

/// global=true: shared by the consumers of the channel.
#[test]
fn prefetch_of_a_channel() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.declare queue=p
        <- 1 queue.declare-ok queue=p message_count=0 consumer_count=0
        -> 1 basic.qos prefetch_count=3 global
        <- 1 basic.qos-ok
        -> 1 basic.consume queue=q consumer_tag=a
        <- 1 basic.consume-ok consumer_tag=a
        -> 1 basic.consume queue=p consumer_tag=b
        <- 1 basic.consume-ok consumer_tag=b
        -> 2 basic.publish routing_key=q body=1
        <- 1 basic.deliver consumer_tag=a delivery_tag=1 routing_key=q body=1
        -> 2 basic.publish routing_key=p body=2
        <- 1 basic.deliver consumer_tag=b delivery_tag=2 routing_key=p body=2
        -> 2 basic.publish routing_key=q body=3
        <- 1 basic.deliver consumer_tag=a delivery_tag=3 routing_key=q body=3
        -> 2 basic.publish routing_key=q body=4
        -> 2 basic.publish routing_key=p body=5
        -> 1 basic.ack delivery_tag=1
        <- 1 basic.deliver consumer_tag=a delivery_tag=4 routing_key=q body=4
        -> 1 basic.ack delivery_tag=3 multiple
        <- 1 basic.deliver consumer_tag=b delivery_tag=5 routing_key=p body=5
        # basic.get is not counted, and neither is another channel.
        -> 2 basic.publish routing_key=q body=6
        <- 1 basic.deliver consumer_tag=a delivery_tag=6 routing_key=q body=6
        -> 2 basic.publish routing_key=q body=7
        -> 2 basic.publish routing_key=q body=8
        -> 1 basic.get queue=q
        <- 1 basic.get-ok delivery_tag=7 routing_key=q message_count=1 body=7
        # Zero lifts the limit.
        -> 1 basic.qos global
        <- 1 basic.qos-ok
        <- 1 basic.deliver consumer_tag=a delivery_tag=8 routing_key=q body=8
    "#]]);
}

/// Each consumer stays below its own, and all below the channel's.
#[test]
fn both_prefetches() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.qos prefetch_count=2
        <- 1 basic.qos-ok
        -> 1 basic.qos prefetch_count=3 global
        <- 1 basic.qos-ok
        -> 1 basic.consume queue=q consumer_tag=a
        <- 1 basic.consume-ok consumer_tag=a
        -> 1 basic.consume queue=q consumer_tag=b
        <- 1 basic.consume-ok consumer_tag=b
        -> 2 basic.publish routing_key=q body=1
        <- 1 basic.deliver consumer_tag=a delivery_tag=1 routing_key=q body=1
        -> 2 basic.publish routing_key=q body=2
        <- 1 basic.deliver consumer_tag=b delivery_tag=2 routing_key=q body=2
        -> 2 basic.publish routing_key=q body=3
        <- 1 basic.deliver consumer_tag=a delivery_tag=3 routing_key=q body=3
        -> 2 basic.publish routing_key=q body=4
        -> 2 basic.publish routing_key=q body=5
        -> 1 basic.ack delivery_tag=1
        <- 1 basic.deliver consumer_tag=a delivery_tag=4 routing_key=q body=4
    "#]]);
}

#[test]
fn prefetch_spares_auto_acks() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.qos prefetch_count=1
        <- 1 basic.qos-ok
        -> 1 basic.consume queue=q consumer_tag=a no_ack
        <- 1 basic.consume-ok consumer_tag=a
        -> 2 basic.publish routing_key=q body=1
        <- 1 basic.deliver consumer_tag=a delivery_tag=1 routing_key=q body=1
        -> 2 basic.publish routing_key=q body=2
        <- 1 basic.deliver consumer_tag=a delivery_tag=2 routing_key=q body=2
    "#]]);
}

/// Fair dispatch: prefetch 1 against uneven tasks.
#[test]
fn an_idle_worker_takes_over() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> b:1 basic.qos prefetch_count=1
        <- b:1 basic.qos-ok
        -> b:1 basic.consume queue=q consumer_tag=slow
        <- b:1 basic.consume-ok consumer_tag=slow
        -> c:1 basic.qos prefetch_count=1
        <- c:1 basic.qos-ok
        -> c:1 basic.consume queue=q consumer_tag=fast
        <- c:1 basic.consume-ok consumer_tag=fast
        -> 1 basic.publish routing_key=q body=1
        <- b:1 basic.deliver consumer_tag=slow delivery_tag=1 routing_key=q body=1
        -> 1 basic.publish routing_key=q body=2
        <- c:1 basic.deliver consumer_tag=fast delivery_tag=1 routing_key=q body=2
        -> 1 basic.publish routing_key=q body=3
        -> 1 basic.publish routing_key=q body=4
        -> c:1 basic.ack delivery_tag=1
        <- c:1 basic.deliver consumer_tag=fast delivery_tag=2 routing_key=q body=3
        -> c:1 basic.ack delivery_tag=2
        <- c:1 basic.deliver consumer_tag=fast delivery_tag=3 routing_key=q body=4
        -> b:1 basic.ack delivery_tag=1
    "#]]);
}
