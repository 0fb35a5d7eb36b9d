//! What stands, drawn on sheets beside the picture that are laid into it: ways and the bands of streams on one, things on
//! the other. Where there is much of it, not all is drawn again in every frame, but as often as an eye can follow.

use std::{rc::Rc, time::Duration};

use warren_sim::warren_core::Instant;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{
    broker,
    brush::Brush,
    cable::{self, Cable},
    clients, nodes, now_ms, paint, streams,
};
use crate::{
    i18n::Lang,
    player::Player,
    scene::{Density, Layout},
};

/// The sheets of a picture.
pub(super) struct Layers {
    ways: Sheet,
    things: Sheet,
    /// What they show.
    shown: Option<Shown>,
    /// When somebody looked at the streams, and how thick each was when it was drawn.
    looked_at_ms: f64,
    bands: Vec<f64>,
    /// How the cables looked, and whether the broker had power.
    cables: (Vec<Cable>, bool),
    /// The moment that the things show, and of which future.
    moment: (Instant, (u32, u32)),
    /// Which thing is drawn next.
    turn: usize,
    /// For so many frames nothing of them is drawn.
    rest: u32,
}

/// A canvas that nobody sees.
struct Sheet {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

/// What the sheets as a whole depend on.
struct Shown {
    layout: Rc<Layout>,
    size: (u32, u32),
    is_dark: bool,
    lang: Lang,
}

/// For drawing things again there are so many ms in a frame …
const BUDGET_MS: f64 = 2.0;
/// … and where that is not enough for all of them, only in one of so many frames: a sheet that is drawn on costs a copy.
const ONE_IN: u32 = 4;
/// A clock that goes on by so much at once, and does not run, has been set.
const LEAP: Duration = Duration::from_millis(400);
/// The thickness of streams changes slowly, in ms …
const LOOK_EVERY_MS: f64 = 600.0;
/// … and less than this nobody sees, in pixels of the layout: to draw hundreds of bands takes longer than a frame.
const SEEN: f64 = 0.4;

/// How much is seen of ways that are not the usual ones, among many.
const FAINT: f64 = 0.4;

impl Layers {
    pub(super) fn new() -> Option<Layers> {
        let (ways, things) = (Sheet::new()?, Sheet::new()?);
        Some(Layers {
            ways,
            things,
            shown: None,
            looked_at_ms: 0.0,
            bands: Vec::new(),
            cables: <_>::default(),
            moment: <_>::default(),
            turn: 0,
            rest: 0,
        })
    }

    /// Brings them up to date for a picture of `size` pixels with `scale` of them for each CSS pixel.
    pub(super) fn draw(
        &mut self,
        brush: &Brush,
        player: &Player,
        layout: &Rc<Layout>,
        size: (u32, u32),
        scale: f64,
    ) -> Option<()> {
        let is_dark = brush.theme.is_dark;
        let is_known = self.shown.as_ref().is_some_and(|shown| {
            let looks = (shown.size, shown.is_dark, shown.lang);
            Rc::ptr_eq(&shown.layout, layout) && looks == (size, is_dark, brush.lang)
        });
        let cables = (cable::states(player, layout), player.world().broker_is_up());
        let are_cables_known = self.cables == cables;
        let moment = (player.world().now(), player.era());
        let before = std::mem::replace(&mut self.moment, moment);
        // Where the clock was set to another moment, all things show it at once, as what moves does.
        let is_small = player.playing || moment.0.since(before.0) < LEAP;
        let is_next = before.1 == moment.1 && before.0 <= moment.0 && is_small;
        // Without power everything in the broker looks different at once.
        if !is_known || !is_next || self.cables.1 != cables.1 {
            let lang = brush.lang;
            self.shown = Some(Shown { layout: layout.clone(), size, is_dark, lang });
            self.things.clear(layout, size, scale)?;
            let brush = self.things.brush(brush);
            layout.nodes.iter().for_each(|node| nodes::draw(&brush, player, layout, node));
        }
        if !is_known || !are_cables_known || player.flows.are_changing() || self.bands_have_changed(player) {
            self.bands = bands(player).collect();
            self.ways.clear(layout, size, scale)?;
            self.cables = cables;
            draw_ways(&self.ways.brush(brush), player, layout, &self.cables);
        } else if self.rest > 0 {
            self.rest -= 1;
        } else {
            self.draw_some_things(brush, player, layout);
        }
        Some(())
    }

