//! The stage is drawn without a ground: what leaves the page gets the page's own, so that it can be read anywhere.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// A copy of the stage as it is now, on its ground.
pub(crate) fn copy_of(stage: &HtmlCanvasElement) -> Option<HtmlCanvasElement> {
    let copy = gloo::utils::document().create_element("canvas").ok()?.dyn_into::<HtmlCanvasElement>().ok()?;
    // Coders of films want even sizes.
    copy.set_width(stage.width().next_multiple_of(2));
    copy.set_height(stage.height().next_multiple_of(2));
    paint_on(&copy, stage)?;
    Some(copy)
}

/// Paints the stage over what is on the copy.
pub(super) fn paint_on(copy: &HtmlCanvasElement, stage: &HtmlCanvasElement) -> Option<()> {
    let context = copy.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    let style = gloo::utils::window().get_computed_style(stage).ok()??;
    let ground = style.get_property_value("--card").unwrap_or_default();
    context.set_fill_style_str(ground.trim());
    context.fill_rect(0.0, 0.0, f64::from(copy.width()), f64::from(copy.height()));
    context.draw_image_with_html_canvas_element(stage, 0.0, 0.0).ok()
}
