//! How long a start takes: a million queued messages of 100 bytes, beside a plain read of the same files.

#![expect(clippy::expect_used, reason = "a bench that cannot go on says why")]

use std::{fs, hint::black_box, path::Path};

use warren_core::{
    Broker, Config, ConnectionId, Input, Instant, Now, Output, Peer, Recovery, SegmentId, WallTime,
    wire::{ContentHeader, FieldTable, Method, PROTOCOL_HEADER, Properties, encode_body},
};
use warren_sim::Disk;

const MESSAGES: u32 = 1_000_000;

fn main() {
    let directory = tempfile::tempdir().expect("a directory");
    fill(directory.path());
    DIRECTORY.set(directory.path().to_owned()).expect("once");
    divan::main();
}

static DIRECTORY: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();

/// Reads every byte, and does nothing with it.
#[divan::bench(sample_count = 10)]
fn plain_read() -> u64 {
    let files = segments();
    files.iter().map(|(segment, _)| black_box(read(*segment)).len() as u64).sum()
}

/// Reads every byte, checks it, and knows where every message is.
#[divan::bench(sample_count = 10)]
fn recovery() -> u64 {
    let mut recovery = Recovery::new(now(), segments());
    let mut open: Option<(SegmentId, Vec<u8>)> = None;
    while let Some(wanted) = recovery.wants() {
        let (_, bytes) = match open.take().filter(|(segment, _)| *segment == wanted.segment) {
            Some(open) => open,
            None => (wanted.segment, read(wanted.segment)),
        };
        let start = wanted.offset as usize;
        recovery.read(&bytes[start..start + wanted.bytes as usize]);
        open = Some((wanted.segment, bytes));
    }
    let recovered = recovery.finish().expect("a journal without damage");
    assert_eq!(recovered.report.left, u64::from(MESSAGES));
    recovered.report.left
}

fn segments() -> Vec<(SegmentId, u64)> {
    let entries = fs::read_dir(directory()).expect("a directory").map(|entry| entry.expect("an entry"));
    let file = |entry: fs::DirEntry| {
        let segment = SegmentId::of_file_name(entry.file_name().to_str()?)?;
        Some((segment, entry.metadata().ok()?.len()))
    };
    entries.filter_map(file).collect()
}

fn read(segment: SegmentId) -> Vec<u8> {
    fs::read(directory().join(segment.file_name())).expect("a file")
}

fn directory() -> &'static Path {
    DIRECTORY.get().expect("it is filled")
}

fn now() -> Now {
    Now { instant: Instant::ZERO, wall: WallTime::from_millis(0) }
}

/// A journal with a queue of messages.
fn fill(directory: &Path) {
    let mut disk = Disk::default();
    let recovered = disk.recover(now()).expect("an empty disk");
    let mut broker = Broker::from_journal(Config::default(), recovered, now());
    let connection = ConnectionId(1);
    let peer = Peer { address: "bench".into(), loopback: true };
    broker.handle(now(), Input::Accepted { connection, peer });
    broker.handle(now(), Input::Bytes { connection, bytes: &hello() });
    let publish = publish().repeat(1000);
    for _ in 0..MESSAGES / 1000 {
        broker.handle(now(), Input::Bytes { connection, bytes: &publish });
        drain(&mut broker, &mut disk);
    }
    // What nobody waits for is written after a while.
    let later = Now { instant: Instant::from_micros(1_000_000), ..now() };
    broker.handle(later, Input::Tick);
    drain(&mut broker, &mut disk);
    disk.save(|segment, bytes| fs::write(directory.join(segment.file_name()), bytes).expect("writable"));
}

fn drain(broker: &mut Broker, disk: &mut Disk) {
    while let Some(output) = broker.poll_output() {
        if let Output::Disk { op, action } = output {
            let result = disk.carry_out(&action);
            broker.handle(now(), Input::Disk { op, result });
        }
    }
}

fn hello() -> Vec<u8> {
    let mut bytes = PROTOCOL_HEADER.to_vec();
    let client_properties = FieldTable::default();
    let response = b"\0guest\0guest";
    Method::ConnectionStartOk { client_properties, mechanism: "PLAIN", response, locale: "en_US" }
        .encode(0, &mut bytes);
    Method::ConnectionTuneOk { channel_max: 10, frame_max: 131_072, heartbeat: 0 }.encode(0, &mut bytes);
    Method::ConnectionOpen { virtual_host: "/", capabilities: "", insist: false }.encode(0, &mut bytes);
    Method::ChannelOpen { out_of_band: "" }.encode(1, &mut bytes);
    Method::QueueDeclare {
        ticket: 0,
        queue: "q",
        passive: false,
        durable: true,
        exclusive: false,
        auto_delete: false,
        nowait: true,
        arguments: FieldTable::default(),
    }
    .encode(1, &mut bytes);
    bytes
}

fn publish() -> Vec<u8> {
    let mut bytes = Vec::new();
    Method::BasicPublish { ticket: 0, exchange: "", routing_key: "q", mandatory: false, immediate: false }
        .encode(1, &mut bytes);
    let properties = Properties { delivery_mode: Some(2), ..Properties::default() }.to_bytes();
    ContentHeader { class_id: 60, body_size: 100, properties: &properties }.encode(1, &mut bytes);
    encode_body(1, 131_072, &[b'x'; 100], &mut bytes);
    bytes
}
