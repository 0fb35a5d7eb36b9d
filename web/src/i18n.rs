//! The page's languages: English, in which everything stands where it is said, and a file of translations for each of the
//! others in `web/texts`, which the build makes tables of.

use std::{fmt::Display, sync::LazyLock, time::Duration};

use warren_sim::{Text, warren_core::Instant};
use warren_texts::{Catalogue, Plurals, Said};

use crate::storage;

// What the build has made of the files: codes, rules, and all texts as one.
include!(concat!(env!("OUT_DIR"), "/translations.rs"));

static TRANSLATIONS: LazyLock<Vec<Lang>> = LazyLock::new(|| {
    let unpacked = PACKED.iter().map(|(code, plurals, packed)| Catalogue::unpacked(code, *plurals, packed));
    unpacked.map(Lang).collect()
});

/// A language of the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lang(&'static Catalogue);

const STORED: &str = "warren-language";

/// A text with values: `say!(lang, "{at} of {of}", at, of = all.len())`. The text has to have exactly these placeholders.
macro_rules! say {
    ($lang:expr, $text:literal $(, $name:ident $(= $value:expr)?)+ $(,)?) => {{
        warren_texts::agree!($text $(, $name)+);
        $lang.filled($text, &[$((stringify!($name), &warren_texts::value!($name $(= $value)?))),+])
    }};
}
pub(crate) use say;

impl PartialEq for Lang {
    fn eq(&self, other: &Lang) -> bool {
        self.code() == other.code()
    }
}

impl Lang {
    /// English, into which nothing has to be translated.
    pub(crate) const ENGLISH: Lang = Lang(Catalogue::ENGLISH);

    /// Every language there is.
    pub(crate) fn all() -> impl Iterator<Item = Lang> {
        std::iter::once(Lang::ENGLISH).chain(TRANSLATIONS.iter().copied())
    }

    /// The language with this code.
    pub(crate) fn find(code: &str) -> Option<Lang> {
        Lang::all().find(|lang| lang.code().eq_ignore_ascii_case(code))
    }

    /// What the visitor chose last time, or what the browser speaks: `pt-BR` is also understood as `pt`.
    pub(crate) fn initial() -> Lang {
        let stored = storage::read::<String>(STORED).and_then(|code| Lang::find(&code));
        let spoken = || {
            let spoken = web_sys::window()?.navigator().language()?;
            let general = spoken.split('-').next().unwrap_or_default();
            Lang::find(&spoken).or_else(|| Lang::find(general))
        };
        stored.or_else(spoken).unwrap_or(Lang::ENGLISH)
    }

    /// Remembers it for the next visit. A visitor who forbids storage is asked again then.
    pub(crate) fn remember(self) {
        storage::write(STORED, self.code());
    }

    /// As in `<html lang>` and in links: `ru`.
    pub(crate) fn code(self) -> &'static str {
        self.0.code
    }

    /// What the language calls itself.
    pub(crate) fn name(self) -> &'static str {
        self.say_in("the name of this language", "English")
    }

    /// Its texts.
    pub(crate) fn catalogue(self) -> &'static Catalogue {
        self.0
    }

    /// A fixed text.
    pub(crate) fn say(self, english: &'static str) -> &'static str {
        self.0.text(english)
    }

    /// A fixed text that other languages say in different ways in different contexts.
    pub(crate) fn say_in(self, context: &str, english: &'static str) -> &'static str {
        self.0.text_in(context, english)
    }

    /// A text with values; [`say!`] checks them.
    pub(crate) fn filled(self, english: &'static str, values: &[(&str, &dyn Display)]) -> String {
        self.0.filled(english, values)
    }

    /// What the simulation says.
    pub(crate) fn tell(self, said: &Said) -> String {
        said.told(self.0)
    }

    /// A scenario's own text: in this language if its author wrote it so.
    pub(crate) fn pick(self, text: &Text) -> &str {
        text.told(self.0)
    }

    /// A moment, to the tenth of a second: `37.6 s`.
    pub(crate) fn moment(self, at: Instant) -> String {
        self.0.moment(at.since(Instant::ZERO))
    }

    /// A moment among others that may be close to it, to the ms and without a unit: `37.615`.
    pub(crate) fn exact(self, at: Instant) -> String {
        self.0.exact(at.since(Instant::ZERO))
    }

    /// How long something takes, to two or three digits: `37.6 s`, `2 s`, `12 ms`.
    pub(crate) fn duration(self, lasts: Duration) -> String {
        self.0.duration(lasts)
    }

    /// A number of tenths, hundredths, ….
    pub(crate) fn decimal(self, parts: u64, digits: u32) -> String {
        self.0.decimal(parts, digits)
    }
}

#[cfg(test)]
impl Lang {
    /// The language that the tests know besides English.
    pub(crate) fn russian() -> Lang {
        Lang::find("ru").expect("web/texts/ru.po")
    }
}

#[cfg(test)]
mod tests;
