// reader — What no lesson has, in one file \ u000a
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run
//
// How it differs from the simulation:
// - Messages that are too few for an ack of several wait for more; there, they are acked
// when nothing else has come.
// - It needs rand, too: cargo add rand.

use std::{env, time::Duration};

use futures_lite::StreamExt;
use lapin::{
    Connection,
    ConnectionProperties,
    ExchangeKind,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, ExchangeBindOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
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

    channel.basic_qos(4, BasicQosOptions::default()).await?;
    let mut messages = channel.basic_consume(
        "слова".into(),
        "".into(),
        BasicConsumeOptions::default(),
        table([("x-priority", AMQPValue::LongInt(3))]),
    ).await?;
    let mut unacked = 0;
    while let Some(message) = messages.next().await {
        let message = message?;
        let body = String::from_utf8_lossy(&message.data).into_owned();
        println!("received {body}");
        sleep(Duration::from_millis(rand::random_range(5..=15))).await; // the work
        unacked += 1;
        if unacked == 2 {
            message.ack(BasicAckOptions { multiple: true }).await?;
            unacked = 0;
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
