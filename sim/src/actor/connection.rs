//! The connections of clients: most clients have one, for one actor; some share theirs among several.

use warren_core::{ChannelNumber, ConnectionId};

use crate::{
    client::{Client, Request},
    happening::{ActorId, ChannelRef},
    network::Delay,
    scenario::{NetworkPlan, Seat},
};

/// A connection that actors have, or will have again.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// What it tells the broker that it is called.
    pub name: String,
    /// The first actor of its client.
    pub client: ActorId,
    /// The client's name, which is the actor's if there is only one.
    pub client_name: String,
    pub delay: Delay,
    /// After how many seconds of silence it is given up; 0 for never.
    pub heartbeat_s: u16,
    /// While there is one.
    pub line: Option<Line>,
}

/// The client's end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub id: ConnectionId,
    pub client: Client,
}

impl Connection {
    /// A connection that nobody has opened yet.
    pub(crate) fn new(seat: Seat<'_>, client: ActorId, network: &NetworkPlan) -> Connection {
        let delay = Delay {
            latency: seat.latency.unwrap_or(network.latency),
            jitter: network.jitter,
            bandwidth: network.bandwidth,
        };
        let heartbeat_s = u16::try_from(network.heartbeat.as_secs()).unwrap_or(u16::MAX);
        let (name, client_name) = (seat.connection_name(), seat.client_name().into());
        Connection { name, client, client_name, delay, heartbeat_s, line: None }
    }

    /// Opens it under a number, and hands out the bytes that it begins with.
    pub(crate) fn open(&mut self, id: ConnectionId) -> Vec<u8> {
        let mut client = Client::new(&self.name, self.heartbeat_s);
        let hello = client.take_output();
        self.line = Some(Line { id, client });
        hello
    }
}

impl Line {
    /// Opens one more channel. `None` if it can have no more.
    pub(crate) fn open_channel(&mut self, requests: Vec<Request>, is_of_program: bool) -> Option<ChannelRef> {
        let number = self.client.open_channel(requests, is_of_program)?;
        Some(ChannelRef::new(self.id, ChannelNumber(number)))
    }
}
