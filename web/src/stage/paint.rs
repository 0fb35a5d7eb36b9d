//! Brushes: the theme's colours, and shapes that the stage is made of.

use std::f64::consts::TAU;

use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::scene::{Box2, Link, Point, bends, hue};

/// The colours of the style sheet, which knows about light and dark.
pub(crate) struct Theme {
    pub(crate) ink: String,
    pub(crate) faint: String,
    pub(crate) line: String,
    pub(crate) card: String,
    pub(crate) shelf: String,
    pub(crate) accent: String,
    pub(crate) alarm: String,
    /// The colours of messages, by their hue.
    messages: Vec<String>,
    pub(crate) is_dark: bool,
}

pub(crate) const MESSAGE_RADIUS: f64 = 9.0;
const FONT: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

impl Theme {
    /// The theme as it is now.
    pub(crate) fn of(canvas: &HtmlCanvasElement, is_dark: bool) -> Option<Theme> {
        let style = web_sys::window()?.get_computed_style(canvas).ok()??;
        let colour = |name: &str| style.get_property_value(name).unwrap_or_default().trim().to_owned();
        Some(Theme {
            ink: colour("--ink"),
            faint: colour("--faint"),
            line: colour("--line"),
            card: colour("--card"),
            shelf: colour("--shelf"),
            accent: colour("--accent"),
            alarm: colour("--alarm"),
            messages: messages(&colour("--dot-lightness")),
            is_dark,
        })
    }

    /// The colour of a message.
    pub(crate) fn message(&self, ordinal: u64) -> &str {
        self.messages.get(hue(ordinal) as usize).map_or("", String::as_str)
    }
}

fn messages(lightness: &str) -> Vec<String> {
    (0..360).map(|hue| format!("hsl({hue} 62% {lightness})")).collect()
}

pub(crate) fn card(context: &CanvasRenderingContext2d, area: Box2, fill: &str, stroke: &str) {
    context.begin_path();
    // A radius is no shape that could fail.
    let _ = context.round_rect_with_f64(area.left, area.top, area.width, area.height, 12.0);
    context.set_fill_style_str(fill);
    context.fill();
    context.set_stroke_style_str(stroke);
    context.set_line_width(1.25);
    context.stroke();
}

/// A small round one without an edge, behind a word.
pub(crate) fn chip(context: &CanvasRenderingContext2d, area: Box2, fill: &str) {
    context.begin_path();
    let _ = context.round_rect_with_f64(area.left, area.top, area.width, area.height, 5.0);
    context.set_fill_style_str(fill);
    context.fill();
}

/// A rectangle without anything in it.
pub(crate) fn frame(context: &CanvasRenderingContext2d, area: Box2, stroke: &str, width: f64) {
    context.begin_path();
    let _ = context.round_rect_with_f64(area.left, area.top, area.width, area.height, 14.0);
    context.set_stroke_style_str(stroke);
    context.set_line_width(width);
    context.stroke();
}

/// A way, more clearly than the others.
pub(crate) fn thick_curve(context: &CanvasRenderingContext2d, link: &Link, stroke: &str, width: f64) {
    let (a, b) = link.bends();
    trace(context, [link.from, a, b, link.to]);
    context.set_stroke_style_str(stroke);
    context.set_line_width(width);
    context.stroke();
}

pub(crate) fn text(
    context: &CanvasRenderingContext2d,
    text: &str,
    at: Point,
    size: f64,
    colour: &str,
    align: &str,
) {
    context.set_font(&format!("500 {size}px {FONT}"));
    context.set_text_align(align);
    context.set_text_baseline("middle");
    context.set_fill_style_str(colour);
    let _ = context.fill_text(text, at.x, at.y);
}

/// A text cut to `room` CSS pixels.
pub(crate) fn fitted(context: &CanvasRenderingContext2d, text: &str, size: f64, room: f64) -> String {
    if width(context, text, size) <= room {
        return text.to_owned();
    }
    let mut cut = text.to_owned();
    while cut.pop().is_some() && width(context, &format!("{cut}…"), size) > room {}
    format!("{cut}…")
}

/// How wide a text is, in CSS pixels.
pub(crate) fn width(context: &CanvasRenderingContext2d, text: &str, size: f64) -> f64 {
    context.set_font(&format!("500 {size}px {FONT}"));
    context.measure_text(text).map_or(0.0, |measured| measured.width())
}

pub(crate) fn disc(context: &CanvasRenderingContext2d, at: Point, radius: f64, colour: &str) {
    context.begin_path();
    let _ = context.arc(at.x, at.y, radius, 0.0, TAU);
    context.set_fill_style_str(colour);
    context.fill();
}

/// An arc from the top, clockwise, over `part` of the circle.
pub(crate) fn ring(
    context: &CanvasRenderingContext2d,
    at: Point,
    radius: f64,
    part: f64,
    colour: &str,
    width: f64,
) {
    context.begin_path();
    let _ = context.arc(at.x, at.y, radius, -TAU / 4.0, TAU * (part - 0.25));
    context.set_stroke_style_str(colour);
    context.set_line_width(width);
    context.stroke();
}

/// A curve of dashes.
pub(crate) fn dashes(context: &CanvasRenderingContext2d, from: Point, to: Point, colour: &str) {
    set_dash(context, 5.0, 5.0);
    curve(context, from, to, colour);
    set_dash(context, 0.0, 0.0);
}

/// What is drawn from now on has dashes so long, and so far apart; 0 and 0 for none.
pub(crate) fn set_dash(context: &CanvasRenderingContext2d, dash: f64, gap: f64) {
    let dashes =
        if dash > 0.0 { js_sys::Array::of2(&dash.into(), &gap.into()) } else { js_sys::Array::new() };
    // Lengths that are no numbers are the only ones refused.
    let _ = context.set_line_dash(&dashes);
}

/// A line that leaves and arrives level.
pub(crate) fn curve(context: &CanvasRenderingContext2d, from: Point, to: Point, colour: &str) {
    let (a, b) = bends(from, to);
    trace(context, [from, a, b, to]);
    context.set_stroke_style_str(colour);
    context.set_line_width(1.5);
    context.stroke();
}

/// A curve as the path to be drawn.
pub(crate) fn trace(context: &CanvasRenderingContext2d, [from, a, b, to]: [Point; 4]) {
    context.begin_path();
    context.move_to(from.x, from.y);
    context.bezier_curve_to(a.x, a.y, b.x, b.y, to.x, to.y);
}
