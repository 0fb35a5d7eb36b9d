//! The broker: sessions, exchanges and queues composed into one machine.

use crate::{Config, ConnectionId, Event, Instant, Now, View};

/// The broker as a machine. See [`Broker::handle`] for its one law.
pub struct Broker {}

/// What a host tells the broker.
#[derive(Debug)]
pub enum Input<'a> {
    /// A client connected; nothing has been read from it yet.
    Accepted {
        /// A number never used before.
        connection: ConnectionId,
        /// Who it is.
        peer: Peer,
    },
    /// Bytes came from a client, cut anywhere.
    Bytes {
        /// From whom.
        connection: ConnectionId,
        /// What.
        bytes: &'a [u8],
    },
    /// `bytes` bytes of earlier [`Output::Send`]s have left the host.
    Sent {
        /// To whom.
        connection: ConnectionId,
        /// How many.
        bytes: u64,
    },
    /// The stream ended or failed; nothing more comes, and nothing more can be sent.
    Lost {
        /// Whose stream.
        connection: ConnectionId,
    },
    /// The operator wants something.
    Admin(Command),
    /// Time has passed; due after [`Broker::deadline`].
    Tick,
}

/// Who a client is, as far as the host's network knows.
#[derive(Clone, Debug)]
pub struct Peer {
    /// For people: `127.0.0.1:40312`.
    pub address: String,
    /// Whether it is on the same machine: users such as guest may log in from there only.
    pub loopback: bool,
}

/// What an operator can ask for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Close every connection with 320 CONNECTION_FORCED and refuse new ones.
    Shutdown {
        /// For the clients' logs.
        reason: String,
    },
}

/// What the broker wants of its host.
#[derive(Debug)]
pub enum Output {
    /// Send these bytes, after all earlier ones.
    Send {
        /// To whom.
        connection: ConnectionId,
        /// What.
        bytes: Vec<u8>,
    },
    /// Read nothing more from this client until [`Output::ResumeReads`].
    PauseReads {
        /// Whom.
        connection: ConnectionId,
    },
    /// Read from this client again.
    ResumeReads {
        /// Whom.
        connection: ConnectionId,
    },
    /// Close the stream once everything sent has left. The broker has forgotten the connection.
    Close {
        /// Whose.
        connection: ConnectionId,
    },
    /// Something happened (only with [`Config::watched`]).
    Event(Event),
}

impl Broker {
    /// A broker with the exchanges that every virtual host has, and nothing else.
    #[must_use]
    pub fn new(config: Config) -> Self {
        todo!()
    }

    /// Takes in what happened. Total: a protocol error is an output, not an `Err`, and no input panics.
    ///
    /// The one law: after a `handle`, or a batch of them at one `now`, drain [`Broker::poll_output`] to `None`.
    pub fn handle(&mut self, now: Now, input: Input<'_>) {
        todo!()
    }

    /// The next thing the host has to do.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        todo!()
    }

    /// When to call [`Broker::handle`] with [`Input::Tick`] if nothing else happens first.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        todo!()
    }

    /// A look inside.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { broker: self }
    }
}
