//! What the browser says of pointers and keys.

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{
    DragEvent, Element, File, HtmlCanvasElement, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent,
};
use yew::Callback;

use crate::{editor::Kind, scene::Point, stage::Pointer};

/// What a thing from the palette is called while it is dragged.
pub(crate) const DRAGGED: &str = "text/plain";

/// Hears of every key on the page, as long as the page lives.
pub(super) fn listen(on_key: Callback<KeyboardEvent>) {
    let options = EventListenerOptions::enable_prevent_default();
    let listener =
        EventListener::new_with_options(&gloo::utils::window(), "keydown", options, move |event| {
            if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
                on_key.emit(event.clone());
            }
        });
    listener.forget();
}

/// A pointer, as the hand knows it.
pub(super) fn pointer(event: &PointerEvent, canvas: &HtmlCanvasElement) -> Pointer {
    Pointer {
        id: event.pointer_id(),
        at: point(event, canvas),
        is_finger: event.pointer_type() == "touch",
        several: event.shift_key(),
        at_ms: event.time_stamp(),
    }
}

/// Where an event is on a canvas, in CSS pixels.
pub(super) fn point(event: &MouseEvent, canvas: &HtmlCanvasElement) -> Point {
    let area = canvas.get_bounding_client_rect();
    Point { x: f64::from(event.client_x()) - area.left(), y: f64::from(event.client_y()) - area.top() }
}

/// What of the palette is dragged, if it is something of it.
pub(super) fn dragged_kind(event: &DragEvent) -> Option<Kind> {
    let id = event.data_transfer()?.get_data(DRAGGED).ok()?;
    Kind::ALL.into_iter().find(|kind| kind.id() == id)
}

/// The file that is let go of above the page, if it is one.
pub(super) fn dropped_file(event: &DragEvent) -> Option<File> {
    event.data_transfer()?.files()?.get(0)
}

/// Whether a key is meant for a text that is being written: all keys are, with Ctrl and without.
pub(super) fn is_writing(event: &KeyboardEvent) -> bool {
    is_on(event, TEXTS) || event.is_composing()
}

/// Whether a key is meant for a control that has keys of its own, such as a list or a slider. Combinations with Ctrl are
/// not, unless it is one for text.
pub(super) fn is_on_control(event: &KeyboardEvent) -> bool {
    is_on(event, "input, select, textarea, [contenteditable]")
}

/// Whether a key is meant for something that can be pressed.
pub(super) fn is_on_button(event: &KeyboardEvent) -> bool {
    is_on(event, "button, summary, a, [role=tab]")
}

/// Leaves the control that is being written in, so that what was written is not lost with it.
pub(super) fn leave_control() {
    let focused = gloo::utils::document().active_element();
    let focused = focused.filter(|focused| focused.matches(TEXTS).unwrap_or(false));
    if let Some(focused) = focused.and_then(|focused| focused.dyn_into::<HtmlElement>().ok()) {
        // A browser that keeps the focus there keeps the text, too.
        let _ = focused.blur();
    }
}

/// Whatever text can be written in.
const TEXTS: &str = "textarea, [contenteditable]:not([contenteditable=false]), \
    input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=button], [type=submit], [type=color])";

fn is_on(event: &KeyboardEvent, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.and_then(|target| target.closest(selector).ok().flatten()).is_some()
}
