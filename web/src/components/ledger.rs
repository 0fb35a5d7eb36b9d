//! The ledger: what became of the messages, in numbers.

use warren_sim::Ledger;
use yew::prelude::{Html, Properties, classes, function_component, html};

use crate::i18n::Words;

#[derive(Properties, PartialEq)]
pub(crate) struct LedgerProps {
    pub(crate) words: &'static Words,
    pub(crate) ledger: Ledger,
    /// Why messages are lost; empty if none is.
    pub(crate) losses: String,
    /// How long producers waited to hear of their messages, a line for each that did.
    pub(crate) paces: Vec<String>,
}

#[function_component]
pub(crate) fn LedgerPanel(props: &LedgerProps) -> Html {
    let (words, ledger) = (props.words, &props.ledger);
    let rows = [
        ("published", words.published, ledger.published),
        ("routed", words.routed, ledger.routed),
        ("delivered", words.delivered, ledger.delivered),
        ("acked", words.acked, ledger.acked),
        ("redelivered", words.redelivered, ledger.redelivered),
        ("lost", words.lost, ledger.lost()),
    ];
    let cells = rows.into_iter().map(|(id, name, count)| {
        let class = classes!(id, (count == 0).then_some("zero"));
        html! {
            <div {class}>
                <dt>{ name }</dt>
                <dd data-testid={format!("ledger-{id}")}>{ count }</dd>
            </div>
        }
    });
    let losses = (!props.losses.is_empty()).then(|| html! { <p class="losses">{ &props.losses }</p> });
    let paces = props.paces.iter().map(|pace| html! { <p class="paces">{ pace }</p> });
    html! {
        <section class="panel ledger" aria-label={words.ledger}>
            <h2>{ words.ledger }</h2>
            <dl>{ for cells }</dl>
            { losses }
            { for paces }
        </section>
    }
}
