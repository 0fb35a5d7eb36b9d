//! What can be wrong with a document.

use super::{Node, Span, Value};

/// Why a text is not what it should be, and where.
#[derive(Debug)]
pub(crate) struct Error(Box<Wrong>);

#[derive(Debug)]
struct Wrong {
    span: Span,
    problem: Problem,
}

/// What is wrong.
#[derive(Debug)]
pub(crate) enum Problem {
    /// It is no TOML, as its parser says.
    NotToml(String),
    /// A field that the section does not have, and those that it has.
    UnknownField(String, Vec<&'static str>),
    /// A field that the section must have.
    MissingField(&'static str),
    /// A word that the field does not take, and those that it takes.
    UnknownWord(String, Vec<&'static str>),
    /// Some other value that the field does not take.
    Value(String),
}

impl Error {
    pub(super) fn new(span: Span, problem: Problem) -> Error {
        Error(Box::new(Wrong { span, problem }))
    }

    pub(super) fn of_toml(error: &toml::de::Error) -> Error {
        let problem = Problem::NotToml(error.message().to_owned());
        Error::new(error.span().unwrap_or_default(), problem)
    }

    /// Something else was wanted than what stands at `node`.
    pub(crate) fn wanted(wanted: &str, node: &Node<'_>) -> Error {
        let value = node.get_ref();
        let kind = value.type_str();
        let message = if value.is_table() || value.is_array() {
            format!("invalid value: {kind}, expected {wanted}")
        } else {
            let shown =
                value.as_str().map_or_else(|| Value::of(value).to_string(), |text| format!("{text:?}"));
            format!("invalid value: {kind} {shown}, expected {wanted}")
        };
        Error::new(node.span(), Problem::Value(message))
    }

    /// Where, in bytes of the text.
    pub(crate) fn span(&self) -> Span {
        self.0.span.clone()
    }

    /// What is wrong.
    pub(crate) fn into_problem(self) -> Problem {
        self.0.problem
    }
}
