//! What can be done here, in short.

use yew::prelude::{Callback, Html, Properties, function_component, html};

use super::dialog::Dialog;
use crate::i18n::Lang;

#[derive(Properties, PartialEq)]
pub(crate) struct HelpProps {
    pub(crate) lang: Lang,
    pub(crate) is_open: bool,
    pub(crate) on_close: Callback<()>,
}

#[function_component]
pub(crate) fn Help(props: &HelpProps) -> Html {
    let lang = props.lang;
    html! {
        <Dialog {lang} id="help" title={lang.say("What you can do here")}
            is_open={props.is_open} on_close={props.on_close.clone()}
        >
            { content(lang) }
        </Dialog>
    }
}

fn content(lang: Lang) -> Html {
    let keys = [
        ("Space", lang.say("play or pause")),
        ("← →", lang.say("a step back, a step forth")),
        ("R", lang.say("from the beginning")),
        ("C", lang.say("crash what is picked, or revive it")),
        ("Ctrl Z", lang.say("undo; with Shift, or Ctrl Y: redo")),
        ("Esc", lang.say("let go of everything")),
        ("N", lang.say("on the stage: pick the next thing")),
        ("Enter", lang.say("on the stage: to the fields of what is picked")),
        ("↑ ↓ ← →", lang.say("on the stage: move what is picked")),
        ("Delete", lang.say("on the stage: remove it")),
        ("+ − 0", lang.say("on the stage: larger, smaller, fit")),
    ];
    let rows =
        keys.into_iter().map(|(key, what)| html! { <><dt><kbd>{ key }</kbd></dt><dd>{ what }</dd></> });
    html! {
        <>
                <ul>
                    <li>{ lang.say("Learn shows a lesson, step by step, and what it needs. Build shows everything: what you can put on the stage, and all panels.") }</li>
                    <li>{ lang.say("Select a consumer, a queue or a message: what you can do to it appears beside it.") }</li>
                    <li>{ lang.say("Drag the bar of time back to any moment. Act there, and another future begins; the old one stays in the table.") }</li>
                    <li>{ lang.say("Drag producers, exchanges, queues and consumers onto the stage. Pick one and pull its arrow to another to connect them.") }</li>
                    <li>{ lang.say("With Shift, or a long press, pick one thing more. A long press on a thing and then a move of the finger moves the thing; a swipe scrolls. Two fingers make the picture larger; then one moves it.") }</li>
                    <li>{ lang.say("In a field: Enter sets the value, Esc gives the old one back. Whatever you make is kept in this browser under its name, in the File menu.") }</li>
                    <li>{ lang.say("Select a number of the ledger to see its messages, and a message for its story.") }</li>
                    <li>{ lang.say("Everything happens in this page: a real broker core, on a clock of its own. Nothing is sent anywhere.") }</li>
                </ul>
                <dl class="keys">{ for rows }</dl>
        </>
    }
}
