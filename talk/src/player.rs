//! Plays the clients of a conversation against a host.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use warren_core::wire::{Dialect, PROTOCOL_HEADER};

use crate::{Action, frames::encode, hex, names::Names, show::Listener};

/// What clients do before a conversation begins, unless it is about that.
const HANDSHAKE: [&str; 3] = [
    "connection.start-ok mechanism=PLAIN response=\\0USER\\0USER locale=en_US client_properties={capabilities={\
     authentication_failure_close=true, consumer_cancel_notify=true, connection.blocked=true}}",
    "connection.tune-ok channel_max=2047 frame_max=131072",
    "connection.open virtual_host=VHOST",
];

/// A broker, as far as a player is concerned.
pub trait Host {
    /// Opens a stream.
    ///
    /// # Errors
    /// Nobody listens.
    fn connect(&mut self, connection: &str) -> Result<(), String>;
    /// Sends bytes.
    fn send(&mut self, connection: &str, bytes: &[u8]);
    /// Breaks a stream.
    fn cut(&mut self, connection: &str);
    /// What has come since. With `awaited` something is bound to come, which a live host waits for.
    fn hear(&mut self, awaited: bool) -> Vec<(String, Heard)>;
    /// Lets time pass; what comes meanwhile is heard with the time at which it came, if the host knows.
    fn wait(&mut self, how_long: Duration) -> Vec<(String, Heard, Option<String>)>;
    /// Has an operator's action done. Gives the refusal, if it is refused.
    ///
    /// # Errors
    /// This host takes none.
    fn admin(&mut self, action: Action) -> Result<Option<String>, String>;
    /// Does what only some hosts can: `slow`, `read b`, `shutdown reason`.
    ///
    /// # Errors
    /// This host cannot.
    fn special(&mut self, verb: &str, rest: &str) -> Result<(), String>;
}

/// What comes from a broker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// Bytes.
    Bytes(Vec<u8>),
    /// Something that is not on the stream: `closed`, `pause reads`.
    Remark(&'static str),
    /// What the host is to write in its log.
    Log(String),
}

/// The clients of one conversation.
pub struct Player<H> {
    host: H,
    /// Connections and channels do not open by themselves.
    by_hand: bool,
    /// Times and log lines are told, too.
    tells_all: bool,
    clients: BTreeMap<String, Client>,
    /// Who logs in on a connection, and to which virtual host, if that is not guest on `/`.
    logins: BTreeMap<String, (String, String)>,
    names: Names,
}

struct Client {
    listener: Listener,
    channels: BTreeSet<u16>,
    /// Channels that the broker has closed: nothing is answered there.
    refused: BTreeSet<u16>,
    /// The stream is over.
    closed: bool,
}

/// A line that was heard, and what to sort it by.
struct Line {
    connection: String,
    channel: u16,
    text: String,
}

impl<H: Host> Player<H> {
    /// A player whose clients are not connected yet.
    pub fn new(host: H) -> Self {
        let (clients, logins, names) = (BTreeMap::new(), BTreeMap::new(), Names::default());
        Player { host, by_hand: false, tells_all: false, clients, logins, names }
    }

    /// Tells what only the core can be asked for: the times at which things come, and what is to be logged.
    #[must_use]
    pub fn telling_all(self, tells_all: bool) -> Self {
        Player { tells_all, ..self }
    }

    /// The host, when the conversation is over.
    pub fn into_host(self) -> H {
        self.host
    }

    /// The names of queues that the broker made up.
    pub(crate) fn made_up_queues(&self) -> Vec<String> {
        self.names.queues().map(ToOwned::to_owned).collect()
    }

