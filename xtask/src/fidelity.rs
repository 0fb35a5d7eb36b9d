//! `cargo xtask fidelity`: holds the conversations against RabbitMQ itself.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{setup, shell};

/// Debian's RabbitMQ, without the wrapper that wants to be root.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
/// Where `warren compare` looks for the management plugin, seen from AMQP's port.
const PORTS_ABOVE: u16 = 10_000;
const CONVERSATIONS: &str = "conversations";
/// The plugins whose exchange types Warren has built in, and the one that takes operators' wishes, as the file of
/// enabled plugins names them (an Erlang term).
const PLUGINS: &str = "[rabbitmq_management,rabbitmq_consistent_hash_exchange,rabbitmq_random_exchange,rabbitmq_recent_history_exchange,rabbitmq_sharding].\n";

/// Plays conversations with a live RabbitMQ and compares its answers with those in the files; `--record` writes both
/// brokers' answers instead, and `--seeds N` makes conversations up and compares the core's answers.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut rest: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let address = take_value(&mut rest, "--address")?;
    let seeds = take_value(&mut rest, "--seeds")?;
    let record = take_flag(&mut rest, "--record");
    if let Some(unknown) = rest.iter().find(|argument| argument.starts_with('-')) {
        bail!("fidelity takes --record, --seeds N, --address HOST:PORT and files, not {unknown:?}");
    }
    let files = if rest.is_empty() && seeds.is_none() { vec![CONVERSATIONS] } else { rest };
    let broker = match address {
        Some(address) => Broker::Running(address.to_owned()),
        None => Broker::start()?,
    };
    let reference = if record || seeds.is_some() { "core" } else { "file" };
    let mut arguments =
        vec!["run", "--quiet", "--release", "--package", "warren", "--", "compare", reference];
    let address = broker.address();
    arguments.push(&address);
    if let Some(seeds) = seeds {
        arguments.extend(["--seeds", seeds]);
    }
    if record {
        arguments.push("--record");
    }
    arguments.extend(files);
    shell::run(&shell::cargo(), &arguments)
}

fn take_flag(arguments: &mut Vec<&str>, flag: &str) -> bool {
    let before = arguments.len();
    arguments.retain(|argument| *argument != flag);
    arguments.len() < before
}

fn take_value<'a>(arguments: &mut Vec<&'a str>, flag: &str) -> Result<Option<&'a str>> {
    let Some(at) = arguments.iter().position(|argument| *argument == flag) else { return Ok(None) };
    if at + 1 >= arguments.len() {
        bail!("{flag} needs a value");
    }
    let value = arguments[at + 1];
    arguments.drain(at..at + 2);
    Ok(Some(value))
}

/// The RabbitMQ to compare with.
enum Broker {
    Running(String),
    /// Started for this run, and stopped after it.
    Ours {
        process: Child,
        port: u16,
    },
}

impl Broker {
    fn start() -> Result<Self> {
        setup::rabbitmq()?;
        let folder = shell::cache()?.join("rabbitmq");
        if folder.exists() {
            fs::remove_dir_all(&folder).context("the last run's RabbitMQ has left its data behind")?;
        }
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("plugins"), PLUGINS)?;
        let (port, distribution_port) = (free_port()?, free_port()?);
        let management =
            format!("management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {}\n", port + PORTS_ABOVE);
        fs::write(folder.join("rabbitmq.conf"), management)?;
        let log = fs::File::create(folder.join("output.log"))?;
        let process = server(&folder, port, distribution_port)
            .stdout(log.try_clone()?)
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .context("RabbitMQ does not start")?;
        let broker = Broker::Ours { process, port };
        broker.await_start(&folder)?;
        Ok(broker)
    }

    fn address(&self) -> String {
        match self {
            Broker::Running(address) => address.clone(),
            Broker::Ours { port, .. } => format!("127.0.0.1:{port}"),
        }
    }

    fn has_management(&self) -> bool {
        match self {
            Broker::Running(_) => true,
            Broker::Ours { port, .. } => TcpStream::connect(("127.0.0.1", port + PORTS_ABOVE)).is_ok(),
        }
    }

    fn await_start(&self, folder: &Path) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(120) {
            if TcpStream::connect(self.address()).is_ok() && self.has_management() {
                println!("RabbitMQ runs on {} since {} ms", self.address(), start.elapsed().as_millis());
                return Ok(());
            }
            sleep(Duration::from_millis(200));
        }
        bail!("RabbitMQ has not started within two minutes: see {}", folder.display())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Broker::Ours { process, .. } = self {
            // The shell script and the virtual machine are one process group.
            let group = format!("-{}", process.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            let _ = process.wait();
        }
    }
}

fn server(folder: &Path, port: u16, distribution_port: u16) -> Command {
    let mut command = Command::new(SERVER);
    command
        .process_group(0)
        .env("HOME", folder)
        .env("RABBITMQ_NODENAME", format!("warren-fidelity-{port}@localhost"))
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", port.to_string())
        .env("RABBITMQ_DIST_PORT", distribution_port.to_string())
        .env("RABBITMQ_MNESIA_BASE", folder.join("data"))
        .env("RABBITMQ_LOG_BASE", folder.join("log"))
        .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq.conf"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("plugins"));
    command
}

/// A free port; so is the one of the management plugin above it.
fn free_port() -> Result<u16> {
    loop {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let above = port.checked_add(PORTS_ABOVE);
        if above.is_some_and(|above| TcpListener::bind(("127.0.0.1", above)).is_ok()) {
            return Ok(port);
        }
    }
}
