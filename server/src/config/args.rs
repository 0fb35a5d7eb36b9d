//! What the command line says about the settings.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use warren_core::{Release, SyncPolicy};

use crate::{
    log::{LogFormat, LogLevel},
    values,
};

/// The options of `warren serve`. What is not given comes from the file, then from the defaults.
#[derive(Args, Default)]
pub(crate) struct ServeArgs {
    /// Where AMQP clients connect [default: 127.0.0.1:5672]; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", value_parser = values::address)]
    pub(crate) amqp: Option<SocketAddr>,
    /// Where browsers find the page and /api/health [default: 127.0.0.1:15672].
    #[arg(long, value_name = "ADDR", value_parser = values::address)]
    pub(crate) http: Option<SocketAddr>,
    /// Keep everything in memory; a restart forgets it.
    #[arg(long, conflicts_with = "data")]
    pub(crate) memory: bool,
    /// Keep what is durable in this directory [default: ~/.local/share/warren].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// When what is confirmed has been synced: always, never, or later, so often (100ms) [default: always].
    #[arg(long, value_name = "WHEN", value_parser = values::sync)]
    pub(crate) sync: Option<SyncPolicy>,
    /// The release of RabbitMQ to answer like: 3.10, 4.0 or 4.3 [default: 4.3].
    #[arg(long, value_name = "RELEASE")]
    pub(crate) compat: Option<Release>,
    /// Deny the deprecated features that this RabbitMQ denies unless its configuration permits them.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Read settings and users from this TOML file; `warren serve --help` lists its keys.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How much to log to stderr [default: info].
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log: Option<LogLevel>,
    /// How to log [default: text].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}
