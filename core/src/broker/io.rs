//! What goes into a broker and what comes out.

use crate::{
    ConnectionId, DiskAction, DiskResult, Event, Notice, Permissions, Policy, TopicPermissions, User,
    VhostLimits,
};

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
    /// An operation of an [`Output::Disk`] is done.
    Disk {
        /// Its number.
        op: u64,
        /// How it went.
        result: DiskResult,
    },
    /// The operator wants something.
    Admin(Command),
    /// Time has passed; due after [`Broker::deadline`](crate::Broker::deadline).
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
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Close every connection with 320 `CONNECTION_FORCED` and refuse new ones.
    Shutdown {
        /// For the clients' logs.
        reason: String,
    },
    /// Write down the last of everything. [`Output::Stopped`] follows when that is safe; nothing may be asked of the
    /// broker meanwhile but what has to do with its disk.
    Stop,
    /// Close one connection with 320 `CONNECTION_FORCED`.
    CloseConnection {
        /// Which.
        connection: ConnectionId,
        /// For the client's log.
        reason: String,
    },
    /// From now on pause publishers while queues hold more than this many bytes, instead of
    /// [`Config::memory_limit_bytes`](crate::Config::memory_limit_bytes).
    LimitMemory(u64),
    /// Add a virtual host, unless it is there.
    AddVhost(String),
    /// Delete a virtual host with all that is in it, and close its connections.
    DeleteVhost(String),
    /// Close a virtual host: it keeps all that is in it, and nobody can open it until it is added again.
    CloseVhost(String),
    /// Limit what a virtual host may hold.
    LimitVhost(VhostLimits),
    /// Add a user, or change one.
    SetUser(Box<User>),
    /// Delete a user with its permissions, and close its connections.
    DeleteUser(String),
    /// Say what a user may do on a virtual host.
    Permit(Box<Permissions>),
    /// Take all of it back.
    Forbid {
        /// Whom.
        user: String,
        /// Where.
        vhost: String,
    },
    /// Restrict what a user may do with a topic exchange.
    PermitTopics(Box<TopicPermissions>),
    /// Lift such restrictions.
    LiftTopics {
        /// Whose.
        user: String,
        /// Where.
        vhost: String,
        /// On which exchange; all, if none is named.
        exchange: Option<String>,
    },
    /// Add a policy, or change one. What it is about takes it on at once.
    SetPolicy(Box<Policy>),
    /// Take a policy back.
    ClearPolicy {
        /// Where.
        vhost: String,
        /// Which.
        name: String,
        /// Whether it is an operator's.
        operators: bool,
    },
    /// Say all that the configuration file says: commands that add or set something. Only what differs from what it said
    /// before is done, so that what an operator has changed meanwhile holds. What it no longer says is undone; a virtual
    /// host is closed and not deleted, because its queues are data.
    Configure(Vec<Command>),
}

/// What the broker wants of its host.
#[derive(Clone, Debug)]
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
    /// Carry out an operation on the files of the journal, and answer with [`Input::Disk`].
    Disk {
        /// Its number.
        op: u64,
        /// What to do.
        action: DiskAction,
    },
    /// Everything is written down that [`Command::Stop`] asked for.
    Stopped,
    /// The broker can promise nothing any more: end the process. A restart finds everything that was confirmed.
    Halt {
        /// For the operator.
        reason: String,
    },
    /// What an operator wants to know, for the host's log.
    Notice(Box<Notice>),
    /// Something happened (only with [`Config::watched`](crate::Config::watched)).
    Event(Event),
}
