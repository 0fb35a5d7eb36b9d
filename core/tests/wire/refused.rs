//! What is refused, and in which words.

use warren_core::wire::{FieldTable, FrameReader, Method, Properties};

fn frame(bytes: &[u8]) -> String {
    match FrameReader::new(131_072).read(&mut &*bytes) {
        Ok(Some(_)) => "a frame".into(),
        Ok(None) => "more, please".into(),
        Err(error) => error.to_string(),
    }
}

fn method(bytes: &[u8]) -> String {
    match Method::decode(bytes) {
        Ok(method) => method.name().into(),
        Err(error) => error.to_string(),
    }
}

fn table(bytes: &[u8]) -> String {
    match FieldTable::decode_pairs(bytes) {
        Ok(table) => table.to_string(),
        Err(error) => error.to_string(),
    }
}

fn properties(bytes: &[u8]) -> String {
    match Properties::decode(bytes) {
        Ok(_) => "properties".into(),
        Err(error) => error.to_string(),
    }
}

const CUT: &str = "the frame ends in the middle of a field";
const CUT_TABLE: &str = "a table ends in the middle of a field";
const MORE: &str = "the frame goes on behind its last field";

#[test]
fn frames() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "more, please"),
        (b"\x01\x00\x01\x00\x00\x00", "more, please"),
        (b"\x08\x00\x00\x00\x00\x00\x00\xCE", "a frame"),
        (b"\x01\x00\x01\x00\x03\x0D\x40", "type 1, all octets = <<>>: {frame_too_large,200000,131064}"),
        (b"\x03\x00\x01\x00\x02\x00\x00", "more, please"),
        (b"\x03\x00\x01\x00\x02\x00\x01", "type 3, all octets = <<>>: {frame_too_large,131073,131064}"),
        (b"\x08\x00\x00\x00\x00\x00\x00\x00", "type 8, all octets = <<>>: {invalid_frame_end_marker,0}"),
        (
            b"\x01\x00\x01\x00\x00\x00\x04\x00\x14\x00\x0A\xCF",
            "type 1, all octets = <<0,20,0,10>>: {invalid_frame_end_marker,207}",
        ),
        (
            b"\x03\x00\x01\x00\x00\x00\x11\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x01",
            "type 3, first 16 octets = <<0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15>>: {invalid_frame_end_marker,1}",
        ),
        (b"GET / HTTP/1.1\r\n\r\n", "type 71, all octets = <<>>: {frame_too_large,539959368,131064}"),
    ];
    for (bytes, said) in cases {
        assert_eq!(frame(bytes), *said, "{bytes:?}");
    }
}

#[test]
fn methods() {
    let cases: &[(&[u8], &str)] = &[
        (b"", CUT),
        (b"\x00\x3C\x00", CUT),
        (b"\x00\x3C\x00\x33", "unknown method 51 of class 60"),
        (b"\x00\x63\x00\x0A", "unknown method 10 of class 99"),
        (b"\x00\x5A\x00\x0A", "tx.select"),
        (b"\x00\x5A\x00\x0A\x00", MORE),
        (b"\x00\x14\x00\x14", CUT),
        (b"\x00\x14\x00\x14\x01", "channel.flow"),
        // Bits that nobody has defined are nobody's business.
        (b"\x00\x14\x00\x14\xFF", "channel.flow"),
        (b"\x00\x14\x00\x0A\x05abcd", CUT),
        (b"\x00\x14\x00\x0A\x02\xC3\x28", "Malformed UTF-8 in shortstr"),
        (b"\x00\x0A\x00\x14\xFF\xFF\xFF\xFFabc", CUT),
        (b"\x00\x32\x00\x32\x00\x00\x01q\x01x\x01k\x00\x00\x00\x03\x01a", CUT),
        (b"\x00\x32\x00\x32\x00\x00\x01q\x01x\x01k\x00\x00\x00\x02\x01a", CUT_TABLE),
        (b"\x00\x32\x00\x32\x00\x00\x01q\x01x\x01k\x00\x00\x00\x03\x01aV", "queue.unbind"),
        (b"\x00\x32\x00\x32\x00\x00\x01q\x01x\x01k\x00\x00\x00\x03\x01aVV", MORE),
    ];
    for (bytes, said) in cases {
        assert_eq!(method(bytes), *said, "{bytes:?}");
    }
}

#[test]
fn tables() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "{}"),
        (b"\x01a", CUT_TABLE),
        (b"\x05a", CUT_TABLE),
        (b"\x01at\x07", r#"{"a": true}"#),
        (b"\x01aI\xFF\xFF\xFF\xFE", r#"{"a": -2}"#),
        (b"\x01as\xFF\xFE", r#"{"a": -2}"#),
        (b"\x01al\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", r#"{"a": -2}"#),
        // A 64-bit number by another letter, which RabbitMQ reads likewise.
        (b"\x01aL\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", r#"{"a": -2}"#),
        (b"\x01aI\x00\x00\x00", CUT_TABLE),
        (b"\x01aS\x00\x00\x00\x02x", CUT_TABLE),
        (b"\x01aS\x00\x00\x00\x02xy", r#"{"a": xy}"#),
        (b"\x01aS\xFF\xFF\xFF\xFFxy", CUT_TABLE),
        (b"\x01aA\x00\x00\x00\x02VV", r#"{"a": [undefined, undefined]}"#),
        (b"\x01aA\xFF\xFF\xFF\xFFVV", CUT_TABLE),
        // A value does not reach beyond the array or table that it is in.
        (b"\x01aA\x00\x00\x00\x01I\x00\x00\x00\x01", CUT_TABLE),
        (b"\x01aF\x00\x00\x00\x02\x01bV", CUT_TABLE),
        (b"\x01aF\x00\x00\x00\x03\x01bV", r#"{"a": {"b": undefined}}"#),
        (b"\x01az", "unknown field type 'z' in a table"),
        (b"\x01a\x00", "unknown field type '\\u{0}' in a table"),
        // NaN and the infinities are no numbers.
        (b"\x01af\x7F\xC0\x00\x00", "a number in a table is none"),
        (b"\x01ad\xFF\xF0\x00\x00\x00\x00\x00\x00", "a number in a table is none"),
        (b"\x01af\x7F\x7F\xFF\xFF", r#"{"a": 340282350000000000000000000000000000000}"#),
        // A name need not be UTF-8.
        (b"\x01\xFFV", "{\"\u{fffd}\": undefined}"),
    ];
    for (bytes, said) in cases {
        assert_eq!(table(bytes), *said, "{bytes:?}");
    }
}

#[test]
fn property_lists() {
    let cases: &[(&[u8], &str)] = &[
        (b"", CUT),
        (b"\x00\x00", "properties"),
        (b"\x00\x00\x00", MORE),
        (b"\x10\x00", CUT),
        (b"\x10\x00\x02", "properties"),
        // The flags that class basic has no property for are nobody's business, that of a second word included.
        (b"\x00\x03", "properties"),
        (b"\x00\x01\x00\x00", MORE),
        // A string need not be UTF-8.
        (b"\x80\x00\x01\xFF", "properties"),
    ];
    for (bytes, said) in cases {
        assert_eq!(properties(bytes), *said, "{bytes:?}");
    }
}
