//! The menu of lessons, with outages and the gallery below them.

use warren_sim::{Scenario, Text, lessons};
use yew::prelude::{AttrValue, Callback, Html, Properties, classes, function_component, html, use_memo};

use super::{gallery::Gallery, outages::Outages};
use crate::{app::is_finished, i18n::Lang};

#[derive(Properties, PartialEq)]
pub(super) struct LessonsProps {
    pub(super) lang: Lang,
    /// What is played, if it comes with Warren.
    pub(super) current: Option<&'static str>,
    /// The lessons that were finished, with commas between.
    pub(super) finished: AttrValue,
    pub(super) on_open: Callback<&'static str>,
}

#[function_component]
pub(super) fn Lessons(props: &LessonsProps) -> Html {
    let lang = props.lang;
    // Read once, when the menu opens.
    let titles = use_memo((), |()| titles());
    let items = titles.iter().map(|(id, title)| {
        let id = *id;
        let is_current = Some(id) == props.current;
        let finished = is_finished(&props.finished, id).then(|| {
            let name = lang.say("finished", "пройден");
            html! { <span class="finished" role="img" aria-label={name} title={name}>{ "✓" }</span> }
        });
        html! {
            <li>
                <button
                    class={classes!("quiet", is_current.then_some("current"))}
                    aria-current={is_current.then_some("true")}
                    data-testid={format!("lesson-{id}")}
                    onclick={props.on_open.reform(move |_| id)}
                >
                    { lang.pick(title) }{ finished }
                </button>
            </li>
        }
    });
    html! {
        <>
            <ol class="lessons">{ for items }</ol>
            <Outages
                {lang}
                current={props.current}
                finished={props.finished.clone()}
                on_open={props.on_open.clone()}
            />
            <Gallery {lang} current={props.current} on_open={props.on_open.clone()} />
        </>
    }
}

fn titles() -> Vec<(&'static str, Text)> {
    let title =
        |lesson: &lessons::Lesson| Some((lesson.id, Scenario::parse(lesson.id, lesson.toml).ok()?.title));
    lessons::all().iter().filter_map(title).collect()
}
