//! A dialog of the browser's own: nothing behind it has the focus while it is open, and who had it gets it back.

use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::{
    AttrValue, Callback, Children, Html, Properties, function_component, html, use_effect_with, use_node_ref,
};

use crate::i18n::Lang;

#[derive(Properties, PartialEq)]
pub(super) struct DialogProps {
    pub(super) lang: Lang,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) is_open: bool,
    pub(super) on_close: Callback<()>,
    pub(super) children: Children,
}

#[function_component]
pub(super) fn Dialog(props: &DialogProps) -> Html {
    let (dialog, heading) = (use_node_ref(), use_node_ref());
    use_effect_with(props.is_open, {
        let (dialog, heading) = (dialog.clone(), heading.clone());
        move |is_open| {
            if let Some(dialog) =
                dialog.cast::<HtmlDialogElement>().filter(|dialog| dialog.open() != *is_open)
            {
                if *is_open {
                    // It is on the page, and was closed.
                    let _ = dialog.show_modal();
                    // It is read from its beginning, and not from the button at its end.
                    let _ = heading.cast::<HtmlElement>().map(|heading| heading.focus());
                } else {
                    dialog.close();
                }
            }
        }
    });
    let (on_close, on_cancel) = (props.on_close.reform(|_| ()), props.on_close.reform(|_| ()));
    let id = props.id;
    html! {
        <dialog ref={dialog} class="panel help" oncancel={on_cancel}
            data-testid={props.is_open.then(|| AttrValue::from(format!("{id}-dialog")))} aria-label={props.title}
        >
            if props.is_open {
                <h2 ref={heading} tabindex="-1">{ props.title }</h2>
                { props.children.clone() }
                <button class="main" data-testid={format!("{id}-close")} onclick={on_close}>
                    { props.lang.say("Close") }
                </button>
            }
        </dialog>
    }
}
