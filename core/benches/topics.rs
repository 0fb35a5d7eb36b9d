//! What a publish to a topic exchange costs beside ever more bindings that do not match: `cargo bench -p warren-core`.

use divan::{Bencher, black_box};
use warren_core::{
    Broker, Config, ConnectionId, Input, Now, Peer,
    wire::{ContentHeader, FieldTable, FieldValue, Method, PROTOCOL_HEADER, Properties, encode_body},
};

fn main() {
    divan::main();
}

const BINDINGS: [u32; 3] = [10, 1_000, 100_000];
const CONNECTION: ConnectionId = ConnectionId(1);

/// One queue takes the message; it keeps one message at a time.
#[divan::bench(args = BINDINGS)]
fn one_binding_matches(bencher: Bencher, bindings: u32) {
    publish(bencher, bindings, "eu.orders.created");
}

#[divan::bench(args = BINDINGS)]
fn no_binding_matches(bencher: Bencher, bindings: u32) {
    publish(bencher, bindings, "us.orders.created");
}

fn publish(bencher: Bencher, bindings: u32, routing_key: &str) {
    let mut client = Client::new(bindings);
    let mut bytes = Vec::new();
    let method = Method::BasicPublish {
        ticket: 0,
        exchange: "amq.topic",
        routing_key,
        mandatory: false,
        immediate: false,
    };
    method.encode(1, &mut bytes);
    let properties = Properties::default().to_bytes();
    ContentHeader { class_id: 60, body_size: 5, properties: &properties }.encode(1, &mut bytes);
    encode_body(1, 131_072, b"hello", &mut bytes);
    bencher.bench_local(|| client.send(black_box(&bytes)));
}

struct Client {
    broker: Broker,
}

impl Client {
    /// With a queue that takes what is sent from `eu`, and with masks of every sort that match nothing.
    fn new(bindings: u32) -> Self {
        let mut client = Client { broker: Broker::new(Config::default()) };
        let peer = Peer { address: String::new(), loopback: true };
        client.broker.handle(Now::default(), Input::Accepted { connection: CONNECTION, peer });
        client.send(&PROTOCOL_HEADER);
        let client_properties = FieldTable::default();
        client.say(
            0,
            &Method::ConnectionStartOk {
                client_properties,
                mechanism: "PLAIN",
                response: b"\0guest\0guest",
                locale: "en_US",
            },
        );
        client.say(0, &Method::ConnectionTuneOk { channel_max: 10, frame_max: 131_072, heartbeat: 0 });
        client.say(0, &Method::ConnectionOpen { virtual_host: "/", capabilities: "", insist: false });
        client.say(1, &Method::ChannelOpen { out_of_band: "" });
        client.say(
            1,
            &Method::QueueDeclare {
                ticket: 0,
                queue: "q",
                passive: false,
                durable: false,
                exclusive: false,
                auto_delete: false,
                nowait: false,
                arguments: FieldTable::from([("x-max-length", FieldValue::I32(1))]),
            },
        );
        client.bind("eu.#");
        for number in 1..bindings {
            client.bind(&match number % 4 {
                0 => format!("shop-{number}.orders.created"),
                1 => format!("*.orders.{number}"),
                2 => format!("us.*.{number}"),
                _ => format!("#.invoice-{number}.#"),
            });
        }
        assert_eq!(client.broker.view().bindings().len(), bindings as usize, "the broker has understood");
        client
    }

    fn bind(&mut self, routing_key: &str) {
        let (exchange, arguments) = ("amq.topic", FieldTable::default());
        self.say(
            1,
            &Method::QueueBind { ticket: 0, queue: "q", exchange, routing_key, nowait: true, arguments },
        );
    }

    fn say(&mut self, channel: u16, method: &Method<'_>) {
        let mut bytes = Vec::new();
        method.encode(channel, &mut bytes);
        self.send(&bytes);
    }

    fn send(&mut self, bytes: &[u8]) {
        self.broker.handle(Now::default(), Input::Bytes { connection: CONNECTION, bytes });
        while let Some(output) = self.broker.poll_output() {
            black_box(output);
        }
    }
}
