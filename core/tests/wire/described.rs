//! What is said of frames: every byte has its part, and it is what the codec reads.

use proptest::{collection::vec, prelude::*};
use warren_core::wire::{
    ContentHeader, Description, FieldTable, FieldValue, Method, PROTOCOL_HEADER, Properties, ShortStr,
    describe, encode_body, encode_heartbeat,
};

use crate::{
    methods::{NAMES, build, stock},
    values::properties,
};

/// A part a line: its bytes, its name and value, and what is wrong.
fn table(described: &Description) -> String {
    let mut lines = vec![format!("{} on channel {}", described.name, described.channel)];
    for part in &described.parts {
        let bit = part.bit.map_or_else(String::new, |bit| format!(" bit {bit}"));
        let why = part.damage.as_ref().map_or_else(String::new, |why| format!(" !! {why}"));
        let indent = "  ".repeat(usize::from(part.depth));
        let range = format!("{}..{}{bit}", part.bytes.start, part.bytes.end);
        let line = format!("{range:13} {indent}{}: {} = {}{why}", part.name, part.kind, part.value);
        lines.push(line.trim_end().to_owned());
    }
    lines.extend(described.damage.as_ref().map(|damage| format!("!! {damage}")));
    lines.join("\n")
}

/// Every byte has one part, but for bits, which share theirs.
fn tiles(described: &Description) -> Result<(), TestCaseError> {
    let mut at = 0;
    for part in &described.parts {
        if part.bit.is_some() && part.bytes.end <= at {
            continue;
        }
        prop_assert_eq!(part.bytes.start, at, "{}", table(described));
        at = part.bytes.end;
    }
    prop_assert_eq!(at, described.length, "{}", table(described));
    Ok(())
}

fn method(method: &Method<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    method.encode(1, &mut bytes);
    bytes
}

