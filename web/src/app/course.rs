//! The visitor's way through a lesson, and the lessons that were finished.

use warren_sim::{LessonStep, warren_core::Instant};

use super::{App, address::Address, mode::Mode};
use crate::{
    components::{LessonWish, Phase, Tab, Wish},
    player::{Player, Source},
    scene::{Light, Lit},
    stage, storage,
};

/// The lessons that the visitor has finished, with commas between.
const FINISHED: &str = "warren-lessons";

/// How far the visitor is in the lesson on the stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Course {
    /// Which step is read.
    pub(super) step: usize,
    /// Whether the stage has shown what that step is about.
    pub(super) is_step_shown: bool,
    /// What the visitor predicts.
    pub(super) choice: Option<usize>,
    pub(super) phase: Phase,
    /// Whether it is played, or was.
    pub(super) has_begun: bool,
    /// Whether its goal was reached; going back in time does not take that away.
    pub(super) is_done: bool,
}

impl Course {
    pub(super) const BEGINNING: Course = Course {
        step: 0,
        is_step_shown: false,
        choice: None,
        phase: Phase::Predicting,
        has_begun: false,
        is_done: false,
    };
}

impl App {
    /// Opens a lesson. One that asks something waits for the prediction; whoever learns sees what its first step is about.
    pub(super) fn open_lesson(&mut self, id: &'static str) {
        let mut player = Player::new(id);
        player.playing = !asks(&player);
        self.show(player);
        // In another page nothing moves before it is asked to.
        if self.mode == Mode::Learn && !self.is_embedded {
            self.show_step(0);
        }
    }

    /// What comes first is played at once: the page is there to be seen moving. For whoever learns, its first step is.
    pub(super) fn begin_lesson(&mut self) {
        // In another page nothing moves before it is asked to, and a class begins at its moment together.
        if self.is_embedded || self.given.at.is_some() {
            self.player.borrow_mut().playing = false;
            return;
        }
        let mut player = self.player.borrow_mut();
        if matches!(player.source, Source::Lesson(_)) && self.mode == Mode::Build && !stage::wants_stillness()
        {
            (player.playing, self.course.has_begun) = (true, true);
        }
    }

    pub(super) fn lesson(&mut self, wish: LessonWish) {
        match wish {
            LessonWish::Crash => self.crash_in_opening(),
            LessonWish::Step(step) => {
                self.leave_opening();
                self.show_step(step);
            }
            LessonWish::Choose(choice) => self.course.choice = Some(choice),
            LessonWish::Play if self.opening.is_some() => self.answer_in_opening(),
            LessonWish::Play => self.player.borrow_mut().play_freely(),
            LessonWish::Skip => {
                self.leave_opening();
                self.course.phase = Phase::Doing;
                self.player.borrow_mut().play_freely();
            }
            LessonWish::Judge => self.course.phase = Phase::Judged,
            LessonWish::Do => self.begin_task(),
            LessonWish::StartOver => self.player.borrow_mut().wish(Wish::Restart),
            LessonWish::AsItWas(id) => {
                let course = self.course;
                self.show(Player::new(id));
                self.course = course;
            }
            LessonWish::Open(id) => self.visit(Address::Lesson(id)),
        }
    }

    /// Reads a step, and has the stage show what it is about: the clock is set to its moment, what the step says is played,
    /// and what it names is lit up. For a visitor who wants nothing to move the end of it is there at once.
    fn show_step(&mut self, index: usize) {
        let scenario = self.player.borrow().shared_scenario();
        let Some(step) = scenario.lesson.as_ref().and_then(|lesson| lesson.steps.get(index)) else { return };
        (self.course.step, self.course.is_step_shown) = (index, true);
        if let Some(tab) = step.tab.as_deref().and_then(Tab::called) {
            self.tab = tab;
        }
        if let Some((at, until)) = part_of(step) {
            let mut player = self.player.borrow_mut();
            if stage::wants_stillness() { player.jump_to_part(until) } else { player.play_part(at, until) }
        }
        self.light_step();
    }

    /// Lights up what the step names, as long as the clock shows the part that it is about.
    pub(super) fn light_step(&mut self) {
        if self.opening.is_some() {
            return;
        }
        let mut player = self.player.borrow_mut();
        let scenario = player.shared_scenario();
        let steps = scenario.lesson.as_ref().map(|lesson| &lesson.steps);
        let step = steps.and_then(|steps| steps.get(self.course.step)).filter(|_| self.course.is_step_shown);
        let now = player.aim();
        let is_lit = |step: &&LessonStep| part_of(step).is_none_or(|(at, until)| (at..=until).contains(&now));
        let things = step.filter(is_lit).into_iter().flat_map(|step| &step.light);
        let things = things.filter_map(|thing| Lit::called(thing, &scenario)).collect();
        player.light = Light { things, dims_the_rest: false };
    }

    /// On to the task. The clock goes on, if it was only waiting for the visitor to read.
    fn begin_task(&mut self) {
        self.leave_opening();
        (self.course.phase, self.course.is_step_shown) = (Phase::Doing, false);
        let mut player = self.player.borrow_mut();
        if !player.is_over() && !stage::wants_stillness() {
            player.play_freely();
        }
    }

    /// Time has passed: the prediction may be judged now, or the goal reached.
    pub(super) fn follow_lesson(&mut self) {
        self.follow_opening();
        self.light_step();
        let player = self.player.borrow();
        self.course.has_begun |= player.playing && !player.is_playing_part();
        let is_shown = player.is_over() && self.course.choice.is_some();
        if is_shown && self.course.phase == Phase::Predicting {
            self.course.phase = Phase::Judged;
        }
        if self.course.is_done || !player.goal().is_reached() {
            return;
        }
        self.course.is_done = true;
        if let Source::Lesson(id) = player.source
            && !is_finished(&self.finished, id)
        {
            if !self.finished.is_empty() {
                self.finished.push(',');
            }
            self.finished.push_str(id);
            // A visitor who forbids storage has it marked for this visit.
            storage::write(FINISHED, &self.finished);
        }
    }
}

/// The lessons that were finished on earlier visits.
pub(super) fn finished() -> String {
    storage::read(FINISHED).unwrap_or_default()
}

/// Whether a lesson is among those.
pub(crate) fn is_finished(finished: &str, id: &str) -> bool {
    finished.split(',').any(|finished| finished == id)
}

/// From when until when the run shows what a step is about.
fn part_of(step: &LessonStep) -> Option<(Instant, Instant)> {
    let at = step.at?;
    Some((Instant::ZERO + at, Instant::ZERO + step.until.unwrap_or(at)))
}

fn asks(player: &Player) -> bool {
    player.scenario().lesson.as_ref().is_some_and(|lesson| lesson.prediction.is_some())
}
