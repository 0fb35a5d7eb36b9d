//! What a picture is drawn with: where, in which colours and language, and how much detail can be seen.

use web_sys::CanvasRenderingContext2d;

use super::paint::Theme;
use crate::{
    i18n::Lang,
    scene::{Layout, Sizes},
};

/// A context with its theme.
#[derive(Clone)]
pub(super) struct Brush<'a> {
    pub(super) context: CanvasRenderingContext2d,
    pub(super) theme: &'a Theme,
    pub(super) lang: Lang,
    pub(super) sizes: &'static Sizes,
    /// CSS pixels for each pixel of the layout.
    pub(super) zoom: f64,
    /// Whether the numbers on messages can be read.
    pub(super) is_legible: bool,
}

/// With a smaller radius numbers on messages are only specks, in CSS pixels.
const SMALLEST: f64 = 5.6;
/// Among more moving messages nobody reads numbers.
const MANY: usize = 250;

impl<'a> Brush<'a> {
    pub(super) fn new(
        context: CanvasRenderingContext2d,
        (theme, lang): (&'a Theme, Lang),
        layout: &Layout,
    ) -> Brush<'a> {
        let (sizes, zoom) = (layout.sizes, layout.zoom);
        Brush { context, theme, lang, sizes, zoom, is_legible: zoom * sizes.radius >= SMALLEST }
    }

    /// A size of letters, in pixels of the layout: this, or more where it would be less than so many CSS pixels.
    pub(super) fn readable(&self, size: f64, least: f64) -> f64 {
        size.max((least / self.zoom).min(size * 1.5))
    }

    /// The same for so many messages.
    pub(super) fn for_so_many(&self, messages: usize) -> Brush<'a> {
        Brush { is_legible: self.is_legible && messages <= MANY, ..self.clone() }
    }
}
