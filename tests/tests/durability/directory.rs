//! The data directory of the real server: who may have it, what is wrong with it, and what is done about that.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{
        BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions, QueuePurgeOptions,
    },
    types::FieldTable,
};
use warren_tests::{Server, warren};

const QUEUE: &str = "q";

/// A directory with 100 persistent messages, left by a server that was killed.
fn filled() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().to_str().expect("UTF-8").to_owned();
    let server = Server::start_with(&["--data", &data, "--log", "error"]);
    run(async move {
        let channel = open(server.amqp).await;
        for number in 0..100 {
            publish(&channel, format!("message {number}").as_bytes()).await;
        }
        // The last mark follows a hundredth of a second later.
        tokio::time::sleep(Duration::from_millis(100)).await;
    });
    (directory, data)
}

fn run<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(task)
}

async fn open(server: SocketAddr) -> Channel {
    let uri = format!("amqp://guest:guest@{server}/%2f");
    let connection = Connection::connect(&uri, ConnectionProperties::default()).await.expect("a connection");
    let channel = connection.create_channel().await.expect("a channel");
    channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(QUEUE.into(), durable, FieldTable::default()).await.expect("a queue");
    channel
}

async fn publish(channel: &Channel, body: &[u8]) {
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let options = BasicPublishOptions::default();
    let confirm = channel.basic_publish("".into(), QUEUE.into(), options, body, persistent).await;
    assert!(confirm.expect("sent").await.expect("confirmed").is_ack());
}

async fn count(channel: &Channel) -> u32 {
    let options = BasicGetOptions { no_ack: true };
    let mut count = 0;
    while channel.basic_get(QUEUE.into(), options).await.expect("an answer").is_some() {
        count += 1;
    }
    count
}

/// The segment with the messages in it.
fn segment(data: &str) -> PathBuf {
    let files = fs::read_dir(data).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut segments: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|e| e == "segment")).collect();
    segments.sort();
    segments.pop().expect("a segment")
}

#[test]
fn a_directory_has_one_server_at_a_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().to_str().expect("UTF-8");
    let server = Server::start_with(&["--data", data]);
    let ports = ["--amqp", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    let pid = server.pid().to_string();
    let second = warren(&[&["serve", "--data", data][..], &ports].concat());
    let check = warren(&["journal", "check", data]);
    let expected = "exit code 1\nwarren: the data directory DIR is in use by process PID; choose another with --data DIR\n";
    for answer in [second, check] {
        assert_eq!(answer.replace(&pid, "PID").replace(data, "DIR"), expected);
    }
}

#[test]
fn a_server_that_ends_in_order_leaves_a_journal_that_says_so() {
    let (_directory, data) = filled();
    let killed = warren(&["journal", "check", &data]);
    assert!(killed.contains("messages in queues               100\n"), "{killed}");
    assert!(killed.contains("The broker ended without a word, by a crash or a kill.\n"), "{killed}");
    Server::start_with(&["--data", &data]).stop();
    let stopped = warren(&["journal", "check", &data]);
    assert!(stopped.starts_with("exit code 0\n"), "{stopped}");
    assert!(stopped.ends_with("The broker ended in order.\nNothing is damaged.\n"), "{stopped}");
    let server = Server::start_with(&["--data", &data]);
    run(async {
        assert_eq!(count(&open(server.amqp).await).await, 100);
    });
}

#[test]
fn damage_is_refused_and_repair_saves_the_rest() {
    let (_directory, data) = filled();
    let file = segment(&data);
    let mut bytes = fs::read(&file).expect("the file");
    let at = bytes.windows(10).position(|window| window == b"message 50").expect("a message");
    bytes[at + 8] = b'6';
    fs::write(&file, &bytes).expect("writable");

    let ports = ["--amqp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--log", "error"];
    let refused = warren(&[&["serve", "--data", &data][..], &ports].concat()).replace(&data, "DIR");
    assert!(refused.starts_with("exit code 1\nwarren: the journal in DIR is damaged: "), "{refused}");
    assert!(refused.contains(".segment, byte "), "{refused}");
    assert!(
        refused.ends_with(": something that was safe is damaged; look with 'warren journal check DIR'\n"),
        "{refused}"
    );
    let checked = warren(&["journal", "check", &data]).replace(&data, "DIR");
    assert!(checked.starts_with("exit code 1\n"), "{checked}");
    assert!(
        checked.ends_with("; 'warren journal repair DIR --to DIR' saves what can be read\n"),
        "{checked}"
    );

    let place = tempfile::tempdir().expect("a directory");
    let to = place.path().join("repaired");
    let to = to.to_str().expect("UTF-8");
    let repaired = warren(&["journal", "repair", &data, "--to", to]);
    assert!(repaired.contains(" bytes from byte "), "{repaired}");
    assert!(repaired.ends_with("99 messages are left in queues.\n"), "{repaired}");
    assert_eq!(fs::read(&file).expect("the file"), bytes, "the files themselves stay as they are");
    let again = warren(&["journal", "repair", &data, "--to", to]);
    assert!(again.starts_with("exit code 2\n"), "{again}");
    let server = Server::start_with(&["--data", to, "--log", "error"]);
    run(async {
        assert_eq!(count(&open(server.amqp).await).await, 99);
    });
}

