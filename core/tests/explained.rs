//! What is said of every binding, beside where a publish really goes: every type of exchange, and chance is the same.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*, sample::select};
use warren_core::{
    Broker, Config, ConnectionId, Event, Fact, Input, Name, Now, Output, Peer,
    event::Destination,
    explain::Routing,
    wire::{ContentHeader, FieldTable, FieldValue, Method, PROTOCOL_HEADER, Properties, encode_body},
};

const CONNECTION: ConnectionId = ConnectionId(1);
/// Every type, with binding keys that it takes.
const KINDS: [(&str, &[&str]); 10] = [
    ("direct", &["a", "a.b", ""]),
    ("fanout", &["a", ""]),
    ("topic", &["a", "a.*", "#", "*.b", "a.#.b", "#.b", ""]),
    ("headers", &["a", ""]),
    ("x-consistent-hash", &["1", "2", "7"]),
    ("x-delayed-message", &["a", "a.b"]),
    ("x-local-random", &[""]),
    ("x-modulus-hash", &["a", "b"]),
    ("x-random", &["a", "b"]),
    ("x-recent-history", &["a"]),
];

struct Client {
    broker: Broker,
    facts: Vec<Fact>,
}

impl Client {
    fn new() -> Client {
        let config = Config { watched: true, ..Config::default() };
        let mut client = Client { broker: Broker::new(config), facts: Vec::new() };
        let peer = Peer { address: String::new(), loopback: true };
        client.feed(Input::Accepted { connection: CONNECTION, peer });
        client.send(&PROTOCOL_HEADER);
        let client_properties = FieldTable::default();
        let response = b"\0guest\0guest";
        client.say(
            0,
            &Method::ConnectionStartOk { client_properties, mechanism: "PLAIN", response, locale: "en_US" },
        );
        client.say(0, &Method::ConnectionTuneOk { channel_max: 9, frame_max: 131_072, heartbeat: 0 });
        client.say(0, &Method::ConnectionOpen { virtual_host: "/", capabilities: "", insist: false });
        client.say(1, &Method::ChannelOpen { out_of_band: "" });
        client
    }

    fn say(&mut self, channel: u16, method: &Method<'_>) {
        let mut bytes = Vec::new();
        method.encode(channel, &mut bytes);
        self.send(&bytes);
    }

    fn send(&mut self, bytes: &[u8]) {
        self.feed(Input::Bytes { connection: CONNECTION, bytes });
    }

    fn feed(&mut self, input: Input<'_>) {
        self.broker.handle(Now::default(), input);
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Event(Event { fact, .. }) => self.facts.push(fact),
                Output::Close { .. } => panic!("the broker does not want this: {:?}", self.facts),
                _ => {}
            }
        }
    }

    fn declare_exchange(&mut self, exchange: &str, kind: &str, alternate: Option<&str>) {
        let mut arguments = FieldTable::default();
        if kind == "x-delayed-message" {
            arguments.insert("x-delayed-type", FieldValue::LongStr(b"topic".to_vec()));
        }
        if let Some(alternate) = alternate {
            arguments.insert("alternate-exchange", FieldValue::LongStr(alternate.into()));
        }
        let (ticket, passive, durable, auto_delete, internal, nowait) =
            (0, false, false, false, false, false);
        self.say(
            1,
            &Method::ExchangeDeclare {
                ticket,
                exchange,
                kind,
                passive,
                durable,
                auto_delete,
                internal,
                nowait,
                arguments,
            },
        );
    }

    fn bind(&mut self, queue: &str, exchange: &str, routing_key: &str, arguments: FieldTable) {
        let (ticket, passive, durable, exclusive, auto_delete, nowait) =
            (0, false, false, false, false, false);
        let none = FieldTable::default();
        self.say(
            1,
            &Method::QueueDeclare {
                ticket,
                queue,
                passive,
                durable,
                exclusive,
                auto_delete,
                nowait,
                arguments: none,
            },
        );
        self.say(1, &Method::QueueBind { ticket, queue, exchange, routing_key, nowait, arguments });
    }

    /// What is said of a publish, and what happened.
    fn publish(&mut self, routing_key: &str, headers: FieldTable) -> (Vec<Routing>, Vec<Fact>) {
        self.broker.explain_routings();
        let facts = self.publish_unasked(routing_key, headers);
        (self.broker.take_routings(), facts)
    }

    fn publish_unasked(&mut self, routing_key: &str, headers: FieldTable) -> Vec<Fact> {
        let mut bytes = Vec::new();
        let (ticket, exchange, mandatory, immediate) = (0, "x", false, false);
        Method::BasicPublish { ticket, exchange, routing_key, mandatory, immediate }.encode(1, &mut bytes);
        let properties = Properties { headers: Some(headers), ..Properties::default() }.to_bytes();
        ContentHeader { class_id: 60, body_size: 1, properties: &properties }.encode(1, &mut bytes);
        encode_body(1, 0, b"!", &mut bytes);
        self.facts.clear();
        self.send(&bytes);
        std::mem::take(&mut self.facts)
    }
}

