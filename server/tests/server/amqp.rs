//! Just enough of a client, byte by byte, to be connected; and what the listener itself promises.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::process::{Server, TempFile};

const HEADER: &[u8] = b"AMQP\x00\x00\x09\x01";

/// Answers connection.start, tune and open as guest, so that `stream` is an open connection.
pub(crate) fn open_connection(stream: &mut TcpStream) {
    open_with_heartbeat(stream, 0);
}

pub(crate) fn open_with_heartbeat(stream: &mut TcpStream, heartbeat_s: u16) {
    stream.write_all(HEADER).expect("sent");
    open_from_start(stream, heartbeat_s);
}

/// Goes on where the protocol header has been sent.
pub(crate) fn open_greeted(stream: &mut TcpStream) {
    open_from_start(stream, 0);
}

fn open_from_start(stream: &mut TcpStream, heartbeat_s: u16) {
    start_ok(stream, "guest", "guest");
    let mut tune = expect_method(stream, 10, 30);
    tune[6..].copy_from_slice(&heartbeat_s.to_be_bytes());
    send_method(stream, 10, 31, &tune);
    send_method(stream, 10, 40, b"\x01/\x00\x00");
    expect_method(stream, 10, 41);
}

/// Sends the protocol header and connection.start-ok of a client that wants to hear why it is refused.
pub(crate) fn log_in(stream: &mut TcpStream, user: &str, password: &str) {
    stream.write_all(HEADER).expect("sent");
    start_ok(stream, user, password);
}

fn start_ok(stream: &mut TcpStream, user: &str, password: &str) {
    expect_method(stream, 10, 10);
    let properties = b"\x0ccapabilitiesF\0\0\0\x1f\x1cauthentication_failure_closet\x01";
    let response = format!("\0{user}\0{password}");
    let mut arguments = long(properties);
    arguments.extend_from_slice(b"\x05PLAIN");
    arguments.extend(long(response.as_bytes()));
    arguments.extend_from_slice(b"\x05en_US");
    send_method(stream, 10, 11, &arguments);
}

/// Reads frames of channel 0 until connection.close comes, and returns code and text.
pub(crate) fn expect_close(stream: &mut TcpStream) -> String {
    let close = expect_method(stream, 10, 50);
    let code = u16::from_be_bytes([close[0], close[1]]);
    let text = String::from_utf8_lossy(&close[3..3 + usize::from(close[2])]).into_owned();
    format!("{code} {text}")
}

/// Reads one frame: its kind, its channel and what it holds.
pub(crate) fn read_frame(stream: &mut TcpStream) -> std::io::Result<(u8, u8, Vec<u8>)> {
    let mut header = [0; 7];
    stream.read_exact(&mut header)?;
    let size = u32::from_be_bytes([header[3], header[4], header[5], header[6]]);
    let mut payload = vec![0; size as usize + 1];
    stream.read_exact(&mut payload)?;
    assert_eq!(payload.pop(), Some(0xCE), "frame end");
    Ok((header[0], header[2], payload))
}

/// Opens channel 1, declares the durable queue q there and turns on confirms.
pub(crate) fn prepare_publisher(stream: &mut TcpStream) {
    stream.write_all(&method_frame(1, 20, 10, b"\0")).expect("sent");
    stream.write_all(&method_frame(1, 50, 10, b"\0\0\x01q\x02\0\0\0\0")).expect("sent");
    stream.write_all(&method_frame(1, 85, 10, b"\0")).expect("sent");
    for (class, method) in [(20, 11), (50, 11), (85, 11)] {
        let (_, channel, payload) = read_frame(stream).expect("an answer");
        assert_eq!((channel, &payload[..4]), (1, &[0, class, 0, method][..]));
    }
}

/// Publishes a persistent message of so many bytes to q and waits for its confirm.
pub(crate) fn publish_and_wait(stream: &mut TcpStream, bytes: u16) -> std::io::Result<()> {
    let mut message = method_frame(1, 60, 40, b"\0\0\0\x01q\0");
    message.extend_from_slice(b"\x02\0\x01\0\0\0\x0f\0\x3c\0\0\0\0\0\0\0\0");
    message.extend_from_slice(&bytes.to_be_bytes());
    message.extend_from_slice(b"\x10\0\x02\xce\x03\0\x01\0\0");
    message.extend_from_slice(&bytes.to_be_bytes());
    message.extend(vec![0; bytes.into()]);
    message.push(0xCE);
    stream.write_all(&message)?;
    let (_, _, payload) = read_frame(stream)?;
    match payload[..4] {
        [0, 60, 0, 80] => Ok(()),
        _ => Err(std::io::Error::other(format!("{payload:?}"))),
    }
}

/// Bytes behind their number.
fn long(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("short");
    [&length.to_be_bytes()[..], bytes].concat()
}

/// Reads frames of channel 0 until the method comes, and returns its arguments.
pub(crate) fn expect_method(stream: &mut TcpStream, class: u8, method: u8) -> Vec<u8> {
    loop {
        let mut header = [0; 7];
        stream.read_exact(&mut header).expect("a frame");
        let size = u32::from_be_bytes([header[3], header[4], header[5], header[6]]);
        let mut payload = vec![0; size as usize + 1];
        stream.read_exact(&mut payload).expect("a whole frame");
        assert_eq!(payload.pop(), Some(0xCE), "frame end");
        if header[0] == 1 {
            assert_eq!(payload[..4], [0, class, 0, method], "class and method");
            return payload.split_off(4);
        }
    }
}

