//! A live RabbitMQ of a chosen version, which conversations and the clients' suites are played with.

mod install;
mod release;

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

use crate::shell;
pub(crate) use release::Release;

/// Where `warren compare` looks for the management plugin, seen from AMQP's port.
const PORTS_ABOVE: u16 = 10_000;
/// The plugins whose exchange types Warren has built in, and the one that takes operators' wishes, as the file of
/// enabled plugins names them (an Erlang term).
const PLUGINS: &str = "[rabbitmq_management,rabbitmq_consistent_hash_exchange,rabbitmq_random_exchange,rabbitmq_recent_history_exchange,rabbitmq_sharding].\n";
/// Processes and mounts of its own: they end with it, whatever becomes of this program.
const NAMESPACES: [&str; 4] = ["--mount", "--pid", "--fork", "--kill-child=KILL"];
/// Runs the arguments until they end or this program does, which closes the standard input.
const UNTIL_INPUT_ENDS: &str = "exec 3<&0; \"$@\" 3<&- & broker=$!; \
     { cat <&3 >/dev/null; kill -KILL $broker; } 2>/dev/null & exec 3<&-; wait $broker";
/// Runs RabbitMQ in the root directory that is the first argument; the others are its environment.
const IN_ROOT: &str = "root=$1; shift; mount -t proc proc \"$root/proc\" && mount --rbind /dev \"$root/dev\" \
     && exec chroot \"$root\" env -i \"$@\" /usr/lib/rabbitmq/bin/rabbitmq-server";
/// Where its files are, seen from its root directory.
const HOME: &str = "/tmp/rabbitmq";

/// What a RabbitMQ is started with beside what every comparison needs.
#[derive(Default)]
pub(crate) struct Extra<'a> {
    /// Lines of `rabbitmq.conf`.
    pub(crate) settings: &'a str,
    /// A `definitions.json` that is loaded when it starts; it has to name every user, guest, too.
    pub(crate) definitions: Option<&'a str>,
}

/// The RabbitMQ to compare with.
pub(crate) enum RabbitMq {
    Running(String),
    /// Started for this run, and stopped after it.
    Ours {
        process: Child,
        port: u16,
    },
}

impl RabbitMq {
    /// Installs a RabbitMQ, if need be, and starts it.
    pub(crate) fn start(release: Release, extra: &Extra) -> Result<Self> {
        check_namespaces(release)?;
        let root = install::installed(release)?;
        let home = root.join(HOME.trim_start_matches('/'));
        if home.exists() {
            fs::remove_dir_all(&home).context("the last run's RabbitMQ has left its data behind")?;
        }
        fs::create_dir_all(&home)?;
        let port = free_ports()?;
        fs::write(home.join("plugins"), PLUGINS)?;
        let mut settings = settings(release, port) + extra.settings;
        if let Some(definitions) = extra.definitions {
            fs::write(home.join("definitions.json"), definitions)?;
            settings += &format!("load_definitions = {HOME}/definitions.json\n");
        }
        fs::write(home.join("rabbitmq.conf"), settings)?;
        let log = fs::File::create(home.join("output.log"))?;
        let process = server(&root, port)
            .stdout(log.try_clone()?)
            .stderr(log)
            .stdin(Stdio::piped())
            .spawn()
            .context("RabbitMQ does not start")?;
        let mut broker = RabbitMq::Ours { process, port };
        broker.await_start(release, &home.join("output.log"))?;
        Ok(broker)
    }

    pub(crate) fn address(&self) -> String {
        match self {
            RabbitMq::Running(address) => address.clone(),
            RabbitMq::Ours { port, .. } => format!("127.0.0.1:{port}"),
        }
    }

    fn await_start(&mut self, release: Release, log: &Path) -> Result<()> {
        let start = Instant::now();
        let address = self.address();
        while start.elapsed() < Duration::from_secs(120) {
            let RabbitMq::Ours { process, port } = self else { return Ok(()) };
            let listens = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
            if listens(*port) && listens(*port + PORTS_ABOVE) {
                println!("RabbitMQ {release} runs on {address} since {} ms", start.elapsed().as_millis());
                return Ok(());
            }
            if process.try_wait()?.is_some() {
                bail!("RabbitMQ {release} has ended while it was starting: see {}", log.display());
            }
            sleep(Duration::from_millis(200));
        }
        bail!("RabbitMQ {release} has not started within two minutes: see {}", log.display())
    }
}

impl Drop for RabbitMq {
    fn drop(&mut self) {
        if let RabbitMq::Ours { process, .. } = self {
            drop(process.stdin.take());
            let _ = process.wait();
        }
    }
}

/// Users who are not root need namespaces for users, too.
fn namespaces() -> Vec<&'static str> {
    let is_root = shell::output("id", &["-u"]).as_deref() == Some("0");
    let user = (!is_root).then_some("--map-root-user");
    user.into_iter().chain(NAMESPACES).collect()
}

fn check_namespaces(release: Release) -> Result<()> {
    let mut trial = Command::new("unshare");
    let trial = trial.args(namespaces()).args(["mount", "-t", "tmpfs", "none", "/mnt"]).output();
    let why = match trial {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    bail!(
        "RabbitMQ {release} is to run in a folder with mounts of its own, and this machine does not permit that to this \
         user ({why}): be root, or start it elsewhere and say --address HOST:PORT"
    )
}

fn settings(release: Release, port: u16) -> String {
    format!(
        "listeners.tcp.1 = 127.0.0.1:{port}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {}\n\
         log.console.level = error\n{}",
        port + PORTS_ABOVE,
        release.permits()
    )
}

fn server(root: &Path, port: u16) -> Command {
    let mut command = Command::new("sh");
    command
        .process_group(0)
        .args(["-c", UNTIL_INPUT_ENDS, "sh", "unshare"])
        .args(namespaces())
        .args(["sh", "-c", IN_ROOT, "sh"])
        .arg(root)
        .args(["PATH=/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin", "LANG=C.UTF-8"])
        .args(["RABBITMQ_NODENAME=fidelity@localhost", "RABBITMQ_LOGS=-"])
        .arg(format!("HOME={HOME}"))
        .arg(format!("RABBITMQ_MNESIA_BASE={HOME}/data"))
        .arg(format!("RABBITMQ_CONFIG_FILE={HOME}/rabbitmq.conf"))
        .arg(format!("RABBITMQ_ENABLED_PLUGINS_FILE={HOME}/plugins"))
        .arg(format!("RABBITMQ_DIST_PORT={}", port + 1))
        .arg(format!("ERL_EPMD_PORT={}", port + 2))
        // Erlang's own ports, which would be open to the network otherwise.
        .arg("ERL_EPMD_ADDRESS=127.0.0.1")
        .arg("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}");
    command
}

/// The first of three free ports: for AMQP and for what RabbitMQ's processes tell each other. The one of the management
/// plugin above is free, too.
fn free_ports() -> Result<u16> {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    loop {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let fits = port < u16::MAX - PORTS_ABOVE;
        if fits && [port + 1, port + 2, port + PORTS_ABOVE].into_iter().all(is_free) {
            return Ok(port);
        }
    }
}
