//! Values as RabbitMQ's texts show them: Erlang's notation.

use std::fmt::{self, Write};

use super::{FieldTable, FieldValue};

/// `<<"hello">>` where all of it can be printed, else `<<0,60,255>>` (Erlang's `~tp`).
pub(crate) struct Octets<'a>(pub(crate) &'a [u8]);

/// Always `<<104,101>>` (Erlang's `~w`).
pub(crate) struct Numbers<'a>(pub(crate) &'a [u8]);

/// A field as it stands between quotes: text as it is, and `[{longstr,<<"a">>}]` for what has others in it.
pub(crate) struct Term<'a>(pub(crate) &'a FieldValue);

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

impl fmt::Display for Term<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            FieldValue::Array(values) => list(f, values, |f, value| typed(f, "", value)),
            FieldValue::Table(table) => pairs(f, table),
            other => other.fmt(f),
        }
    }
}

fn pairs(f: &mut fmt::Formatter<'_>, table: &FieldTable) -> fmt::Result {
    list(f, table.iter(), |f, (key, value)| typed(f, &format!("{},", Octets(key.as_bytes())), value))
}

/// `{key,type,value}`, or without a key.
fn typed(f: &mut fmt::Formatter<'_>, key: &str, value: &FieldValue) -> fmt::Result {
    write!(f, "{{{key}{},", value.type_name())?;
    match value {
        FieldValue::LongStr(bytes) | FieldValue::Bytes(bytes) => write!(f, "{}", Octets(bytes))?,
        other => write!(f, "{}", Term(other))?,
    }
    f.write_char('}')
}

fn list<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    show: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    f.write_char('[')?;
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_char(',')?;
        }
        show(f, item)?;
    }
    f.write_char(']')
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
