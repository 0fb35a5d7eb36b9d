// server-1 — Question and answer: RPC
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run

use std::{env, time::Duration};

use futures_lite::StreamExt;
use lapin::{
    BasicProperties,
    Connection,
    ConnectionProperties,
    options::{BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, QueueDeclareOptions},
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
        "questions".into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    ).await?;

    channel.basic_qos(1, BasicQosOptions::default()).await?;
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
        sleep(Duration::from_millis(125)).await; // the work
        if let Some(reply_to) = message.properties.reply_to() {
            let answer = format!("{body} 9.99");
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
        message.ack(BasicAckOptions::default()).await?;
        println!("done {body}");
    }
    Ok(())
}
