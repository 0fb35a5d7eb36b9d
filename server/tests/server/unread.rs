//! Clients that do not read what is sent to them, though their heartbeats come.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread::{current, sleep, spawn},
    time::{Duration, Instant},
};

use crate::{
    amqp::{method_frame, open_connection, open_with_heartbeat, read_frame},
    process::{Server, TempFile},
};

const HEARTBEAT: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 0xCE];

/// More than the broker and the system put between themselves and a client.
const MESSAGES: usize = 500;

#[test]
fn a_client_that_reads_nothing_is_cut_off_though_its_heartbeats_come() {
    let (server, mut reader) = start_with_deliveries("2s");
    let begun = Instant::now();
    while reader.write_all(&HEARTBEAT).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is still connected");
        sleep(Duration::from_millis(200));
    }
    assert!(server.get("/api/health").contains("\"connections\":1"));
    let address = reader.local_addr().expect("an address").to_string();
    server.signal("-TERM");
    let (_, log) = server.wait();
    let line = log.lines().find(|line| line.contains("client cut off")).unwrap_or_else(|| panic!("{log}"));
    let bytes = line.split("bytes=").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok());
    assert!(line.contains(&address) && line.contains("guest"), "{line}");
    assert!(bytes.is_some_and(|bytes| bytes > 0), "{line}");
    assert!(line.contains("read nothing for 2 s"), "{line}");
}

#[test]
fn a_client_that_reads_a_little_is_kept() {
    let (_server, mut reader) = start_with_deliveries("2s");
    let (begun, mut some) = (Instant::now(), vec![0; 512 << 10]);
    while begun.elapsed() < Duration::from_secs(6) {
        reader.write_all(&HEARTBEAT).expect("connected");
        reader.read_exact(&mut some).expect("connected");
        sleep(Duration::from_millis(250));
    }
}

#[test]
fn a_timeout_of_0_is_none() {
    let (_server, mut reader) = start_with_deliveries("0s");
    for _ in 0..15 {
        reader.write_all(&HEARTBEAT).expect("connected");
        sleep(Duration::from_millis(200));
    }
}

/// A server with this time limit, and a client that more is sent to than fits on the way. It has to send heartbeats.
fn start_with_deliveries(send_timeout: &str) -> (Server, TcpStream) {
    let name = format!("send-timeout-{:?}", current().id());
    let file = TempFile::new(&name, &format!("send_timeout = \"{send_timeout}\"\n"));
    let server = Server::start(&["--config", file.path()]);
    let mut reader = server.connect();
    open_with_heartbeat(&mut reader, 2);
    reader.write_all(&method_frame(1, 20, 10, b"\0")).expect("sent");
    reader.write_all(&method_frame(1, 50, 10, b"\0\0\x01q\0\0\0\0\0")).expect("sent");
    // Deliveries need no acks.
    reader.write_all(&method_frame(1, 60, 20, b"\0\0\x01q\0\x02\0\0\0\0")).expect("sent");
    for _ in 0..3 {
        read_frame(&mut reader).expect("an answer");
    }
    let mut publisher = server.connect();
    open_connection(&mut publisher);
    // The client may be slow already while this goes on.
    spawn(move || publish(publisher));
    (server, reader)
}

/// Publishes to q, and stays.
fn publish(mut publisher: TcpStream) {
    publisher.write_all(&method_frame(1, 20, 10, b"\0")).expect("sent");
    let mut message = method_frame(1, 60, 40, b"\0\0\0\x01q\0");
    message.extend_from_slice(b"\x02\0\x01\0\0\0\x0e\0\x3c\0\0\0\0\0\0\0\0\xea\x60\0\0\xce");
    message.extend_from_slice(b"\x03\0\x01\0\0\xea\x60");
    message.extend_from_slice(&[0; 60_000]);
    message.push(0xCE);
    // The test may end before.
    let _ = publisher.write_all(&message.repeat(MESSAGES));
    std::mem::forget(publisher);
}
