//! What the page offers to scripts: [`Simulation`], as `window.warren` and in the ES module (docs/JAVASCRIPT.md), and what
//! its own tests want to know, as `window.wasmBindings`.

#![expect(unreachable_pub, reason = "wasm_bindgen wants public functions, in a program as in a library")]

mod convert;
mod simulation;

use std::{cell::RefCell, time::Duration};

use js_sys::Reflect;
pub use simulation::Simulation;
use warren_sim::{Scenario, World, lessons, warren_core::Instant};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlCanvasElement;

use crate::{
    app::App,
    scene::{Lit, Point},
    stage::{Shared, handle, layout_on},
};

/// How often events are taken while they are counted, in virtual time.
const FRAME: Duration = Duration::from_millis(16);

thread_local! {
    static STAGE: RefCell<Option<(Shared, HtmlCanvasElement)>> = const { RefCell::new(None) };
}

/// Makes the stage known to scripts.
pub(crate) fn set_stage(player: Shared, canvas: HtmlCanvasElement) {
    let warren = Simulation::of(player.clone()).into();
    // The window takes new properties.
    let _ = Reflect::set(&js_sys::global(), &"warren".into(), &warren);
    STAGE.with(|stage| *stage.borrow_mut() = Some((player, canvas)));
}

/// Starts the page in the document's body.
#[wasm_bindgen]
pub fn start() {
    yew::Renderer::<App>::new().render();
}

/// All that happens in a scenario with a seed, as lines of JSON: a lesson's name, or a scenario as TOML, and a decimal
/// number. Empty if there is no such thing.
#[wasm_bindgen]
#[must_use]
pub fn trace(scenario: &str, seed: &str) -> String {
    let toml = lessons::find(scenario).map_or(scenario, |lesson| lesson.toml);
    match (Scenario::parse("scenario", toml), seed.parse()) {
        (Ok(scenario), Ok(seed)) => warren_sim::trace(&scenario, seed),
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

/// Where the switch of the broker's power is, in CSS pixels of the window; empty before the stage is there.
#[wasm_bindgen]
#[must_use]
pub fn power_switch() -> Vec<f64> {
    STAGE.with(|stage| {
        let stage = stage.borrow();
        let Some((player, canvas)) = stage.as_ref() else { return Vec::new() };
        let area = canvas.get_bounding_client_rect();
        let layout = layout_on(canvas, &player.borrow());
        let at = layout.outward(layout.broker.power.centre());
        vec![area.left() + at.x, area.top() + at.y]
    })
}

/// What is lit up on the stage, in the words of a lesson: `queue tasks`; and at the end `alone` if all else is dimmed.
#[wasm_bindgen]
#[must_use]
pub fn stage_lights() -> Vec<String> {
    STAGE.with(|stage| {
        let stage = stage.borrow();
        let Some((player, _)) = stage.as_ref() else { return Vec::new() };
        let player = player.borrow();
        let things = player.light.things.iter().filter_map(|lit| match lit {
            Lit::Place(place) => place.key(player.scenario()),
            Lit::Broker => Some("broker".to_owned()),
        });
        things.chain(player.light.dims_the_rest.then(|| "alone".to_owned())).collect()
    })
}

/// Where a thing stands, and where its arrow is once it is picked, in CSS pixels of the window: two points; empty if it is
/// not on the stage.
#[wasm_bindgen]
#[must_use]
pub fn stage_point(name: &str) -> Vec<f64> {
    STAGE.with(|stage| {
        let stage = stage.borrow();
        let Some((player, canvas)) = stage.as_ref() else { return Vec::new() };
        let area = canvas.get_bounding_client_rect();
        let player = player.borrow();
        let layout = layout_on(canvas, &player);
        let is_called = |node: &&crate::scene::Node| {
            node.name == name || node.place.key(player.scenario()).is_some_and(|key| key == name)
        };
        let node = layout.nodes.iter().find(is_called);
        node.map_or_else(Vec::new, |node| {
            // Its upper edge, where no message rests.
            let top = Point { x: node.area.centre().x, y: node.area.top + 12.0 };
            let points = [Some(top), handle(&layout, &node.place)];
            let seen = points.into_iter().flatten().map(|point| layout.outward(point));
            seen.flat_map(|at| [area.left() + at.x, area.top() + at.y]).collect()
        })
    })
}
