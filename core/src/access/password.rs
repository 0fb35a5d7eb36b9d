//! Passwords: only salted hashes of them are kept, in RabbitMQ's format `rabbit_password_hashing_sha256`.

use std::fmt;

use sha2::{Digest, Sha256};

const SALT_BYTES: usize = 4;
const HASH_BYTES: usize = 32;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A salt and the SHA-256 of the salt and the password behind it. The default is no password's: nobody can log in with it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct PasswordHash(Option<Salted>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Salted {
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}

impl PasswordHash {
    /// Hashes a password with a salt, which is to be random. An empty password is none.
    #[must_use]
    pub fn new(salt: [u8; SALT_BYTES], password: &str) -> PasswordHash {
        let hash = || hash(salt, password.as_bytes());
        PasswordHash((!password.is_empty()).then(|| Salted { salt, hash: hash() }))
    }

    /// Reads base64 of the salt's four bytes and the hash's 32, as RabbitMQ's `password_hash` has it. An empty text is no
    /// password's.
    ///
    /// # Errors
    /// Something else; a sentence for people.
    pub fn parse(text: &str) -> Result<PasswordHash, String> {
        if text.is_empty() {
            return Ok(PasswordHash::default());
        }
        let wrong = || {
            "a password hash is base64 of 36 bytes: a salt of 4, and the SHA-256 of the salt and the password \
             (rabbit_password_hashing_sha256)"
                .to_owned()
        };
        let bytes = from_base64(text).ok_or_else(wrong)?;
        PasswordHash::from_bytes(&bytes).ok_or_else(wrong)
    }

    /// Whether this is the password. How long that takes tells nothing of how much of it is right.
    #[must_use]
    pub fn matches(&self, password: &[u8]) -> bool {
        let known = self.0.unwrap_or(Salted { salt: [0; SALT_BYTES], hash: [0; HASH_BYTES] });
        let given = hash(known.salt, password);
        let difference = known.hash.iter().zip(given).fold(0, |all, (known, given)| all | (known ^ given));
        difference == 0 && self.0.is_some()
    }

    /// Salt and hash, one behind the other; nothing, if it is no password's.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        self.0.map_or(Vec::new(), |salted| [&salted.salt[..], &salted.hash].concat())
    }

    /// The same back.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<PasswordHash> {
        if bytes.is_empty() {
            return Some(PasswordHash::default());
        }
        let (salt, hash) = bytes.split_first_chunk::<SALT_BYTES>()?;
        Some(PasswordHash(Some(Salted { salt: *salt, hash: hash.try_into().ok()? })))
    }

    /// The hash of a password that stands in the journal of an earlier version. Bytes of 0 stand where one stood.
    ///
    /// There is no random salt here, and none is needed: what such journals say of users counts as the configuration
    /// file's, so that the file of the same start replaces or removes it.
    pub(crate) fn of_old_journal(user: &str, password: &str) -> PasswordHash {
        if password.bytes().all(|byte| byte == 0) {
            return PasswordHash::default();
        }
        let salt = hash([0; SALT_BYTES], user.as_bytes());
        PasswordHash::new(salt.first_chunk().copied().unwrap_or_default(), password)
    }
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base64(&self.to_bytes()))
    }
}

/// A hash is no secret of the same rank as a password; still it belongs into no log.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "PasswordHash(…)" } else { "PasswordHash(none)" })
    }
}

fn hash(salt: [u8; SALT_BYTES], password: &[u8]) -> [u8; HASH_BYTES] {
    Sha256::new().chain_update(salt).chain_update(password).finalize().into()
}

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|index| u32::from(group.get(index).copied().unwrap_or_default()));
        let bits = a << 16 | b << 8 | c;
        for index in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// Three bytes of every four letters; the last four may have fewer, and `=` in their place.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::new();
    for group in digits.as_bytes().chunks(4) {
        let mut bits = 0;
        for index in 0..4 {
            let digit =
                group.get(index).map_or(Some(0), |digit| ALPHABET.iter().position(|known| known == digit))?;
            bits = bits << 6 | digit as u32;
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{PasswordHash, from_base64, to_base64};

    /// From RabbitMQ's documentation of its password hashes.
    const RABBITMQS: (&str, &str) = ("test12", "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR");

    #[test]
    fn a_hash_is_rabbitmqs() {
        let (password, text) = RABBITMQS;
        let hash = PasswordHash::parse(text).expect("a hash");
        assert!(hash.matches(password.as_bytes()));
        assert!(!hash.matches(b"test13") && !hash.matches(b""));
        assert_eq!(hash.to_string(), text);
        assert_eq!(PasswordHash::new([0x90, 0x8d, 0xc6, 0x0a], password), hash);
    }

    #[test]
    fn no_password_is_not_the_empty_one() {
        for none in [
            PasswordHash::default(),
            PasswordHash::new([1; 4], ""),
            PasswordHash::of_old_journal("a", "\0\0"),
        ] {
            assert!(!none.matches(b"") && !none.matches(b"\0\0"));
            assert_eq!(PasswordHash::parse(&none.to_string()), Ok(none));
        }
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for text in
            ["secret", "c2VjcmV0", "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2PO*", "====", "\u{fc}bc"]
        {
            assert!(PasswordHash::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn base64_goes_there_and_back() {
        for (bytes, text) in
            [(&b"f"[..], "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v"), (b"\xff\xfe\xfd\0", "//79AA==")]
        {
            assert_eq!(to_base64(bytes), text);
            assert_eq!(from_base64(text).as_deref(), Some(bytes));
        }
    }
}
