//! Errors that lead a person to the line, and to the right word.

use std::fmt;

use crate::document::{self, Problem, Span};

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
    pub(crate) fn new(file: &str, text: &str, mistake: Mistake) -> Self {
        let at = match mistake.field {
            Some(ref field) => find_field(text, mistake.span.start, field),
            None => mistake.span.start,
        };
        let line = text.get(..at).unwrap_or(text).matches('\n').count() + 1;
        let message = match mistake.what {
            What::Said(message) => message,
            What::Read(problem) => explain(text, at, problem),
        };
        ScenarioError { file: file.into(), line: u32::try_from(line).unwrap_or(u32::MAX), message }
    }
}

/// Something wrong, by its place in the text.
#[derive(Debug)]
pub(crate) struct Mistake {
    span: Span,
    /// The field of the section at `span`.
    field: Option<String>,
    what: What,
}

#[derive(Debug)]
enum What {
    /// The message.
    Said(String),
    /// What was found when the text was read, before anybody knew which section and field it was in.
    Read(Problem),
}

impl Mistake {
    /// What the document's reader does not like.
    pub(crate) fn from_document(error: document::Error) -> Self {
        Mistake { span: error.span(), field: None, what: What::Read(error.into_problem()) }
    }

    /// A field of the section at `span` is wrong.
    pub(super) fn in_field(span: Span, field: &str, message: &str) -> Self {
        let message = format!("field {field:?}: {message}");
        Mistake { span, field: Some(field.into()), what: What::Said(message) }
    }

    /// The section at `span` is wrong as a whole.
    pub(super) fn in_section(span: Span, message: String) -> Self {
        Mistake { span, field: None, what: What::Said(message) }
    }

    /// Adds what could have been meant by `word`.
    pub(super) fn with_choice(mut self, word: &str, choices: &[&str]) -> Self {
        if let What::Said(message) = &mut self.what {
            message.push_str(&choice(word, choices));
        }
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

/// A problem in words, with the section and the field it is about.
fn explain(text: &str, at: usize, problem: Problem) -> String {
    let section = || section_at(text, at);
    let field = field_at(text, at);
    let place = || if field.is_empty() { section() } else { format!("field {field:?}") };
    match problem {
        Problem::UnknownField(unknown, known) => {
            format!("{} has no field {unknown:?}{}", section(), choice(&unknown, &known))
        }
        // A table that is the value of a field, or a section, or the file.
        Problem::MissingField(missing) if is_value(text, at) => {
            format!("field {field:?} needs a field {missing:?}")
        }
        Problem::MissingField(missing) => format!("{} needs a field {missing:?}", section()),
        Problem::UnknownWord(unknown, known) => {
            format!("field {field:?}: {unknown:?} is not possible{}", choice(&unknown, &known))
        }
        Problem::NotToml(message) if field.is_empty() => {
            format!("this is not TOML: {}", message.replace('\n', " "))
        }
        Problem::NotToml(message) => format!("field {field:?}: {}", message.replace('\n', " ")),
        Problem::Value(message) => format!("{}: {message}", place()),
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

/// Whether what stands at `at` is the value of the field that its line sets.
fn is_value(text: &str, at: usize) -> bool {
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |n| n + 1);
    text.get(line_start..at).is_some_and(|before| before.contains('='))
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
