//! What the page offers to scripts, as `window.wasmBindings`.

#![expect(unreachable_pub, reason = "wasm_bindgen wants public functions, in a program as in a library")]

use std::{cell::RefCell, time::Duration};

use warren_sim::{Scenario, World, lessons, warren_core::Instant};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlCanvasElement;

use crate::{scene::Layout, stage::Shared};

/// How often events are taken while they are counted, in virtual time.
const FRAME: Duration = Duration::from_millis(16);

thread_local! {
    static STAGE: RefCell<Option<(Shared, HtmlCanvasElement)>> = const { RefCell::new(None) };
}

/// Makes the stage known to scripts.
pub(crate) fn set_stage(player: Shared, canvas: HtmlCanvasElement) {
    STAGE.with(|stage| *stage.borrow_mut() = Some((player, canvas)));
}

/// The trace hash of a lesson with a seed, given as a decimal number; empty if there is no such lesson or seed. The
/// lesson `generated` is what the seed makes up.
#[wasm_bindgen]
#[must_use]
pub fn trace_hash(lesson: &str, seed: &str) -> String {
    if let ("generated", Ok(seed)) = (lesson, seed.parse()) {
        return warren_sim::generated_trace_hash(seed);
    }
    let lesson = lessons::find(lesson).and_then(|lesson| Scenario::parse(lesson.id, lesson.toml).ok());
    match (lesson, seed.parse()) {
        (Some(scenario), Ok(seed)) => warren_sim::trace_hash(&scenario, seed),
        _ => String::new(),
    }
}

/// How many events happen in a scenario, given as TOML, in the world of a seed: a measure of speed.
///
/// # Errors
/// What is wrong with the scenario.
#[wasm_bindgen]
pub fn count_events(scenario: &str, seed: u32) -> Result<u32, String> {
    let scenario = Scenario::parse("scenario", scenario).map_err(|error| error.to_string())?;
    let mut world = World::new(&scenario, seed.into()).without_stories();
    let end = Instant::ZERO + scenario.until;
    let mut events = 0;
    while let Some(next) = world.next_at().filter(|next| *next <= end) {
        world.run_until(next + FRAME);
        events += world.take_events().len();
    }
    u32::try_from(events).map_err(|_| "more than fit in a number".to_owned())
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
