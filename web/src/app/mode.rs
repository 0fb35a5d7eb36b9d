//! What the page is for at the moment: learning, with a lesson and little else, or building, with everything there is.

use warren_sim::lessons;

use super::{App, FIRST_LESSON, address::Address, course::is_finished};
use crate::{
    components::Phase,
    player::{Player, Source},
    storage,
};

/// Where the mode is kept that the visitor has chosen.
const STORED: &str = "warren-mode";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// The stage, the transport, a lesson's text, its question and its task.
    Learn,
    /// Everything: the palette, all panels, and a lesson's text, too, if it is one that is on the stage.
    Build,
}

/// What of the page is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Parts {
    /// What can be put on the stage, and what changes it as a whole.
    pub(super) palette: bool,
    /// What can be done on the stage, and what its colours mean.
    pub(super) hints: bool,
    /// Play, pause, steps, and the bar of time.
    pub(super) clock: bool,
    /// What the lesson says.
    pub(super) text: bool,
    /// Its question or task.
    pub(super) exercise: bool,
    pub(super) ledger: bool,
    pub(super) tabs: bool,
    /// Everything on the stage, as a list.
    pub(super) things: bool,
}

impl Parts {
    const EVERYTHING: Parts = Parts {
        palette: true,
        hints: true,
        clock: true,
        text: true,
        exercise: true,
        ledger: true,
        tabs: true,
        things: true,
    };
    const NOTHING: Parts = Parts {
        palette: false,
        hints: false,
        clock: false,
        text: false,
        exercise: false,
        ledger: false,
        tabs: false,
        things: false,
    };
}

impl Mode {
    /// The one that the visitor chose last.
    pub(super) fn chosen() -> Option<Mode> {
        match storage::read::<String>(STORED)?.as_str() {
            "learn" => Some(Mode::Learn),
            "build" => Some(Mode::Build),
            _ => None,
        }
    }

    pub(crate) const fn id(self) -> &'static str {
        match self {
            Mode::Learn => "learn",
            Mode::Build => "build",
        }
    }
}

impl App {
    /// The visitor has chosen a mode. It is kept for the next visit. Where there is nothing to learn on the stage, the next
    /// lesson is opened: what was there is kept, and Back leads to it.
    pub(super) fn choose_mode(&mut self, mode: Mode) {
        if self.opening.is_some() && mode == self.mode {
            return;
        }
        // A visitor who forbids storage chooses again next time.
        storage::write(STORED, mode.id());
        (self.mode, self.chosen_mode) = (mode, Some(mode));
        if self.opening.is_some() {
            self.leave_opening();
            self.begin_lesson();
        }
        if mode == Mode::Learn && self.player.borrow().scenario().lesson.is_none() {
            self.visit(Address::Lesson(self.next_to_learn()));
        }
    }

    /// The mode for what has been put on the stage: for what comes with Warren the one that was chosen last; for the
    /// visitor's own, building.
    pub(super) fn follow_source(&mut self) {
        self.mode = match self.player.borrow().source {
            Source::Lesson(_) => self.chosen_mode.unwrap_or(Mode::Learn),
            Source::Own => Mode::Build,
        };
    }

    /// The first lesson that is not finished yet.
    fn next_to_learn(&self) -> &'static str {
        let mut all = lessons::all().iter().map(|lesson| lesson.id);
        all.find(|id| !is_finished(&self.finished, id)).unwrap_or(lessons::all()[0].id)
    }

    /// What of the page is shown. Whoever is new here sees what the lesson needs; with the first lesson that is finished comes
    /// the rest, but the palette, which is there when something is to be done. The first lesson's task needs none.
    pub(super) fn parts(&self, player: &Player) -> Parts {
        if let Some(opening) = self.opening {
            let is_asked = opening.asks();
            return Parts { clock: is_asked, exercise: is_asked, ..Parts::NOTHING };
        }
        if self.mode == Mode::Build {
            return Parts::EVERYTHING;
        }
        let lesson = player.scenario().lesson.as_ref();
        let is_newcomer = self.finished.is_empty() && lesson.is_some();
        let is_task = self.course.phase == Phase::Doing;
        // The first lesson's task needs no more than the list of things.
        let is_own_task = is_task && !(is_newcomer && player.source == Source::Lesson(FIRST_LESSON));
        let names_a_tab = lesson.is_some_and(|lesson| lesson.steps.iter().any(|step| step.tab.is_some()));
        Parts {
            palette: is_own_task,
            things: is_task || !is_newcomer,
            // Without a mouse it is the only way to a message.
            ledger: !is_newcomer || is_own_task,
            tabs: !is_newcomer || names_a_tab,
            ..Parts::EVERYTHING
        }
    }
}
