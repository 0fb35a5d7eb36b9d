//! What the page has to say of the visitor's last act.

use yew::prelude::{Callback, Html, classes, html};

use crate::i18n::Lang;

/// A sentence for the visitor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Notice {
    /// It is done.
    Done(String),
    /// It was refused, and why.
    Refused(String),
}

impl Notice {
    /// At the top of the window, however far the page is scrolled.
    pub(crate) fn bar(&self, lang: Lang, on_close: &Callback<()>) -> Html {
        let close = lang.say("Close");
        html! {
            <div class="panel notice-bar">
                { self.view() }
                <button class="quiet" data-testid="close-notice" aria-label={close} title={close} onclick={on_close.reform(|_| ())}>
                    { "✕" }
                </button>
            </div>
        }
    }

    pub(super) fn view(&self) -> Html {
        let (class, role, id, text) = match self {
            Notice::Done(text) => ("done-notice", "status", "notice", text),
            Notice::Refused(text) => ("complaint", "alert", "complaint", text),
        };
        html! { <p class={classes!(class)} {role} data-testid={id}>{ text }</p> }
    }
}
