//! What made-up conversations are about.

use std::{fmt, str::FromStr};

/// The subject of a made-up conversation. A seed has one, so that each gets its share of a range of seeds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Classic queues, exchanges of every type, whatever a client may say.
    General,
    /// Transactions, and queues that are deleted and declared again before the commit.
    Transactions,
    /// Queues that are full, with each overflow, and confirms.
    Limits,
    /// Single active consumers and consumers of several priorities.
    Consumers,
    /// Quorum queues.
    Quorum,
    /// Streams.
    Streams,
    /// Requests and direct replies.
    Replies,
    /// Policies that come and go.
    Policies,
    /// A user with few permissions, or on a virtual host of its own.
    Users,
    /// Messages and queues that expire while time passes.
    Timing,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 10] = [
        Kind::General,
        Kind::Transactions,
        Kind::Limits,
        Kind::Consumers,
        Kind::Quorum,
        Kind::Streams,
        Kind::Replies,
        Kind::Policies,
        Kind::Users,
        Kind::Timing,
    ];

    /// The kind of a seed's conversation: of twenty seeds in a row each kind has the same number every time.
    #[must_use]
    pub const fn of(seed: u64) -> Self {
        match seed % 20 {
            5 | 6 => Kind::Transactions,
            7 | 8 => Kind::Limits,
            9 | 10 => Kind::Consumers,
            11..=13 => Kind::Quorum,
            14 => Kind::Streams,
            15 => Kind::Replies,
            16 => Kind::Policies,
            17 => Kind::Users,
            19 => Kind::Timing,
            _ => Kind::General,
        }
    }

    /// `quorum`
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::General => "general",
            Kind::Transactions => "transactions",
            Kind::Limits => "limits",
            Kind::Consumers => "consumers",
            Kind::Quorum => "quorum",
            Kind::Streams => "streams",
            Kind::Replies => "replies",
            Kind::Policies => "policies",
            Kind::Users => "users",
            Kind::Timing => "timing",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Kind::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("there is no kind {text:?}: {}", Kind::ALL.map(Kind::as_str).join(", ")))
    }
}
