//! The configuration file: TOML in, settings or one line for a person out.

use std::{
    fs,
    net::SocketAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    string::FromUtf8Error,
    time::Duration,
};

use bytesize::ByteSize;
use serde::{Deserialize, Deserializer, de::Error};
use toml::Spanned;
use warren_core::{Config, DeprecatedFeatures, Release, SyncPolicy};

use super::{
    access::{FilePermissions, FilePolicy, FileTopicPermissions, FileUser, FileVhost, Lists, Password},
    wrong::{Wrong, explain, place},
};
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
    #[serde(default, deserialize_with = "directory")]
    pub(super) data: Option<PathBuf>,
    pub(super) log: Option<LogLevel>,
    pub(super) log_format: Option<LogFormat>,
    #[serde(default, deserialize_with = "compat")]
    pub(super) compat: Option<Release>,
    pub(super) strict: Option<bool>,
    #[serde(default)]
    pub(super) deprecated_features: FileDeprecatedFeatures,
    #[serde(default, deserialize_with = "product")]
    product: Option<String>,
    #[serde(default, deserialize_with = "heartbeat")]
    heartbeat: Option<u16>,
    #[serde(default, deserialize_with = "frame_max")]
    frame_max: Option<u32>,
    channel_max: Option<u16>,
    #[serde(default, deserialize_with = "much_memory")]
    memory_limit: Option<u64>,
    #[serde(default, deserialize_with = "much_memory")]
    memory_budget: Option<u64>,
    #[serde(default, deserialize_with = "segment_size")]
    segment_size: Option<u32>,
    #[serde(default, deserialize_with = "sync")]
    sync: Option<SyncPolicy>,
    #[serde(default, deserialize_with = "message_size")]
    max_message_size: Option<u64>,
    #[serde(default, deserialize_with = "much_memory")]
    max_transaction_size: Option<u64>,
    #[serde(default, deserialize_with = "duration_ms")]
    consumer_timeout: Option<u64>,
    #[serde(default, deserialize_with = "duration")]
    pub(super) send_timeout: Option<Duration>,
    #[serde(default)]
    delete_vhosts: Vec<Spanned<String>>,
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

/// `deprecated_features.permit.global_qos = false`, as RabbitMQ's configuration says it.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileDeprecatedFeatures {
    #[serde(default)]
    permit: Permit,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Permit {
    global_qos: Option<bool>,
    queue_master_locator: Option<bool>,
    transient_nonexcl_queues: Option<bool>,
}

impl FileDeprecatedFeatures {
    /// Puts what the file says in the place of the defaults.
    pub(super) fn apply(self, features: &mut DeprecatedFeatures) {
        set(&mut features.global_qos, self.permit.global_qos);
        set(&mut features.queue_master_locator, self.permit.queue_master_locator);
        set(&mut features.transient_nonexcl_queues, self.permit.transient_nonexcl_queues);
    }
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
    let bytes = fs::read(path).map_err(|error| {
        Failure::usage(format!(
            "cannot read the configuration {name}: {error}; check the path given to --config"
        ))
    })?;
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?;
    let settings: FileSettings = toml::from_str(&text)
        .map_err(|error| Failure::usage(format!("{name}, {}", explain(&text, &error))))?;
    let source = Source { name: name.to_string(), text };
    Ok(FileSettings { source, ..settings })
}

fn not_utf8(path: &Path, error: &FromUtf8Error) -> Failure {
    let at = error.utf8_error().valid_up_to();
    let before = error.as_bytes().get(..at).unwrap_or_default();
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let byte = error.as_bytes().get(at).copied().unwrap_or_default();
    Failure::usage(format!(
        "{}, line {line}: the file is not UTF-8 text: byte {at} is 0x{byte:02x}; save it as UTF-8, which TOML files are",
        path.display()
    ))
}

