//! The layout, which is made anew only when it is another one.

use std::rc::Rc;

use warren_sim::{Scenario, warren_core::Name};

use super::{Player, Selection};
use crate::scene::{Camera, Folding, Layout, Place};

/// A layout, and what it is of.
pub(super) struct Seen {
    scenario: Rc<Scenario>,
    size: (f64, f64),
    camera: Camera,
    folding: Folding,
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
            && seen.folding == self.folding
        {
            return seen.layout.clone();
        }
        let layout = Rc::new(Layout::folded(&scenario, &self.folding, width, height).seen_by(camera));
        let folding = self.folding.clone();
        *seen = Some(Seen { scenario, size, camera, folding, layout: layout.clone() });
        layout
    }

    /// The stage as it was seen last, for who wants to know what stands there.
    pub(crate) fn latest_layout(&self) -> Rc<Layout> {
        let size = self.layout.borrow().as_ref().map_or((1_000.0, 600.0), |seen| seen.size);
        self.layout(size.0, size.1)
    }

    /// Folds an exchange with its queues, or unfolds it. What was picked and is not seen any more gives way to the exchange.
    pub(crate) fn fold(&mut self, exchange: Name, is_folded: bool) {
        self.folding.choose(exchange.clone(), is_folded);
        let layout = self.latest_layout();
        let is_seen = |place: &Place| layout.nodes.iter().any(|node| node.place == *place);
        if !self.selection.places.iter().all(is_seen) {
            self.selection = Selection::place(Place::Exchange(exchange));
        }
    }

    /// Sees to it that what is picked is seen, and not folded.
    pub(crate) fn unfold_picked(&mut self) {
        let layout = self.latest_layout();
        for place in &self.selection.places {
            if let Place::Queues(exchange) | Place::Consumers(exchange) = layout.folds.shown(place)
                && layout.folds.shown(place) != place
            {
                self.folding.choose(exchange.clone(), false);
            }
        }
    }
}
