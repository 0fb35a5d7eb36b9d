//! The texts of scenarios: tables with the key `en`, and one for each other language in which their author has written
//! them.

use anyhow::{Context, Result};
use toml::{Table, Value};

/// A text of a scenario.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) file: String,
    pub(super) en: String,
    /// The languages in which it stands in the file.
    pub(super) codes: Vec<String>,
}

/// The texts of a file.
pub(super) fn texts(file: &str, text: &str) -> Result<Vec<Text>> {
    let table: Table = text.parse().with_context(|| file.to_owned())?;
    let mut texts = Vec::new();
    collect(file, &Value::Table(table), &mut texts);
    Ok(texts)
}

fn collect(file: &str, value: &Value, texts: &mut Vec<Text>) {
    match value {
        Value::Table(table) => {
            if let Some(en) = table.get("en").and_then(Value::as_str).filter(|en| !en.is_empty()) {
                let codes = table.keys().cloned().collect();
                texts.push(Text { file: file.to_owned(), en: en.to_owned(), codes });
            }
            table.values().for_each(|value| collect(file, value, texts));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(file, value, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn a_text_is_found_wherever_it_stands() {
        let file = "title = { en = \"A\", ru = \"А\" }\n[[lesson.step]]\nat = \"1s\"\nen = \"B\"\n";
        let found = texts("a.toml", file).expect("a good file");
        let has = |at: usize, code: &str| found[at].codes.iter().any(|known| known == code);
        let mut said: Vec<&str> = found.iter().map(|text| text.en.as_str()).collect();
        said.sort_unstable();
        assert_eq!(said, ["A", "B"]);
        assert!((0..2).all(|at| has(at, "ru") == (found[at].en == "A")));
    }
}
