//! From the protocol header to connection.open-ok, and how it can fail (AMQP 0-9-1, section 2.2.4).

use expect_test::expect;
use warren_core::Config;

use crate::talk::{check, check_with};

#[test]
fn opens() {
    check(expect![[r#"
        by-hand
        -> 0 bytes 'AMQP' 00 00 09 01
        <- 0 connection.start version_major=0 version_minor=9 server_properties={"capabilities": {"publisher_confirms": true, "exchange_exchange_bindings": true, "basic.nack": true, "consumer_cancel_notify": true, "connection.blocked": true, "consumer_priorities": true, "authentication_failure_close": true, "per_consumer_qos": true, "direct_reply_to": true}, "product": Warren, "version": 0.1.0, "platform": Rust, "information": An AMQP broker that you can see, stop, crash and rewind} mechanisms='PLAIN AMQPLAIN' locales=en_US
        -> 0 connection.start-ok mechanism=PLAIN response=\0guest\0guest locale=en_US
        <- 0 connection.tune channel_max=2047 frame_max=131072 heartbeat=60
        -> 0 connection.tune-ok channel_max=2047 frame_max=131072 heartbeat=60
        -> 0 connection.open virtual_host=/
        <- 0 connection.open-ok
        -> 1 channel.open
        <- 1 channel.open-ok
        -> 0 connection.update-secret new_secret=s reason=rotation
        <- 0 connection.update-secret-ok
        -> 1 channel.close reply_code=200
        <- 1 channel.close-ok
        -> 0 connection.close reply_code=200
        <- 0 connection.close-ok
        <- closed
    "#]]);
}

/// Every header that is not served is answered with one that is, as RabbitMQ without its AMQP 1.0 does; the log says what
/// to do about it.
#[test]
fn wrong_headers() {
    check(expect![[r#"
        by-hand
        -> a: bytes 'AMQP' 00 00 09 00
        <- log: the client speaks an unknown AMQP (0 0 9 0); Warren serves AMQP 0-9-1, 0-9 and 0-8
        <- AMQP 0 0 9 1
        <- closed
        -> b: bytes 'AMQP' 01 01 00 08
        <- b:log: the client speaks an unknown AMQP (1 1 0 8); Warren serves AMQP 0-9-1, 0-9 and 0-8
        <- b:AMQP 0 0 9 1
        <- b:closed
        -> c: bytes 'AMQP' 01 01 00 0a
        <- c:log: the client speaks AMQP 0-10; Warren serves AMQP 0-9-1, 0-9 and 0-8: configure the client for 0-9-1, or use one that has it
        <- c:AMQP 0 0 9 1
        <- c:closed
        -> d: bytes 'GET' 20 2f 20 'HTT'
        <- d:log: the client speaks HTTP; the page and the HTTP API have a port of their own
        <- d:AMQP 0 0 9 1
        <- d:closed
        -> e: bytes 'AMQP' 03 01 00 00
        <- e:log: the client speaks AMQP 1.0; Warren serves AMQP 0-9-1, 0-9 and 0-8: use a client for AMQP 0-9-1, which RabbitMQ's own are
        <- e:AMQP 0 0 9 1
        <- e:closed
        -> g: bytes 16 03 01 02 00 01 00 01
        <- g:log: the client speaks TLS, and this port does not
        <- g:AMQP 0 0 9 1
        <- g:closed
        -> h: bytes 'hello!!' 00
        <- h:log: the client does not speak AMQP; Warren serves AMQP 0-9-1, 0-9 and 0-8
        <- h:AMQP 0 0 9 1
        <- h:closed
        # Half a header is none yet.
        -> f: bytes 'AMQP' 00
        -> f: bytes 00 09 01
        <- f:0 connection.start version_major=0 version_minor=9 server_properties={"capabilities": {"publisher_confirms": true, "exchange_exchange_bindings": true, "basic.nack": true, "consumer_cancel_notify": true, "connection.blocked": true, "consumer_priorities": true, "authentication_failure_close": true, "per_consumer_qos": true, "direct_reply_to": true}, "product": Warren, "version": 0.1.0, "platform": Rust, "information": An AMQP broker that you can see, stop, crash and rewind} mechanisms='PLAIN AMQPLAIN' locales=en_US
    "#]]);
}

/// The header of AMQP 0-9 is as good as that of 0-9-1.
#[test]
fn amqp_0_9() {
    check(expect![[r#"
        by-hand
        -> 0 bytes 'AMQP' 01 01 00 09
        <- 0 connection.start version_major=0 version_minor=9 server_properties={"capabilities": {"publisher_confirms": true, "exchange_exchange_bindings": true, "basic.nack": true, "consumer_cancel_notify": true, "connection.blocked": true, "consumer_priorities": true, "authentication_failure_close": true, "per_consumer_qos": true, "direct_reply_to": true}, "product": Warren, "version": 0.1.0, "platform": Rust, "information": An AMQP broker that you can see, stop, crash and rewind} mechanisms='PLAIN AMQPLAIN' locales=en_US
    "#]]);
}

/// AMQP 0-8 as RabbitMQ 3 serves it.
#[test]
fn amqp_0_8() {
    check(expect![[r#"
        by-hand
        -> 0 bytes 'AMQP' 01 01 08 00
        <- 0 connection.start version_major=8 version_minor=0 server_properties={"capabilities": {}, "product": Warren, "version": 0.1.0, "platform": Rust, "information": An AMQP broker that you can see, stop, crash and rewind} mechanisms='PLAIN AMQPLAIN' locales=en_US
        -> 0 connection.start-ok mechanism=AMQPLAIN response=\x05LOGINS\0\0\0\x05guest\x08PASSWORDS\0\0\0\x05guest locale=en_US
        <- 0 connection.tune channel_max=2047 frame_max=131072 heartbeat=60
        -> 0 connection.tune-ok channel_max=2047 frame_max=4096
        -> 0 connection.open virtual_host=/
        <- 0 connection.open-ok
        -> 1 channel.open
        <- 1 channel.open-ok
        -> 1 access.request realm=/data active write read
        <- 1 access.request-ok ticket=1
        -> 1 queue.declare queue=q ticket=1
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.consume queue=q consumer_tag=t no_ack
        <- 1 basic.consume-ok consumer_tag=t
        -> 1 basic.publish routing_key=q body=hello content_type=text/plain
        <- 1 basic.deliver consumer_tag=t delivery_tag=1 routing_key=q content_type=text/plain body=hello
        -> 1 basic.recover-async requeue
        -> 1 basic.get queue=nope
        <- 1 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (60,70)
        -> 1 channel.close-ok
        -> 0 connection.close reply_code=200
        <- 0 connection.close-ok
        <- closed
        # The other header of the time, and what 0-8 does not have.
        -> b:0 bytes 'AMQP' 01 01 09 01
        <- b:0 connection.start version_major=8 version_minor=0 server_properties={"capabilities": {}, "product": Warren, "version": 0.1.0, "platform": Rust, "information": An AMQP broker that you can see, stop, crash and rewind} mechanisms='PLAIN AMQPLAIN' locales=en_US
        -> b:0 connection.start-ok mechanism=PLAIN response=\0guest\0guest locale=en_US
        <- b:0 connection.tune channel_max=2047 frame_max=131072 heartbeat=60
        -> b:0 connection.tune-ok channel_max=2047 frame_max=131072
        -> b:0 connection.open virtual_host=/
        <- b:0 connection.open-ok
        -> b:1 channel.open
        <- b:1 channel.open-ok
        -> b:1 channel.open
        <- b:0 connection.close 504 CHANNEL_ERROR - second 'channel.open' seen (20,10)
        -> b:0 connection.close-ok
        <- b:closed
        -> c:0 bytes 'AMQP' 01 01 08 00
        <- c:0 connection.start version_major=8 version_minor=0 server_properties={"capabilities": {}, "product": Warren, "version": 0.1.0, "platform": Rust, "information": An AMQP broker that you can see, stop, crash and rewind} mechanisms='PLAIN AMQPLAIN' locales=en_US
        -> c:0 connection.start-ok mechanism=PLAIN response=\0guest\0guest locale=en_US
        <- c:0 connection.tune channel_max=2047 frame_max=131072 heartbeat=60
        -> c:0 connection.tune-ok channel_max=2047 frame_max=131072
        -> c:0 connection.open virtual_host=/
        <- c:0 connection.open-ok
        -> c:1 channel.open
        <- c:1 channel.open-ok
        -> c:1 confirm.select
        <- c:log: unknown method 10 of class 85
        <- c:closed
    "#]]);
}

#[test]
fn amqplain() {
    check(expect![[r#"
        by-hand
        -> 0 greet
        -> 0 connection.start-ok mechanism=AMQPLAIN response=\x05LOGINS\0\0\0\x05guest\x08PASSWORDS\0\0\0\x05guest
        <- 0 connection.tune channel_max=2047 frame_max=131072 heartbeat=60
    "#]]);
}

#[test]
fn wrong_password() {
    check(expect![[r#"
        by-hand
        # A client that understands authentication_failure_close is told.
        -> a:0 greet
        -> a:0 connection.start-ok mechanism=PLAIN response=\0guest\0wrong client_properties={capabilities={authentication_failure_close=true}}
        <- log: PLAIN login refused: user 'guest' - invalid credentials
        <- 0 connection.close 403 ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile. (0,0)
        # Any other one finds the stream closed.
        -> b:0 greet
        -> b:0 connection.start-ok mechanism=PLAIN response=\0guest\0wrong
        <- b:log: PLAIN login refused: user 'guest' - invalid credentials
        <- b:closed
        -> c:0 greet
        -> c:0 connection.start-ok mechanism=EXTERNAL
        <- c:log: unknown authentication mechanism 'EXTERNAL'
        <- c:closed
        -> d:0 greet
        -> d:0 connection.start-ok mechanism=PLAIN response=guest client_properties={capabilities={authentication_failure_close=true}}
        <- d:log: response does not have the form of mechanism PLAIN
        <- d:closed
        # guest may come from the same machine only.
        -> remote:0 greet
        -> remote:0 connection.start-ok mechanism=PLAIN response=\0guest\0guest client_properties={capabilities={authentication_failure_close=true}}
        <- remote:log: PLAIN login refused: user 'guest' can only connect via localhost
        <- remote:0 connection.close 403 ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile. (0,0)
    "#]]);
}

#[test]
fn unknown_vhost() {
    check(expect![[r#"
        by-hand
        -> 0 login
        -> 0 connection.tune-ok channel_max=2047 frame_max=131072
        -> 0 connection.open virtual_host=nope
        <- log: vhost nope not found
        <- 0 connection.close 530 NOT_ALLOWED - vhost nope not found (10,40)
    "#]]);
}

#[test]
fn tune_limits() {
    check(expect![[r#"
        by-hand
        -> a:0 login
        -> a:0 connection.tune-ok channel_max=2047 frame_max=131073
        <- log: negotiated frame_max = 131073 is higher than the maximum allowed value (131072)
        <- 0 connection.close 530 NOT_ALLOWED - negotiated frame_max = 131073 is higher than the maximum allowed value (131072) (10,30)
        -> b:0 login
        -> b:0 connection.tune-ok channel_max=2047 frame_max=4095
        <- b:log: negotiated frame_max = 4095 is lower than the minimum allowed value (8192)
        <- b:0 connection.close 530 NOT_ALLOWED - negotiated frame_max = 4095 is lower than the minimum allowed value (8192) (10,30)
        -> c:0 login
        -> c:0 connection.tune-ok channel_max=2048 frame_max=131072
        <- c:log: negotiated channel_max = 2048 is higher than the maximum allowed value (2047)
        <- c:0 connection.close 530 NOT_ALLOWED - negotiated channel_max = 2048 is higher than the maximum allowed value (2047) (10,30)
        -> d:0 login
        -> d:0 connection.tune-ok channel_max=0 frame_max=131072
        <- d:log: negotiated channel_max = 0 is higher than the maximum allowed value (2047)
        <- d:0 connection.close 530 NOT_ALLOWED - negotiated channel_max = 0 is higher than the maximum allowed value (2047) (10,30)
    "#]]);
}

#[test]
fn lower_limits_hold() {
    check(expect![[r#"
        by-hand
        -> 0 login
        -> 0 connection.tune-ok channel_max=1 frame_max=8192
        -> 0 connection.open virtual_host=/
        <- 0 connection.open-ok
        -> 1 channel.open
        <- 1 channel.open-ok
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        # Bodies to this client come in frames of its size.
        -> 1 basic.publish routing_key=q bare
        -> 1 header body_size=12000
        -> 1 body times=8000 text=x
        -> 1 body times=4000 text=y
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=0 body=<12000 bytes in 2 frames>
        -> 2 channel.open
        <- 0 connection.close 530 NOT_ALLOWED - number of channels opened (1) has reached the negotiated channel_max (1) (0,0)
    "#]]);
}

#[test]
fn frame_above_the_limit() {
    check(expect![[r#"
        by-hand
        -> 0 login
        -> 0 connection.tune-ok channel_max=1 frame_max=8192
        -> 0 connection.open virtual_host=/
        <- 0 connection.open-ok
        -> 1 channel.open
        <- 1 channel.open-ok
        -> 1 basic.publish bare
        -> 1 header body_size=12000
        -> 1 body times=9000 text=x
        <- 0 connection.close 501 FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,9000,8184} (0,0)
        <- closed
    "#]]);
}

/// Zero is no limit, where the broker has none either.
#[test]
fn no_limits() {
    check_with(
        Config { channel_max: 0, frame_max: 0, ..Config::default() },
        expect![[r#"
            by-hand
            -> 0 login
            -> 0 connection.tune-ok
            -> 0 connection.open virtual_host=/
            <- 0 connection.open-ok
            -> 1 channel.open
            <- 1 channel.open-ok
        "#]],
    );
}

#[test]
fn out_of_order() {
    check(expect![[r#"
        by-hand
        -> a:0 greet
        -> a:0 connection.open virtual_host=/
        <- log: unexpected method in connection state starting
        <- closed
        -> b:0 greet
        -> b:1 channel.open
        <- b:log: type 1, all octets = <<0,20,0,10,0>>
        <- b:closed
        -> c:0 greet
        -> c:0 heartbeat
        -> d:0 greet
        -> d:0 frame 01 00 0a
        <- d:log: type 1, all octets = <<0,10>>: unknown_frame
        <- d:closed
    "#]]);
}

/// A handshake has ten seconds in all.
#[test]
fn too_slow() {
    check(expect![[r#"
        by-hand
        -> a: bytes 'AM'
        -> b:0 greet
        wait 5s
        -> b:0 connection.start-ok mechanism=PLAIN response=\0guest\0guest locale=en_US
        <- b:0 connection.tune channel_max=2047 frame_max=131072 heartbeat=60
        wait 4s
        wait 2s
        <- closed  (at 10.000)
        <- b:closed  (at 10.000)
    "#]]);
}

#[test]
fn shutting_down() {
    check(expect![[r#"
        by-hand
        -> a:0 greet
        shutdown maintenance
        <- closed
        -> b: bytes 'AMQP'
        <- b:closed
    "#]]);
}
