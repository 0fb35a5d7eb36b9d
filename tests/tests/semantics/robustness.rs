//! Bytes that nobody would send, and bytes cut in ways that nobody would cut them.

use proptest::prelude::*;
use warren_core::{
    Broker, Config, ConnectionId, Input, Now, Output, Peer,
    wire::{ContentHeader, FrameReader, Method, PROTOCOL_HEADER, encode_body},
};

/// A client's whole life in bytes: handshake, a queue, messages, a consumer, acks, close.
fn a_life() -> Vec<u8> {
    let mut bytes = opened();
    publish("q").encode(1, &mut bytes);
    content(b"hello", &mut bytes);
    publish("nowhere").encode(1, &mut bytes);
    content(b"", &mut bytes);
    consume("q").encode(1, &mut bytes);
    Method::BasicAck { delivery_tag: 1, multiple: false }.encode(1, &mut bytes);
    Method::BasicGet { ticket: 0, queue: "q", no_ack: true }.encode(1, &mut bytes);
    Method::BasicAck { delivery_tag: 9, multiple: false }.encode(1, &mut bytes);
    let close = Method::ConnectionClose { reply_code: 200, reply_text: "bye", class_id: 0, method_id: 0 };
    close.encode(0, &mut bytes);
    // The broker leaves it to the client to close the stream, unless it says this (RabbitMQ).
    Method::ConnectionCloseOk {}.encode(0, &mut bytes);
    bytes
}

/// The beginning of a life: handshake, channel 1 and queue q.
fn opened() -> Vec<u8> {
    let mut bytes = PROTOCOL_HEADER.to_vec();
    let mut say = |channel: u16, method: Method<'_>| method.encode(channel, &mut bytes);
    say(0, start_ok());
    say(0, Method::ConnectionTuneOk { channel_max: 2047, frame_max: 131_072, heartbeat: 60 });
    say(0, Method::ConnectionOpen { virtual_host: "/", capabilities: "", insist: false });
    say(1, Method::ChannelOpen { out_of_band: "" });
    say(1, declare("q"));
    bytes
}

fn start_ok() -> Method<'static> {
    Method::ConnectionStartOk {
        client_properties: [].into(),
        mechanism: "PLAIN",
        response: b"\0guest\0guest",
        locale: "en_US",
    }
}

fn declare(queue: &str) -> Method<'_> {
    Method::QueueDeclare {
        ticket: 0,
        queue,
        passive: false,
        durable: false,
        exclusive: false,
        auto_delete: false,
        nowait: false,
        arguments: [].into(),
    }
}

fn publish(routing_key: &str) -> Method<'_> {
    Method::BasicPublish { ticket: 0, exchange: "", routing_key, mandatory: true, immediate: false }
}

fn consume(queue: &str) -> Method<'_> {
    Method::BasicConsume {
        ticket: 0,
        queue,
        consumer_tag: "t",
        no_local: false,
        no_ack: false,
        exclusive: false,
        nowait: false,
        arguments: [].into(),
    }
}

fn content(body: &[u8], bytes: &mut Vec<u8>) {
    let header = ContentHeader { class_id: 60, body_size: body.len() as u64, properties: &[0, 0] };
    header.encode(1, bytes);
    encode_body(1, 131_072, body, bytes);
}

/// What the broker sends to a client whose bytes come in these pieces, and whether it hangs up.
fn answer<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u8>, bool) {
    let mut broker = Broker::new(Config::default());
    let connection = ConnectionId(1);
    let peer = Peer { address: "127.0.0.1:40000".into(), loopback: true };
    broker.handle(Now::default(), Input::Accepted { connection, peer });
    let (mut sent, mut closed) = (Vec::new(), false);
    for bytes in pieces {
        broker.handle(Now::default(), Input::Bytes { connection, bytes });
        while let Some(output) = broker.poll_output() {
            match output {
                Output::Send { bytes, .. } => sent.extend(bytes),
                Output::Close { .. } => closed = true,
                _ => {}
            }
        }
    }
    (sent, closed)
}

#[test]
fn every_split_gives_the_same_answers() {
    let life = a_life();
    let whole = answer([life.as_slice()]);
    assert!(whole.1, "the life ends with a close");
    for at in 0..=life.len() {
        let (head, tail) = life.split_at(at);
        assert!(answer([head, tail]) == whole, "split at {at}");
    }
}

/// One read, one confirm; cut anywhere, every publish is confirmed once.
#[test]
fn confirms_share_a_frame_when_publishes_share_a_read() {
    let mut bytes = opened();
    let before = answer([bytes.as_slice()]).0.len();
    Method::ConfirmSelect { nowait: true }.encode(1, &mut bytes);
    for _ in 0..3 {
        publish("q").encode(1, &mut bytes);
        content(b"m", &mut bytes);
    }
    let confirms = |pieces: [&[u8]; 2]| acks(&answer(pieces).0[before..]);
    assert_eq!(confirms([&bytes, &[]]), [(3, true)]);
    for at in 0..=bytes.len() {
        let mut confirmed = Vec::new();
        for (tag, multiple) in confirms([&bytes[..at], &bytes[at..]]) {
            let first = if multiple { confirmed.last().unwrap_or(&0) + 1 } else { tag };
            confirmed.extend(first..=tag);
        }
        assert_eq!(confirmed, [1, 2, 3], "split at {at}");
    }
}

/// The tags of basic.ack, and whether they stand for several.
fn acks(mut bytes: &[u8]) -> Vec<(u64, bool)> {
    let mut reader = FrameReader::new(0);
    let mut acks = Vec::new();
    while let Some(frame) = reader.read(&mut bytes).expect("the broker sends frames") {
        match Method::decode(frame.payload) {
            Ok(Method::BasicAck { delivery_tag, multiple }) => acks.push((delivery_tag, multiple)),
            other => panic!("not an ack: {other:?}"),
        }
    }
    acks
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn many_splits_give_the_same_answers(size in 1_usize..50) {
        let life = a_life();
        prop_assert!(answer(life.chunks(size)) == answer([life.as_slice()]));
    }

    #[test]
    fn garbage_is_answered(garbage in prop::collection::vec(any::<u8>(), 0..200)) {
        answer([garbage.as_slice()]);
    }

    /// Garbage at any point of a conversation: bytes changed, lost or made up.
    #[test]
    fn a_damaged_life_is_answered(
        at in any::<prop::sample::Index>(),
        lost in 0_usize..4,
        garbage in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut life = a_life();
        let at = at.index(life.len());
        let end = (at + lost).min(life.len());
        life.splice(at..end, garbage);
        answer([life.as_slice()]);
        answer(life.chunks(7));
    }

    /// Whole frames of garbage reach further in than a damaged stream does.
    #[test]
    fn frames_of_garbage_are_answered(
        frames in prop::collection::vec(
            (prop::sample::select(vec![1_u8, 1, 1, 2, 3, 8, 4]), 0_u16..3, prop::collection::vec(any::<u8>(), 0..40)),
            1..10,
        ),
        class in prop::sample::select(vec![10_u8, 20, 30, 40, 50, 60, 85, 90]),
        method in prop::sample::select(vec![10_u8, 11, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]),
    ) {
        let mut bytes = opened();
        for (kind, channel, mut payload) in frames {
            if kind == 1 && payload.len() > 4 {
                payload[..4].copy_from_slice(&[0, class, 0, method]);
            }
            bytes.push(kind);
            bytes.extend(channel.to_be_bytes());
            bytes.extend((payload.len() as u32).to_be_bytes());
            bytes.extend(payload);
            bytes.push(0xCE);
        }
        answer([bytes.as_slice()]);
    }
}
