//! Which form of a text goes with which number, in the languages whose rules are known.

/// A rule of plural forms. They are numbered as gettext numbers them in these languages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plurals {
    /// One form for every number, as in Japanese.
    Same,
    /// One for 1, another for the rest, as in English.
    OneOther,
    /// One for 0 and 1, another for the rest, as in French.
    UpToOneOther,
    /// For 1, 21, 31, …; for 2 to 4, 22 to 24, …; for the rest, as in Russian.
    Slavic,
    /// For 1; for 2 to 4, 22 to 24, …; for the rest, as in Polish.
    Polish,
    /// For 1; for 2 to 4; for the rest, as in Czech.
    Czech,
}

impl Plurals {
    /// The codes of all languages whose rule is known here.
    pub const CODES: [&str; 47] = [
        "be", "bg", "bs", "ca", "cs", "da", "de", "el", "en", "eo", "es", "et", "eu", "fi", "fr", "gl", "he",
        "hi", "hr", "hu", "hy", "id", "it", "ja", "ka", "kk", "ko", "ms", "nb", "nl", "nn", "pl", "pt",
        "pt-BR", "ru", "sk", "sq", "sr", "sv", "th", "tr", "uk", "uz", "vi", "zh", "zh-Hans", "zh-Hant",
    ];

    /// The rule of a language, by its code; `None` if it is not known here.
    #[must_use]
    pub fn of(code: &str) -> Option<Plurals> {
        if !Plurals::CODES.contains(&code) {
            return None;
        }
        Some(match code {
            "fr" | "pt-BR" => Plurals::UpToOneOther,
            "zh" | "zh-Hans" | "zh-Hant" | "ja" | "ko" | "vi" | "th" | "id" | "ms" => Plurals::Same,
            "ru" | "uk" | "be" | "sr" | "hr" | "bs" => Plurals::Slavic,
            "pl" => Plurals::Polish,
            "cs" | "sk" => Plurals::Czech,
            _ => Plurals::OneOther,
        })
    }

    /// How many forms there are.
    #[must_use]
    pub const fn forms(self) -> usize {
        match self {
            Plurals::Same => 1,
            Plurals::OneOther | Plurals::UpToOneOther => 2,
            Plurals::Slavic | Plurals::Polish | Plurals::Czech => 3,
        }
    }

    /// The form that goes with a number, from 0.
    #[must_use]
    pub const fn form(self, number: u64) -> usize {
        let is_few = matches!(number % 10, 2..=4) && !matches!(number % 100, 12..=14);
        match self {
            Plurals::Same => 0,
            Plurals::OneOther => (number != 1) as usize,
            Plurals::UpToOneOther => (number > 1) as usize,
            Plurals::Slavic if number % 10 == 1 && number % 100 != 11 => 0,
            Plurals::Polish | Plurals::Czech if number == 1 => 0,
            Plurals::Slavic | Plurals::Polish if is_few => 1,
            Plurals::Czech if matches!(number, 2..=4) => 1,
            Plurals::Slavic | Plurals::Polish | Plurals::Czech => 2,
        }
    }

    /// The rule as a PO file states it for other programs.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Plurals::Same => "nplurals=1; plural=0;",
            Plurals::OneOther => "nplurals=2; plural=(n != 1);",
            Plurals::UpToOneOther => "nplurals=2; plural=(n > 1);",
            Plurals::Slavic => {
                "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
            }
            Plurals::Polish => {
                "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
            }
            Plurals::Czech => "nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Plurals;

    #[test]
    fn every_rule_has_its_forms() {
        let forms = |plurals: Plurals| [0, 1, 2, 4, 5, 11, 12, 21, 22, 111, 112].map(|n| plurals.form(n));
        assert_eq!(forms(Plurals::Slavic), [2, 0, 1, 1, 2, 2, 2, 0, 1, 2, 2]);
        assert_eq!(forms(Plurals::Polish), [2, 0, 1, 1, 2, 2, 2, 2, 1, 2, 2]);
        assert_eq!(forms(Plurals::Czech), [2, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!(forms(Plurals::OneOther), [1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(forms(Plurals::UpToOneOther), [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(forms(Plurals::Same), [0; 11]);
    }

    #[test]
    fn only_known_languages_have_a_rule() {
        assert!(Plurals::CODES.is_sorted());
        assert_eq!(Plurals::of("pt-BR"), Some(Plurals::UpToOneOther));
        assert_eq!(Plurals::of("pt"), Some(Plurals::OneOther));
        assert_eq!(Plurals::of("zh-Hans"), Some(Plurals::Same));
        assert_eq!(Plurals::of("tlh"), None);
    }
}
