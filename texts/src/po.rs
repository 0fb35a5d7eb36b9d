//! Gettext's PO files, as translators' tools read and write them: as much of the format as a page's texts need.

use std::fmt::Write;

use crate::{
    Catalogue, Plurals,
    catalogue::{END, FORM_END, key},
};

/// A PO file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PoFile {
    /// The comments at its beginning.
    pub comments: Vec<String>,
    /// `Language: ru` and the like, a line each, as the translation of the empty text.
    pub header: String,
    /// Its texts.
    pub entries: Vec<Entry>,
}

/// A text with its translation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// What translators say about it.
    pub comments: Vec<String>,
    /// The files in which it is said.
    pub files: Vec<String>,
    /// A translation that somebody has to look at; it is not used before.
    pub is_fuzzy: bool,
    /// Tells one text from another with the same words.
    pub context: Option<String>,
    /// The text in English; of texts that depend on a number, the one for 1.
    pub text: String,
    /// The text for other numbers, of those that depend on one.
    pub many: Option<String>,
    /// The translation, or its forms; empty where there is none yet.
    pub translations: Vec<String>,
}

impl Entry {
    /// The key in a [`Catalogue`].
    #[must_use]
    pub fn key(&self) -> String {
        self.context.as_ref().map_or_else(|| self.text.clone(), |context| key(context, &self.text))
    }

    /// Whether there is a translation, in all its forms, that is used.
    #[must_use]
    pub fn is_translated(&self) -> bool {
        !self.is_fuzzy
            && !self.translations.is_empty()
            && self.translations.iter().all(|text| !text.is_empty())
    }
}

impl PoFile {
    /// Reads one.
    ///
    /// # Errors
    ///
    /// The number of a line, and what is wrong with it.
    pub fn parse(text: &str) -> Result<PoFile, String> {
        let mut file = PoFile::default();
        let mut entry = Entry::default();
        let mut field = None;
        // A line without a word at its end ends the last entry.
        for (number, line) in text.lines().map(str::trim).chain([""]).enumerate() {
            let wrong = |what: &str| format!("line {}: {what}: {line}", number + 1);
            if line.starts_with('"') {
                let part = unquoted(line).ok_or_else(|| wrong("a text ends with a quote"))?;
                let target = field.and_then(|field| entry.field(field));
                target.ok_or_else(|| wrong("this text belongs to no keyword"))?.push_str(&part);
                continue;
            }
            let begins = line.is_empty() || line.starts_with('#') || line.starts_with("msgctxt");
            let has_text = matches!(field, Some(Field::Translation(_)));
            if has_text && (begins || line.starts_with("msgid ")) {
                file.take(std::mem::take(&mut entry)).map_err(|what| wrong(&what))?;
                field = None;
            }
            if let Some(comment) = line.strip_prefix('#') {
                entry.comment(comment);
            } else if !line.is_empty() {
                let (keyword, quoted) = line.split_once(' ').unwrap_or((line, ""));
                let known = Field::of(keyword).ok_or_else(|| wrong("an unknown keyword"))?;
                let part = unquoted(quoted.trim()).ok_or_else(|| wrong("a text stands in quotes"))?;
                let target = entry.field(known).ok_or_else(|| wrong("forms come in their order"))?;
                target.push_str(&part);
                field = Some(known);
            }
        }
        Ok(file)
    }

    fn take(&mut self, entry: Entry) -> Result<(), String> {
        if entry.text.is_empty() && entry.context.is_none() {
            self.comments = entry.comments;
            self.header = entry.translations.concat();
            return Ok(());
        }
        let is_same = |known: &Entry| known.text == entry.text && known.context == entry.context;
        if self.entries.iter().any(is_same) {
            return Err(format!("{:?} is there twice", entry.text));
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Writes it, one line for each text.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = String::new();
        let head = Entry {
            comments: self.comments.clone(),
            translations: self.header.split_inclusive('\n').map(str::to_owned).collect(),
            ..Entry::default()
        };
        head.head(&mut text);
        text.push_str("msgid \"\"\nmsgstr \"\"\n");
        for line in &head.translations {
            line_of(&mut text, &[&quoted(line)]);
        }
        for entry in &self.entries {
            text.push('\n');
            entry.write(&mut text);
        }
        text
    }

    /// A line of the header: `Language`.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.header.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| *known == name).map(|(_, value)| value.trim())
    }

