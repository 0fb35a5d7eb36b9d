//! A field for the name of a thing on the stage, where there are too many to see at a glance.

use web_sys::HtmlInputElement;
use yew::prelude::{
    Callback, Html, InputEvent, KeyboardEvent, Properties, TargetCast, function_component, html,
};

use crate::i18n::{Lang, say};

/// With fewer things than this everyone sees the one they look for.
pub(crate) const MANY_THINGS: usize = 15;

#[derive(Properties, PartialEq)]
pub(crate) struct FindProps {
    pub(crate) lang: Lang,
    /// Which one was found, from 1, and of how many; zeros if there is none. `None` while nobody looks for anything.
    pub(crate) found: Option<(usize, usize)>,
    /// The text, and whether the next one is wanted.
    pub(crate) on_find: Callback<(String, bool)>,
}

#[function_component]
pub(crate) fn Find(props: &FindProps) -> Html {
    let lang = props.lang;
    let oninput = props
        .on_find
        .reform(|event: InputEvent| (event.target_unchecked_into::<HtmlInputElement>().value(), false));
    let on_find = props.on_find.clone();
    let onkeydown = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => on_find.emit((event.target_unchecked_into::<HtmlInputElement>().value(), true)),
        "Escape" => {
            event.target_unchecked_into::<HtmlInputElement>().set_value("");
            on_find.emit((String::new(), false));
        }
        _ => {}
    };
    let said = props.found.map(|found| match found {
        (0, _) => lang.say("nothing here has such a name").to_owned(),
        (at, of) => say!(lang, "{at} of {of}", at, of),
    });
    html! {
        <label class="find">
            { lang.say("Find") }
            <input
                type="search"
                data-testid="find"
                placeholder={lang.say("a name; Enter: the next")}
                {oninput}
                {onkeydown}
            />
            <output data-testid="found">{ for said }</output>
        </label>
    }
}
