//! Regular expressions that operators write: which names a permission or a policy is about.

use std::fmt;

use regex_lite::Regex;

/// A regular expression. It may match anywhere in a name, unless `^` and `$` say otherwise; an empty one matches the
/// empty name only (RabbitMQ).
#[derive(Clone)]
pub struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    /// `.*`, which most are: nothing to look at.
    Everything,
    Nothing,
    Regex(Regex),
}

impl Pattern {
    /// Reads a regular expression.
    ///
    /// # Errors
    /// A text that is none, in words for a person.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        let kind = match text {
            ".*" | "^.*" | "^.*$" | ".*$" => Kind::Everything,
            "" | "^$" => Kind::Nothing,
            _ => Kind::Regex(
                Regex::new(text).map_err(|error| format!("'{text}' is no regular expression: {error}"))?,
            ),
        };
        Ok(Pattern { text: text.into(), kind })
    }

    /// The one that matches every name.
    #[must_use]
    pub fn everything() -> Pattern {
        Pattern { text: ".*".into(), kind: Kind::Everything }
    }

    /// The one that matches no name.
    #[must_use]
    pub fn nothing() -> Pattern {
        Pattern { text: String::new(), kind: Kind::Nothing }
    }

    /// The text it was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches every name, so that nobody need look.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        matches!(self.kind, Kind::Everything)
    }

    /// Whether it matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Everything => true,
            Kind::Nothing => name.is_empty(),
            Kind::Regex(regex) => regex.is_match(name),
        }
    }
}

/// Nothing.
impl Default for Pattern {
    fn default() -> Self {
        Pattern::nothing()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// A pattern over routing keys in which `{username}` and `{vhost}` stand for the user's and the virtual host's names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicPattern(String);

impl TopicPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A text that is no regular expression, in words for a person.
    pub fn parse(text: &str) -> Result<TopicPattern, String> {
        let pattern = TopicPattern(text.into());
        Pattern::parse(&pattern.expanded("name", "name"))?;
        Ok(pattern)
    }

    /// The text it was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern for this user on this virtual host. The names stand for themselves.
    pub(super) fn expand(&self, user: &str, vhost: &str) -> Pattern {
        Pattern::parse(&self.expanded(&regex_lite::escape(user), &regex_lite::escape(vhost)))
            .unwrap_or_else(|_| Pattern::nothing())
    }

    fn expanded(&self, user: &str, vhost: &str) -> String {
        self.0.replace("{username}", user).replace("{vhost}", vhost)
    }
}
