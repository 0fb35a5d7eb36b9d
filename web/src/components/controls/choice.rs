//! A list to choose from. Whatever the browser remembers of earlier choices, it shows the value.

use web_sys::{Event, HtmlSelectElement};
use yew::prelude::{
    AttrValue, Html, Properties, TargetCast, function_component, html, use_effect, use_node_ref, use_state_eq,
};

use super::{Commit, Draft, complaint};

/// What there is to choose from: values, and what they are called.
pub(crate) type Choices = Vec<(AttrValue, AttrValue)>;

#[derive(Properties, PartialEq)]
pub(crate) struct ChoiceProps {
    /// What tests find it by.
    pub(crate) testid: AttrValue,
    /// What it is for, where no label says so.
    #[prop_or_default]
    pub(crate) label: Option<AttrValue>,
    /// The value as it is.
    pub(crate) value: String,
    pub(crate) choices: Choices,
    pub(crate) commit: Commit,
}

#[function_component]
pub(crate) fn Choice(props: &ChoiceProps) -> Html {
    let draft = use_state_eq(|| None::<Draft>);
    let list = use_node_ref();
    let (shown, why) = Draft::shown(draft.as_ref(), &props.value);
    use_effect({
        let (list, shown) = (list.clone(), shown.to_owned());
        move || {
            // An option that was chosen once does not obey its attribute any more.
            if let Some(list) = list.cast::<HtmlSelectElement>().filter(|list| list.value() != shown) {
                list.set_value(&shown);
            }
        }
    });
    let onchange = {
        let (draft, commit, value) = (draft.clone(), props.commit.clone(), props.value.clone());
        move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
            draft.set(Draft::after(chosen, &value, &commit));
        }
    };
    let options = props.choices.iter().map(|(value, name)| {
        html! { <option value={value.clone()} selected={**value == *shown}>{ name.clone() }</option> }
    });
    let note_id = format!("{}-refused", props.testid);
    let (invalid, describedby) = (why.map(|_| "true"), why.map(|_| note_id.clone()));
    html! {
        <>
            <select ref={list} data-testid={props.testid.clone()} aria-label={props.label.clone()}
                aria-invalid={invalid} aria-describedby={describedby} {onchange}>{ for options }</select>
            { complaint(why, &note_id) }
        </>
    }
}
