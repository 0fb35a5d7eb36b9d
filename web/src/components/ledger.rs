//! The ledger: what became of the messages, in numbers that lead to the messages themselves.

use warren_sim::warren_core::MessageId;
use yew::prelude::{Callback, Html, Properties, classes, function_component, html};

use crate::{i18n::Lang, player::Selection};

/// A sum.
#[derive(Clone, PartialEq)]
pub(crate) struct Sum {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) count: u64,
    /// What the rival has, if there is one.
    pub(crate) rival: Option<u64>,
}

#[derive(Properties, PartialEq)]
pub(crate) struct LedgerPanelProps {
    pub(crate) lang: Lang,
    pub(crate) sums: Vec<Sum>,
    /// The sum that is looked into, and its messages: each with the number that it bears.
    pub(crate) open: Option<&'static str>,
    pub(crate) messages: Vec<(MessageId, u64)>,
    /// Why messages are lost; empty if none is.
    pub(crate) losses: String,
    /// How long producers waited to hear of their messages, a line for each that did.
    pub(crate) paces: Vec<String>,
    pub(crate) on_open: Callback<Option<&'static str>>,
    pub(crate) on_select: Callback<Selection>,
}

#[function_component]
pub(crate) fn LedgerPanel(props: &LedgerPanelProps) -> Html {
    let lang = props.lang;
    let cells = props.sums.iter().map(|sum| {
        let (id, is_open) = (sum.id, props.open == Some(sum.id));
        let class = classes!(id, (sum.count == 0).then_some("zero"));
        let rival = sum.rival.map(|rival| {
            let sign = if sum.count == rival { "equal" } else { "differs" };
            html! {
                <span class={classes!("rival", sign)} data-testid={format!("rival-{id}")}
                    title={lang.say("before the changes")}
                >
                    { rival }
                </span>
            }
        });
        html! {
            <button
                {class}
                aria-expanded={is_open.to_string()}
                onclick={props.on_open.reform(move |_| Some(id))}
            >
                <b data-testid={format!("ledger-{id}")}>{ sum.count }</b>
                { rival }
                <span>{ sum.name }</span>
            </button>
        }
    });
    let losses = (!props.losses.is_empty()).then(|| html! { <p class="losses">{ &props.losses }</p> });
    let paces = props.paces.iter().map(|pace| html! { <p class="paces">{ pace }</p> });
    html! {
        <section class="panel ledger" aria-label={lang.say("Ledger")}>
            <h2>{ lang.say("Ledger") }</h2>
            <div class="sums">{ for cells }</div>
            { messages(props) }
            { losses }
            { for paces }
        </section>
    }
}

/// The messages of the sum that is open; a click tells the story of one.
fn messages(props: &LedgerPanelProps) -> Html {
    const SHOWN: usize = 120;
    if props.open.is_none() {
        return Html::default();
    }
    let chips = props.messages.iter().take(SHOWN).map(|(message, number)| {
        let message = *message;
        html! {
            <button
                data-testid={format!("message-{number}")}
                onclick={props.on_select.reform(move |_| Selection::message(message))}
            >
                { number }
            </button>
        }
    });
    let hidden = props.messages.len().saturating_sub(SHOWN);
    html! {
        <div class="chips" data-testid="sum-messages">
            if props.messages.is_empty() {
                <span>{ props.lang.say("No message.") }</span>
            }
            { for chips }
            if hidden > 0 {
                <span>{ format!("+ {hidden}") }</span>
            }
        </div>
    }
}
