//! What happened, newest first.

use yew::prelude::{Html, Properties, function_component, html};

use crate::i18n::Words;

#[derive(Properties, PartialEq)]
pub(crate) struct LogProps {
    pub(crate) words: &'static Words,
    /// When, who, what.
    pub(crate) lines: Vec<(String, String, String)>,
}

#[function_component]
pub(crate) fn Log(props: &LogProps) -> Html {
    let lines = props.lines.iter().map(|(when, who, what)| {
        html! { <li><time>{ when }</time><b>{ who }</b>{ " " }{ what }</li> }
    });
    html! {
        <section class="panel log" aria-label={props.words.log}>
            <h2>{ props.words.log }</h2>
            <ol class="story">{ for lines }</ol>
        </section>
    }
}