    /// Plays one line; returns the lines of the answer.
    ///
    /// # Errors
    /// The line says nothing known; the text says what would be.
    pub fn play(&mut self, line: &str) -> Result<Vec<String>, String> {
        let line = self.names.reveal(line);
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb {
            "->" => self.say(rest),
            "by-hand" => {
                self.by_hand = true;
                Ok(Vec::new())
            }
            "wait" => self.wait(rest),
            "as" => {
                let words: Vec<&str> = rest.split(' ').collect();
                let &[connection, user, vhost] = words.as_slice() else {
                    return Err("say who logs in, and where to: as b bob /".into());
                };
                self.logins.insert(connection.into(), (user.into(), vhost.into()));
                Ok(Vec::new())
            }
            "admin" => {
                let refusal = self.host.admin(Action::parse(rest)?)?;
                let refusal = refusal.map(|why| format!("<- refused: {why}"));
                Ok(refusal.into_iter().chain(self.listen(None)).collect())
            }
            "slow" | "shutdown" => {
                self.host.special(verb, rest)?;
                Ok(self.listen(None))
            }
            _ => Err(format!(
                "a line begins with ->, <-, 3.10, 4.0, 4.3, wait, as, admin, shutdown, by-hand, slow or #, not {verb:?}"
            )),
        }
    }

    /// `[connection:][channel] what …`; connection `a` need not be named.
    fn say(&mut self, line: &str) -> Result<Vec<String>, String> {
        let (address, what) = line.split_once(' ').unwrap_or((line, ""));
        let (connection, channel) = address.split_once(':').unwrap_or(("a", address));
        let channel = match channel {
            "" => 0,
            number => number.parse().map_err(|_| format!("{number:?} is no channel's number"))?,
        };
        let mut lines = self.open(connection, channel)?;
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let mut awaited = None;
        match verb {
            "lost" => {
                self.host.cut(connection);
                self.client(connection)?.closed = true;
            }
            "read" => self.host.special(verb, connection)?,
            "bytes" => self.host.send(connection, &hex::parse(rest)?),
            "greet" => drop(self.shake_hands(connection, 0)?),
            "login" => drop(self.shake_hands(connection, 1)?),
            _ => {
                let said = encode(self.client(connection)?.listener.dialect, channel, verb, rest)?;
                self.host.send(connection, &said.bytes);
                awaited = said.answered.then_some((connection, channel));
                let client = self.client(connection)?;
                client.listener.note(channel, verb, said.publish);
                if verb == "channel.close-ok" {
                    client.refused.remove(&channel);
                }
            }
        }
        lines.extend(self.listen(awaited));
        Ok(lines)
    }

    fn client(&mut self, connection: &str) -> Result<&mut Client, String> {
        self.clients.get_mut(connection).ok_or_else(|| format!("there is no connection {connection:?}"))
    }