impl FileSettings {
    /// Puts what the file says in the place of the defaults; returns the passwords that are still to be hashed.
    pub(super) fn apply(self, config: &mut Config) -> Result<Vec<Password>, Failure> {
        let FileSettings { vhosts, users, permissions, topic_permissions, policies, delete_vhosts, .. } =
            self;
        let lists = Lists { vhosts, users, permissions, topic_permissions, policies, delete_vhosts };
        let passwords = lists.apply(config).map_err(|wrong| self.source.explain(&wrong))?;
        set(&mut config.product, self.product);
        set(&mut config.heartbeat_s, self.heartbeat);
        set(&mut config.frame_max, self.frame_max);
        set(&mut config.channel_max, self.channel_max);
        set(&mut config.memory_limit_bytes, self.memory_limit);
        set(&mut config.memory_budget_bytes, self.memory_budget);
        set(&mut config.segment_bytes, self.segment_size);
        set(&mut config.sync, self.sync);
        set(&mut config.max_message_bytes, self.max_message_size);
        set(&mut config.max_transaction_bytes, self.max_transaction_size);
        // What could never be committed within the memory limit is refused, not waited for.
        config.max_transaction_bytes = config.max_transaction_bytes.min(config.memory_limit_bytes / 2);
        set(&mut config.consumer_timeout_ms, self.consumer_timeout);
        Ok(passwords)
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

fn address<'de, D: Deserializer<'de>>(value: D) -> Result<Option<SocketAddr>, D::Error> {
    values::address(&String::deserialize(value)?).map(Some).map_err(D::Error::custom)
}

/// `"32 MiB"`; files much longer are of no use, and much shorter ones are many.
fn segment_size<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    let ByteSize(bytes) = ByteSize::deserialize(value)?;
    match u32::try_from(bytes) {
        Ok(size) if (64 << 10..=1 << 30).contains(&size) => Ok(Some(size)),
        _ => Err(wrong()),
    }
}

/// `"always"`, `"never"` or `"100ms"`.
fn sync<'de, D: Deserializer<'de>>(value: D) -> Result<Option<SyncPolicy>, D::Error> {
    values::sync(&String::deserialize(value)?).map(Some).map_err(D::Error::custom)
}

/// `"3.10"`: a text, because 3.10 as a number is 3.1.
fn compat<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Release>, D::Error> {
    String::deserialize(value)?.parse().map(Some).map_err(D::Error::custom)
}

/// What clients are told that they are connected to.
fn product<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let product = String::deserialize(value)?;
    if (1..=255).contains(&product.len()) { Ok(Some(product)) } else { Err(wrong()) }
}

/// `"60s"`, in whole seconds as connection.tune has it; `"0s"` turns heartbeats off.
fn heartbeat<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u16>, D::Error> {
    let interval = values::duration(&String::deserialize(value)?).map_err(D::Error::custom)?;
    match u16::try_from(interval.as_secs()) {
        Ok(seconds) if interval.subsec_nanos() == 0 => Ok(Some(seconds)),
        _ => Err(wrong()),
    }
}

/// `131072` or `"128 KiB"`; 0 for no limit.
fn frame_max<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    let ByteSize(bytes) = ByteSize::deserialize(value)?;
    match u32::try_from(bytes) {
        Ok(size) if bytes == 0 || bytes >= FRAME_MIN_SIZE => Ok(Some(size)),
        _ => Err(wrong()),
    }
}

/// `"30s"`; `"0s"` for no limit.
fn duration<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Duration>, D::Error> {
    values::duration(&String::deserialize(value)?).map(Some).map_err(D::Error::custom)
}

/// `"30m"`; `"0s"` for no limit.
fn duration_ms<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    let duration = values::duration(&String::deserialize(value)?).map_err(D::Error::custom)?;
    u64::try_from(duration.as_millis()).map(Some).map_err(|_| wrong())
}

/// A directory's name, which is not empty.
fn directory<'de, D: Deserializer<'de>>(value: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(value)?;
    if path.as_os_str().is_empty() { Err(wrong()) } else { Ok(Some(path)) }
}

/// `"4 GiB"`, or bytes. So little that nothing would go is refused.
fn much_memory<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    size(value, 64 << 10..=u64::MAX)
}

/// The longest body that RabbitMQ may be told to take is the longest here, too.
fn message_size<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    size(value, 1 << 10..=512 << 20)
}

fn size<'de, D: Deserializer<'de>>(value: D, allowed: RangeInclusive<u64>) -> Result<Option<u64>, D::Error> {
    let ByteSize(bytes) = ByteSize::deserialize(value)?;
    if allowed.contains(&bytes) { Ok(Some(bytes)) } else { Err(wrong()) }
}

/// What would be right is in the table of keys.
fn wrong<E: Error>() -> E {
    E::custom("this is not allowed")
}
