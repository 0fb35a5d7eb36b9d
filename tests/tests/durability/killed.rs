//! The real server on a real disk, killed again and again at any moment.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use futures_lite::StreamExt;
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, BasicQosOptions,
        ConfirmSelectOptions, QueueDeclareOptions,
    },
    types::FieldTable,
};
use warren_tests::Server;

const QUEUE: &str = "killed";
const PUBLISHERS: u64 = 3;
const CONSUMERS: u64 = 2;
/// How long the clients of one life of the server may take to get to work.
const LONGEST_START: Duration = Duration::from_secs(20);

/// What the clients know, over all the server's lives.
#[derive(Default)]
struct Known {
    latest: u64,
    confirmed: BTreeSet<u64>,
    /// Acked, though the ack may not have arrived.
    acked: BTreeSet<u64>,
    delivered: BTreeSet<u64>,
    again_without_saying_so: Vec<u64>,
}

type Shared = Arc<Mutex<Known>>;
type Result<T> = std::result::Result<T, lapin::Error>;

/// `WARREN_KILL_ROUNDS=200` for a soak.
#[test]
fn a_server_that_is_killed_keeps_what_it_confirmed() {
    let rounds =
        std::env::var("WARREN_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10);
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().to_str().expect("UTF-8");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let known = Shared::default();
    for _ in 0..rounds {
        let server = Server::start_with(&["--data", data, "--log", "warn"]);
        runtime.block_on(load(server.amqp, &known));
        // Killed without a word.
        drop(server);
    }
    let server = Server::start_with(&["--data", data, "--log", "warn"]);
    let left = runtime.block_on(take_all(server.amqp)).expect("what is left");
    let known = known.lock().expect("no panic");
    let lost: Vec<&u64> =
        known.confirmed.iter().filter(|id| !known.acked.contains(id) && !left.contains(id)).collect();
    assert!(lost.is_empty(), "confirmed, not acked, and gone: {lost:?}");
    assert_eq!(known.again_without_saying_so, [0_u64; 0], "delivered twice without the redelivered flag");
    let (confirmed, acked) = (known.confirmed.len(), known.acked.len());
    println!("{rounds} kills, {confirmed} confirmed, {acked} acked, {} left", left.len());
    assert!(confirmed > 100 && acked > 50, "{confirmed} confirmed and {acked} acked is no load");
}

/// Clients at work for some time.
async fn load(server: SocketAddr, known: &Shared) {
    let connection = connect(server).await.expect("a connection");
    let channel = connection.create_channel().await.expect("a channel");
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(QUEUE.into(), durable, FieldTable::default()).await.expect("a queue");
    let before = progress(known);
    for _ in 0..PUBLISHERS {
        tokio::spawn(publish(server, known.clone()));
    }
    for _ in 0..CONSUMERS {
        tokio::spawn(consume(server, known.clone()));
    }
    // However busy the machine is, there is something to lose.
    let begun = Instant::now();
    while begun.elapsed() < LONGEST_START && !has_moved_on(before, progress(known)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let moment =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.subsec_micros());
    tokio::time::sleep(Duration::from_millis(60 + u64::from(moment % 240))).await;
}

/// How many confirms and how many acks there have been.
fn progress(known: &Shared) -> (usize, usize) {
    let known = known.lock().expect("no panic");
    (known.confirmed.len(), known.acked.len())
}

/// Whether there are more of both than before.
fn has_moved_on(before: (usize, usize), now: (usize, usize)) -> bool {
    before.0 < now.0 && before.1 < now.1
}

async fn connect(server: SocketAddr) -> Result<Connection> {
    Connection::connect(&format!("amqp://guest:guest@{server}/%2f"), ConnectionProperties::default()).await
}

/// Publishes until the connection breaks.
async fn publish(server: SocketAddr, known: Shared) -> Result<()> {
    let connection = connect(server).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    loop {
        let mut sent = Vec::new();
        for _ in 0..20 {
            let id = {
                let mut known = known.lock().expect("no panic");
                known.latest += 1;
                known.latest
            };
            let body = id.to_le_bytes().repeat(1 + (id % 50) as usize);
            let persistent = BasicProperties::default().with_delivery_mode(2);
            let options = BasicPublishOptions::default();
            sent.push((
                id,
                channel.basic_publish("".into(), QUEUE.into(), options, &body, persistent).await?,
            ));
        }
        for (id, confirm) in sent {
            if confirm.await?.is_ack() {
                known.lock().expect("no panic").confirmed.insert(id);
            }
        }
    }
}

/// Acks until the connection breaks.
async fn consume(server: SocketAddr, known: Shared) -> Result<()> {
    let connection = connect(server).await?;
    let channel = connection.create_channel().await?;
    channel.basic_qos(30, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let mut deliveries =
        channel.basic_consume(QUEUE.into(), "".into(), options, FieldTable::default()).await?;
    while let Some(delivery) = deliveries.next().await {
        let delivery = delivery?;
        let id = number(&delivery.data);
        {
            let mut known = known.lock().expect("no panic");
            if !known.delivered.insert(id) && !delivery.redelivered {
                known.again_without_saying_so.push(id);
            }
            // One in four hundred is never acked.
            if !id.is_multiple_of(400) {
                known.acked.insert(id);
            }
        }
        if !id.is_multiple_of(400) {
            delivery.ack(BasicAckOptions::default()).await?;
        }
    }
    Ok(())
}

async fn take_all(server: SocketAddr) -> Result<BTreeSet<u64>> {
    let connection = connect(server).await?;
    let channel: Channel = connection.create_channel().await?;
    let mut left = BTreeSet::new();
    while let Some(message) = channel.basic_get(QUEUE.into(), BasicGetOptions { no_ack: true }).await? {
        assert!(left.insert(number(&message.delivery.data)), "a message is there twice");
    }
    Ok(left)
}

fn number(body: &[u8]) -> u64 {
    let id = u64::from_le_bytes(*body.first_chunk().expect("a number"));
    assert_eq!(body, id.to_le_bytes().repeat(1 + (id % 50) as usize), "a body is not what was published");
    id
}
