//! An exchange that is folded with its queues: what is folded, each by its name, and the button that unfolds it.

use std::rc::Rc;

use warren_sim::{Scenario, warren_core::Name};
use yew::prelude::{Callback, Html, Properties, function_component, html};

use crate::{
    i18n::{Lang, say},
    player::Selection,
    scene::{Fold, Place},
};

#[derive(Properties, PartialEq)]
pub(crate) struct FoldedProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    pub(crate) fold: Fold,
    /// Whether its consumers are looked at, or its queues.
    pub(crate) are_consumers: bool,
    /// An exchange, and whether it is to be folded.
    pub(crate) on_fold: Callback<(Name, bool)>,
    pub(crate) on_select: Callback<Selection>,
    pub(crate) on_close: Callback<()>,
}

#[function_component]
pub(crate) fn Folded(props: &FoldedProps) -> Html {
    let lang = props.lang;
    let exchange = props.fold.exchange.clone();
    let of = if exchange.is_empty() {
        lang.say("of the default exchange").to_owned()
    } else {
        say!(lang, "of exchange {name}", name = exchange)
    };
    let (what, places): (_, Vec<Place>) = if props.are_consumers {
        let consumers = props.fold.consumers.iter().map(|id| Place::Consumer(*id));
        (lang.say("Consumers of the queues"), consumers.collect())
    } else {
        let queues = props.fold.queues.iter().map(|queue| Place::Queue(queue.clone()));
        (lang.say("Queues"), queues.collect())
    };
    let row = |place: &Place| {
        let (name, picked) = (place.name(&props.scenario), place.clone());
        html! {
            <li>
                <button
                    class="quiet"
                    data-testid={format!("folded-{name}")}
                    onclick={props.on_select.reform(move |_| Selection::place(picked.clone()))}
                >
                    { name }
                </button>
            </li>
        }
    };
    html! {
        <section key="editor" class="panel editor folded" data-testid="folded" aria-label={what}>
            <button
                class="quiet close"
                aria-label={lang.say("Close")}
                onclick={props.on_close.reform(|_| ())}
            >
                { "✕" }
            </button>
            <h2>{ say!(lang, "{what} {of}: {count}", what, of, count = places.len()) }</h2>
            <div class="actions">
                <button
                    data-testid="unfold"
                    onclick={props.on_fold.reform(move |_| (exchange.clone(), false))}
                >
                    { lang.say("Unfold") }
                </button>
            </div>
            <ul>{ for places.iter().map(row) }</ul>
        </section>
    }
}
