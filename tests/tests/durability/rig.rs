//! A broker on a disk that can crash, and clients that speak to it in bytes.

use std::collections::VecDeque;

use warren_core::{
    Broker, Command, Config, ConnectionId, DiskAction, Fact, Input, Instant, Now, Output, Peer, Recovered,
    WallTime,
    wire::{
        ContentHeader, FieldTable, FieldValue, FrameReader, Method, PROTOCOL_HEADER, Properties, encode_body,
    },
};
use warren_sim::{Disk, Survival};

pub(crate) struct Rig {
    pub(crate) broker: Broker,
    pub(crate) disk: Disk,
    /// What the broker wants of the disk and has not got.
    pub(crate) pending: VecDeque<(u64, DiskAction)>,
    pub(crate) halted: Option<String>,
    pub(crate) stopped: bool,
    pub(crate) paused: bool,
    /// What a broker that is watched has told, and nobody has looked at.
    pub(crate) facts: Vec<Fact>,
    clients: Vec<Client>,
    now: Now,
}

#[derive(Default)]
struct Client {
    reader: Option<FrameReader>,
    heard: VecDeque<Heard>,
    /// A message whose content has not come whole.
    coming: Option<Heard>,
    /// The headers of the latest message whose content has begun.
    headers: FieldTable,
}

/// What a client hears, as far as these tests want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Ok(&'static str),
    DeclareOk { ready: u32 },
    Ack { number: u64, multiple: bool },
    Delivered { tag: u64, redelivered: bool, body: Vec<u8> },
    Got { tag: u64, redelivered: bool, body: Vec<u8> },
    Empty,
    Blocked(String),
    Unblocked,
    Closed(String),
}

pub(crate) fn config() -> Config {
    Config { segment_bytes: 4 << 10, memory_budget_bytes: 2 << 10, ..Config::default() }
}

impl Rig {
    pub(crate) fn new(config: Config, disk: Disk) -> Result<Rig, String> {
        let now = Rig::start();
        let recovered = disk.recover(now).map_err(|damage| damage.to_string())?;
        Ok(Rig::with(config, disk, recovered))
    }

    /// What every rig's clocks show at first.
    pub(crate) fn start() -> Now {
        Now { instant: Instant::ZERO, wall: WallTime::from_millis(1_000_000) }
    }

    pub(crate) fn with(config: Config, disk: Disk, recovered: Recovered) -> Rig {
        let now = Rig::start();
        let broker = Broker::from_journal(config, recovered, now);
        let pending = VecDeque::new();
        let (facts, clients) = (Vec::new(), Vec::new());
        let mut rig =
            Rig { broker, disk, pending, halted: None, stopped: false, paused: false, facts, clients, now };
        rig.drain();
        rig
    }

    /// A client that is logged in and has opened these channels.
    pub(crate) fn connect(&mut self, channels: u16) -> usize {
        self.connect_to("/", channels)
    }

    /// The same on another virtual host.
    pub(crate) fn connect_to(&mut self, virtual_host: &str, channels: u16) -> usize {
        let client = self.log_in("guest", "guest");
        let mut bytes = Vec::new();
        Method::ConnectionTuneOk { channel_max: 2047, frame_max: 131_072, heartbeat: 0 }
            .encode(0, &mut bytes);
        Method::ConnectionOpen { virtual_host, capabilities: "", insist: false }.encode(0, &mut bytes);
        for channel in 1..=channels {
            Method::ChannelOpen { out_of_band: "" }.encode(channel, &mut bytes);
        }
        self.bytes(client, &bytes);
        self.clients[client].heard.clear();
        client
    }

    /// Whether a client with this name and password hears connection.tune.
    pub(crate) fn may_log_in(&mut self, name: &str, password: &str) -> bool {
        let client = self.log_in(name, password);
        self.clients[client].heard.contains(&Heard::Ok("connection.tune"))
    }

    fn log_in(&mut self, name: &str, password: &str) -> usize {
        let client = self.clients.len();
        self.clients.push(Client { reader: Some(FrameReader::new(0)), ..Client::default() });
        let peer = Peer { address: "test".into(), loopback: true };
        self.handle(Input::Accepted { connection: id(client), peer });
        let mut bytes = PROTOCOL_HEADER.to_vec();
        let blocked = FieldTable::from([("connection.blocked", FieldValue::Bool(true))]);
        let client_properties = FieldTable::from([("capabilities", FieldValue::Table(blocked))]);
        let response = format!("\0{name}\0{password}");
        let start = Method::ConnectionStartOk {
            client_properties,
            mechanism: "PLAIN",
            response: response.as_bytes(),
            locale: "en_US",
        };
        start.encode(0, &mut bytes);
        self.bytes(client, &bytes);
        client
    }

