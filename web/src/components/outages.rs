//! The outages to live through, a group of their own beside lessons and gallery.

use warren_sim::{Scenario, outages};
use yew::prelude::{AttrValue, Callback, Html, Properties, classes, function_component, html, use_memo};

use crate::{app::is_finished, i18n::Lang};

#[derive(Properties, PartialEq)]
pub(super) struct OutagesProps {
    pub(super) lang: Lang,
    /// What is played, if it comes with Warren.
    pub(super) current: Option<&'static str>,
    /// The lessons and outages that were finished.
    pub(super) finished: AttrValue,
    pub(super) on_open: Callback<&'static str>,
}

#[function_component]
pub(super) fn Outages(props: &OutagesProps) -> Html {
    let lang = props.lang;
    // Read once, when the menu opens.
    let scenarios = use_memo((), |()| {
        let read = |outage: &warren_sim::lessons::Lesson| {
            Some((outage.id, Scenario::parse(outage.id, outage.toml).ok()?))
        };
        outages::all().iter().filter_map(read).collect::<Vec<_>>()
    });
    let items = scenarios.iter().map(|(id, scenario)| {
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
                    { lang.pick(&scenario.title) }{ finished }
                </button>
            </li>
        }
    });
    html! {
        <>
            <h2 class="gallery-title">{ lang.say("Outages to live through, after public post-mortems",
                "Сбои, которые можно пережить: по открытым разборам") }</h2>
            <ol class="lessons" data-testid="outages">{ for items }</ol>
        </>
    }
}
