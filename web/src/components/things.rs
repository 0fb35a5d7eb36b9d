//! Everything that stands on the stage as a list, for keyboards and screen readers.

use std::rc::Rc;

use warren_core::ordered::OrdSet;
use web_sys::MouseEvent;
use yew::prelude::{Callback, Html, Properties, classes, function_component, html};

use super::controls::is_first_click;
use crate::{i18n::Lang, player::Selection, scene::Place};

/// Something on the stage.
#[derive(Clone, PartialEq)]
pub(crate) struct Thing {
    pub(crate) place: Place,
    pub(crate) name: String,
    /// How it fares, in a word or a few figures.
    pub(crate) state: String,
    /// What can be done with one press: its name.
    pub(crate) action: Option<&'static str>,
    pub(crate) is_down: bool,
}

#[derive(Properties, PartialEq)]
pub(crate) struct ThingsProps {
    pub(crate) lang: Lang,
    pub(crate) things: Rc<Vec<Thing>>,
    pub(crate) picked: OrdSet<Place>,
    pub(crate) on_select: Callback<Selection>,
    pub(crate) on_toggle: Callback<Place>,
}

#[function_component]
pub(crate) fn Things(props: &ThingsProps) -> Html {
    let lang = props.lang;
    let rows = props.things.iter().map(|thing| {
        let (place, picked) = (thing.place.clone(), thing.place.clone());
        let is_picked = props.picked.contains(&thing.place);
        let action = thing.action.map(|action| {
            let on_toggle = props.on_toggle.clone();
            let onclick = move |event: MouseEvent| {
                if is_first_click(&event) {
                    on_toggle.emit(place.clone());
                }
            };
            html! {
                <button
                    data-testid={format!("crash-{}", thing.name)}
                    aria-label={format!("{action} {}", thing.name)}
                    {onclick}
                >
                    { action }
                </button>
            }
        });
        html! {
            <li
                class={classes!(thing.is_down.then_some("down"), is_picked.then_some("picked"))}
                data-testid={format!("actor-{}", thing.name)}
            >
                <button
                    class="quiet name"
                    data-testid={format!("pick-{}", thing.name)}
                    aria-pressed={is_picked.to_string()}
                    onclick={props.on_select.reform(move |_| Selection::place(picked.clone()))}
                >
                    { &thing.name }
                </button>
                <span class="status">{ &thing.state }</span>
                { action }
            </li>
        }
    });
    html! {
        <section class="panel things" aria-label={lang.say("On the stage")}>
            <h2>{ lang.say("On the stage") }</h2>
            <ul>{ for rows }</ul>
        </section>
    }
}
