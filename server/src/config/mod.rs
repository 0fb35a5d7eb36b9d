//! Settings: the command line over the file over the defaults.

mod access;
mod args;
mod file;
mod keys;
mod memory;
mod policy;
mod wrong;

use std::{
    hash::{BuildHasher, RandomState},
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use etcetera::BaseStrategy;
use warren_core::{Config, DeprecatedFeatures, PasswordHash, Release};

use crate::{
    failure::Failure,
    log::{LogFormat, LogLevel},
};
use access::Password;
pub(crate) use args::ServeArgs;
use file::FileSettings;

/// RabbitMQ's.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything that `warren serve` needs to know.
pub(crate) struct Settings {
    pub(crate) amqp: SocketAddr,
    pub(crate) http: SocketAddr,
    pub(crate) log: LogLevel,
    pub(crate) log_format: LogFormat,
    /// Where what is durable is kept; `None` for nowhere.
    pub(crate) data: Option<PathBuf>,
    /// How long a client may read nothing while bytes wait for it; `None` for as long as it likes.
    pub(crate) send_timeout: Option<Duration>,
    broker: Config,
    /// Passwords that the file has in clear text.
    passwords: Vec<Password>,
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
        if data.as_ref().is_some_and(|data| data.as_os_str().is_empty()) {
            return Err(Failure::usage(
                "--data is the name of a directory; for example --data /var/lib/warren",
            ));
        }
        let (amqp, http) = (file.amqp, file.http);
        let (log, log_format) = (file.log, file.log_format);
        let send_timeout = file.send_timeout.unwrap_or(SEND_TIMEOUT);
        let (broker, passwords) = broker_config(file, args)?;
        Ok(Settings {
            amqp: args.amqp.or(amqp).unwrap_or_else(|| loopback(5672)),
            http: args.http.or(http).unwrap_or_else(|| loopback(15672)),
            log: args.log.or(log).unwrap_or_default(),
            log_format: args.log_format.or(log_format).unwrap_or_default(),
            data,
            send_timeout: Some(send_timeout).filter(|timeout| !timeout.is_zero()),
            broker,
            passwords,
        })
    }

    /// The release of RabbitMQ that the broker answers like.
    pub(crate) fn compat(&self) -> Release {
        self.broker.compat
    }

    /// The broker's settings. `known` has the hashes of the last start: a password that is still the same keeps its salt,
    /// so that the core sees that nothing has changed.
    pub(crate) fn broker_config(&self, known: impl Fn(&str) -> Option<PasswordHash>) -> Config {
        let mut config = self.broker.clone();
        for Password { user: name, text } in &self.passwords {
            let known = known(name).filter(|hash| hash.matches(text.as_bytes()));
            let hash = known.unwrap_or_else(|| PasswordHash::new(random_salt(), text));
            config.users.iter_mut().filter(|user| user.name == *name).for_each(|user| user.password = hash);
        }
        config
    }
}

/// The standard library's hash maps have keys from the operating system's source of randomness.
fn random() -> u64 {
    RandomState::new().hash_one("warren")
}

fn random_salt() -> [u8; 4] {
    let [a, b, c, d, ..] = random().to_be_bytes();
    [a, b, c, d]
}

fn broker_config(file: FileSettings, args: &ServeArgs) -> Result<(Config, Vec<Password>), Failure> {
    let compat = args.compat.or(file.compat).unwrap_or_default();
    // Generated names must not repeat those of an earlier run, whose clients may still hold them.
    let mut config = Config { seed: random(), ..Config::answering_like(compat) };
    if args.strict || file.strict == Some(true) {
        config.deprecated_features = DeprecatedFeatures::permitted_by(compat);
    }
    file.deprecated_features.apply(&mut config.deprecated_features);
    config.memory_budget_bytes = memory::budget_bytes();
    let passwords = file.apply(&mut config)?;
    config.sync = args.sync.unwrap_or(config.sync);
    Ok((config, passwords))
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