    /// Its language's code and rule of plurals; both have to be what the file's name says.
    ///
    /// # Errors
    ///
    /// What is wrong, in a sentence.
    pub fn language(&self, name: &str) -> Result<(String, Plurals), String> {
        let code = name.trim_end_matches(".po");
        let Some(plurals) = Plurals::of(code) else {
            return Err(format!(
                "{name}: the plural forms of {code:?} are not known; add them to texts/src/plurals.rs"
            ));
        };
        if self.header("Language") != Some(code) {
            return Err(format!("{name}: its header has to say \"Language: {code}\""));
        }
        let count = format!("nplurals={};", plurals.forms());
        if !self.header("Plural-Forms").is_some_and(|forms| forms.starts_with(&count)) {
            return Err(format!("{name}: its header has to say \"Plural-Forms: {}\"", plurals.header()));
        }
        Ok((code.to_owned(), plurals))
    }

    /// What is translated as one text, for [`Catalogue::unpacked`].
    #[must_use]
    pub fn packed(&self) -> String {
        let translated = self.entries.iter().filter(|entry| entry.is_translated());
        let forms = |entry: &Entry| entry.translations.join(&FORM_END.to_string());
        let mut texts: Vec<(String, String)> = translated.map(|entry| (entry.key(), forms(entry))).collect();
        texts.sort();
        texts.into_iter().flat_map(|(key, forms)| [key, forms]).fold(String::new(), |mut packed, part| {
            packed.push_str(&part);
            packed.push(END);
            packed
        })
    }

    /// The catalogue of a file, for as long as the program runs: for tests. The page's are packed at its build.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, in a sentence.
    pub fn leak(name: &str, text: &str) -> Result<&'static Catalogue, String> {
        let file = PoFile::parse(text).map_err(|error| format!("{name}: {error}"))?;
        let (code, plurals) = file.language(name)?;
        Ok(Catalogue::unpacked(code.leak(), plurals, file.packed().leak()))
    }
}

#[derive(Clone, Copy)]
enum Field {
    Context,
    Text,
    Many,
    Translation(usize),
}

impl Field {
    fn of(keyword: &str) -> Option<Field> {
        match keyword {
            "msgctxt" => Some(Field::Context),
            "msgid" => Some(Field::Text),
            "msgid_plural" => Some(Field::Many),
            "msgstr" => Some(Field::Translation(0)),
            _ => keyword.strip_prefix("msgstr[")?.strip_suffix(']')?.parse().ok().map(Field::Translation),
        }
    }
}

impl Entry {
    /// A field, to be written to; `None` for a form before which others are missing.
    fn field(&mut self, field: Field) -> Option<&mut String> {
        Some(match field {
            Field::Context => self.context.get_or_insert_default(),
            Field::Text => &mut self.text,
            Field::Many => self.many.get_or_insert_default(),
            Field::Translation(form) => {
                if self.translations.len() == form {
                    self.translations.push(String::new());
                }
                self.translations.get_mut(form)?
            }
        })
    }

    fn comment(&mut self, comment: &str) {
        match comment.split_at_checked(1) {
            Some((":", files)) => self.files.extend(files.split_whitespace().map(str::to_owned)),
            Some((",", flags)) => self.is_fuzzy |= flags.split(',').any(|flag| flag.trim() == "fuzzy"),
            // What is no longer said, what it said before, and what `cargo xtask texts` says.
            Some(("~" | "|" | ".", _)) => {}
            _ => self.comments.push(comment.trim().to_owned()),
        }
    }

    /// Its comments.
    fn head(&self, text: &mut String) {
        for comment in &self.comments {
            line_of(text, &["# ", comment]);
        }
        for file in &self.files {
            line_of(text, &["#: ", file]);
        }
        if self.is_fuzzy {
            text.push_str("#, fuzzy\n");
        }
    }

