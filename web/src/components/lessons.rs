//! The lessons to choose from.

use warren_sim::{Scenario, lessons};
use yew::prelude::{Callback, Html, Properties, classes, function_component, html};

use crate::i18n::Lang;

#[derive(Properties, PartialEq)]
pub(crate) struct LessonsProps {
    pub(crate) lang: Lang,
    pub(crate) current: &'static str,
    pub(crate) on_open: Callback<&'static str>,
}

#[function_component]
pub(crate) fn Lessons(props: &LessonsProps) -> Html {
    let buttons = lessons::all().iter().filter_map(|lesson| {
        let scenario = Scenario::parse(lesson.id, lesson.toml).ok()?;
        let is_current = lesson.id == props.current;
        let onclick = props.on_open.reform(move |_| lesson.id);
        Some(html! {
            <button
                class={classes!(is_current.then_some("current"))}
                aria-pressed={is_current.to_string()}
                data-testid={format!("lesson-{}", lesson.id)}
                {onclick}
            >
                { props.lang.pick(&scenario.title) }
            </button>
        })
    });
    html! { <nav class="lessons" aria-label={props.lang.words().lessons}>{ for buttons }</nav> }
}
