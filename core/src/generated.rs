//! Names that the broker makes up: `amq.gen-` or `amq.ctag-` and 22 characters of base64url, as RabbitMQ's.

use crate::{Name, Random};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LENGTH: u32 = 22;

/// Whether the text could be what follows prefix and separator in a name that a broker has made up.
pub(crate) fn could_be_generated(text: &str) -> bool {
    text.len() == LENGTH as usize && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// `prefix`, `separator` and 22 random characters.
pub(crate) fn generated_name(prefix: &str, separator: &str, random: &mut Random) -> Name {
    let mut name = format!("{prefix}{separator}");
    for _ in 0..LENGTH {
        let index = random.next_u64() >> 58;
        name.push(char::from(ALPHABET[(index & 63) as usize]));
    }
    Name::from(name)
}
