//! Frames that make no sense, and what closes because of them (AMQP 0-9-1, section 4.2).

use expect_test::expect;
use warren_core::Config;

use crate::talk::{check, check_with};

#[test]
fn content_out_of_turn() {
    check(expect![[r#"
        -> a:1 basic.publish bare
        -> a:1 queue.declare queue=q
        <- 0 connection.close 505 UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead (60,40)
        -> b:1 header body_size=5
        <- b:0 connection.close 505 UNEXPECTED_FRAME - expected method frame, got non method frame instead (0,0)
        -> c:1 body text=hello
        <- c:0 connection.close 505 UNEXPECTED_FRAME - expected method frame, got non method frame instead (0,0)
        -> d:1 basic.publish bare
        -> d:1 body text=hello
        <- d:0 connection.close 505 UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead (60,40)
        -> e:1 basic.publish bare
        -> e:1 header body_size=5
        -> e:1 header body_size=5
        <- e:0 connection.close 505 UNEXPECTED_FRAME - expected content body, got non content body frame instead (60,40)
        -> f:1 basic.publish bare
        -> f:1 header body_size=5
        -> f:1 body text='too long'
        <- f:0 connection.close 501 FRAME_ERROR - content body frame exceeds remaining content size (60,40)
        -> g:1 basic.publish bare
        -> g:1 header class_id=50 body_size=5
        <- g:0 connection.close 505 UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead (60,40)
        -> h:0 body text=hello
        <- h:0 connection.close 505 UNEXPECTED_FRAME - type 3, all octets = <<"hello">> (0,0)
        -> i:0 header body_size=0
        <- i:0 connection.close 505 UNEXPECTED_FRAME - type 2, all octets = <<0,60,0,0,0,0,0,0,0,0,0,0,0,0>> (0,0)
    "#]]);
}

#[test]
fn a_body_in_pieces() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q bare
        -> 1 header body_size=11 content_type=text/plain
        -> 1 body text='hello '
        # Another channel is not held up.
        -> 2 basic.publish routing_key=q body=between
        -> 1 body text=world
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=1 body=between
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=2 routing_key=q message_count=0 content_type=text/plain body='hello world'
        # An empty body has no frame.
        -> 1 basic.publish routing_key=q
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=3 routing_key=q message_count=0 body=''
        # A large one has several.
        -> 1 basic.publish routing_key=q body=0123456789 times=20000
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=4 routing_key=q message_count=0 body=<200000 bytes in 2 frames>
    "#]]);
}

#[test]
fn unknown_and_broken() {
    check(expect![[r#"
        -> a:1 frame 09 01 02
        <- 0 connection.close 501 FRAME_ERROR - type 9, all octets = <<1,2>>: unknown_frame (0,0)
        -> b:0 frame 04
        <- b:0 connection.close 501 FRAME_ERROR - type 4, all octets = <<>>: unknown_frame (0,0)
        -> c:1 frame 01 00 32 00 63
        <- c:log: unknown method 99 of class 50
        <- c:closed
        -> d:1 frame 01 00 63 00 0a
        <- d:log: unknown method 10 of class 99
        <- d:closed
        -> e:1 frame 01 00
        <- e:0 connection.close 501 FRAME_ERROR - type 1, all octets = <<0>>: unknown_frame (0,0)
        -> f:1 frame 01 00 32 00 0a 00 00 05 'ab'
        <- f:0 connection.close 501 FRAME_ERROR - cannot decode <<0,0,5,97,98>> (50,10)
        -> g:1 frame 01 00 32 00 1e 00 00 01 ff 00
        <- g:0 connection.close 501 FRAME_ERROR - Malformed UTF-8 in shortstr (0,0)
        -> h:1 frame 08
        <- h:0 connection.close 505 UNEXPECTED_FRAME - type 8, all octets = <<>> (0,0)
        -> i:0 frame 08 01
        <- i:0 connection.close 501 FRAME_ERROR - type 8, all octets = <<1>>: unknown_frame (0,0)
        # An announced size that is too large is refused before it comes.
        -> k:0 bytes 03 00 01 7f ff ff ff
        <- k:0 connection.close 501 FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,2147483647,131064} (0,0)
        <- k:closed
    "#]]);
}

#[test]
fn bad_ends() {
    check(expect![[r#"
        -> a:0 bytes 08 00 00 00 00 00 00 cf
        <- 0 connection.close 501 FRAME_ERROR - type 8, all octets = <<>>: {invalid_frame_end_marker,207} (0,0)
        <- closed
        -> b:1 bytes 01 00 01 00 00 00 05 00 14 00 0a 00 00
        <- b:0 connection.close 501 FRAME_ERROR - type 1, all octets = <<0,20,0,10,0>>: {invalid_frame_end_marker,0} (0,0)
        <- b:closed
    "#]]);
}

/// Methods that a client has no business to send here.
#[test]
fn methods_of_brokers() {
    check(expect![[r#"
        -> a:1 queue.declare-ok queue=q
        <- 0 connection.close 503 COMMAND_INVALID - unimplemented method (50,11)
        -> b:1 connection.open virtual_host=/
        <- b:0 connection.close 503 COMMAND_INVALID - unimplemented method (10,40)
        -> c:0 channel.open
        <- c:0 connection.close 504 CHANNEL_ERROR - unexpected method in connection state running (20,10)
        -> d:0 connection.open virtual_host=/
        <- d:0 connection.close 504 CHANNEL_ERROR - unexpected method in connection state running (10,40)
    "#]]);
}

/// A message that is too large is refused when it has come whole; before that, nothing of it is kept.
#[test]
fn message_too_large() {
    check_with(
        Config { max_message_bytes: 10, ..Config::default() },
        expect![[r#"
            -> 1 basic.publish routing_key=q bare
            -> 1 header body_size=11
            -> 1 body text='too long'
            -> 1 body text=ish
            <- 1 channel.close 406 PRECONDITION_FAILED - message size 11 is larger than configured max size 10 (60,40)
            -> 2 basic.publish routing_key=q bare
            -> 2 header body_size=536870913
            <- 0 connection.close 501 FRAME_ERROR - content body size 536870913 exceeds maximum allowed size 536870912 (60,40)
        "#]],
    );
}

/// Methods and contents are put together whatever the channel's state.
#[test]
fn contents_that_nobody_wants() {
    check(expect![[r#"
        -> a:1 basic.publish immediate bare
        -> a:1 header body_size=2
        -> a:1 body text=ab
        <- 0 connection.close 540 NOT_IMPLEMENTED - immediate=true (60,40)
        -> b:1 basic.get queue=nope
        <- b:1 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (60,70)
        -> b:1 basic.publish routing_key=q body=ignored
        -> b:1 queue.declare queue=ignored
        -> b:1 channel.close-ok
        -> b:1 channel.open
        <- b:1 channel.open-ok
        -> b:1 queue.declare queue=ignored passive
        <- b:1 channel.close 404 NOT_FOUND - no queue 'ignored' in vhost '/' (50,10)
        -> c:1 basic.get queue=nope
        <- c:1 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (60,70)
        -> c:1 channel.open
        <- c:0 connection.close 504 CHANNEL_ERROR - second 'channel.open' seen (20,10)
        -> d:1 basic.get queue=nope
        <- d:1 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (60,70)
        -> d:1 header body_size=3
        <- d:0 connection.close 505 UNEXPECTED_FRAME - expected method frame, got non method frame instead (0,0)
        -> e:1 basic.get queue=nope
        <- e:1 channel.close 404 NOT_FOUND - no queue 'nope' in vhost '/' (60,70)
        -> e:1 channel.close
        <- e:1 channel.close-ok
        -> e:1 channel.close-ok
        -> e:1 channel.open
        <- e:1 channel.open-ok
        -> f:1 channel.close
        <- f:1 channel.close-ok
        -> f:1 basic.publish bare
        -> f:1 header body_size=0
        <- f:0 connection.close 504 CHANNEL_ERROR - expected 'channel.open' (60,40)
        -> g:1 channel.close
        <- g:1 channel.close-ok
        -> g:1 header body_size=0
        <- g:0 connection.close 505 UNEXPECTED_FRAME - expected method frame, got non method frame instead (0,0)
    "#]]);
}

/// What RabbitMQ stumbles over.
#[test]
fn contents_that_are_none() {
    check(expect![[r#"
        -> a:1 basic.publish bare
        -> a:1 frame 02 00 3c 00 01 00 00 00 00 00 00 00 00 00 00
        <- 0 connection.close 505 UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead (60,40)
        -> b:1 basic.publish bare
        -> b:1 frame 02 00 3c 00
        <- b:0 connection.close 501 FRAME_ERROR - type 2, all octets = <<0,60,0>>: unknown_frame (0,0)
        -> c:1 basic.publish bare
        -> c:1 frame 02 00 3c 00 00 00 00 00 00 00 00 00 00 80 00 05 'ab'
        <- c:0 connection.close 541 INTERNAL_ERROR (0,0)
        -> d:1 frame 01 00 32 00 0a 00 00 01 'q' 00 00 00 00 03 01 'kQ'
        <- d:log: unknown field type 'Q' in a table
        <- d:closed
        -> e:0 frame 01 00 0a 00 46 00
        <- e:0 connection.close 541 INTERNAL_ERROR (0,0)
    "#]]);
}

/// Short strings of properties and keys of tables are passed on as they are, text or not.
#[test]
fn properties_that_are_no_text() {
    check(expect![[r#"
        -> 1 queue.declare queue=q
        <- 1 queue.declare-ok queue=q message_count=0 consumer_count=0
        -> 1 basic.publish routing_key=q bare
        -> 1 frame 02 00 3c 00 00 00 00 00 00 00 00 00 00 a0 00 02 ff fe 00 00 00 07 01 ff 'I' 00 00 00 07
        -> 1 basic.get queue=q no_ack
        <- 1 basic.get-ok delivery_tag=1 routing_key=q message_count=0 content_type=�� headers='{"�": 7}' body=''
    "#]]);
}

#[test]
fn channels_not_open() {
    check(expect![[r#"
        by-hand
        -> 0 login
        -> 0 connection.tune-ok channel_max=2047 frame_max=131072
        -> 0 connection.open virtual_host=/
        <- 0 connection.open-ok
        -> 1 channel.open
        <- 1 channel.open-ok
        -> 1 channel.close reply_code=200
        <- 1 channel.close-ok
        -> 1 queue.declare queue=q
        <- 0 connection.close 504 CHANNEL_ERROR - expected 'channel.open' (50,10)
    "#]]);
}
