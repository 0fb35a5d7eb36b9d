//! The broker that suites are played against.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};

use super::fetch;
use crate::{
    rabbitmq::{Extra, RabbitMq, Release},
    shell,
};

/// Messages as large as RabbitMQ 3.10 takes them, because some tests send 20 MB. Besides guest there is the user that
/// amqprs logs in as.
const SETTINGS: &str = r#"
max_message_size = "128 MiB"

[[users]]
name = "guest"
password = "guest"

[[users]]
name = "user"
password = "bitnami"
"#;

/// The same for RabbitMQ: lines of `rabbitmq.conf`, and the users.
const RABBITMQ_SETTINGS: &str = "max_message_size = 134217728\n";
const RABBITMQ_USERS: &str = r#"{
    "users": [
        {"name": "guest", "password": "guest", "tags": "administrator"},
        {"name": "user", "password": "bitnami", "tags": ""}
    ],
    "vhosts": [{"name": "/"}],
    "permissions": [
        {"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},
        {"user": "user", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    ]
}"#;

/// Which broker the suites are played against.
pub(super) enum Player {
    /// A `warren serve` of this checkout.
    Warren,
    /// A RabbitMQ that is installed and started for this.
    RabbitMq,
    /// One that runs.
    At(SocketAddr),
}

impl Player {
    /// A RabbitMQ, unless the command line names where one runs.
    pub(super) fn or_rabbitmq(self) -> Player {
        if let Player::Warren = self { Player::RabbitMq } else { self }
    }
}

/// A running broker; one that was started here ends with this.
pub(super) struct Broker {
    pub(super) address: SocketAddr,
    /// As it calls itself, with its version.
    pub(super) name: String,
    child: Option<Child>,
    /// Ends when this is dropped.
    _rabbitmq: Option<RabbitMq>,
}

impl Broker {
    /// Starts the broker, unless it runs; `release` is which RabbitMQ that is, or Warren is like.
    pub(super) fn start(player: &Player, release: Release) -> Result<Broker> {
        let (address, child, rabbitmq) = match *player {
            Player::At(address) => (address, None, None),
            Player::Warren => start_warren(release).map(|(address, child)| (address, Some(child), None))?,
            Player::RabbitMq => {
                let extra = Extra { settings: RABBITMQ_SETTINGS, definitions: Some(RABBITMQ_USERS) };
                let rabbitmq = RabbitMq::start(release, &extra)?;
                (rabbitmq.address().parse()?, None, Some(rabbitmq))
            }
        };
        let mut broker = Broker { address, name: String::new(), child, _rabbitmq: rabbitmq };
        broker.name = name(address).with_context(|| format!("no AMQP broker answers at {address}"))?;
        Ok(broker)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself; then there is nothing to kill.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn start_warren(release: Release) -> Result<(SocketAddr, Child)> {
    shell::run(&shell::cargo(), &["build", "--quiet", "--release", "--package", "warren"])?;
    let settings = fetch::home()?.join("warren.toml");
    fs::write(&settings, SETTINGS)?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), Into::into);
    let log = fs::File::create(fetch::home()?.join("warren.log"))?;
    let mut child = Command::new(target.join("release/warren"))
        .args([
            "serve",
            "--memory",
            "--amqp",
            "127.0.0.1:0",
            "--http",
            "127.0.0.1:0",
            "--compat",
            release.name(),
            "--config",
        ])
        .arg(settings)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .context("warren does not start")?;
    let mut ready = String::new();
    BufReader::new(child.stdout.take().context("piped")?).read_line(&mut ready)?;
    let addresses = ready.split([' ', ',', '/', '\n']).filter_map(|word| word.parse().ok());
    let amqp = addresses.into_iter().next().with_context(|| format!("warren says {ready:?}"))?;
    Ok((amqp, child))
}

/// What the broker calls itself in connection.start.
fn name(address: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"AMQP\0\0\x09\x01")?;
    let mut header = [0; 7];
    stream.read_exact(&mut header)?;
    let [.., a, b, c, d] = header;
    let mut payload = Vec::new();
    stream.take(u32::from_be_bytes([a, b, c, d]).into()).read_to_end(&mut payload)?;
    let property = |key| text_after(&payload, key).context("connection.start names no product and version");
    Ok(format!("{} {}", property(b"\x07product")?, property(b"\x07version")?))
}

/// A long string in a table: `S`, four bytes of length, and the text.
fn text_after(payload: &[u8], key: &[u8]) -> Option<String> {
    let start = payload.windows(key.len()).position(|window| window == key)? + key.len();
    let (tag, rest) = payload.get(start..)?.split_first_chunk::<5>()?;
    let length = usize::try_from(u32::from_be_bytes([tag[1], tag[2], tag[3], tag[4]])).ok()?;
    Some(String::from_utf8_lossy(rest.get(..length)?).into_owned())
}
