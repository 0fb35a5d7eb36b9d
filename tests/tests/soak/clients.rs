//! Clients at work: they come again whenever their connection breaks.

use std::{
    collections::BTreeSet,
    future::Future,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Stdio},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use futures_lite::StreamExt;
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, BasicQosOptions,
        BasicRejectOptions, ConfirmSelectOptions, QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use tokio::{
    runtime::Runtime,
    task::JoinSet,
    time::{sleep, timeout},
};
use warren_tests::python;

use crate::known::Known;

const QUEUE: &str = "soak";
/// Where rejected messages go.
const DEAD: &str = "soak.dead";
/// What nobody keeps a record of: its messages are not what was published.
const GARBLED: &str = "garbled";
const PAUSE: Duration = Duration::from_millis(4);

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub(crate) struct Clients {
    tasks: JoinSet<()>,
    python: Child,
    listener: JoinHandle<()>,
}

impl Clients {
    pub(crate) fn start(
        runtime: &Runtime,
        known: &Arc<Known>,
        faulty: SocketAddr,
        garbling: SocketAddr,
    ) -> Clients {
        let mut tasks = JoinSet::new();
        let _context = runtime.enter();
        for _ in 0..2 {
            tasks.spawn(again(faulty, known.clone(), publish));
            tasks.spawn(again(faulty, known.clone(), consume));
        }
        tasks.spawn(again(faulty, known.clone(), commit));
        tasks.spawn(again(garbling, known.clone(), garble));
        let first = known.first_for_python();
        let mut python = python("pika_soak.py")
            .args([faulty.port().to_string(), QUEUE.to_owned(), first.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python starts");
        let (said, known) = (BufReader::new(python.stdout.take().expect("piped")), known.clone());
        let listener = std::thread::spawn(move || {
            said.lines().map_while(std::result::Result::ok).for_each(|line| known.hear(&line));
        });
        Clients { tasks, python, listener }
    }

    pub(crate) fn stop(mut self) {
        self.tasks.abort_all();
        self.python.kill().expect("Python is still at work");
        self.python.wait().expect("it ends");
        self.listener.join().expect("what Python says is understood");
    }
}

async fn again<F>(address: SocketAddr, known: Arc<Known>, work: impl Fn(Channel, Arc<Known>) -> F)
where
    F: Future<Output = Result<()>>,
{
    loop {
        // A connection that stands still for so long is given up, as applications do.
        let connected = timeout(Duration::from_secs(10), connect(address, 2)).await;
        if let Ok(Ok((connection, channel))) = connected {
            let _ = timeout(Duration::from_secs(20), work(channel, known.clone())).await;
            let _ = timeout(Duration::from_secs(1), connection.close(200, "".into())).await;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// `heartbeat`: in seconds; 0 for a network without faults.
async fn connect(address: SocketAddr, heartbeat: u16) -> Result<(Connection, Channel)> {
    let uri = format!("amqp://guest:guest@{address}/%2f?heartbeat={heartbeat}");
    let connection = Connection::connect(&uri, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    Ok((connection, channel))
}

pub(crate) async fn declare(server: SocketAddr) {
    let (connection, channel) = connect(server, 0).await.expect("a connection without faults");
    let mut arguments = FieldTable::default();
    for (name, value) in [("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", DEAD)] {
        arguments.insert(name.into(), AMQPValue::LongString(value.into()));
    }
    let mut short = FieldTable::default();
    short.insert("x-max-length".into(), AMQPValue::LongInt(1000));
    for (queue, arguments) in [(QUEUE, arguments), (DEAD, FieldTable::default()), (GARBLED, short)] {
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(queue.into(), durable, arguments).await.expect("a queue");
    }
    connection.close(200, "".into()).await.expect("an end in order");
}

fn body_of(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(1 + (number % 50) as usize)
}

/// `None`: the body is not what was published.
fn number_of(body: &[u8]) -> Option<u64> {
    let number = u64::from_le_bytes(*body.first_chunk()?);
    (body == body_of(number)).then_some(number)
}

fn persistent() -> BasicProperties {
    BasicProperties::default().with_delivery_mode(2)
}

/// Publishes with confirms.
async fn publish(channel: Channel, known: Arc<Known>) -> Result<()> {
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    loop {
        let mut sent = Vec::new();
        for number in known.next(10) {
            let options = BasicPublishOptions::default();
            let body = body_of(number);
            sent.push((
                number,
                channel.basic_publish("".into(), QUEUE.into(), options, &body, persistent()).await?,
            ));
            sleep(PAUSE).await;
        }
        for (number, confirm) in sent {
            if confirm.await?.is_ack() {
                known.confirmed(number);
            }
        }
    }
}

/// Publishes in transactions, every third of which is rolled back.
async fn commit(channel: Channel, known: Arc<Known>) -> Result<()> {
    channel.tx_select().await?;
    loop {
        let numbers = known.next(5);
        for number in numbers.clone() {
            let options = BasicPublishOptions::default();
            let body = body_of(number);
            channel.basic_publish("".into(), QUEUE.into(), options, &body, persistent()).await?;
        }
        if numbers.start.is_multiple_of(3) {
            channel.tx_rollback().await?;
        } else {
            channel.tx_commit().await?;
            numbers.for_each(|number| known.confirmed(number));
        }
        sleep(PAUSE).await;
    }
}

/// Acks most, rejects some, and gives some back.
async fn consume(channel: Channel, known: Arc<Known>) -> Result<()> {
    channel.basic_qos(30, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let mut deliveries =
        channel.basic_consume(QUEUE.into(), "".into(), options, FieldTable::default()).await?;
    while let Some(delivery) = deliveries.next().await {
        let delivery = delivery?;
        // One whose routing key was garbled into this queue's name.
        let Some(number) = number_of(&delivery.data) else {
            delivery.ack(BasicAckOptions::default()).await?;
            continue;
        };
        known.delivered(number, delivery.redelivered);
        match number % 100 {
            0 => delivery.reject(BasicRejectOptions { requeue: false }).await?,
            1 if !delivery.redelivered => delivery.reject(BasicRejectOptions { requeue: true }).await?,
            _ => {
                known.settled(number);
                delivery.ack(BasicAckOptions::default()).await?
            }
        };
    }
    Ok(())
}

/// Publishes and consumes what is changed on the way.
async fn garble(channel: Channel, _: Arc<Known>) -> Result<()> {
    let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let mut deliveries =
        channel.basic_consume(GARBLED.into(), "".into(), options, FieldTable::default()).await?;
    loop {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        channel.basic_publish("".into(), GARBLED.into(), options, &[7; 300], persistent()).await?;
        if let Some(delivery) = deliveries.next().await {
            delivery?;
        }
    }
}

/// What is left in both queues.
pub(crate) async fn take_all(server: SocketAddr) -> BTreeSet<u64> {
    let (_connection, channel) = connect(server, 0).await.expect("a connection without faults");
    let mut left = BTreeSet::new();
    for queue in [QUEUE, DEAD] {
        let mut here = BTreeSet::new();
        let get = || channel.basic_get(queue.into(), BasicGetOptions { no_ack: true });
        while let Some(message) = get().await.expect("an answer") {
            if let Some(number) = number_of(&message.delivery.data) {
                assert!(here.insert(number), "{number} is there twice in {queue}");
            }
        }
        left.append(&mut here);
    }
    left
}
