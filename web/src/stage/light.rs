//! The light on what a lesson names, and the dimming of everything else.

use web_sys::CanvasWindingRule;

use super::{brush::Brush, paint};
use crate::scene::{Box2, Layout, Light};

/// From a thing to the edge of its light, in pixels of the layout.
const GAP: f64 = 7.0;
const RADIUS: f64 = 15.0;
/// How much of what is dimmed is hidden.
const DIM: f64 = 0.78;
/// Around the edge: how wide, and how strong.
const HALO: [(f64, f64); 3] = [(16.0, 0.10), (10.0, 0.16), (5.5, 0.28)];

/// Above what stands and rests, below what moves.
pub(super) fn draw(brush: &Brush, layout: &Layout, light: &Light) {
    let areas = light.things.iter().filter_map(|lit| lit.area(layout));
    let areas: Vec<Box2> = areas.map(|area| area.grown(GAP)).collect();
    let (context, theme) = (&brush.context, brush.theme);
    if light.dims_the_rest {
        let corner = layout.inward(crate::scene::Point::default());
        let end = layout.inward(layout.size);
        context.begin_path();
        context.rect(corner.x, corner.y, end.x - corner.x, end.y - corner.y);
        for area in &areas {
            // A radius is no shape that could fail.
            let _ = context.round_rect_with_f64(area.left, area.top, area.width, area.height, RADIUS);
        }
        context.set_global_alpha(DIM);
        context.set_fill_style_str(&theme.card);
        context.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
    }
    for area in areas {
        for (width, strength) in HALO {
            context.set_global_alpha(strength);
            paint::rounded(context, area, RADIUS);
            paint::stroked(context, &theme.glow, width);
        }
        context.set_global_alpha(1.0);
        paint::rounded(context, area, RADIUS);
        paint::stroked(context, &theme.accent, 2.5);
    }
    context.set_global_alpha(1.0);
}
