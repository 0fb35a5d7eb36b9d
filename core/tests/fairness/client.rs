//! Clients of one broker, and what each input costs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use warren_core::{
    Broker, Command, Config, ConnectionId, DiskAction, DiskResult, Input, Instant, Now, Output, Peer,
    Recovery,
    view::Totals,
    wire::{
        ContentHeader, FieldTable, FieldValue, FrameReader, Method, PROTOCOL_HEADER, Properties, encode_body,
    },
};

use crate::memory::{Memory, watch};

/// What a server reads at once, in bytes.
const READ_BYTES: usize = 64 << 10;

pub(crate) struct Rig {
    pub(crate) broker: Broker,
    now: Instant,
    /// What each client was sent and has not looked at.
    heard: BTreeMap<ConnectionId, Vec<u8>>,
    /// What the broker wants of its disk, and has no answer to.
    disk: VecDeque<u64>,
    /// Bytes that it has been given.
    pub(crate) written: u64,
    /// Clients that nothing is to be read from.
    paused: BTreeSet<ConnectionId>,
    /// The most operations that one input has led to.
    pub(crate) most: u64,
    /// The most that one input has asked of the memory.
    pub(crate) memory: Memory,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Rig::of(Broker::new(Config { heartbeat_s: 0, ..Config::default() }))
    }

    /// With an empty disk that answers when it is told to, and a budget for messages in memory.
    pub(crate) fn with_disk(memory_budget_bytes: u64) -> Self {
        Rig::of_config(Config { memory_budget_bytes, ..Config::default() })
    }

    /// The same, configured otherwise.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says why")]
    pub(crate) fn of_config(config: Config) -> Self {
        let config = Config { heartbeat_s: 0, ..config };
        let now = Now::default();
        let recovered = Recovery::new(now, Vec::new()).finish().expect("no file is no damage");
        let mut rig = Rig::of(Broker::from_journal(config, recovered, now));
        rig.wait_ms(0);
        while rig.disk_answers() {}
        rig
    }

    fn of(broker: Broker) -> Self {
        let (heard, disk, paused) = (BTreeMap::new(), VecDeque::new(), BTreeSet::new());
        Rig {
            broker,
            now: Instant::ZERO,
            heard,
            disk,
            written: 0,
            paused,
            most: 0,
            memory: Memory::default(),
        }
    }

    /// The disk has done what was asked of it first, if anything was.
    pub(crate) fn disk_answers(&mut self) -> bool {
        let Some(op) = self.disk.pop_front() else { return false };
        self.handle(Input::Disk { op, result: DiskResult::Done });
        true
    }

    /// Whether the broker wants nothing more of a client for now.
    pub(crate) fn is_paused(&self, connection: ConnectionId) -> bool {
        self.paused.contains(&connection)
    }

    /// A client with one open channel.
    pub(crate) fn client(&mut self, number: u64) -> ConnectionId {
        let connection = ConnectionId(number);
        let peer = Peer { address: String::new(), loopback: true };
        self.handle(Input::Accepted { connection, peer });
        self.send(connection, &PROTOCOL_HEADER);
        let (client_properties, mechanism, response) =
            (FieldTable::default(), "PLAIN", &b"\0guest\0guest"[..]);
        let start_ok = Method::ConnectionStartOk { client_properties, mechanism, response, locale: "en_US" };
        let tune_ok = Method::ConnectionTuneOk { channel_max: 10, frame_max: 131_072, heartbeat: 0 };
        let open = Method::ConnectionOpen { virtual_host: "/", capabilities: "", insist: false };
        for method in [start_ok, tune_ok, open] {
            self.send(connection, &on_channel(0, &method));
        }
        self.say(connection, &Method::ChannelOpen { out_of_band: "" });
        self.hear(connection);
        connection
    }

    pub(crate) fn say(&mut self, connection: ConnectionId, method: &Method<'_>) {
        self.send(connection, &on_channel(1, method));
    }

    /// Sends bytes as a server reads them, and no more of them while the broker wants none.
    pub(crate) fn send(&mut self, connection: ConnectionId, bytes: &[u8]) {
        for part in bytes.chunks(READ_BYTES) {
            self.handle(Input::Bytes { connection, bytes: part });
            if bytes.len() > READ_BYTES {
                self.finish();
            }
        }
    }

    pub(crate) fn lose(&mut self, connection: ConnectionId) {
        self.handle(Input::Lost { connection });
    }

    pub(crate) fn admin(&mut self, command: Command) {
        self.handle(Input::Admin(command));
    }

    pub(crate) fn wait_ms(&mut self, ms: u64) -> &mut Self {
        self.now = self.now + std::time::Duration::from_millis(ms);
        self.handle(Input::Tick);
        self
    }

    /// Lets the broker finish what it has begun.
    pub(crate) fn finish(&mut self) {
        while self.broker.has_work() {
            self.handle(Input::Tick);
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        let before = self.broker.operations();
        let now = Now { instant: self.now, ..Now::default() };
        let memory = watch(|| self.broker.handle(now, input));
        self.memory = self.memory.max(memory);
        self.most = self.most.max(self.broker.operations() - before);
        let mut sent = Vec::new();
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Send { connection, bytes } => {
                    sent.push((connection, bytes.len() as u64));
                    self.heard.entry(connection).or_default().extend(bytes);
                }
                // Nobody consumes here who would miss what is read.
                Output::Disk { action: DiskAction::Read { .. }, .. } => {}
                Output::Disk { op, action } => {
                    if let DiskAction::Write { bytes, .. } = action {
                        self.written += bytes.len() as u64;
                    }
                    self.disk.push_back(op);
                }
                Output::PauseReads { connection } => {
                    self.paused.insert(connection);
                }
                Output::ResumeReads { connection } => {
                    self.paused.remove(&connection);
                }
                _ => {}
            }
        }
        for (connection, bytes) in sent {
            self.handle(Input::Sent { connection, bytes });
        }
    }

    /// The names of the methods that a client was sent since it last looked.
    pub(crate) fn hear(&mut self, connection: ConnectionId) -> Vec<String> {
        let bytes = self.heard.remove(&connection).unwrap_or_default();
        let (mut reader, mut rest, mut methods) = (FrameReader::new(131_072), &bytes[..], Vec::new());
        while let Ok(Some(frame)) = reader.read(&mut rest) {
            if frame.kind == 1
                && let Ok(method) = Method::decode(frame.payload)
            {
                methods.push(method.name().to_owned());
            }
        }
        methods
    }

    pub(crate) fn totals(&self) -> Totals {
        self.broker.view().totals()
    }
}

