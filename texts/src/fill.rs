//! Templates: texts with `{name}` where a value belongs.

use std::fmt::{Display, Write};

/// The names of a text's placeholders, in their order.
///
/// ```
/// let names: Vec<&str> = warren_texts::placeholders("{at} of {of}").collect();
/// assert_eq!(names, ["at", "of"]);
/// ```
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// A template with its values. A placeholder without a value stays as it is.
pub(crate) fn fill(template: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let placeholder = behind.split_once('}');
        let value = placeholder.and_then(|(name, _)| values.iter().find(|(known, _)| *known == name));
        match (placeholder, value) {
            (Some((_, after)), Some((_, value))) => {
                // Writing to a string cannot fail.
                let _ = write!(text, "{value}");
                rest = after;
            }
            _ => {
                text.push('{');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn values_are_put_in_by_name_once() {
        assert_eq!(fill("{a} and {b}, {a}", &[("a", &1), ("b", &"{a}")]), "1 and {a}, 1");
        assert_eq!(fill("{unknown} {a", &[("a", &1)]), "{unknown} {a");
    }
}
