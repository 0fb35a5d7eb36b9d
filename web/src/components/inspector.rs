//! What is picked, with all that can be changed of it. The scenario's own parser and the core judge what is typed.

use std::rc::Rc;

use warren_sim::{ActorId, Binding, Scenario, warren_core::Name};
use yew::prelude::{Callback, Html, Properties, function_component, html};

use super::{
    badges::badges,
    form::{self, Form},
};
use crate::{
    editor::{Edit, Item},
    i18n::{Lang, say},
    player::Selection,
    scene::{Place, badges_of},
};

#[derive(Properties, PartialEq)]
pub(crate) struct InspectorProps {
    pub(crate) lang: Lang,
    pub(crate) scenario: Rc<Scenario>,
    /// Which topology it is.
    pub(crate) document: u32,
    pub(crate) selection: Selection,
    /// What the broker has refused, and to whom.
    pub(crate) refusals: Vec<(String, String)>,
    /// Whether the exchange that is picked is folded with its queues, if they are worth it.
    pub(crate) is_folded: Option<bool>,
    /// An exchange, and whether it is to be folded.
    pub(crate) on_fold: Callback<(Name, bool)>,
    pub(crate) on_edit: Callback<Edit>,
    pub(crate) on_select: Callback<Selection>,
    pub(crate) on_close: Callback<()>,
}

#[function_component]
pub(crate) fn Inspector(props: &InspectorProps) -> Html {
    let lang = props.lang;
    let content = match (props.selection.binding, props.selection.only_place()) {
        (Some(binding), _) => binding_panel(props, binding),
        (None, Some(place)) => place_panel(props, place),
        (None, None) => several_panel(props),
    };
    let refusals = props.refusals.iter().map(|(who, why)| {
        html! {
            <p class="complaint" data-testid="refusal">
                { lang.say("The broker to ") }<b>{ who }</b>{ ": " }{ why }
            </p>
        }
    });
    html! {
        <section key="editor" class="panel editor" data-testid="editor" aria-label={lang.say("Properties")}>
            <button
                class="quiet close"
                aria-label={lang.say("Close")}
                onclick={props.on_close.reform(|_| ())}
            >
                { "✕" }
            </button>
            { content }
            { for refusals }
        </section>
    }
}

/// What of the file a place is.
pub(crate) fn item_of(place: &Place, scenario: &Scenario) -> Option<Item> {
    Some(match place {
        Place::Producer(actor) => Item::Producer(actor.0 as usize),
        Place::Consumer(actor) => Item::Consumer((actor.0 as usize).checked_sub(scenario.producers.len())?),
        Place::Exchange(name) => {
            Item::Exchange(scenario.exchanges.iter().position(|exchange| *exchange.name == **name)?)
        }
        Place::Queue(name) => Item::Queue(scenario.queues.iter().position(|queue| *queue.name == **name)?),
        Place::Disk => Item::Disk,
        Place::Queues(_) | Place::Consumers(_) => return None,
    })
}

fn place_panel(props: &InspectorProps, place: &Place) -> Html {
    let (lang, scenario) = (props.lang, &props.scenario);
    let name = place.name(scenario);
    let kind = match place {
        // What is folded has a panel of its own.
        Place::Queues(_) | Place::Consumers(_) => return Html::default(),
        Place::Producer(_) => lang.say("Producer"),
        Place::Consumer(_) => lang.say("Consumer"),
        Place::Exchange(_) => lang.say("Exchange"),
        Place::Queue(_) => lang.say("Queue"),
        Place::Disk => lang.say("The broker's disk"),
    };
    let Some(item) = item_of(place, scenario) else {
        return html! {
            <>
                <h2>{ lang.say("The default exchange") }</h2>
                { fold(props, place) }
                <p class="note">{ lang.say(
                    "It is always there, and leads to every queue by the queue's name.") }</p>
            </>
        };
    };
    let named = (!name.is_empty()).then(|| place.clone());
    html! {
        <>
            <h2>{ kind }</h2>
            { badges(lang, &badges_of(scenario, place)) }
            { code_note(lang, scenario, place, &name) }
            { form(props, item, named) }
            { fold(props, place) }
            { bindings(props, place) }
            { connections(props, place) }
            { client(props, place) }
            { actions(props, [place.clone()].into()) }
        </>
    }
}

/// What an actor with code does is not what its fields say.
fn code_note(lang: Lang, scenario: &Scenario, place: &Place, name: &str) -> Html {
    let is_actor = matches!(place, Place::Producer(_) | Place::Consumer(_));
    if !is_actor || !scenario.programs().any(|(actor, _)| actor == name) {
        return Html::default();
    }
    html! {
        <p class="note" data-testid="plays-code">{ lang.say(
            "It plays code of its own: see the tab Code. What is set here, but for its name, its start and its link, is for without code.") }</p>
    }
}

fn form(props: &InspectorProps, item: Item, named: Option<Place>) -> Html {
    let (document, scenario, on_edit) = (props.document, props.scenario.clone(), props.on_edit.clone());
    html! {
        <Form key={form::key(document, item)} lang={props.lang} {item} {scenario} {document} {named} {on_edit} />
    }
}

/// An exchange that leads to many queues can be folded with them.
fn fold(props: &InspectorProps, place: &Place) -> Html {
    let (lang, (Place::Exchange(exchange), Some(is_folded))) = (props.lang, (place, props.is_folded)) else {
        return Html::default();
    };
    let exchange = exchange.clone();
    let text = if is_folded { lang.say("Unfold its queues") } else { lang.say("Fold its queues") };
    html! {
        <div class="actions">
            <button data-testid="fold" onclick={props.on_fold.reform(move |_| (exchange.clone(), !is_folded))}>
                { text }
            </button>
        </div>
    }
}

