//! A tap on the wire: what has gone over each connection, for those who want to look at the bytes. It is a part of the
//! world, so that going back in time is exact here, too.

use std::{collections::VecDeque, sync::Arc};

use warren_core::{ConnectionId, Instant, ordered::OrdMap};

use crate::{
    happening::ActorId,
    network::{Direction, Packet, Passage, frame_length},
};

/// What of a connection is kept, in bytes; the oldest goes first.
const KEPT_BYTES: u64 = 256 << 10;
/// What a packet counts for besides its bytes.
const OVERHEAD_BYTES: u64 = 64;
/// How many connections are kept; the oldest go first.
const KEPT_CONNECTIONS: usize = 64;
/// Packets that are kept and forgotten together.
const REEL: usize = 64;

/// What has gone over each connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wiretap {
    tapes: OrdMap<ConnectionId, Tape>,
}

/// What has gone over a connection, both ways. A clone shares it.
#[derive(Clone, Debug)]
pub struct Tape {
    owner: ActorId,
    reels: VecDeque<Arc<Vec<Taped>>>,
    bytes: u64,
    taped: u64,
}

/// Something that was put on the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taped {
    /// Its place among all that was put on this wire, from 0.
    pub number: u64,
    /// Which way it goes.
    pub way: Direction,
    /// When it set out.
    pub left_at: Instant,
    /// When it arrives; `None` if it never does.
    pub arrives_at: Option<Instant>,
    /// What it is.
    pub what: Signal,
}

/// What goes over a wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Signal {
    /// The stream is opened.
    Open,
    /// Whole frames, the last of them half if the link broke there.
    Bytes(Arc<[u8]>),
    /// The stream ends in this direction.
    Cut,
}

impl Wiretap {
    /// A packet is put on the wire at `now`.
    pub(crate) fn tape(
        &mut self,
        (connection, owner): (ConnectionId, ActorId),
        way: Direction,
        now: Instant,
        packet: &Packet,
        passage: Passage,
    ) {
        let what = match packet {
            Packet::Open => Signal::Open,
            Packet::Bytes(bytes) => Signal::Bytes(bytes.as_slice().into()),
            Packet::Cut => Signal::Cut,
        };
        let arrives_at = (!passage.is_lost).then_some(passage.arrives_at);
        let tape = self.tapes.entry(connection).or_insert_with(|| Tape::new(owner));
        tape.push(Taped { number: tape.taped, way, left_at: now, arrives_at, what });
        if self.tapes.len() > KEPT_CONNECTIONS {
            self.tapes.pop_first();
        }
    }

    pub(crate) const fn tapes(&self) -> &OrdMap<ConnectionId, Tape> {
        &self.tapes
    }
}

impl Tape {
    const fn new(owner: ActorId) -> Tape {
        Tape { owner, reels: VecDeque::new(), bytes: 0, taped: 0 }
    }

    /// Whose connection it is, or was.
    #[must_use]
    pub const fn owner(&self) -> ActorId {
        self.owner
    }

    /// What is kept, in the order in which it was put on the wire.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Taped> {
        self.reels.iter().flat_map(|reel| reel.iter())
    }

    fn push(&mut self, taped: Taped) {
        self.taped += 1;
        self.bytes += taped.weight();
        match self.reels.back_mut() {
            Some(reel) if reel.len() < REEL => Arc::make_mut(reel).push(taped),
            _ => self.reels.push_back(Arc::new(vec![taped])),
        }
        while self.bytes > KEPT_BYTES && self.reels.len() > 1 {
            let gone = self.reels.pop_front().unwrap_or_default();
            self.bytes -= gone.iter().map(Taped::weight).sum::<u64>();
        }
    }
}

impl Taped {
    /// The frames, each by itself; what is left of a last one that is not whole is there, too.
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest: &[u8] = match &self.what {
            Signal::Bytes(bytes) => bytes,
            Signal::Open | Signal::Cut => &[],
        };
        std::iter::from_fn(move || {
            let (frame, behind) = rest.split_at(frame_length(rest).unwrap_or(rest.len()));
            rest = behind;
            (!frame.is_empty()).then_some(frame)
        })
    }

    fn weight(&self) -> u64 {
        let bytes = match &self.what {
            Signal::Bytes(bytes) => bytes.len() as u64,
            Signal::Open | Signal::Cut => 0,
        };
        bytes + OVERHEAD_BYTES
    }
}
