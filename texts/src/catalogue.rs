//! The texts of one language, by the English ones.

use std::fmt::Display;

use crate::{Plurals, fill::fill};

/// Stands between a context and the text in a key, as in gettext's compiled files.
pub(crate) const CONTEXT_END: char = '\u{4}';
/// Stands between the forms of a text that depends on a number, as in gettext's compiled files.
pub(crate) const FORM_END: char = '\0';
/// Stands behind each key and each translation where a catalogue is one text.
pub(crate) const END: char = '\u{1}';

/// The texts of one language. What it lacks is said in English.
#[derive(Debug)]
pub struct Catalogue {
    /// The language's code, as browsers know it: `ru`.
    pub code: &'static str,
    /// Which form of a text goes with which number.
    pub plurals: Plurals,
    /// The translations by the English texts, in the order of those. A key is the text alone, or its context,
    /// `CONTEXT_END` and the text; the forms of a translation are divided by `FORM_END`.
    pub texts: &'static [(&'static str, &'static str)],
}

impl Catalogue {
    /// English, in which everything is said already.
    pub const ENGLISH: &'static Catalogue = &Catalogue { code: "en", plurals: Plurals::OneOther, texts: &[] };

    /// A catalogue out of one text, which is small in a program: what [`PoFile::packed`](crate::po::PoFile::packed) says. It
    /// is there as long as the program runs.
    #[must_use]
    pub fn unpacked(code: &'static str, plurals: Plurals, packed: &'static str) -> &'static Catalogue {
        let mut parts = packed.split_terminator(END);
        let mut texts = Vec::new();
        while let (Some(key), Some(text)) = (parts.next(), parts.next()) {
            texts.push((key, text));
        }
        Box::leak(Box::new(Catalogue { code, plurals, texts: texts.leak() }))
    }

    /// The translation of an English text, if there is one.
    #[must_use]
    pub fn find(&self, english: &str) -> Option<&'static str> {
        let at = self.texts.binary_search_by(|(key, _)| (*key).cmp(english)).ok()?;
        self.texts.get(at).map(|(_, text)| *text)
    }

    /// The translation of a text in a context, if there is one.
    #[must_use]
    pub fn find_in(&self, context: &str, english: &str) -> Option<&'static str> {
        self.find(&key(context, english))
    }

    /// A text in this language.
    #[must_use]
    pub fn text(&self, english: &'static str) -> &'static str {
        self.find(english).unwrap_or(english)
    }

    /// A text that is translated in different ways in different contexts.
    #[must_use]
    pub fn text_in(&self, context: &str, english: &'static str) -> &'static str {
        self.find_in(context, english).unwrap_or(english)
    }

    /// A text with values in the places of `{name}`. The macros of this crate see to it that all of them are given.
    #[must_use]
    pub fn filled(&self, english: &'static str, values: &[(&str, &dyn Display)]) -> String {
        fill(self.text(english), values)
    }

    /// The form of a text that goes with a number; `one` and `many` are those of English.
    #[must_use]
    pub fn form(&self, one: &'static str, many: &'static str, number: u64) -> &'static str {
        let forms = self.find(one).map(|forms| forms.split(FORM_END));
        let form = forms.and_then(|mut forms| forms.nth(self.plurals.form(number)));
        form.unwrap_or(if number == 1 { one } else { many })
    }
}

/// The key of a text in a context.
pub(crate) fn key(context: &str, english: &str) -> String {
    let mut key = String::with_capacity(context.len() + english.len() + 1);
    key.push_str(context);
    key.push(CONTEXT_END);
    key.push_str(english);
    key
}
