//! The answers that RabbitMQ 4.3 was seen to give, one action to a channel or a connection.

use expect_test::expect;

use crate::talk::check;

#[test]
fn declarations() {
    check(expect![[r##"
        # Fixtures: pq1 is a durable queue, px1 a durable direct exchange, pint an internal fanout exchange.
        -> 1 queue.declare queue=pq1 durable
        <- 1 queue.declare-ok queue=pq1 message_count=0 consumer_count=0
        -> 1 exchange.declare exchange=px1 kind=direct durable
        <- 1 exchange.declare-ok
        -> 1 exchange.declare exchange=pint kind=fanout internal
        <- 1 exchange.declare-ok
        # Declared again as something else.
        -> 2 queue.declare queue=pq1
        <- 2 channel.close 406 PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'pq1' in vhost '/': received 'false' but current is 'true' (50,10)
        -> 3 queue.declare queue=pq1 durable arguments={x-message-ttl=5}
        <- 3 channel.close 406 PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'pq1' in vhost '/': received the value '5' of type 'signedint' but current is none (50,10)
        -> 4 queue.declare queue=pq1 durable auto_delete
        <- 4 channel.close 406 PRECONDITION_FAILED - inequivalent arg 'auto_delete' for queue 'pq1' in vhost '/': received 'true' but current is 'false' (50,10)
        -> 5 exchange.declare exchange=px1 kind=fanout durable
        <- 5 channel.close 406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'px1' in vhost '/': received 'fanout' but current is 'direct' (40,10)
        -> 6 exchange.declare exchange=px1 kind=direct
        <- 6 channel.close 406 PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'px1' in vhost '/': received 'false' but current is 'true' (40,10)
        -> 7 exchange.declare exchange=px1 kind=direct durable auto_delete
        <- 7 channel.close 406 PRECONDITION_FAILED - inequivalent arg 'auto_delete' for exchange 'px1' in vhost '/': received 'true' but current is 'false' (40,10)
        -> 8 exchange.declare exchange=px1 kind=direct durable internal
        <- 8 channel.close 406 PRECONDITION_FAILED - inequivalent arg 'internal' for exchange 'px1' in vhost '/': received 'true' but current is 'false' (40,10)
        # The same again is fine.
        -> 1 queue.declare queue=pq1 durable
        <- 1 queue.declare-ok queue=pq1 message_count=0 consumer_count=0
        -> 1 queue.declare queue=pq1 durable arguments={x-queue-type=classic}
        <- 1 queue.declare-ok queue=pq1 message_count=0 consumer_count=0
        -> 1 exchange.declare exchange=px1 kind=direct durable
        <- 1 exchange.declare-ok
        -> 1 exchange.declare exchange=amq.direct kind=direct durable
        <- 1 exchange.declare-ok
        # Passive.
        -> 9 queue.declare queue=nope passive
        <- 9 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (50,10)
        -> 10 exchange.declare exchange=nope passive
        <- 10 channel.close 404 NOT_FOUND - no exchange 'nope' in vhost '/' (40,10)
        -> 1 queue.declare queue=pq1 passive
        <- 1 queue.declare-ok queue=pq1 message_count=0 consumer_count=0
        -> 1 exchange.declare exchange=px1 passive
        <- 1 exchange.declare-ok
        # Types and names.
        -> 11 exchange.declare exchange=x kind=zz
        <- 11 channel.close 406 PRECONDITION_FAILED - unknown exchange type 'zz' (40,10)
        -> 12 exchange.declare exchange=amq.foo kind=direct
        <- 12 channel.close 403 ACCESS_REFUSED - exchange name 'amq.foo' contains reserved prefix 'amq.*' (40,10)
        -> 13 queue.declare queue=amq.foo
        <- 13 channel.close 403 ACCESS_REFUSED - queue name 'amq.foo' contains reserved prefix 'amq.*' (50,10)
        -> 14 exchange.declare kind=direct
        <- 14 channel.close 403 ACCESS_REFUSED - operation not permitted on the default exchange (40,10)
        -> 15 queue.declare passive
        <- 15 channel.close 404 NOT_FOUND - no previously declared queue (50,10)
        # Arguments.
        -> 1 queue.declare queue=any arguments={x-nobody-knows=1, x-queue-mode=lazy}
        <- 1 queue.declare-ok queue=any message_count=0 consumer_count=0
        -> 16 queue.declare queue=pq_tmp durable arguments={x-queue-type=zz}
        <- 16 channel.close 406 PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue 'pq_tmp' in vhost '/': "unsupported queue type 'zz'" (50,10)
    "##]]);
}

#[test]
fn bindings_and_deletions() {
    check(expect![[r#"
        -> 1 queue.declare queue=pq1 durable
        <- 1 queue.declare-ok queue=pq1 message_count=0 consumer_count=0
        -> 1 exchange.declare exchange=px1 kind=direct durable
        <- 1 exchange.declare-ok
        -> 1 queue.bind queue=pq1 exchange=px1 routing_key=k
        <- 1 queue.bind-ok
        # What the broker owns.
        -> 2 exchange.delete exchange=amq.direct
        <- 2 channel.close 403 ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed (40,20)
        -> 3 exchange.delete
        <- 3 channel.close 403 ACCESS_REFUSED - operation not permitted on the default exchange (40,20)
        -> 4 queue.bind queue=pq1 routing_key=k
        <- 4 channel.close 403 ACCESS_REFUSED - operation not permitted on the default exchange (50,20)
        -> 5 queue.unbind queue=pq1 routing_key=pq1
        <- 5 channel.close 403 ACCESS_REFUSED - operation not permitted on the default exchange (50,50)
        -> 6 exchange.bind source=px1 routing_key=k
        <- 6 channel.close 403 ACCESS_REFUSED - operation not permitted on the default exchange (40,30)
        # What is not there.
        -> 7 queue.bind queue=nope exchange=px1 routing_key=k
        <- 7 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (50,20)
        -> 8 queue.bind queue=pq1 exchange=nope routing_key=k
        <- 8 channel.close 404 NOT_FOUND - no exchange 'nope' in vhost '/' (50,20)
        -> 9 exchange.bind destination=nope source=px1
        <- 9 channel.close 404 NOT_FOUND - no exchange 'nope' in vhost '/' (40,30)
        -> 10 exchange.bind destination=px1 source=nope
        <- 10 channel.close 404 NOT_FOUND - no exchange 'nope' in vhost '/' (40,30)
        -> 11 queue.purge queue=nope
        <- 11 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (50,30)
        -> 1 queue.delete queue=nope
        <- 1 queue.delete-ok message_count=0
        -> 1 exchange.delete exchange=nope
        <- 1 exchange.delete-ok
        -> 1 queue.unbind queue=pq1 exchange=px1 routing_key=other
        <- 1 queue.unbind-ok
        -> 1 queue.unbind queue=nope exchange=px1 routing_key=k
        <- 1 queue.unbind-ok
        -> 1 queue.unbind queue=pq1 exchange=nope routing_key=k
        <- 1 queue.unbind-ok
        -> 1 exchange.unbind destination=nope source=px1
        <- 1 exchange.unbind-ok
        -> 12 queue.bind exchange=px1
        <- 12 channel.close 404 NOT_FOUND - no previously declared queue (50,20)
        # What is in use.
        -> 1 basic.publish routing_key=pq1 body=m
        -> 13 queue.delete queue=pq1 if_empty
        <- 13 channel.close 406 PRECONDITION_FAILED - queue 'pq1' in vhost '/' not empty (50,40)
        -> 1 basic.consume queue=pq1 consumer_tag=t no_ack
        <- 1 basic.consume-ok consumer_tag=t
        <- 1 basic.deliver consumer_tag=t delivery_tag=1 routing_key=pq1 body=m
        -> 14 queue.delete queue=pq1 if_unused
        <- 14 channel.close 406 PRECONDITION_FAILED - queue 'pq1' in vhost '/' in use (50,40)
        -> 15 exchange.delete exchange=px1 if_unused
        <- 15 channel.close 406 PRECONDITION_FAILED - exchange 'px1' in vhost '/' in use (40,20)
        # A bad headers binding.
        -> 16 queue.bind queue=pq1 exchange=amq.headers arguments={x-match=zz}
        <- 16 channel.close 406 PRECONDITION_FAILED - Invalid x-match field value <<"zz">>; expected all, any, all-with-x, or any-with-x (50,20)
        -> 17 queue.bind queue=pq1 exchange=amq.headers arguments={x-match=1}
        <- 17 channel.close 406 PRECONDITION_FAILED - Invalid x-match field type signedint; expected longstr (50,20)
    "#]]);
}

#[test]
fn exclusive_use() {
    check(expect![[r#"
        -> 1 queue.declare queue=pexcl exclusive
        <- 1 queue.declare-ok queue=pexcl message_count=0 consumer_count=0
        -> 1 queue.declare queue=pq1 durable
        <- 1 queue.declare-ok queue=pq1 message_count=0 consumer_count=0
        -> b:1 queue.declare queue=pexcl exclusive
        <- b:1 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'pexcl' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (50,10)
        -> b:2 queue.declare queue=pexcl passive
        <- b:2 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'pexcl' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (50,10)
        -> b:3 basic.consume queue=pexcl
        <- b:3 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'pexcl' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (60,20)
        -> b:4 basic.get queue=pexcl
        <- b:4 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'pexcl' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (60,70)
        -> b:5 queue.purge queue=pexcl
        <- b:5 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'pexcl' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (50,30)
        -> b:6 queue.delete queue=pexcl
        <- b:6 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'pexcl' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (50,40)
        -> b:7 queue.bind queue=pexcl exchange=amq.direct
        <- b:7 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'pexcl' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (50,20)
        -> 2 queue.declare queue=pexcl
        <- 2 channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'pexcl' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (50,10)
        -> 1 queue.declare queue=pexcl exclusive
        <- 1 queue.declare-ok queue=pexcl message_count=0 consumer_count=0
        # Publishing to it is open to everyone.
        -> b:8 basic.publish routing_key=pexcl body=m
        -> 1 basic.get queue=pexcl no_ack
        <- 1 basic.get-ok delivery_tag=1 routing_key=pexcl message_count=0 body=m
        # An exclusive consumer, from both sides.
        -> 1 basic.consume queue=pq1 consumer_tag=first
        <- 1 basic.consume-ok consumer_tag=first
        -> 3 basic.consume queue=pq1 exclusive
        <- 3 channel.close 403 ACCESS_REFUSED - queue 'pq1' in vhost '/' in exclusive use (60,20)
        -> 1 basic.cancel consumer_tag=first
        <- 1 basic.cancel-ok consumer_tag=first
        -> 1 basic.consume queue=pq1 consumer_tag=alone exclusive
        <- 1 basic.consume-ok consumer_tag=alone
        -> 4 basic.consume queue=pq1
        <- 4 channel.close 403 ACCESS_REFUSED - queue 'pq1' in vhost '/' in exclusive use (60,20)
    "#]]);
}

#[test]
fn publishing() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 exchange.declare exchange=pint kind=fanout internal
        <- 1 exchange.declare-ok
        -> 2 basic.publish exchange=nope routing_key=q
        <- 2 channel.close 404 NOT_FOUND - no exchange 'nope' in vhost '/' (60,40)
        -> 3 basic.publish exchange=pint routing_key=q
        <- 3 channel.close 403 ACCESS_REFUSED - cannot publish to internal exchange 'pint' in vhost '/' (60,40)
        -> 4 basic.publish routing_key=q expiration=abc
        <- 4 channel.close 406 PRECONDITION_FAILED - invalid expiration 'abc': no_integer (60,40)
        -> 5 basic.publish routing_key=q user_id=zed
        <- 5 channel.close 406 PRECONDITION_FAILED - user_id property set to 'zed' but authenticated user was 'guest' (60,40)
        -> 1 basic.publish routing_key=q user_id=guest body=mine
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=0 user_id=guest body=mine
        -> 1 basic.publish exchange=amq.rabbitmq.trace routing_key=q
        <- 1 channel.close 403 ACCESS_REFUSED - cannot publish to internal exchange 'amq.rabbitmq.trace' in vhost '/' (60,40)
        -> b:1 basic.publish routing_key=q immediate
        <- b:0 connection.close 540 NOT_IMPLEMENTED - immediate=true (60,40)
    "#]]);
}

#[test]
fn settling() {
    check(expect![[r#"
        -> 1 basic.ack delivery_tag=99
        <- 1 channel.close 406 PRECONDITION_FAILED - unknown delivery tag 99 (60,80)
        -> 2 basic.nack delivery_tag=99
        <- 2 channel.close 406 PRECONDITION_FAILED - unknown delivery tag 99 (60,120)
        -> 3 basic.reject delivery_tag=99
        <- 3 channel.close 406 PRECONDITION_FAILED - unknown delivery tag 99 (60,90)
        -> 4 basic.ack delivery_tag=0
        <- 4 channel.close 406 PRECONDITION_FAILED - unknown delivery tag 0 (60,80)
        -> 5 basic.ack delivery_tag=99 multiple
        <- 5 channel.close 406 PRECONDITION_FAILED - unknown delivery tag 99 (60,80)
        -> 6 queue.declare queue=q
        <- 6 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 6 basic.ack delivery_tag=0 multiple
        -> 6 basic.nack delivery_tag=0 multiple
        -> 6 basic.cancel consumer_tag=unknown
        <- 6 basic.cancel-ok consumer_tag=unknown
        -> 6 basic.qos prefetch_count=3 global
        <- 6 basic.qos-ok
    "#]]);
}

#[test]
fn consuming() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.consume queue=q consumer_tag=t
        <- 1 basic.consume-ok consumer_tag=t
        -> 2 basic.consume queue=nope
        <- 2 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (60,20)
        -> 3 basic.get queue=nope
        <- 3 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (60,70)
        -> 4 basic.get
        <- 4 channel.close 404 NOT_FOUND - no previously declared queue (60,70)
        -> 5 basic.consume
        <- 5 channel.close 404 NOT_FOUND - no previously declared queue (60,20)
        -> 6 queue.purge
        <- 6 channel.close 404 NOT_FOUND - no previously declared queue (50,30)
        -> 7 queue.delete
        <- 7 channel.close 404 NOT_FOUND - no previously declared queue (50,40)
        -> 1 basic.consume queue=q consumer_tag=t
        <- 0 connection.close 530 NOT_ALLOWED - attempt to reuse consumer tag 't' (60,20)
    "#]]);
}

/// Errors that close the connection.
#[test]
fn hard_errors() {
    check(expect![[r#"
        -> a:1 basic.qos prefetch_size=10
        <- 0 connection.close 540 NOT_IMPLEMENTED - prefetch_size!=0 (10) (60,10)
        -> b:1 basic.recover
        <- b:0 connection.close 540 NOT_IMPLEMENTED - requeue=false (60,110)
        -> c:1 channel.flow
        <- c:0 connection.close 540 NOT_IMPLEMENTED - active=false (20,20)
        -> d:1 channel.flow active
        <- d:1 channel.flow-ok active
        -> d:1 access.request realm=/data active
        <- d:1 access.request-ok ticket=1
        -> d:1 channel.open
        <- d:0 connection.close 504 CHANNEL_ERROR - second 'channel.open' seen (20,10)
    "#]]);
}
