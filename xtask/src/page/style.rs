//! The style sheet without comments and without white space that means nothing.

/// White space beside one of these never matters.
const SEPARATORS: [char; 5] = ['{', '}', ';', ',', '\0'];

/// The same style sheet, shorter.
pub(super) fn minify(style: &str) -> String {
    let mut short = String::with_capacity(style.len());
    let mut rest = style.chars().peekable();
    // Whether white space or a comment stands between what is written and what comes.
    let mut is_apart = false;
    while let Some(c) = rest.next() {
        if c.is_whitespace() {
            is_apart = true;
            continue;
        }
        if c == '/' && rest.peek() == Some(&'*') {
            skip_comment(&mut rest);
            is_apart = true;
            continue;
        }
        let before = short.chars().next_back().unwrap_or('\0');
        if c == '}' && before == ';' {
            short.pop();
        } else if is_apart && !SEPARATORS.contains(&before) && !SEPARATORS.contains(&c) {
            short.push(' ');
        }
        is_apart = false;
        short.push(c);
        if c == '"' || c == '\'' {
            copy_string(&mut rest, c, &mut short);
        }
    }
    short
}

fn skip_comment(rest: &mut impl Iterator<Item = char>) {
    let mut before = ' ';
    // The `*` that opens the comment does not close it.
    rest.next();
    for c in rest {
        if before == '*' && c == '/' {
            return;
        }
        before = c;
    }
}

/// Copies what is left of a string, its end included.
fn copy_string(rest: &mut impl Iterator<Item = char>, quote: char, short: &mut String) {
    let mut is_escaped = false;
    for c in rest {
        short.push(c);
        if c == quote && !is_escaped {
            return;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn white_space_that_means_something_stays() {
        let table = [
            ("a {\n  color: red;\n}\n\nb {\n  top: 0;\n}\n", "a{color: red}b{top: 0}"),
            ("a :hover, b > c { width: calc(1px + 2px) }", "a :hover,b > c{width: calc(1px + 2px)}"),
            ("/* one */ a { /* two **/ top: 0; } /*/ three */ b {}", "a{top: 0}b{}"),
            ("a/**/b { font: 1em/2 \"x  ; y\", serif }", "a b{font: 1em/2 \"x  ; y\",serif}"),
            ("a::after { content: \"\\\"  }\"; top: 0 }", "a::after{content: \"\\\"  }\";top: 0}"),
            (
                "@media (width < 9px) and (hover) { a { --x: 0 0; } }",
                "@media (width < 9px) and (hover){a{--x: 0 0}}",
            ),
        ];
        for (long, short) in table {
            assert_eq!(minify(long), short);
            assert_eq!(minify(short), short, "it is as short as it gets");
        }
    }
}
