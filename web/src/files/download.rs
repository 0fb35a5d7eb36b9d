//! What the visitor takes along: files, and what goes to the clipboard.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Offers a file to save. Nothing if the browser will not have it.
pub(crate) fn save(name: &str, kind: &str, content: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(content));
    let properties = BlobPropertyBag::new();
    properties.set_type(kind);
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &properties) {
        offer(name, &blob);
    }
}

/// Offers what a browser has put together itself.
pub(crate) fn offer(name: &str, blob: &Blob) -> Option<()> {
    let url = Url::create_object_url_with_blob(blob).ok()?;
    let link = gloo::utils::document().create_element("a").ok()?.dyn_into::<HtmlAnchorElement>().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url).ok()
}

/// Puts a text on the clipboard, where there is one.
pub(crate) fn copy(text: &str) {
    let navigator = gloo::utils::window().navigator();
    // Pages that do not come over HTTPS or from this machine have no clipboard.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).ok();
    if clipboard.is_some_and(|clipboard| !clipboard.is_undefined()) {
        // A visitor who says no keeps the clipboard as it is; what is to be copied is shown, too.
        let _ = navigator.clipboard().write_text(text);
    }
}
