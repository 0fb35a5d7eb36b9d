//! Actors that play code of their own.

use warren_sim::{Happening, History, Scenario, WorldEvent, warren_core::Instant};

use super::{Picture, Player, next_epoch};
use crate::{editor::Edit, interpreter};

/// Something that a program has printed, or how it failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Printed {
    pub(crate) at: Instant,
    pub(crate) text: String,
    pub(crate) kind: PrintedKind,
    /// The line of the code that an error comes from.
    pub(crate) line: Option<u32>,
}

/// What kind of line it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PrintedKind {
    Plain,
    /// By `console.error`.
    Error,
    /// It ended the program.
    Failure,
}

impl Printed {
    /// What an event has to say of the program of an actor.
    pub(crate) fn of(scenario: &Scenario, wanted: &str, event: &WorldEvent) -> Option<Printed> {
        let (actor, text, kind, line) = match &event.what {
            Happening::Printed { actor, text, is_error: false, line } => {
                (actor, text, PrintedKind::Plain, *line)
            }
            Happening::Printed { actor, text, is_error: true, line } => {
                (actor, text, PrintedKind::Error, *line)
            }
            Happening::CodeFailed { actor, message, line } => (actor, message, PrintedKind::Failure, *line),
            _ => return None,
        };
        let is_wanted = scenario.actor_names().nth(actor.0 as usize) == Some(wanted);
        is_wanted.then(|| Printed { at: event.at, text: text.clone(), kind, line })
    }
}

impl Player {
    /// Whether an actor has code that the visitor has not run, and does nothing for that.
    pub(crate) fn has_unread_code(&self, actor: &str) -> bool {
        let mut programs = self.scenario().programs();
        programs.any(|(name, code)| name == actor && !interpreter::is_allowed(code))
    }

    /// Plays an actor's code, from the beginning. What was done by hand while it played already stays among the futures.
    pub(crate) fn run_code(&mut self, actor: &str, code: String) {
        let is_same = self.scenario().programs().any(|(name, known)| name == actor && *known == code);
        if is_same && interpreter::is_loaded() && interpreter::is_allowed(&code) {
            return self.restart();
        }
        interpreter::allow(&code);
        self.edit(&Edit::Code { actor: actor.to_owned(), code: Some(code) });
        if self.complaint.is_none() {
            self.play_anew();
        }
    }

    /// The same scenario from its beginning, in a world that plays all code that it may now.
    pub(crate) fn play_anew(&mut self) {
        self.other_future = None;
        self.history = history(&self.history.given(), self.history.seed());
        self.epoch = next_epoch();
        (self.playing, self.heading, self.remainder_us) = (true, None, 0.0);
        self.raise_the_curtain();
        self.moved();
    }
}

/// A scenario at its first moment, in a world that plays the code that the visitor has run.
pub(super) fn history(scenario: &Scenario, seed: u64) -> History<Picture> {
    History::playing(scenario, seed, Picture::of(scenario), interpreter::shared())
}
