//! Which queues a message reaches, and how exchanges come and go (AMQP 0-9-1, section 3.1.3).

use expect_test::expect;

use crate::talk::check;

#[test]
fn default_exchange() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=found
        -> 1 basic.publish routing_key=other mandatory body=unroutable
        <- 1 basic.return reply_code=312 reply_text=NO_ROUTE routing_key=other body=unroutable
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=0 body=found
    "#]]);
}

#[test]
fn direct() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.declare queue=p
        <- 1 queue.declare-ok queue=p message_count=0 consumer_count=0
        -> 1 queue.bind queue=q exchange=amq.direct routing_key=red
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=q exchange=amq.direct routing_key=blue
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=p exchange=amq.direct routing_key=red
        <- 1 queue.bind-ok
        # The same binding twice is one.
        -> 1 queue.bind queue=q exchange=amq.direct routing_key=red
        <- 1 queue.bind-ok
        -> 1 basic.publish exchange=amq.direct routing_key=red body=red
        -> 1 basic.publish exchange=amq.direct routing_key=blue body=blue
        -> 1 basic.publish exchange=amq.direct routing_key=re mandatory body=none
        <- 1 basic.return reply_code=312 reply_text=NO_ROUTE exchange=amq.direct routing_key=re body=none
        -> 1 queue.purge queue=q
        <- 1 queue.purge-ok message_count=2
        -> 1 queue.purge queue=p
        <- 1 queue.purge-ok message_count=1
        -> 1 queue.unbind queue=q exchange=amq.direct routing_key=red
        <- 1 queue.unbind-ok
        -> 1 basic.publish exchange=amq.direct routing_key=red body=red
        -> 1 queue.purge queue=q
        <- 1 queue.purge-ok message_count=0
        -> 1 queue.purge queue=p
        <- 1 queue.purge-ok message_count=1
    "#]]);
}

#[test]
fn fanout() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.declare queue=p
        <- 1 queue.declare-ok queue=p message_count=0 consumer_count=0
        -> 1 queue.bind queue=q exchange=amq.fanout
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=p exchange=amq.fanout routing_key=ignored
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=p exchange=amq.fanout routing_key=too
        <- 1 queue.bind-ok
        -> 1 basic.publish exchange=amq.fanout routing_key=whatever body=m
        -> 1 queue.purge queue=q
        <- 1 queue.purge-ok message_count=1
        -> 1 queue.purge queue=p
        <- 1 queue.purge-ok message_count=1
    "#]]);
}

