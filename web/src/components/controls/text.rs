//! A box to type in: Enter or leaving it makes what was typed the value, Escape gives the old value back.

use wasm_bindgen::JsValue;
use web_sys::{FocusEvent, HtmlElement, InputEvent, KeyboardEvent};
use yew::prelude::{AttrValue, Html, Properties, TargetCast, function_component, html, use_state_eq};

use super::{Commit, Draft, complaint};

#[derive(Properties, PartialEq)]
pub(crate) struct TextBoxProps {
    /// What tests find it by.
    pub(crate) testid: AttrValue,
    /// The value as it is.
    pub(crate) value: String,
    pub(crate) commit: Commit,
    /// Whether it has several lines: then Enter begins another one, and Ctrl and Enter make it the value.
    #[prop_or_default]
    pub(crate) is_long: bool,
    /// Whether a phone is to show its keyboard with digits.
    #[prop_or_default]
    pub(crate) is_number: bool,
}

#[function_component]
pub(crate) fn TextBox(props: &TextBoxProps) -> Html {
    let draft = use_state_eq(|| None::<Draft>);
    let (shown, why) = Draft::shown(draft.as_ref(), &props.value);
    let finish = {
        let (draft, commit, value) = (draft.clone(), props.commit.clone(), props.value.clone());
        move |typed: String| {
            let is_known = matches!(&*draft, Some(Draft::Refused { text, .. }) if *text == typed);
            if !is_known {
                draft.set(Draft::after(typed, &value, &commit));
            }
        }
    };
    let oninput = {
        let draft = draft.clone();
        move |event: InputEvent| {
            draft.set(Some(Draft::Typed(typed(&event.target_unchecked_into::<HtmlElement>()))));
        }
    };
    let onblur = {
        let finish = finish.clone();
        move |event: FocusEvent| finish(typed(&event.target_unchecked_into::<HtmlElement>()))
    };
    let onkeydown = {
        let (draft, is_long, is_changed) = (draft.clone(), props.is_long, shown != props.value);
        move |event: KeyboardEvent| {
            // While letters are put together from several keys, the keys are not ours.
            if event.is_composing() {
                return;
            }
            match event.key().as_str() {
                "Enter" if !is_long || event.ctrl_key() || event.meta_key() => {
                    event.prevent_default();
                    finish(typed(&event.target_unchecked_into::<HtmlElement>()));
                }
                "Escape" if is_changed => draft.set(None),
                "Escape" => {
                    // Leaving changes nothing: what is in the box is the value.
                    let _ = event.target_unchecked_into::<HtmlElement>().blur();
                }
                _ => {}
            }
        }
    };
    let testid = props.testid.clone();
    let note_id = format!("{testid}-refused");
    let (invalid, describedby) = (why.map(|_| "true"), why.map(|_| note_id.clone()));
    let (value, note) = (shown.to_owned(), complaint(why, &note_id));
    if props.is_long {
        let rows = (shown.split('\n').count() + 1).clamp(2, 6).to_string();
        return html! {
            <>
                <textarea data-testid={testid} {rows} spellcheck="false" autocomplete="off" aria-invalid={invalid}
                    aria-describedby={describedby} {value} {oninput} {onblur} {onkeydown} />
                { note }
            </>
        };
    }
    let inputmode = if props.is_number { "numeric" } else { "text" };
    html! {
        <>
            <input data-testid={testid} {inputmode} spellcheck="false" autocomplete="off" aria-invalid={invalid}
                aria-describedby={describedby} {value} {oninput} {onblur} {onkeydown} />
            { note }
        </>
    }
}

/// What stands in an input or a textarea.
fn typed(control: &JsValue) -> String {
    let value = js_sys::Reflect::get(control, &"value".into()).ok();
    value.and_then(|value| value.as_string()).unwrap_or_default()
}
