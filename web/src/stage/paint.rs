//! Brushes: the theme's colours, and shapes that the stage is made of.

use std::f64::consts::TAU;

use wasm_bindgen::JsValue;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::scene::{Box2, Curve, Link, Node, Point, bends, hue};

/// The colours of the style sheet, which knows about light and dark.
pub(crate) struct Theme {
    pub(crate) ink: String,
    pub(crate) faint: String,
    pub(crate) line: String,
    pub(crate) card: String,
    pub(crate) shelf: String,
    pub(crate) accent: String,
    pub(crate) alarm: String,
    /// The edge of a thing.
    pub(crate) edge: String,
    /// The inside of the broker, and its head.
    pub(crate) broker: String,
    pub(crate) head: String,
    /// What waits, or is not synced.
    pub(crate) wait: String,
    /// What has no power, what is written on it, and what shines in it.
    pub(crate) dark: String,
    pub(crate) on_dark: String,
    pub(crate) glow: String,
    /// What is written on messages.
    pub(crate) on_message: String,
    /// Behind words that say what is lost.
    pub(crate) alarm_ground: String,
    /// The colours of messages, by their hue.
    messages: Vec<String>,
    pub(crate) is_dark: bool,
}

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
            edge: colour("--edge"),
            broker: colour("--broker"),
            head: colour("--head"),
            wait: colour("--wait"),
            dark: colour("--dark"),
            on_dark: colour("--on-dark"),
            glow: colour("--glow"),
            on_message: colour("--on-dot"),
            alarm_ground: colour("--alarm-ground"),
            messages: messages(&colour("--dot")),
            is_dark,
        })
    }

    /// One of the colours of messages.
    pub(crate) fn message(&self, colour: u64) -> &str {
        self.messages.get(hue(colour) as usize).map_or("", String::as_str)
    }
}

/// `look` is lightness and chroma.
fn messages(look: &str) -> Vec<String> {
    (0..370).map(|hue| format!("oklch({look} {hue})")).collect()
}

pub(crate) fn card(context: &CanvasRenderingContext2d, area: Box2, fill: &str, stroke: &str) {
    rounded(context, area, 12.0);
    context.set_fill_style_str(fill);
    context.fill();
    context.set_stroke_style_str(stroke);
    context.set_line_width(1.25);
    context.stroke();
}

/// A rectangle with round corners as the path to be drawn.
pub(crate) fn rounded(context: &CanvasRenderingContext2d, area: Box2, radius: f64) {
    context.begin_path();
    // A radius is no shape that could fail.
    let _ = context.round_rect_with_f64(area.left, area.top, area.width, area.height, radius);
}

/// The same with a radius for each corner: from the upper left one clockwise.
pub(crate) fn with_corners(context: &CanvasRenderingContext2d, area: Box2, radii: [f64; 4]) {
    context.begin_path();
    let radii: js_sys::Array = radii.into_iter().map(JsValue::from_f64).collect();
    let Box2 { left, top, width, height } = area;
    // Radii that are numbers are no shape that could fail.
    let _ = context.round_rect_with_f64_sequence(left, top, width, height, &radii);
}

/// The path that has just been made, filled, and with an edge.
pub(crate) fn filled(context: &CanvasRenderingContext2d, fill: &str, stroke: &str, width: f64) {
    context.set_fill_style_str(fill);
    context.fill();
    stroked(context, stroke, width);
}

pub(crate) fn stroked(context: &CanvasRenderingContext2d, stroke: &str, width: f64) {
    context.set_stroke_style_str(stroke);
    context.set_line_width(width);
    context.stroke();
}

/// A line through these points as the path to be drawn.
pub(crate) fn polyline(context: &CanvasRenderingContext2d, points: impl IntoIterator<Item = Point>) {
    context.begin_path();
    for (index, point) in points.into_iter().enumerate() {
        if index == 0 { context.move_to(point.x, point.y) } else { context.line_to(point.x, point.y) }
    }
}

pub(crate) fn line(context: &CanvasRenderingContext2d, from: Point, to: Point, stroke: &str, width: f64) {
    polyline(context, [from, to]);
    stroked(context, stroke, width);
}

/// Words on a ground of their own; returns how wide that is. `at` is its left or right end, at half of its height.
pub(crate) fn pill(
    context: &CanvasRenderingContext2d,
    words: &str,
    at: Point,
    align: &str,
    (size, ink, ground): (f64, &str, &str),
) -> f64 {
    let width = bold_width(context, words, size) + size;
    let left = match align {
        "right" => at.x - width,
        "center" => at.x - width / 2.0,
        _ => at.x,
    };
    let area = Box2 { left, top: at.y - size * 0.8, width, height: size * 1.6 };
    chip(context, area, ground);
    bold(context, words, area.centre(), size, ink, "center");
    width
}

