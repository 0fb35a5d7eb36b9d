//! What the page offers to scripts, as `window.wasmBindings`.

#![expect(unreachable_pub, reason = "wasm_bindgen wants public functions, in a program as in a library")]

use std::cell::RefCell;

use warren_sim::{Scenario, lessons};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlCanvasElement;

use crate::{scene::Layout, stage::Shared};

thread_local! {
    static STAGE: RefCell<Option<(Shared, HtmlCanvasElement)>> = const { RefCell::new(None) };
}

/// Makes the stage known to scripts.
pub(crate) fn set_stage(player: Shared, canvas: HtmlCanvasElement) {
    STAGE.with(|stage| *stage.borrow_mut() = Some((player, canvas)));
}

/// The trace hash of a lesson with a seed, given as a decimal number; empty if there is no such lesson or seed.
#[wasm_bindgen]
#[must_use]
pub fn trace_hash(lesson: &str, seed: &str) -> String {
    let lesson = lessons::find(lesson).and_then(|lesson| Scenario::parse(lesson.id, lesson.toml).ok());
    match (lesson, seed.parse()) {
        (Some(scenario), Ok(seed)) => warren_sim::trace_hash(&scenario, seed),
        _ => String::new(),
    }
}

/// Where a producer or consumer stands, in CSS pixels of the window; empty if it is not on the stage.
#[wasm_bindgen]
#[must_use]
pub fn stage_point(actor: &str) -> Vec<f64> {
    STAGE.with(|stage| {
        let stage = stage.borrow();
        let Some((player, canvas)) = stage.as_ref() else { return Vec::new() };
        let area = canvas.get_bounding_client_rect();
        let player = player.borrow();
        let layout = Layout::new(&player.scenario, area.width(), area.height());
        let node = layout.nodes.iter().find(|node| node.name == actor);
        node.map_or_else(Vec::new, |node| {
            // Its upper edge, where no message rests.
            let centre = node.area.centre();
            vec![area.left() + centre.x * layout.zoom, area.top() + (node.area.top + 12.0) * layout.zoom]
        })
    })
}
