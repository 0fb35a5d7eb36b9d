//! Finding a thing on the stage by its name.

use super::{Player, Selection};
use crate::scene::{Place, Point};

/// What is found is shown at least at this part of its usual size.
const READABLE: f64 = 1.0;

impl Player {
    /// Picks a thing whose name contains `text`, whatever the case, and brings it to the middle of the stage, large enough to
    /// be read, unfolded if it is folded: the first one, or the next after the one that is picked. Says which it is, from 1,
    /// and how many there are.
    pub(crate) fn find(&mut self, text: &str, is_next: bool) -> (usize, usize) {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return (0, 0);
        }
        let layout = self.latest_layout();
        let standing = layout.nodes.iter().map(|node| (&node.place, node.name.clone()));
        let standing = standing.filter(|(place, _)| !matches!(place, Place::Queues(_) | Place::Consumers(_)));
        let folded = layout.folds.all().map(|(place, _)| (place, place.name(self.scenario())));
        let named = standing.chain(folded).filter(|(_, name)| name.to_lowercase().contains(&text));
        let found: Vec<&Place> = named.map(|(place, _)| place).collect();
        let picked = self.selection.only_place();
        let at = found.iter().position(|place| Some(*place) == picked);
        let at = at.map_or(0, |at| if is_next { (at + 1) % found.len() } else { at });
        let Some(place) = found.get(at) else { return (0, 0) };
        self.selection = Selection::place((*place).clone());
        self.unfold_picked();
        self.bring_to_the_middle(place);
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
