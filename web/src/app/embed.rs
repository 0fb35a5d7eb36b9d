//! The page within another one (`?embed`): the stage, what happens on it, and the clock. Nothing is kept.

use yew::html::Scope;
use yew::prelude::{Html, html};

use super::App;
use crate::player::Player;

/// Whether the page is to be part of another.
pub(super) fn is_embedded() -> bool {
    let search = gloo::utils::window().location().search().unwrap_or_default();
    search.trim_start_matches('?').split('&').any(|part| part == "embed" || part.starts_with("embed="))
}

impl App {
    pub(super) fn embedded(&self, player: &Player, clock: Html, link: &Scope<Self>) -> Html {
        let lang = self.lang;
        html! {
            <main class="embedded">
                { self.stage(player, link, false) }
                { clock }
                <p class="elsewhere">
                    <b>{ lang.pick(&player.scenario().title) }</b>
                    <a href={whole_page()} target="_blank" rel="noopener" data-testid="whole-page">
                        { lang.say("Open in Warren") }
                    </a>
                </p>
            </main>
        }
    }
}

/// The address of the same without `?embed`.
fn whole_page() -> String {
    let location = gloo::utils::window().location();
    let part = |part: Result<String, wasm_bindgen::JsValue>| part.unwrap_or_default();
    format!("{}{}{}", part(location.origin()), part(location.pathname()), part(location.hash()))
}
