//! What a comparison of two releases needs: behaviours switched in the broker, and the headers that clients get.

use warren_core::{Behaviours, ordered::OrdMap};

use super::World;
use crate::{Scenario, client::Parcel, happening::ActorId};

/// How many messages with a header have reached an actor, by its name.
pub(crate) type HeaderCounts = OrdMap<(ActorId, String), u64>;

impl World {
    /// The world of `scenario`, whose broker has `switched` behaviours against its release, and in which headers are
    /// counted ([`World::header_counts`]).
    pub(crate) fn comparing(scenario: &Scenario, seed: u64, switched: Behaviours) -> World {
        let mut world = World::with(scenario, seed, |config| config.switched = switched);
        world.header_counts = Some(HeaderCounts::new());
        world.without_stories()
    }

    /// How many messages with a header have reached an actor; nothing in a world that does not count them.
    pub(crate) fn header_counts(&self) -> impl Iterator<Item = (ActorId, &str, u64)> {
        let counts = self.header_counts.iter().flat_map(OrdMap::iter);
        counts.map(|((actor, name), count)| (*actor, name.as_str(), *count))
    }

    pub(super) fn count_headers(&mut self, actor: ActorId, parcel: &Parcel) {
        let Some(counts) = &mut self.header_counts else { return };
        for (name, _) in parcel.headers.iter() {
            *counts.entry((actor, name.to_string())).or_default() += 1;
        }
    }
}