    /// Opens connection and channel if need be, and hears no answer but a refusal.
    fn open(&mut self, connection: &str, channel: u16) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        if !self.clients.contains_key(connection) {
            lines.extend(self.connect(connection)?);
        }
        let by_hand = self.by_hand;
        let client = self.client(connection)?;
        if !by_hand && client.answers(0) && channel != 0 && client.channels.insert(channel) {
            let said = encode(client.listener.dialect, channel, "channel.open", "")?;
            self.host.send(connection, &said.bytes);
            lines.extend(self.listen_until(Some((connection, channel)), false));
        }
        lines.retain(|line| line.contains(".close "));
        Ok(lines)
    }

    fn connect(&mut self, connection: &str) -> Result<Vec<String>, String> {
        let client = Client {
            listener: Listener::new(),
            channels: BTreeSet::new(),
            refused: BTreeSet::new(),
            closed: false,
        };
        self.clients.insert(connection.into(), client);
        self.host.connect(connection)?;
        if self.by_hand { Ok(Vec::new()) } else { self.shake_hands(connection, HANDSHAKE.len()) }
    }

    /// Sends the protocol header and the first steps of a handshake.
    fn shake_hands(&mut self, connection: &str, steps: usize) -> Result<Vec<String>, String> {
        let channel_0 = Some((connection, 0));
        let guest = || ("guest".into(), "/".into());
        let (user, vhost) = self.logins.get(connection).cloned().unwrap_or_else(guest);
        self.host.send(connection, &PROTOCOL_HEADER);
        let mut lines = self.listen_until(channel_0, false);
        for line in &HANDSHAKE[..steps] {
            if !self.client(connection)?.answers(0) {
                break;
            }
            let line = line.replace("USER", &user).replace("VHOST", &vhost);
            let (name, fields) = line.split_once(' ').unwrap_or((&line, ""));
            let said = encode(Dialect::default(), 0, name, fields)?;
            self.host.send(connection, &said.bytes);
            lines.extend(self.listen_until(channel_0.filter(|_| name != "connection.tune-ok"), false));
        }
        Ok(lines)
    }

    fn wait(&mut self, how_long: &str) -> Result<Vec<String>, String> {
        let heard = self.host.wait(duration(how_long)?);
        let mut lines = Vec::new();
        for (connection, heard, at) in heard {
            let before = lines.len();
            self.hear(&connection, heard, &mut lines);
            if let Some(at) = at.filter(|_| self.tells_all) {
                for line in &mut lines[before..] {
                    line.text += &format!("  (at {at})");
                }
            }
        }
        Ok(self.told(lines))
    }

    /// What the broker has to say meanwhile; `awaited` is the connection and channel of which an answer is due.
    fn listen(&mut self, awaited: Option<(&str, u16)>) -> Vec<String> {
        self.listen_until(awaited, true)
    }

    /// Without `all`, what else might come after the answer is left for later.
    fn listen_until(&mut self, awaited: Option<(&str, u16)>, all: bool) -> Vec<String> {
        let mut lines: Vec<Line> = Vec::new();
        loop {
            let due = awaited.is_some_and(|(connection, channel)| {
                self.clients.get(connection).is_some_and(|client| client.answers(channel))
                    && !lines.iter().any(|line| line.answers(connection, channel))
            });
            if !due && !all {
                return self.told(lines);
            }
            let heard = self.host.hear(due);
            if heard.is_empty() {
                return self.told(lines);
            }
            for (connection, heard) in heard {
                self.hear(&connection, heard, &mut lines);
            }
        }
    }

    fn hear(&mut self, connection: &str, heard: Heard, lines: &mut Vec<Line>) {
        let Some(client) = self.clients.get_mut(connection) else { return };
        let mut add = |channel: u16, text: String| {
            lines.push(Line { connection: connection.to_owned(), channel, text });
        };
        match heard {
            Heard::Log(text) => {
                if self.tells_all {
                    add(0, format!("log: {text}"));
                }
            }
            Heard::Remark(remark) => {
                client.closed |= remark == "closed";
                add(u16::MAX, remark.into());
            }
            Heard::Bytes(bytes) => {
                for (channel, text) in client.listener.hear(&bytes) {
                    if is_method(&text, "channel.close") || is_method(&text, "connection.close") {
                        client.refused.insert(channel);
                    }
                    add(channel, text);
                }
            }
        }
    }

    /// The lines as they are told: by connection and channel, because nothing else is certain of a live broker.
    fn told(&mut self, mut lines: Vec<Line>) -> Vec<String> {
        for (name, client) in &mut self.clients {
            let confirms = client.listener.confirms().into_iter();
            lines.extend(confirms.map(|(channel, text)| Line { connection: name.clone(), channel, text }));
        }
        lines.sort_by(|a, b| (&a.connection, a.channel).cmp(&(&b.connection, b.channel)));
        lines.iter().map(|line| self.names.hide(&line.shown())).collect()
    }
}

impl Client {
    /// Whether a method on this channel may expect an answer.
    fn answers(&self, channel: u16) -> bool {
        !self.closed && !self.refused.contains(&channel) && !self.refused.contains(&0)
    }
}

fn is_method(text: &str, name: &str) -> bool {
    text.split(' ').nth(1) == Some(name)
}

impl Line {
    /// `<- what`, with the connection's name before it if that is not `a`.
    fn shown(&self) -> String {
        match self.connection.as_str() {
            "a" => format!("<- {}", self.text),
            name => format!("<- {name}:{}", self.text),
        }
    }

    /// Whether it is what a synchronous method waits for, or the reason why that will not come.
    fn answers(&self, connection: &str, channel: u16) -> bool {
        let method = self.text.split(' ').nth(1).unwrap_or_default();
        let final_word = method.ends_with("-ok")
            || matches!(method, "basic.get-empty" | "channel.close" | "connection.start" | "connection.tune");
        self.connection == connection
            && (self.text == "closed"
                || self.text.starts_with("AMQP ")
                || method == "connection.close"
                || (self.channel == channel && final_word))
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("wait 500ms or 5s, not {text:?}");
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        _ => Err(wrong()),
    }
}
