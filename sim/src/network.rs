//! The network: one duplex byte stream per connection, each with its own latency, and what can befall it.

use std::{collections::VecDeque, time::Duration};

use warren_core::{ConnectionId, Instant, Random, ordered::OrdMap};

use crate::{document::words, happening::ActorId};

/// Every stream that was ever opened.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    links: OrdMap<ConnectionId, Link>,
    weather: OrdMap<ActorId, Weather>,
    random: Random,
}

/// How long bytes travel on a link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delay {
    /// At least this long.
    pub latency: Duration,
    /// And up to this much longer, different for every write.
    pub jitter: Duration,
    /// How many bytes pass in a second; 0 for any number.
    pub bandwidth: u64,
}

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From an actor to the broker.
    ToBroker,
    /// From the broker to an actor.
    ToClient,
}

words! { pub Direction: ToBroker = "to-broker", ToClient = "to-client" }

/// What travels.
#[derive(Clone, Debug)]
pub(crate) enum Packet {
    /// The first of a stream, towards the broker.
    Open,
    /// Some bytes.
    Bytes(Vec<u8>),
    /// The last of a direction: the other side closed the stream, or is gone.
    Cut,
}

/// What becomes of a packet that is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passage {
    /// When it arrives, or would.
    pub arrives_at: Instant,
    /// Whether it never does.
    pub is_lost: bool,
    /// Whether the link breaks behind it.
    pub breaks: bool,
}

#[derive(Clone, Debug)]
struct Link {
    owner: ActorId,
    delay: Delay,
    random: Random,
    to_broker: Lane,
    to_client: Lane,
    /// Nothing passes any more: it broke, or only seems to be there.
    is_dead: bool,
    /// What has arrived while the broker does not read; `None` while it reads.
    unread: Option<VecDeque<Packet>>,
}

/// One direction of a link.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// When the last packet arrives; the next one may not overtake it.
    last_at: Instant,
    /// When the bytes sent so far have left, if there is a bandwidth.
    free_at: Instant,
    snap: Option<Snap>,
}

/// A link breaks after so many more frames.
#[derive(Clone, Copy, Debug)]
struct Snap {
    frames: u32,
    torn: bool,
}

/// What holds for all links of an actor for a time.
#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    to_broker_closed_until: Instant,
    to_client_closed_until: Instant,
    slow_until: Instant,
    slow_latency: Duration,
    slow_bandwidth: u64,
}

impl Network {
    /// No streams yet. All jitter comes from `random`.
    pub(crate) const fn new(random: Random) -> Self {
        Network { links: OrdMap::new(), weather: OrdMap::new(), random }
    }

    /// Opens a stream. Its jitter is drawn from a sequence of its own, so that it does not depend on what
    /// other streams carry.
    pub(crate) fn open(&mut self, connection: ConnectionId, owner: ActorId, delay: Delay) {
        let random = self.random.fork();
        let (to_broker, to_client) = (Lane::default(), Lane::default());
        let link = Link { owner, delay, random, to_broker, to_client, is_dead: false, unread: None };
        self.links.insert(connection, link);
    }

    /// Sends a packet at `now` and says when it arrives: never before one that was sent earlier. A link that breaks
    /// just here takes something off its end.
    pub(crate) fn send(
        &mut self,
        connection: ConnectionId,
        direction: Direction,
        now: Instant,
        packet: &mut Packet,
    ) -> Passage {
        let Some(link) = self.links.get_mut(&connection) else {
            return Passage { arrives_at: now, is_lost: true, breaks: false };
        };
        let weather = self.weather.get(&link.owner).copied().unwrap_or_default();
        let is_lost = link.is_dead;
        let breaks = !is_lost && link.lane(direction).snaps(packet);
        let arrives_at = link.arrival(direction, now, weather, packet);
        Passage { arrives_at, is_lost, breaks }
    }

