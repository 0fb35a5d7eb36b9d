//! `[[lesson.step]]`: a sentence of a lesson, the part of the run that it is about, and the things that it names.

use std::time::Duration;

use super::{Text, check::known, error::Mistake};
use crate::document::{Fields, Record, Span};

/// `[[lesson.step]]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LessonStep {
    /// What it says.
    pub text: Text,
    /// The moment of the run that it is about. Without it the clock stays where it is.
    pub at: Option<Duration>,
    /// How far the run is played from there; without it, not at all.
    pub until: Option<Duration>,
    /// The things that it names, in the words of `[positions]` (`"queue tasks"`), or `"broker"`.
    pub light: Vec<String>,
    /// The panel of the page that it is about, `"wire"` for example.
    pub tab: Option<String>,
}

/// The panels that a step can open.
const TABS: [&str; 6] = ["log", "charts", "wire", "check", "faults", "code"];

impl Record for LessonStep {
    fn plain() -> Self {
        LessonStep { text: Text::default(), at: None, until: None, light: Vec::new(), tab: None }
    }

    fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.optional("at", &mut self.at);
        fields.optional("until", &mut self.until);
        fields.optional("light", &mut self.light);
        fields.optional("tab", &mut self.tab);
        self.text.languages(fields);
    }
}

impl LessonStep {
    /// Whether it makes sense in a scenario that has these things and ends at `end`.
    pub(super) fn check(&self, section: &Span, things: &[&str], end: Duration) -> Result<(), Mistake> {
        let wrong = |field, message: &str| Err(Mistake::in_field(section.clone(), field, message));
        match (self.at, self.until) {
            (None, Some(_)) => return wrong("until", "it says how far to play, and not from where; use at"),
            (Some(at), Some(until)) if until < at => return wrong("until", "it is before at"),
            _ => {}
        }
        if self.at.max(self.until).is_some_and(|latest| latest > end) {
            let field = if self.at > Some(end) { "at" } else { "until" };
            return wrong(field, "the scenario ends before that");
        }
        for thing in &self.light {
            known("light", "thing", thing, things, section.clone())?;
        }
        self.tab.iter().try_for_each(|tab| known("tab", "panel", tab, &TABS, section.clone()))
    }
}
