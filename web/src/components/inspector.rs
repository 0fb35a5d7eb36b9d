//! One message: its properties and its story.

use yew::prelude::{Callback, Html, MouseEvent, Properties, function_component, html};

use crate::i18n::Words;

/// A message as the inspector shows it.
#[derive(Clone, PartialEq)]
pub(crate) struct Inspected {
    pub(crate) number: u64,
    /// Names and values.
    pub(crate) properties: Vec<(String, String)>,
    /// When, who, what.
    pub(crate) story: Vec<(String, String, String)>,
}

#[derive(Properties, PartialEq)]
pub(crate) struct InspectorProps {
    pub(crate) words: &'static Words,
    pub(crate) message: Inspected,
    pub(crate) on_close: Callback<MouseEvent>,
}

#[function_component]
pub(crate) fn Inspector(props: &InspectorProps) -> Html {
    let (words, message) = (props.words, &props.message);
    let properties = message.properties.iter().map(|(name, value)| {
        html! { <><dt>{ name }</dt><dd>{ value }</dd></> }
    });
    let story = message.story.iter().map(|(when, who, what)| {
        html! { <li><time>{ when }</time><b>{ who }</b>{ " " }{ what }</li> }
    });
    html! {
        <section class="panel inspector" data-testid="inspector" aria-label={words.message}>
            <h2>{ format!("{} {}", words.message, message.number) }</h2>
            <button class="quiet close" onclick={&props.on_close}>{ words.close }</button>
            <dl class="properties">{ for properties }</dl>
            <ol class="story">{ for story }</ol>
        </section>
    }
}
