//! The message of the lesson on protocols: read again from its bytes by decoders that share nothing with what wrote them,
//! and compared byte by byte with what was worked out by hand from the specifications.

use warren_sim::{
    protocols::{BODY, CONTENT_TYPE, EXCHANGE, Encoded, Purpose, ROUTING_KEY, Version},
    warren_core::{Broker, Config, ConnectionId, Input, Now, Output, Peer},
};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn frames(version: Version) -> Vec<String> {
    version.encoded().frames.iter().map(|frame| hex(&frame.bytes())).collect()
}

#[test]
fn every_byte_of_0_8_and_0_9_1() {
    // Type, channel, size; class 60, method 40, ticket, "orders", "order.new", bits; CE.
    let publish = |ticket| {
        format!(
            "01 00 01 00 00 00 18 00 3c 00 28 00 {ticket} 06 6f 72 64 65 72 73 09 6f 72 64 65 72 2e 6e 65 77 00 ce"
        )
    };
    // Class 60, weight, length 5, flags 9000 (content-type, delivery-mode), "text/plain", 2.
    let header = "02 00 01 00 00 00 1a 00 3c 00 00 00 00 00 00 00 00 00 05 90 00 0a 74 65 78 74 2f 70 6c 61 69 6e 02 ce";
    let body = "03 00 01 00 00 00 05 68 65 6c 6c 6f ce";
    assert_eq!(frames(Version::V0_8), [&publish("01"), header, body]);
    assert_eq!(frames(Version::V0_9_1), [&publish("00"), header, body]);
}

#[test]
fn every_byte_of_0_10() {
    assert_eq!(
        frames(Version::V0_10),
        [
            // First segment; a command of 27 bytes on the track of commands; transfer; session header; three fields.
            "0b 01 00 1b 00 01 00 01 00 00 00 00 04 01 01 00 07 00 06 6f 72 64 65 72 73 01 00",
            // delivery-properties of 15 bytes: delivery-mode 2, "order.new"; message-properties of 23: length 5, "text/plain".
            "03 02 00 3a 00 01 00 01 00 00 00 00 00 00 00 0f 04 01 10 02 02 09 6f 72 64 65 72 2e 6e 65 77 \
             00 00 00 17 04 03 11 00 00 00 00 00 00 00 00 05 0a 74 65 78 74 2f 70 6c 61 69 6e",
            "07 03 00 11 00 01 00 01 00 00 00 00 68 65 6c 6c 6f",
        ]
    );
}

#[test]
fn every_byte_of_1_0() {
    assert_eq!(
        frames(Version::V1_0),
        ["00 00 00 5a 02 00 00 01 \
          00 53 14 c0 08 05 43 43 a0 01 01 43 42 \
          00 53 70 c0 02 01 41 \
          00 53 73 c0 2f 07 40 40 a1 1b 2f 65 78 63 68 61 6e 67 65 73 2f 6f 72 64 65 72 73 2f 6f 72 64 65 72 2e 6e 65 77 \
          40 40 40 a3 0a 74 65 78 74 2f 70 6c 61 69 6e \
          00 53 75 a0 05 68 65 6c 6c 6f"]
    );
}

/// What a reader of the wire finds: exchange, routing key, whether it is persistent, content type, body.
type Message = (String, String, bool, String, Vec<u8>);

fn expected() -> Message {
    (EXCHANGE.into(), ROUTING_KEY.into(), true, CONTENT_TYPE.into(), BODY.to_vec())
}

/// Bytes that are taken from the front.
struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn number(&mut self, width: usize) -> u64 {
        self.take(width).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn text(&mut self) -> String {
        let length = self.number(1) as usize;
        String::from_utf8(self.take(length).to_vec()).expect("a text")
    }
}

