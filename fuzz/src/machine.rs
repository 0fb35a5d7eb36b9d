//! A broker on a disk, and clients that speak to it in bytes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use warren_core::{
    Broker, Config, ConnectionId, DiskAction, Input, Instant, Now, Output, Peer, WallTime,
    wire::{ContentHeader, FieldTable, FrameReader, Method, PROTOCOL_HEADER, Properties, encode_body},
};
use warren_sim::{Disk, Survival};

/// More turns than anything that these inputs can ask for may take.
const MOST_TURNS: u32 = 1_000_000;

pub(crate) struct Machine {
    pub(crate) broker: Broker,
    config: Config,
    disk: Disk,
    /// What the broker wants of the disk and has not got.
    pending: VecDeque<(u64, DiskAction)>,
    /// Connections that are open, with what they were sent.
    clients: BTreeMap<ConnectionId, Vec<u8>>,
    /// Those of which nothing is read.
    paused: BTreeSet<ConnectionId>,
    latest: u64,
    now_us: u64,
}

impl Machine {
    pub(crate) fn new(config: Config) -> Machine {
        Machine::with(config, Disk::default()).unwrap_or_else(|damage| panic!("an empty disk: {damage}"))
    }

    /// A broker that starts with what is on a disk.
    ///
    /// # Errors
    /// Damage.
    pub(crate) fn with(config: Config, disk: Disk) -> Result<Machine, String> {
        let now = now(0);
        let recovered = disk.recover(now).map_err(|damage| damage.to_string())?;
        let mut machine = Machine {
            broker: Broker::from_journal(config.clone(), recovered, now),
            config,
            disk,
            pending: VecDeque::new(),
            clients: BTreeMap::new(),
            paused: BTreeSet::new(),
            latest: 0,
            now_us: 0,
        };
        machine.drain();
        Ok(machine)
    }

    /// Accepts a client that has said nothing yet.
    pub(crate) fn accept(&mut self) -> ConnectionId {
        self.latest += 1;
        let connection = ConnectionId(self.latest);
        self.clients.insert(connection, Vec::new());
        let peer = Peer { address: "fuzz".into(), loopback: true };
        self.handle(Input::Accepted { connection, peer });
        connection
    }

    /// Logs a client in and opens two channels.
    pub(crate) fn connect(&mut self) -> ConnectionId {
        let connection = self.accept();
        self.bytes(connection, &opened());
        connection
    }

    pub(crate) fn bytes(&mut self, connection: ConnectionId, bytes: &[u8]) {
        if self.clients.contains_key(&connection) && !self.paused.contains(&connection) {
            self.handle(Input::Bytes { connection, bytes });
        }
    }

    pub(crate) fn lose(&mut self, connection: ConnectionId) {
        if self.clients.remove(&connection).is_some() {
            self.paused.remove(&connection);
            self.handle(Input::Lost { connection });
        }
    }

    /// The names of the methods that a client was sent since it was last asked.
    pub(crate) fn hear(&mut self, connection: ConnectionId) -> Vec<String> {
        let sent = self.clients.get_mut(&connection).map(std::mem::take).unwrap_or_default();
        let (mut reader, mut rest, mut heard) = (FrameReader::new(0), &sent[..], Vec::new());
        while let Ok(Some(frame)) = reader.read(&mut rest) {
            let method = Method::decode(frame.payload).ok().filter(|_| frame.kind == 1);
            heard.extend(method.map(|method| method.name().to_owned()));
        }
        heard
    }

    pub(crate) fn wait_ms(&mut self, ms: u64) {
        self.now_us += ms * 1000;
        self.handle(Input::Tick);
    }

    /// Lets the disk do the next thing that is wanted of it.
    pub(crate) fn work(&mut self) -> bool {
        let Some((op, action)) = self.pending.pop_front() else { return false };
        let result = self.disk.carry_out(&action);
        self.handle(Input::Disk { op, result });
        true
    }

