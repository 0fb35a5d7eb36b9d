//! What a host decides before a broker starts.

use crate::{
    Behaviour, Behaviours, DeprecatedFeatures, PasswordHash, Permissions, Policy, Release, SyncPolicy,
    TopicPermissions, User, UserLimits, VhostLimits,
};

/// The settings of a [`Broker`](crate::Broker). `Config::default()` is what RabbitMQ ships: guest/guest, vhost `/`.
#[derive(Clone, Debug)]
pub struct Config {
    /// The release of RabbitMQ that the broker answers like.
    pub compat: Release,
    /// Behaviours in which the broker does not answer like [`compat`](Config::compat): those of the release that are in
    /// here it lacks, the others in here it has. For finding out which of them a difference between releases comes from;
    /// no RabbitMQ answers so.
    pub switched: Behaviours,
    /// Which deprecated features clients may use. All, unless an operator wants it otherwise: most applications use one.
    pub deprecated_features: DeprecatedFeatures,
    /// Where generated names (`amq.gen-…`, `amq.ctag-…`) come from.
    pub seed: u64,
    /// Ids of messages begin after this one, or after the last that the disk knows of. A host that starts brokers again
    /// and tells their messages apart says here how far the one before has come.
    pub latest_message: u64,
    /// Who may log in.
    pub users: Vec<User>,
    /// The virtual hosts that exist.
    pub vhosts: Vec<String>,
    /// Closed virtual hosts that are deleted at the start, with all that is in them.
    pub delete_vhosts: Vec<String>,
    /// How much virtual hosts may hold.
    pub vhost_limits: Vec<VhostLimits>,
    /// What users may do on virtual hosts. Without permissions, a user cannot even open one.
    pub permissions: Vec<Permissions>,
    /// What they may do with topic exchanges.
    pub topic_permissions: Vec<TopicPermissions>,
    /// What is said of queues and exchanges whose names match.
    pub policies: Vec<Policy>,
    /// What connection.start calls the broker (`product` of its server-properties).
    pub product: String,
    /// The heartbeat interval that connection.tune offers, in seconds; 0 for none.
    pub heartbeat_s: u16,
    /// The largest frame that connection.tune offers, in bytes, frame header and end included.
    pub frame_max: u32,
    /// The highest channel number that connection.tune offers.
    pub channel_max: u16,
    /// The largest body a message may have, in bytes (RabbitMQ's `max_message_size`).
    pub max_message_bytes: u64,
    /// What the publishes of one open transaction may take, in bytes of messages: while it is committed nobody else is
    /// told that a message is safe, so it must not take long. Half of the memory limit, if that is less.
    pub max_transaction_bytes: u64,
    /// Publishers are paused while queues hold more than this, in bytes of messages.
    pub memory_limit_bytes: u64,
    /// Messages beyond this are kept on the disk only, if there is one, in bytes of messages.
    pub memory_budget_bytes: u64,
    /// Bytes that may wait for the disk before those who publish are held back, and go on when half of it is left: records,
    /// and twice as much of messages beyond the budget that have no record yet. A connection that sends less than 1/256 of
    /// it meanwhile is not held back.
    pub disk_backlog_bytes: u64,
    /// What a confirm promises, if there is a disk.
    pub sync: SyncPolicy,
    /// How long a file of the journal becomes before the next one begins, in bytes.
    pub segment_bytes: u32,
    /// Deliveries to a connection wait while this many bytes sent to it are still on their way.
    pub send_window_bytes: u64,
    /// How long a delivery of a quorum queue may be unacked before the queue takes it back, in ms; 0 is no limit. Other queues
    /// have no limit (RabbitMQ 4.3).
    pub consumer_timeout_ms: u64,
    /// How much work one input may lead to, in operations of about a tenth of a microsecond each; the rest goes on with the
    /// next ticks ([`Broker::has_work`](crate::Broker::has_work)). At least 1.
    pub work_per_input: u64,
    /// Whether [`Output::Event`](crate::Output::Event)s are made. Nothing else that comes out depends on it.
    pub watched: bool,
    /// What is wrong with this broker.
    #[cfg(feature = "planted-bugs")]
    pub bug: Option<crate::Bug>,
}

impl Config {
    /// What this release of RabbitMQ ships.
    #[must_use]
    pub fn answering_like(compat: Release) -> Self {
        Config { compat, max_message_bytes: compat.max_message_bytes(), ..Config::default() }
    }

    /// How the broker behaves where releases differ.
    #[must_use]
    pub const fn behaviours(&self) -> Behaviours {
        self.compat.behaviours().differing_from(self.switched)
    }

    /// Whether the broker behaves so.
    #[must_use]
    pub const fn has(&self, behaviour: Behaviour) -> bool {
        self.behaviours().has(behaviour)
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            deprecated_features: DeprecatedFeatures::PERMITTED,
            compat: Release::default(),
            switched: Behaviours::NONE,
            seed: 0,
            latest_message: 0,
            users: vec![User {
                name: "guest".into(),
                // Everybody knows it: its salt need not be random.
                password: PasswordHash::new(*b"salt", "guest"),
                loopback_only: true,
                tags: vec!["administrator".into()],
                limits: UserLimits::default(),
            }],
            vhosts: vec!["/".into()],
            delete_vhosts: Vec::new(),
            vhost_limits: Vec::new(),
            permissions: vec![Permissions::all("guest", "/")],
            topic_permissions: Vec::new(),
            policies: Vec::new(),
            product: "Warren".into(),
            heartbeat_s: 60,
            frame_max: 131_072,
            channel_max: 2047,
            max_message_bytes: Release::default().max_message_bytes(),
            max_transaction_bytes: 128 << 20,
            memory_limit_bytes: 4 << 30,
            memory_budget_bytes: 32 << 20,
            disk_backlog_bytes: 16 << 20,
            sync: SyncPolicy::Always,
            segment_bytes: 32 << 20,
            send_window_bytes: 1 << 20,
            consumer_timeout_ms: 1_800_000,
            work_per_input: 20_000,
            watched: false,
            #[cfg(feature = "planted-bugs")]
            bug: None,
        }
    }
}
