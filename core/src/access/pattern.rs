//! Regular expressions that operators write: which names a permission or a policy is about.

use std::fmt;

use regex_lite::Regex;

/// A regular expression. It may match anywhere in a name, unless `^` and `$` say otherwise. Of look-around, what
/// operators use is understood: `^(?!amq\.)` and the like, which rule names out before the rest is looked at.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    /// `.*`, which most are: nothing to look at.
    Everything,
    /// The empty name alone.
    Nothing,
    Regex(Regex),
    /// `^(?!no)(?=yes)rest`: each matches at the name's beginning, or must not.
    Conditions(Vec<(bool, Regex)>),
}

/// RabbitMQ's limit, in bytes.
const MAX_LENGTH: usize = 1024;

impl Pattern {
    /// Reads a regular expression.
    ///
    /// # Errors
    /// A text that is none, in words for a person.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        if text.len() > MAX_LENGTH {
            return Err(format!("a regular expression has {MAX_LENGTH} bytes at most"));
        }
        let kind = match text {
            "" | ".*" | "^.*" | "^.*$" | ".*$" => Kind::Everything,
            "^$" => Kind::Nothing,
            _ => match conditions(text)? {
                Some(conditions) => Kind::Conditions(conditions),
                None => Kind::Regex(regex(text)?),
            },
        };
        Ok(Pattern { text: text.into(), kind })
    }

    /// Reads a permission's regular expression: an empty one permits nothing (RabbitMQ).
    ///
    /// # Errors
    /// A text that is none, in words for a person.
    pub fn parse_permission(text: &str) -> Result<Pattern, String> {
        if text.is_empty() { Ok(Pattern::nothing()) } else { Pattern::parse(text) }
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
            Kind::Conditions(all) => all.iter().all(|(wanted, regex)| regex.is_match(name) == *wanted),
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
        Pattern::parse_permission(&pattern.expanded("name", "name"))?;
        Ok(pattern)
    }

    /// The text it was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern for this user on this virtual host. The names stand for themselves.
    pub(super) fn expand(&self, user: &str, vhost: &str) -> Pattern {
        Pattern::parse_permission(&self.expanded(&regex_lite::escape(user), &regex_lite::escape(vhost)))
            .unwrap_or_else(|_| Pattern::nothing())
    }

    fn expanded(&self, user: &str, vhost: &str) -> String {
        self.0.replace("{username}", user).replace("{vhost}", vhost)
    }
}

fn regex(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| format!("'{text}' is no regular expression: {error}"))
}

/// Cuts `^(?!one)(?=two)rest` into its conditions; `None` for any other form.
fn conditions(text: &str) -> Result<Option<Vec<(bool, Regex)>>, String> {
    let Some(mut rest) = text.strip_prefix('^').filter(|rest| look_ahead(rest).is_some()) else {
        return Ok(None);
    };
    let wrong = |why: &str| format!("'{text}' is no regular expression: {why}");
    let mut conditions = Vec::new();
    while let Some((wanted, after)) = look_ahead(rest) {
        let end = find_outside(after, b')').ok_or_else(|| wrong("unclosed group"))?;
        conditions.push((wanted, regex(&format!("^(?:{})", &after[..end]))?));
        rest = &after[end + 1..];
    }
    if find_outside(rest, b'|').is_some() {
        return Err(wrong("alternatives after a look-ahead need parentheses around them"));
    }
    conditions.push((true, regex(&format!("^(?:{rest})"))?));
    Ok(Some(conditions))
}

/// Whether a look-ahead begins here, whether it is to match, and what follows its beginning.
fn look_ahead(text: &str) -> Option<(bool, &str)> {
    let negative = text.strip_prefix("(?!").map(|rest| (false, rest));
    negative.or_else(|| text.strip_prefix("(?=").map(|rest| (true, rest)))
}

/// Where `wanted` stands for the first time outside of groups and classes.
fn find_outside(text: &str, wanted: u8) -> Option<usize> {
    let (mut depth, mut escaped, mut in_class) = (0_u32, false, false);
    text.bytes().position(|letter| {
        let found = !escaped && !in_class && depth == 0 && letter == wanted;
        match letter {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => depth += 1,
            b')' if !in_class => depth = depth.saturating_sub(1),
            _ => {}
        }
        found
    })
}
