//! THREATS.md names the tests that show a defence: each of them exists.

use std::{fs, path::Path};

/// What is wrong with the document's text: files and functions that are not there.
pub(super) fn check(root: &Path, document: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    let named = lines.flat_map(|(index, line)| code_spans(line).map(move |span| (index + 1, span)));
    let wrong = named.filter_map(|(line, span)| Some((line, missing(root, span)?)));
    wrong.map(|(line, what)| format!("{document}:{line}: there is no {what}")).collect()
}

/// What stands between backticks.
fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// What is not there of `folder/file.rs::function`; folders and files may stand alone.
fn missing(root: &Path, span: &str) -> Option<String> {
    let (file, function) = span.split_once("::").unwrap_or((span, ""));
    let is_path = file.contains('/') && !file.contains([' ', '<', '{']) && !file.starts_with(['/', '~', '-']);
    if !is_path {
        return None;
    }
    if !root.join(file).exists() {
        return Some(file.to_owned());
    }
    let text = fs::read_to_string(root.join(file)).unwrap_or_default();
    let is_there = function.is_empty() || text.contains(&format!("fn {function}("));
    (!is_there).then(|| format!("function {function} in {file}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::check;

    #[test]
    fn tests_that_are_named_and_not_there_are_found() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let check = |text: &str| check(root, "T.md", text);
        let here = "src/tidy/threats.rs";
        assert_eq!(check(&format!("a `b` `{here}` `{here}::missing` `src/tidy`")), [""; 0]);
        assert_eq!(check("`http/body` is no file"), ["T.md:1: there is no http/body"]);
        assert_eq!(check("\n`src/none.rs::a`"), ["T.md:2: there is no src/none.rs"]);
        let expected = format!("T.md:1: there is no function nobody in {here}");
        assert_eq!(check(&format!("`{here}::nobody`")), [expected]);
    }
}
