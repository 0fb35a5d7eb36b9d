//! What a scenario is called and has to say: its summary, or the steps of a lesson, one at a time.

use std::rc::Rc;

use warren_sim::Scenario;
use yew::prelude::{AttrValue, Callback, Html, Properties, classes, function_component, html};

use super::{LessonWish, linked::linked};
use crate::i18n::Lang;

#[derive(Properties, PartialEq)]
pub(crate) struct LessonProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    /// Which step is read.
    pub(crate) step: usize,
    /// What it is called, if the visitor has given it a name.
    pub(crate) name: Option<AttrValue>,
    /// The lesson that it was before it was changed.
    pub(crate) was: Option<&'static str>,
    pub(crate) on_wish: Callback<LessonWish>,
}

#[function_component]
pub(crate) fn Lesson(props: &LessonProps) -> Html {
    let (lang, scenario) = (props.lang, &props.scenario);
    let title = props.name.as_deref().unwrap_or_else(|| lang.pick(&scenario.title)).to_owned();
    let reset = props.was.map(|id| {
        let onclick = props.on_wish.reform(move |_| LessonWish::AsItWas(id));
        html! {
            <button class="quiet" data-testid="reset" {onclick}>{ lang.say("Reset lesson", "Сбросить урок") }</button>
        }
    });
    let content = match &scenario.lesson {
        None => html! { <p class="summary">{ lang.pick(&scenario.summary) }</p> },
        Some(lesson) => {
            let last = lesson.steps.len().saturating_sub(1);
            let step = props.step.min(last);
            let text = lesson.steps.get(step).map_or("", |text| lang.pick(text));
            html! {
                <>
                    <p class="summary" data-testid="lesson-text" aria-live="polite">{ linked(text) }</p>
                    if last > 0 {
                        { steps(props, step, last) }
                    }
                </>
            }
        }
    };
    html! {
        <section class="lesson" aria-label={lang.say("Lesson", "Урок")}>
            <h2>{ title }{ reset }</h2>
            { content }
        </section>
    }
}

/// Back and next, and a dot for each step.
fn steps(props: &LessonProps, step: usize, last: usize) -> Html {
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
