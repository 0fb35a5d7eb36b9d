//! `cargo xtask texts`: brings the files of translations in `web/texts` up to date with what the code and the scenarios say,
//! and begins the file of a new language. Tidy checks that they are.

mod code;
mod scenarios;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use warren_texts::{
    Plurals, placeholders,
    po::{Entry, PoFile},
};

use crate::shell;

/// Where the files of translations are.
const FOLDER: &str = "web/texts";

/// A text that is said somewhere.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Said {
    context: Option<String>,
    /// The English text; of one that depends on a number, the one for 1.
    text: String,
    /// The text for other numbers.
    many: Option<String>,
}

/// Writes all files anew, and that of a new language if its code is given.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let root = shell::root();
    if let Some(code) = arguments.first() {
        begin(&root, code)?;
    }
    let sources = Sources::read(&root)?;
    for (path, code, file) in files(&root)? {
        let file = sources.merged(&code, &file)?;
        let missing = file.entries.iter().filter(|entry| !entry.is_translated()).count();
        fs::write(&path, file.write())?;
        println!("{FOLDER}/{code}.po: {} texts, {missing} to translate", file.entries.len());
    }
    Ok(())
}

/// What is wrong with the files, a sentence each.
pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let sources = Sources::read(root)?;
    let mut findings = sources.wrong.clone();
    for (_, code, file) in files(root)? {
        let wrong = sources.findings(&code, &file)?;
        findings.extend(wrong.into_iter().map(|wrong| format!("{FOLDER}/{code}.po: {wrong}")));
    }
    Ok(findings)
}

/// An empty file for a language.
fn begin(root: &Path, code: &str) -> Result<()> {
    let path = root.join(FOLDER).join(format!("{code}.po"));
    let Some(plurals) = Plurals::of(code) else {
        bail!("the plural forms of {code:?} are not known; add them to texts/src/plurals.rs");
    };
    if path.exists() {
        return Ok(());
    }
    let header = format!(
        "Language: {code}\nContent-Type: text/plain; charset=UTF-8\nPlural-Forms: {}\n",
        plurals.header()
    );
    fs::write(path, PoFile { header, ..PoFile::default() }.write())?;
    Ok(())
}

/// The files, with their languages.
fn files(root: &Path) -> Result<Vec<(PathBuf, String, PoFile)>> {
    let mut files = Vec::new();
    for file in fs::read_dir(root.join(FOLDER)).context(FOLDER)? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.ends_with(".po") {
            let named = |wrong: String| anyhow!("{FOLDER}/{name}: {wrong}");
            let file = PoFile::parse(&fs::read_to_string(&path)?).map_err(named)?;
            let (code, _) = file.language(&name).map_err(|wrong| anyhow!("{FOLDER}/{wrong}"))?;
            files.push((path, code, file));
        }
    }
    files.sort_by(|one, other| one.1.cmp(&other.1));
    Ok(files)
}

/// All that is said.
struct Sources {
    /// What the code says, in the order of the files, and the files that say it.
    code: Vec<(Said, Vec<String>)>,
    /// What the scenarios say, in the order of the files: the text, its file, and the languages in which it stands there.
    scenarios: Vec<scenarios::Text>,
    /// What cannot be understood.
    wrong: Vec<String>,
}

impl Sources {
    fn read(root: &Path) -> Result<Sources> {
        let mut sources = Sources { code: Vec::new(), scenarios: Vec::new(), wrong: Vec::new() };
        let mut places: BTreeMap<Said, usize> = BTreeMap::new();
        let arguments =
            ["ls-files", "--cached", "--others", "--exclude-standard", "*.rs", "scenarios/*.toml"];
        let listed = shell::output("git", &arguments).context("git does not list the files")?;
        for path in listed.lines() {
            let Ok(text) = fs::read_to_string(root.join(path)) else { continue };
            if path.ends_with(".toml") {
                sources.scenarios.extend(scenarios::texts(path, &text)?);
            } else if code::is_read(path) {
                let found = code::texts(path, &text)?;
                sources.wrong.extend(found.wrong);
                for said in found.said {
                    let at = *places.entry(said.clone()).or_insert_with(|| {
                        sources.code.push((said, Vec::new()));
                        sources.code.len() - 1
                    });
                    let files = &mut sources.code[at].1;
                    if files.last().is_none_or(|last| last != path) {
                        files.push(path.to_owned());
                    }
                }
            }
        }
        Ok(sources)
    }

    /// What a file for a language has to have, in its order. A scenario's text that stands in this language in the scenario
    /// is not needed.
    fn wanted(&self, code: &str) -> Vec<(Said, Vec<String>)> {
        let mut wanted = self.code.clone();
        for text in &self.scenarios {
            if !text.codes.iter().any(|known| known == code) {
                let (context, many) = (Some("scenario".to_owned()), None);
                let said = Said { context, text: text.en.clone(), many };
                match wanted.iter_mut().find(|(known, _)| *known == said) {
                    Some((_, files)) => files.push(text.file.clone()),
                    None => wanted.push((said, vec![text.file.clone()])),
                }
            }
        }
        wanted
    }