/// Words in a frame of their colour, in the middle of `at`.
pub(crate) fn label(
    context: &CanvasRenderingContext2d,
    words: &str,
    at: Point,
    (size, ink, ground): (f64, &str, &str),
) {
    let (width, height) = (bold_width(context, words, size) + size, size * 1.7);
    let area = Box2 { left: at.x - width / 2.0, top: at.y - height / 2.0, width, height };
    rounded(context, area, height / 2.0);
    filled(context, ground, ink, 1.5);
    bold(context, words, at, size, ink, "center");
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

/// A way.
pub(crate) fn way(context: &CanvasRenderingContext2d, link: &Link, stroke: &str, width: f64) {
    trace(context, &link.curves());
    stroked(context, stroke, width);
}

/// The tip of the arrow at the end of a way.
pub(crate) fn tip(context: &CanvasRenderingContext2d, link: &Link, colour: &str) {
    const LONG: f64 = 8.0;
    const WIDE: f64 = 4.0;
    let to = link.to();
    let Some(from) = link.points().filter(|point| point.distance(to) > LONG).last() else { return };
    let length = from.distance(to);
    let (dx, dy) = ((to.x - from.x) / length, (to.y - from.y) / length);
    let foot = Point { x: to.x - dx * LONG, y: to.y - dy * LONG };
    let sides = [1.0, -1.0].map(|side| Point { x: foot.x - dy * WIDE * side, y: foot.y + dx * WIDE * side });
    polyline(context, [sides[0], to, sides[1]]);
    context.close_path();
    context.set_fill_style_str(colour);
    context.fill();
}

pub(crate) fn text(
    context: &CanvasRenderingContext2d,
    text: &str,
    at: Point,
    size: f64,
    colour: &str,
    align: &str,
) {
    write(context, text, at, (size, 500), colour, align);
}

pub(crate) fn bold(
    context: &CanvasRenderingContext2d,
    text: &str,
    at: Point,
    size: f64,
    colour: &str,
    align: &str,
) {
    write(context, text, at, (size, 650), colour, align);
}

fn write(
    context: &CanvasRenderingContext2d,
    text: &str,
    at: Point,
    (size, weight): (f64, u32),
    colour: &str,
    align: &str,
) {
    context.set_font(&format!("{weight} {size}px {FONT}"));
    context.set_text_align(align);
    context.set_text_baseline("middle");
    context.set_fill_style_str(colour);
    // Text of any kind can be drawn.
    let _ = context.fill_text(text, at.x, at.y);
}

/// The same, cut in the middle where there is no room for all of it: names begin alike, and end differently.
pub(crate) fn fitted(context: &CanvasRenderingContext2d, text: &str, size: f64, room: f64) -> String {
    if bold_width(context, text, size) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    for kept in (1..letters.len()).rev() {
        let (start, end) = (kept.div_ceil(2), kept / 2);
        let cut: String =
            letters[..start].iter().chain(&['…']).chain(&letters[letters.len() - end..]).collect();
        if bold_width(context, &cut, size) <= room {
            return cut;
        }
    }
    "…".to_owned()
}

/// The name of a thing as it fits: without what many of its kind begin with, before it is cut in the middle.
pub(crate) fn fitted_name(context: &CanvasRenderingContext2d, node: &Node, size: f64, room: f64) -> String {
    if node.shared == 0 || bold_width(context, &node.name, size) <= room {
        return fitted(context, &node.name, size, room);
    }
    fitted(context, &format!("…{}", &node.name[node.shared..]), size, room)
}

/// The same, cut at its end.
pub(crate) fn cut(context: &CanvasRenderingContext2d, text: &str, size: f64, room: f64) -> String {
    if width(context, text, size) <= room {
        return text.to_owned();
    }
    let mut cut = text.to_owned();
    while cut.pop().is_some() && width(context, &format!("{cut}…"), size) > room {}
    format!("{cut}…")
}

/// How wide a text is, in pixels of the layout.
pub(crate) fn width(context: &CanvasRenderingContext2d, text: &str, size: f64) -> f64 {
    measured(context, text, size, 500)
}

pub(crate) fn bold_width(context: &CanvasRenderingContext2d, text: &str, size: f64) -> f64 {
    measured(context, text, size, 650)
}

fn measured(context: &CanvasRenderingContext2d, text: &str, size: f64, weight: u32) -> f64 {
    context.set_font(&format!("{weight} {size}px {FONT}"));
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

/// A frame of dots just inside an area so large.
pub(crate) fn dotted_frame(context: &CanvasRenderingContext2d, (width, height): (f64, f64), colour: &str) {
    const INSET: f64 = 5.0;
    let area = Box2 { left: INSET, top: INSET, width: width - 2.0 * INSET, height: height - 2.0 * INSET };
    rounded(context, area, 13.0);
    set_dash(context, 3.0, 9.0);
    stroked(context, colour, 3.0);
    set_dash(context, 0.0, 0.0);
}

/// A line that leaves and arrives level.
pub(crate) fn curve(context: &CanvasRenderingContext2d, from: Point, to: Point, colour: &str) {
    let (a, b) = bends(from, to);
    trace(context, &[[from, a, b, to]]);
    context.set_stroke_style_str(colour);
    context.set_line_width(1.5);
    context.stroke();
}

/// Curves, one after the other, as the path to be drawn.
pub(crate) fn trace(context: &CanvasRenderingContext2d, curves: &[Curve]) {
    context.begin_path();
    for (index, [from, a, b, to]) in curves.iter().enumerate() {
        if index == 0 {
            context.move_to(from.x, from.y);
        }
        context.bezier_curve_to(a.x, a.y, b.x, b.y, to.x, to.y);
    }
}
