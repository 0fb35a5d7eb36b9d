//! The menu of files: what comes in, and what goes out.

use web_sys::{File, HtmlInputElement};
use yew::prelude::{Callback, Event, Html, TargetCast, html};

use crate::i18n::Lang;

/// What a visitor wants with files.
#[derive(Clone, PartialEq)]
pub(crate) enum FileWish {
    /// An empty stage.
    New,
    /// A link to what there is, on the clipboard and in the bar of addresses.
    Share,
    /// The scenario, as a file that `warren sim` plays, too.
    Save,
    Svg,
    Png,
    /// For RabbitMQ.
    Definitions,
    /// What was on the stage the last time.
    Restore,
}

pub(crate) struct Files {
    pub(crate) lang: Lang,
    /// Whether there is something to go back to.
    pub(crate) can_restore: bool,
    pub(crate) on_wish: Callback<FileWish>,
    pub(crate) on_file: Callback<File>,
}

impl Files {
    pub(crate) fn view(&self) -> Html {
        let lang = self.lang;
        let item = |id: &'static str, name: &'static str, wish: FileWish| {
            html! {
                <li>
                    <button class="quiet" data-testid={id} onclick={self.on_wish.reform(move |_| wish.clone())}>
                        { name }
                    </button>
                </li>
            }
        };
        let on_file = self.on_file.clone();
        let onchange = move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                on_file.emit(file);
            }
            // So that the same file can be opened again.
            input.set_value("");
        };
        html! {
            <ul class="files">
                { item("new", lang.say("New", "Новый"), FileWish::New) }
                <li>
                    <label class="quiet button">
                        { lang.say("Open: scenario, replay, definitions.json", "Открыть: сценарий, повтор, definitions.json") }
                        <input type="file" data-testid="open" accept=".toml,.json" {onchange} />
                    </label>
                </li>
                { item("save", lang.say("Save the scenario", "Сохранить сценарий"), FileWish::Save) }
                { item("share", lang.say("Copy a link to this moment", "Скопировать ссылку на этот момент"), FileWish::Share) }
                { item("svg", lang.say("Picture: SVG", "Рисунок: SVG"), FileWish::Svg) }
                { item("png", lang.say("Picture: PNG", "Рисунок: PNG"), FileWish::Png) }
                { item("definitions", lang.say("definitions.json for RabbitMQ", "definitions.json для RabbitMQ"), FileWish::Definitions) }
                if self.can_restore {
                    { item("restore", lang.say("Back to my last topology", "Вернуться к моей топологии"), FileWish::Restore) }
                }
            </ul>
        }
    }
}
