//! Which release of RabbitMQ the broker answers like.
//!
//! Releases differ in named behaviours ([`Behaviour`]). The code asks for one by its name ([`Behaviours::has`]), and
//! compares no version numbers: each can be switched alone ([`Config::switched`](crate::Config::switched)).

mod behaviour;
mod behaviours;
mod deprecated;

use std::{fmt, str::FromStr};

pub use behaviour::Behaviour;
pub use behaviours::Behaviours;
pub use deprecated::{DeprecatedFeature, DeprecatedFeatures};

/// A release series of RabbitMQ, oldest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Release {
    /// 3.10, as Debian 12 has it.
    V3_10,
    /// 4.0, as Debian 13 has it.
    V4_0,
    /// 4.3, which Warren answers like unless something else is asked for.
    #[default]
    V4_3,
}

impl Release {
    /// All of them, oldest first.
    pub const ALL: [Release; 3] = [Release::V3_10, Release::V4_0, Release::V4_3];

    /// `3.10`
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Release::V3_10 => "3.10",
            Release::V4_0 => "4.0",
            Release::V4_3 => "4.3",
        }
    }

    /// What connection.start calls the broker's version: that of the RabbitMQ which has answered the conversations.
    #[must_use]
    pub const fn full_version(self) -> &'static str {
        match self {
            Release::V3_10 => "3.10.8",
            Release::V4_0 => "4.0.5",
            Release::V4_3 => "4.3.6",
        }
    }

    /// The largest body a message may have unless `max_message_size` says otherwise, in bytes.
    #[must_use]
    pub const fn max_message_bytes(self) -> u64 {
        match self {
            Release::V3_10 => 128 << 20,
            Release::V4_0 | Release::V4_3 => 16 << 20,
        }
    }

    /// The smallest frame-max that a client may ask for, in bytes.
    #[must_use]
    pub fn smallest_frame_max(self) -> u32 {
        if self.has(Behaviour::FramesOf8192) { 8192 } else { 4096 }
    }

    /// How this release behaves.
    #[must_use]
    pub const fn behaviours(self) -> Behaviours {
        match self {
            Release::V3_10 => const { Behaviours::of(Release::V3_10) },
            Release::V4_0 => const { Behaviours::of(Release::V4_0) },
            Release::V4_3 => const { Behaviours::of(Release::V4_3) },
        }
    }

    /// Whether RabbitMQ behaves so in this release. A broker asks [`Config::has`](crate::Config::has).
    #[must_use]
    pub const fn has(self, behaviour: Behaviour) -> bool {
        self.behaviours().has(behaviour)
    }

    /// The behaviours that this release lacks, because they came later.
    pub fn lacks(self) -> impl Iterator<Item = Behaviour> {
        Behaviour::ALL.iter().copied().filter(move |behaviour| !self.has(*behaviour))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Release {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Release::ALL.into_iter().find(|release| release.as_str() == text);
        found.ok_or_else(|| format!("Warren can answer like RabbitMQ 3.10, 4.0 or 4.3, not like {text:?}"))
    }
}
