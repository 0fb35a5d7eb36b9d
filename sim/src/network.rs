//! The network: one duplex byte stream per connection, each with its own latency.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use warren_core::{ConnectionId, Instant, Random};

/// Every stream that was ever opened.
#[derive(Debug)]
pub(crate) struct Network {
    links: BTreeMap<ConnectionId, Link>,
    random: Random,
}

/// How long bytes travel on a link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delay {
    /// At least this long.
    pub latency: Duration,
    /// And up to this much longer, different for every write.
    pub jitter: Duration,
}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    ToBroker,
    ToClient,
}

/// What travels.
#[derive(Debug)]
pub(crate) enum Packet {
    /// The first of a stream, towards the broker.
    Open,
    /// Some bytes.
    Bytes(Vec<u8>),
    /// The last of a direction: the other side closed the stream, or is gone.
    Cut,
}

#[derive(Debug)]
struct Link {
    delay: Delay,
    random: Random,
    /// When the last packet arrives; the next one may not overtake it.
    to_broker: Instant,
    to_client: Instant,
    /// What has arrived while the broker does not read; `None` while it reads.
    unread: Option<VecDeque<Packet>>,
}

impl Network {
    /// No streams yet. All jitter comes from `random`.
    pub(crate) const fn new(random: Random) -> Self {
        Network { links: BTreeMap::new(), random }
    }

    /// Opens a stream. Its jitter is drawn from a sequence of its own, so that it does not depend on what
    /// other streams carry.
    pub(crate) fn open(&mut self, connection: ConnectionId, delay: Delay) {
        let random = self.random.fork();
        let link = Link { delay, random, to_broker: Instant::ZERO, to_client: Instant::ZERO, unread: None };
        self.links.insert(connection, link);
    }

    /// Sends a packet at `now` and says when it arrives: never before one that was sent earlier.
    pub(crate) fn send(&mut self, connection: ConnectionId, direction: Direction, now: Instant) -> Instant {
        let Some(link) = self.links.get_mut(&connection) else { return now };
        let jitter_us = u64::try_from(link.delay.jitter.as_micros()).unwrap_or(u64::MAX);
        let extra_us = if jitter_us == 0 { 0 } else { link.random.below(jitter_us.saturating_add(1)) };
        let last = match direction {
            Direction::ToBroker => &mut link.to_broker,
            Direction::ToClient => &mut link.to_client,
        };
        *last = (*last).max(now + link.delay.latency + Duration::from_micros(extra_us));
        *last
    }

    /// When the last packet towards the client arrives.
    pub(crate) fn last_to_client(&self, connection: ConnectionId) -> Instant {
        self.links.get(&connection).map_or(Instant::ZERO, |link| link.to_client)
    }

    /// A packet has reached the broker: hands it back, unless the broker does not read at the moment.
    pub(crate) fn read(&mut self, connection: ConnectionId, packet: Packet) -> Option<Packet> {
        match self.links.get_mut(&connection).and_then(|link| link.unread.as_mut()) {
            Some(unread) => {
                unread.push_back(packet);
                None
            }
            None => Some(packet),
        }
    }

    /// The broker reads no more.
    pub(crate) fn pause(&mut self, connection: ConnectionId) {
        if let Some(link) = self.links.get_mut(&connection) {
            link.unread.get_or_insert_default();
        }
    }

    /// The broker reads again: hands out what has arrived in the meantime.
    pub(crate) fn resume(&mut self, connection: ConnectionId) -> VecDeque<Packet> {
        self.links.get_mut(&connection).and_then(|link| link.unread.take()).unwrap_or_default()
    }
}
