//! A text of a scenario, in the languages that its author writes.

use serde::{Serialize, Serializer, ser::SerializeMap};
use warren_texts::{Catalogue, Plurals, Said};

use crate::document::{Fields, Record};

/// The context of the texts of scenarios in a [`Catalogue`]: what visitors write themselves is not mistaken for a text of
/// the page.
const CONTEXT: &str = "scenario";

/// A text in English, and in as many other languages as its author has written it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text {
    /// English.
    pub en: String,
    /// Other languages by their codes, in the order of the codes.
    others: Vec<(&'static str, String)>,
}

impl Text {
    /// A text that is the same in all languages, or known in English only.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Text {
        Text { en: text.into(), others: Vec::new() }
    }

    /// What is said, in English and in the language of a catalogue.
    #[must_use]
    pub fn of_said(said: &Said, catalogue: &Catalogue) -> Text {
        let mut text = Text::new(said.english());
        text.set(catalogue.code, said.told(catalogue));
        text
    }

    /// The text in a language that its author has written it in.
    #[must_use]
    pub fn of(&self, code: &str) -> Option<&str> {
        let other = self.others.iter().find(|(known, _)| *known == code);
        other.map(|(_, text)| text.as_str()).or_else(|| (code == "en").then_some(&self.en))
    }

    /// The text in the language of a catalogue: its author's, the catalogue's translation, or English.
    #[must_use]
    pub fn told(&self, catalogue: &Catalogue) -> &str {
        self.of(catalogue.code).or_else(|| catalogue.find_in(CONTEXT, &self.en)).unwrap_or(&self.en)
    }

    /// Sets it in a language; without a text it falls back to English. Codes of unknown languages are ignored.
    pub fn set(&mut self, code: &str, text: String) {
        if code == "en" {
            self.en = text;
            return;
        }
        let Some(code) = Plurals::CODES.iter().copied().find(|known| *known == code) else { return };
        self.others.retain(|(known, _)| *known != code);
        if !text.is_empty() {
            let at = self.others.partition_point(|(known, _)| *known < code);
            self.others.insert(at, (code, text));
        }
    }

    /// Its fields, one for each language that the page can have: English is needed.
    pub(crate) fn languages(&mut self, fields: &mut Fields<'_>) {
        fields.needed("en", &mut self.en);
        for code in Plurals::CODES {
            if code != "en" {
                let mut text = self.of(code).unwrap_or_default().to_owned();
                fields.unlisted(code, &mut text);
                self.set(code, text);
            }
        }
    }
}

impl Record for Text {
    fn plain() -> Self {
        Text::default()
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        self.languages(fields);
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.others.len()))?;
        map.serialize_entry("en", &self.en)?;
        for (code, text) in &self.others {
            map.serialize_entry(code, text)?;
        }
        map.end()
    }
}
