//! CRC-32, as in zlib and PNG: the check sum of the journal, and the seal of what the world sends.

#[cfg(not(target_family = "wasm"))]
pub use crc32fast::Hasher;
#[cfg(target_family = "wasm")]
pub use small::Hasher;

/// The check sum of bytes that are there at once.
#[must_use]
pub fn of(bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finalize()
}

/// The same for the page. Where there are no instructions for it crc32fast brings sixteen kilobytes of tables, which no
/// compression makes smaller; this does with 64 bytes.
#[cfg(any(target_family = "wasm", test))]
#[cfg_attr(not(target_family = "wasm"), expect(unreachable_pub, reason = "only the page has it for others"))]
mod small {
    /// For each half of an octet.
    const TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut index = 0;
        while index < 16 {
            let mut value = index as u32;
            let mut bit = 0;
            while bit < 4 {
                value = (value >> 1) ^ (0xEDB8_8320 & (value & 1).wrapping_neg());
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    };

    /// A check sum over bytes that come in parts.
    #[derive(Clone, Debug)]
    pub struct Hasher(u32);

    impl Default for Hasher {
        fn default() -> Hasher {
            Hasher::new()
        }
    }

    impl Hasher {
        /// Over nothing yet.
        #[must_use]
        pub const fn new() -> Hasher {
            Hasher::new_with_initial(0)
        }

        /// Goes on where another has ended.
        #[must_use]
        pub const fn new_with_initial(sum: u32) -> Hasher {
            Hasher(!sum)
        }

        /// And these bytes.
        pub fn update(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 ^= u32::from(*byte);
                for _ in 0..2 {
                    self.0 = (self.0 >> 4) ^ TABLE[(self.0 & 15) as usize];
                }
            }
        }

        /// The sum.
        #[must_use]
        pub const fn finalize(self) -> u32 {
            !self.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{of, small::Hasher};

    #[test]
    fn both_sum_up_alike() {
        assert_eq!(of(b"123456789"), 0xCBF4_3926, "the check value of CRC-32");
        let bytes: Vec<u8> = (0..1_000_u32).map(|number| ((number * number) >> 3) as u8).collect();
        for split in [0, 1, 7, 999, 1_000] {
            let (first, rest) = bytes.split_at(split);
            let mut sum = Hasher::new();
            sum.update(first);
            let mut sum = Hasher::new_with_initial(sum.finalize());
            sum.update(rest);
            assert_eq!(sum.finalize(), of(&bytes), "split at {split}");
        }
    }
}
