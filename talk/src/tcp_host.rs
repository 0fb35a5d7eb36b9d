//! A live broker as a host.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Shutdown, TcpStream, ToSocketAddrs},
    str::FromStr,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Action, Management,
    player::{Heard, Host},
};

/// How long a broker may take for an answer that is bound to come; less than the three seconds that RabbitMQ keeps
/// silent before it closes a stream.
const PATIENCE: Duration = Duration::from_millis(2500);

/// Whose answers are wanted: `core` for the broker in this process, `file` for the recorded ones, or `host:port`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// The core in this process, in virtual time.
    Core,
    /// RabbitMQ as it is recorded in the files.
    File,
    /// A broker that listens there.
    Tcp(String),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("amqp://").unwrap_or(text);
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        let place = rest.split('/').next().unwrap_or_default();
        match text {
            "core" => return Ok(Address::Core),
            "file" => return Ok(Address::File),
            _ => {}
        }
        match place.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>())) {
            Some((host, Ok(_))) if !host.is_empty() => Ok(Address::Tcp(place.to_owned())),
            None if !place.is_empty() => Ok(Address::Tcp(format!("{place}:5672"))),
            _ => Err(format!(
                "{text:?} is no broker's address: write core, file, localhost:5672 or amqp://localhost"
            )),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Core => f.write_str("core"),
            Address::File => f.write_str("file"),
            Address::Tcp(place) => f.write_str(place),
        }
    }
}

/// A broker behind an address. Nothing says when it has no more to say: it has had its say when it has been quiet for
/// a while.
pub struct TcpHost {
    place: String,
    quiet: Duration,
    streams: BTreeMap<String, TcpStream>,
    heard: Receiver<(String, Heard)>,
    hears: Sender<(String, Heard)>,
}

impl TcpHost {
    /// A host for the broker at `place` (`host:port`), which is believed to have finished after `quiet`.
    #[must_use]
    pub fn new(place: &str, quiet: Duration) -> Self {
        let (hears, heard) = channel();
        TcpHost { place: place.to_owned(), quiet, streams: BTreeMap::new(), heard, hears }
    }

    fn gather(&mut self, first: Duration, rest: Duration) -> Vec<(String, Heard)> {
        let mut heard = Vec::new();
        let mut patience = first;
        loop {
            match self.heard.recv_timeout(patience) {
                Ok(what) => heard.push(what),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return heard,
            }
            patience = rest;
        }
    }
}

impl Host for TcpHost {
    fn connect(&mut self, connection: &str) -> Result<(), String> {
        let refused = |error| format!("cannot connect to {}: {error}", self.place);
        let address = self.place.to_socket_addrs().map_err(refused)?.next();
        let address = address.ok_or_else(|| format!("{} has no address", self.place))?;
        let stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(refused)?;
        stream.set_nodelay(true).map_err(refused)?;
        let reader = stream.try_clone().map_err(refused)?;
        let (name, hears) = (connection.to_owned(), self.hears.clone());
        thread::spawn(move || read_all(&name, reader, &hears));
        self.streams.insert(connection.to_owned(), stream);
        Ok(())
    }

    fn send(&mut self, connection: &str, bytes: &[u8]) {
        if let Some(stream) = self.streams.get_mut(connection) {
            // A stream that is closed meanwhile is heard of by its reader.
            let _ = stream.write_all(bytes);
        }
    }

    fn cut(&mut self, connection: &str) {
        if let Some(stream) = self.streams.remove(connection) {
            let _ = stream.shutdown(Shutdown::Both);
            // Its own end is nothing that the broker says.
            let ours =
                |(name, heard): &(String, Heard)| name == connection && *heard == Heard::Remark("closed");
            let kept: Vec<_> = self.gather(self.quiet, self.quiet).into_iter().filter(|h| !ours(h)).collect();
            for heard in kept {
                let _ = self.hears.send(heard);
            }
        }
    }

    fn hear(&mut self, awaited: bool) -> Vec<(String, Heard)> {
        let first = if awaited { PATIENCE } else { self.quiet };
        self.gather(first, if awaited { Duration::ZERO } else { self.quiet })
    }

    fn wait(&mut self, how_long: Duration) -> Vec<(String, Heard, Option<String>)> {
        let until = Instant::now() + how_long;
        let mut heard = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let part = self.gather(left, Duration::ZERO);
            heard.extend(part.into_iter().map(|(connection, what)| (connection, what, None)));
            if left.is_zero() {
                return heard;
            }
        }
    }

    fn admin(&mut self, action: Action) -> Result<Option<String>, String> {
        let management = Management::find(&self.place);
        let management =
            management.ok_or("this needs RabbitMQ's management plugin, 10000 ports above AMQP")?;
        management.ask(&action)
    }

    fn special(&mut self, verb: &str, _rest: &str) -> Result<(), String> {
        Err(format!("{verb:?} is only for the core: begin the file with `# core only: why`"))
    }
}

impl Drop for TcpHost {
    fn drop(&mut self) {
        for stream in self.streams.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn read_all(name: &str, mut stream: TcpStream, hears: &Sender<(String, Heard)>) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let what = match stream.read(&mut buffer) {
            Ok(0) | Err(_) => Heard::Remark("closed"),
            Ok(count) => Heard::Bytes(buffer[..count].to_vec()),
        };
        let over = what == Heard::Remark("closed");
        if hears.send((name.to_owned(), what)).is_err() || over {
            return;
        }
    }
}