    /// Lays the ways into a picture.
    pub(super) fn show_ways(&self, brush: &Brush) {
        self.ways.show(brush);
    }

    /// Lays the things into a picture.
    pub(super) fn show_things(&self, brush: &Brush) {
        self.things.show(brush);
    }

    /// Whether streams have come or gone, or are clearly thicker or thinner, as far as somebody looks.
    fn bands_have_changed(&mut self, player: &Player) -> bool {
        let now_ms = now_ms();
        if now_ms - self.looked_at_ms < LOOK_EVERY_MS {
            return false;
        }
        self.looked_at_ms = now_ms;
        let mut changes = self.bands.iter().zip(bands(player)).map(|(then, now)| (then - now).abs());
        bands(player).count() != self.bands.len() || changes.any(|change| change > SEEN)
    }

    fn draw_some_things(&mut self, brush: &Brush, player: &Player, layout: &Layout) {
        let brush = self.things.brush(brush);
        let until = now_ms() + BUDGET_MS;
        for _ in &layout.nodes {
            self.turn = (self.turn + 1) % layout.nodes.len();
            let node = &layout.nodes[self.turn];
            // Its edge, too, which would become bolder and bolder.
            let area = nodes::extent(&brush, layout, node);
            brush.context.clear_rect(area.left, area.top, area.width, area.height);
            nodes::draw(&brush, player, layout, node);
            if now_ms() >= until {
                self.rest = ONE_IN - 1;
                break;
            }
        }
    }
}

fn bands(player: &Player) -> impl Iterator<Item = f64> {
    player.flows.streams().map(|(_, flow)| flow.thickness())
}

fn draw_ways(brush: &Brush, player: &Player, layout: &Layout, (cables, is_up): &(Vec<Cable>, bool)) {
    broker::draw_frame(brush, &layout.broker, *is_up);
    clients::draw(brush, layout);
    let with_states = || layout.links.iter().zip(cables);
    for (link, state) in with_states() {
        if link.cable.is_some() {
            cable::draw_inside(brush, link, *state);
        } else if link.aside {
            // Among many they cross everything.
            let is_faint = brush.sizes.density == Density::Rows;
            brush.context.set_global_alpha(if is_faint { FAINT } else { 1.0 });
            paint::set_dash(&brush.context, 5.0, 5.0);
            paint::way(&brush.context, link, &brush.theme.edge, 1.25);
            paint::set_dash(&brush.context, 0.0, 0.0);
            paint::tip(&brush.context, link, &brush.theme.edge);
            brush.context.set_global_alpha(1.0);
            if let Some((name, at, align)) = link.name_of_aside().filter(|_| !is_faint) {
                let style = (brush.readable(10.0, 8.0), &*brush.theme.faint, &*brush.theme.card);
                paint::pill(&brush.context, name, at, align, style);
            }
        } else {
            paint::way(&brush.context, link, &brush.theme.edge, 1.25);
        }
    }
    streams::draw_bands(brush, player, layout);
    broker::draw_head(brush, &layout.broker, *is_up);
    with_states().for_each(|(link, state)| cable::draw(brush, link, *state));
}

impl Sheet {
    fn new() -> Option<Sheet> {
        let canvas = gloo::utils::document().create_element("canvas").ok()?;
        let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Sheet { canvas, context })
    }

    fn clear(&self, layout: &Layout, size: (u32, u32), scale: f64) -> Option<()> {
        // A canvas that is given a size is empty.
        self.canvas.set_width(size.0);
        self.canvas.set_height(size.1);
        let (x, y, zoom) = (layout.origin.x * scale, layout.origin.y * scale, scale * layout.zoom);
        self.context.set_transform(zoom, 0.0, 0.0, zoom, x, y).ok()
    }

    /// The same brush, to draw on this sheet.
    fn brush<'a>(&self, brush: &Brush<'a>) -> Brush<'a> {
        Brush { context: self.context.clone(), ..brush.clone() }
    }

    fn show(&self, brush: &Brush) {
        let context = &brush.context;
        context.save();
        // A canvas that is there, and a transformation that can be undone.
        let _ = context.reset_transform();
        let _ = context.draw_image_with_html_canvas_element(&self.canvas, 0.0, 0.0);
        context.restore();
    }
}
