// client-2 — Question and answer: RPC
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run
//
// How it differs from the simulation:
// - It starts when you start it; there, after 0.025 s.

use std::{collections::BTreeMap, env, time::Duration};

use futures_lite::StreamExt;
use lapin::{
    BasicProperties,
    Connection,
    ConnectionProperties,
    options::{BasicConsumeOptions, BasicPublishOptions, QueueDeclareOptions},
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

    // Questions that have no answer yet, by correlation id.
    let mut asked: BTreeMap<String, String> = BTreeMap::new();
    let mut answers = channel.basic_consume(
        "amq.rabbitmq.reply-to".into(),
        "".into(),
        BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() },
        FieldTable::default(),
    ).await?;
    for n in 1..=4 {
        let body = format!("price of book {n}?");
        channel
            .basic_publish(
                "".into(),
                "questions".into(),
                BasicPublishOptions::default(),
                body.as_bytes(),
                BasicProperties::default()
                    .with_reply_to("amq.rabbitmq.reply-to".into())
                    .with_correlation_id(n.to_string().into()),
            )
            .await?;
        println!("sent {body}");
        asked.insert(n.to_string(), body);
        sleep(Duration::from_millis(100)).await;
        while !asked.is_empty() {
            let Some(answer) = answers.next().await else { break };
            let answer = answer?;
            let id = answer.properties.correlation_id().as_ref().map(ToString::to_string);
            if let Some(body) = id.and_then(|id| asked.remove(&id)) {
                println!("answered {body} -> {}", String::from_utf8_lossy(&answer.data));
            }
        }
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