    pub(crate) fn bytes(&mut self, client: usize, bytes: &[u8]) {
        self.handle(Input::Bytes { connection: id(client), bytes });
    }

    pub(crate) fn say(&mut self, client: usize, channel: u16, method: &Method<'_>) {
        let mut bytes = Vec::new();
        method.encode(channel, &mut bytes);
        self.bytes(client, &bytes);
    }

    pub(crate) fn publish(
        &mut self,
        (client, channel): (usize, u16),
        (exchange, routing_key): (&str, &str),
        properties: &Properties<'_>,
        body: &[u8],
    ) {
        let mut bytes = Vec::new();
        let publish =
            Method::BasicPublish { ticket: 0, exchange, routing_key, mandatory: false, immediate: false };
        publish.encode(channel, &mut bytes);
        let properties = properties.to_bytes();
        ContentHeader { class_id: 60, body_size: body.len() as u64, properties: &properties }
            .encode(channel, &mut bytes);
        encode_body(channel, 131_072, body, &mut bytes);
        self.bytes(client, &bytes);
    }

    pub(crate) fn hear(&mut self, client: usize) -> Option<Heard> {
        self.clients[client].heard.pop_front()
    }

    /// The headers of the message that the client has heard of last.
    pub(crate) fn headers(&self, client: usize) -> &FieldTable {
        &self.clients[client].headers
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        let us = self.now.instant.as_micros() + ms * 1000;
        self.now.instant = Instant::from_micros(us);
        self.now.wall = WallTime::from_millis(self.now.wall.as_millis() + ms as i64);
        self.handle(Input::Tick);
    }

    /// The broker as it is when it has done all that it has begun.
    pub(crate) fn finished(&self) -> Broker {
        let mut broker = self.broker.clone();
        while broker.has_work() {
            broker.handle(self.now, Input::Tick);
            while broker.poll_output().is_some() {}
        }
        broker
    }

    pub(crate) fn handle(&mut self, input: Input<'_>) {
        self.broker.handle(self.now, input);
        self.drain();
    }

    /// Declares a durable queue.
    pub(crate) fn declare(&mut self, client: usize, queue: &str, arguments: FieldTable) {
        self.say(client, 1, &declare(queue, arguments));
    }

    /// Publishes numbered persistent messages to a queue, by its name.
    pub(crate) fn fill(&mut self, client: usize, queue: &str, numbers: std::ops::Range<u32>, bytes: usize) {
        for number in numbers {
            let mut body = format!("{number} ").into_bytes();
            body.resize(bytes.max(body.len()), b'.');
            self.publish((client, 1), ("", queue), &persistent(), &body);
        }
    }

    /// Gets everything out of a queue: the numbers of the messages, and whether they say that they come again.
    pub(crate) fn take_all(&mut self, client: usize, queue: &str) -> Vec<(u32, bool)> {
        let mut found = Vec::new();
        loop {
            self.say(client, 1, &Method::BasicGet { ticket: 0, queue, no_ack: true });
            match self.hear_in_time(client) {
                Some(Heard::Got { redelivered, body, .. }) => found.push((number(&body), redelivered)),
                Some(Heard::Empty) => return found,
                Some(_) => {}
                None => panic!("no answer to basic.get; halted: {:?}", self.halted),
            }
        }
    }

    /// Fills a queue and takes everything out of it, and lets the disk keep pace: segments come and go by that.
    pub(crate) fn fill_and_take(
        &mut self,
        client: usize,
        queue: &str,
        numbers: std::ops::Range<u32>,
        bytes: usize,
    ) {
        self.fill(client, queue, numbers, bytes);
        self.settle();
        self.take_all(client, queue);
        self.settle();
    }

    /// How many files the disk has.
    pub(crate) fn segments(&self) -> usize {
        let mut segments = 0;
        self.disk.save(|_, _| segments += 1);
        segments
    }

    /// What a client hears once the disk has done its work.
    pub(crate) fn hear_in_time(&mut self, client: usize) -> Option<Heard> {
        (0..100).find_map(|_| {
            let heard = self.hear(client);
            if heard.is_none() && !self.work() {
                self.wait(10);
            }
            heard
        })
    }

    /// Ends the broker in order, and starts another one with its files.
    pub(crate) fn restart(mut self, config: Config) -> Rig {
        self.handle(Input::Admin(Command::Shutdown { reason: "test".into() }));
        self.handle(Input::Admin(Command::Stop));
        while self.work() {}
        assert!(self.stopped, "the broker did not stop");
        Rig::new(config, self.disk.after_crash(Survival::Nothing)).expect("a journal without damage")
    }

