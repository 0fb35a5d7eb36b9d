//! One connection as the broker sees it: how far its handshake is, its channels, and the bytes that wait for it.

mod auth;
mod channel;
mod heartbeat;
mod incoming;
mod mode;

pub(crate) use auth::{login, mechanisms};
pub(crate) use channel::{Channel, ReplyConsumer, RolledBack, Settlement, Unacked};
pub(crate) use heartbeat::Due;
pub(crate) use incoming::{Awaits, Fate, Incoming};
pub(crate) use mode::{Confirms, Mode, Publish, Settled, Transaction};

use crate::{
    ChannelNumber, ConnectionId, Instant, Name, Peer, QueueId,
    access::Rights,
    id::ConsumerId,
    journal::Group,
    ordered::{OrdMap, OrdSet},
    wire::{Dialect, FieldTable, FieldValue, FrameReader, Method, PROTOCOL_HEADER},
};

/// A connection.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) id: ConnectionId,
    pub(crate) peer: Peer,
    pub(crate) phase: Phase,
    pub(crate) reader: FrameReader,
    /// What of the protocol header has come, until all eight bytes have.
    pub(crate) header: Vec<u8>,
    pub(crate) dialect: Dialect,
    pub(crate) frame_max: u32,
    pub(crate) channel_max: u16,
    pub(crate) heartbeat_s: u16,
    /// Whether connection.tune-ok has been taken.
    pub(crate) tuned: bool,
    pub(crate) user: Name,
    /// Whether its messages may claim to be anybody's.
    pub(crate) impersonates: bool,
    /// Whether connection.open has succeeded.
    pub(crate) opened: bool,
    pub(crate) vhost: Name,
    /// What the user may do there.
    pub(crate) rights: Rights,
    pub(crate) client_name: Name,
    pub(crate) capabilities: Capabilities,
    pub(crate) channels: OrdMap<ChannelNumber, Channel>,
    /// Encoded frames that the host has not been given yet.
    pub(crate) out: Vec<u8>,
    /// They wait until this commit is safe.
    pub(crate) held: Option<Group>,
    /// A basic.get that waits for its queue: for the disk, or until what has expired is dropped.
    pub(crate) pending_get: Option<PendingGet>,
    /// Work that this connection has begun and that is not done: its next frames wait.
    pub(crate) unfinished: u32,
    /// It has published more than the disk could take.
    pub(crate) awaits_disk: bool,
    /// What it has sent while the disk was behind.
    pub(crate) sent_meanwhile: SentMeanwhile,
    /// Frames that have come and wait, because of one of these, or for their next turn.
    pub(crate) backlog: Vec<u8>,
    /// Whether more that comes has to go to `backlog`, so that the host reads nothing for now.
    pub(crate) holds_input: bool,
    /// Its exclusive queues.
    pub(crate) exclusive: OrdSet<QueueId>,
    /// Bytes that the host has been given and has not sent yet.
    pub(crate) in_flight: u64,
    /// Consumers of this connection that wait for `in_flight` to shrink, those that have waited longest first.
    pub(crate) parked: OrdMap<u64, ConsumerId>,
    /// It has published in spite of the memory alarm.
    pub(crate) publishes: bool,
    /// Its reads are paused by the memory alarm.
    pub(crate) paused: bool,
    pub(crate) last_received: Instant,
    /// It is not given up before this, unless it is heard of again: the host stood still.
    pub(crate) spared_until: Option<Instant>,
    pub(crate) last_sent: Instant,
    pub(crate) accepted: Instant,
    /// When its phase began.
    pub(crate) since: Instant,
}

/// A basic.get that cannot be answered yet.
#[derive(Clone, Copy)]
pub(crate) struct PendingGet {
    pub(crate) channel: ChannelNumber,
    pub(crate) queue: QueueId,
    pub(crate) no_ack: bool,
    /// Its place among all that wait for this queue.
    pub(crate) number: u64,
}

/// What a connection has sent while the disk was behind, the latest time that it was.
#[derive(Clone, Copy, Default)]
pub(crate) struct SentMeanwhile {
    /// Which time that was, counted from 1.
    time: u64,
    bytes: u64,
}