fn read_0_9_1(bytes: &[u8]) -> Message {
    let mut input = Octets(bytes);
    let mut payload = |kind: u64| {
        assert_eq!((input.number(1), input.number(2)), (kind, 1));
        let size = input.number(4) as usize;
        let payload = input.take(size).to_vec();
        assert_eq!(input.number(1), 0xce);
        payload
    };
    let (method, header, body) = (payload(1), payload(2), payload(3));
    assert!(input.0.is_empty());
    let mut method = Octets(&method);
    assert_eq!((method.number(2), method.number(2)), (60, 40));
    method.take(2);
    let (exchange, key) = (method.text(), method.text());
    let mut header = Octets(&header);
    assert_eq!((header.number(2), header.number(2), header.number(8)), (60, 0, body.len() as u64));
    assert_eq!(header.number(2), 1 << 15 | 1 << 12);
    let (content_type, mode) = (header.text(), header.number(1));
    (exchange, key, mode == 2, content_type, body)
}

fn read_0_10(bytes: &[u8]) -> Message {
    let mut input = Octets(bytes);
    let mut payload = |flags: u64, kind: u64| {
        assert_eq!((input.number(1), input.number(1)), (flags, kind));
        let size = input.number(2) as usize;
        assert_eq!((input.number(1), input.number(1), input.number(2), input.number(4)), (0, 1, 1, 0));
        input.take(size - 12).to_vec()
    };
    let (command, header, body) = (payload(0b1011, 1), payload(0b0011, 2), payload(0b0111, 3));
    assert!(input.0.is_empty());
    let mut command = Octets(&command);
    assert_eq!((command.number(2), command.number(1), command.number(1)), (0x0401, 1, 0));
    // The first byte has the first eight fields, the first of them in its lowest bit.
    assert_eq!((command.number(1), command.number(1)), (0b111, 0));
    let exchange = command.text();
    assert_eq!((command.number(1), command.number(1), command.0.len()), (1, 0, 0));
    let mut header = Octets(&header);
    let (mut key, mut mode, mut content_type, mut length) = (String::new(), 0, String::new(), 0);
    while !header.0.is_empty() {
        let size = header.number(4) as usize;
        let mut fields = Octets(header.take(size));
        let code = fields.number(2);
        let flags = fields.number(1) | fields.number(1) << 8;
        match code {
            0x0401 => {
                assert_eq!(flags, 1 << 4 | 1 << 9);
                (mode, key) = (fields.number(1), fields.text());
            }
            0x0403 => {
                assert_eq!(flags, 1 | 1 << 4);
                (length, content_type) = (fields.number(8), fields.text());
            }
            code => panic!("an unknown struct {code:x}"),
        }
        assert!(fields.0.is_empty());
    }
    assert_eq!(length, body.len() as u64);
    (exchange, key, mode == 2, content_type, body)
}

fn read_1_0(bytes: &[u8]) -> Message {
    let mut input = Octets(bytes);
    assert_eq!(input.number(4) as usize, bytes.len());
    assert_eq!((input.number(1), input.number(1), input.number(2)), (2, 0, 1));
    let (mut address, mut is_durable, mut content_type, mut body) =
        (String::new(), false, String::new(), Vec::new());
    while !input.0.is_empty() {
        assert_eq!((input.number(1), input.number(1)), (0, 0x53));
        match input.number(1) {
            0x75 => {
                assert_eq!(input.number(1), 0xa0);
                body = input.text().into_bytes();
            }
            section => {
                assert_eq!(input.number(1), 0xc0);
                let size = input.number(1) as usize;
                let mut list = Octets(input.take(size));
                let count = list.number(1);
                let fields: Vec<Vec<u8>> = (0..count).map(|_| value(&mut list)).collect();
                assert!(list.0.is_empty());
                let text = |at: usize| String::from_utf8(fields[at].clone()).expect("a text");
                match section {
                    0x14 => assert_eq!(fields.len(), 5),
                    0x70 => is_durable = fields[0] == [1],
                    0x73 => (address, content_type) = (text(2), text(6)),
                    section => panic!("an unknown section {section:x}"),
                }
            }
        }
    }
    let parts: Vec<&str> = address.split('/').collect();
    let ["", "exchanges", exchange, key] = parts[..] else { panic!("{address}") };
    (exchange.into(), key.into(), is_durable, content_type, body)
}

