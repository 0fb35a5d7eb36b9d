//! Fields of a record as text. Names come from clients: none may begin a line of its own, or speak to the terminal.

use std::fmt::{self, Debug, Write};

use tracing::field::Field;
use tracing_subscriber::{
    field::MakeExt,
    fmt::{FormatFields, format},
};

/// Characters that one value may have; the rest is cut off.
const LONGEST_VALUE: usize = 2048;

/// The message as it is, other fields as `name=value`, all of them escaped.
pub(super) fn fields() -> impl for<'writer> FormatFields<'writer> + Send + Sync + 'static {
    format::debug_fn(write_field).delimited(" ")
}

fn write_field(to: &mut format::Writer<'_>, field: &Field, value: &dyn Debug) -> fmt::Result {
    match field.name() {
        "message" => {}
        name if to.has_ansi_escapes() => write!(to, "\x1b[3m{name}\x1b[0m\x1b[2m=\x1b[0m")?,
        name => write!(to, "{name}=")?,
    }
    write!(Escaped { to, left: LONGEST_VALUE }, "{value:?}")
}

/// Passes text on with control characters as `\n` or `\u{1b}`.
struct Escaped<'a, W> {
    to: &'a mut W,
    /// Characters that may still be written.
    left: usize,
}

impl<W: Write> Write for Escaped<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match self.left {
                0 => return Ok(()),
                1 => self.to.write_char('…')?,
                _ if speaks_to_the_terminal(character) => write!(self.to, "{}", character.escape_default())?,
                _ => self.to.write_char(character)?,
            }
            self.left -= 1;
        }
        Ok(())
    }
}

/// Control characters, line separators, and what turns the direction of writing.
fn speaks_to_the_terminal(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::{Escaped, LONGEST_VALUE};

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        write!(Escaped { to: &mut out, left: LONGEST_VALUE }, "{text}").expect("a string takes all");
        out
    }

    #[test]
    fn what_could_forge_a_line_or_reach_the_terminal_is_escaped() {
        assert_eq!(escaped("a\r\nb\tc"), "a\\r\\nb\\tc");
        assert_eq!(escaped("\x1b[2J\u{9b}1m\u{7f}\0"), "\\u{1b}[2J\\u{9b}1m\\u{7f}\\u{0}");
        assert_eq!(escaped("\u{2028}\u{202e}x"), "\\u{2028}\\u{202e}x");
        assert_eq!(escaped("заказы-ü"), "заказы-ü");
    }

    #[test]
    fn a_value_has_an_end() {
        let long = escaped(&"x".repeat(3 * LONGEST_VALUE));
        assert_eq!(long.chars().count(), LONGEST_VALUE);
        assert!(long.ends_with("x…"), "{}", &long[LONGEST_VALUE - 8..]);
    }
}
