//! Errors that lead a person to the line, and to the right word.

use std::fmt;

use crate::document::{self, Span};

/// What is wrong with a scenario file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioError {
    /// The file, as it was named to [`Scenario::parse`](super::Scenario::parse).
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for ScenarioError {}

impl ScenarioError {
    /// The error that tells of `mistake` in `text`.
    pub(super) fn new(file: &str, text: &str, mistake: Mistake) -> Self {
        let at = match mistake.field {
            Some(ref field) => find_field(text, mistake.span.start, field),
            None => mistake.span.start,
        };
        let line = text.get(..at).unwrap_or(text).matches('\n').count() + 1;
        let message = if mistake.is_toml { explain(text, at, &mistake.message) } else { mistake.message };
        ScenarioError { file: file.into(), line: u32::try_from(line).unwrap_or(u32::MAX), message }
    }
}

/// Something wrong, by its place in the text.
#[derive(Debug)]
pub(super) struct Mistake {
    span: Span,
    /// The field of the section at `span`.
    field: Option<String>,
    message: String,
    /// Whether the message is the TOML reader's, and not yet ours.
    is_toml: bool,
}

impl Mistake {
    /// What the TOML reader does not like.
    pub(super) fn from_document(error: &document::Error) -> Self {
        Mistake { span: error.span(), field: None, message: error.message().into(), is_toml: true }
    }

    /// A field of the section at `span` is wrong.
    pub(super) fn in_field(span: Span, field: &str, message: &str) -> Self {
        let message = format!("field {field:?}: {message}");
        Mistake { span, field: Some(field.into()), message, is_toml: false }
    }

    /// The section at `span` is wrong as a whole.
    pub(super) fn in_section(span: Span, message: String) -> Self {
        Mistake { span, field: None, message, is_toml: false }
    }

    /// Adds what could have been meant by `word`.
    pub(super) fn with_choice(mut self, word: &str, choices: &[&str]) -> Self {
        self.message += &choice(word, choices);
        self
    }
}

/// Where `field` is set in the section that starts at `start`; the start if it is not set.
fn find_field(text: &str, start: usize, field: &str) -> usize {
    let mut at = start;
    for (number, line) in text.get(start..).unwrap_or_default().split_inclusive('\n').enumerate() {
        if number > 0 && line.trim_start().starts_with('[') {
            break;
        }
        if line.split_once('=').is_some_and(|(key, _)| key.trim() == field) {
            return at;
        }
        at += line.len();
    }
    start
}

/// The TOML reader's message in the words of this page, with the section and the field it is about.
fn explain(text: &str, at: usize, message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let section = section_at(text, at);
    let field = field_at(text, at);
    if let Some((&unknown, known)) = quoted.split_first() {
        if message.starts_with("unknown field") {
            return format!("{section} has no field {unknown:?}{}", choice(unknown, known));
        }
        if message.starts_with("unknown variant") {
            return format!("field {field:?}: {unknown:?} is not possible{}", choice(unknown, known));
        }
        if message.starts_with("missing field") {
            return format!("{section} needs a field {unknown:?}");
        }
    }
    let message = plain_types(message);
    if field.is_empty() {
        format!("this is not TOML: {message}")
    } else {
        format!("field {field:?}: {message}")
    }
}

/// The header that the text at `at` belongs to.
fn section_at(text: &str, at: usize) -> String {
    let line_end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |n| at + n);
    let headers = text.get(..line_end).unwrap_or(text).lines().rev();
    let header = headers.map(str::trim_start).find(|line| line.starts_with('['));
    header.map_or("the file".into(), |header| header.split('#').next().unwrap_or(header).trim_end().into())
}

/// The key that is set in the line at `at`, or nothing.
fn field_at(text: &str, at: usize) -> &str {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |n| n + 1);
    let line = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    line.split_once('=').map_or("", |(key, _)| key.trim())
}

/// Rust's names of types are no words for people.
fn plain_types(message: &str) -> String {
    let mut message = message.replace('\n', " ");
    for (rust, plain) in [
        ("expected u16", "expected a whole number from 0 to 65535"),
        ("expected u32", "expected a whole number from 0 to 4294967295"),
        ("expected a boolean", "expected true or false"),
        ("expected a string", "expected a text in quotes"),
    ] {
        message = message.replace(rust, plain);
    }
    message
}

/// `; did you mean "x"? Possible are: x, y, z`
fn choice(word: &str, choices: &[&str]) -> String {
    let nearest = choices.iter().map(|choice| (distance(word, choice), choice)).min();
    let all = choices.join(", ");
    match nearest {
        None => String::new(),
        Some((steps, best)) if steps <= 1 + best.chars().count() / 3 => {
            format!("; did you mean {best:?}? Possible: {all}")
        }
        Some(_) => format!("; possible: {all}"),
    }
}

/// How many letters must be put in, taken out or exchanged to make `b` of `a` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (j, other) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or_default();
            let here = (diagonal + usize::from(letter != *other)).min(above + 1).min(left + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(j) {
                *cell = left;
            }
            left = here;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}
