//! Why the program ends without having done what was asked, in one line for a person.

use std::{fmt, process::ExitCode};

/// One clear line that names the thing and says what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    line: String,
    exit_code: u8,
}

impl Failure {
    /// The request itself is wrong: exit code 2.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Failure { line: line.into(), exit_code: 2 }
    }

    /// It was done, and what was looked at does not hold: exit code 1.
    pub(crate) fn found(line: impl Into<String>) -> Self {
        Failure { line: line.into(), exit_code: 1 }
    }

    /// The machine would not do it: exit code 1.
    pub(crate) fn system(line: impl Into<String>) -> Self {
        Failure { line: line.into(), exit_code: 1 }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit_code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}
