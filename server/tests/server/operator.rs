//! What an operator says and hears: entries of the configuration file that come and go, passwords, and the log.

use std::{fs, io::Write, net::TcpStream, path::Path};

use warren_core::checksum;

use crate::{
    amqp::{log_in, method_frame, open_connection, read_frame, send_method},
    process::{PATIENCE, Server, TempDirectory, TempFile},
};

/// A user who may do everything on a virtual host.
fn user(name: &str, secret: &str, vhost: &str) -> String {
    format!(
        "[[users]]\nname = \"{name}\"\n{secret}\n[[permissions]]\nuser = \"{name}\"\nvhost = \"{vhost}\"\n\
         configure = \".*\"\nwrite = \".*\"\nread = \".*\"\n"
    )
}

fn start(data: &TempDirectory, config: &str) -> Server {
    let file = TempFile::new(&format!("operator-{}", data.0.file_name().expect("a name").display()), config);
    Server::start_with(&["--data", data.path(), "--config", file.path()])
}

fn stop(server: Server) -> String {
    server.signal("-TERM");
    let (code, log) = server.wait();
    assert_eq!(code, Some(0), "{log}");
    log
}

/// Opens the virtual host, or says why not.
fn open(server: &Server, name: &str, password: &str, vhost: &str) -> Result<TcpStream, String> {
    let mut stream = server.connect();
    log_in(&mut stream, name, password);
    let (_, _, answer) = read_frame(&mut stream).expect("an answer");
    if answer[..4] != [0, 10, 0, 30] {
        return Err(String::from_utf8_lossy(&answer[7..]).into_owned());
    }
    let tune = [&answer[4..10], &[0, 0]].concat();
    send_method(&mut stream, 10, 31, &tune);
    let length = u8::try_from(vhost.len()).expect("short");
    send_method(&mut stream, 10, 40, &[&[length], vhost.as_bytes(), &[0, 0]].concat());
    let (_, _, answer) = read_frame(&mut stream).expect("an answer");
    match answer[..4] {
        [0, 10, 0, 41] => Ok(stream),
        _ => Err(String::from_utf8_lossy(&answer[7..]).into_owned()),
    }
}

/// Declares the durable queue q1 on channel 1 and says how many messages it has; publishes so many more before.
fn fill(stream: &mut TcpStream, messages: usize) -> u32 {
    stream.write_all(&method_frame(1, 20, 10, b"\0")).expect("sent");
    let declare = method_frame(1, 50, 10, b"\0\0\x02q1\x02\0\0\0\0");
    stream.write_all(&declare).expect("sent");
    for _ in 0..messages {
        stream.write_all(&method_frame(1, 60, 40, b"\0\0\0\x02q1\0")).expect("sent");
        // No body; delivery-mode 2.
        stream.write_all(b"\x02\0\x01\0\0\0\x0f\0\x3c\0\0\0\0\0\0\0\0\0\0\x10\0\x02\xce").expect("sent");
    }
    stream.write_all(&declare).expect("sent");
    let [_, _, (_, _, answer)] = [(); 3].map(|()| read_frame(stream).expect("an answer"));
    u32::from_be_bytes([answer[7], answer[8], answer[9], answer[10]])
}

