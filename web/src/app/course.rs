//! The visitor's way through a lesson, and the lessons that were finished.

use super::{App, address::Address};
use crate::{
    components::{LessonWish, Phase, Wish},
    player::{Player, Source},
    storage,
};

/// The lessons that the visitor has finished, with commas between.
const FINISHED: &str = "warren-lessons";

/// How far the visitor is in the lesson on the stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Course {
    /// Which step is read.
    pub(super) step: usize,
    /// What the visitor predicts.
    pub(super) choice: Option<usize>,
    pub(super) phase: Phase,
    /// Whether it is played, or was.
    pub(super) has_begun: bool,
    /// Whether its goal was reached; going back in time does not take that away.
    pub(super) is_done: bool,
}

impl Course {
    pub(super) const BEGINNING: Course =
        Course { step: 0, choice: None, phase: Phase::Predicting, has_begun: false, is_done: false };
}

impl App {
    /// Opens a lesson. One that asks something waits for the prediction.
    pub(super) fn open_lesson(&mut self, id: &'static str) {
        let mut player = Player::new(id);
        player.playing = !asks(&player);
        self.show(player);
    }

    /// What comes first is played at once: the page is there to be seen moving.
    pub(super) fn begin_lesson(&mut self) {
        // In another page nothing moves before it is asked to, and a class begins at its moment together.
        if self.is_embedded || self.given.at.is_some() {
            self.player.borrow_mut().playing = false;
            return;
        }
        let mut player = self.player.borrow_mut();
        if matches!(player.source, Source::Lesson(_)) {
            (player.playing, self.course.has_begun) = (true, true);
        }
    }

    pub(super) fn lesson(&mut self, wish: LessonWish) {
        match wish {
            LessonWish::Step(step) => self.course.step = step,
            LessonWish::Choose(choice) => self.course.choice = Some(choice),
            LessonWish::Play => self.player.borrow_mut().playing = true,
            LessonWish::Skip => {
                self.course.phase = Phase::Doing;
                self.player.borrow_mut().playing = true;
            }
            LessonWish::Judge => self.course.phase = Phase::Judged,
            LessonWish::Do => self.course.phase = Phase::Doing,
            LessonWish::StartOver => self.player.borrow_mut().wish(Wish::Restart),
            LessonWish::AsItWas(id) => {
                let course = self.course;
                self.show(Player::new(id));
                self.course = course;
            }
            LessonWish::Open(id) => self.visit(Address::Lesson(id)),
        }
    }

    /// Time has passed: the prediction may be judged now, or the goal reached.
    pub(super) fn follow_lesson(&mut self) {
        let player = self.player.borrow();
        self.course.has_begun |= player.playing;
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

fn asks(player: &Player) -> bool {
    player.scenario().lesson.as_ref().is_some_and(|lesson| lesson.prediction.is_some())
}
