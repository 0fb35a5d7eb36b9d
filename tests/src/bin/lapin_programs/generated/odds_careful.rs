// careful — What no lesson has, in one file \ u000a
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run
//
// How it differs from the simulation:
// - It needs rand, too: cargo add rand.

use std::{env, time::Duration};

use lapin::{
    BasicProperties,
    Connection,
    ConnectionProperties,
    ExchangeKind,
    options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeBindOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
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

    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    for n in 1..=3 {
        let body = n.to_string();
        let confirm = channel
            .basic_publish(
                "".into(),
                "questions-to-nobody".into(),
                BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() },
                body.as_bytes(),
                BasicProperties::default(),
            )
            .await?;
        println!("sent {body}");
        tell(&body, confirm.await?);
        sleep(Duration::from_secs_f64(-(1.0 - rand::random::<f64>()).ln() * 0.005)).await;
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

fn tell(body: &str, confirmation: lapin::Confirmation) {
    let what = if confirmation.is_ack() { "confirmed" } else { "refused" };
    let what = if confirmation.take_message().is_some() { "returned" } else { what };
    println!("{what} {body}");
}
