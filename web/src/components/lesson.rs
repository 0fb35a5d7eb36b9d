//! What a scenario is called and has to say: its summary, or the steps of a lesson, one at a time.

use std::rc::Rc;

use warren_sim::Scenario;
use yew::prelude::{Callback, Html, classes, html};

use super::{LessonWish, linked::linked};
use crate::i18n::Lang;

pub(crate) struct Lesson {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    /// Which step is read.
    pub(crate) step: usize,
    /// What else can be done with it.
    pub(crate) reset: Html,
    pub(crate) on_wish: Callback<LessonWish>,
}

impl Lesson {
    pub(crate) fn view(&self) -> Html {
        let (lang, scenario) = (self.lang, &self.scenario);
        let content = match &scenario.lesson {
            None => html! { <p class="summary">{ lang.pick(&scenario.summary) }</p> },
            Some(lesson) => {
                let last = lesson.steps.len().saturating_sub(1);
                let step = self.step.min(last);
                let text = lesson.steps.get(step).map_or("", |text| lang.pick(text));
                html! {
                    <>
                        <p class="summary" data-testid="lesson-text" aria-live="polite">{ linked(text) }</p>
                        if last > 0 {
                            { steps(self, step, last) }
                        }
                    </>
                }
            }
        };
        html! {
            <section class="lesson" aria-label={lang.say("Lesson", "Урок")}>
                <h2>{ lang.pick(&scenario.title) }{ self.reset.clone() }</h2>
                { content }
            </section>
        }
    }
}

/// Back and next, and a dot for each step.
fn steps(props: &Lesson, step: usize, last: usize) -> Html {
    let lang = props.lang;
    let to = |step: usize| props.on_wish.reform(move |_| LessonWish::Step(step));
    let dots = (0..=last).map(|dot| html! { <i class={classes!((dot == step).then_some("current"))} /> });
    html! {
        <div class="steps-of-lesson">
            <button data-testid="lesson-back" disabled={step == 0} onclick={to(step.saturating_sub(1))}>
                { lang.say("Back", "Назад") }
            </button>
            <span class="dots" role="img" aria-label={format!("{} / {}", step + 1, last + 1)}>{ for dots }</span>
            <button data-testid="lesson-next" disabled={step == last} onclick={to(step + 1)}>
                { lang.say("Next", "Дальше") }
            </button>
        </div>
    }
}
