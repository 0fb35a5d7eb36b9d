//! The name, what it is, and the language.

use yew::prelude::{Callback, Html, MouseEvent, Properties, function_component, html};

use crate::i18n::Words;

#[derive(Properties, PartialEq)]
pub(crate) struct HeaderProps {
    pub(crate) words: &'static Words,
    pub(crate) on_language: Callback<MouseEvent>,
}

#[function_component]
pub(crate) fn Header(props: &HeaderProps) -> Html {
    html! {
        <header>
            <h1>{ "Warren" }</h1>
            <p>{ props.words.tagline }</p>
            <button class="quiet" data-testid="lang" onclick={&props.on_language}>{ props.words.other_language }</button>
        </header>
    }
}