    /// A file with all that is said and nothing else.
    fn merged(&self, code: &str, file: &PoFile) -> Result<PoFile> {
        let forms = Plurals::of(code).map_or(0, Plurals::forms);
        let known: BTreeMap<String, &Entry> = file.entries.iter().map(|entry| (entry.key(), entry)).collect();
        let entries = self.wanted(code).into_iter().map(|(said, files)| {
            let Said { context, text, many } = said;
            let translations = vec![String::new(); if many.is_some() { forms } else { 1 }];
            let new = Entry { context, text, many, translations, files, ..Entry::default() };
            let Some(old) = known.get(&new.key()) else { return new };
            let fits = old.translations.len() == new.translations.len();
            let translations = if fits { old.translations.clone() } else { new.translations.clone() };
            Entry { translations, comments: old.comments.clone(), is_fuzzy: old.is_fuzzy, ..new }
        });
        Ok(PoFile { entries: entries.collect(), ..file.clone() })
    }

    fn findings(&self, code: &str, file: &PoFile) -> Result<Vec<String>> {
        let merged = self.merged(code, file)?;
        let mut findings = Vec::new();
        for entry in &merged.entries {
            if !entry.is_translated() {
                findings.push(format!("{:?} is not translated", entry.text));
            } else if let Some(wrong) = entry.translations.iter().find(|text| !agrees(entry, text)) {
                findings.push(format!("{wrong:?} has not the placeholders of {:?}", entry.text));
            }
        }
        let said: BTreeMap<String, &Entry> =
            merged.entries.iter().map(|entry| (entry.key(), entry)).collect();
        let unused = file.entries.iter().filter(|entry| !said.contains_key(&entry.key()));
        findings.extend(unused.map(|entry| format!("{:?} is said nowhere", entry.text)));
        if findings.is_empty() && merged != *file {
            findings.push("its order or the names of files are not those of the code".to_owned());
        }
        if !findings.is_empty() {
            findings.push("run `cargo xtask texts`, and translate what is empty then".to_owned());
        }
        Ok(findings)
    }
}

/// Whether a translation has the placeholders of its text.
fn agrees(entry: &Entry, translation: &str) -> bool {
    let sorted = |text| {
        let mut names: Vec<&str> = placeholders(text).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    sorted(entry.many.as_ref().unwrap_or(&entry.text)) == sorted(translation)
}

#[cfg(test)]
mod tests {
    use warren_texts::po::{Entry, PoFile};

    use super::{Said, Sources, scenarios::Text};

    fn sources() -> Sources {
        let said = |text: &str, many: Option<&str>| {
            let said = Said { context: None, text: text.into(), many: many.map(str::to_owned) };
            (said, vec!["web/src/a.rs".to_owned()])
        };
        let lesson =
            Text { file: "scenarios/hello.toml".into(), en: "Hello".into(), codes: vec!["ru".into()] };
        Sources {
            code: vec![said("queue {name}", None), said("{n} word", Some("{n} words"))],
            scenarios: vec![lesson],
            wrong: Vec::new(),
        }
    }

    fn translated(translations: &[&[&str]]) -> PoFile {
        let mut file = sources().merged("ru", &PoFile::default()).expect("a file");
        for (entry, translations) in file.entries.iter_mut().zip(translations) {
            entry.translations = translations.iter().map(|&text| text.to_owned()).collect();
        }
        file
    }

    #[test]
    fn what_is_missing_too_much_or_wrong_is_named() {
        let findings = |file: &PoFile| sources().findings("ru", file).expect("findings");
        let right: &[&[&str]] = &[&["очередь {name}"], &["{n} слово", "{n} слова", "{n} слов"]];
        assert_eq!(findings(&translated(right)), Vec::<String>::new());
        let table: [(&[&[&str]], &str); 4] = [
            (&[&[""], right[1]], "\"queue {name}\" is not translated"),
            (&[&["очередь {имя}"], right[1]], "has not the placeholders of \"queue {name}\""),
            (&[right[0], &["{n} слово", "{n} слова"]], "\"{n} word\" is not translated"),
            (&[right[0], &["{n} слово", "{n} слова", ""]], "\"{n} word\" is not translated"),
        ];
        for (translations, wrong) in table {
            let found = findings(&translated(translations));
            assert!(found[0].contains(wrong), "{wrong}: {found:?}");
        }
        let mut more = translated(right);
        more.entries.push(Entry { text: "gone".into(), ..Entry::default() });
        assert_eq!(findings(&more)[0], "\"gone\" is said nowhere");
        let mut other_order = translated(right);
        other_order.entries.reverse();
        assert!(findings(&other_order)[0].contains("order"));
    }

    #[test]
    fn texts_of_scenarios_are_asked_for_in_languages_that_they_lack() {
        let texts = |code: &str| {
            let file = sources().merged(code, &PoFile::default()).expect("a file");
            file.entries.into_iter().map(|entry| entry.text).collect::<Vec<_>>()
        };
        assert_eq!(texts("ru"), ["queue {name}", "{n} word"]);
        assert_eq!(texts("fr"), ["queue {name}", "{n} word", "Hello"]);
    }
}
