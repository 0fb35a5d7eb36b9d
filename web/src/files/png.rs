//! Pictures as pixels.

use gloo::events::EventListener;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

use super::{download::offer, ground::copy_of};

/// Offers a drawing as a PNG file with `scale` times as many pixels each way. Nothing if the browser cannot draw it.
pub(crate) fn save_png(name: &'static str, svg: &str, scale: u32) {
    let Ok(image) = HtmlImageElement::new() else { return };
    let drawn = image.clone();
    EventListener::once(&image, "load", move |_| {
        if let Some(canvas) = canvas_of(&drawn, scale) {
            save_canvas(name, &canvas);
        }
    })
    .forget();
    let address = String::from(js_sys::encode_uri_component(svg));
    image.set_src(&format!("data:image/svg+xml,{address}"));
}

/// Offers the stage as it looks now as a PNG file.
pub(crate) fn save_stage(name: &'static str, stage: &HtmlCanvasElement) {
    if let Some(copy) = copy_of(stage) {
        save_canvas(name, &copy);
    }
}

/// Offers what is on a canvas as a PNG file.
fn save_canvas(name: &'static str, canvas: &HtmlCanvasElement) {
    let offer = Closure::once_into_js(move |blob: Option<Blob>| {
        blob.and_then(|blob| offer(name, &blob));
    });
    // A canvas that holds nothing foreign gives its picture away.
    let _ = canvas.to_blob(offer.unchecked_ref());
}

fn canvas_of(image: &HtmlImageElement, scale: u32) -> Option<HtmlCanvasElement> {
    let canvas =
        gloo::utils::document().create_element("canvas").ok()?.dyn_into::<HtmlCanvasElement>().ok()?;
    let (width, height) = (image.natural_width() * scale, image.natural_height() * scale);
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    let (width, height) = (f64::from(width), f64::from(height));
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height).ok()?;
    Some(canvas)
}
