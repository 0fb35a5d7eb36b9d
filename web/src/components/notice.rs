//! What the page has to say of the visitor's last act.

use yew::prelude::{Html, classes, html};

/// A sentence below the stage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Notice {
    /// It is done.
    Done(String),
    /// It was refused, and why.
    Refused(String),
}

impl Notice {
    /// `class`: of the place where it stands.
    pub(crate) fn view(&self, class: &'static str) -> Html {
        match self {
            Notice::Done(text) => {
                html! { <p class={classes!(class, "done-notice")} role="status" data-testid="notice">{ text }</p> }
            }
            Notice::Refused(text) => {
                html! { <p class={classes!(class, "complaint")} role="alert" data-testid="complaint">{ text }</p> }
            }
        }
    }
}
