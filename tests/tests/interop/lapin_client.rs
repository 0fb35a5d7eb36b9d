//! What an application does with lapin.

use std::{net::SocketAddr, time::Duration};

use futures_lite::StreamExt;
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties, Consumer, ExchangeKind,
    message::Delivery,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
        ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
    },
    types::FieldTable,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What lapin saw, as one JSON object.
pub(crate) async fn seen(server: SocketAddr) -> Result<Value> {
    let connection = connect(server).await?;
    let channel = connection.create_channel().await?;
    Ok(json!({
        "hello": hello(&channel).await?,
        "killed worker": killed_worker(server, &channel).await?,
        "prefetch": prefetch(&connection, &channel).await?,
        "topic": topic(&channel).await?,
        "confirms": confirms(&connection).await?,
    }))
}

async fn connect(server: SocketAddr) -> Result<Connection> {
    let uri = format!("amqp://guest:guest@{server}/%2f");
    Ok(Connection::connect(&uri, ConnectionProperties::default()).await?)
}

async fn hello(channel: &Channel) -> Result<Value> {
    declare(channel, "hello").await?;
    publish(channel, "", "hello", "hello world").await?;
    take(channel, "hello", 1).await
}

/// The worker's socket is closed by a relay between it and the server.
async fn killed_worker(server: SocketAddr, channel: &Channel) -> Result<Value> {
    declare(channel, "tasks").await?;
    publish(channel, "", "tasks", "task").await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let relay_address = listener.local_addr()?;
    let relay = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await?;
        let mut upstream = TcpStream::connect(server).await?;
        tokio::io::copy_bidirectional(&mut client, &mut upstream).await
    });
    let worker = connect(relay_address).await?;
    let worker_channel = worker.create_channel().await?;
    let mut tasks = consume(&worker_channel, "tasks").await?;
    let first = next(&mut tasks).await?;
    relay.abort();
    Ok(json!({ "first": [shown(&first)], "second": take(channel, "tasks", 1).await? }))
}

async fn prefetch(connection: &Connection, channel: &Channel) -> Result<Value> {
    declare(channel, "uneven").await?;
    let (slow, fast) = (connection.create_channel().await?, connection.create_channel().await?);
    for worker in [&slow, &fast] {
        worker.basic_qos(1, BasicQosOptions::default()).await?;
    }
    let mut slow_tasks = consume(&slow, "uneven").await?;
    let mut fast_tasks = consume(&fast, "uneven").await?;
    for n in 1..=5 {
        publish(channel, "", "uneven", &format!("task {n}")).await?;
    }
    let mut fast_got = Vec::new();
    for _ in 0..4 {
        let task = next(&mut fast_tasks).await?;
        fast_got.push(body(&task));
        task.ack(BasicAckOptions::default()).await?;
    }
    let mut slow_got = vec![body(&next(&mut slow_tasks).await?)];
    // Whatever else it may hold has come by now.
    while let Ok(task) = tokio::time::timeout(Duration::from_millis(200), next(&mut slow_tasks)).await {
        slow_got.push(body(&task?));
    }
    slow.close(200, "done".into()).await?;
    Ok(json!({ "slow": slow_got, "fast": fast_got }))
}

async fn topic(channel: &Channel) -> Result<Value> {
    let (options, none) = (ExchangeDeclareOptions::default(), FieldTable::default());
    channel.exchange_declare("events".into(), ExchangeKind::Topic, options, none).await?;
    let masks = [("app.notification.sms.*", 1), ("app.notification.#", 2), ("#", 3)];
    for (mask, _) in masks {
        declare(channel, mask).await?;
        let (options, none) = (QueueBindOptions::default(), FieldTable::default());
        channel.queue_bind(mask.into(), "events".into(), mask.into(), options, none).await?;
    }
    for key in ["app.notification.sms.sent", "app.notification.email.sent", "app.user.created"] {
        publish(channel, "events", key, key).await?;
    }
    let mut seen = serde_json::Map::new();
    for (mask, count) in masks {
        let taken = take(channel, mask, count).await?;
        let bodies = taken.as_array().into_iter().flatten().map(|delivery| delivery[0].clone()).collect();
        seen.insert(mask.into(), Value::Array(bodies));
    }
    Ok(Value::Object(seen))
}

async fn confirms(connection: &Connection) -> Result<Value> {
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    declare(&channel, "safe").await?;
    let routed = publish(&channel, "", "safe", "routed").await?;
    let unroutable = publish(&channel, "", "nowhere", "unroutable").await?;
    Ok(json!({ "routed": routed.join(" "), "unroutable": unroutable }))
}

async fn declare(channel: &Channel, queue: &str) -> Result<()> {
    channel.queue_declare(queue.into(), QueueDeclareOptions::default(), FieldTable::default()).await?;
    Ok(())
}

/// Publishes, and says what came back. lapin knows of a return here only if it came before the confirm.
async fn publish(channel: &Channel, exchange: &str, key: &str, body: &str) -> Result<Vec<String>> {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let properties = BasicProperties::default();
    let published =
        channel.basic_publish(exchange.into(), key.into(), options, body.as_bytes(), properties).await?;
    let confirmation = published.await?;
    let answer = if confirmation.is_ack() { "ack" } else { "no ack" };
    let returned = confirmation.take_message();
    let returned = returned.map(|message| format!("return {} {}", message.reply_code, message.reply_text));
    Ok(returned.into_iter().chain([answer.to_owned()]).collect())
}

async fn consume(channel: &Channel, queue: &str) -> Result<Consumer> {
    let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
    Ok(channel.basic_consume(queue.into(), "".into(), options, none).await?)
}

/// The next deliveries of a queue: body and redelivered flag.
async fn take(channel: &Channel, queue: &str, count: usize) -> Result<Value> {
    let mut consumer = consume(channel, queue).await?;
    let mut taken = Vec::new();
    for _ in 0..count {
        let delivery = next(&mut consumer).await?;
        taken.push(shown(&delivery));
        delivery.ack(BasicAckOptions::default()).await?;
    }
    Ok(Value::Array(taken))
}

async fn next(consumer: &mut Consumer) -> Result<Delivery> {
    let delivery = tokio::time::timeout(Duration::from_secs(5), consumer.next()).await?;
    Ok(delivery.ok_or("the consumer was cancelled")??)
}

fn shown(delivery: &Delivery) -> Value {
    json!([body(delivery), delivery.redelivered])
}

fn body(delivery: &Delivery) -> String {
    String::from_utf8_lossy(&delivery.data).into_owned()
}
