//! The configuration file: TOML in, settings or one line for a person out.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use bytesize::ByteSize;
use serde::{Deserialize, Deserializer, de::Error};
use warren_core::{Config, SyncPolicy};

use super::access::{FilePermissions, FilePolicy, FileTopicPermissions, FileUser, FileVhost, Lists, Wrong};
use crate::{
    failure::Failure,
    log::{LogFormat, LogLevel},
    values,
};

/// The smallest frame-max that a client may agree to, in bytes (RabbitMQ 4).
const FRAME_MIN_SIZE: u64 = 8192;

/// The keys of the file; each may be missing.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSettings {
    #[serde(default, deserialize_with = "address")]
    pub(super) amqp: Option<SocketAddr>,
    #[serde(default, deserialize_with = "address")]
    pub(super) http: Option<SocketAddr>,
    pub(super) memory: Option<bool>,
    pub(super) data: Option<PathBuf>,
    pub(super) log: Option<LogLevel>,
    pub(super) log_format: Option<LogFormat>,
    #[serde(default, deserialize_with = "heartbeat")]
    heartbeat: Option<u16>,
    #[serde(default, deserialize_with = "frame_max")]
    frame_max: Option<u32>,
    channel_max: Option<u16>,
    memory_limit: Option<ByteSize>,
    memory_budget: Option<ByteSize>,
    #[serde(default, deserialize_with = "segment_size")]
    segment_size: Option<u32>,
    #[serde(default, deserialize_with = "sync")]
    sync: Option<SyncPolicy>,
    max_message_size: Option<ByteSize>,
    max_transaction_size: Option<ByteSize>,
    #[serde(default, deserialize_with = "duration_ms")]
    consumer_timeout: Option<u64>,
    vhosts: Option<Vec<FileVhost>>,
    users: Option<Vec<FileUser>>,
    permissions: Option<Vec<FilePermissions>>,
    #[serde(default)]
    topic_permissions: Vec<FileTopicPermissions>,
    #[serde(default)]
    policies: Vec<FilePolicy>,
    #[serde(skip)]
    source: Source,
}

/// Where the settings were read, for those who find something wrong with them.
#[derive(Default)]
struct Source {
    name: String,
    text: String,
}

/// Reads and checks the file.
pub(super) fn read(path: &Path) -> Result<FileSettings, Failure> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "cannot read the configuration {name}: {error}; check the path given to --config"
        ))
    })?;
    let settings: FileSettings = toml::from_str(&text)
        .map_err(|error| Failure::usage(format!("{name}, {}", explain(&text, &error))))?;
    let source = Source { name: name.to_string(), text };
    Ok(FileSettings { source, ..settings })
}

impl FileSettings {
    /// Puts what the file says in the place of the defaults.
    pub(super) fn apply(self, config: &mut Config) -> Result<(), Failure> {
        let FileSettings { vhosts, users, permissions, topic_permissions, policies, .. } = self;
        let lists = Lists { vhosts, users, permissions, topic_permissions, policies };
        lists.apply(config).map_err(|wrong| self.source.explain(&wrong))?;
        set(&mut config.heartbeat_s, self.heartbeat);
        set(&mut config.frame_max, self.frame_max);
        set(&mut config.channel_max, self.channel_max);
        set(&mut config.memory_limit_bytes, self.memory_limit.map(|limit| limit.as_u64()));
        set(&mut config.memory_budget_bytes, self.memory_budget.map(|budget| budget.as_u64()));
        set(&mut config.segment_bytes, self.segment_size);
        set(&mut config.sync, self.sync);
        set(&mut config.max_message_bytes, self.max_message_size.map(|size| size.as_u64()));
        set(&mut config.max_transaction_bytes, self.max_transaction_size.map(|size| size.as_u64()));
        // What could never be committed within the memory limit is refused, not waited for.
        config.max_transaction_bytes = config.max_transaction_bytes.min(config.memory_limit_bytes / 2);
        set(&mut config.consumer_timeout_ms, self.consumer_timeout);
        Ok(())
    }
}

