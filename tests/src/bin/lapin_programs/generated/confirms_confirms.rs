// confirms — Confirms vs transactions
//
// cargo add lapin futures-lite && cargo add tokio --features full
// cargo run

use std::{collections::VecDeque, env, time::Duration};

use lapin::{
    BasicProperties,
    Connection,
    ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
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

    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    // Messages that are not confirmed yet.
    let mut open = VecDeque::new();
    for n in 1..=20 {
        let body = format!("message {n}");
        let confirm = channel
            .basic_publish(
                "".into(),
                "confirmed".into(),
                BasicPublishOptions::default(),
                body.as_bytes(),
                BasicProperties::default()
                    .with_delivery_mode(2),
            )
            .await?;
        println!("sent {body}");
        open.push_back((body, confirm));
        if open.len() >= 10 && let Some((body, confirm)) = open.pop_front() {
            tell(&body, &confirm.await?);
        }
        sleep(Duration::from_millis(10)).await;
    }
    for (body, confirm) in open {
        tell(&body, &confirm.await?);
    }

    connection.close(200, "".into()).await?;
    Ok(())
}

fn tell(body: &str, confirmation: &lapin::Confirmation) {
    let what = if confirmation.is_ack() { "confirmed" } else { "refused" };
    println!("{what} {body}");
}
