//! The gallery: patterns of production, each with a picture, a name and a sentence.

use warren_sim::{Scenario, gallery};
use yew::prelude::{Callback, Html, Properties, classes, function_component, html, use_memo};

use crate::{
    files,
    i18n::Lang,
    scene::{Folding, Layout},
};

/// What a picture is drawn on, in CSS pixels, before it is made small.
const WIDTH: f64 = 680.0;

#[derive(Properties, PartialEq)]
pub(super) struct GalleryProps {
    pub(super) lang: Lang,
    /// What is played, if it comes with Warren.
    pub(super) current: Option<&'static str>,
    pub(super) on_open: Callback<&'static str>,
}

struct Example {
    id: &'static str,
    scenario: Scenario,
    /// Its picture, as an address.
    picture: String,
}

#[function_component]
pub(super) fn Gallery(props: &GalleryProps) -> Html {
    let lang = props.lang;
    let examples = use_memo((), |()| examples());
    let items = examples.iter().map(|example| {
        let (id, scenario) = (example.id, &example.scenario);
        let is_current = Some(id) == props.current;
        html! {
            <li>
                <button
                    class={classes!("quiet", is_current.then_some("current"))}
                    aria-current={is_current.then_some("true")}
                    data-testid={format!("lesson-{id}")}
                    onclick={props.on_open.reform(move |_| id)}
                >
                    <img src={example.picture.clone()} alt="" width="136" height="80" />
                    <span>
                        <b>{ lang.pick(&scenario.title) }</b>
                        <small>{ first_sentence(lang.pick(&scenario.summary)) }</small>
                    </span>
                </button>
            </li>
        }
    });
    html! {
        <>
            <h2 class="gallery-title">{ lang.say("Gallery: patterns of production") }</h2>
            <ul class="gallery" data-testid="gallery">{ for items }</ul>
        </>
    }
}

fn examples() -> Vec<Example> {
    let example = |example: &warren_sim::lessons::Lesson| {
        let scenario = Scenario::parse(example.id, example.toml).ok()?;
        let layout =
            Layout::new(&scenario, WIDTH, Layout::wanted_height(&scenario, &Folding::default(), WIDTH));
        let drawn = String::from(js_sys::encode_uri_component(&files::svg(&layout)));
        Some(Example { id: example.id, scenario, picture: ["data:image/svg+xml,", &drawn].concat() })
    };
    gallery::all().iter().filter_map(example).collect()
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}
