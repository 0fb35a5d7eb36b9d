// asker — What no lesson has, in one file \ u000a
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run

use std::{collections::BTreeMap, env, time::Duration};

use futures_lite::StreamExt;
use lapin::{
    BasicProperties,
    Connection,
    ConnectionProperties,
    ExchangeKind,
    options::{BasicConsumeOptions, BasicPublishOptions, ExchangeBindOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
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
    channel.queue_declare(
        "answers".into(),
        QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() },
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

    // Questions that have no answer yet, by correlation id.
    let mut asked: BTreeMap<String, String> = BTreeMap::new();
    let mut answers = channel.basic_consume(
        "answers".into(),
        "".into(),
        BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() },
        FieldTable::default(),
    ).await?;
    for n in 1..=5 {
        let body = format!("what is {n}?");
        channel
            .basic_publish(
                "".into(),
                "questions".into(),
                BasicPublishOptions::default(),
                body.as_bytes(),
                BasicProperties::default()
                    .with_reply_to("answers".into())
                    .with_correlation_id(n.to_string().into()),
            )
            .await?;
        println!("sent {body}");
        asked.insert(n.to_string(), body);
        sleep(Duration::from_millis(5)).await;
    }
    while !asked.is_empty() {
        let Some(answer) = answers.next().await else { break };
        let answer = answer?;
        let id = answer.properties.correlation_id().as_ref().map(ToString::to_string);
        if let Some(body) = id.and_then(|id| asked.remove(&id)) {
            println!("answered {body} -> {}", String::from_utf8_lossy(&answer.data));
        }
    }

    connection.close(200, "".into()).await?;
    Ok(())
}

fn table<const N: usize>(fields: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in fields {
        table.insert(name.into(), value);
    }
    table
}