    /// Lets broker and disk finish what they have begun.
    pub(crate) fn finish(&mut self) {
        for _ in 0..MOST_TURNS {
            if !self.work() {
                if !self.broker.has_work() {
                    return;
                }
                self.handle(Input::Tick);
            }
        }
        panic!("the broker does not come to rest");
    }

    /// The power goes, and the broker starts again with what is on the disk.
    pub(crate) fn crash(&mut self, survival: Survival) {
        let disk = self.disk.after_crash(survival);
        let again = Machine::with(self.config.clone(), disk);
        *self = again.unwrap_or_else(|damage| panic!("a power cut ({survival:?}) has done damage: {damage}"));
    }

    /// What is true of every broker that has come to rest when nobody is connected.
    pub(crate) fn check_at_rest(&mut self) {
        for connection in self.clients.keys().copied().collect::<Vec<_>>() {
            self.lose(connection);
        }
        self.finish();
        let (totals, queues) = (self.broker.view().totals(), self.broker.view().queues());
        let left = (totals.connections, totals.channels, totals.consumers, totals.unacked);
        assert_eq!(left, (0, 0, 0, 0), "nobody is connected: {totals:?}");
        assert_eq!(totals.queues, queues.len() as u64, "{totals:?}");
        assert_eq!(totals.ready, queues.iter().map(|queue| queue.ready).sum::<u64>(), "{totals:?}");
        assert!(queues.iter().all(|queue| queue.unacked == 0 && !queue.exclusive), "{queues:?}");
    }

    fn handle(&mut self, input: Input<'_>) {
        self.broker.handle(now(self.now_us), input);
        self.drain();
    }

    fn drain(&mut self) {
        let mut sent = Vec::new();
        loop {
            while let Some(output) = self.broker.poll_output() {
                match output {
                    Output::Send { connection, bytes } => {
                        sent.push((connection, bytes.len() as u64));
                        self.clients.entry(connection).and_modify(|heard| heard.extend(bytes));
                    }
                    Output::Disk { op, action } => self.pending.push_back((op, action)),
                    Output::PauseReads { connection } => drop(self.paused.insert(connection)),
                    Output::ResumeReads { connection } => drop(self.paused.remove(&connection)),
                    Output::Close { connection } => {
                        self.clients.remove(&connection);
                        self.paused.remove(&connection);
                    }
                    Output::Halt { reason } => panic!("the broker has halted: {reason}"),
                    Output::Stopped | Output::Notice { .. } | Output::Event(_) => {}
                }
            }
            let Some((connection, bytes)) = sent.pop() else { return };
            self.broker.handle(now(self.now_us), Input::Sent { connection, bytes });
        }
    }
}

fn now(us: u64) -> Now {
    let ms = i64::try_from(us / 1000).unwrap_or(i64::MAX);
    Now { instant: Instant::from_micros(us), wall: WallTime::from_millis(1_000_000 + ms) }
}

/// What a client sends to log in and open two channels.
pub(crate) fn opened() -> Vec<u8> {
    let mut bytes = PROTOCOL_HEADER.to_vec();
    let (client_properties, mechanism, response) = (FieldTable::default(), "PLAIN", &b"\0guest\0guest"[..]);
    let start_ok = Method::ConnectionStartOk { client_properties, mechanism, response, locale: "en_US" };
    let tune_ok = Method::ConnectionTuneOk { channel_max: 10, frame_max: 131_072, heartbeat: 0 };
    let open = Method::ConnectionOpen { virtual_host: "/", capabilities: "", insist: false };
    [start_ok, tune_ok, open].iter().for_each(|method| method.encode(0, &mut bytes));
    for channel in [1, 2] {
        Method::ChannelOpen { out_of_band: "" }.encode(channel, &mut bytes);
    }
    bytes
}

/// The frames of a content.
pub(crate) fn content(channel: u16, properties: &Properties<'_>, body: &[u8], bytes: &mut Vec<u8>) {
    let properties = properties.to_bytes();
    let header = ContentHeader { class_id: 60, body_size: body.len() as u64, properties: &properties };
    header.encode(channel, bytes);
    encode_body(channel, 131_072, body, bytes);
}
