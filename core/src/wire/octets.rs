//! Bytes as RabbitMQ's texts show them: Erlang's notation for binaries.

use std::fmt::{self, Write};

/// `<<"hello">>` where all of it can be printed, else `<<0,60,255>>` (Erlang's `~tp`).
pub(crate) struct Octets<'a>(pub(crate) &'a [u8]);

/// Always `<<104,101>>` (Erlang's `~w`).
pub(crate) struct Numbers<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let latin_1 = || self.0.iter().map(|&octet| char::from(octet));
        match str::from_utf8(self.0) {
            _ if self.0.is_empty() => f.write_str("<<>>"),
            Ok(text) if text.is_ascii() && text.chars().all(is_printable) => quote(f, text.chars(), ""),
            Ok(text) if text.chars().all(is_printable) => quote(f, text.chars(), "/utf8"),
            _ if latin_1().all(is_printable) => quote(f, latin_1(), ""),
            _ => Numbers(self.0).fmt(f),
        }
    }
}

impl fmt::Display for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<<")?;
        for (index, octet) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{octet}")?;
        }
        f.write_str(">>")
    }
}

/// What Erlang takes for text: Latin-1 without the control characters that have no escape.
fn is_printable(letter: char) -> bool {
    matches!(letter, ' '..='~' | '\u{a0}'..='\u{ff}') || escape(letter).is_some()
}

fn quote(f: &mut fmt::Formatter<'_>, letters: impl Iterator<Item = char>, kind: &str) -> fmt::Result {
    f.write_str("<<\"")?;
    for letter in letters {
        match escape(letter) {
            Some(escape) => write!(f, "\\{escape}")?,
            None => f.write_char(letter)?,
        }
    }
    write!(f, "\"{kind}>>")
}

fn escape(letter: char) -> Option<char> {
    Some(match letter {
        '"' | '\\' => letter,
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{b}' => 'v',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\u{1b}' => 'e',
        _ => return None,
    })
}
