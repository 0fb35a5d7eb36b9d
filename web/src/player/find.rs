//! Finding a thing on the stage by its name.

use super::{Player, Selection};
use crate::scene::{Place, Point};

/// What is found is shown at least at this part of its usual size.
const READABLE: f64 = 1.0;

impl Player {
    /// Picks a thing whose name contains `text`, whatever the case, and brings it to the middle of the stage, large enough to
    /// be read: the first one, or the next after the one that is picked. Says which it is, from 1, and how many there are.
    pub(crate) fn find(&mut self, text: &str, is_next: bool) -> (usize, usize) {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return (0, 0);
        }
        let layout = self.latest_layout();
        let named = layout.nodes.iter().filter(|node| node.name.to_lowercase().contains(&text));
        let found: Vec<&Place> = named.map(|node| &node.place).collect();
        let picked = self.selection.only_place();
        let at = found.iter().position(|place| Some(*place) == picked);
        let at = at.map_or(0, |at| if is_next { (at + 1) % found.len() } else { at });
        let Some(place) = found.get(at) else { return (0, 0) };
        self.bring_to_the_middle(place);
        self.selection = Selection::place((*place).clone());
        (at + 1, found.len())
    }

    fn bring_to_the_middle(&mut self, place: &Place) {
        let layout = self.latest_layout();
        let middle = Point { x: layout.size.x / 2.0, y: layout.size.y / 2.0 };
        self.camera = self.camera.zoomed((READABLE / layout.zoom).max(1.0), middle);
        let layout = self.latest_layout();
        if let Some(node) = layout.node(place) {
            self.camera = self.camera.shifted(middle.minus(layout.outward(node.area.centre())));
        }
    }
}
