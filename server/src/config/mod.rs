//! Settings: the command line over the file over the defaults.

mod access;
mod args;
mod file;

use std::{
    hash::{BuildHasher, RandomState},
    net::{Ipv4Addr, SocketAddr},
};

use warren_core::Config;

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
            broker: broker_config(file)?,
        })
    }
}

fn broker_config(file: FileSettings) -> Result<Config, Failure> {
    // Generated names must not repeat those of an earlier run, whose clients may still hold them.
    let mut config = Config { seed: RandomState::new().hash_one("warren"), ..Config::default() };
    file.apply(&mut config)?;
    Ok(config)
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn no_journal() -> Failure {
    Failure::usage(
        "cannot keep data on disk: there is no journal yet; say --memory (the default) instead of --data",
    )
}
