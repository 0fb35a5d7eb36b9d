//! Bytes written down: `41 4d` or a quoted `'AMQP'`, mixed.

/// The bytes that the words say.
pub(crate) fn parse(words: &str) -> Vec<u8> {
    words.split_whitespace().flat_map(word).collect()
}

fn word(word: &str) -> Vec<u8> {
    match word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')) {
        Some(text) => text.as_bytes().to_vec(),
        None => vec![u8::from_str_radix(word, 16).expect("two hex digits")],
    }
}
