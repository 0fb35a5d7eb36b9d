//! Menus: a button, and a sheet of items that it opens. Arrow keys, Home and End lead along the items, Escape closes.

use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, FocusEvent, HtmlElement, KeyboardEvent};
use yew::prelude::{Callback, Html, html};

/// What can be gone to with arrow keys.
const ITEMS: &str = "button:not(:disabled), input, a[href]";

/// A menu.
pub(super) struct Menu<'a> {
    /// What tests find its button by; the sheet's id is made of it.
    pub(super) id: &'static str,
    pub(super) name: &'a str,
    pub(super) is_open: bool,
    /// Takes whether it is to be open.
    pub(super) on_toggle: Callback<bool>,
    /// What is on the sheet.
    pub(super) content: Html,
}

impl Menu<'_> {
    pub(super) fn view(self) -> Html {
        let Menu { id, name, is_open, on_toggle, content } = self;
        let sheet_id = format!("menu-{id}");
        let onkeydown = {
            let on_toggle = on_toggle.clone();
            move |event: KeyboardEvent| on_key(&event, is_open, &on_toggle)
        };
        // Tab leads along the items, too, and behind the last one away from them.
        let onfocusout = {
            let on_toggle = on_toggle.clone();
            move |event: FocusEvent| {
                if is_open && has_left(&event) {
                    on_toggle.emit(false);
                }
            }
        };
        html! {
            <div class="menu" {onkeydown} {onfocusout}>
                <button
                    data-testid={id}
                    aria-expanded={is_open.to_string()}
                    aria-controls={sheet_id.clone()}
                    onclick={on_toggle.reform(move |_| !is_open)}
                >
                    { name.to_owned() }<span class="caret" aria-hidden="true">{ "▾" }</span>
                </button>
                if is_open {
                    <div class="sheet" id={sheet_id}>{ content }</div>
                }
            </div>
        }
    }
}

/// Whether the focus goes to something outside the menu.
fn has_left(event: &FocusEvent) -> bool {
    let menu_of = |target: Option<EventTarget>| target?.dyn_into::<Element>().ok()?.closest(".menu").ok()?;
    event.related_target().is_some() && menu_of(event.related_target()) != menu_of(event.target())
}

fn on_key(event: &KeyboardEvent, is_open: bool, on_toggle: &Callback<bool>) {
    let key = event.key();
    match key.as_str() {
        "ArrowDown" | "ArrowUp" if !is_open => on_toggle.emit(true),
        "Escape" if is_open => on_toggle.emit(false),
        _ if is_open && go_along(event) => {}
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

/// Moves the focus along the items of the sheet or list in which a key was pressed. Whether the key is for that.
pub(super) fn go_along(event: &KeyboardEvent) -> bool {
    let items = sheet_of(event).map(|sheet| items(&sheet)).unwrap_or_default();
    let focused = gloo::utils::document().active_element();
    let at = items.iter().position(|item| Some(item.as_ref()) == focused.as_ref());
    let last = items.len().saturating_sub(1);
    let next = match (event.key().as_str(), at) {
        ("ArrowDown", Some(at)) if at < last => at + 1,
        ("ArrowUp", Some(at)) if at > 0 => at - 1,
        ("ArrowDown", _) | ("Home", _) => 0,
        ("ArrowUp", _) | ("End", _) => last,
        _ => return false,
    };
    // What is there can have the focus.
    items.get(next).is_some_and(|item| item.focus().is_ok())
}

/// The sheet in which a key was pressed, or that the button opens on which it was.
fn sheet_of(event: &KeyboardEvent) -> Option<Element> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let around = target.closest(".sheet, .more").ok()?;
    around.or_else(|| target.closest(".menu").ok()??.query_selector(".sheet").ok()?)
}

/// Gives the focus to an item that is current, or to the first.
pub(super) fn enter(sheet_id: &str) {
    let Some(sheet) = gloo::utils::document().get_element_by_id(sheet_id) else { return };
    let items = items(&sheet);
    let current = items.iter().find(|item| item.has_attribute("aria-current"));
    if let Some(item) = current.or(items.first()) {
        // What is there can have the focus.
        let _ = item.focus();
    }
}

fn items(sheet: &Element) -> Vec<HtmlElement> {
    let Ok(found) = sheet.query_selector_all(ITEMS) else { return Vec::new() };
    let found = (0..found.length()).filter_map(|index| found.item(index));
    found.filter_map(|item| item.dyn_into::<HtmlElement>().ok()).collect()
}
