// commits-1 — Confirms vs transactions
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run

use std::{env, time::Duration};

use lapin::{
    BasicProperties,
    Connection,
    ConnectionProperties,
    options::{BasicPublishOptions, QueueDeclareOptions},
    types::FieldTable,
};
use tokio::time::sleep;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let url = env::var("AMQP_URL").unwrap_or_else(|_| "amqp://guest:guest@localhost:5672".into());
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;

    channel.queue_declare(
        "confirmed".into(),
        QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() },
        FieldTable::default(),
    ).await?;
    channel.queue_declare(
        "by-fives".into(),
        QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() },
        FieldTable::default(),
    ).await?;
    channel.queue_declare(
        "one-by-one".into(),
        QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() },
        FieldTable::default(),
    ).await?;

    channel.tx_select().await?;
    for n in 1..=20 {
        let body = format!("message {n}");
        channel
            .basic_publish(
                "".into(),
                "one-by-one".into(),
                BasicPublishOptions::default(),
                body.as_bytes(),
                BasicProperties::default()
                    .with_delivery_mode(2),
            )
            .await?;
        println!("sent {body}");
        channel.tx_commit().await?;
        sleep(Duration::from_millis(10)).await;
    }

    connection.close(200, "".into()).await?;
    Ok(())
}
