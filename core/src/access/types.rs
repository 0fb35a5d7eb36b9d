//! What an operator sets: users, permissions, limits.

use super::{PasswordHash, Pattern, TopicPattern};

/// Someone who may log in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The login.
    pub name: String,
    /// What is kept of the password.
    pub password: PasswordHash,
    /// Whether only a peer on the same machine may log in so (RabbitMQ's `loopback_users`).
    pub loopback_only: bool,
    /// RabbitMQ's: `administrator`, `monitoring`, `policymaker`, `management`, `impersonator`. The last may publish
    /// with any user-id; the others are for the HTTP API.
    pub tags: Vec<String>,
    /// How much it may have open.
    pub limits: UserLimits,
}

impl User {
    /// The tag of users that may publish with any user-id.
    pub const IMPERSONATOR: &str = "impersonator";

    /// Whether it has this tag.
    #[must_use]
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }
}

/// How much a user may have open at once; `None` for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserLimits {
    /// Connections.
    pub max_connections: Option<u64>,
    /// Channels over all its connections.
    pub max_channels: Option<u64>,
}

/// How much a virtual host may hold at once; `None` for no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VhostLimits {
    /// The virtual host.
    pub vhost: String,
    /// Connections.
    pub max_connections: Option<u64>,
    /// Queues.
    pub max_queues: Option<u64>,
}

/// What a user may do on a virtual host: the names of queues and exchanges it may declare and delete, send to, and
/// receive from. The default exchange's name is `amq.default` here (RabbitMQ).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// The user.
    pub user: String,
    /// The virtual host.
    pub vhost: String,
    /// What it may declare and delete.
    pub configure: Pattern,
    /// Where it may publish, and what it may bind.
    pub write: Pattern,
    /// What it may consume, purge, and bind to.
    pub read: Pattern,
}

impl Permissions {
    /// Everything.
    #[must_use]
    pub fn all(user: &str, vhost: &str) -> Permissions {
        let (configure, write, read) = (Pattern::everything(), Pattern::everything(), Pattern::everything());
        Permissions { user: user.into(), vhost: vhost.into(), configure, write, read }
    }
}

/// Which routing keys a user may use with a topic exchange. Without one, it may use all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPermissions {
    /// The user.
    pub user: String,
    /// The virtual host.
    pub vhost: String,
    /// The exchange.
    pub exchange: String,
    /// Keys that it may publish with.
    pub write: TopicPattern,
    /// Keys that it may bind with.
    pub read: TopicPattern,
}
