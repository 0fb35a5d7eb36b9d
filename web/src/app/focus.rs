//! The focus of the keyboard. When what has it goes from the page (an item of a menu that closes, a button of something that
//! is deleted), the browser gives it to nobody, and the next key begins at the top of the page. Here it goes to what is left
//! nearest to it.

use std::{cell::RefCell, rc::Rc};

use gloo::{events::EventListener, timers::callback::Timeout};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    Element, FocusOptions, HtmlElement, MutationObserver, MutationObserverInit, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};

/// What can have the focus.
const FOCUSABLE: &str = "button:not(:disabled), input:not(:disabled), select, textarea, summary, a[href], \
    [tabindex]:not([tabindex='-1'])";

/// The fields of what is picked.
const PROPERTIES: &str = ".editor :is(input, select, textarea)";

/// The page has been drawn anew by then, in ms.
const SOON_MS: u32 = 50;

/// Watches the page, as long as it lives.
pub(super) fn keep() {
    let document = gloo::utils::document();
    // What had the focus last, with everything around it, the innermost first.
    let path: Rc<RefCell<Vec<Element>>> = Rc::default();
    let focused = path.clone();
    EventListener::new(&document, "focusin", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        *focused.borrow_mut() =
            std::iter::successors(target, |element| element.parent_element()).collect::<Vec<_>>();
    })
    .forget();
    let changed = Closure::<dyn FnMut()>::new(move || {
        if is_lost(&path.borrow()) {
            let path = path.clone();
            // It may be on its way to something else.
            Timeout::new(0, move || {
                // To give it to something else changes what had it last.
                let path = path.borrow().clone();
                mend(&path);
            })
            .forget();
        }
    });
    let Ok(observer) = MutationObserver::new(changed.as_ref().unchecked_ref()) else { return };
    changed.forget();
    let options = MutationObserverInit::new();
    options.set_child_list(true);
    options.set_subtree(true);
    // A page without a body has nothing to lose.
    if let Some(body) = document.body() {
        let _ = observer.observe_with_options(&body, &options);
    }
    std::mem::forget(observer);
}

/// Leads to the first thing that can be changed of what is picked, if anything is.
pub(super) fn go_to_properties() {
    let field = gloo::utils::document().query_selector(PROPERTIES).ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
        let _ = field.focus();
    }
}

/// Scrolls to what comes with the next drawing of the page, if it is out of sight.
pub(super) fn show_soon(what: &'static str) {
    Timeout::new(SOON_MS, move || {
        if let Some(element) = gloo::utils::document().query_selector(what).ok().flatten() {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&options);
        }
    })
    .forget();
}

/// Whether nothing has the focus, because what had it has gone.
fn is_lost(path: &[Element]) -> bool {
    let focused = gloo::utils::document().active_element();
    let is_nowhere = focused.is_none_or(|focused| focused.tag_name() == "BODY");
    is_nowhere && path.first().is_some_and(|last| !last.is_connected())
}

/// If what had the focus has gone, gives it to the button that had opened it, or to the nearest that is left.
fn mend(path: &[Element]) {
    if !is_lost(path) {
        return;
    }
    let document = gloo::utils::document();
    let gone = path.iter().take_while(|element| !element.is_connected());
    let opener = gone
        .filter(|gone| !gone.id().is_empty())
        .find_map(|gone| document.query_selector(&format!("[aria-controls='{}']", gone.id())).ok().flatten());
    let left = path.iter().filter(|element| element.is_connected());
    let nearest = || left.filter_map(|left| left.query_selector(FOCUSABLE).ok().flatten()).next();
    let next = opener.or_else(nearest).and_then(|next| next.dyn_into::<HtmlElement>().ok());
    if let Some(next) = next {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        // What cannot have the focus leaves it where it is.
        let _ = next.focus_with_options(&options);
    }
}