pub(crate) fn on_channel(channel: u16, method: &Method<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    method.encode(channel, &mut bytes);
    bytes
}

pub(crate) fn declare(queue: &str, arguments: FieldTable) -> Vec<u8> {
    queue_declare(queue, false, arguments)
}

pub(crate) fn declare_durable(queue: &str, arguments: FieldTable) -> Vec<u8> {
    queue_declare(queue, true, arguments)
}

fn queue_declare(queue: &str, durable: bool, arguments: FieldTable) -> Vec<u8> {
    let (ticket, passive, exclusive, auto_delete, nowait) = (0, false, false, false, true);
    let method =
        Method::QueueDeclare { ticket, queue, passive, durable, exclusive, auto_delete, nowait, arguments };
    on_channel(1, &method)
}

pub(crate) fn bind(queue: &str, exchange: &str, routing_key: &str) -> Vec<u8> {
    let (ticket, nowait, arguments) = (0, true, FieldTable::default());
    on_channel(1, &Method::QueueBind { ticket, queue, exchange, routing_key, nowait, arguments })
}

pub(crate) fn consume(queue: &str, consumer_tag: &str) -> Vec<u8> {
    let (ticket, no_local, no_ack, exclusive, nowait) = (0, false, false, false, true);
    let arguments = FieldTable::default();
    let method =
        Method::BasicConsume { ticket, queue, consumer_tag, no_local, no_ack, exclusive, nowait, arguments };
    on_channel(1, &method)
}

pub(crate) fn publish(exchange: &str, routing_key: &str) -> Vec<u8> {
    publish_body(exchange, routing_key, b"m")
}

pub(crate) fn publish_body(exchange: &str, routing_key: &str, body: &[u8]) -> Vec<u8> {
    publish_with(&Properties::default(), exchange, routing_key, body)
}

pub(crate) fn publish_persistent(exchange: &str, routing_key: &str) -> Vec<u8> {
    let persistent = Properties { delivery_mode: Some(2), ..Properties::default() };
    publish_with(&persistent, exchange, routing_key, b"m")
}

pub(crate) fn publish_delayed(exchange: &str, delay_ms: i64) -> Vec<u8> {
    let headers = Some(FieldTable::from([number("x-delay", delay_ms)]));
    publish_with(&Properties { headers, ..Properties::default() }, exchange, "", b"m")
}

fn publish_with(properties: &Properties<'_>, exchange: &str, routing_key: &str, body: &[u8]) -> Vec<u8> {
    let (ticket, mandatory, immediate) = (0, false, false);
    let mut bytes =
        on_channel(1, &Method::BasicPublish { ticket, exchange, routing_key, mandatory, immediate });
    let properties = properties.to_bytes();
    ContentHeader { class_id: 60, body_size: body.len() as u64, properties: &properties }
        .encode(1, &mut bytes);
    encode_body(1, 131_072, body, &mut bytes);
    bytes
}

pub(crate) fn prefetch(prefetch_count: u16) -> Vec<u8> {
    on_channel(1, &Method::BasicQos { prefetch_size: 0, prefetch_count, global: false })
}

pub(crate) fn number(key: &'static str, value: i64) -> (&'static str, FieldValue) {
    (key, FieldValue::I64(value))
}

pub(crate) fn text(key: &'static str, value: &str) -> (&'static str, FieldValue) {
    (key, FieldValue::LongStr(value.into()))
}
