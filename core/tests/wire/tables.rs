//! Field tables by themselves.

use proptest::{collection::vec, prelude::*};
use warren_core::wire::{DecodeError, FieldTable, FieldValue};

use crate::values::table;

fn encoded(table: &FieldTable) -> Vec<u8> {
    let mut bytes = Vec::new();
    table.encode(&mut bytes);
    bytes
}

/// Every type letter, with the bytes that RabbitMQ writes and reads.
#[test]
fn every_type() {
    let cases: [(FieldValue, &[u8]); 17] = [
        (FieldValue::Bool(true), b"t\x01"),
        (FieldValue::I8(-2), b"b\xFE"),
        (FieldValue::U8(0xFE), b"B\xFE"),
        (FieldValue::I16(-2), b"s\xFF\xFE"),
        (FieldValue::U16(0xFFFE), b"u\xFF\xFE"),
        (FieldValue::I32(-2), b"I\xFF\xFF\xFF\xFE"),
        (FieldValue::U32(0xFFFF_FFFE), b"i\xFF\xFF\xFF\xFE"),
        (FieldValue::I64(-2), b"l\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"),
        (FieldValue::F32(1.5_f32.to_bits()), b"f\x3F\xC0\0\0"),
        (FieldValue::F64(1.5_f64.to_bits()), b"d\x3F\xF8\0\0\0\0\0\0"),
        (FieldValue::Decimal { scale: 2, value: 314 }, b"D\x02\0\0\x01\x3A"),
        (FieldValue::LongStr(b"ab".into()), b"S\0\0\0\x02ab"),
        (FieldValue::Array(vec![FieldValue::Void, FieldValue::Bool(false)]), b"A\0\0\0\x03Vt\0"),
        (FieldValue::Timestamp(1), b"T\0\0\0\0\0\0\0\x01"),
        (FieldValue::Table([("k", FieldValue::Void)].into()), b"F\0\0\0\x03\x01kV"),
        (FieldValue::Void, b"V"),
        (FieldValue::Bytes(b"\xFF".into()), b"x\0\0\0\x01\xFF"),
    ];
    for (value, bytes) in cases {
        let table = FieldTable::from([("n", value)]);
        let expected = [b"\x01n", bytes].concat();
        assert_eq!(encoded(&table)[4..], expected, "{table}");
        assert_eq!(FieldTable::decode_pairs(&expected), Ok(table));
    }
}

#[test]
fn refused() {
    let deep = (0..300).fold(FieldValue::Void, |inner, _| FieldValue::Array(vec![inner]));
    let deep = encoded(&FieldTable::from([("deep", deep)]))[4..].to_vec();
    let cases: [(&str, &[u8], DecodeError); 7] = [
        ("a type that nobody knows", b"\x01nQ", DecodeError::UnknownFieldType(b'Q')),
        ("a name without a value", b"\x01n", DecodeError::CutTable),
        ("half a name", b"\x05n", DecodeError::CutTable),
        ("half a number", b"\x01nI\0\0", DecodeError::CutTable),
        ("a string of 4 GiB that is not there", b"\x01nS\xFF\xFF\xFF\xFFab", DecodeError::CutTable),
        ("a number that is none", b"\x01nd\x7F\xF8\0\0\0\0\0\0", DecodeError::NotANumber),
        ("lists in lists in lists", &deep, DecodeError::TooDeep),
    ];
    for (what, bytes, error) in cases {
        assert_eq!(FieldTable::decode_pairs(bytes), Err(error), "{what}");
    }
}

#[test]
fn repeated_names_stay_and_the_first_counts() {
    let bytes = b"\x01nB\x01\x01nB\x02";
    let table = FieldTable::decode_pairs(bytes).expect("a table");
    assert_eq!(table.get("n"), Some(&FieldValue::U8(1)));
    assert_eq!(encoded(&table)[4..], bytes[..]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_come_back(table in table()) {
        prop_assert_eq!(FieldTable::decode_pairs(&encoded(&table)[4..]), Ok(table));
    }

    /// What decodes survives being passed on.
    #[test]
    fn garbage_is_refused_or_kept(letters in vec(prop::sample::select(b"\0\x01nABFISTVbdfilstux".to_vec()), 0..40)) {
        if let Ok(table) = FieldTable::decode_pairs(&letters) {
            let again = encoded(&table);
            prop_assert_eq!(FieldTable::decode_pairs(&again[4..]), Ok(table));
        }
    }
}
