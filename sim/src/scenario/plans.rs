//! What there is besides exchanges, queues and actors: the network, the broker's settings, its disk.

use std::time::Duration;

use warren_core::Release;

use super::ConsumerTimeout;
use crate::document::{Fields, Record};

/// `[network]`: how long bytes travel between an actor and the broker, each way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetworkPlan {
    /// The latency of a link whose actor names none.
    pub latency: Duration,
    /// Up to this much more, different for every write and drawn from the seed.
    pub jitter: Duration,
    /// How many bytes pass a link in a second, in each direction; 0 for any number.
    pub bandwidth: u64,
    /// After how long a silent connection is given up, in whole seconds; 0 for no heartbeats.
    pub heartbeat: Duration,
}

impl Default for NetworkPlan {
    /// Long enough for an eye to follow a message on its way.
    fn default() -> Self {
        NetworkPlan {
            latency: Duration::from_millis(300),
            jitter: Duration::ZERO,
            bandwidth: 0,
            heartbeat: Duration::ZERO,
        }
    }
}

impl Record for NetworkPlan {
    fn plain() -> Self {
        NetworkPlan::default()
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.shown("latency", &mut self.latency);
        fields.optional("jitter", &mut self.jitter);
        fields.optional("bandwidth", &mut self.bandwidth);
        fields.optional("heartbeat", &mut self.heartbeat);
    }
}

/// `[broker]`: what is different from the broker's defaults.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BrokerPlan {
    /// The release of RabbitMQ that it answers like.
    pub compat: Option<Release>,
    /// Whether it denies the deprecated features that this release denies by default.
    pub strict: bool,
    /// How long a delivery may be unacked.
    pub consumer_timeout: Option<ConsumerTimeout>,
    /// Bytes of messages in memory beyond which publishers are blocked, until consumers have taken some.
    pub memory_limit: Option<u64>,
    /// Bytes of messages that it keeps in memory when they are on the disk, too.
    pub memory_budget: Option<u64>,
    /// Bytes that may wait for its disk before publishers are held back.
    pub disk_backlog: Option<u64>,
    /// Bytes of a file of its journal.
    pub segment: Option<u32>,
    /// Operations that one input may lead to at once; at least 1.
    pub work_per_input: Option<u64>,
}

impl Record for BrokerPlan {
    fn plain() -> Self {
        BrokerPlan::default()
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.optional("compat", &mut self.compat);
        fields.optional("strict", &mut self.strict);
        fields.optional("consumer_timeout", &mut self.consumer_timeout);
        fields.optional("memory_limit", &mut self.memory_limit);
        fields.optional("memory_budget", &mut self.memory_budget);
        fields.optional("disk_backlog", &mut self.disk_backlog);
        fields.optional("segment", &mut self.segment);
        fields.optional("work_per_input", &mut self.work_per_input);
    }
}

impl Default for DiskPlan {
    /// Slow enough to be watched.
    fn default() -> Self {
        DiskPlan { write: Duration::from_millis(200), sync: Duration::from_millis(500) }
    }
}

/// `[disk]`: what the broker's disk is like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiskPlan {
    /// How long a write takes until it is in the operating system's cache.
    pub write: Duration,
    /// How long a sync takes until all that was written is on the disk for good.
    pub sync: Duration,
}

impl Record for DiskPlan {
    fn plain() -> Self {
        DiskPlan::default()
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.needed("write", &mut self.write);
        fields.needed("sync", &mut self.sync);
    }
}
