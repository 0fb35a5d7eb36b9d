// shop — Try again later: retries
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run

use std::{env, time::Duration};

use lapin::{
    BasicProperties,
    Connection,
    ConnectionProperties,
    ExchangeKind,
    options::{BasicPublishOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
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

    // x-work-ms tells the consumer how long the work on the message takes.
    // x-fails tells it how often that fails before it succeeds.
    let headers = [
        table([("x-work-ms", AMQPValue::LongInt(40))]),
        table([("x-work-ms", AMQPValue::LongInt(40))]),
        table([("x-work-ms", AMQPValue::LongInt(40)), ("x-fails", AMQPValue::LongInt(1))]),
        table([("x-work-ms", AMQPValue::LongInt(40))]),
        table([("x-work-ms", AMQPValue::LongInt(40)), ("x-fails", AMQPValue::LongInt(9))]),
        table([("x-work-ms", AMQPValue::LongInt(40))]),
        table([("x-work-ms", AMQPValue::LongInt(40)), ("x-fails", AMQPValue::LongInt(2))]),
        table([("x-work-ms", AMQPValue::LongInt(40))]),
    ];
    for n in 1..=8 {
        let body = format!("order {n}");
        channel
            .basic_publish(
                "work".into(),
                "".into(),
                BasicPublishOptions::default(),
                body.as_bytes(),
                BasicProperties::default()
                    .with_headers(headers[(n - 1) % headers.len()].clone())
                    .with_message_id(format!("shop-{n}").into()),
            )
            .await?;
        println!("sent {body}");
        sleep(Duration::from_millis(75)).await;
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
