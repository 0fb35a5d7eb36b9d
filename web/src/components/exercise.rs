//! What a lesson wants of the visitor: first a prediction, then something to do by hand.

use std::rc::Rc;

use warren_sim::{LessonPlan, Prediction, Scenario, Text, lessons, outages};
use yew::prelude::{Callback, Html, Properties, function_component, html};

use super::goal::{Milestone, goal};
use crate::i18n::Lang;

/// How far the visitor is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// The question is asked.
    Predicting,
    /// It is told what happens, and why.
    Judged,
    /// The task is to be done.
    Doing,
}

/// What the visitor wants of a lesson.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LessonWish {
    /// To crash the worker that the first visit is about.
    Crash,
    /// To read a step, and to see what it is about.
    Step(usize),
    /// To predict this.
    Choose(usize),
    /// To see it.
    Play,
    /// To see it without a prediction.
    Skip,
    /// To hear what is right.
    Judge,
    /// To go on to the task.
    Do,
    /// To see it from the beginning.
    StartOver,
    /// To have the scenario again as the lesson gave it.
    AsItWas(&'static str),
    /// To go on to another lesson.
    Open(&'static str),
}

#[derive(Properties, PartialEq)]
pub(crate) struct ExerciseProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    /// Which lesson it is, if it is one that comes with Warren.
    pub(crate) id: Option<&'static str>,
    pub(crate) phase: Phase,
    pub(crate) choice: Option<usize>,
    pub(crate) has_begun: bool,
    pub(crate) is_done: bool,
    /// Whether the answer is talked about elsewhere: in a class.
    pub(crate) hides_answers: bool,
    /// Whether the steps of the lesson have not been shown yet: they come after the answer, then.
    pub(crate) are_steps_next: bool,
    pub(crate) goal: Vec<Milestone>,
    pub(crate) on_wish: Callback<LessonWish>,
}

#[function_component]
pub(crate) fn Exercise(props: &ExerciseProps) -> Html {
    let Some(lesson) = &props.scenario.lesson else { return Html::default() };
    let content = match (&lesson.prediction, props.phase) {
        (Some(prediction), Phase::Predicting) => asked(props, prediction),
        (Some(prediction), Phase::Judged) if !props.hides_answers => judged(props, prediction),
        (Some(prediction), Phase::Judged) => answered(props, prediction),
        _ => task(props, lesson),
    };
    html! {
        <section class="panel exercise" data-testid="exercise" aria-label={props.lang.say("Exercise")}>
            { content }
        </section>
    }
}

fn asked(props: &ExerciseProps, prediction: &Prediction) -> Html {
    let lang = props.lang;
    let choices = prediction.choices.iter().enumerate().map(|(index, choice)| {
        html! {
            <label class="choice">
                <input
                    type="radio"
                    name="prediction"
                    data-testid={format!("choice-{}", index + 1)}
                    checked={props.choice == Some(index)}
                    onchange={props.on_wish.reform(move |_| LessonWish::Choose(index))}
                />
                <span>{ lang.pick(choice) }</span>
            </label>
        }
    });
    let chosen = props.choice.is_some();
    let actions = if props.has_begun && props.hides_answers {
        html! { { button(props, "to-task", !chosen, chosen, LessonWish::Do, lang.say("Your turn")) } }
    } else if props.has_begun {
        html! {
            <>
                { button(props, "judge", !chosen, chosen, LessonWish::Judge, lang.say("Show the answer")) }
                <span class="note">{ if chosen {
                    lang.say("or see how it ends")
                } else {
                    lang.say("What do you think?")
                } }</span>
            </>
        }
    } else {
        html! {
            <>
                { button(props, "predict", !chosen, chosen, LessonWish::Play, lang.say("Play and see")) }
                { button(props, "skip", false, false, LessonWish::Skip, lang.say("Skip")) }
            </>
        }
    };
    html! {
        <>
            <fieldset>
                <legend>{ lang.pick(&prediction.question) }</legend>
                { for choices }
            </fieldset>
            <div class="actions">{ actions }</div>
        </>
    }
}

