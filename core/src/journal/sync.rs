//! When what was written is made to survive more than the end of the process.

use std::time::Duration;

use crate::Instant;

/// What a confirm promises.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SyncPolicy {
    /// Every commit is synced before it is confirmed: a confirmed message survives a power cut.
    #[default]
    Always,
    /// A commit is confirmed when it is written, and synced so often: a confirmed message survives the end of the
    /// process; a power cut may take those of the last interval.
    Interval(Duration),
    /// A commit is confirmed when it is written, and the operating system syncs when it likes: a confirmed message
    /// survives the end of the process, and no power cut.
    Never,
}

impl SyncPolicy {
    /// Whether a write is to be followed by a sync.
    pub(super) fn is_due(self, synced_at: Instant, now: Instant) -> bool {
        match self {
            SyncPolicy::Always => true,
            SyncPolicy::Interval(interval) => synced_at + interval <= now,
            SyncPolicy::Never => false,
        }
    }
}
