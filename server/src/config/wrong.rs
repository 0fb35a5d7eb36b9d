//! A file that is wrong: which line, and a sentence that names the key and says what is allowed.

use std::ops::Range;

use super::keys;

/// Something in the file that is wrong: where, and why.
pub(super) struct Wrong {
    pub(super) at: Range<usize>,
    pub(super) why: String,
}

/// `line 3, "amqq = 1": unknown key 'amqq', did you mean 'amqp'?`
pub(super) fn explain(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map(|span| span.start);
    let why = match text.parse::<toml::Table>() {
        // It is no TOML at all.
        Err(_) => error.message().replace('\n', ", "),
        Ok(_) => why(text, at.unwrap_or_default(), error.message()),
    };
    match at {
        Some(at) => format!("{}: {why}", place(text, at)),
        None => why,
    }
}

/// `line 3, "amqq = 1"`
pub(super) fn place(text: &str, at: usize) -> String {
    let number = text.get(..at).unwrap_or_default().matches('\n').count();
    let line = text.lines().nth(number).unwrap_or_default().trim();
    format!("line {}, \"{line}\"", number + 1)
}

fn why(text: &str, at: usize, message: &str) -> String {
    let before = text.get(..at).unwrap_or_default();
    let table = before.lines().chain(text.get(at..).and_then(|rest| rest.lines().next()));
    let table = table.filter_map(header).next_back().unwrap_or_default();
    if let Some(unknown) = unknown(message) {
        return unknown;
    }
    if let Some(missing) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        let sentence =
            keys::find(table, missing).map_or(String::new(), |key| format!(": {}", key.sentence()));
        return format!("the key '{missing}' is missing{sentence}");
    }
    let key = key_before(before).or_else(|| header(text.get(at..)?.lines().next()?));
    let table = if key == Some(table) { "" } else { table };
    match key.and_then(|key| keys::find(table, key)) {
        Some(key) => key.sentence(),
        None => message.replace('\n', ", "),
    }
}

/// The name in `[name]` or `[[name]]`.
fn header(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix('[')?.split(']').next()?;
    Some(name.trim_start_matches('[').trim())
}

/// The key whose value begins behind this text.
fn key_before(text: &str) -> Option<&str> {
    let text = text.trim_end().strip_suffix('=')?.trim_end();
    let key = text.rsplit(|letter: char| !(letter.is_alphanumeric() || "_-\"".contains(letter))).next()?;
    Some(key.trim_matches('"'))
}

/// Turns serde's "unknown field `a`, expected one of `b`, `c`" into a suggestion; None for other messages.
fn unknown(message: &str) -> Option<String> {
    let noun = match message {
        _ if message.starts_with("unknown field") => "key",
        _ if message.starts_with("unknown variant") => "value",
        _ => return None,
    };
    let mut quoted = message.split('`').skip(1).step_by(2);
    let given = quoted.next()?;
    let allowed: Vec<&str> = quoted.collect();
    Some(unknown_word(noun, given, &allowed))
}

/// `unknown key 'amqq', did you mean 'amqp'? (allowed: amqp, …)`
pub(super) fn unknown_word(noun: &str, given: &str, allowed: &[&str]) -> String {
    let nearest = allowed
        .iter()
        .map(|known| (strsim::jaro_winkler(given, known), known))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(likeness, _)| *likeness > 0.7);
    let hint = nearest.map_or(String::new(), |(_, known)| format!(", did you mean '{known}'?"));
    format!("unknown {noun} '{given}'{hint} (allowed: {})", allowed.join(", "))
}
