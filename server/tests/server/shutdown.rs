//! Signals.

use std::io::Read;

use crate::{
    amqp::{expect_method, open_connection, send_method},
    process::Server,
};

#[test]
fn sigterm_without_clients_exits_0() {
    let server = Server::start(&[]);
    server.signal("-TERM");
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn sigterm_tells_every_client_320_and_exits_0_when_they_have_left() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    open_connection(&mut stream);
    server.signal("-TERM");
    let close = expect_method(&mut stream, 10, 50);
    assert_eq!(close[..2], 320_u16.to_be_bytes());
    assert!(String::from_utf8_lossy(&close).contains("CONNECTION_FORCED"));
    send_method(&mut stream, 10, 51, b"");
    assert_eq!(stream.read(&mut [0]).expect("an end"), 0);
    drop(stream);
    let (code, log) = server.wait();
    assert_eq!(code, Some(0));
    assert!(log.contains("every connection is closed"), "{log}");
}

#[test]
fn a_second_signal_does_not_wait_for_a_client_that_is_silent() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    open_connection(&mut stream);
    server.signal("-TERM");
    expect_method(&mut stream, 10, 50);
    server.signal("-INT");
    let (code, log) = server.wait();
    assert_eq!(code, Some(0));
    assert!(log.contains("not waiting for clients"), "{log}");
}
