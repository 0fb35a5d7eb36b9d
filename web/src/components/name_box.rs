//! A box in which something gets another name: Enter or leaving it gives it, Escape leaves the old one.

use web_sys::{HtmlInputElement, InputEvent, KeyboardEvent};
use yew::prelude::{
    AttrValue, Callback, Html, Properties, TargetCast, function_component, html, use_effect_with,
    use_mut_ref, use_node_ref, use_state_eq,
};

use super::controls::complaint;

/// Letters of a name.
const LONGEST: &str = "60";

#[derive(Properties, PartialEq)]
pub(super) struct NameBoxProps {
    /// What it is for.
    pub(super) label: AttrValue,
    /// The name as it is.
    pub(super) name: AttrValue,
    /// Says what is wrong with a name, if anything is.
    pub(super) check: Callback<String, Option<String>>,
    /// Takes the new name; `None` if it stays as it is.
    pub(super) on_done: Callback<Option<String>>,
}

#[function_component]
pub(super) fn NameBox(props: &NameBoxProps) -> Html {
    let field = use_node_ref();
    let typed = use_state_eq(|| props.name.to_string());
    let why = use_state_eq(|| None::<String>);
    // To take it from the page makes it lose the focus once more.
    let is_done = use_mut_ref(|| false);
    use_effect_with((), {
        let field = field.clone();
        move |()| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                // What is there can have the focus.
                let _ = field.focus();
                field.select();
            }
        }
    });
    let done = {
        let (is_done, on_done) = (is_done, props.on_done.clone());
        move |name: Option<String>| {
            if !is_done.replace(true) {
                on_done.emit(name);
            }
        }
    };
    let oninput = {
        let typed = typed.clone();
        move |event: InputEvent| typed.set(event.target_unchecked_into::<HtmlInputElement>().value())
    };
    let name = typed.trim().to_owned();
    let is_new = *props.name != name;
    let onkeydown = {
        let (why, check, done, name) = (why.clone(), props.check.clone(), done.clone(), name.clone());
        move |event: KeyboardEvent| {
            match event.key().as_str() {
                "Enter" if !event.is_composing() && is_new => match check.emit(name.clone()) {
                    Some(wrong) => why.set(Some(wrong)),
                    None => done(Some(name.clone())),
                },
                "Enter" | "Escape" if !event.is_composing() => done(None),
                "Tab" => return,
                // Letters, and keys that move the caret.
                _ => return event.stop_propagation(),
            }
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let onblur = {
        let check = props.check.clone();
        move |_| {
            let is_good = is_new && check.emit(name.clone()).is_none();
            done(is_good.then(|| name.clone()));
        }
    };
    let invalid = why.is_some().then_some("true");
    html! {
        <>
            <input ref={field} class="name-box" data-testid="new-name" aria-label={props.label.clone()} maxlength={LONGEST}
                aria-invalid={invalid} aria-describedby={invalid.map(|_| "new-name-refused")}
                value={(*typed).clone()} autocomplete="off" spellcheck="false" {oninput} {onkeydown} {onblur} />
            { complaint(why.as_deref(), "new-name-refused") }
        </>
    }
}
