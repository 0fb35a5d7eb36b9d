//! The menu of lessons, with outages and the gallery below them.

use warren_sim::{Scenario, Text, lessons, outages};
use yew::prelude::{AttrValue, Callback, Html, Properties, classes, function_component, html, use_memo};

use super::gallery::Gallery;
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
    let lessons = use_memo((), |()| titles(lessons::all()));
    let outages = use_memo((), |()| titles(outages::all()));
    html! {
        <>
            { list(props, &lessons, "lesson-list") }
            <h2 class="gallery-title">{ lang.say("Outages to live through, after public post-mortems") }</h2>
            { list(props, &outages, "outages") }
            <Gallery {lang} current={props.current} on_open={props.on_open.clone()} />
        </>
    }
}

/// Lessons in their order, with what is played and what was finished.
fn list(props: &LessonsProps, titles: &[(&'static str, Text)], id: &'static str) -> Html {
    let lang = props.lang;
    let items = titles.iter().map(|(id, title)| {
        let id = *id;
        let is_current = Some(id) == props.current;
        let finished = is_finished(&props.finished, id).then(|| {
            let name = lang.say_in("a lesson", "finished");
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
    html! { <ol class="lessons" data-testid={id}>{ for items }</ol> }
}

fn titles(all: &[lessons::Lesson]) -> Vec<(&'static str, Text)> {
    let title =
        |lesson: &lessons::Lesson| Some((lesson.id, Scenario::parse(lesson.id, lesson.toml).ok()?.title));
    all.iter().filter_map(title).collect()
}
