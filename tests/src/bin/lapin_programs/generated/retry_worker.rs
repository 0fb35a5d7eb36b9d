// worker — Try again later: retries
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run

use std::{collections::BTreeMap, env, time::Duration};

use futures_lite::StreamExt;
use lapin::{
    Connection,
    ConnectionProperties,
    ExchangeKind,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, BasicRejectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use tokio::time::sleep;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let url = env::var("AMQP_URL").unwrap_or_else(|_| "amqp://guest:guest@localhost:5672".into());
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;

    channel.exchange_declare(
        "work".into(),
        ExchangeKind::Fanout,
        ExchangeDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.exchange_declare(
        "retry".into(),
        ExchangeKind::Fanout,
        ExchangeDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_declare(
        "orders".into(),
        QueueDeclareOptions::default(),
        table([("x-dead-letter-exchange", AMQPValue::LongString("retry".into()))]),
    ).await?;
    channel.queue_declare(
        "waiting".into(),
        QueueDeclareOptions::default(),
        table([("x-dead-letter-exchange", AMQPValue::LongString("work".into())), ("x-message-ttl", AMQPValue::LongInt(200))]),
    ).await?;
    channel.queue_declare(
        "parked".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_bind(
        "orders".into(),
        "work".into(),
        "".into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_bind(
        "waiting".into(),
        "retry".into(),
        "".into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    ).await?;

    channel.basic_qos(1, BasicQosOptions::default()).await?;
    let mut messages = channel.basic_consume(
        "orders".into(),
        "".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    ).await?;
    // How often the work on a message has failed, by its id.
    let mut failures: BTreeMap<String, i64> = BTreeMap::new();
    while let Some(message) = messages.next().await {
        let message = message?;
        let body = String::from_utf8_lossy(&message.data).into_owned();
        println!("received {body}");
        sleep(Duration::from_millis(number(&message, "x-work-ms").unsigned_abs())).await; // the work
        let id = message.properties.message_id().as_ref().map_or(String::new(), ToString::to_string);
        let failed = failures.entry(id).or_default();
        if *failed < number(&message, "x-fails") {
            println!("failed {body}");
            *failed += 1;
            if rejections(&message, "orders") + 1 >= 3 {
                // Nobody shall try again: it is put aside.
                let headers = message.properties.headers().iter().flat_map(|headers| headers.inner().clone());
                let headers = headers.filter(|(name, _)| name.as_str() != "x-fails");
                let headers: BTreeMap<_, _> = headers.collect();
                let properties = message.properties.clone().with_headers(headers.into());
                channel.basic_publish(
                    "".into(),
                    "parked".into(),
                    BasicPublishOptions::default(),
                    &message.data,
                    properties,
                ).await?;
                message.ack(BasicAckOptions::default()).await?;
                continue;
            }
            message.reject(BasicRejectOptions { requeue: false }).await?;
            continue;
        }
        message.ack(BasicAckOptions::default()).await?;
        println!("done {body}");
    }
    Ok(())
}

fn table<const N: usize>(fields: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in fields {
        table.insert(name.into(), value);
    }
    table
}

/// A header that is a number; clients write numbers of different sizes.
fn number(message: &Delivery, name: &str) -> i64 {
    let headers = message.properties.headers().as_ref();
    match headers.and_then(|headers| headers.inner().get(name)) {
        Some(AMQPValue::ShortShortInt(number)) => (*number).into(),
        Some(AMQPValue::ShortInt(number)) => (*number).into(),
        Some(AMQPValue::LongInt(number)) => (*number).into(),
        Some(AMQPValue::LongLongInt(number)) => *number,
        _ => 0,
    }
}

/// How often a queue's consumers have rejected it before, by its x-death header.
fn rejections(message: &Delivery, queue: &str) -> i64 {
    let headers = message.properties.headers().as_ref();
    let Some(AMQPValue::FieldArray(deaths)) = headers.and_then(|headers| headers.inner().get("x-death")) else {
        return 0;
    };
    for death in deaths.as_slice() {
        let AMQPValue::FieldTable(death) = death else { continue };
        let says = |name: &str, word: &str| death.inner().get(name) == Some(&AMQPValue::LongString(word.into()));
        if says("queue", queue) && says("reason", "rejected") {
            return death.inner().get("count").and_then(AMQPValue::as_long_long_int).unwrap_or(0);
        }
    }
    0
}