#[test]
fn a_publish() {
    let publish = Method::BasicPublish {
        ticket: 0,
        exchange: "news",
        routing_key: "eu.sms",
        mandatory: true,
        immediate: false,
    };
    insta::assert_snapshot!(table(&describe(&method(&publish))), @"
    basic.publish on channel 1
    0..1          type: octet = 1 (method)
    1..3          channel: short = 1
    3..7          size: long = 19
    7..9          class-id: short = 60 (basic)
    9..11         method-id: short = 40 (publish)
    11..13        ticket: short = 0
    13..18        exchange: shortstr = news
    18..25        routing-key: shortstr = eu.sms
    25..26 bit 0  mandatory: bit = true
    25..26 bit 1  immediate: bit = false
    26..27        frame-end: octet = 206 (0xCE)
    ");
}

#[test]
fn a_declaration_with_tables_in_a_table() {
    let list = FieldValue::Array(vec![FieldValue::Bool(true), FieldValue::Void]);
    let inner = FieldTable::from([("a\n", list)]);
    let declare = Method::QueueDeclare {
        ticket: 0,
        queue: "q",
        passive: false,
        durable: true,
        exclusive: false,
        auto_delete: false,
        nowait: true,
        arguments: FieldTable::from([
            ("x-max-length", FieldValue::I32(5)),
            ("t", FieldValue::Table(inner)),
            ("s", FieldValue::LongStr(b"z".to_vec())),
        ]),
    };
    insta::assert_snapshot!(table(&describe(&method(&declare))), @r#"
    queue.declare on channel 1
    0..1          type: octet = 1 (method)
    1..3          channel: short = 1
    3..7          size: long = 57
    7..9          class-id: short = 50 (queue)
    9..11         method-id: short = 10 (declare)
    11..13        ticket: short = 0
    13..15        queue: shortstr = q
    15..16 bit 0  passive: bit = false
    15..16 bit 1  durable: bit = true
    15..16 bit 2  exclusive: bit = false
    15..16 bit 3  auto-delete: bit = false
    15..16 bit 4  no-wait: bit = true
    16..20        arguments: table = 3 items
    20..38          x-max-length: signedint = 5
    38..45          t: table = 1 item
    45..53            a\n: array = 2 items
    53..55              0: bool = true
    55..56              1: void = undefined
    56..64          s: longstr = z
    64..65        frame-end: octet = 206 (0xCE)
    "#);
}

#[test]
fn a_content_header() {
    let properties = Properties {
        headers: Some(FieldTable::from([("type", FieldValue::LongStr(b"fish".to_vec()))])),
        delivery_mode: Some(2),
        message_id: Some(ShortStr::from("m-1")),
        ..Properties::default()
    };
    let mut bytes = Vec::new();
    ContentHeader { class_id: 60, body_size: 5, properties: &properties.to_bytes() }.encode(1, &mut bytes);
    insta::assert_snapshot!(table(&describe(&bytes)), @"
    content header on channel 1
    0..1          type: octet = 2 (content header)
    1..3          channel: short = 1
    3..7          size: long = 37
    7..9          class-id: short = 60
    9..11         weight: short = 0
    11..19        body-size: longlong = 5
    19..21        property-flags: short = 12416 (0x3080)
    19..21 bit 13   headers: bit = true
    19..21 bit 12   delivery-mode: bit = true
    19..21 bit 7    message-id: bit = true
    21..25        headers: table = 1 item
    25..39          type: longstr = fish
    39..40        delivery-mode: octet = 2
    40..44        message-id: shortstr = m-1
    44..45        frame-end: octet = 206 (0xCE)
    ");
}

#[test]
fn what_is_no_method() {
    let mut frames = Vec::new();
    encode_heartbeat(&mut frames);
    let heartbeat = table(&describe(&frames));
    frames.clear();
    encode_body(3, 0, b"hi\0", &mut frames);
    let body = table(&describe(&frames));
    let protocol = table(&describe(&PROTOCOL_HEADER));
    insta::assert_snapshot!([protocol, heartbeat, body].join("\n\n"), @r#"
    protocol header on channel 0
    0..4          protocol: octets = AMQP
    4..5          protocol-id: octet = 0
    5..6          version-major: octet = 0
    6..7          version-minor: octet = 9
    7..8          revision: octet = 1

    heartbeat on channel 0
    0..1          type: octet = 8 (heartbeat)
    1..3          channel: short = 0
    3..7          size: long = 0
    7..8          frame-end: octet = 206 (0xCE)

    content body on channel 3
    0..1          type: octet = 3 (content body)
    1..3          channel: short = 3
    3..7          size: long = 3
    7..10         body: octets = hi\x00
    10..11        frame-end: octet = 206 (0xCE)
    "#);
}

#[test]
fn what_is_not_whole_or_not_right() {
    let ack = method(&Method::BasicAck { delivery_tag: 7, multiple: false });
    let publish = method(&Method::BasicPublish {
        ticket: 0,
        exchange: "news",
        routing_key: "eu.sms",
        mandatory: false,
        immediate: false,
    });
    let with = |at: usize, byte: u8| {
        let mut bytes = ack.clone();
        bytes[at] = byte;
        bytes
    };
    let tables = [
        table(&describe(b"AMQ")),
        table(&describe(&ack[..3])),
        table(&describe(&publish[..20])),
        table(&describe(&with(20, 0))),
        table(&describe(&with(0, 9))),
        table(&describe(&with(10, 99))),
        table(&describe(&[&[1, 0, 0, 0, 0, 0, 5], &ack[7..11], &[1, 0xCE][..]].concat())),
    ];
    insta::assert_snapshot!(tables.join("\n\n"), @"
    protocol header on channel 0
    0..3          protocol: octets =  !! the frame ends in the middle of a field
    !! incomplete: 3 of 8 bytes

    frame on channel 0
    0..1          type: octet = 1 (method)
    1..3          channel: short = 1
    3..3          size: long =  !! the frame ends in the middle of a field
    !! incomplete: 3 of 8 bytes

    basic.publish on channel 1
    0..1          type: octet = 1 (method)
    1..3          channel: short = 1
    3..7          size: long = 19
    7..9          class-id: short = 60 (basic)
    9..11         method-id: short = 40 (publish)
    11..13        ticket: short = 0
    13..18        exchange: shortstr = news
    18..20        routing-key: shortstr =  !! the frame ends in the middle of a field
    !! incomplete: 20 of 27 bytes

    basic.ack on channel 1
    0..1          type: octet = 1 (method)
    1..3          channel: short = 1
    3..7          size: long = 13
    7..9          class-id: short = 60 (basic)
    9..11         method-id: short = 80 (ack)
    11..19        delivery-tag: longlong = 7
    19..20 bit 0  multiple: bit = false
    20..21        frame-end: octet = 0
    !! 0 stands where the frame should end with 206

    frame on channel 1
    0..1          type: octet = 9 (unknown)
    1..3          channel: short = 1
    3..7          size: long = 13
    7..20         rest: octets =
    20..21        frame-end: octet = 206 (0xCE)
    !! unknown frame type 9

    unknown method on channel 1
    0..1          type: octet = 1 (method)
    1..3          channel: short = 1
    3..7          size: long = 13
    7..9          class-id: short = 60
    9..11         method-id: short = 99
    11..20        rest: octets =
    20..21        frame-end: octet = 206 (0xCE)
    !! unknown method 99 of class 60

    basic.ack on channel 0
    0..1          type: octet = 1 (method)
    1..3          channel: short = 0
    3..7          size: long = 5
    7..9          class-id: short = 60 (basic)
    9..11         method-id: short = 80 (ack)
    11..12        delivery-tag: longlong =  !! the frame ends in the middle of a field
    12..13        frame-end: octet = 206 (0xCE)
    !! the frame ends in the middle of a field
    ");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_of_every_method_has_its_part(stock in stock()) {
        for name in NAMES {
            let method = build(name, &stock);
            let bytes = self::method(&method);
            let described = describe(&bytes);
            tiles(&described)?;
            prop_assert_eq!(described.name, method.name());
            prop_assert_eq!(&described.damage, &None, "{}", table(&described));
            for end in 0..bytes.len().min(80) {
                tiles(&describe(&bytes[..end]))?;
                prop_assert!(end == 0 || describe(&bytes[..end]).damage.is_some());
            }
        }
    }

    #[test]
    fn every_byte_of_every_content_header_has_its_part(owned in properties(), body_size in any::<u64>()) {
        let mut bytes = Vec::new();
        let encoded = owned.borrow().to_bytes();
        ContentHeader { class_id: 60, body_size, properties: &encoded }.encode(1, &mut bytes);
        let described = describe(&bytes);
        tiles(&described)?;
        prop_assert_eq!(&described.damage, &None, "{}", table(&described));
    }

    /// What the codec takes is described as whole, and what it refuses as damaged.
    #[test]
    fn it_finds_wrong_what_the_codec_refuses(
        stock in stock(),
        owned in properties(),
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut header = Vec::new();
        let properties = owned.borrow().to_bytes();
        ContentHeader { class_id: 60, body_size: 1, properties: &properties }.encode(1, &mut header);
        let methods = NAMES.iter().map(|name| method(&build(name, &stock)));
        for mut bytes in methods.chain([header]) {
            let payload = 7..bytes.len() - 1;
            for (at, byte) in &flips {
                if !payload.is_empty() {
                    bytes[7 + at.index(payload.len())] = *byte;
                }
            }
            let described = describe(&bytes);
            tiles(&described)?;
            let inside = &bytes[payload];
            let is_good = if bytes[0] == 1 {
                Method::decode(inside).is_ok()
            } else {
                ContentHeader::decode(inside).is_ok_and(|header| Properties::decode(header.properties).is_ok())
            };
            prop_assert_eq!(described.damage.is_none(), is_good, "{}", table(&described));
        }
    }

    #[test]
    fn garbage_is_described_too(kind in 0_u8..10, size in 0_u8..90, garbage in vec(any::<u8>(), 0..90)) {
        tiles(&describe(&garbage))?;
        tiles(&describe(&[&[kind, 0, 1, 0, 0, 0, size][..], &garbage].concat()))?;
    }
}
