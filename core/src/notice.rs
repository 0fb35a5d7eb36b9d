//! What an operator wants to know of a broker, for its host's log.

use std::fmt;

use crate::{ChannelNumber, ConnectionId, DeprecatedFeature, Name, ReplyCode};

/// Something for the host's log. Clients are told less of it, or nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A client has logged in and opened a virtual host.
    LoggedIn {
        /// Who.
        client: Client,
    },
    /// A client was turned away before it had opened a virtual host, or dropped without a word.
    TurnedAway {
        /// Who, as far as it has said.
        client: Client,
        /// The reply code, if AMQP has one for it; [`ReplyCode::AccessRefused`] for a wrong password.
        code: Option<ReplyCode>,
        /// Why.
        text: String,
    },
    /// The broker has closed a channel or a connection because of what the client asked for.
    Refused {
        /// Whom.
        client: Client,
        /// The channel; `None` if the whole connection is closed.
        channel: Option<ChannelNumber>,
        /// The reply code.
        code: ReplyCode,
        /// What was refused, by name, and why.
        text: String,
    },
    /// A client has been silent for too long.
    GivenUp {
        /// Who.
        client: Client,
        /// What it did not do in time.
        reason: &'static str,
    },
    /// A client has left deliveries unacked for too long (RabbitMQ's consumer timeout): its queue has taken them back, and
    /// gives its consumer nothing more until they are settled.
    TimedOut {
        /// Who.
        client: Client,
        /// The queue.
        queue: Name,
        /// How many.
        deliveries: u64,
    },
    /// A deprecated feature was used for the first time.
    Deprecated {
        /// Who used it.
        client: Client,
        /// Which.
        feature: DeprecatedFeature,
        /// Whether clients may.
        permitted: bool,
    },
    /// An alarm has begun: publishers are paused.
    AlarmBegan(Alarm),
    /// An alarm is over. Publishers go on if no other one lasts.
    AlarmEnded(Alarm),
    /// An operator, or a changed configuration file, has changed something.
    Changed {
        /// What, in a sentence without secrets.
        what: String,
    },
}

/// A client, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    /// Its connection. The broker may have forgotten it.
    pub connection: ConnectionId,
    /// Its address, as the host gave it.
    pub peer: String,
    /// Its user; empty before the login.
    pub user: Name,
    /// Its virtual host; empty before connection.open.
    pub vhost: Name,
    /// What it calls itself (`connection_name`); empty if it does not.
    pub client_name: Name,
}

/// Why publishers are paused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Alarm {
    /// Queues hold more than the memory limit.
    Memory,
    /// The disk is full.
    Disk,
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Alarm::Memory => "messages take more memory than the memory limit",
            Alarm::Disk => "the disk is full",
        })
    }
}
