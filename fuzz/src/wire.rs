//! Bytes as frames, methods, headers and tables: what can be read can be written, and then reads the same.

use warren_core::wire::{
    ContentHeader, Dialect, FieldTable, FrameReader, Method, PROTOCOL_HEADER, Properties, describe,
};

/// The first byte says where the stream is cut; the rest is the stream, and the payload of a frame.
pub fn run(bytes: &[u8]) {
    let Some((&piece, bytes)) = bytes.split_first() else { return };
    read_alike(bytes, usize::from(piece).max(1));
    round_trip(bytes);
    described(bytes);
}

/// A stream says the same however it is cut.
fn read_alike(bytes: &[u8], piece: usize) {
    assert_eq!(frames(bytes.chunks(piece)), frames([bytes].into_iter()), "cut into pieces of {piece} bytes");
}

/// The frames in these pieces, and whether the last of what was read was an error.
fn frames<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<(u8, u16, Vec<u8>)>, bool) {
    let (mut reader, mut frames) = (FrameReader::new(4096), Vec::new());
    for mut piece in pieces {
        loop {
            match reader.read(&mut piece) {
                Ok(Some(frame)) => frames.push((frame.kind, frame.channel, frame.payload.to_vec())),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
    }
    (frames, false)
}

fn round_trip(payload: &[u8]) {
    for dialect in [Dialect::V0_9_1, Dialect::V0_8] {
        let Ok(method) = dialect.decode(payload) else { continue };
        let mut frame = Vec::new();
        dialect.encode(&method, 1, &mut frame);
        let written = &frame[7..frame.len() - 1];
        // By its bytes: a number that is none (NaN) does not equal itself.
        let mut again = Vec::new();
        let read = dialect.decode(written).unwrap_or_else(|error| panic!("{method:?} is not read: {error}"));
        dialect.encode(&read, 1, &mut again);
        assert_eq!(again, frame, "{method:?}");
    }
    let _ = Method::decode(payload);
    if let Ok(properties) = Properties::decode(payload) {
        let bytes = properties.to_bytes();
        let again = Properties::decode(&bytes).unwrap_or_else(|error| panic!("{properties:?}: {error}"));
        assert_eq!(again.to_bytes(), bytes, "{properties:?}");
        let _ = properties.shown();
    }
    if let Ok(table) = FieldTable::decode_pairs(payload) {
        let mut bytes = Vec::new();
        table.encode(&mut bytes);
        let again =
            FieldTable::decode_pairs(&bytes[4..]).unwrap_or_else(|error| panic!("{table:?}: {error}"));
        let mut second = Vec::new();
        again.encode(&mut second);
        assert_eq!(second, bytes, "{table:?}");
    }
    let _ = ContentHeader::decode(payload);
}

/// Every byte of a frame has its part.
fn described(bytes: &[u8]) {
    let described = describe(bytes);
    let mut at = 0;
    for part in described.parts.iter().filter(|part| part.bit.is_none() || part.bytes.end > 0) {
        if part.bit.is_some() && part.bytes.end <= at {
            continue;
        }
        assert_eq!(part.bytes.start, at, "{described:?}");
        at = part.bytes.end;
    }
    assert_eq!(at, described.length, "{described:?}");
    let is_header = bytes.starts_with(&PROTOCOL_HEADER[..4]);
    assert!(described.length <= bytes.len() || is_header, "{described:?}");
}
