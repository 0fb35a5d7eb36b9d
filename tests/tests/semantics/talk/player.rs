//! Plays the clients of a conversation against a broker.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use warren_core::{
    Broker, Command, Config, ConnectionId, Input, Instant, Now, Output, Peer, WallTime,
    wire::{ContentHeader, Dialect, PROTOCOL_HEADER, encode_body, encode_heartbeat},
};

use super::{Bytes, Played, fields::Fields, hex, methods, show::Listener};

/// What clients do before a conversation begins, unless it is about that.
const HANDSHAKE: [&str; 3] = [
    "connection.start-ok mechanism=PLAIN response=\\0guest\\0guest locale=en_US client_properties={capabilities={\
     authentication_failure_close=true, consumer_cancel_notify=true, connection.blocked=true}}",
    "connection.tune-ok channel_max=2047 frame_max=131072",
    "connection.open virtual_host=/",
];

pub(crate) struct Player {
    broker: Broker,
    bytes: Bytes,
    now: Instant,
    /// Connections and channels do not open by themselves.
    by_hand: bool,
    /// Sent bytes stay on their way.
    slow: bool,
    connections: BTreeMap<String, Client>,
    outputs: Vec<String>,
}

struct Client {
    id: ConnectionId,
    listener: Listener,
    channels: BTreeSet<u16>,
    in_flight: u64,
}

impl Player {
    pub(crate) fn new(config: Config, bytes: Bytes) -> Self {
        Player {
            broker: Broker::new(config),
            bytes,
            now: Instant::ZERO,
            by_hand: false,
            slow: false,
            connections: BTreeMap::new(),
            outputs: Vec::new(),
        }
    }

    /// Plays a conversation from its beginning to its end.
    pub(crate) fn play_all(mut self, said: &[&str]) -> Played {
        let mut transcript = String::new();
        for line in said {
            let answers = self.play(line).into_iter();
            transcript.extend(std::iter::once((*line).to_owned()).chain(answers).map(|line| line + "\n"));
        }
        Played { transcript, outputs: self.outputs }
    }

