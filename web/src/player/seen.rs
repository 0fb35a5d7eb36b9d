//! The layout, which is made anew only when it is another one.

use std::rc::Rc;

use warren_sim::Scenario;

use super::Player;
use crate::scene::{Camera, Layout};

/// A layout, and what it is of.
pub(super) struct Seen {
    scenario: Rc<Scenario>,
    size: (f64, f64),
    camera: Camera,
    layout: Rc<Layout>,
}

impl Player {
    /// The stage on so many CSS pixels, as the visitor has moved it.
    pub(crate) fn layout(&self, width: f64, height: f64) -> Rc<Layout> {
        let (scenario, size, camera) = (self.shared_scenario(), (width, height), self.camera);
        let mut seen = self.layout.borrow_mut();
        if let Some(seen) = &*seen
            && (seen.size, seen.camera) == (size, camera)
            && Rc::ptr_eq(&seen.scenario, &scenario)
        {
            return seen.layout.clone();
        }
        let layout = Rc::new(Layout::new(&scenario, width, height).seen_by(camera));
        *seen = Some(Seen { scenario, size, camera, layout: layout.clone() });
        layout
    }

    /// The stage as it was seen last, for who wants to know what stands there.
    pub(crate) fn latest_layout(&self) -> Rc<Layout> {
        let size = self.layout.borrow().as_ref().map_or((1_000.0, 600.0), |seen| seen.size);
        self.layout(size.0, size.1)
    }
}
