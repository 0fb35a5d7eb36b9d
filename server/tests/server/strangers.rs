//! Clients that never log in: they cannot end the broker, fill it, or keep others out.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::{
    amqp::{expect_close, log_in, open_connection, open_greeted, prepare_publisher, publish_and_wait},
    process::{PATIENCE, Server, TempDirectory, TempFile},
};

const FILES: u32 = 128;

/// A broker with few files, whose journal begins a new one every few messages.
fn with_few_files(data: &TempDirectory) -> Server {
    let config = TempFile::new("few-files", "segment_size = \"64 KiB\"\n");
    Server::start_with_files(FILES, &["--data", data.path(), "--config", config.path()])
}

fn idle_connections(address: &str) -> Vec<TcpStream> {
    (0..FILES + 32).map(|_| TcpStream::connect(address).expect("the kernel takes it")).collect()
}

#[test]
fn idle_connections_take_neither_the_journals_files_nor_the_place_of_clients() {
    let data = TempDirectory::new("strangers");
    let server = with_few_files(&data);
    let idle = [idle_connections(&server.amqp), idle_connections(&server.http)];
    let mut client = server.connect();
    open_connection(&mut client);
    prepare_publisher(&mut client);
    for _ in 0..60 {
        publish_and_wait(&mut client, 4000).expect("a confirm");
    }
    assert!(server.get("/api/health").contains("\"ready\":60"));
    drop(idle);
    open_connection(&mut server.connect());
}

#[test]
fn clients_that_have_logged_in_may_stay_and_the_next_one_waits_for_a_place() {
    let data = TempDirectory::new("many-clients");
    let server = with_few_files(&data);
    // As many as there is place for: the warning about few files says how many that is.
    let mut clients: Vec<TcpStream> = Vec::new();
    loop {
        let mut client = server.connect();
        client.write_all(b"AMQP\x00\x00\x09\x01").expect("sent");
        client.set_read_timeout(Some(Duration::from_secs(1))).expect("a timeout");
        if client.peek(&mut [0]).is_err() {
            break;
        }
        client.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        open_greeted(&mut client);
        clients.push(client);
    }
    assert!((50..FILES as usize).contains(&clients.len()), "{}", clients.len());
    // HTTP has files of its own, and so has the journal.
    assert!(server.get("/api/health").contains(&format!("\"connections\":{}", clients.len())));
    prepare_publisher(&mut clients[0]);
    for _ in 0..60 {
        publish_and_wait(&mut clients[0], 4000).expect("a confirm");
    }
    // One more than there is place for was taken, because it might have been taken instead of a stranger.
    clients.truncate(clients.len() - 2);
    open_connection(&mut server.connect());
}

#[test]
fn a_refused_login_is_told_with_user_address_and_code_and_many_of_them_end_nothing() {
    let server = Server::start(&[]);
    let mut peer = String::new();
    for attempt in 0..120 {
        let mut stream = server.connect();
        if attempt == 0 {
            peer = stream.local_addr().expect("an address").to_string();
        }
        log_in(&mut stream, "eve", "wrong");
        assert!(expect_close(&mut stream).starts_with("403 ACCESS_REFUSED"));
    }
    open_connection(&mut server.connect());
    server.signal("-TERM");
    let (_, log) = server.wait();
    let told =
        log.lines().find(|line| line.contains("login refused: user 'eve'")).expect("the refused login");
    assert!(told.contains(&format!("peer={peer}")) && told.contains("code=403"), "{told}");
    assert!(log.contains("more like: PLAIN login refused: user 'eve'"), "{log}");
}

#[test]
fn http_takes_no_request_that_does_not_end_and_no_long_body() {
    let server = Server::start(&[]);
    let mut slow = TcpStream::connect(&server.http).expect("the port is open");
    slow.write_all(b"GET /api/health HTTP/1.1\r\nHost: warren\r\nX-Slow: ").expect("sent");
    let mut long = TcpStream::connect(&server.http).expect("the port is open");
    long.write_all(b"POST /api/health HTTP/1.1\r\nHost: warren\r\nContent-Length: 999999999\r\n\r\n")
        .expect("sent");
    let mut answer = [0; 12];
    long.read_exact(&mut answer).expect("an answer");
    assert_eq!(answer, *b"HTTP/1.1 413");
    // The end comes by itself, with an answer or without.
    let mut rest = Vec::new();
    slow.set_read_timeout(Some(2 * PATIENCE)).expect("a timeout");
    slow.read_to_end(&mut rest).expect("an end");
}
