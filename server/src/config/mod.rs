//! Settings: the command line over the file over the defaults.

mod args;
mod file;

use std::{
    hash::{BuildHasher, RandomState},
    net::{Ipv4Addr, SocketAddr},
};

use warren_core::{Config, User};

use crate::{
    failure::Failure,
    log::{LogFormat, LogLevel},
};
pub(crate) use args::ServeArgs;
use file::FileSettings;

/// Everything that `warren serve` needs to know.
pub(crate) struct Settings {
    pub(crate) amqp: SocketAddr,
    pub(crate) http: SocketAddr,
    pub(crate) log: LogLevel,
    pub(crate) log_format: LogFormat,
    pub(crate) broker: Config,
}

impl Settings {
    /// Reads the file, if one is named, and lets the command line win.
    pub(crate) fn gather(args: &ServeArgs) -> Result<Settings, Failure> {
        let file = match &args.config {
            Some(path) => file::read(path)?,
            None => FileSettings::default(),
        };
        // `--memory` wins over the file, as every option wins over its key.
        let file_wants_disk = file.data.is_some() || file.memory == Some(false);
        if args.data.is_some() || (file_wants_disk && !args.memory) {
            return Err(no_journal());
        }
        Ok(Settings {
            amqp: args.amqp.or(file.amqp).unwrap_or_else(|| loopback(5672)),
            http: args.http.or(file.http).unwrap_or_else(|| loopback(15672)),
            log: args.log.or(file.log).unwrap_or_default(),
            log_format: args.log_format.or(file.log_format).unwrap_or_default(),
            broker: broker_config(file),
        })
    }
}

fn broker_config(file: FileSettings) -> Config {
    let defaults = Config::default();
    Config {
        // Generated names must not repeat those of an earlier run, whose clients may still hold them.
        seed: RandomState::new().hash_one("warren"),
        users: file.users.map_or(defaults.users, |users| users.into_iter().map(User::from).collect()),
        heartbeat_s: file.heartbeat.unwrap_or(defaults.heartbeat_s),
        frame_max: file.frame_max.unwrap_or(defaults.frame_max),
        memory_limit_bytes: file.memory_limit.map_or(defaults.memory_limit_bytes, |limit| limit.as_u64()),
        ..defaults
    }
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn no_journal() -> Failure {
    Failure::usage(
        "cannot keep data on disk: there is no journal yet; say --memory (the default) instead of --data",
    )
}
