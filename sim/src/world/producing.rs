//! Producers on the stage: what they send.

use warren_core::{ConnectionId, Name};

use super::{Task, World};
use crate::{
    actor::{Actor, Draft, Role},
    happening::{ActorId, Happening},
};

impl World {
    /// A producer's next message is due.
    pub(super) fn publish(&mut self, connection: ConnectionId) {
        let Some(id) = self.actor_on(connection) else { return };
        let Some(Actor { role: Role::Producer(producer), .. }) = self.actor(id) else { return };
        let Some(draft) = producer.next() else { return };
        let next = producer.has_more().then_some(producer.plan.interval);
        self.send(id, draft);
        if let Some(interval) = next {
            self.agenda.add(self.now + interval, Task::Publish(connection));
        }
    }

    /// An actor sends a message.
    pub(super) fn send(&mut self, id: ActorId, draft: Draft) {
        let Some(line) = self.actor(id).and_then(|actor| actor.line.as_mut()) else { return };
        line.published += 1;
        let (connection, number) = (line.connection, line.published);
        draft.publish(&mut line.client);
        let arrives_at = self.flush(id);
        let Draft { exchange, routing_key, body, .. } = draft;
        let (exchange, routing_key) = (Name::from(exchange), Name::from(routing_key));
        self.record(Happening::Sent {
            actor: id,
            connection,
            number,
            exchange,
            routing_key,
            body,
            arrives_at,
        });
    }
}
