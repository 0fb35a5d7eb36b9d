//! Values as the languages write them.

use std::time::Duration;

use warren_sim::warren_core::wire::{FieldTable, FieldValue};

/// How a language writes values. Of each pair or triple, the values go between.
pub(crate) struct Literals {
    pub table: [&'static str; 2],
    /// Before a name, between name and value, after the value.
    pub entry: [&'static str; 3],
    /// From so many entries on, `table` and `entry` are these.
    pub large: (usize, [&'static str; 2], [&'static str; 3]),
    pub list: [&'static str; 2],
    pub text: [&'static str; 2],
    pub int: [&'static str; 2],
    /// For numbers of more than 32 bits.
    pub long: [&'static str; 2],
    pub float: [&'static str; 2],
    pub truth: [&'static str; 2],
    pub nothing: &'static str,
    /// How a character is written that cannot stand for itself, by its number in hexadecimal.
    pub escape: [&'static str; 2],
}

/// No number of entries.
pub(crate) const NEVER: (usize, [&str; 2], [&str; 3]) = (usize::MAX, [""; 2], [""; 3]);
/// Python, JavaScript and Java write `\u000b`.
pub(crate) const ESCAPE: [&str; 2] = ["\\u", ""];

impl Literals {
    /// A text in quotes.
    pub(crate) fn quoted(&self, text: &str) -> String {
        ["\"", &self.escaped(text, '"'), "\""].concat()
    }

    /// A text as it stands between such quotes.
    pub(crate) fn escaped(&self, text: &str, quote: char) -> String {
        let mut escaped = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\\' => escaped.push_str("\\\\"),
                '\n' => escaped.push_str("\\n"),
                '\r' => escaped.push_str("\\r"),
                '\t' => escaped.push_str("\\t"),
                letter if letter == quote => escaped.extend(['\\', quote]),
                letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => {
                    escaped.push_str(self.escape[0]);
                    for shift in [12, 8, 4, 0] {
                        let digit = u32::from(letter) >> shift & 0xf;
                        escaped.extend(char::from_digit(digit, 16));
                    }
                    escaped.push_str(self.escape[1]);
                }
                letter => escaped.push(letter),
            }
        }
        escaped
    }

    /// A table: arguments, headers.
    pub(crate) fn table(&self, table: &FieldTable) -> String {
        let (mut brackets, mut entry) = (self.table, self.entry);
        if table.iter().count() >= self.large.0 {
            (brackets, entry) = (self.large.1, self.large.2);
        }
        let entries = table.iter().map(|(name, value)| {
            [entry[0], &self.quoted(&name.to_string()), entry[1], &self.value(value), entry[2]].concat()
        });
        [brackets[0], &entries.collect::<Vec<_>>().join(", "), brackets[1]].concat()
    }

    /// A value in a table.
    pub(crate) fn value(&self, value: &FieldValue) -> String {
        let around = |brackets: [&str; 2], value: &str| [brackets[0], value, brackets[1]].concat();
        match value {
            FieldValue::Bool(truth) => self.truth[usize::from(*truth)].into(),
            FieldValue::Void => self.nothing.into(),
            FieldValue::Table(table) => self.table(table),
            FieldValue::Array(values) => {
                let values: Vec<String> = values.iter().map(|value| self.value(value)).collect();
                around(self.list, &values.join(", "))
            }
            FieldValue::F32(_) | FieldValue::F64(_) => {
                let mut number = value.to_string();
                if !number.contains('.') {
                    number.push_str(".0");
                }
                around(self.float, &number)
            }
            FieldValue::LongStr(_) | FieldValue::Bytes(_) | FieldValue::Decimal { .. } => {
                around(self.text, &self.quoted(&value.to_string()))
            }
            number => {
                let number = number.to_string();
                let is_long = number.parse::<i32>().is_err();
                around(if is_long { self.long } else { self.int }, &number)
            }
        }
    }
}

/// A whole number of ms.
pub(crate) fn ms(time: Duration) -> String {
    time.as_millis().to_string()
}

/// Seconds, with as many digits as they need.
pub(crate) fn seconds(time: Duration) -> String {
    let (whole, ms) = (time.as_secs().to_string(), time.subsec_millis() + 1_000);
    let digits = ms.to_string();
    let digits = digits.get(1..).unwrap_or_default().trim_end_matches('0');
    if digits.is_empty() { whole } else { [&whole, ".", digits].concat() }
}
