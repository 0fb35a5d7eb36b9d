//! A process that is stopped for a while, as a debugger, a suspended machine or a stalled disk does it.

use std::{
    io::{Read, Write},
    thread::sleep,
    time::Duration,
};

use crate::{
    amqp::{method_frame, open_with_heartbeat, read_frame},
    process::{Server, TempDirectory, TempFile},
};

const HEARTBEAT: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 0xCE];

#[test]
fn a_client_that_kept_sending_while_the_broker_was_stopped_is_kept() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    open_with_heartbeat(&mut client, 1);
    server.signal("-STOP");
    for _ in 0..10 {
        client.write_all(&HEARTBEAT).expect("sent");
        sleep(Duration::from_millis(500));
    }
    server.signal("-CONT");
    client.write_all(&method_frame(1, 20, 10, b"\0")).expect("sent");
    loop {
        match read_frame(&mut client).expect("the connection lasts") {
            (8, ..) => {}
            (_, channel, payload) => {
                assert_eq!((channel, &payload[..4]), (1, &[0, 20, 0, 11][..]), "channel.open-ok");
                break;
            }
        }
    }
}

#[test]
fn a_client_that_was_silent_meanwhile_is_given_up_soon_after() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    open_with_heartbeat(&mut client, 1);
    server.signal("-STOP");
    sleep(Duration::from_secs(3));
    server.signal("-CONT");
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).expect("an end");
    server.signal("-TERM");
    let (_, log) = server.wait();
    assert!(log.contains("client given up: missed heartbeats from the client"), "{log}");
}

#[test]
fn an_ack_that_came_while_the_broker_was_stopped_counts() {
    let file = TempFile::new("consumer-timeout", "consumer_timeout = \"2s\"\n");
    let server = Server::start(&["--config", file.path()]);
    let mut client = server.connect();
    open_with_heartbeat(&mut client, 0);
    client.write_all(&method_frame(1, 20, 10, b"\0")).expect("sent");
    client.write_all(&method_frame(1, 50, 10, b"\0\0\x02q1\0\0\0\0\0")).expect("sent");
    client.write_all(&method_frame(1, 60, 20, b"\0\0\x02q1\0\0\0\0\0\0")).expect("sent");
    client.write_all(&method_frame(1, 60, 40, b"\0\0\0\x02q1\0")).expect("sent");
    client.write_all(b"\x02\0\x01\0\0\0\x0e\0\x3c\0\0\0\0\0\0\0\0\0\0\0\0\xce").expect("sent");
    while !matches!(read_frame(&mut client).expect("a frame"), (2, ..)) {}
    server.signal("-STOP");
    client.write_all(&method_frame(1, 60, 80, b"\0\0\0\0\0\0\0\x01\0")).expect("sent");
    sleep(Duration::from_secs(4));
    server.signal("-CONT");
    sleep(Duration::from_millis(500));
    client.write_all(&method_frame(1, 20, 40, b"\0\xc8\0\0\0\0\0")).expect("sent");
    let (_, _, payload) = read_frame(&mut client).expect("the channel lasts");
    assert_eq!(payload[..4], [0, 20, 0, 41], "channel.close-ok");
}

#[test]
fn a_data_directory_that_is_removed_ends_the_broker_before_the_next_confirm() {
    let data = TempDirectory::new("removed");
    let server = Server::start_with(&["--data", data.path()]);
    let mut client = server.connect();
    open_with_heartbeat(&mut client, 0);
    crate::amqp::prepare_publisher(&mut client);
    crate::amqp::publish_and_wait(&mut client, 10).expect("a confirm");
    std::fs::remove_dir_all(&data.0).expect("removable");
    let error = crate::amqp::publish_and_wait(&mut client, 10).expect_err("no confirm");
    let (code, log) = server.wait();
    assert_eq!(code, Some(1), "{error}");
    assert!(log.contains("was removed or replaced while it was written to"), "{log}");
}