/// A value of AMQP 1.0 by its constructor.
fn value(list: &mut Octets<'_>) -> Vec<u8> {
    match list.number(1) {
        0x40 | 0x43 => Vec::new(),
        0x41 => vec![1],
        0x42 => vec![0],
        0xa0 | 0xa1 | 0xa3 => list.text().into_bytes(),
        constructor => panic!("an unknown constructor {constructor:x}"),
    }
}

#[test]
fn a_reader_of_each_version_finds_the_same_message() {
    assert_eq!(read_0_9_1(&Version::V0_8.encoded().bytes()), expected());
    assert_eq!(read_0_9_1(&Version::V0_9_1.encoded().bytes()), expected());
    assert_eq!(read_0_10(&Version::V0_10.encoded().bytes()), expected());
    assert_eq!(read_1_0(&Version::V1_0.encoded().bytes()), expected());
}

#[test]
fn what_a_visitor_looks_for_is_marked_in_every_version() {
    for version in Version::ALL {
        let encoded = version.encoded();
        let marked = |encoded: &Encoded, purpose| -> Vec<u8> {
            encoded.parts_for(purpose).flat_map(|part| part.bytes.clone()).collect()
        };
        for (purpose, text) in [
            (Purpose::Exchange, EXCHANGE.as_bytes()),
            (Purpose::RoutingKey, ROUTING_KEY.as_bytes()),
            (Purpose::ContentType, CONTENT_TYPE.as_bytes()),
            (Purpose::Body, BODY),
        ] {
            let bytes = marked(&encoded, purpose);
            assert!(bytes.ends_with(text), "{} {}: {}", version.name(), purpose.id(), hex(&bytes));
        }
        for purpose in [Purpose::Durability, Purpose::Operation, Purpose::Framing, Purpose::Structure] {
            assert!(!marked(&encoded, purpose).is_empty(), "{} {}", version.name(), purpose.id());
        }
        assert!(
            encoded.frames.iter().all(|frame| frame.source.contains(version.name())),
            "{}",
            version.name()
        );
        assert!(encoded.frames.iter().flat_map(|frame| &frame.parts).all(|part| !part.bytes.is_empty()));
    }
}

/// What the core answers to a client that begins like this, and whether it hangs up.
fn answer(header: [u8; 8]) -> (Vec<u8>, bool) {
    let mut broker = Broker::new(Config::default());
    let (connection, peer) = (ConnectionId(1), Peer { address: String::new(), loopback: true });
    broker.handle(Now::default(), Input::Accepted { connection, peer });
    broker.handle(Now::default(), Input::Bytes { connection, bytes: &header });
    let (mut bytes, mut hangs_up) = (Vec::new(), false);
    while let Some(output) = broker.poll_output() {
        match output {
            Output::Send { bytes: sent, .. } => bytes.extend_from_slice(&sent),
            Output::Close { .. } => hangs_up = true,
            _ => {}
        }
    }
    (bytes, hangs_up)
}

#[test]
fn a_version_that_is_not_served_gets_the_header_of_one_that_is() {
    for version in Version::ALL {
        let (bytes, hangs_up) = answer(version.header());
        if version.is_served() {
            // connection.start, a frame of type 1 on channel 0: class 10, method 10.
            assert!(bytes.starts_with(&[1, 0, 0]) && bytes[7..11] == [0, 10, 0, 10], "{}", version.name());
            assert!(!hangs_up, "{}", version.name());
        } else {
            assert_eq!((bytes, hangs_up), (b"AMQP\x00\x00\x09\x01".to_vec(), true), "{}", version.name());
        }
    }
}
