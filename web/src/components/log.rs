//! What happened, as a table that can be filtered: it mirrors all that is to be seen on the stage.

use web_sys::HtmlInputElement;
use yew::prelude::{AttrValue, Callback, Html, InputEvent, Properties, TargetCast, function_component, html};

use super::controls::{Choice, Choices, accept};
use crate::{i18n::Lang, player::StepKind};

/// A line of the log.
#[derive(Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) when: String,
    pub(crate) who: String,
    pub(crate) what: String,
}

#[derive(Properties, PartialEq)]
pub(crate) struct LogProps {
    pub(crate) lang: Lang,
    /// Newest first.
    pub(crate) lines: Vec<Line>,
    pub(crate) kind: StepKind,
    pub(crate) text: String,
    pub(crate) on_kind: Callback<StepKind>,
    pub(crate) on_text: Callback<String>,
}

#[function_component]
pub(crate) fn Log(props: &LogProps) -> Html {
    let lang = props.lang;
    let rows = props.lines.iter().map(|line| {
        html! { <tr><td><time>{ &line.when }</time></td><th scope="row">{ &line.who }</th><td>{ &line.what }</td></tr> }
    });
    let on_kind = props.on_kind.reform(|id: String| StepKind::called(&id));
    let on_text =
        props.on_text.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let kinds = StepKind::ALL.into_iter().filter(|kind| *kind != StepKind::Timer);
    let choices: Choices =
        kinds.map(|kind| (AttrValue::Static(kind.id()), AttrValue::Static(kind.name(lang)))).collect();
    html! {
        <section key="log" class="log" aria-label={lang.say("What happened")}>
            <p class="filters">
                <label>{ lang.say("Show") }{ " " }
                    <Choice testid="log-kind" value={props.kind.id()} {choices} commit={accept(on_kind)} />
                </label>
                <label>{ lang.say("with") }{ " " }
                    <input
                        type="search"
                        data-testid="log-text"
                        placeholder={lang.say("a name, a message, a word")}
                        value={props.text.clone()}
                        oninput={on_text}
                    />
                </label>
            </p>
            <div class="scrolls" tabindex="0" role="region" aria-label={lang.say("Events")}>
                <table data-testid="log">
                    <thead><tr>
                        <th scope="col">{ lang.say("time, s") }</th>
                        <th scope="col">{ lang.say("who") }</th>
                        <th scope="col">{ lang.say("what") }</th>
                    </tr></thead>
                    <tbody>{ for rows }</tbody>
                </table>
            </div>
        </section>
    }
}
