//! What the programs look like. That they do what they should, `tests/tests/programs.rs` shows with a server.

#![expect(clippy::expect_used, reason = "a helper that cannot go on fails its test")]

use warren_programs::{Language, program};
use warren_sim::{Consumer, Producer, Queue, Scenario, lessons};
use warren_texts::{Catalogue, po::PoFile};

fn lesson(id: &str) -> Scenario {
    let lesson = lessons::find(id).expect("a lesson");
    Scenario::parse(lesson.id, lesson.toml).expect("a good file")
}

/// Tabs as four spaces.
fn shown(scenario: &Scenario, actor: &str, language: Language, catalogue: &'static Catalogue) -> String {
    program(scenario, actor, language, catalogue).expect("an actor").replace('\t', "    ")
}

#[test]
fn python() {
    let russian = PoFile::leak("ru.po", include_str!("../../web/texts/ru.po")).expect("a good file");
    insta::assert_snapshot!(shown(&lesson("confirms"), "confirms", Language::Python, russian), @r#"
# confirms — Confirms против транзакций
#
# pip install pika
# python confirms.py
#
# Чем она отличается от симуляции:
# - Она ждёт подтверждения каждого сообщения, как велит блокирующее соединение pika; там
# отправка идёт дальше.

import os

import pika

url = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672")
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()

channel.queue_declare(queue="confirmed", durable=True)
channel.queue_declare(queue="by-fives", durable=True)
channel.queue_declare(queue="one-by-one", durable=True)

channel.confirm_delivery()
for n in range(1, 21):
    body = f"message {n}"
    try:
        channel.basic_publish(
            exchange="",
            routing_key="confirmed",
            body=body.encode(),
            properties=pika.BasicProperties(delivery_mode=2),
        )
        print("confirmed", body)
    except pika.exceptions.NackError:
        print("refused", body)
    connection.sleep(0.2)

connection.close()
"#);
}

#[test]
fn javascript() {
    insta::assert_snapshot!(shown(&lesson("crash-with-ack"), "worker-1", Language::JavaScript, Catalogue::ENGLISH), @r#"
// worker-1 — A crash with acks
//
// npm install amqplib
// node worker-1.js
//
// How it differs from the simulation:
// - It crashes when you kill it (kill -9); there, after 6.5 s.

const { setTimeout: sleep } = require("node:timers/promises");
const amqp = require("amqplib");

async function main() {
  const url = process.env.AMQP_URL ?? "amqp://guest:guest@localhost:5672";
  const connection = await amqp.connect(url);
  const channel = await connection.createChannel();

  await channel.assertQueue("tasks", { durable: false });

  const onMessage = async (message) => {
    const body = message.content.toString();
    console.log("received", body);
    const headers = message.properties.headers ?? {};
    await sleep(headers["x-work-ms"] ?? 0); // the work
    channel.ack(message);
    console.log("done", body);
  };

  // One message after the other, as many as the broker may send ahead.
  let last = Promise.resolve();
  const inTurn = (message) => {
    last = last.then(() => onMessage(message));
    return last;
  };
  await channel.consume("tasks", inTurn);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
"#);
}

#[test]
fn rust() {
    insta::assert_snapshot!(shown(&lesson("hello"), "consumer", Language::Rust, Catalogue::ENGLISH), @r#"
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
        sleep(Duration::from_millis(500)).await; // the work
        message.ack(BasicAckOptions::default()).await?;
        println!("done {body}");
    }
    Ok(())
}
"#);
}

#[test]
fn java() {
    insta::assert_snapshot!(shown(&lesson("topic"), "app", Language::Java, Catalogue::ENGLISH), @r##"
// app — Topic: by pattern
//
// Maven: com.rabbitmq:amqp-client, org.slf4j:slf4j-api -> lib/
// java -cp 'lib/*' App.java

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.util.Map;
import java.nio.charset.StandardCharsets;

public class App {
    public static void main(String[] args) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(System.getenv().getOrDefault("AMQP_URL", "amqp://guest:guest@localhost:5672"));
        Connection connection = factory.newConnection();
        Channel channel = connection.createChannel();

        channel.exchangeDeclare("events", "topic", false, false, Map.of());
        channel.queueDeclare("sms", false, false, false, Map.of());
        channel.queueDeclare("notifications", false, false, false, Map.of());
        channel.queueDeclare("audit", false, false, false, Map.of());
        channel.queueBind("sms", "events", "app.notification.sms.*");
        channel.queueBind("notifications", "events", "app.notification.#");
        channel.queueBind("audit", "events", "#");

        String[] keys = {
            "app.notification.sms.sent",
            "app.notification.email.sent",
            "app.user.created",
            "app.notification.sms.failed"
        };
        for (int n = 1; n <= 8; n++) {
            String key = keys[(n - 1) % keys.length];
            String body = "" + key;
            channel.basicPublish(
                "events",
                key,
                null,
                body.getBytes(StandardCharsets.UTF_8)
            );
            System.out.println("sent " + body);
            Thread.sleep(1800);
        }

        connection.close();
    }
}
"##);
    insta::assert_snapshot!(shown(&lesson("rpc"), "server-2", Language::Java, Catalogue::ENGLISH), @r#"
// server-2 — Question and answer: RPC
//
// Maven: com.rabbitmq:amqp-client, org.slf4j:slf4j-api -> lib/
// java -cp 'lib/*' Server2.java

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.DeliverCallback;
import java.util.Map;
import java.nio.charset.StandardCharsets;

public class Server2 {
    public static void main(String[] args) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(System.getenv().getOrDefault("AMQP_URL", "amqp://guest:guest@localhost:5672"));
        Connection connection = factory.newConnection();
        Channel channel = connection.createChannel();

        channel.queueDeclare("questions", false, false, false, Map.of());

        DeliverCallback onMessage = (tag, message) -> {
            String body = new String(message.getBody(), StandardCharsets.UTF_8);
            System.out.println("received " + body);
            long delivery = message.getEnvelope().getDeliveryTag();
            sleep(500); // the work
            String replyTo = message.getProperties().getReplyTo();
            if (replyTo != null) {
                String answer = "" + body + " 9.99";
                // The correlation id says which question it answers.
                String id = message.getProperties().getCorrelationId();
                BasicProperties properties = new BasicProperties.Builder().correlationId(id).build();
                channel.basicPublish("", replyTo, properties, answer.getBytes(StandardCharsets.UTF_8));
            }
            channel.basicAck(delivery, false);
            System.out.println("done " + body);
        };

        channel.basicQos(1);
        channel.basicConsume("questions", false, onMessage, tag -> {});
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
"#);
}

#[test]
fn go() {
    insta::assert_snapshot!(shown(&lesson("headers"), "scanner", Language::Go, Catalogue::ENGLISH), @r#"
// scanner — Headers: by several properties
//
// go mod init programs && go get github.com/rabbitmq/amqp091-go
// go run scanner.go

package main

import (
    "context"
    "fmt"
    "log"
    "os"
    "time"

    amqp "github.com/rabbitmq/amqp091-go"
)

func main() {
    url := os.Getenv("AMQP_URL")
    if url == "" {
        url = "amqp://guest:guest@localhost:5672"
    }
    connection, err := amqp.Dial(url)
    check(err)
    defer connection.Close()
    channel, err := connection.Channel()
    check(err)

    err = channel.ExchangeDeclare(
        "scans",
        "headers",
        false, false, false, false,
        amqp.Table{"alternate-exchange": "rest"},
    )
    check(err)
    err = channel.ExchangeDeclare("rest", "fanout", false, false, false, false, nil)
    check(err)
    _, err = channel.QueueDeclare("accounting", false, false, false, false, nil)
    check(err)
    _, err = channel.QueueDeclare("preview", false, false, false, false, nil)
    check(err)
    _, err = channel.QueueDeclare("unsorted", false, false, false, false, nil)
    check(err)
    err = channel.QueueBind(
        "accounting",
        "",
        "scans",
        false,
        amqp.Table{"format": "pdf", "kind": "bill", "x-match": "all"},
    )
    check(err)
    err = channel.QueueBind(
        "preview",
        "",
        "scans",
        false,
        amqp.Table{"format": "pdf", "kind": "photo", "x-match": "any"},
    )
    check(err)
    err = channel.QueueBind("unsorted", "", "rest", false, nil)
    check(err)

    headers := []amqp.Table{
        amqp.Table{"format": "pdf", "kind": "bill"},
        amqp.Table{"format": "jpg", "kind": "photo"},
        amqp.Table{"format": "paper", "kind": "bill"},
        amqp.Table{"format": "mp3", "kind": "song"},
    }
    bodies := []string{"pdf bill", "jpg photo", "paper bill", "mp3 song"}
    for n := 1; n <= 8; n++ {
        body := bodies[(n-1)%len(bodies)]
        err = channel.PublishWithContext(context.Background(), "scans", "", false, false, amqp.Publishing{
            Headers: headers[(n-1)%len(headers)],
            Body:    []byte(body),
        })
        check(err)
        fmt.Println("sent", body)
        time.Sleep(1800 * time.Millisecond)
    }
    check(channel.Close())
}

func check(err error) {
    if err != nil {
        log.Fatal(err)
    }
}
"#);
    insta::assert_snapshot!(shown(&lesson("retry"), "worker", Language::Go, Catalogue::ENGLISH), @r#"
// worker — Try again later: retries
//
// go mod init programs && go get github.com/rabbitmq/amqp091-go
// go run worker.go

package main

import (
    "context"
    "fmt"
    "log"
    "os"
    "strconv"
    "time"

    amqp "github.com/rabbitmq/amqp091-go"
)

func main() {
    url := os.Getenv("AMQP_URL")
    if url == "" {
        url = "amqp://guest:guest@localhost:5672"
    }
    connection, err := amqp.Dial(url)
    check(err)
    defer connection.Close()
    channel, err := connection.Channel()
    check(err)

    err = channel.ExchangeDeclare("work", "fanout", false, false, false, false, nil)
    check(err)
    err = channel.ExchangeDeclare("retry", "fanout", false, false, false, false, nil)
    check(err)
    _, err = channel.QueueDeclare(
        "orders",
        false, false, false, false,
        amqp.Table{"x-dead-letter-exchange": "retry"},
    )
    check(err)
    _, err = channel.QueueDeclare(
        "waiting",
        false, false, false, false,
        amqp.Table{"x-dead-letter-exchange": "work", "x-message-ttl": 4000},
    )
    check(err)
    _, err = channel.QueueDeclare("parked", false, false, false, false, nil)
    check(err)
    err = channel.QueueBind("orders", "", "work", false, nil)
    check(err)
    err = channel.QueueBind("waiting", "", "retry", false, nil)
    check(err)

    check(channel.Qos(1, 0, false))
    messages, err := channel.Consume("orders", "", false, false, false, false, nil)
    check(err)
    // How often the work on a message has failed, by its id.
    failures := map[string]int64{}
    for message := range messages {
        fmt.Println("received", string(message.Body))
        time.Sleep(time.Duration(number(message, "x-work-ms")) * time.Millisecond) // the work
        if failures[message.MessageId] < number(message, "x-fails") {
            fmt.Println("failed", string(message.Body))
            failures[message.MessageId]++
            if rejections(message, "orders")+1 >= 3 {
                // Nobody shall try again: it is put aside.
                delete(message.Headers, "x-fails")
                err = channel.PublishWithContext(context.Background(), "", "parked", false, false, amqp.Publishing{
                    Headers:   message.Headers,
                    MessageId: message.MessageId,
                    Body:      message.Body,
                })
                check(err)
                check(message.Ack(false))
                continue
            }
            check(message.Reject(false))
            continue
        }
        check(message.Ack(false))
        fmt.Println("done", string(message.Body))
    }
}

func check(err error) {
    if err != nil {
        log.Fatal(err)
    }
}

// A header that is a number; clients write numbers of different sizes.
func number(message amqp.Delivery, name string) int64 {
    text, found := message.Headers[name]
    if !found {
        return 0
    }
    number, err := strconv.ParseInt(fmt.Sprint(text), 10, 64)
    check(err)
    return number
}

// How often a queue's consumers have rejected it before, by its x-death header.
func rejections(message amqp.Delivery, queue string) int64 {
    deaths, _ := message.Headers["x-death"].([]any)
    for _, entry := range deaths {
        death, _ := entry.(amqp.Table)
        if death["queue"] == queue && death["reason"] == "rejected" {
            count, _ := death["count"].(int64)
            return count
        }
    }
    return 0
}
"#);
}

/// Whatever things are called, nothing gets out of its quotes or its comment.
#[test]
fn no_name_breaks_a_program() {
    let name = "a\"b\\`${n}{n}%d\n*/\u{2028}'\\u0022";
    let scenario = Scenario {
        queues: vec![Queue::new(name)],
        producers: vec![Producer { body: name.into(), ..Producer::new(name, name, 1) }],
        consumers: vec![Consumer { reply: Some(name.into()), ..Consumer::new("consumer", name) }],
        ..Scenario::new(name)
    };
    for language in Language::ALL {
        for actor in [name, "consumer"] {
            let program = program(&scenario, actor, language, Catalogue::ENGLISH).expect("an actor");
            let odd =
                |line: &&str| line.starts_with("*/") || line.starts_with('\'') || line.contains('\u{2028}');
            assert_eq!(program.lines().find(odd), None, "{language:?}: {program}");
        }
    }
}

#[test]
fn who_is_not_there_has_no_program() {
    assert_eq!(program(&lesson("hello"), "nobody", Language::Go, Catalogue::ENGLISH), None);
}
