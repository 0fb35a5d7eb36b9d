//! Clients of one broker without a disk, and what each input costs.

use std::collections::BTreeMap;

use warren_core::{
    Broker, Config, ConnectionId, Input, Instant, Now, Output, Peer,
    view::Totals,
    wire::{
        ContentHeader, FieldTable, FieldValue, FrameReader, Method, PROTOCOL_HEADER, Properties, encode_body,
    },
};

/// What a server reads at once, in bytes.
const READ_BYTES: usize = 64 << 10;

pub(crate) struct Rig {
    pub(crate) broker: Broker,
    now: Instant,
    /// What each client was sent and has not looked at.
    heard: BTreeMap<ConnectionId, Vec<u8>>,
    /// The most operations that one input has led to.
    pub(crate) most: u64,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let config = Config { heartbeat_s: 0, ..Config::default() };
        Rig { broker: Broker::new(config), now: Instant::ZERO, heard: BTreeMap::new(), most: 0 }
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

    pub(crate) fn wait_ms(&mut self, ms: u64) {
        self.now = self.now + std::time::Duration::from_millis(ms);
        self.handle(Input::Tick);
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
        self.broker.handle(now, input);
        self.most = self.most.max(self.broker.operations() - before);
        let mut sent = Vec::new();
        while let Some(output) = self.broker.poll_output() {
            if let Output::Send { connection, bytes } = output {
                sent.push((connection, bytes.len() as u64));
                self.heard.entry(connection).or_default().extend(bytes);
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
    let (ticket, passive, durable, exclusive, auto_delete, nowait) = (0, false, false, false, false, true);
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
    let (ticket, mandatory, immediate) = (0, false, false);
    let mut bytes =
        on_channel(1, &Method::BasicPublish { ticket, exchange, routing_key, mandatory, immediate });
    let properties = Properties::default().to_bytes();
    ContentHeader { class_id: 60, body_size: 1, properties: &properties }.encode(1, &mut bytes);
    encode_body(1, 131_072, b"m", &mut bytes);
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
