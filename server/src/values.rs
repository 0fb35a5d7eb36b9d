//! Values that a person writes on the command line or in a file.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use warren_core::SyncPolicy;

/// An address to listen on: `127.0.0.1:5672`, `[::1]:5672` or `localhost:5672`.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("{}:{port}", Ipv4Addr::LOCALHOST));
    numeric
        .as_deref()
        .unwrap_or(text)
        .parse()
        .map_err(|_| "write an IP address and a port, such as 127.0.0.1:5672 or 0.0.0.0:5672".to_owned())
}

/// A time such as `60s` or `1m30s`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "write a duration such as 500ms, 60s or 1m30s".to_owned())
}

/// When what is written is synced: `always`, `never`, or every so often, such as `100ms`.
pub(crate) fn sync(text: &str) -> Result<SyncPolicy, String> {
    match text {
        "always" => Ok(SyncPolicy::Always),
        "never" => Ok(SyncPolicy::Never),
        _ => duration(text)
            .map(SyncPolicy::Interval)
            .map_err(|_| "write always, never, or how often, such as 100ms".to_owned()),
    }
}

/// Which of these words was probably meant, if any.
pub(crate) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let near = words.iter().map(|other| (strsim::jaro_winkler(other, word), *other));
    let near = near.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(likeness, _)| *likeness > 0.8);
    near.map(|(_, near)| near)
}
