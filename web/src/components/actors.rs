//! Producers and consumers as a list, for keyboards and screen readers.

use warren_sim::{ActorId, ActorView, Status};
use yew::prelude::{Callback, Html, Properties, classes, function_component, html};

use crate::{i18n::Words, player::is_down};

#[derive(Properties, PartialEq)]
pub(crate) struct ActorsProps {
    pub(crate) words: &'static Words,
    pub(crate) actors: Vec<ActorView>,
    pub(crate) on_toggle: Callback<ActorId>,
}

#[function_component]
pub(crate) fn Actors(props: &ActorsProps) -> Html {
    let words = props.words;
    let rows = props.actors.iter().map(|actor| {
        let (id, down) = (actor.id, is_down(actor));
        let status = match actor.status {
            Status::Up => words.up,
            Status::Waiting | Status::Connecting | Status::Disconnected => words.connecting,
            Status::Crashed | Status::Refused => words.down,
        };
        let action = if down { words.revive } else { words.crash };
        html! {
            <li class={classes!(down.then_some("down"))} data-testid={format!("actor-{}", actor.name)}>
                <span class="name">{ &actor.name }</span>
                <span class="status">{ status }</span>
                <button
                    data-testid={format!("crash-{}", actor.name)}
                    aria-label={format!("{action} {}", actor.name)}
                    onclick={props.on_toggle.reform(move |_| id)}
                >
                    { action }
                </button>
            </li>
        }
    });
    html! {
        <section class="panel actors" aria-label={words.actors}>
            <h2>{ words.actors }</h2>
            <ul>{ for rows }</ul>
        </section>
    }
}