    /// Plays one line; returns the lines of the answer.
    pub(crate) fn play(&mut self, line: &str) -> Vec<String> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "->" => self.say(rest),
            "#" => Vec::new(),
            "by-hand" => {
                self.by_hand = true;
                Vec::new()
            }
            "slow" => {
                self.slow = true;
                Vec::new()
            }
            "wait" => self.wait(rest),
            "shutdown" => {
                self.feed(Input::Admin(Command::Shutdown { reason: rest.into() }));
                self.listen()
            }
            _ => panic!("a line begins with ->, wait, shutdown, by-hand, slow or #: {line}"),
        }
    }

    /// `[connection:][channel] what …`; connection `a` need not be named.
    fn say(&mut self, line: &str) -> Vec<String> {
        let (address, what) = line.split_once(' ').unwrap_or((line, ""));
        let (connection, channel) = address.split_once(':').unwrap_or(("a", address));
        let channel = if channel.is_empty() { 0 } else { channel.parse().expect("a channel's number") };
        self.open(connection, channel);
        let id = self.connections[connection].id;
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        match verb {
            "lost" => self.feed(Input::Lost { connection: id }),
            "read" => {
                let client = self.connections.get_mut(connection).expect("it is there");
                let bytes = std::mem::take(&mut client.in_flight);
                self.feed(Input::Sent { connection: id, bytes });
            }
            "bytes" => self.feed_bytes(id, &hex::parse(rest)),
            "greet" => self.shake_hands(id, 0),
            "login" => self.shake_hands(id, 1),
            _ => {
                let dialect = self.connections[connection].listener.dialect;
                let bytes = encode(dialect, channel, verb, rest);
                self.feed_bytes(id, &bytes);
            }
        }
        self.listen()
    }

    /// Opens connection and channel if need be, and hears no answer.
    fn open(&mut self, connection: &str, channel: u16) {
        if !self.connections.contains_key(connection) {
            self.accept(connection);
        }
        let client = self.connections.get_mut(connection).expect("it is there");
        if !self.by_hand && channel != 0 && client.channels.insert(channel) {
            let id = client.id;
            self.feed_bytes(id, &encode(Dialect::default(), channel, "channel.open", ""));
            self.listen();
        }
    }

    fn accept(&mut self, name: &str) {
        let id = ConnectionId(self.connections.len() as u64 + 1);
        let client = Client { id, listener: Listener::new(), channels: BTreeSet::new(), in_flight: 0 };
        self.connections.insert(name.into(), client);
        let peer = Peer { address: "127.0.0.1:40000".into(), loopback: name != "remote" };
        self.feed(Input::Accepted { connection: id, peer });
        if !self.by_hand {
            self.shake_hands(id, HANDSHAKE.len());
        }
    }

    /// Sends the protocol header and the first steps of a handshake, and hears no answer.
    fn shake_hands(&mut self, id: ConnectionId, steps: usize) {
        self.feed_bytes(id, &PROTOCOL_HEADER);
        for line in &HANDSHAKE[..steps] {
            let (name, fields) = line.split_once(' ').expect("fields");
            self.feed_bytes(id, &encode(Dialect::default(), 0, name, fields));
        }
        self.listen();
    }

    /// Lets time pass from deadline to deadline, as a host does.
    fn wait(&mut self, how_long: &str) -> Vec<String> {
        let until = self.now + duration(how_long);
        let mut lines = Vec::new();
        while let Some(at) = self.broker.deadline().filter(|&at| at <= until) {
            self.now = self.now.max(at);
            self.feed(Input::Tick);
            lines.extend(self.listen().into_iter().map(|line| format!("{line}  (at {at})")));
        }
        self.now = until;
        lines
    }

    fn feed_bytes(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let size = if self.bytes == Bytes::Together { bytes.len().max(1) } else { 1 };
        for bytes in bytes.chunks(size) {
            self.feed(Input::Bytes { connection, bytes });
        }
    }

    fn feed(&mut self, input: Input<'_>) {
        let now = Now { instant: self.now, wall: WallTime::from_millis(0) };
        self.broker.handle(now, input);
    }

    /// What the broker has to say meanwhile.
    fn listen(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(output) = self.broker.poll_output() {
            if !matches!(output, Output::Event(_)) {
                self.outputs.push(format!("{output:?}"));
            }
            match output {
                Output::Send { connection, bytes } => lines.extend(self.hear(connection, &bytes)),
                Output::PauseReads { connection } => lines.push(self.line(connection, "pause reads")),
                Output::ResumeReads { connection } => lines.push(self.line(connection, "resume reads")),
                Output::Close { connection } => lines.push(self.line(connection, "closed")),
                Output::Notice { connection, text, .. } => {
                    lines.push(self.line(connection, &format!("log: {text}")));
                }
                Output::Event(_) => {}
            }
        }
        lines
    }

    fn hear(&mut self, connection: ConnectionId, bytes: &[u8]) -> Vec<String> {
        let client = self.connections.values_mut().find(|client| client.id == connection);
        let client = client.expect("the connection was accepted");
        client.in_flight += bytes.len() as u64;
        let heard = client.listener.hear(bytes);
        if !self.slow {
            let bytes = std::mem::take(&mut client.in_flight);
            self.feed(Input::Sent { connection, bytes });
        }
        heard.into_iter().map(|line| self.line(connection, &line)).collect()
    }

    /// `<- what`, with the connection's name before it if that is not `a`.
    fn line(&self, connection: ConnectionId, what: &str) -> String {
        let name = self.connections.iter().find(|(_, client)| client.id == connection).map(|(name, _)| name);
        match name.map(String::as_str) {
            None | Some("a") => format!("<- {what}"),
            Some(name) => format!("<- {name}:{what}"),
        }
    }
}

/// The frames of what a line says.
fn encode(dialect: Dialect, channel: u16, verb: &str, rest: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let fields = Fields::parse(if verb == "frame" { "" } else { rest });
    match verb {
        "heartbeat" => encode_heartbeat(&mut out),
        "header" => encode_header(&fields, channel, fields.number("body_size").unwrap_or(0), &mut out),
        "body" => encode_body(channel, 0, repeated(&fields, "text").as_bytes(), &mut out),
        "frame" => out = frame(channel, &hex::parse(rest)),
        name => {
            let method = methods::parse(name, &fields);
            dialect.encode(&method, channel, &mut out);
            if method.has_content() && !fields.flag("bare") {
                let body = repeated(&fields, "body");
                encode_header(&fields, channel, body.len() as u64, &mut out);
                encode_body(channel, 131_072, body.as_bytes(), &mut out);
            }
        }
    }
    fields.assert_used();
    out
}

/// `body=ab times=1000`
fn repeated(fields: &Fields, key: &str) -> String {
    fields.text(key).unwrap_or_default().repeat(fields.number("times").unwrap_or(1))
}

fn encode_header(fields: &Fields, channel: u16, body_size: u64, out: &mut Vec<u8>) {
    let mut properties = Vec::new();
    methods::properties(fields).encode(&mut properties);
    let class_id = fields.number("class_id").unwrap_or(60);
    ContentHeader { class_id, body_size, properties: &properties }.encode(channel, out);
}

/// A frame of any type: the first byte says which, the others are its payload.
fn frame(channel: u16, bytes: &[u8]) -> Vec<u8> {
    let (kind, payload) = bytes.split_first().expect("a frame's type");
    let size = u32::try_from(payload.len()).expect("a small frame");
    [&[*kind][..], &channel.to_be_bytes(), &size.to_be_bytes(), payload, &[0xCE]].concat()
}

fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).expect("a unit"));
    let number: u64 = number.parse().expect("a number");
    match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        _ => panic!("wait 500ms or 5s, not {text}"),
    }
}
