//! A stream of bytes, cut into frames.

use proptest::{collection::vec, prelude::*};
use warren_core::wire::{FrameError, FrameReader, RawFrame, encode_body, encode_heartbeat};

/// A frame that owns its payload.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Frame {
    kind: u8,
    channel: u16,
    payload: Vec<u8>,
}

impl From<RawFrame<'_>> for Frame {
    fn from(RawFrame { kind, channel, payload }: RawFrame<'_>) -> Self {
        Frame { kind, channel, payload: payload.to_vec() }
    }
}

fn frame() -> impl Strategy<Value = Frame> {
    let payload = prop_oneof![4 => vec(any::<u8>(), 0..20), 1 => vec(any::<u8>(), 300)];
    (any::<u8>(), any::<u16>(), payload).prop_map(|(kind, channel, payload)| Frame { kind, channel, payload })
}

/// By hand, so that the encoder of bodies is not its own witness.
fn encode(frames: &[Frame]) -> Vec<u8> {
    let encode = |Frame { kind, channel, payload }: &Frame| {
        let size = u32::try_from(payload.len()).expect("a small payload");
        [&[*kind], &channel.to_be_bytes()[..], &size.to_be_bytes(), payload, &[0xCE]].concat()
    };
    frames.iter().flat_map(encode).collect()
}

/// All frames in the pieces of a stream.
fn read<'a>(frame_max: u32, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Frame>, FrameError> {
    let mut reader = FrameReader::new(frame_max);
    let mut frames = Vec::new();
    for mut piece in pieces {
        while let Some(frame) = reader.read(&mut piece)? {
            frames.push(frame.into());
        }
        assert!(piece.is_empty(), "without a frame, everything is used");
    }
    Ok(frames)
}

#[test]
fn broken_streams() {
    let too_large = |size, max| Err(FrameError::TooLarge { kind: 3, size, max });
    let bad_end = Err(FrameError::BadEnd { frame: "type 3, all octets = <<\"ab\">>".into(), found: b'c' });
    let nothing_yet = Ok(Vec::new());
    let whole = |payload: &[u8]| Ok(vec![Frame { kind: 3, channel: 1, payload: payload.into() }]);
    let cases: [(&str, &[u8], _); 10] = [
        ("nothing", b"", nothing_yet.clone()),
        ("half a header", b"\x03\0\x01\0", nothing_yet.clone()),
        ("a header", b"\x03\0\x01\0\0\0\x02", nothing_yet.clone()),
        ("all but the end", b"\x03\0\x01\0\0\0\x02ab", nothing_yet),
        ("a frame", b"\x03\0\x01\0\0\0\x02ab\xCE", whole(b"ab")),
        ("an empty frame", b"\x03\0\x01\0\0\0\0\xCE", whole(b"")),
        ("a frame and half of one", b"\x03\0\x01\0\0\0\0\xCE\x03\0", whole(b"")),
        ("a bad end", b"\x03\0\x01\0\0\0\x02abc", bad_end),
        ("4 GiB announced", b"\x03\0\x01\xFF\xFF\xFF\xFF", too_large(u32::MAX, 4088)),
        ("a byte too much", b"\x03\0\x01\0\0\x10\x01", too_large(4097, 4088)),
    ];
    for (what, bytes, expected) in cases {
        assert_eq!(read(4096, [bytes]), expected, "{what}");
        assert_eq!(read(4096, bytes.chunks(1)), expected, "{what}, byte by byte");
    }
}

/// RabbitMQ lets the payload alone be as large as the whole frame may be.
#[test]
fn the_largest_frame() {
    let largest = [Frame { kind: 3, channel: 1, payload: vec![7; 4096] }];
    assert_eq!(read(4096, [encode(&largest).as_slice()]), Ok(largest.to_vec()));
    let unlimited = [Frame { kind: 3, channel: 1, payload: vec![7; 1 << 20] }];
    assert_eq!(read(0, [encode(&unlimited).as_slice()]), Ok(unlimited.to_vec()));
}

#[test]
fn a_limit_holds_for_what_follows() {
    let bytes = encode(&[Frame { kind: 3, channel: 1, payload: vec![7; 5000] }]);
    let mut reader = FrameReader::new(0);
    assert!(reader.read(&mut bytes.as_slice()).expect("no limit yet").is_some());
    reader.set_frame_max(4096);
    assert!(reader.read(&mut bytes.as_slice()).is_err());
}

#[test]
fn a_whole_frame_is_not_copied() {
    let bytes = encode(&[Frame { kind: 3, channel: 1, payload: vec![7; 100] }]);
    let mut reader = FrameReader::new(0);
    let frame = reader.read(&mut bytes.as_slice()).expect("a frame").expect("a whole one");
    assert!(bytes.as_ptr_range().contains(&frame.payload.as_ptr()));
}

#[test]
fn heartbeats() {
    let mut bytes = Vec::new();
    encode_heartbeat(&mut bytes);
    assert_eq!(bytes, b"\x08\0\0\0\0\0\0\xCE");
}

#[test]
fn bodies_are_cut_by_frame_max() {
    let cases =
        [(0, 4096, vec![]), (4088, 4096, vec![4088]), (4089, 4096, vec![4088, 1]), (9000, 0, vec![9000])];
    for (size, frame_max, expected) in cases {
        let body: Vec<u8> = (0..size).map(|index| index as u8).collect();
        let mut bytes = Vec::new();
        encode_body(5, frame_max, &body, &mut bytes);
        let frames = read(frame_max, [bytes.as_slice()]).expect("frames");
        let sizes: Vec<usize> = frames.iter().map(|frame| frame.payload.len()).collect();
        assert_eq!(sizes, expected, "{size} bytes");
        assert!(frames.iter().all(|frame| (frame.kind, frame.channel) == (3, 5)));
        assert_eq!(frames.into_iter().flat_map(|frame| frame.payload).collect::<Vec<u8>>(), body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_split_gives_the_same_frames(frames in vec(frame(), 1..4)) {
        let bytes = encode(&frames);
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            prop_assert_eq!(read(0, [head, tail]), Ok(frames.clone()), "split at {}", at);
        }
    }

    #[test]
    fn any_pieces_give_the_same_frames(frames in vec(frame(), 0..8), size in 1_usize..40) {
        prop_assert_eq!(read(0, encode(&frames).chunks(size)), Ok(frames));
    }

    /// Whatever it is, it is read the same way whole and in pieces.
    #[test]
    fn garbage_is_refused_the_same_way(garbage in vec(any::<u8>(), 0..200), size in 1_usize..20) {
        prop_assert_eq!(read(64, [garbage.as_slice()]), read(64, garbage.chunks(size)));
    }
}