/// Whether a file of the directory has these bytes somewhere.
fn holds(directory: &Path, text: &str) -> bool {
    let files = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut contents = files.map(|file| fs::read(file).expect("readable"));
    contents.any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[test]
fn what_is_taken_out_of_the_file_is_gone_after_the_restart() {
    let data = TempDirectory::new("taken-out");
    let policy = "[[policies]]\nname = \"short\"\npattern = \"^q\"\ndefinition = { max-length = 5 }\n";
    let topics = "[[topic_permissions]]\nuser = \"ann\"\nvhost = \"/\"\nexchange = \"amq.topic\"\nwrite = \"^a\"\nread = \"^a\"\n";
    let limits = "[[vhosts]]\nname = \"/\"\nmax_queues = 1\n";
    let ann = user("ann", "password = \"secret of ann\"", "/");
    let bob = user("bob", "password = \"secret of bob\"", "/");
    let server = start(&data, &[&ann, &bob, policy, topics, limits].concat());
    assert_eq!(fill(&mut open(&server, "bob", "secret of bob", "/").expect("welcome"), 20), 5);
    stop(server);

    let server = start(&data, &ann);
    let refused = open(&server, "bob", "secret of bob", "/").expect_err("bob is not in the file");
    assert!(refused.contains("ACCESS_REFUSED"), "{refused}");
    let mut stream = open(&server, "ann", "secret of ann", "/").expect("welcome");
    assert_eq!(fill(&mut stream, 20), 25, "no policy holds any more");
    let log = stop(server);
    for told in ["user 'bob' is deleted", "policy 'short' on virtual host '/' is cleared"] {
        assert!(log.contains(&format!("changed: {told}")), "{log}");
    }
    assert!(log.contains("may use all topics with exchange 'amq.topic'"), "{log}");
    assert!(log.contains("'/' may have any number of connections and any number of queues"), "{log}");
}

#[test]
fn a_vhost_that_is_taken_out_is_closed_and_keeps_its_queues_until_it_is_deleted_on_purpose() {
    let data = TempDirectory::new("closed-vhost");
    let ann = user("ann", "password = \"x\"", "/");
    let with_app = format!(
        "{ann}{}[[vhosts]]\nname = \"/\"\n[[vhosts]]\nname = \"app\"\n",
        user("app", "password = \"x\"", "app")
    );
    let server = start(&data, &with_app);
    assert_eq!(fill(&mut open(&server, "app", "x", "app").expect("welcome"), 3), 3);
    stop(server);

    for _ in 0..2 {
        let server = start(&data, &ann);
        let refused = open(&server, "ann", "x", "app").expect_err("closed");
        assert!(refused.contains("access to vhost 'app' refused for user 'ann': it is closed"), "{refused}");
        assert!(server.get("/api/health").contains("\"closed_vhosts\":1"));
        let log = stop(server);
        let told =
            log.lines().find(|line| line.contains("virtual host 'app' is not in the configuration any more"));
        assert!(told.is_some_and(|line| line.contains("queues=1 messages=3")), "{log}");
    }

    let server = start(&data, &with_app);
    assert_eq!(fill(&mut open(&server, "app", "x", "app").expect("it is open again"), 0), 3);
    stop(server);

    stop(start(&data, &format!("delete_vhosts = [\"app\"]\n{ann}")));
    let server = start(&data, &with_app);
    assert_eq!(fill(&mut open(&server, "app", "x", "app").expect("a new one"), 0), 0);
}

#[test]
fn passwords_are_hashed_with_another_salt_each_and_hashes_are_taken_as_they_are() {
    let data = TempDirectory::new("hashed");
    // RabbitMQ's own example: the password is test12.
    let hash = "password_hash = \"kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR\"";
    let config = [
        user("ann", "password = \"one secret\"", "/"),
        user("eve", "password = \"one secret\"", "/"),
        user("rob", hash, "/"),
    ];
    for _ in 0..2 {
        let server = start(&data, &config.concat());
        for (name, password) in [("ann", "one secret"), ("eve", "one secret"), ("rob", "test12")] {
            open(&server, name, password, "/").expect("welcome");
            open(&server, name, "another", "/").expect_err("wrong");
        }
        assert!(!holds(&data.0, "one secret"));
        let log = stop(server);
        assert!(!log.contains("user 'ann' is set"), "the same password is no change: {log}");
    }
    let journal = fs::read(data.0.join("00000001.segment"))
        .or_else(|_| fs::read(data.0.join("00000002.segment")))
        .expect("a segment");
    let hash_of = |name: &str| {
        let entry = [&[14, name.len() as u8][..], name.as_bytes(), &[36]].concat();
        let at = journal.windows(entry.len()).position(|window| window == entry).expect("the user");
        journal[at + entry.len()..][..36].to_vec()
    };
    assert_ne!(hash_of("ann"), hash_of("eve"));
}

/// A journal as the first version wrote it: a snapshot with a user and a virtual host.
fn old_journal(password: &str) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8][..], text.as_bytes()].concat();
    let changes = [
        [&[1, 1][..], &text("/")].concat(),
        [&[1, 1][..], &text("app")].concat(),
        [&[1, 4][..], &text("ann"), &text(password), &[0, 0, 0, 0]].concat(),
        [&[1, 4][..], &text("bob"), &text(password), &[0, 0, 0, 0]].concat(),
        [&[1, 6][..], &text("ann"), &text("/"), &text(".*"), &text(".*"), &text(".*")].concat(),
    ];
    let content = [&[2, changes.len() as u8][..], &changes.concat()].concat();
    let length = u32::try_from(content.len()).expect("short").to_le_bytes();
    let sum = checksum::of(&[&length[..], &content].concat()).to_le_bytes();
    let mut segment = b"WarrenJ\n\x01\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
    segment.extend(checksum::of(&segment).to_le_bytes());
    [segment, length.to_vec(), sum.to_vec(), content].concat()
}

