//! The page's languages. What the page says stands in both where it is said.

mod time;

use warren_sim::Text;

use crate::storage;

/// A language of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lang {
    En,
    Ru,
}

const STORED: &str = "warren-language";

impl Lang {
    /// What the visitor chose last time, or what the browser speaks.
    pub(crate) fn initial() -> Lang {
        if let Some(stored) = storage::read::<String>(STORED) {
            return if stored == "ru" { Lang::Ru } else { Lang::En };
        }
        let spoken = web_sys::window().and_then(|window| window.navigator().language());
        if spoken.is_some_and(|spoken| spoken.starts_with("ru")) { Lang::Ru } else { Lang::En }
    }

    /// The other one, remembered for the next visit.
    pub(crate) fn switched(self) -> Lang {
        let other = self.other();
        // A visitor who forbids storage is asked again next time.
        storage::write(STORED, other.code());
        other
    }

    pub(crate) fn other(self) -> Lang {
        if self == Lang::En { Lang::Ru } else { Lang::En }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ru => "ru",
        }
    }

    /// What the page says in this language: both stand side by side where they are said.
    pub(crate) fn say(self, en: &'static str, ru: &'static str) -> &'static str {
        match self {
            Lang::En => en,
            Lang::Ru => ru,
        }
    }

    /// A scenario's own text.
    pub(crate) fn pick(self, text: &Text) -> &str {
        match self {
            Lang::En => &text.en,
            Lang::Ru => &text.ru,
        }
    }
}
