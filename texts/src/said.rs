//! A sentence before it is in any language: its English template and its values.

use std::{fmt::Display, time::Duration};

use crate::{Catalogue, fill::fill};

/// What is said, for a reader whose language is known only later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    text: &'static str,
    /// The text for other numbers than 1, and the number.
    many: Option<(&'static str, u64)>,
    values: Vec<(&'static str, Value)>,
}

/// What stands in the place of a placeholder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// The same in every language: a name, a number.
    Plain(String),
    /// Words from elsewhere, which are translated if they are known ([`text!`](crate::text)).
    Known(String),
    /// Words, which are translated too.
    Said(Said),
    /// A moment, as the time since the beginning, in seconds to the ms: `37.615`.
    Moment(Duration),
    /// How long something takes, with its unit: `2.5 s`.
    Lasts(Duration),
}

/// What can stand in the place of a placeholder: whatever can be displayed, words, and values.
pub trait Fills {
    /// The value.
    fn value(&self) -> Value;
}

impl Said {
    /// What is said; [`said!`](crate::said) checks that the text and its values agree.
    #[must_use]
    pub fn new(text: &'static str, values: &[(&'static str, &dyn Fills)]) -> Said {
        Said { text, many: None, values: values.iter().map(|(name, value)| (*name, value.value())).collect() }
    }

    /// What is said of a number of things; [`said_of!`](crate::said_of) checks that the texts and the values agree.
    #[must_use]
    pub fn counted(
        (one, many): (&'static str, &'static str),
        count: u64,
        values: &[(&'static str, &dyn Fills)],
    ) -> Said {
        Said { many: Some((many, count)), ..Said::new(one, values) }
    }

    /// It in English.
    #[must_use]
    pub fn english(&self) -> String {
        self.told(Catalogue::ENGLISH)
    }

    /// It in a language.
    #[must_use]
    pub fn told(&self, catalogue: &Catalogue) -> String {
        let template = match self.many {
            None => catalogue.text(self.text),
            Some((many, count)) => catalogue.form(self.text, many, count),
        };
        let values: Vec<(&str, String)> =
            self.values.iter().map(|(name, value)| (*name, value.told(catalogue))).collect();
        let values: Vec<(&str, &dyn Display)> =
            values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        fill(template, &values)
    }
}

impl Value {
    /// An empty place.
    #[must_use]
    pub const fn nothing() -> Value {
        Value::Plain(String::new())
    }

    /// It in a language.
    #[must_use]
    pub fn told(&self, catalogue: &Catalogue) -> String {
        match self {
            Value::Plain(text) => text.clone(),
            Value::Known(text) => catalogue.find(text).unwrap_or(text).to_owned(),
            Value::Said(said) => said.told(catalogue),
            Value::Moment(at) => catalogue.exact(*at),
            Value::Lasts(lasts) => catalogue.duration(*lasts),
        }
    }
}

impl<T: Display> Fills for T {
    fn value(&self) -> Value {
        Value::Plain(self.to_string())
    }
}

impl Fills for Said {
    fn value(&self) -> Value {
        Value::Said(self.clone())
    }
}

impl Fills for Value {
    fn value(&self) -> Value {
        self.clone()
    }
}

impl From<Said> for Value {
    fn from(said: Said) -> Value {
        Value::Said(said)
    }
}
