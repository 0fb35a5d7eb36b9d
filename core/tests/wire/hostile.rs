//! Bytes from anybody: nothing panics, and nothing is believed before it has been seen.

use proptest::{collection::vec, prelude::*};
use warren_core::wire::{ContentHeader, FieldTable, FieldValue, FrameReader, Method, Properties};

use crate::{
    memory::allocated_by,
    methods::{NAMES, build, stock},
};

/// The dearest bytes there are: a table entry of two bytes, a one-byte void value, as values in memory, in vectors that
/// grow by doubling. A length that is believed would cost thousands of times as much.
const BYTES_PER_BYTE: usize = 200;
/// What an empty decoder may cost.
const BASE: usize = 1024;

fn decode_as_everything(bytes: &[u8]) {
    let cost = allocated_by(|| {
        (
            Method::decode(bytes).is_ok(),
            ContentHeader::decode(bytes).is_ok(),
            Properties::decode(bytes).is_ok(),
            FieldTable::decode_pairs(bytes).is_ok(),
        )
    });
    let bound = BASE + 3 * BYTES_PER_BYTE * bytes.len();
    assert!(cost <= bound, "{cost} bytes allocated for {} bytes", bytes.len());
}

fn read_as_frames(bytes: &[u8], piece: usize) {
    let cost = allocated_by(|| {
        let mut reader = FrameReader::new(0);
        for mut input in bytes.chunks(piece) {
            while let Ok(Some(_)) = reader.read(&mut input) {}
        }
    });
    assert!(cost <= BASE + 4 * bytes.len(), "{cost} bytes allocated for {} bytes", bytes.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbage(bytes in vec(any::<u8>(), 0..600), piece in 1..50_usize) {
        decode_as_everything(&bytes);
        read_as_frames(&bytes, piece);
    }

    /// Almost right is worse than plain wrong: methods with a few bytes changed, or cut off.
    #[test]
    fn damaged_methods(
        stock in stock(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut: prop::sample::Index,
    ) {
        for name in NAMES {
            let mut bytes = Vec::new();
            build(name, &stock).encode(1, &mut bytes);
            for (at, byte) in &damage {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            read_as_frames(&bytes, bytes.len());
            let payload = &bytes[7..bytes.len() - 1];
            decode_as_everything(payload);
            decode_as_everything(&payload[..cut.index(payload.len())]);
        }
    }
}

#[test]
fn a_frame_of_half_a_gigabyte_costs_what_has_come_of_it_and_a_larger_one_is_refused() {
    let header = [3, 0, 1, 0x1F, 0xFF, 0xFF, 0xF0];
    let cost = allocated_by(|| {
        let mut reader = FrameReader::new(0);
        for mut piece in [&header[..], &[0; 100], &[0; 100]] {
            assert_eq!(reader.read(&mut piece), Ok(None));
        }
    });
    assert!(cost <= BASE, "{cost} bytes allocated");
    let header = [3, 0, 1, 0xFF, 0xFF, 0xFF, 0xF0];
    assert!(FrameReader::new(0).read(&mut &header[..]).is_err());
}

/// Deep enough to exhaust the stack, if anybody followed.
#[test]
fn a_bottomless_value_is_refused() {
    const DEPTH: u32 = 100_000;
    for level in [&b"A"[..], b"F"] {
        // In a table, a name comes before the value.
        let name = if level == b"F" { &b"\x01n"[..] } else { b"" };
        let size = (name.len() + level.len() + 4) as u32;
        let mut bytes = if name.is_empty() { b"\x01n".to_vec() } else { Vec::new() };
        for depth in (0..DEPTH).rev() {
            bytes.extend_from_slice(&[name, level, &(depth * size).to_be_bytes()].concat());
        }
        let error = FieldTable::decode_pairs(&bytes).expect_err("no bottom");
        assert_eq!(error.to_string(), "tables are nested too deeply", "{level:?}");
    }
}

#[test]
fn a_hundred_levels_are_fine() {
    let mut value = FieldValue::Void;
    for _ in 0..100 {
        value = FieldValue::Array(vec![value]);
    }
    let table = FieldTable::from([("deep", value)]);
    let mut bytes = Vec::new();
    table.encode(&mut bytes);
    assert_eq!(FieldTable::decode_pairs(&bytes[4..]), Ok(table));
}

/// Millions of these pass in a second.
#[test]
fn a_message_passes_without_a_trip_to_the_allocator() {
    let publish = Method::BasicPublish {
        ticket: 0,
        exchange: "orders",
        routing_key: "order.created",
        mandatory: true,
        immediate: false,
    };
    let deliver = Method::BasicDeliver {
        consumer_tag: "amq.ctag-1",
        delivery_tag: 7,
        redelivered: false,
        exchange: "orders",
        routing_key: "order.created",
    };
    let mut out = Vec::with_capacity(1000);
    let mut reader = FrameReader::new(0);
    let cost = allocated_by(|| {
        publish.encode(1, &mut out);
        deliver.encode(1, &mut out);
        let mut input = out.as_slice();
        while let Ok(Some(frame)) = reader.read(&mut input) {
            assert!(Method::decode(frame.payload).is_ok());
        }
    });
    assert_eq!(cost, 0, "bytes allocated");
}
