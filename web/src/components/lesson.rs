//! What a scenario is called and has to say: its summary, or the steps of a lesson, one at a time.

use std::rc::Rc;

use warren_sim::{Scenario, lessons};
use yew::prelude::{AttrValue, Callback, Html, Properties, classes, function_component, html};

use super::{LessonWish, Phase, linked::linked};
use crate::i18n::{Lang, say};

#[derive(Properties, PartialEq)]
pub(crate) struct LessonProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    /// Which lesson it is, if it is one that comes with Warren.
    pub(crate) id: Option<&'static str>,
    /// Which step is read.
    pub(crate) step: usize,
    pub(crate) phase: Phase,
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
            <button class="quiet" data-testid="reset" {onclick}>{ lang.say("Reset lesson") }</button>
        }
    });
    let content = match &scenario.lesson {
        None => html! { <p class="summary">{ lang.pick(&scenario.summary) }</p> },
        Some(lesson) => {
            let last = lesson.steps.len().saturating_sub(1);
            let step = props.step.min(last);
            let text = lesson.steps.get(step).map_or("", |step| lang.pick(&step.text));
            html! {
                <>
                    <p class="summary" data-testid="lesson-text" aria-live="polite">{ linked(text) }</p>
                    { steps(props, step, last) }
                </>
            }
        }
    };
    html! {
        <section class="lesson" aria-label={lang.say("Lesson")}>
            <h2>{ title }{ number(props) }{ reset }</h2>
            { content }
        </section>
    }
}

/// Which lesson it is, of how many.
fn number(props: &LessonProps) -> Html {
    let all = lessons::all();
    let index = props.id.and_then(|id| all.iter().position(|lesson| lesson.id == id));
    let number = index.map(|index| say!(props.lang, "{at} of {of}", at = index + 1, of = all.len()));
    html! { if let Some(number) = number { <small>{ number }</small> } }
}

/// Back and next, and a dot for each step. After the last step it is the visitor's turn.
fn steps(props: &LessonProps, step: usize, last: usize) -> Html {
    let lang = props.lang;
    let to = |wish: LessonWish| props.on_wish.reform(move |_| wish);
    let dots = (0..=last).map(|dot| html! { <i class={classes!((dot == step).then_some("current"))} /> });
    let next = match props.phase {
        _ if step < last => html! {
            <button data-testid="lesson-next" onclick={to(LessonWish::Step(step + 1))}>
                { lang.say("Next") }
            </button>
        },
        Phase::Predicting => html! {
            <button data-testid="lesson-turn" onclick={to(LessonWish::Do)}>{ lang.say("Your turn") }</button>
        },
        // The way to the task, and from there to the next lesson, stands below.
        Phase::Judged | Phase::Doing => html! {
            <button data-testid="lesson-again" onclick={to(LessonWish::Step(step))}>{ lang.say("Again") }</button>
        },
    };
    html! {
        <div class="steps-of-lesson">
            <button data-testid="lesson-back" disabled={step == 0} onclick={to(LessonWish::Step(step.saturating_sub(1)))}>
                { lang.say("Back") }
            </button>
            if last > 0 {
                <span class="dots" role="img" aria-label={format!("{} / {}", step + 1, last + 1)}>{ for dots }</span>
            }
            { next }
        </div>
    }
}
