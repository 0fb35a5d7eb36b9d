//! What the browser says of pointers and keys.

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, File, HtmlCanvasElement, KeyboardEvent, MouseEvent, PointerEvent};
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

/// Whether a key is meant for a field.
pub(super) fn is_typing(event: &KeyboardEvent) -> bool {
    is_on(event, "input, select, textarea, [contenteditable]")
}

/// Whether a key is meant for something that can be pressed.
pub(super) fn is_on_button(event: &KeyboardEvent) -> bool {
    is_on(event, "button, summary, a, [role=tab]")
}

fn is_on(event: &KeyboardEvent, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.and_then(|target| target.closest(selector).ok().flatten()).is_some()
}
