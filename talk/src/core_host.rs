//! The core as a host: in this process, on a virtual clock.

use std::{collections::BTreeMap, time::Duration};

use warren_core::{
    Broker, Command, Config, ConnectionId, DeprecatedFeature, Input, Instant, Notice, Now, Output, Peer,
    Permissions, Release, WallTime,
};

use crate::{
    Action, Conversation,
    player::{Heard, Host},
};

/// How clients' bytes reach the broker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bytes {
    /// As they are sent.
    Together,
    /// One by one.
    OneByOne,
}

/// A broker of one's own. Its clock stands still unless a conversation waits.
pub struct CoreHost {
    broker: Broker,
    bytes: Bytes,
    now: Instant,
    /// Sent bytes stay on their way until they are `read`.
    slow: bool,
    streams: BTreeMap<String, Stream>,
    /// Every output but events, as it came.
    outputs: Vec<String>,
}

struct Stream {
    id: ConnectionId,
    in_flight: u64,
}

impl CoreHost {
    /// A fresh broker.
    #[must_use]
    pub fn new(config: Config, bytes: Bytes) -> Self {
        CoreHost {
            broker: Broker::new(config),
            bytes,
            now: Instant::ZERO,
            slow: false,
            streams: BTreeMap::new(),
            outputs: Vec::new(),
        }
    }

    /// The settings that a conversation asks for, of a broker that answers like a release of RabbitMQ.
    ///
    /// # Errors
    /// A setting that there is not, or a value that is none.
    pub fn config(conversation: &Conversation, compat: Release) -> Result<Config, String> {
        let mut config = Config::answering_like(compat);
        let settings = conversation.config.as_deref().unwrap_or_default();
        for setting in settings.split_whitespace() {
            let wrong = || format!("there is no setting {setting:?}");
            let (key, value) = setting.split_once('=').ok_or_else(wrong)?;
            let number = || value.parse::<u32>().map_err(|_| format!("{setting}: {value:?} is no number"));
            match key {
                "memory_limit_bytes" => config.memory_limit_bytes = number()?.into(),
                "send_window_bytes" => config.send_window_bytes = number()?.into(),
                "consumer_timeout_ms" => config.consumer_timeout_ms = number()?.into(),
                "max_message_bytes" => config.max_message_bytes = number()?.into(),
                "frame_max" => config.frame_max = number()?,
                "channel_max" => config.channel_max = number()? as u16,
                "deny" => {
                    let feature = DeprecatedFeature::ALL.into_iter().find(|feature| feature.name() == value);
                    config.deprecated_features.set(feature.ok_or_else(wrong)?, false);
                }
                "vhost" => {
                    config.vhosts.push(value.into());
                    config.permissions.push(Permissions::all("guest", value));
                }
                _ => return Err(wrong()),
            }
        }
        Ok(config)
    }

    /// Every output so far but the events, with its bytes, for those who compare two runs.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    fn feed(&mut self, input: Input<'_>) {
        let now = Now { instant: self.now, wall: wall_at(self.now) };
        self.broker.handle(now, input);
        // Its clock stands still: what is unfinished goes on at once.
        while self.broker.has_work() {
            self.broker.handle(now, Input::Tick);
        }
    }

    fn id(&self, connection: &str) -> ConnectionId {
        // A stream that was never opened has no bytes to carry: 0 is nobody's number.
        self.streams.get(connection).map_or(ConnectionId(0), |stream| stream.id)
    }

    fn name(&self, id: ConnectionId) -> String {
        let stream = self.streams.iter().find(|(_, stream)| stream.id == id);
        stream.map(|(name, _)| name.clone()).unwrap_or_default()
    }

    fn take_outputs(&mut self) -> Vec<(String, Heard)> {
        let mut heard = Vec::new();
        while let Some(output) = self.broker.poll_output() {
            if !matches!(output, Output::Event(_)) {
                self.outputs.push(format!("{output:?}"));
            }
            match output {
                Output::Send { connection, bytes } => {
                    self.count(connection, bytes.len() as u64);
                    heard.push((self.name(connection), Heard::Bytes(bytes)));
                }
                Output::PauseReads { connection } => {
                    heard.push((self.name(connection), Heard::Remark("pause reads")));
                }
                Output::ResumeReads { connection } => {
                    heard.push((self.name(connection), Heard::Remark("resume reads")));
                }
                Output::Close { connection } => heard.push((self.name(connection), Heard::Remark("closed"))),
                Output::Notice(notice) => {
                    if let Notice::TurnedAway { client, text, .. } = *notice {
                        heard.push((self.name(client.connection), Heard::Log(text)));
                    }
                }
                // It has no disk.
                Output::Event(_) | Output::Disk { .. } | Output::Stopped | Output::Halt { .. } => {}
            }
        }
        heard
    }

    /// Bytes have gone out; they arrive at once, unless this host is slow.
    fn count(&mut self, connection: ConnectionId, bytes: u64) {
        if !self.slow {
            return self.feed(Input::Sent { connection, bytes });
        }
        let stream = self.streams.values_mut().find(|stream| stream.id == connection);
        if let Some(stream) = stream {
            stream.in_flight += bytes;
        }
    }
}

impl Host for CoreHost {
    fn connect(&mut self, connection: &str) -> Result<(), String> {
        let id = ConnectionId(self.streams.len() as u64 + 1);
        self.streams.insert(connection.into(), Stream { id, in_flight: 0 });
        let peer = Peer { address: "127.0.0.1:40000".into(), loopback: connection != "remote" };
        self.feed(Input::Accepted { connection: id, peer });
        Ok(())
    }

    fn send(&mut self, connection: &str, bytes: &[u8]) {
        let connection = self.id(connection);
        let size = if self.bytes == Bytes::Together { bytes.len().max(1) } else { 1 };
        for bytes in bytes.chunks(size) {
            self.feed(Input::Bytes { connection, bytes });
        }
    }

    fn cut(&mut self, connection: &str) {
        let connection = self.id(connection);
        self.feed(Input::Lost { connection });
    }

    fn hear(&mut self, _awaited: bool) -> Vec<(String, Heard)> {
        self.take_outputs()
    }

    /// From deadline to deadline, as a host does.
    fn wait(&mut self, how_long: Duration) -> Vec<(String, Heard, Option<String>)> {
        let until = self.now + how_long;
        let mut heard = Vec::new();
        while let Some(at) = self.broker.deadline().filter(|&at| at <= until) {
            self.now = self.now.max(at);
            self.feed(Input::Tick);
            let outputs = self.take_outputs().into_iter();
            heard.extend(outputs.map(|(connection, what)| (connection, what, Some(at.to_string()))));
        }
        self.now = until;
        heard
    }

    fn admin(&mut self, action: Action) -> Result<Option<String>, String> {
        let command = action.command(|connection| self.id(connection));
        Ok(command.map(|command| self.feed(Input::Admin(command))).err())
    }

    fn special(&mut self, verb: &str, rest: &str) -> Result<(), String> {
        match verb {
            "slow" => self.slow = true,
            "read" => {
                let stream = self.streams.get_mut(rest).ok_or_else(|| format!("no connection {rest:?}"))?;
                let (connection, bytes) = (stream.id, std::mem::take(&mut stream.in_flight));
                self.feed(Input::Sent { connection, bytes });
            }
            _ => self.feed(Input::Admin(Command::Shutdown { reason: rest.into() })),
        }
        Ok(())
    }
}

/// The calendar begins with 1970 when a conversation begins.
fn wall_at(now: Instant) -> WallTime {
    WallTime::from_millis(i64::try_from(now.as_micros() / 1000).unwrap_or(i64::MAX))
}
