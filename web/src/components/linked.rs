//! A text in which addresses are links.

use yew::prelude::{Html, html};

/// The text, with a link for each word that is an address.
pub(super) fn linked(text: &str) -> Html {
    let words = text.split_inclusive(' ').map(|word| {
        if word.starts_with("https://") {
            let address = word.trim_end().to_owned();
            html! { <><a href={address.clone()} target="_blank" rel="noopener noreferrer">{ address }</a>{ " " }</> }
        } else {
            html! { { word.to_owned() } }
        }
    });
    html! { <>{ for words }</> }
}
