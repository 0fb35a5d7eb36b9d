//! A lesson as a teacher gives it to a class: what the link says behind its `?` holds for whoever opens it.

use std::time::Duration;

use warren_sim::warren_core::Instant;

use super::App;
use crate::i18n::{Lang, say};

/// What a link fixes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Given {
    /// The language of the page, whatever the browser speaks.
    pub(crate) lang: Option<Lang>,
    /// Virtual seconds per second.
    pub(crate) speed: Option<f64>,
    /// The moment at which it begins.
    pub(crate) at: Option<Instant>,
    /// Whether the page keeps to itself what is right.
    pub(crate) hides_answers: bool,
}

/// The slowest and the fastest that the page plays.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.01..=1_000.0;
/// Nobody waits longer for a lesson to begin, in seconds of its clock.
const LATEST_S: f64 = 3_600.0;

impl Given {
    pub(crate) const NOTHING: Given = Given { lang: None, speed: None, at: None, hides_answers: false };

    /// Reads `lang=ru&speed=0.5&at=6.5&answers=hidden`; any of them may be missing.
    ///
    /// # Errors
    /// What cannot be read, in the language of the page.
    pub(super) fn parse(lang: Lang, query: &str) -> Result<Given, String> {
        let mut given = Given::NOTHING;
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let number = || value.parse::<f64>().ok().filter(|number| number.is_finite());
            let is_read = match name {
                "lang" => {
                    given.lang = Lang::find(value);
                    given.lang.is_some()
                }
                "speed" => {
                    given.speed = number().filter(|speed| SPEEDS.contains(speed));
                    given.speed.is_some()
                }
                "at" => {
                    let seconds = number().filter(|seconds| (0.0..=LATEST_S).contains(seconds));
                    given.at = seconds.map(|seconds| Instant::ZERO + Duration::from_secs_f64(seconds));
                    given.at.is_some()
                }
                "answers" => {
                    given.hides_answers = value == "hidden";
                    given.hides_answers
                }
                _ => false,
            };
            if !is_read {
                let shown: String = part.chars().take(40).collect();
                let codes: Vec<&str> = Lang::all().map(Lang::code).collect();
                return Err(say!(
                    lang,
                    "A link to a lesson may say lang={languages}, speed, at and answers=hidden; it cannot say {word}",
                    languages = codes.join("/"),
                    word = shown
                ));
            }
        }
        Ok(given)
    }

    /// The same as text; empty if nothing is fixed.
    pub(crate) fn to_query(self) -> String {
        let parts = [
            self.lang.map(|lang| format!("lang={}", lang.code())),
            self.speed.map(|speed| format!("speed={speed}")),
            self.at.map(|at| format!("at={}", at.as_micros() as f64 / 1e6)),
            self.hides_answers.then(|| "answers=hidden".to_owned()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("&")
    }
}

impl App {
    /// What the link fixes holds from now on, for the lesson that has just been opened.
    pub(super) fn give(&mut self, given: Given) {
        self.given = given;
        if let Some(lang) = given.lang {
            self.lang = lang;
        }
        let mut player = self.player.borrow_mut();
        if let Some(speed) = given.speed {
            player.speed = speed;
        }
        if let Some(at) = given.at {
            player.playing = false;
            player.seek(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use warren_sim::warren_core::Instant;

    use super::Given;
    use crate::i18n::Lang;

    #[test]
    fn what_a_link_fixes_is_read_as_it_was_written() {
        let given = Given {
            lang: Some(Lang::russian()),
            speed: Some(0.5),
            at: Some(Instant::ZERO + Duration::from_millis(6_500)),
            hides_answers: true,
        };
        assert_eq!(given.to_query(), "lang=ru&speed=0.5&at=6.5&answers=hidden");
        assert_eq!(Given::parse(Lang::ENGLISH, &given.to_query()), Ok(given));
        assert_eq!(Given::parse(Lang::ENGLISH, ""), Ok(Given::NOTHING));
        assert_eq!(Given::NOTHING.to_query(), "");
    }

    #[test]
    fn what_it_cannot_fix_is_named() {
        for wrong in
            ["lang=fr", "speed=0", "speed=1e9", "at=-1", "at=NaN", "answers=shown", "colour=red", "at"]
        {
            let why = Given::parse(Lang::ENGLISH, &format!("speed=2&{wrong}")).expect_err(wrong);
            assert!(why.ends_with(wrong), "{why}");
        }
    }
}