/// Of several segments the oldest, the newest, and one between is missing, each in turn.
#[test]
fn missing_files_are_noticed_and_repair_saves_the_others() {
    let directory = tempfile::tempdir().expect("a directory");
    let (config, data) = (directory.path().join("warren.toml"), directory.path().join("data"));
    fs::write(&config, "segment_size = \"64 KiB\"\n").expect("writable");
    let (config, data) = (config.to_str().expect("UTF-8"), data.to_str().expect("UTF-8"));
    let server = Server::start_with(&["--config", config, "--data", data, "--log", "error"]);
    run(async {
        let channel = open(server.amqp).await;
        for _ in 0..40 {
            publish(&channel, &[b'x'; 10_000]).await;
        }
    });
    drop(server);
    let files = fs::read_dir(data).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut segments: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|e| e == "segment")).collect();
    segments.sort();
    assert!(segments.len() > 4, "{segments:?}");
    for missing in [0, 2, segments.len() - 1] {
        let file = &segments[missing];
        let bytes = fs::read(file).expect("the file");
        fs::remove_file(file).expect("it can be removed");
        let name = file.file_name().and_then(|name| name.to_str()).expect("UTF-8");
        let checked = warren(&["journal", "check", data]);
        assert!(checked.starts_with("exit code 1\n"), "{checked}");
        assert!(checked.contains(&format!("{name}, byte 0: the file is missing")), "{checked}");
        let to = directory.path().join(format!("without-{missing}"));
        let to = to.to_str().expect("UTF-8");
        let repaired = warren(&["journal", "repair", data, "--to", to]);
        assert!(repaired.starts_with(&format!("exit code 0\n{name} is missing: ")), "{repaired}");
        let server = Server::start_with(&["--data", to, "--log", "error"]);
        let left = run(async { count(&open(server.amqp).await).await });
        assert!((30..40).contains(&left), "{left} without {name}");
        assert!(repaired.ends_with(&format!("{left} messages are left in queues.\n")), "{repaired}");
        fs::write(file, bytes).expect("writable");
    }
}

#[test]
fn another_version_of_the_format_is_named() {
    let (_directory, data) = filled();
    let file = segment(&data);
    let mut bytes = fs::read(&file).expect("the file");
    bytes[8] = 5;
    fs::write(&file, &bytes).expect("writable");
    let checked = warren(&["journal", "check", &data]);
    let expected =
        "byte 8: format version 5; this Warren reads versions 1 to 4: open it with the Warren that wrote it";
    assert!(checked.contains(expected), "{checked}");
}

#[test]
fn a_full_file_system_blocks_publishers_until_consumers_have_made_room() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path().to_str().expect("UTF-8");
    let config = directory.path().join("warren.toml");
    let data = directory.path().join("data");
    fs::create_dir(&data).expect("a directory");
    fs::write(&config, "segment_size = \"512 KiB\"\nmemory_budget = \"1 MiB\"\n").expect("writable");
    let (config, data) = (config.to_str().expect("UTF-8"), data.to_str().expect("UTF-8"));
    let server =
        Server::start_on_small_disk(data, 6, &["--config", config, "--data", data, "--log", "error"]);
    run(async {
        let (publisher, consumer) = (open(server.amqp).await, open(server.amqp).await);
        let body = vec![b'x'; 10_000];
        let mut confirmed = 0;
        let patience = Duration::from_secs(2);
        while tokio::time::timeout(patience, publish(&publisher, &body)).await.is_ok() {
            confirmed += 1;
            assert!(confirmed < 1000, "more than fits was confirmed");
        }
        assert!(confirmed > 300, "only {confirmed} messages filled {place}");
        // Consumers go on, and make room.
        let purged = consumer.queue_purge(QUEUE.into(), QueuePurgeOptions::default()).await.expect("purged");
        assert!(purged >= confirmed, "{confirmed} confirmed, {purged} purged");
        let fresh = open(server.amqp).await;
        let patience = Duration::from_secs(10);
        for _ in 0..100 {
            tokio::time::timeout(patience, publish(&fresh, &body)).await.expect("publishing goes on");
        }
    });
}

/// A limit of the file size stands for a disk that fails: the write is refused, and not for want of space.
#[test]
fn a_write_that_fails_ends_the_server_and_a_restart_finds_what_was_confirmed() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().to_str().expect("UTF-8");
    let server = Server::start_with_small_files(&["--data", data, "--log", "error"]);
    let confirmed = run(async {
        let channel = open(server.amqp).await;
        let body = vec![b'x'; 10_000];
        let mut confirmed = 0;
        let sent = async || {
            let persistent = BasicProperties::default().with_delivery_mode(2);
            let options = BasicPublishOptions::default();
            let confirm = channel.basic_publish("".into(), QUEUE.into(), options, &body, persistent).await;
            match confirm {
                Ok(confirm) => confirm.await.is_ok_and(|confirm| confirm.is_ack()),
                Err(_) => false,
            }
        };
        while sent().await {
            confirmed += 1;
        }
        confirmed
    });
    let said = server.wait();
    assert_eq!(said, "exit code 1\nwarren: the journal cannot be written: File too large (os error 27)\n");
    assert!(confirmed > 10, "{confirmed} confirmed");
    let server = Server::start_with(&["--data", data, "--log", "error"]);
    run(async {
        let found = count(&open(server.amqp).await).await;
        assert!(found >= confirmed, "{confirmed} confirmed, {found} found");
    });
}

#[test]
fn a_read_only_file_system_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().to_str().expect("UTF-8");
    let script = format!(
        "mount -t tmpfs tmpfs {data} && mount -o remount,ro {data} && exec \"$0\" serve --amqp 127.0.0.1:0 --http \
         127.0.0.1:0 --data {data}"
    );
    let output = std::process::Command::new("unshare")
        .args(["-rm", "sh", "-c", &script, warren_tests::program().to_str().expect("UTF-8")])
        .output()
        .expect("unshare is there");
    let said = String::from_utf8_lossy(&output.stderr).replace(data, "DIR");
    assert_eq!(
        said,
        "warren: cannot keep data in DIR: Read-only file system (os error 30); choose another directory with --data \
         DIR, or say --memory\n"
    );
}
