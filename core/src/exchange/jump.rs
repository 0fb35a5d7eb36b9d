//! The consistent hash that RabbitMQ's plugin uses: jump consistent hash (Lamping and Veach, 2014) over Erlang's
//! generator `exs1024` (Vigna's xorshift1024*).

/// The bucket, from 0, that `key` falls into; `buckets` is not 0.
///
/// Erlang divides floats; whole numbers give the same buckets but for quotients that are within 2⁻⁵² of the next one.
pub(super) fn bucket(key: u64, buckets: u64) -> u64 {
    let mut sequence = Sequence::new(key);
    let (mut bucket, mut next) = (0, 0);
    while next < buckets {
        bucket = next;
        let scaled = u128::from(bucket + 1) << 64;
        next = u64::try_from(scaled / u128::from(sequence.next().max(1))).unwrap_or(u64::MAX);
    }
    bucket
}

struct Sequence {
    words: [u64; 16],
    at: u8,
}

impl Sequence {
    /// As Erlang seeds it with three times the same number.
    fn new(key: u64) -> Self {
        const BITS_21: u64 = (1 << 21) - 1;
        let part = |factor: u64| (((key & BITS_21) + 1) * factor) & BITS_21;
        let mut state = (part(2_097_131) << 43) | (part(2_097_133) << 22) | (part(2_097_143) << 1) | 1;
        let mut words = [0; 16];
        for word in words.iter_mut().rev() {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            *word = state.wrapping_mul(2_685_821_657_736_338_717);
        }
        Sequence { words, at: 0 }
    }

    fn next(&mut self) -> u64 {
        let here = self.words[usize::from(self.at)];
        self.at = (self.at + 1) % 16;
        let word = &mut self.words[usize::from(self.at)];
        let mixed = *word ^ (*word << 31);
        *word = here ^ (here >> 30) ^ mixed ^ (mixed >> 11);
        word.wrapping_mul(1_181_783_497_276_652_981)
    }
}

#[cfg(test)]
mod tests {
    use super::bucket;

    /// What RabbitMQ's plugin makes of these keys in Erlang, with a thousand buckets.
    #[test]
    fn as_the_plugin_jumps() {
        let table = [
            (59_054_609, 391),
            (43_650_984, 771),
            (33_360_718, 285),
            (130_955_118, 878),
            (15_498_963, 215),
            (4_249_069, 59),
        ];
        for (key, expected) in table {
            assert_eq!(bucket(key, 1000), expected, "{key}");
        }
        assert_eq!(bucket(59_054_609, 1), 0);
    }
}
