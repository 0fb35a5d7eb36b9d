//! The name, what is kept, the menus, help, and the language.

use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, File};
use yew::prelude::{AttrValue, Callback, Html, Properties, function_component, html, use_effect_with};

use super::{
    controls::{Choice, Choices, accept},
    files::{FileWish, Files, Own},
    lessons::Lessons,
    menu::{self, Menu},
};
use crate::{
    app::{self, Mode},
    i18n::Lang,
};

#[derive(Properties, PartialEq)]
pub(crate) struct HeaderProps {
    pub(crate) lang: Lang,
    /// Whether a link says which language it is.
    pub(crate) is_language_fixed: bool,
    pub(crate) mode: Mode,
    /// The menu that is open.
    pub(crate) menu: Option<app::Menu>,
    /// The lesson that is played, if it is one.
    pub(crate) current: Option<&'static str>,
    /// The lessons that were finished.
    pub(crate) finished: AttrValue,
    /// Whether what the visitor has made will be there at the next visit.
    pub(crate) is_stored: bool,
    /// The key and the name of a kept topology to go on with.
    pub(crate) offered: Option<(String, String)>,
    pub(crate) own: Rc<Own>,
    pub(crate) on_dismiss: Callback<()>,
    pub(crate) on_menu: Callback<Option<app::Menu>>,
    pub(crate) on_mode: Callback<Mode>,
    pub(crate) on_open: Callback<&'static str>,
    pub(crate) on_wish: Callback<FileWish>,
    pub(crate) on_file: Callback<File>,
    pub(crate) on_help: Callback<bool>,
    pub(crate) on_language: Callback<Lang>,
}

#[function_component]
pub(crate) fn Header(props: &HeaderProps) -> Html {
    let lang = props.lang;
    use_effect_with((props.menu, props.on_menu.clone()), |(menu, on_menu)| {
        let outside = menu.map(|_| close_from_outside(on_menu.clone()));
        if let Some(menu) = menu {
            menu::enter(menu.sheet_id());
        }
        move || drop(outside)
    });
    html! {
        <header>
            <h1>{ "Warren" }</h1>
            { modes(props) }
            { subtitle(props) }
            <nav aria-label={lang.say("Page")}>
                { lessons(props) }
                { files(props) }
                <button
                    class="quiet"
                    data-testid="help"
                    aria-label={lang.say("Help")}
                    onclick={props.on_help.reform(|_| true)}
                >
                    { "?" }
                </button>
                if !props.is_language_fixed {
                    { languages(props) }
                }
            </nav>
        </header>
    }
}

impl app::Menu {
    const fn sheet_id(self) -> &'static str {
        match self {
            app::Menu::Lessons => "menu-lessons",
            app::Menu::File => "menu-files",
        }
    }
}

/// A button with the other language's name; where there are several others, a choice.
fn languages(props: &HeaderProps) -> Html {
    let lang = props.lang;
    let others: Vec<Lang> = Lang::all().filter(|other| *other != lang).collect();
    if let [other] = others[..] {
        return html! {
            <button
                class="quiet"
                data-testid="lang"
                lang={other.code()}
                onclick={props.on_language.reform(move |_| other)}
            >
                { other.name() }
            </button>
        };
    }
    let choices = Lang::all().map(|lang| (AttrValue::from(lang.code()), AttrValue::from(lang.name())));
    let on_choose = props.on_language.reform(|code: String| Lang::find(&code).unwrap_or(Lang::ENGLISH));
    html! {
        <Choice testid="lang" label={lang.say("Language")} value={lang.code()} choices={choices.collect::<Choices>()}
            commit={accept(on_choose)} />
    }
}

/// What the page is for: learning or building.
fn modes(props: &HeaderProps) -> Html {
    let lang = props.lang;
    let mode = |mode: Mode, name: &'static str, title: &'static str| {
        html! {
            <button
                data-testid={format!("mode-{}", mode.id())}
                aria-pressed={(props.mode == mode).to_string()}
                {title}
                onclick={props.on_mode.reform(move |_| mode)}
            >
                { name }
            </button>
        }
    };
    html! {
        <div class="modes" role="group" aria-label={lang.say("Mode")}>
            { mode(Mode::Learn, lang.say("Learn"), lang.say("Lessons, one step at a time")) }
            { mode(Mode::Build, lang.say("Build"), lang.say("Build and change anything, with all panels")) }
        </div>
    }
}

/// Whoever does something elsewhere is done with the menu.
fn close_from_outside(on_menu: Callback<Option<app::Menu>>) -> EventListener {
    EventListener::new(&gloo::utils::document(), "pointerdown", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| matches!(target.closest(".menu"), Ok(None))) {
            on_menu.emit(None);
        }
    })
}

fn lessons(props: &HeaderProps) -> Html {
    let lang = props.lang;
    let content = html! {
        <Lessons {lang} current={props.current} finished={props.finished.clone()} on_open={props.on_open.clone()} />
    };
    menu(props, app::Menu::Lessons, "lessons", lang.say("Lessons"), content)
}

fn files(props: &HeaderProps) -> Html {
    let lang = props.lang;
    let (own, on_wish, on_file) = (props.own.clone(), props.on_wish.clone(), props.on_file.clone());
    let content = html! { <Files {lang} {own} {on_wish} {on_file} /> };
    menu(props, app::Menu::File, "files", lang.say("File"), content)
}

fn menu(props: &HeaderProps, menu: app::Menu, id: &'static str, name: &'static str, content: Html) -> Html {
    let on_toggle = props.on_menu.reform(move |is_open: bool| is_open.then_some(menu));
    Menu { id, name, is_open: props.menu == Some(menu), on_toggle, content }.view()
}

/// What the page is; for those who have made something here, where it is.
fn subtitle(props: &HeaderProps) -> Html {
    let lang = props.lang;
    if !props.is_stored {
        let warning = lang.say(
            "This browser does not let the page keep anything: save your work as a file before you leave.",
        );
        return html! { <p class="offer" role="status" data-testid="offer"><span>{ warning }</span>{ offer(props, "") }</p> };
    }
    let kept = lang.say("Kept in this browser");
    if props.offered.is_some() {
        return html! { <p class="offer" role="status" data-testid="offer">{ offer(props, kept) }</p> };
    }
    let is_current = |(key, _): &&(String, String)| props.own.current.as_ref() == Some(key);
    if let Some((_, name)) = props.own.kept.iter().find(is_current) {
        return html! {
            <p class="offer" role="status" data-testid="kept"><b>{ name }</b><span>{ kept }</span></p>
        };
    }
    html! {
        <p>{ lang.say("an AMQP broker that you can see, stop, crash and rewind") }</p>
    }
}

/// The way back to the visitor's own topology.
fn offer(props: &HeaderProps, note: &'static str) -> Html {
    let lang = props.lang;
    let Some((key, name)) = &props.offered else { return Html::default() };
    let (key, hide) = (key.clone(), lang.say("Hide"));
    html! {
        <>
            <button class="continue" data-testid="continue" title={name.clone()}
                onclick={props.on_wish.reform(move |_| FileWish::Continue(key.clone()))}
            >
                { lang.say("Continue: ") }{ name }
            </button>
            <span>{ note }</span>
            <button class="quiet" data-testid="dismiss" aria-label={hide} title={hide}
                onclick={props.on_dismiss.reform(|_| ())}
            >
                { "✕" }
            </button>
        </>
    }
}