pub(crate) fn send_method(stream: &mut TcpStream, class: u8, method: u8, arguments: &[u8]) {
    stream.write_all(&method_frame(0, class, method, arguments)).expect("sent");
}

pub(crate) fn method_frame(channel: u8, class: u8, method: u8, arguments: &[u8]) -> Vec<u8> {
    let size = u32::try_from(arguments.len() + 4).expect("a small frame");
    let mut frame = vec![1, 0, channel];
    frame.extend_from_slice(&size.to_be_bytes());
    frame.extend_from_slice(&[0, class, 0, method]);
    frame.extend_from_slice(arguments);
    frame.push(0xCE);
    frame
}

#[test]
fn a_wrong_protocol_header_is_answered_and_then_the_stream_ends() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    // More than one read takes: unread bytes must not turn the close into a reset that takes the answer away.
    stream.write_all(&b"GET / HTTP/1.1\r\n".repeat(64 << 10)).expect("taken");
    stream.shutdown(std::net::Shutdown::Write).expect("an end of the request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an end, not a reset");
    assert_eq!(answer.len(), 8);
    assert_eq!(answer[..4], *b"AMQP");
}

#[test]
fn a_connection_shows_in_the_totals_and_goes() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    open_connection(&mut stream);
    assert!(server.get("/api/health").contains("\"connections\":1"));
    send_method(&mut stream, 10, 50, b"\x00\xc8\x03bye\x00\x00\x00\x00");
    expect_method(&mut stream, 10, 51);
    assert!(server.get("/api/health").contains("\"connections\":0"));
    // The client is left to close the stream, unless it says that it has heard the end.
    send_method(&mut stream, 10, 51, b"");
    assert_eq!(stream.read(&mut [0]).expect("an end"), 0);
}

#[test]
fn a_client_that_asks_and_never_reads_is_held_back_and_delays_nobody() {
    let server = Server::start(&[]);
    let mut deaf = server.connect();
    open_connection(&mut deaf);
    deaf.write_all(&method_frame(1, 20, 10, b"\x00")).expect("sent");
    deaf.set_write_timeout(Some(Duration::from_millis(500))).expect("a timeout");
    // queue.declare with a long name: as many bytes come back as go out.
    let ask = method_frame(1, 50, 10, &[&[0, 0, 250][..], &[b'q'; 250], &[0; 5]].concat());
    let asks = ask.repeat(256);
    let sent = (0..1024).take_while(|_| deaf.write_all(&asks).is_ok()).count() * asks.len();
    assert!(sent < 64 << 20, "held back: {sent} bytes were taken");

    let mut other = server.connect();
    open_connection(&mut other);
}

#[test]
fn the_clock_runs_so_an_idle_client_hears_heartbeats() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    open_with_heartbeat(&mut stream, 1);
    let mut frame = [0; 8];
    stream.read_exact(&mut frame).expect("a frame");
    assert_eq!(frame, [8, 0, 0, 0, 0, 0, 0, 0xCE]);
}

#[test]
fn publishers_wait_while_the_queues_hold_more_than_the_memory_limit() {
    let file = TempFile::new("memory", "memory_limit = \"1 MiB\"\n");
    let server = Server::start(&["--config", file.path()]);
    let mut publisher = server.connect();
    open_connection(&mut publisher);
    publisher.write_all(&method_frame(1, 20, 10, b"\x00")).expect("sent");
    publisher.write_all(&method_frame(1, 50, 10, b"\0\0\x01q\0\0\0\0\0")).expect("sent");
    publisher.set_write_timeout(Some(Duration::from_millis(500))).expect("a timeout");

    // basic.publish to q, a header that announces 60,000 bytes, and the bytes.
    let body = [0; 60_000];
    let mut message = method_frame(1, 60, 40, b"\0\0\0\x01q\0");
    message.extend_from_slice(b"\x02\0\x01\0\0\0\x0e\0\x3c\0\0\0\0\0\0\0\0\xea\x60\0\0\xce");
    message.extend_from_slice(b"\x03\0\x01\0\0\xea\x60");
    message.extend_from_slice(&body);
    message.push(0xCE);
    let stream = message.repeat(1024);
    let mut sent = 0;
    while let Ok(taken) = publisher.write(&stream[sent..]) {
        sent += taken;
        assert!(sent < stream.len() / 2, "not held back");
    }

    // Whoever drains the queue lets the publisher go on.
    let mut other = server.connect();
    open_connection(&mut other);
    other.write_all(&method_frame(1, 20, 10, b"\x00")).expect("sent");
    other.write_all(&method_frame(1, 60, 20, b"\0\0\x01q\0\x02\0\0\0\0")).expect("sent");
    let rest = &stream[sent..];
    let mut drained = vec![0; stream.len()];
    std::thread::scope(|scope| {
        scope.spawn(|| publisher.write_all(rest));
        other.read_exact(&mut drained).expect("deliveries go on");
    });
}