    /// Ends the broker at once, and starts another one with what was synced.
    pub(crate) fn crash(self, config: Config) -> Rig {
        Rig::new(config, self.disk.after_crash(Survival::Nothing)).expect("a journal without damage")
    }

    /// Does the next thing that the broker wants of the disk.
    pub(crate) fn work(&mut self) -> bool {
        let Some((op, action)) = self.pending.pop_front() else { return false };
        let result = self.disk.carry_out(&action);
        self.handle(Input::Disk { op, result });
        true
    }

    /// Lets the disk do everything, what waits for a while included.
    pub(crate) fn settle(&mut self) {
        for _ in 0..4 {
            while self.work() {}
            self.wait(20);
        }
        while self.work() {}
    }

    fn drain(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Send { connection, bytes } => {
                    let count = bytes.len() as u64;
                    if let Some(client) = self.clients.get_mut(connection.0 as usize - 1) {
                        client.read(&bytes);
                    }
                    self.broker.handle(self.now, Input::Sent { connection, bytes: count });
                }
                Output::Disk { op, action } => self.pending.push_back((op, action)),
                Output::Halt { reason } => self.halted = Some(reason),
                Output::Stopped => self.stopped = true,
                Output::PauseReads { .. } => self.paused = true,
                Output::ResumeReads { .. } => self.paused = false,
                Output::Event(event) => self.facts.push(event.fact),
                Output::Close { .. } | Output::Notice(_) => {}
            }
        }
    }
}

/// A broker on an empty disk, and a client with one channel.
pub(crate) fn start() -> (Rig, usize) {
    let mut rig = Rig::new(config(), Disk::default()).expect("an empty disk");
    let client = rig.connect(1);
    (rig, client)
}

pub(crate) fn text(text: &str) -> FieldValue {
    FieldValue::LongStr(text.as_bytes().into())
}

pub(crate) fn declare(queue: &str, arguments: FieldTable) -> Method<'_> {
    Method::QueueDeclare {
        ticket: 0,
        queue,
        passive: false,
        durable: true,
        exclusive: false,
        auto_delete: false,
        nowait: false,
        arguments,
    }
}

pub(crate) fn persistent() -> Properties<'static> {
    Properties { delivery_mode: Some(2), ..Properties::default() }
}

/// The number that a body begins with.
pub(crate) fn number(body: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(body);
    text.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

fn id(client: usize) -> ConnectionId {
    ConnectionId(client as u64 + 1)
}

impl Client {
    fn read(&mut self, mut bytes: &[u8]) {
        let Some(mut reader) = self.reader.take() else { return };
        while let Ok(Some(frame)) = reader.read(&mut bytes) {
            match frame.kind {
                1 => {
                    if let Ok(method) = Method::decode(frame.payload) {
                        self.method(&method);
                    }
                }
                2 => {
                    let header = ContentHeader::decode(frame.payload);
                    let empty = header.as_ref().is_ok_and(|header| header.body_size == 0);
                    let properties = header.ok().and_then(|h| Properties::decode(h.properties).ok());
                    self.headers = properties.and_then(|properties| properties.headers).unwrap_or_default();
                    if empty {
                        self.heard.extend(self.coming.take());
                    }
                }
                3 => {
                    if let Some(Heard::Delivered { body, .. } | Heard::Got { body, .. }) = &mut self.coming {
                        body.extend_from_slice(frame.payload);
                    }
                    self.heard.extend(self.coming.take());
                }
                _ => {}
            }
        }
        self.reader = Some(reader);
    }

    fn method(&mut self, method: &Method<'_>) {
        let body = Vec::new();
        self.heard.push_back(match *method {
            Method::BasicDeliver { delivery_tag: tag, redelivered, .. } => {
                self.coming = Some(Heard::Delivered { tag, redelivered, body });
                return;
            }
            Method::BasicGetOk { delivery_tag: tag, redelivered, .. } => {
                self.coming = Some(Heard::Got { tag, redelivered, body });
                return;
            }
            Method::BasicGetEmpty { .. } => Heard::Empty,
            Method::BasicAck { delivery_tag: number, multiple } => Heard::Ack { number, multiple },
            Method::QueueDeclareOk { message_count: ready, .. } => Heard::DeclareOk { ready },
            Method::ConnectionBlocked { reason } => Heard::Blocked(reason.to_owned()),
            Method::ConnectionUnblocked {} => Heard::Unblocked,
            Method::ChannelClose { reply_text, .. } | Method::ConnectionClose { reply_text, .. } => {
                Heard::Closed(reply_text.to_owned())
            }
            _ => Heard::Ok(method.name()),
        });
    }
}
