//! Publishing: properties, mandatory returns, and publisher confirms.

use expect_test::expect;

use crate::talk::check;

#[test]
fn properties_pass_through() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q content_type=text/plain delivery_mode=2 priority=3 correlation_id=c reply_to=r message_id=m timestamp=1700000000 app_id=a headers={n=1, l=long:5000000000, t=text, yes=true, nothing=void, list=[1, two], inner={deep=3}} body=hello
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=0 content_type=text/plain headers='{"n": 1, "l": 5000000000, "t": text, "yes": true, "nothing": undefined, "list": [1, two], "inner": {"deep": 3}}' delivery_mode=2 priority=3 correlation_id=c reply_to=r message_id=m timestamp=1700000000 app_id=a body=hello
    "#]]);
}

#[test]
fn returns_come_before_confirms() {
    check(expect![[r#"
        -> 1 confirm.select
        <- 1 confirm.select-ok
        -> 1 basic.publish exchange=amq.fanout routing_key=k mandatory message_id=m body=back
        <- 1 basic.return reply_code=312 reply_text=NO_ROUTE exchange=amq.fanout routing_key=k message_id=m body=back
        <- 1 basic.ack delivery_tag=1
        -> 1 basic.publish exchange=amq.fanout routing_key=k body=dropped
        <- 1 basic.ack delivery_tag=2
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q mandatory body=kept
        <- 1 basic.ack delivery_tag=3
        # Selected twice it goes on counting.
        -> 1 confirm.select
        <- 1 confirm.select-ok
        -> 1 basic.publish routing_key=q body=kept
        <- 1 basic.ack delivery_tag=4
        # Each channel counts for itself.
        -> 2 confirm.select
        <- 2 confirm.select-ok
        -> 2 basic.publish routing_key=q body=kept
        <- 2 basic.ack delivery_tag=1
        -> 3 basic.publish routing_key=q body=unconfirmed
    "#]]);
}

#[test]
fn confirms_count_from_select() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q body=before
        -> 1 confirm.select
        <- 1 confirm.select-ok
        -> 1 basic.publish routing_key=q body=after
        <- 1 basic.ack delivery_tag=1
    "#]]);
}

#[test]
fn a_missing_exchange_in_confirm_mode() {
    check(expect![[r#"
        -> 1 confirm.select
        <- 1 confirm.select-ok
        -> 1 basic.publish exchange=nope routing_key=k body=m
        <- 1 channel.close 404 NOT_FOUND - no exchange 'nope' in vhost '/' (60,40)
    "#]]);
}

#[test]
fn mandatory_through_a_bound_exchange() {
    check(expect![[r#"
        -> 1 exchange.declare exchange=x kind=fanout
        <- 1 exchange.declare-ok
        -> 1 exchange.bind destination=x source=amq.fanout
        <- 1 exchange.bind-ok
        -> 1 basic.publish exchange=amq.fanout mandatory body=back
        <- 1 basic.return reply_code=312 reply_text=NO_ROUTE exchange=amq.fanout body=back
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 queue.bind queue=q exchange=x
        <- 1 queue.bind-ok
        -> 1 basic.publish exchange=amq.fanout mandatory body=kept
    "#]]);
}
