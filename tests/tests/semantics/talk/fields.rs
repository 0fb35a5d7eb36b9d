//! `key=value` words: what a line of a conversation says about a method, its content and its tables.

use std::{cell::RefCell, collections::BTreeSet};

use warren_core::wire::{FieldTable, FieldValue};

/// The words behind a method's name. Every word must be used: a misspelt one is the test's mistake.
pub(crate) struct Fields {
    line: String,
    pairs: Vec<(String, Value)>,
    used: RefCell<BTreeSet<String>>,
}

/// A value, with its form on the wire still open.
enum Value {
    Flag,
    Text { text: String, table: FieldTable },
}

impl Fields {
    pub(crate) fn parse(line: &str) -> Self {
        let pairs = split(line).into_iter().map(|word| match word.split_once('=') {
            None => (word, Value::Flag),
            Some((key, value)) => {
                let table = if value.starts_with('{') { parse_table(value) } else { FieldTable::default() };
                (key.to_owned(), Value::Text { text: unquote(value), table })
            }
        });
        Fields { line: line.to_owned(), pairs: pairs.collect(), used: RefCell::default() }
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match self.find(key)? {
            Value::Flag => panic!("{key} needs a value: {}", self.line),
            Value::Text { text, .. } => Some(text),
        }
    }

    pub(crate) fn table(&self, key: &str) -> Option<FieldTable> {
        match self.find(key)? {
            Value::Flag => panic!("{key} needs a value: {}", self.line),
            Value::Text { table, .. } => Some(table.clone()),
        }
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        let parse = |text: &str| text.parse().ok();
        self.text(key).map(|text| parse(text).unwrap_or_else(|| panic!("{key}={text} in: {}", self.line)))
    }

    /// Panics if the line has a word that nobody asked for.
    pub(crate) fn assert_used(&self) {
        for (key, _) in &self.pairs {
            assert!(self.used.borrow().contains(key), "nobody knows {key} in: {}", self.line);
        }
    }

    fn find(&self, key: &str) -> Option<&Value> {
        self.used.borrow_mut().insert(key.to_owned());
        self.pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

/// Words, cut at spaces outside of quotes and braces.
fn split(line: &str) -> Vec<String> {
    split_at(line, ' ').into_iter().filter(|word| !word.is_empty()).collect()
}

fn split_at(text: &str, separator: char) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut depth, mut quoted) = (0, false);
    for letter in text.chars() {
        match letter {
            '\'' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            _ => {}
        }
        if letter == separator && depth == 0 && !quoted {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words
}

/// `{a=1, b=text, c=long:7, d={e=true}}`
fn parse_table(text: &str) -> FieldTable {
    let inner = text.trim_start_matches('{').strip_suffix('}').expect("a table ends in }");
    let pairs = split_at(inner, ',').into_iter().filter(|pair| !pair.trim().is_empty());
    let pairs = pairs.map(|pair| {
        let (key, value) = pair.trim().split_once('=').expect("key=value");
        (key.to_owned(), parse_value(value))
    });
    pairs.collect()
}

fn parse_value(text: &str) -> FieldValue {
    if let Some(long) = text.strip_prefix("long:") {
        return FieldValue::I64(long.parse().expect("a number"));
    }
    if let Some(items) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return FieldValue::Array(split_at(items, ',').iter().map(|item| parse_value(item.trim())).collect());
    }
    match text {
        "true" => FieldValue::Bool(true),
        "false" => FieldValue::Bool(false),
        "void" => FieldValue::Void,
        _ if text.starts_with('{') => FieldValue::Table(parse_table(text)),
        _ => match text.parse() {
            Ok(number) => FieldValue::I32(number),
            Err(_) => FieldValue::LongStr(unquote(text).into()),
        },
    }
}

/// Quotes keep spaces together; `\0`, `\n` and `\x05` are the characters.
fn unquote(text: &str) -> String {
    let mut parts = text.trim_matches('\'').split("\\x");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        out.push(char::from(u8::from_str_radix(code, 16).expect("two hex digits")));
        out.push_str(rest);
    }
    out.replace("\\0", "\0").replace("\\n", "\n")
}
