//! Settings: the command line over the file over the defaults.

mod access;
mod args;
mod file;
mod memory;

use std::{
    hash::{BuildHasher, RandomState},
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use etcetera::BaseStrategy;
use warren_core::{Config, SyncPolicy};

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
    /// Where what is durable is kept; `None` for nowhere.
    pub(crate) data: Option<PathBuf>,
    pub(crate) broker: Config,
}

impl Settings {
    /// Reads the file, if one is named, and lets the command line win.
    pub(crate) fn gather(args: &ServeArgs) -> Result<Settings, Failure> {
        let file = match &args.config {
            Some(path) => file::read(path)?,
            None => FileSettings::default(),
        };
        // `--memory` and `--data` win over the file, as every option wins over its key.
        let memory = args.memory || (args.data.is_none() && file.memory == Some(true));
        let named = args.data.clone().or_else(|| file.data.clone());
        let data = if memory { None } else { Some(named.map_or_else(default_directory, Ok)?) };
        Ok(Settings {
            amqp: args.amqp.or(file.amqp).unwrap_or_else(|| loopback(5672)),
            http: args.http.or(file.http).unwrap_or_else(|| loopback(15672)),
            log: args.log.or(file.log).unwrap_or_default(),
            log_format: args.log_format.or(file.log_format).unwrap_or_default(),
            data,
            broker: broker_config(file, args.sync)?,
        })
    }
}

fn broker_config(file: FileSettings, sync: Option<SyncPolicy>) -> Result<Config, Failure> {
    // Generated names must not repeat those of an earlier run, whose clients may still hold them.
    let mut config = Config { seed: RandomState::new().hash_one("warren"), ..Config::default() };
    config.memory_budget_bytes = memory::budget_bytes();
    file.apply(&mut config)?;
    config.sync = sync.unwrap_or(config.sync);
    Ok(config)
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// `~/.local/share/warren`, or what the machine has in its place.
fn default_directory() -> Result<PathBuf, Failure> {
    etcetera::choose_base_strategy().map(|places| places.data_dir().join("warren")).map_err(|_| {
        Failure::usage("there is no home directory to keep data in; say --data DIR, or --memory to keep none")
    })
}