    fn write(&self, text: &mut String) {
        self.head(text);
        if let Some(context) = &self.context {
            line_of(text, &["msgctxt ", &quoted(context)]);
        }
        line_of(text, &["msgid ", &quoted(&self.text)]);
        let Some(many) = &self.many else {
            return line_of(text, &["msgstr ", &quoted(&self.translations.concat())]);
        };
        line_of(text, &["msgid_plural ", &quoted(many)]);
        for (form, translation) in self.translations.iter().enumerate() {
            line_of(text, &[&format!("msgstr[{form}] "), &quoted(translation)]);
        }
    }
}

fn line_of(text: &mut String, parts: &[&str]) {
    text.extend(parts.iter().copied());
    // Nothing stands behind the last word of a line.
    text.truncate(text.trim_end_matches(' ').len());
    text.push('\n');
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            letter => quoted.push(letter),
        }
    }
    // Writing to a string cannot fail.
    let _ = write!(quoted, "\"");
    quoted
}

/// What stands between quotes; `None` if it is not in quotes.
fn unquoted(quoted: &str) -> Option<String> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => text.push(match letters.next()? {
                'n' => '\n',
                't' => '\t',
                escaped => escaped,
            }),
            ('"', _) => return None,
            _ => text.push(letter),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::PoFile;
    use crate::said_of;

    const FILE: &str = r#"# Three texts.
msgid ""
msgstr ""
"Language: ru\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\n"

# On the stage.
#: web/src/stage/nodes.rs
msgctxt "stage"
msgid "ready"
msgstr "готовы"

#: web/src/components/wire.rs
msgid "{count} \"frame\""
msgid_plural "{count} \"frames\""
msgstr[0] "{count} «кадр»"
msgstr[1] "{count} «кадра»"
msgstr[2] "{count} «кадров»"

#, fuzzy
msgid "of another's"
msgstr "чужой"
"#;

    #[test]
    fn a_file_is_written_as_it_was_read() {
        let file = PoFile::parse(FILE).expect("a good file");
        // A text in several lines is written in one.
        let [before, behind] = ["msgstr \"чужой\"\n", "msgstr \"\"\n  \"чу\"\n\"жой\"\n#~ msgid \"gone\"\n"];
        assert_eq!(PoFile::parse(&FILE.replace(before, behind)).as_ref(), Ok(&file));
        assert_eq!(file.write(), FILE);
    }

    #[test]
    fn texts_are_found_with_their_context_and_number() {
        let russian = PoFile::leak("ru.po", FILE).expect("a good file");
        assert_eq!([russian.text_in("stage", "ready"), russian.text("ready")], ["готовы", "ready"]);
        let told = |count: u64| said_of!(count, "{count} \"frame\"", "{count} \"frames\"").told(russian);
        assert_eq!([told(1), told(23), told(12)], ["1 «кадр»", "23 «кадра»", "12 «кадров»"]);
        assert_eq!(russian.text("of another's"), "of another's", "a translation that nobody has looked at");
    }

    #[test]
    fn a_wrong_file_is_refused_with_its_line() {
        let table = [
            ("msgid \"a\nmsgstr \"b\"", "line 1: a text stands in quotes"),
            ("\"a\"", "line 1: this text belongs to no keyword"),
            ("msgid \"a\"\nmsgstr[1] \"b\"", "line 2: forms come in their order"),
            ("message \"a\"", "line 1: an unknown keyword"),
            ("msgid \"a\"\nmsgstr \"b\"\nmsgid \"a\"\nmsgstr \"b\"", "\"a\" is there twice"),
        ];
        for (text, wrong) in table {
            let error = PoFile::parse(text).expect_err(text);
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }

    #[test]
    fn a_language_that_is_not_known_is_refused() {
        let refused = |name: &str, text: &str| PoFile::leak(name, text).expect_err(name);
        assert!(refused("tlh.po", FILE).contains("plural forms of \"tlh\" are not known"));
        assert!(refused("uk.po", FILE).contains("has to say \"Language: uk\""));
        assert!(refused("ru.po", &FILE.replace("nplurals=3", "nplurals=2")).contains("nplurals=3; plural="));
    }
}