#[test]
fn passwords_in_clear_text_are_gone_from_the_journal_of_an_earlier_version() {
    let data = TempDirectory::new("clear");
    fs::create_dir_all(&data.0).expect("writable");
    fs::write(data.0.join("00000001.segment"), old_journal("in clear text")).expect("writable");
    assert!(holds(&data.0, "in clear text"));
    let server = start(&data, &user("ann", "password = \"in clear text\"", "/"));
    assert!(!holds(&data.0, "in clear text"), "though the broker still runs");
    open(&server, "ann", "in clear text", "/").expect("welcome");
    // What an old journal says counts as the file's, and the file does not name bob.
    open(&server, "bob", "in clear text", "/").expect_err("gone");
    let log = stop(server);
    assert!(log.contains("removed passwords in clear text"), "{log}");
    assert!(log.contains("virtual host 'app' is not in the configuration any more"), "{log}");
}

#[test]
fn logins_refused_operations_and_alarms_are_told() {
    let file = TempFile::new("told", "memory_limit = \"1 MiB\"\n");
    let server = Server::start(&["--config", file.path()]);
    let mut stream = server.connect();
    let peer = stream.local_addr().expect("an address");
    open_connection(&mut stream);
    stream.write_all(&method_frame(1, 20, 10, b"\0")).expect("sent");
    // queue.declare, passive, of a queue that is not there.
    stream.write_all(&method_frame(1, 50, 10, b"\0\0\x05no\x1bne\x01\0\0\0\0")).expect("sent");
    let [_, (_, _, close)] = [(); 2].map(|()| read_frame(&mut stream).expect("an answer"));
    assert_eq!(close[..4], [0, 20, 0, 40]);

    let mut publisher = server.connect();
    open_connection(&mut publisher);
    publisher.write_all(&method_frame(1, 20, 10, b"\0")).expect("sent");
    publisher.write_all(&method_frame(1, 50, 10, b"\0\0\x02q1\0\0\0\0\0")).expect("sent");
    for _ in 0..40 {
        let mut message = method_frame(1, 60, 40, b"\0\0\0\x02q1\0");
        message.extend_from_slice(
            b"\x02\0\x01\0\0\0\x0e\0\x3c\0\0\0\0\0\0\0\0\x75\x30\0\0\xce\x03\0\x01\0\0\x75\x30",
        );
        message.extend(vec![0; 30_000]);
        message.push(0xCE);
        publisher.write_all(&message).expect("taken");
    }
    let health = || server.get("/api/health");
    let wait_for = |what: &str| {
        let give_up_at = std::time::Instant::now() + PATIENCE;
        while !health().contains(what) {
            assert!(std::time::Instant::now() < give_up_at, "{}", health());
        }
    };
    wait_for("\"status\":\"degraded\",\"reasons\":[\"messages take more memory than the memory limit\"]");
    stream.write_all(&method_frame(2, 20, 10, b"\0")).expect("sent");
    stream.write_all(&method_frame(2, 50, 30, b"\0\0\x02q1\0")).expect("sent");
    wait_for("\"status\":\"ok\"");
    server.signal("-KILL");
    let (_, log) = server.wait();
    let logged_in = format!("client logged in connection=1 peer={peer} user=\"guest\" vhost=\"/\"");
    let refused = format!(
        r#"refused: NOT_FOUND - no queue 'no\u{{1b}}ne' in vhost '/' connection=1 channel=1 peer={peer} user="guest" vhost="/" code=404"#
    );
    for told in
        [&logged_in, &refused, "publishers are paused: messages take more memory", "the alarm is over"]
    {
        assert!(log.contains(told), "{told} is not in\n{log}");
    }
}

#[test]
fn a_refused_vhost_is_told() {
    let server = Server::start(&[]);
    let refused = open(&server, "guest", "guest", "nowhere").expect_err("there is none");
    assert!(refused.contains("vhost nowhere not found"), "{refused}");
    server.signal("-TERM");
    let (_, log) = server.wait();
    assert!(log.contains("vhost nowhere not found") && log.contains("user=\"guest\" code=530"), "{log}");
}