impl SentMeanwhile {
    /// So many bytes have come while the disk is behind for the `time`th time.
    pub(crate) fn count(&mut self, time: u64, bytes: usize) {
        *self = SentMeanwhile { time, bytes: self.in_time(time) + bytes as u64 };
    }

    /// Bytes that came while the disk was behind for the `time`th time.
    pub(crate) const fn in_time(self, time: u64) -> u64 {
        if self.time == time { self.bytes } else { 0 }
    }
}

/// How far a connection is (AMQP 0-9-1, section 2.2.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// The protocol header has not come whole.
    Header,
    /// connection.start is sent.
    Starting,
    /// connection.tune is sent.
    Tuning,
    /// connection.tune-ok has come.
    Opening,
    /// connection.open-ok is sent.
    Running,
    /// connection.close or its answer is sent; only connection.close and connection.close-ok count.
    Closing,
    /// The client has done what RabbitMQ does not explain, or can no longer be understood: nothing is read any more,
    /// and after a while the stream is closed.
    Deaf,
}

impl Phase {
    /// The word in RabbitMQ's texts.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Phase::Header => "pre_init",
            Phase::Starting => "starting",
            Phase::Tuning => "tuning",
            Phase::Opening => "opening",
            Phase::Running => "running",
            Phase::Closing | Phase::Deaf => "closed",
        }
    }
}

/// What the client said it understands.
#[derive(Clone, Copy, Default)]
pub(crate) struct Capabilities {
    pub(crate) authentication_failure_close: bool,
    pub(crate) consumer_cancel_notify: bool,
    pub(crate) connection_blocked: bool,
}

impl Capabilities {
    pub(crate) fn of(client_properties: &FieldTable) -> Self {
        let Some(FieldValue::Table(table)) = client_properties.get("capabilities") else {
            return Capabilities::default();
        };
        let has = |name| table.get(name) == Some(&FieldValue::Bool(true));
        Capabilities {
            authentication_failure_close: has("authentication_failure_close"),
            consumer_cancel_notify: has("consumer_cancel_notify"),
            connection_blocked: has("connection.blocked"),
        }
    }
}

impl Session {
    pub(crate) fn new(id: ConnectionId, peer: Peer, frame_max: u32, now: Instant) -> Self {
        Session {
            id,
            peer,
            phase: Phase::Header,
            reader: FrameReader::new(frame_max),
            header: Vec::new(),
            dialect: Dialect::default(),
            frame_max,
            channel_max: 0,
            heartbeat_s: 0,
            tuned: false,
            user: Name::default(),
            impersonates: false,
            opened: false,
            vhost: Name::default(),
            rights: Rights::default(),
            client_name: Name::default(),
            capabilities: Capabilities::default(),
            channels: OrdMap::new(),
            out: Vec::new(),
            held: None,
            pending_get: None,
            unfinished: 0,
            awaits_disk: false,
            sent_meanwhile: SentMeanwhile::default(),
            backlog: Vec::new(),
            holds_input: false,
            exclusive: OrdSet::new(),
            in_flight: 0,
            parked: OrdMap::new(),
            publishes: false,
            paused: false,
            last_received: now,
            spared_until: None,
            last_sent: now,
            accepted: now,
            since: now,
        }
    }

    /// Encodes a method behind what already waits to be sent.
    pub(crate) fn send(&mut self, channel: ChannelNumber, method: &Method<'_>) {
        self.dialect.encode(method, channel.0, &mut self.out);
    }

    /// Takes the protocol header's bytes from the front of `input`; all eight of them, once they have come.
    pub(crate) fn read_header(&mut self, input: &mut &[u8]) -> Option<[u8; 8]> {
        let missing = PROTOCOL_HEADER.len() - self.header.len();
        let (head, rest) = input.split_at(missing.min(input.len()));
        self.header.extend_from_slice(head);
        *input = rest;
        self.header.first_chunk().copied()
    }

    /// Whether the next frame has to wait for something other than its turn.
    pub(crate) fn must_wait(&self) -> bool {
        self.pending_get.is_some() || self.unfinished > 0 || self.awaits_disk
    }

    /// Whether too much is on its way to this client for another delivery.
    pub(crate) fn window_full(&self, send_window_bytes: u64) -> bool {
        self.in_flight + self.out.len() as u64 >= send_window_bytes
    }
}