    /// When the last packet towards the client arrives.
    pub(crate) fn last_to_client(&self, connection: ConnectionId) -> Instant {
        self.links.get(&connection).map_or(Instant::ZERO, |link| link.to_client.last_at)
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

    /// From now on nothing that is sent on the link arrives.
    pub(crate) fn kill(&mut self, connection: ConnectionId) {
        if let Some(link) = self.links.get_mut(&connection) {
            link.is_dead = true;
        }
    }

    /// Whether nothing that is sent on the link arrives.
    pub(crate) fn is_dead(&self, connection: ConnectionId) -> bool {
        self.links.get(&connection).is_some_and(|link| link.is_dead)
    }

    /// The link is to break once so many more frames have passed in a direction, and with `torn` half of the next.
    pub(crate) fn snap(&mut self, connection: ConnectionId, direction: Direction, frames: u32, torn: bool) {
        if let Some(link) = self.links.get_mut(&connection) {
            link.lane(direction).snap = Some(Snap { frames, torn });
        }
    }

    /// What an actor sends, or is sent, waits until then.
    pub(crate) fn hold(&mut self, actor: ActorId, way: Option<Direction>, until: Instant) {
        let weather = self.weather.entry(actor).or_default();
        if way != Some(Direction::ToClient) {
            weather.to_broker_closed_until = until;
        }
        if way != Some(Direction::ToBroker) {
            weather.to_client_closed_until = until;
        }
    }

    /// Whether what an actor sends, or is sent, waits at `now`.
    pub(crate) fn is_held(&self, actor: ActorId, now: Instant) -> bool {
        let weather = self.weather.get(&actor);
        weather
            .is_some_and(|weather| weather.to_broker_closed_until.max(weather.to_client_closed_until) > now)
    }

    /// The links of an actor are slow until then.
    pub(crate) fn slow_down(&mut self, actor: ActorId, latency: Duration, bandwidth: u64, until: Instant) {
        let weather = self.weather.entry(actor).or_default();
        (weather.slow_latency, weather.slow_bandwidth, weather.slow_until) = (latency, bandwidth, until);
    }

    /// Whatever befell anyone is over. What died stays dead.
    pub(crate) fn heal(&mut self) {
        self.weather.clear();
        for link in self.links.values_mut() {
            (link.to_broker.snap, link.to_client.snap) = (None, None);
        }
    }
}

impl Link {
    fn arrival(&mut self, way: Direction, now: Instant, weather: Weather, packet: &Packet) -> Instant {
        let Delay { mut latency, jitter, mut bandwidth } = self.delay;
        if now < weather.slow_until {
            latency = latency.max(weather.slow_latency);
            bandwidth = if weather.slow_bandwidth > 0 { weather.slow_bandwidth } else { bandwidth };
        }
        let jitter_us = u64::try_from(jitter.as_micros()).unwrap_or(u64::MAX);
        let extra_us = if jitter_us == 0 { 0 } else { self.random.below(jitter_us.saturating_add(1)) };
        let leaves_at = match way {
            Direction::ToBroker => now.max(weather.to_broker_closed_until),
            Direction::ToClient => now.max(weather.to_client_closed_until),
        };
        let lane = self.lane(way);
        let takes_us = packet.bytes().saturating_mul(1_000_000).checked_div(bandwidth).unwrap_or_default();
        lane.free_at = lane.free_at.max(leaves_at) + Duration::from_micros(takes_us);
        lane.last_at = lane.last_at.max(lane.free_at + latency + Duration::from_micros(extra_us));
        lane.last_at
    }

    fn lane(&mut self, way: Direction) -> &mut Lane {
        match way {
            Direction::ToBroker => &mut self.to_broker,
            Direction::ToClient => &mut self.to_client,
        }
    }
}

impl Lane {
    /// Counts the frames of a packet. If the link breaks here, only what comes before that is left of it.
    fn snaps(&mut self, packet: &mut Packet) -> bool {
        let (Some(snap), Packet::Bytes(bytes)) = (&mut self.snap, packet) else { return false };
        let mut at = 0;
        while let Some(length) = frame_length(&bytes[at..]) {
            if snap.frames == 0 {
                let kept = if snap.torn { length / 2 } else { 0 };
                bytes.truncate(at + kept);
                self.snap = None;
                return true;
            }
            snap.frames -= 1;
            at += length;
        }
        false
    }
}

/// The bytes of the first frame; `None` if there is none. The protocol header counts as a frame.
pub(crate) fn frame_length(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(b"AMQP") {
        return Some(bytes.len().min(8));
    }
    let size: [u8; 4] = bytes.get(3..7)?.try_into().ok()?;
    // 7 bytes of header, and the end mark.
    let length = usize::try_from(u32::from_be_bytes(size)).unwrap_or(usize::MAX).saturating_add(8);
    Some(length.min(bytes.len()))
}

impl Packet {
    fn bytes(&self) -> u64 {
        match self {
            Packet::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Packet::Open | Packet::Cut => 0,
        }
    }
}
