//! The menu of files: the visitor's own topologies, what comes in, and what goes out.

use std::rc::Rc;

use web_sys::{File, HtmlInputElement};
use yew::prelude::{
    AttrValue, Callback, Event, Html, MouseEvent, Properties, TargetCast, UseStateHandle, function_component,
    html, use_state_eq,
};

use super::name_box::NameBox;
use crate::i18n::{Lang, say};

/// What a visitor wants with files.
#[derive(Clone, PartialEq)]
pub(crate) enum FileWish {
    /// An empty stage.
    New,
    /// A link to what there is, on the clipboard and in the bar of addresses.
    Share,
    /// A link to the lesson, or to this moment, that fixes more; or a frame for another page.
    Class,
    /// The scenario, as a file that `warren sim` plays, too.
    Save,
    Svg,
    /// The same as pixels: so many for each of the drawing's.
    Png(u32),
    /// The stage as it looks now, with its messages.
    Snapshot,
    /// The last seconds, as a film.
    Film,
    /// For RabbitMQ.
    Definitions,
    /// The kept topology with this key.
    Continue(String),
    /// Another name for the one with this key.
    Rename(String, String),
    /// Not to keep it any more.
    Remove(String),
    /// To keep what was removed last after all.
    PutBack,
}

/// The visitor's own topologies.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct Own {
    /// Keys and names, the one that was changed last first.
    pub(crate) kept: Vec<(String, String)>,
    /// The key of the one on the stage.
    pub(crate) current: Option<String>,
    /// The name of the one that was removed last.
    pub(crate) removed: Option<String>,
}

#[derive(Properties, PartialEq)]
pub(crate) struct FilesProps {
    pub(crate) lang: Lang,
    pub(crate) own: Rc<Own>,
    pub(crate) on_wish: Callback<FileWish>,
    pub(crate) on_file: Callback<File>,
}

#[function_component]
pub(crate) fn Files(props: &FilesProps) -> Html {
    let renamed = use_state_eq(|| None::<String>);
    let lang = props.lang;
    let item = |id: &'static str, name: &'static str, wish: FileWish| {
        html! {
            <li>
                <button class="quiet" data-testid={id} onclick={props.on_wish.reform(move |_| wish.clone())}>
                    { name }
                </button>
            </li>
        }
    };
    let on_file = props.on_file.clone();
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
            { own(props, &renamed) }
            <ul class="files">
                { item("new", lang.say("New"), FileWish::New) }
                <li>
                    <label class="quiet button">
                        { lang.say("Open: scenario, replay, definitions.json") }
                        <input type="file" data-testid="open" accept=".toml,.json" {onchange} />
                    </label>
                </li>
                { item("save", lang.say("Save the scenario"), FileWish::Save) }
                { item("share", lang.say("Copy a link to this moment"), FileWish::Share) }
                { item("class", lang.say("A link for a class or a page …"), FileWish::Class) }
                { item("svg", lang.say("Picture: SVG"), FileWish::Svg) }
                { item("png-2", lang.say("Picture: PNG, 2×"), FileWish::Png(2)) }
                { item("png-3", lang.say("Picture: PNG, 3×"), FileWish::Png(3)) }
                { item("snapshot", lang.say("The stage at this moment: PNG"), FileWish::Snapshot) }
                { item("film", lang.say("A film of the last 10 seconds"), FileWish::Film) }
                { item("definitions", lang.say("definitions.json for RabbitMQ"), FileWish::Definitions) }
            </ul>
        </>
    }
}

/// The visitor's own topologies: each can be opened, renamed and deleted.
fn own(props: &FilesProps, renamed: &UseStateHandle<Option<String>>) -> Html {
    let (lang, own) = (props.lang, &props.own);
    if own.kept.is_empty() && own.removed.is_none() {
        return Html::default();
    }
    let items = own.kept.iter().enumerate().map(|(index, (key, name))| {
        let is_renamed = renamed.as_ref() == Some(key);
        let content =
            if is_renamed { name_box(props, renamed, key, name) } else { row(props, renamed, index) };
        html! { <li key={key.clone()}>{ content }</li> }
    });
    let put_back = own.removed.as_ref().map(|name| {
        html! {
            <li key="put-back">
                <button class="quiet open" data-testid="put-back" onclick={props.on_wish.reform(|_: MouseEvent| FileWish::PutBack)}>
                    { lang.say("Undo deleting: ") }{ name }
                </button>
            </li>
        }
    });
    html! {
        <>
            <h2>{ lang.say("Kept in this browser") }</h2>
            <ul class="files kept" data-testid="kept-list">{ for items }{ put_back }</ul>
        </>
    }
}

fn row(props: &FilesProps, renamed: &UseStateHandle<Option<String>>, index: usize) -> Html {
    let (lang, (key, name)) = (props.lang, &props.own.kept[index]);
    let wish = |wish: FileWish| props.on_wish.reform(move |_: MouseEvent| wish.clone());
    let rename = say!(lang, "Rename: {name}", name);
    let remove = say!(lang, "Delete: {name}", name);
    let on_rename = {
        let (renamed, key) = (renamed.clone(), key.clone());
        move |_| renamed.set(Some(key.clone()))
    };
    let is_current = props.own.current.as_ref() == Some(key);
    html! {
        <>
            <button class="quiet open" data-testid={format!("continue-{index}")} disabled={is_current} title={name.clone()}
                onclick={wish(FileWish::Continue(key.clone()))}
            >
                { name }
                if is_current {
                    <small>{ lang.say("on the stage") }</small>
                }
            </button>
            <button class="quiet small" data-testid={format!("rename-{index}")} aria-label={rename.clone()} title={rename}
                onclick={on_rename}
            >
                { "✎" }
            </button>
            if !is_current {
                <button class="quiet small" data-testid={format!("forget-{index}")} aria-label={remove.clone()} title={remove}
                    onclick={wish(FileWish::Remove(key.clone()))}
                >
                    { "✕" }
                </button>
            }
        </>
    }
}

fn name_box(props: &FilesProps, renamed: &UseStateHandle<Option<String>>, key: &str, name: &str) -> Html {
    let lang = props.lang;
    let check = {
        let (own, key) = (props.own.clone(), key.to_owned());
        move |name: String| {
            let is_taken = own.kept.iter().any(|(other, taken)| *other != key && *taken == name);
            let wrong = match (name.is_empty(), is_taken) {
                (true, _) => lang.say("It needs a name."),
                (false, true) => lang.say("There is one with this name already."),
                (false, false) => return None,
            };
            Some(wrong.to_owned())
        }
    };
    let on_done = {
        let (renamed, on_wish, key) = (renamed.clone(), props.on_wish.clone(), key.to_owned());
        move |name: Option<String>| {
            if let Some(name) = name {
                on_wish.emit(FileWish::Rename(key.clone(), name));
            }
            renamed.set(None);
        }
    };
    let label = AttrValue::Static(lang.say("Name of the topology"));
    html! { <NameBox {label} name={name.to_owned()} {check} {on_done} /> }
}
