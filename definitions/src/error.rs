//! What is wrong with a file of definitions.

use std::fmt;

/// What is wrong, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DefinitionsError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, in a sentence without its end.
    pub message: String,
}

impl DefinitionsError {
    pub(crate) fn new(line: u32, message: impl fmt::Display) -> DefinitionsError {
        DefinitionsError { line, message: format!("these are no definitions of RabbitMQ: {message}") }
    }
}

impl fmt::Display for DefinitionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}
