//! The log: what becomes of the broker when nobody takes it, and of a log when somebody wants to fill or forge it.

use std::{
    fs::OpenOptions,
    io::{Read, Write},
    net::TcpListener,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    amqp::{expect_method, open_connection, send_method},
    process::{PATIENCE, Server},
};

/// Connects and leaves so often, which makes two lines of the log each time.
fn come_and_go(server: &Server, times: usize) {
    for _ in 0..times {
        drop(server.connect());
    }
}

fn serves(server: &Server) {
    open_connection(&mut server.connect());
}

fn health(server: &Server) -> serde_json::Value {
    let answer = server.get("/api/health");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn a_log_on_a_full_disk_stops_nothing_and_what_is_missing_is_counted() {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let server = Server::start_logging_to(&["--memory"], full.into());
    come_and_go(&server, 5);
    serves(&server);
    let give_up_at = Instant::now() + PATIENCE;
    while health(&server)["log_lines_dropped"].as_u64().expect("a count") < 5 {
        assert!(Instant::now() < give_up_at, "the lines were not counted");
        sleep(Duration::from_millis(10));
    }
    server.signal("-TERM");
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn a_log_whose_reader_is_gone_stops_nothing() {
    let mut server = Server::start(&[]);
    drop(server.take_stderr());
    come_and_go(&server, 5);
    serves(&server);
    server.signal("-TERM");
    assert_eq!(server.wait().0, Some(0));
}

/// A pipe takes 64 KiB, which a few hundred lines are: those of one kind are limited, so there have to be several kinds.
#[test]
fn a_log_that_nobody_reads_holds_nobody_up() {
    let (unread, stderr) = std::io::pipe().expect("a pipe");
    let mut filled = stderr.try_clone().expect("another end");
    std::thread::spawn(move || filled.write_all(&[b'\n'; 1 << 20]));
    sleep(Duration::from_millis(100));
    let server = Server::start_logging_to(&["--memory"], stderr.into());
    come_and_go(&server, 30);
    serves(&server);
    server.signal("-TERM");
    assert_eq!(server.wait().0, Some(0));
    drop(unread);
}

#[test]
fn a_startup_line_that_cannot_be_written_stops_nothing() {
    let port = || TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
    let (amqp, http) = (port(), port());
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let mut broker = Command::new(env!("CARGO_BIN_EXE_warren"))
        .args(["serve", "--memory", "--amqp", &amqp.to_string(), "--http", &http.to_string()])
        .stdout(full)
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let give_up_at = Instant::now() + PATIENCE;
    let client = loop {
        match std::net::TcpStream::connect(amqp) {
            Err(_) if Instant::now() < give_up_at => sleep(Duration::from_millis(10)),
            client => break client,
        }
    };
    let opened = client.map(|mut stream| open_connection(&mut stream)).is_ok();
    let ended = broker.try_wait().expect("a process");
    broker.kill().expect("a process");
    broker.wait().expect("a process");
    assert!(opened && ended.is_none(), "opened: {opened}, ended: {ended:?}");
}

#[test]
fn records_of_one_kind_are_limited_and_counted() {
    let server = Server::start(&[]);
    come_and_go(&server, 400);
    serves(&server);
    // The rest is told within a second, or at the end.
    server.signal("-TERM");
    let (_, log) = server.wait();
    let seconds = 1 + log.lines().filter(|line| line.contains("more like: client connected")).count();
    let connected = log.lines().filter(|line| line.contains("INFO client connected")).count();
    assert!((20..=20 * seconds + 20).contains(&connected), "{connected} lines in {seconds} s");
    let told =
        log.lines().find(|line| line.contains("more like: client connected")).expect("the rest is told");
    assert!(told.contains("… and "), "{told}");
}

#[test]
fn a_name_cannot_forge_a_line_or_reach_the_terminal() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    stream.write_all(b"AMQP\x00\x00\x09\x01").expect("sent");
    expect_method(&mut stream, 10, 10);
    let response = b"\0eve\n2026-01-01T00:00:00Z INFO all is well\r\x1b[2J\0wrong";
    let mut arguments = b"\0\0\0\0\x05PLAIN".to_vec();
    arguments.extend_from_slice(&u32::try_from(response.len()).expect("short").to_be_bytes());
    arguments.extend_from_slice(response);
    arguments.extend_from_slice(b"\x05en_US");
    send_method(&mut stream, 10, 11, &arguments);
    // Without the capability to hear why, the stream is closed after a while: it is not waited for.
    stream.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    let _ = stream.read(&mut [0]);
    server.signal("-TERM");
    let (_, log) = server.wait();
    let line = log.lines().find(|line| line.contains("eve")).expect("the refused login is told");
    assert!(line.contains(r"eve\n2026-01-01T00:00:00Z INFO all is well\r\u{1b}[2J"), "{line}");
    assert!(!log.lines().any(|line| line.starts_with("2026-01-01")), "{log}");
}

#[test]
fn the_end_of_the_terminal_does_not_end_the_broker() {
    let server = Server::start(&[]);
    server.signal("-HUP");
    serves(&server);
    server.signal("-TERM");
    let (code, log) = server.wait();
    assert_eq!(code, Some(0));
    assert!(log.contains("SIGHUP changes nothing"), "{log}");
}