#[test]
fn topic() {
    check(expect![[r#"
        -> 1 queue.declare queue=sms
        <- 1 queue.declare-ok queue=sms message_count=0 consumer_count=0
        -> 1 queue.declare queue=all
        <- 1 queue.declare-ok queue=all message_count=0 consumer_count=0
        -> 1 queue.declare queue=last
        <- 1 queue.declare-ok queue=last message_count=0 consumer_count=0
        -> 1 queue.declare queue=deep
        <- 1 queue.declare-ok queue=deep message_count=0 consumer_count=0
        -> 1 queue.bind queue=sms exchange=amq.topic routing_key=app.notification.sms.*
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=all exchange=amq.topic routing_key=#
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=last exchange=amq.topic routing_key=*.*.c
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=deep exchange=amq.topic routing_key=a.#.z
        <- 1 queue.bind-ok
        # Two matching bindings of one queue deliver once.
        -> 1 queue.bind queue=deep exchange=amq.topic routing_key=a.b.#
        <- 1 queue.bind-ok
        -> 1 basic.publish exchange=amq.topic routing_key=app.notification.sms.sent
        -> 1 basic.publish exchange=amq.topic routing_key=app.notification.sms
        -> 1 basic.publish exchange=amq.topic routing_key=a.b.c
        -> 1 basic.publish exchange=amq.topic routing_key=a.z
        -> 1 basic.publish exchange=amq.topic routing_key=a.b.z
        -> 1 basic.publish exchange=amq.topic routing_key=..c
        -> 1 basic.publish exchange=amq.topic
        -> 1 queue.purge queue=sms
        <- 1 queue.purge-ok message_count=1
        -> 1 queue.purge queue=all
        <- 1 queue.purge-ok message_count=7
        -> 1 queue.purge queue=last
        <- 1 queue.purge-ok message_count=2
        -> 1 queue.purge queue=deep
        <- 1 queue.purge-ok message_count=3
    "#]]);
}

#[test]
fn headers() {
    check(expect![[r#"
        -> 1 queue.declare queue=all
        <- 1 queue.declare-ok queue=all message_count=0 consumer_count=0
        -> 1 queue.declare queue=any
        <- 1 queue.declare-ok queue=any message_count=0 consumer_count=0
        -> 1 queue.declare queue=there
        <- 1 queue.declare-ok queue=there message_count=0 consumer_count=0
        -> 1 queue.declare queue=x
        <- 1 queue.declare-ok queue=x message_count=0 consumer_count=0
        -> 1 queue.declare queue=none
        <- 1 queue.declare-ok queue=none message_count=0 consumer_count=0
        -> 1 queue.bind queue=all exchange=amq.headers arguments={a=1, b=two}
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=any exchange=amq.match arguments={x-match=any, a=1, b=two}
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=any exchange=amq.headers arguments={x-match=any, a=1, b=two}
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=there exchange=amq.headers arguments={x-match=all, a=void}
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=x exchange=amq.headers arguments={x-match=all-with-x, x-a=1}
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=x exchange=amq.headers arguments={x-match=any-with-x, x-b=1, c=3}
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=none exchange=amq.headers arguments={x-match=all, x-a=1}
        <- 1 queue.bind-ok
        -> 1 basic.publish exchange=amq.headers headers={a=1, b=two, c=4} body=both
        -> 1 queue.purge queue=all
        <- 1 queue.purge-ok message_count=1
        -> 1 queue.purge queue=any
        <- 1 queue.purge-ok message_count=1
        -> 1 queue.purge queue=there
        <- 1 queue.purge-ok message_count=1
        -> 1 queue.purge queue=x
        <- 1 queue.purge-ok message_count=0
        # A binding whose arguments are all ignored matches everything.
        -> 1 queue.purge queue=none
        <- 1 queue.purge-ok message_count=1
        -> 1 basic.publish exchange=amq.headers headers={a=other} body=there
        -> 1 queue.purge queue=all
        <- 1 queue.purge-ok message_count=0
        -> 1 queue.purge queue=any
        <- 1 queue.purge-ok message_count=0
        -> 1 queue.purge queue=there
        <- 1 queue.purge-ok message_count=1
        -> 1 basic.publish exchange=amq.headers headers={x-a=1}
        -> 1 basic.publish exchange=amq.headers headers={c=3}
        -> 1 queue.purge queue=x
        <- 1 queue.purge-ok message_count=2
        # No headers at all.
        -> 1 queue.purge queue=none
        <- 1 queue.purge-ok message_count=3
        -> 1 basic.publish exchange=amq.headers body=bare
        -> 1 queue.purge queue=all
        <- 1 queue.purge-ok message_count=0
        -> 1 queue.purge queue=none
        <- 1 queue.purge-ok message_count=1
    "#]]);
}

#[test]
fn binding_arguments_distinguish() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 exchange.declare exchange=x kind=direct
        <- 1 exchange.declare-ok
        -> 1 queue.bind queue=q exchange=x routing_key=k
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=q exchange=x routing_key=k arguments={a=1}
        <- 1 queue.bind-ok
        -> 1 queue.unbind queue=q exchange=x routing_key=k
        <- 1 queue.unbind-ok
        -> 1 basic.publish exchange=x routing_key=k mandatory body=once
        -> 1 queue.purge queue=q
        <- 1 queue.purge-ok message_count=1
        -> 1 queue.unbind queue=q exchange=x routing_key=k arguments={a=1}
        <- 1 queue.unbind-ok
        -> 1 basic.publish exchange=x routing_key=k mandatory body=never
        <- 1 basic.return reply_code=312 reply_text=NO_ROUTE exchange=x routing_key=k body=never
    "#]]);
}

#[test]
fn exchange_to_exchange() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 exchange.declare exchange=in kind=fanout
        <- 1 exchange.declare-ok
        -> 1 exchange.declare exchange=out kind=topic internal
        <- 1 exchange.declare-ok
        -> 1 exchange.bind destination=out source=in
        <- 1 exchange.bind-ok
        -> 1 queue.bind queue=q exchange=out routing_key=a.*
        <- 1 queue.bind-ok
        -> 1 basic.publish exchange=in routing_key=a.b mandatory body=through
        -> 1 basic.publish exchange=in routing_key=b.b mandatory body=not
        <- 1 basic.return reply_code=312 reply_text=NO_ROUTE exchange=in routing_key=b.b body=not
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=1 exchange=in routing_key=a.b message_count=0 body=through
        # Cycles end, and every queue gets one.
        -> 1 exchange.bind destination=in source=out routing_key=#
        <- 1 exchange.bind-ok
        -> 1 exchange.bind destination=in source=in
        <- 1 exchange.bind-ok
        -> 1 queue.bind queue=q exchange=in
        <- 1 queue.bind-ok
        -> 1 basic.publish exchange=in routing_key=a.b body=once
        -> 1 queue.purge queue=q
        <- 1 queue.purge-ok message_count=1
        -> 1 queue.unbind queue=q exchange=in
        <- 1 queue.unbind-ok
        -> 1 exchange.unbind destination=out source=in
        <- 1 exchange.unbind-ok
        -> 1 basic.publish exchange=in routing_key=a.b mandatory body=cut
        <- 1 basic.return reply_code=312 reply_text=NO_ROUTE exchange=in routing_key=a.b body=cut
    "#]]);
}

#[test]
fn deleting() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 exchange.declare exchange=x kind=fanout
        <- 1 exchange.declare-ok
        -> 1 exchange.delete exchange=x if_unused
        <- 1 exchange.delete-ok
        -> 1 exchange.declare exchange=x kind=direct
        <- 1 exchange.declare-ok
        -> 1 queue.bind queue=q exchange=x routing_key=k
        <- 1 queue.bind-ok
        -> 1 queue.unbind queue=q exchange=x routing_key=k
        <- 1 queue.unbind-ok
        -> 1 exchange.delete exchange=x if_unused
        <- 1 exchange.delete-ok
        -> 2 exchange.declare exchange=x passive
        <- 2 channel.close 404 NOT_FOUND - no exchange 'x' in vhost '/' (40,10)
        # Bindings go with their exchange, or with their queue.
        -> 1 exchange.declare exchange=x kind=fanout
        <- 1 exchange.declare-ok
        -> 1 queue.bind queue=q exchange=x
        <- 1 queue.bind-ok
        -> 1 exchange.delete exchange=x
        <- 1 exchange.delete-ok
        -> 1 exchange.declare exchange=x kind=fanout
        <- 1 exchange.declare-ok
        -> 1 basic.publish exchange=x mandatory body=unbound
        <- 1 basic.return reply_code=312 reply_text=NO_ROUTE exchange=x body=unbound
        -> 1 queue.bind queue=q exchange=x
        <- 1 queue.bind-ok
        -> 1 queue.delete queue=q
        <- 1 queue.delete-ok message_count=0
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish exchange=x mandatory body=unbound
        <- 1 basic.return reply_code=312 reply_text=NO_ROUTE exchange=x body=unbound
    "#]]);
}

#[test]
fn auto_delete() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        # It goes with its last binding; one that never had any stays.
        -> 1 exchange.declare exchange=x kind=fanout auto_delete
        <- 1 exchange.declare-ok
        -> 1 exchange.declare exchange=unused kind=fanout auto_delete
        <- 1 exchange.declare-ok
        -> 1 queue.bind queue=q exchange=x
        <- 1 queue.bind-ok
        -> 1 queue.bind queue=q exchange=x routing_key=second
        <- 1 queue.bind-ok
        -> 1 queue.unbind queue=q exchange=x
        <- 1 queue.unbind-ok
        -> 1 exchange.declare exchange=x passive
        <- 1 exchange.declare-ok
        -> 1 queue.unbind queue=q exchange=x routing_key=second
        <- 1 queue.unbind-ok
        -> 2 exchange.declare exchange=x passive
        <- 2 channel.close 404 NOT_FOUND - no exchange 'x' in vhost '/' (40,10)
        -> 1 exchange.declare exchange=unused passive
        <- 1 exchange.declare-ok
        # A chain of them goes at once.
        -> 1 exchange.declare exchange=a kind=fanout auto_delete
        <- 1 exchange.declare-ok
        -> 1 exchange.declare exchange=b kind=fanout auto_delete
        <- 1 exchange.declare-ok
        -> 1 exchange.bind destination=b source=a
        <- 1 exchange.bind-ok
        -> 1 queue.bind queue=q exchange=b
        <- 1 queue.bind-ok
        -> 1 queue.delete queue=q
        <- 1 queue.delete-ok message_count=0
        -> 3 exchange.declare exchange=a passive
        <- 3 channel.close 404 NOT_FOUND - no exchange 'a' in vhost '/' (40,10)
        -> 4 exchange.declare exchange=b passive
        <- 4 channel.close 404 NOT_FOUND - no exchange 'b' in vhost '/' (40,10)
    "#]]);
}

#[test]
fn deleting_a_destination() {
    check(expect![[r#"
        # The source of a binding is auto-deleted when its destination is deleted.
        -> 1 exchange.declare exchange=a kind=fanout auto_delete
        <- 1 exchange.declare-ok
        -> 1 exchange.declare exchange=b kind=fanout
        <- 1 exchange.declare-ok
        -> 1 exchange.bind destination=b source=a
        <- 1 exchange.bind-ok
        -> 1 exchange.delete exchange=b
        <- 1 exchange.delete-ok
        -> 2 exchange.declare exchange=a passive
        <- 2 channel.close 404 NOT_FOUND - no exchange 'a' in vhost '/' (40,10)
    "#]]);
}

/// With no-wait only errors are answered.
#[test]
fn no_wait() {
    check(expect![[r#"
        -> 1 exchange.declare exchange=x kind=fanout nowait
        -> 1 queue.declare queue=q nowait
        -> 1 queue.bind queue=q exchange=x nowait
        -> 1 exchange.bind destination=x source=amq.fanout nowait
        -> 1 basic.publish exchange=amq.fanout body=m
        -> 1 basic.consume queue=q consumer_tag=t nowait
        <- 1 basic.deliver consumer_tag=t delivery_tag=1 exchange=amq.fanout body=m
        -> 1 basic.cancel consumer_tag=t nowait
        -> 1 queue.purge queue=q nowait
        -> 1 exchange.unbind destination=x source=amq.fanout nowait
        -> 1 exchange.delete exchange=x nowait
        -> 1 queue.delete queue=q nowait
        -> 1 confirm.select nowait
        -> 1 queue.declare queue=q passive nowait
        <- 1 channel.close 404 NOT_FOUND - no queue 'q' in vhost '/' (50,10)
    "#]]);
}
