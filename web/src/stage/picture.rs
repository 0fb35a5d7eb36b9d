//! A canvas, and what is needed to draw on it again and again.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{Hand, brush::Brush, draw, layer::Layers, layout_on, marks, paint, paint::Theme};
use crate::{i18n::Lang, player::Player};

/// A canvas on the page.
pub(super) struct Picture {
    canvas: HtmlCanvasElement,
    context: Option<CanvasRenderingContext2d>,
    layers: Option<Layers>,
    theme: Option<Theme>,
}

/// How much of what is pale is hidden.
const VEIL: f64 = 0.42;

/// How time passes for a picture.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// The time of the frame, in ms since the page was opened.
    pub(super) now_ms: f64,
    /// Since it was painted last, in ms.
    pub(super) elapsed_ms: f64,
    /// The visitor wants nothing to move that need not.
    pub(super) is_still: bool,
    pub(super) is_dark: bool,
    pub(super) lang: Lang,
}

impl Picture {
    pub(super) fn on(canvas: HtmlCanvasElement) -> Picture {
        let context = canvas.get_context("2d").ok().flatten().and_then(|context| context.dyn_into().ok());
        Picture { canvas, context, layers: Layers::new(), theme: None }
    }

    pub(super) fn is_on(&self, canvas: &HtmlCanvasElement) -> bool {
        self.canvas == *canvas
    }

    /// Another one on the same canvas.
    pub(super) fn another(&self) -> Picture {
        Picture::on(self.canvas.clone())
    }

    /// What is painted becomes pale and gets a dotted frame: it is not what is being played.
    pub(super) fn veil(&self) -> Option<()> {
        let (theme, context) = (self.theme.as_ref()?, self.context.as_ref()?);
        let scale = web_sys::window()?.device_pixel_ratio();
        context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).ok()?;
        let (width, height) =
            (f64::from(self.canvas.width()) / scale, f64::from(self.canvas.height()) / scale);
        context.set_global_alpha(VEIL);
        context.set_fill_style_str(&theme.card);
        context.fill_rect(0.0, 0.0, width, height);
        context.set_global_alpha(1.0);
        paint::dotted_frame(context, (width, height), &theme.wait);
        Some(())
    }

    /// The picture as it is now.
    pub(super) fn paint(&mut self, player: &mut Player, hand: &Hand, moment: Moment) -> Option<()> {
        let layout = hand.layout(player, layout_on(&self.canvas, player));
        player.flow(&layout, moment.elapsed_ms, moment.is_still);
        self.take_colours(moment.is_dark);
        let (theme, context, layers) = (self.theme.as_ref()?, self.context.as_ref()?, self.layers.as_mut()?);
        let scale = web_sys::window()?.device_pixel_ratio();
        let (width, height) = (layout.size.x * scale, layout.size.y * scale);
        let size = (width.round() as u32, height.round() as u32);
        if (self.canvas.width(), self.canvas.height()) != size {
            self.canvas.set_width(size.0);
            self.canvas.set_height(size.1);
        }
        let brush = Brush::new(context.clone(), (theme, moment.lang), &layout);
        layers.draw(&brush, player, &layout, size, scale)?;
        context.reset_transform().ok()?;
        context.clear_rect(0.0, 0.0, f64::from(size.0), f64::from(size.1));
        let zoom = scale * layout.zoom;
        context.set_transform(zoom, 0.0, 0.0, zoom, layout.origin.x * scale, layout.origin.y * scale).ok()?;
        draw::draw(&brush, player, &layout, layers);
        marks::draw(&brush, player, &layout, (hand, moment.now_ms));
        Some(())
    }

    /// Takes the colours of the style sheet, if they are others now.
    fn take_colours(&mut self, is_dark: bool) {
        if self.theme.as_ref().is_none_or(|theme| theme.is_dark != is_dark) {
            self.theme = Theme::of(&self.canvas, is_dark);
        }
    }
}
