// helper — What no lesson has, in one file \ u000a
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run
//
// How it differs from the simulation:
// - It acks a message when it takes it up; there, even what waits in its buffer is acked.

use std::{env, time::Duration};

use futures_lite::StreamExt;
use lapin::{
    BasicProperties,
    Connection,
    ConnectionProperties,
    ExchangeKind,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ExchangeBindOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
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
        "in \"quotes\"".into(),
        ExchangeKind::Topic,
        ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() },
        FieldTable::default(),
    ).await?;
    channel.exchange_declare(
        "copies".into(),
        ExchangeKind::Custom("x-consistent-hash".into()),
        ExchangeDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_declare(
        "слова".into(),
        QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() },
        table([("x-max-priority", AMQPValue::LongInt(5))]),
    ).await?;
    channel.queue_declare(
        "copies".into(),
        QueueDeclareOptions::default(),
        table([("x-max-length", AMQPValue::LongLongInt(5000000000))]),
    ).await?;
    channel.queue_declare(
        "tries".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_declare(
        "nacked".into(),
        QueueDeclareOptions::default(),
        table([("x-dead-letter-exchange", AMQPValue::LongString("".into())), ("x-dead-letter-routing-key", AMQPValue::LongString("again".into()))]),
    ).await?;
    channel.queue_declare(
        "again".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_declare(
        "questions".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.exchange_bind(
        "copies".into(),
        "in \"quotes\"".into(),
        "#".into(),
        ExchangeBindOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_bind(
        "слова".into(),
        "in \"quotes\"".into(),
        "word.*".into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_bind(
        "copies".into(),
        "copies".into(),
        "1".into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    ).await?;

    let mut messages = channel.basic_consume(
        "questions".into(),
        "".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    ).await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        let body = String::from_utf8_lossy(&message.data).into_owned();
        println!("received {body}");
        message.ack(BasicAckOptions::default()).await?;
        sleep(Duration::from_millis(number(&message, "x-work-ms").unsigned_abs())).await; // the work
        if let Some(reply_to) = message.properties.reply_to() {
            let answer = format!("{body} {{no}} \"{body}\" ${body}");
            // The correlation id says which question it answers.
            let id = message.properties.correlation_id().clone().unwrap_or_default();
            channel.basic_publish(
                "".into(),
                reply_to.clone(),
                BasicPublishOptions::default(),
                answer.as_bytes(),
                BasicProperties::default().with_correlation_id(id),
            ).await?;
        }
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