/// The bindings that lead here or away from here: on the stage they are thin.
fn bindings(props: &InspectorProps, place: &Place) -> Html {
    let ends_here = |binding: &Binding| match place {
        Place::Exchange(name) => {
            binding.exchange == **name || binding.to_exchange.as_ref().is_some_and(|to| *to == **name)
        }
        Place::Queue(name) => binding.queue.as_ref().is_some_and(|queue| *queue == **name),
        _ => false,
    };
    let bound = props.scenario.bindings.iter().enumerate().filter(|(_, binding)| ends_here(binding));
    let buttons: Vec<Html> = bound
        .map(|(index, binding)| {
            let to = binding.queue.as_ref().or(binding.to_exchange.as_ref()).cloned().unwrap_or_default();
            let onclick = props.on_select.reform(move |_| Selection::binding(index));
            html! {
                <li>
                    <button class="quiet" data-testid={format!("binding-{index}")} {onclick}>
                        { &binding.exchange }{ " → " }{ to }<code>{ &binding.routing_key }</code>
                    </button>
                </li>
            }
        })
        .collect();
    if buttons.is_empty() {
        return Html::default();
    }
    html! {
        <div class="bindings">
            <h3>{ props.lang.say("Bindings") }</h3>
            <ul data-testid="bindings">{ for buttons }</ul>
        </div>
    }
}

/// Where messages can go from here, for those who do not drag.
fn connections(props: &InspectorProps, place: &Place) -> Html {
    let (lang, scenario) = (props.lang, &props.scenario);
    let queues = || scenario.queues.iter().map(|queue| Place::Queue(queue.name.as_str().into()));
    let exchanges =
        || scenario.exchanges.iter().map(|exchange| Place::Exchange(exchange.name.as_str().into()));
    let targets: Vec<Place> = match place {
        Place::Exchange(name) if !name.is_empty() => {
            queues().chain(exchanges().filter(|other| other != place)).collect()
        }
        Place::Queue(_) => exchanges().collect(),
        Place::Producer(_) => queues().chain(exchanges()).collect(),
        _ => Vec::new(),
    };
    if targets.is_empty() {
        return Html::default();
    }
    let buttons = targets.into_iter().map(|target| {
        let name = target.name(scenario);
        let edit = Edit::Connect(place.clone(), target);
        html! {
            <button data-testid={format!("connect-{name}")} onclick={props.on_edit.reform(move |_| edit.clone())}>
                { name }
            </button>
        }
    });
    let title = match place {
        Place::Queue(_) => lang.say("Dead letters to"),
        Place::Exchange(_) => lang.say("Bind to"),
        _ => lang.say("Send to"),
    };
    html! { <div class="connect"><h3>{ title }</h3>{ for buttons }</div> }
}

/// Whom an actor can share a client with.
fn client(props: &InspectorProps, place: &Place) -> Html {
    let (lang, scenario) = (props.lang, &props.scenario);
    let name = place.name(scenario);
    let Some(own) = scenario.seats().find(|seat| seat.actor == name) else { return Html::default() };
    if !matches!(place, Place::Producer(_) | Place::Consumer(_)) {
        return Html::default();
    }
    let actors = (0..).map(ActorId).zip(scenario.seats());
    let buttons = actors.filter(|(_, seat)| !seat.shares_connection(own)).map(|(id, seat)| {
        let is_producer = (id.0 as usize) < scenario.producers.len();
        let other = if is_producer { Place::Producer(id) } else { Place::Consumer(id) };
        let edit = Edit::Connect(place.clone(), other);
        html! {
            <button data-testid={format!("join-{}", seat.actor)} onclick={props.on_edit.reform(move |_| edit.clone())}>
                { seat.actor }
            </button>
        }
    });
    let buttons: Vec<Html> = buttons.collect();
    if buttons.is_empty() {
        return Html::default();
    }
    let title = lang.say("One client, on one connection with");
    html! { <div class="connect"><h3>{ title }</h3>{ for buttons }</div> }
}

fn binding_panel(props: &InspectorProps, binding: usize) -> Html {
    let lang = props.lang;
    let Some(bound) = props.scenario.bindings.get(binding) else { return Html::default() };
    let to = bound.queue.as_ref().or(bound.to_exchange.as_ref()).cloned().unwrap_or_default();
    html! {
        <>
            <h2>{ lang.say("Binding") }</h2>
            <p class="note">{ &bound.exchange }{ " → " }{ to }</p>
            { form(props, Item::Binding(binding), None) }
            <div class="actions">
                <button data-testid="remove" onclick={props.on_edit.reform(move |_| Edit::RemoveBinding(binding))}>
                    { lang.say("Remove") }
                </button>
            </div>
        </>
    }
}

fn several_panel(props: &InspectorProps) -> Html {
    let lang = props.lang;
    let places = &props.selection.places;
    let names = places.iter().map(|place| place.name(&props.scenario)).collect::<Vec<_>>().join(", ");
    html! {
        <>
            <h2>{ say!(lang, "Picked: {count}", count = places.len()) }</h2>
            <p class="note">{ names }</p>
            { actions(props, places.clone()) }
        </>
    }
}

fn actions(props: &InspectorProps, places: warren_core::ordered::OrdSet<Place>) -> Html {
    let lang = props.lang;
    let removed = places.clone();
    html! {
        <div class="actions">
            <button data-testid="duplicate" onclick={props.on_edit.reform(move |_| Edit::Duplicate(places.clone()))}>
                { lang.say("Duplicate") }
            </button>
            <button data-testid="remove" onclick={props.on_edit.reform(move |_| Edit::Remove(removed.clone()))}>
                { lang.say("Remove") }
            </button>
        </div>
    }
}
