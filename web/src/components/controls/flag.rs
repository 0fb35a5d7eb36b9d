//! A box to tick.

use web_sys::{Event, HtmlInputElement};
use yew::prelude::{AttrValue, Html, Properties, TargetCast, function_component, html, use_state_eq};

use super::{Commit, Draft, complaint};

#[derive(Properties, PartialEq)]
pub(crate) struct FlagBoxProps {
    /// What tests find it by.
    pub(crate) testid: AttrValue,
    /// Whether it is ticked.
    pub(crate) value: bool,
    /// Takes `true` or `false`.
    pub(crate) commit: Commit,
}

#[function_component]
pub(crate) fn FlagBox(props: &FlagBoxProps) -> Html {
    let draft = use_state_eq(|| None::<Draft>);
    let value = props.value.to_string();
    let (shown, why) = Draft::shown(draft.as_ref(), &value);
    let onchange = {
        let (draft, commit, value) = (draft.clone(), props.commit.clone(), value.clone());
        move |event: Event| {
            let ticked = event.target_unchecked_into::<HtmlInputElement>().checked().to_string();
            draft.set(Draft::after(ticked, &value, &commit));
        }
    };
    let note_id = format!("{}-refused", props.testid);
    let (invalid, describedby) = (why.map(|_| "true"), why.map(|_| note_id.clone()));
    html! {
        <>
            <input type="checkbox" data-testid={props.testid.clone()} checked={shown == "true"}
                aria-invalid={invalid} aria-describedby={describedby} {onchange} />
            { complaint(why, &note_id) }
        </>
    }
}
