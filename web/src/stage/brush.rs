//! What a picture is drawn with: where, in which colours, and how much detail can be seen.

use web_sys::CanvasRenderingContext2d;

use warren_sim::warren_core::MessageId;

use super::paint::{self, MESSAGE_RADIUS, Theme};
use crate::{player::Player, scene::Point};

/// A context with its theme.
#[derive(Clone)]
pub(super) struct Brush<'a> {
    pub(super) context: CanvasRenderingContext2d,
    pub(super) theme: &'a Theme,
    /// CSS pixels for each pixel of the layout.
    pub(super) zoom: f64,
    /// Whether the numbers on messages can be read.
    pub(super) is_legible: bool,
}

/// Smaller than this numbers on messages are only specks, in CSS pixels for each pixel of the layout.
const SMALLEST: f64 = 0.62;
/// Among more moving messages nobody reads numbers.
const MANY: usize = 250;

impl<'a> Brush<'a> {
    pub(super) fn new(context: CanvasRenderingContext2d, theme: &'a Theme, zoom: f64) -> Brush<'a> {
        Brush { context, theme, zoom, is_legible: zoom >= SMALLEST }
    }

    /// A size of letters, in pixels of the layout: this, or more where it would be less than so many CSS pixels.
    pub(super) fn readable(&self, size: f64, least: f64) -> f64 {
        size.max((least / self.zoom).min(size * 1.5))
    }

    /// The same for so many messages.
    pub(super) fn for_so_many(&self, messages: usize) -> Brush<'a> {
        Brush { is_legible: self.is_legible && messages <= MANY, ..self.clone() }
    }

    /// A message: a disc with its number.
    pub(super) fn message(&self, at: Point, ordinal: u64) {
        paint::disc(&self.context, at, MESSAGE_RADIUS, self.theme.message(ordinal));
        self.number(at, ordinal, "#ffffff");
    }

    /// A message that is only remembered here: its outline.
    pub(super) fn outline(&self, at: Point, ordinal: u64) {
        let colour = self.theme.message(ordinal);
        paint::ring(&self.context, at, MESSAGE_RADIUS - 1.0, 1.0, colour, 2.0);
        self.number(at, ordinal, &self.theme.ink);
    }

    /// A ring around the message whose story is told.
    pub(super) fn mark_selected(&self, player: &Player, message: MessageId, at: Point) {
        if player.selected() == Some(message) {
            paint::ring(&self.context, at, MESSAGE_RADIUS + 5.0, 1.0, &self.theme.ink, 1.5);
        }
    }

    fn number(&self, at: Point, ordinal: u64, colour: &str) {
        const USUAL_DIGITS: usize = 3;
        let digits = ordinal.to_string();
        if self.is_legible && digits.len() <= USUAL_DIGITS + 1 {
            let narrow = USUAL_DIGITS as f64 / digits.len().max(USUAL_DIGITS) as f64;
            paint::text(&self.context, &digits, at, MESSAGE_RADIUS * 1.05 * narrow, colour, "center");
        }
    }
}
