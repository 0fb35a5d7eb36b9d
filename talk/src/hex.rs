//! Bytes written down: `41 4d` or a quoted `'AMQP'`, mixed.

/// The bytes that the words say.
pub(crate) fn parse(words: &str) -> Result<Vec<u8>, String> {
    let parsed: Result<Vec<Vec<u8>>, String> = words.split_whitespace().map(word).collect();
    Ok(parsed?.concat())
}

fn word(word: &str) -> Result<Vec<u8>, String> {
    if let Some(text) = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')) {
        return Ok(text.as_bytes().to_vec());
    }
    let byte = u8::from_str_radix(word, 16);
    byte.map(|byte| vec![byte]).map_err(|_| format!("{word} is neither two hex digits nor 'text'"))
}