fn headers() -> impl Strategy<Value = FieldTable> {
    let pair = (select(&["colour", "size"][..]), select(&["red", "blue"][..]));
    vec(pair, 0..3).prop_map(|pairs| {
        let mut table = FieldTable::default();
        pairs.into_iter().for_each(|(name, value)| table.insert(name, FieldValue::LongStr(value.into())));
        table
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_publish_goes_where_bindings_are_said_to_match(
        (kind, keys) in select(&KINDS[..]),
        bindings in vec((0_u8..5, any::<prop::sample::Index>(), headers(), any::<bool>()), 0..7),
        to_exchange in any::<bool>(),
        with_alternate in any::<bool>(),
        messages in vec((select(&["a", "b", "a.b", "a.x.b", "b.a", ""][..]), headers()), 1..6),
    ) {
        let mut client = Client::new();
        client.declare_exchange("second", "fanout", None);
        client.bind("of-second", "second", "", FieldTable::default());
        client.declare_exchange("x", kind, with_alternate.then_some("second"));
        for (queue, key, mut arguments, any) in bindings {
            if any {
                arguments.insert("x-match", FieldValue::LongStr(b"any".to_vec()));
            }
            client.bind(&format!("q{queue}"), "x", keys[key.index(keys.len())], arguments);
        }
        if to_exchange && kind != "x-local-random" {
            let (ticket, nowait, arguments) = (0, false, FieldTable::default());
            client.say(1, &Method::ExchangeBind { ticket, destination: "second", source: "x", routing_key: keys[0], nowait, arguments });
        }
        for (key, headers) in messages {
            let mut unasked = Client { broker: client.broker.clone(), facts: Vec::new() };
            let (routings, facts) = client.publish(key, headers.clone());
            let [routing] = &routings[..] else { panic!("one message, one routing: {routings:?}") };
            let tried = routing.asked.iter().flat_map(|asked| &asked.tried).filter(|tried| tried.matched());
            let said: BTreeSet<Name> = tried.filter_map(|tried| match &tried.destination {
                Destination::Queue(queue) => Some(queue.clone()),
                Destination::Exchange(_) => None,
            }).collect();
            let went: BTreeSet<Name> = facts.iter().find_map(|fact| match fact {
                Fact::Routed { queues, .. } => Some(queues.iter().cloned().collect()),
                Fact::Unroutable { .. } => Some(BTreeSet::new()),
                _ => None,
            }).expect("it went somewhere, or nowhere");
            prop_assert_eq!(said, went, "{:?}", routing);
            // To explain changes nothing: chance falls as it would have.
            prop_assert_eq!(unasked.publish_unasked(key, headers), facts);
        }
    }
}
