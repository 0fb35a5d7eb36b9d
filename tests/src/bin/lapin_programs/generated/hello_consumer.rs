// consumer — Hello, world
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run

use std::{env, time::Duration};

use futures_lite::StreamExt;
use lapin::{
    Connection,
    ConnectionProperties,
    options::{BasicAckOptions, BasicConsumeOptions, QueueDeclareOptions},
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
        "hello".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    ).await?;

    let mut messages = channel.basic_consume(
        "hello".into(),
        "".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    ).await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        let body = String::from_utf8_lossy(&message.data).into_owned();
        println!("received {body}");
        sleep(Duration::from_millis(25)).await; // the work
        message.ack(BasicAckOptions::default()).await?;
        println!("done {body}");
    }
    Ok(())
}
