//! The versions of RabbitMQ that Warren is held against.

use std::{fmt, str::FromStr};

/// A release series of RabbitMQ, and the suite of Debian's that has it.
#[derive(Clone, Copy)]
pub(crate) struct Release {
    name: &'static str,
    suite: &'static str,
}

const RELEASES: [Release; 3] = [
    Release { name: "3.10", suite: "bookworm" },
    Release { name: "4.0", suite: "trixie" },
    Release { name: "4.3", suite: "sid" },
];

impl Release {
    /// The one that Warren follows unless it is told otherwise.
    pub(crate) const FOLLOWED: &'static str = "4.3";

    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    pub(super) fn suite(self) -> &'static str {
        self.suite
    }

    /// What 4.x would refuse otherwise, and most applications still use: lines of `rabbitmq.conf`.
    pub(super) fn permits(self) -> &'static str {
        match self.name {
            "3.10" => "",
            _ => concat!(
                "deprecated_features.permit.transient_nonexcl_queues = true\n",
                "deprecated_features.permit.global_qos = true\n",
                "deprecated_features.permit.queue_master_locator = true\n",
            ),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl FromStr for Release {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let found = RELEASES.into_iter().find(|release| release.name == text);
        found.ok_or_else(|| anyhow::anyhow!("--rabbitmq takes 3.10, 4.0 or 4.3, not {text:?}"))
    }
}
