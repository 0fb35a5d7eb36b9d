//! A connection on which nothing passes, although neither side has been told.

use super::World;
use crate::happening::ActorId;

impl World {
    /// Whether nothing passes on an actor's connection, in one direction or both, and neither side has been told; not for who
    /// has no connection.
    #[must_use]
    pub fn is_silent(&self, actor: ActorId) -> bool {
        let is_held = || self.client_of(actor).is_some_and(|client| self.network.is_held(client, self.now));
        self.connection_id(actor).is_some_and(|connection| self.network.is_dead(connection) || is_held())
    }
}
