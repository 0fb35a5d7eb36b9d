//! A connection on which nothing passes, although neither side has been told.

use warren_core::Instant;

use super::World;
use crate::happening::ActorId;

/// Nothing passes between an actor and the broker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Silence {
    /// When it will pass again; `None` for never.
    pub until: Option<Instant>,
    /// When the broker gives the connection up if it has heard nothing until then; `None` without heartbeats.
    pub given_up_at: Option<Instant>,
}

impl World {
    /// Whether nothing passes on an actor's connection, in one direction or both, and neither side has been told; `None` also
    /// for who has no connection.
    #[must_use]
    pub fn silence(&self, actor: ActorId) -> Option<Silence> {
        let connection = self.connection_id(actor)?;
        let is_dead = self.network.is_dead(connection);
        let held_until = self.client_of(actor).and_then(|client| self.network.held_until(client, self.now));
        (is_dead || held_until.is_some()).then(|| Silence {
            until: held_until.filter(|_| !is_dead),
            given_up_at: self.broker.view().given_up_at(connection),
        })
    }
}
