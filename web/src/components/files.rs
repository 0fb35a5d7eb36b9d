//! The menu of files: what comes in, and what goes out.

use web_sys::{File, HtmlInputElement};
use yew::prelude::{Callback, Event, Html, MouseEvent, TargetCast, html};

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
    /// The kept topology with this key.
    Continue(String),
    /// Not to keep it any more.
    Remove(String),
    /// To keep what was removed last after all.
    PutBack,
}

pub(crate) struct Files {
    pub(crate) lang: Lang,
    /// Keys and names of the visitor's own topologies that are not on the stage, the latest first.
    pub(crate) kept: Vec<(String, String)>,
    /// The name of the one that was removed last.
    pub(crate) removed: Option<String>,
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
            <>
            { self.kept() }
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
            </ul>
            </>
        }
    }

    /// The visitor's own topologies.
    fn kept(&self) -> Html {
        let lang = self.lang;
        if self.kept.is_empty() && self.removed.is_none() {
            return Html::default();
        }
        let wish = |wish: FileWish| self.on_wish.reform(move |_: MouseEvent| wish.clone());
        let items = self.kept.iter().enumerate().map(|(index, (key, name))| {
            let remove = [lang.say("Remove: ", "Удалить: "), name].concat();
            html! {
                <li>
                    <button class="quiet" data-testid={format!("continue-{index}")} onclick={wish(FileWish::Continue(key.clone()))}>
                        { lang.say("Continue: ", "Продолжить: ") }{ name }
                    </button>
                    <button class="quiet remove" data-testid={format!("forget-{index}")} aria-label={remove.clone()} title={remove}
                        onclick={wish(FileWish::Remove(key.clone()))}
                    >
                        { "✕" }
                    </button>
                </li>
            }
        });
        let put_back = self.removed.as_ref().map(|name| {
            html! {
                <li>
                    <button class="quiet" data-testid="put-back" onclick={wish(FileWish::PutBack)}>
                        { lang.say("Undo removing: ", "Вернуть удалённую: ") }{ name }
                    </button>
                </li>
            }
        });
        html! { <ul class="files kept" data-testid="kept-list">{ for items }{ put_back }</ul> }
    }
}
