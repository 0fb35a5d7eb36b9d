//! The descriptors that this process may have, and who may have how many of them.

use rlimit::Resource;

use crate::admission::Limits;

/// What the process has open besides connections and files of the journal: timers, signals, threads, what was inherited.
const OTHERS: u64 = 24;
/// Segments that the journal may have open to read at most, and at least.
const READ_SEGMENTS: (u64, u64) = (64, 4);
/// Further files of the journal: those that are written, the directory, the lock, and those that are kept back.
const JOURNAL: u64 = 12;
/// Connections that HTTP may have at most.
const HTTP: u64 = 1024;
/// Connections without a login that one other address may have at most.
const STRANGERS: u64 = 1024;
/// Limits that are higher change nothing.
const ENOUGH: u64 = 1 << 20;

/// Who may have how many.
pub(crate) struct Share {
    /// Segments that may be open to be read.
    pub(crate) read_segments: usize,
    pub(crate) amqp: Limits,
    pub(crate) http: Limits,
}

/// Raises the limit of open files as far as it goes, and divides it. The journal's part comes first.
pub(crate) fn share() -> Share {
    let limit = rlimit::increase_nofile_limit(u64::MAX).or_else(|error| {
        tracing::warn!(%error, "the limit of open files stays as it is");
        rlimit::getrlimit(Resource::NOFILE).map(|(soft, _)| soft)
    });
    let share = divide(limit.unwrap_or(ENOUGH).min(ENOUGH));
    if share.amqp.open < 1000 {
        let clients = share.amqp.open;
        tracing::warn!(
            clients,
            "few files may be open: more clients have to wait; raise the limit (ulimit -n, LimitNOFILE=)"
        );
    }
    share
}

fn divide(limit: u64) -> Share {
    let (most, least) = READ_SEGMENTS;
    let read_segments = (limit / 8).clamp(least, most);
    let connections = limit.saturating_sub(OTHERS + JOURNAL + read_segments).max(4);
    let http = (connections / 8).clamp(2, HTTP);
    let amqp = connections - http;
    Share {
        read_segments: read_segments as usize,
        amqp: limits(amqp, (amqp / 8).clamp(1, STRANGERS), amqp.div_ceil(2)),
        http: limits(http, (http / 4).max(1), http),
    }
}

fn limits(open: u64, strangers: u64, strangers_loopback: u64) -> Limits {
    let [open, strangers, strangers_loopback] =
        [open, strangers, strangers_loopback].map(|count| count as usize);
    Limits { open, strangers, strangers_loopback }
}

#[cfg(test)]
mod tests {
    use super::{ENOUGH, JOURNAL, OTHERS, divide};

    #[test]
    fn the_journal_has_its_part_whatever_the_limit() {
        for limit in [64, 128, 256, 1024, 20_000, ENOUGH] {
            let share = divide(limit);
            // One connection more than there may be is open until another one is closed for it.
            let connections = (share.amqp.open + share.http.open + 2) as u64;
            assert!(connections + share.read_segments as u64 + JOURNAL + OTHERS <= limit + 2, "{limit}");
            assert!(share.amqp.strangers >= 1 && share.http.strangers >= 1, "{limit}");
        }
        let usual = divide(1024).amqp;
        assert!(usual.open > 700 && usual.strangers_loopback > 300 && usual.strangers > 80);
    }
}
