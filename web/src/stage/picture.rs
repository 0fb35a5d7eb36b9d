//! A canvas, and what is needed to draw on it again and again.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{Hand, brush::Brush, draw, layer::Layers, layout_on, marks, paint::Theme};
use crate::player::Player;

/// A canvas on the page.
pub(super) struct Picture {
    canvas: HtmlCanvasElement,
    context: Option<CanvasRenderingContext2d>,
    layers: Option<Layers>,
    theme: Option<Theme>,
    /// How long ago it was that somebody looked whether the theme is another one, in frames.
    looked: u32,
}

/// How time passes for a picture.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// Since it was painted last, in ms.
    pub(super) elapsed_ms: f64,
    /// The visitor wants nothing to move that need not.
    pub(super) is_still: bool,
}

/// How often somebody looks, in frames.
const LOOK_EVERY: u32 = 20;

impl Picture {
    pub(super) fn on(canvas: HtmlCanvasElement) -> Picture {
        let context = canvas.get_context("2d").ok().flatten().and_then(|context| context.dyn_into().ok());
        Picture { canvas, context, layers: Layers::new(), theme: None, looked: 0 }
    }

    pub(super) fn is_on(&self, canvas: &HtmlCanvasElement) -> bool {
        self.canvas == *canvas
    }

    /// The picture as it is now.
    pub(super) fn paint(&mut self, player: &mut Player, hand: &Hand, moment: Moment) -> Option<()> {
        let layout = hand.layout(player, layout_on(&self.canvas, player));
        player.flow(&layout, moment.elapsed_ms, moment.is_still);
        self.look();
        let (theme, context, layers) = (self.theme.as_ref()?, self.context.as_ref()?, self.layers.as_mut()?);
        let scale = web_sys::window()?.device_pixel_ratio();
        let (width, height) = (layout.size.x * scale, layout.size.y * scale);
        let size = (width.round() as u32, height.round() as u32);
        if (self.canvas.width(), self.canvas.height()) != size {
            self.canvas.set_width(size.0);
            self.canvas.set_height(size.1);
        }
        let brush = Brush::new(context.clone(), theme, layout.zoom);
        layers.draw(&brush, player, &layout, size, scale)?;
        context.reset_transform().ok()?;
        context.clear_rect(0.0, 0.0, f64::from(size.0), f64::from(size.1));
        let zoom = scale * layout.zoom;
        context.set_transform(zoom, 0.0, 0.0, zoom, layout.origin.x * scale, layout.origin.y * scale).ok()?;
        draw::draw(&brush, player, &layout, layers);
        marks::draw(context, theme, player, &layout, hand);
        Some(())
    }

    /// Takes the colours of the style sheet, if they are others now.
    fn look(&mut self) {
        self.looked += 1;
        let Some(theme) = &self.theme else {
            self.theme = Theme::of(&self.canvas, 0);
            return;
        };
        if self.looked >= LOOK_EVERY {
            self.looked = 0;
            if !theme.is_current(&self.canvas) {
                self.theme = Theme::of(&self.canvas, theme.version + 1);
            }
        }
    }
}
