//! What there is besides exchanges, queues and actors: texts, the network, the broker's settings, its disk.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::values::{self, is_default};

/// A text in the languages of the page.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Russian.
    pub ru: String,
}

/// `[network]`: how long bytes travel between an actor and the broker, each way.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkPlan {
    /// The latency of a link whose actor names none.
    #[serde(default = "default_latency", with = "values::duration")]
    pub latency: Duration,
    /// Up to this much more, different for every write and drawn from the seed.
    #[serde(default, with = "values::duration", skip_serializing_if = "is_default")]
    pub jitter: Duration,
    /// How many bytes pass a link in a second, in each direction; 0 for any number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bandwidth: u64,
    /// After how long a silent connection is given up, in whole seconds; 0 for no heartbeats.
    #[serde(default, with = "values::duration", skip_serializing_if = "is_default")]
    pub heartbeat: Duration,
}

impl Default for NetworkPlan {
    fn default() -> Self {
        NetworkPlan {
            latency: default_latency(),
            jitter: Duration::ZERO,
            bandwidth: 0,
            heartbeat: Duration::ZERO,
        }
    }
}

/// Long enough for an eye to follow a message on its way.
const fn default_latency() -> Duration {
    Duration::from_millis(300)
}

/// `[broker]`: what is different from the broker's defaults.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerPlan {
    /// Bytes of messages that it keeps in memory when they are on the disk, too.
    #[serde(skip_serializing_if = "is_default")]
    pub memory_budget: Option<u64>,
    /// Bytes of a file of its journal.
    #[serde(skip_serializing_if = "is_default")]
    pub segment: Option<u32>,
}

impl Default for DiskPlan {
    /// Slow enough to be watched.
    fn default() -> Self {
        DiskPlan { write: Duration::from_millis(200), sync: Duration::from_millis(500) }
    }
}

/// `[disk]`: what the broker's disk is like.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DiskPlan {
    /// How long a write takes until it is in the operating system's cache.
    #[serde(with = "values::duration")]
    pub write: Duration,
    /// How long a sync takes until all that was written is on the disk for good.
    #[serde(with = "values::duration")]
    pub sync: Duration,
}
