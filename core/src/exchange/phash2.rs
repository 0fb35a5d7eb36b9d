//! Erlang's portable hash (`erlang:phash2`), because RabbitMQ chooses queues by it. Its mixing is Bob Jenkins's of 1996.

const GOLDEN: u32 = 0x9e37_79b9;
/// What sets a binary and the end of a list apart from other terms.
const BINARY: u32 = GOLDEN.wrapping_mul(13);
const LIST_END: u32 = GOLDEN.wrapping_mul(2);
const TUPLE: u32 = GOLDEN.wrapping_mul(9);
const ATOM: u32 = GOLDEN.wrapping_mul(3);
const INTEGER: u32 = GOLDEN;
/// Without a range, the hash has 27 bits.
const RANGE: u32 = 1 << 27;

/// The hash of a binary.
pub(super) fn of_binary(octets: &[u8]) -> u32 {
    binary(octets, 0) % RANGE
}

/// The hash of a list of binaries that has at least one.
pub(super) fn of_binaries<'a>(list: impl Iterator<Item = &'a [u8]>) -> u32 {
    /// As which Erlang counts the end.
    const NIL: u32 = 2;
    let hash = list.fold(0, |hash, octets| binary(octets, hash));
    mix(LIST_END.wrapping_add(NIL), LIST_END, hash).2 % RANGE
}

/// What stands in a pair besides its tag.
#[derive(Clone, Copy)]
pub(super) enum Term<'a> {
    Binary(&'a [u8]),
    Atom(&'a str),
    /// Erlang hashes an integer of more than 28 bits otherwise.
    Integer(i32),
}

/// The hash of `{tag, term}`, where the tag is an atom.
pub(super) fn of_tagged(tag: &str, term: Term<'_>) -> u32 {
    const ARITY: u32 = 2;
    let add = |value: u32, kind: u32, hash| mix(kind.wrapping_add(value), kind, hash).2;
    let hash = add(atom(tag), ATOM, add(ARITY, TUPLE, 0));
    let hash = match term {
        Term::Binary(octets) => binary(octets, hash),
        Term::Atom(name) => add(atom(name), ATOM, hash),
        Term::Integer(value) => {
            // A negative one is mixed twice, once without its sign.
            let hash = if value < 0 { add(value.unsigned_abs(), INTEGER, hash) } else { hash };
            add(value.cast_unsigned(), INTEGER, hash)
        }
    };
    hash % RANGE
}

/// An atom's own hash (Peter Weinberger's).
fn atom(name: &str) -> u32 {
    name.bytes().fold(0_u32, |hash, octet| {
        let hash = (hash << 4).wrapping_add(octet.into());
        let high = hash & 0xf000_0000;
        (hash ^ (high >> 24)) ^ high
    })
}

fn binary(octets: &[u8], before: u32) -> u32 {
    let start = BINARY.wrapping_add(before);
    if octets.is_empty() {
        return start;
    }
    let (mut a, mut b, mut c) = (GOLDEN, GOLDEN, start);
    let mut blocks = octets.chunks_exact(12);
    for block in &mut blocks {
        (a, b, c) = mix(
            a.wrapping_add(word(&block[..4])),
            b.wrapping_add(word(&block[4..8])),
            c.wrapping_add(word(&block[8..])),
        );
    }
    // The lowest octet of the last word is the length's.
    let rest = blocks.remainder();
    let part = |from: usize, to: usize| word(rest.get(from..to.min(rest.len())).unwrap_or_default());
    let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    mix(
        a.wrapping_add(part(0, 4)),
        b.wrapping_add(part(4, 8)),
        c.wrapping_add(length).wrapping_add(part(8, 12) << 8),
    )
    .2
}

/// Little-endian; what is missing is 0.
fn word(octets: &[u8]) -> u32 {
    octets.iter().rev().fold(0, |word, &octet| (word << 8) | u32::from(octet))
}

fn mix(mut a: u32, mut b: u32, mut c: u32) -> (u32, u32, u32) {
    for [right, left, again] in [[13, 8, 13], [12, 16, 5], [3, 10, 15]] {
        a = a.wrapping_sub(b).wrapping_sub(c) ^ (c >> right);
        b = b.wrapping_sub(c).wrapping_sub(a) ^ (a << left);
        c = c.wrapping_sub(a).wrapping_sub(b) ^ (b >> again);
    }
    (a, b, c)
}

#[cfg(test)]
mod tests {
    use super::{of_binaries, of_binary};

    /// What `erlang:phash2/1` says.
    #[test]
    fn as_erlang_hashes() {
        let binaries: [(&[u8], u32); 5] = [
            (b"", 13_708_901),
            (b"a", 112_802_447),
            (b"hello", 47_480_723),
            (b"0123456789ab", 115_360_506),
            (b"0123456789abcdef", 121_146_389),
        ];
        for (octets, expected) in binaries {
            assert_eq!(of_binary(octets), expected, "{octets:?}");
        }
        let lists: [(&[&[u8]], u32); 3] =
            [(&[b"a"], 53_691_870), (&[b"hello", b"x"], 130_922_977), (&[b""], 38_220_213)];
        for (list, expected) in lists {
            assert_eq!(of_binaries(list.iter().copied()), expected, "{list:?}");
        }
    }
}
