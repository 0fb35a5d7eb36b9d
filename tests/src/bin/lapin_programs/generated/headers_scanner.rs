// scanner — Headers: by several properties
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
        "scans".into(),
        ExchangeKind::Headers,
        ExchangeDeclareOptions::default(),
        table([("alternate-exchange", AMQPValue::LongString("rest".into()))]),
    ).await?;
    channel.exchange_declare(
        "rest".into(),
        ExchangeKind::Fanout,
        ExchangeDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_declare(
        "accounting".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_declare(
        "preview".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_declare(
        "unsorted".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    ).await?;
    channel.queue_bind(
        "accounting".into(),
        "scans".into(),
        "".into(),
        QueueBindOptions::default(),
        table([("format", AMQPValue::LongString("pdf".into())), ("kind", AMQPValue::LongString("bill".into())), ("x-match", AMQPValue::LongString("all".into()))]),
    ).await?;
    channel.queue_bind(
        "preview".into(),
        "scans".into(),
        "".into(),
        QueueBindOptions::default(),
        table([("format", AMQPValue::LongString("pdf".into())), ("kind", AMQPValue::LongString("photo".into())), ("x-match", AMQPValue::LongString("any".into()))]),
    ).await?;
    channel.queue_bind(
        "unsorted".into(),
        "rest".into(),
        "".into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    ).await?;

    let headers = [
        table([("format", AMQPValue::LongString("pdf".into())), ("kind", AMQPValue::LongString("bill".into()))]),
        table([("format", AMQPValue::LongString("jpg".into())), ("kind", AMQPValue::LongString("photo".into()))]),
        table([("format", AMQPValue::LongString("paper".into())), ("kind", AMQPValue::LongString("bill".into()))]),
        table([("format", AMQPValue::LongString("mp3".into())), ("kind", AMQPValue::LongString("song".into()))]),
    ];
    let bodies = ["pdf bill", "jpg photo", "paper bill", "mp3 song"];
    for n in 1..=8 {
        let body = bodies[(n - 1) % bodies.len()].to_owned();
        channel
            .basic_publish(
                "scans".into(),
                "".into(),
                BasicPublishOptions::default(),
                body.as_bytes(),
                BasicProperties::default()
                    .with_headers(headers[(n - 1) % headers.len()].clone()),
            )
            .await?;
        println!("sent {body}");
        sleep(Duration::from_millis(90)).await;
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