/// What was chosen, and no word on whether it is right.
fn answered(props: &ExerciseProps, prediction: &Prediction) -> Html {
    let lang = props.lang;
    let said = props.choice.and_then(|choice| prediction.choices.get(choice));
    html! {
        <>
            <h3>{ lang.pick(&prediction.question) }</h3>
            <p role="status" data-testid="answered">
                if let Some(said) = said {
                    { lang.say("You chose: ") }<q>{ lang.pick(said) }</q>{ ". " }
                }
                { lang.say("Your teacher will talk about it with you.") }
            </p>
            <div class="actions">
                { button(props, "to-task", false, true, LessonWish::Do, lang.say("Your turn")) }
            </div>
        </>
    }
}

fn judged(props: &ExerciseProps, prediction: &Prediction) -> Html {
    let lang = props.lang;
    let right = (prediction.right as usize).wrapping_sub(1);
    let text = |choice: Option<&Text>| choice.map_or("", |choice| lang.pick(choice)).to_owned();
    let answer = text(prediction.choices.get(right));
    let said = props.choice.map(|choice| {
        let verdict =
            if choice == right { lang.say("That is what happens.") } else { lang.say("Not this time.") };
        let said = text(prediction.choices.get(choice));
        html! {
            <p>{ lang.say("You chose: ") }<q>{ said }</q>{ ". " }{ verdict }</p>
        }
    });
    html! {
        <>
            <h3>{ lang.pick(&prediction.question) }</h3>
            <div role="status" data-testid="verdict">
                { said }
                if props.choice != Some(right) {
                    <p>{ lang.say("If nobody interferes: ") }<q>{ answer }</q>{ "." }</p>
                }
                <p>{ lang.pick(&prediction.because) }</p>
            </div>
            <div class="actions">
                if props.are_steps_next {
                    { button(props, "to-steps", false, true, LessonWish::Step(0), lang.say("Now step by step")) }
                }
                { button(props, "to-task", false, !props.are_steps_next, LessonWish::Do, lang.say("Your turn")) }
            </div>
        </>
    }
}

fn task(props: &ExerciseProps, lesson: &LessonPlan) -> Html {
    let lang = props.lang;
    let next = props.id.and_then(next_lesson).map(|next| {
        let name = lang.say("Next lesson");
        button(props, "next-lesson", false, props.is_done, LessonWish::Open(next), name)
    });
    let over = button(props, "start-over", false, false, LessonWish::StartOver, lang.say("Restart the task"));
    let task = lesson.task.as_ref().map_or_else(
        || {
            html! { <p>{ lang.say(
            "What the task was about is not here any more.") }</p> }
        },
        |task| html! { <><p>{ lang.pick(task) }</p>{ goal(lang, &props.goal, props.is_done) }</> },
    );
    html! {
        <>
            <h3>{ lang.say("Your turn") }</h3>
            { task }
            <div role="status" data-testid="done">
                if props.is_done {
                    <p class="done">{ lang.say("✓ Done") }</p>
                }
            </div>
            <div class="actions">{ over }{ next }</div>
        </>
    }
}

fn button(
    props: &ExerciseProps,
    id: &'static str,
    is_off: bool,
    is_main: bool,
    wish: LessonWish,
    name: &'static str,
) -> Html {
    let class = if is_main { "main" } else { "" };
    html! {
        // With a key, so that none becomes another one under a finger or with the focus.
        <button key={id} {class} data-testid={id} disabled={is_off} onclick={props.on_wish.reform(move |_| wish)}>
            { name }
        </button>
    }
}

/// The lesson or outage that follows; the outages follow the lessons.
fn next_lesson(id: &str) -> Option<&'static str> {
    let all = lessons::all().iter().chain(outages::all());
    all.skip_while(|lesson| lesson.id != id).nth(1).map(|lesson| lesson.id)
}