impl Source {
    fn explain(&self, wrong: &Wrong) -> Failure {
        Failure::usage(format!("{}, {}: {}", self.name, place(&self.text, wrong.at.start), wrong.why))
    }
}

fn set<T>(setting: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *setting = given;
    }
}

/// `line 3, "amqq = 1": unknown key 'amqq', did you mean 'amqp'?`
fn explain(text: &str, error: &toml::de::Error) -> String {
    let message = suggest(error.message()).unwrap_or_else(|| error.message().replace('\n', ", "));
    match error.span() {
        Some(span) => format!("{}: {message}", place(text, span.start)),
        None => message,
    }
}

/// `line 3, "amqq = 1"`
fn place(text: &str, at: usize) -> String {
    let number = text.get(..at).unwrap_or_default().matches('\n').count();
    let line = text.lines().nth(number).unwrap_or_default().trim();
    format!("line {}, \"{line}\"", number + 1)
}

/// Turns serde's "unknown field `a`, expected one of `b`, `c`" into a suggestion; None for other messages.
fn suggest(message: &str) -> Option<String> {
    let noun = match message {
        _ if message.starts_with("unknown field") => "key",
        _ if message.starts_with("unknown variant") => "value",
        _ => return None,
    };
    let mut quoted = message.split('`').skip(1).step_by(2);
    let given = quoted.next()?;
    let allowed: Vec<&str> = quoted.collect();
    let nearest = allowed
        .iter()
        .map(|known| (strsim::jaro_winkler(given, known), known))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(likeness, _)| *likeness > 0.7);
    let hint = nearest.map_or(String::new(), |(_, known)| format!(", did you mean '{known}'?"));
    Some(format!("unknown {noun} '{given}'{hint} (allowed: {})", allowed.join(", ")))
}

fn address<'de, D: Deserializer<'de>>(value: D) -> Result<Option<SocketAddr>, D::Error> {
    values::address(&String::deserialize(value)?).map(Some).map_err(D::Error::custom)
}

/// `"32 MiB"`; files much longer are of no use, and much shorter ones are many.
fn segment_size<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    let ByteSize(bytes) = ByteSize::deserialize(value)?;
    match u32::try_from(bytes) {
        Ok(size) if (64 << 10..=1 << 30).contains(&size) => Ok(Some(size)),
        _ => Err(D::Error::custom("segment_size is 64 KiB to 1 GiB")),
    }
}

/// `"always"`, `"never"` or `"100ms"`.
fn sync<'de, D: Deserializer<'de>>(value: D) -> Result<Option<SyncPolicy>, D::Error> {
    values::sync(&String::deserialize(value)?).map(Some).map_err(D::Error::custom)
}

/// `"60s"`, in whole seconds as connection.tune has it; `"0s"` turns heartbeats off.
fn heartbeat<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u16>, D::Error> {
    let interval = values::duration(&String::deserialize(value)?).map_err(D::Error::custom)?;
    match u16::try_from(interval.as_secs()) {
        Ok(seconds) if interval.subsec_nanos() == 0 => Ok(Some(seconds)),
        _ => Err(D::Error::custom("a heartbeat is whole seconds, at most 65535s; \"0s\" turns it off")),
    }
}

/// `131072` or `"128 KiB"`; 0 for no limit.
fn frame_max<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    let ByteSize(bytes) = ByteSize::deserialize(value)?;
    match u32::try_from(bytes) {
        Ok(size) if bytes == 0 || bytes >= FRAME_MIN_SIZE => Ok(Some(size)),
        _ => Err(D::Error::custom("frame_max is 8192 bytes to 4 GiB, or 0 for no limit")),
    }
}

/// `"30m"`; `"0s"` for no limit.
fn duration_ms<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    let duration = values::duration(&String::deserialize(value)?).map_err(D::Error::custom)?;
    u64::try_from(duration.as_millis())
        .map(Some)
        .map_err(|_| D::Error::custom("this is longer than time goes on"))
}
