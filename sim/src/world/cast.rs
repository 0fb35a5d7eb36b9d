//! The world as the actors' stage: how they come and go, and what they hear.

use warren_core::{ConnectionId, DeliveryTag, Instant};

use super::World;
use crate::{
    actor::{Actor, Held, Role, Status},
    client::ClientEvent,
    happening::{ActorId, Happening, LossReason},
    network::Packet,
    scenario::AckMode,
};

impl World {
    pub(super) fn start_actor(&mut self, id: ActorId) {
        if self.actor(id).is_some_and(|actor| actor.status == Status::Waiting) {
            self.connect(id);
        }
    }

    pub(super) fn revive_actor(&mut self, id: ActorId) {
        let down = [Status::Crashed, Status::Refused];
        if self.actor(id).is_some_and(|actor| down.contains(&actor.status)) {
            self.record(Happening::Revived { actor: id });
            self.connect(id);
        }
    }

    /// What was sent before the crash still arrives; what is on its way to the actor does not.
    pub(super) fn crash_actor(&mut self, id: ActorId) {
        let Some(actor) = self.actor(id).filter(|actor| actor.status != Status::Crashed) else { return };
        let connection = actor.line.as_ref().map(|line| line.connection);
        let losses = self.losses(id, connection);
        let noticed_at = connection.map(|connection| self.send_to_broker(connection, Packet::Cut));
        self.record(Happening::Crashed { actor: id, noticed_at });
        for (held, reason) in losses {
            self.lose(held.message, Some(held.queue), reason);
        }
        if let Some(actor) = self.actor(id) {
            actor.stop(Status::Crashed);
        }
    }

    /// Bytes have reached a client, or its stream has ended.
    pub(super) fn arrive_at_client(&mut self, connection: ConnectionId, packet: Packet) {
        let Some(id) = self.actor_on(connection) else { return };
        match packet {
            Packet::Open => {}
            Packet::Cut => self.refuse(id, "the broker closed the connection".into()),
            Packet::Bytes(bytes) => {
                let sent = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.feed(warren_core::Input::Sent { connection, bytes: sent });
                self.client_receives(id, connection, &bytes);
            }
        }
    }

    /// The actor that lives at the far end of a connection.
    pub(super) fn actor_on(&self, connection: ConnectionId) -> Option<ActorId> {
        let id = *self.owners.get(&connection)?;
        let line = self.actors.get(index(id))?.line.as_ref()?;
        (line.connection == connection).then_some(id)
    }

    /// The actor whose connection it is, or was.
    pub(super) fn owner(&self, connection: ConnectionId) -> Option<&Actor> {
        self.actors.get(index(*self.owners.get(&connection)?))
    }

    pub(super) fn actor(&mut self, id: ActorId) -> Option<&mut Actor> {
        self.actors.get_mut(index(id))
    }

    fn connect(&mut self, id: ActorId) {
        let number = self.owners.last_key_value().map_or(1, |(last, _)| last.0 + 1);
        let connection = ConnectionId(number);
        let Some(actor) = self.actors.get_mut(index(id)) else { return };
        let hello = actor.connect(connection);
        self.network.open(connection, actor.delay);
        self.owners.insert(connection, id);
        let arrives_at = self.send_to_broker(connection, Packet::Open);
        self.send_to_broker(connection, Packet::Bytes(hello));
        self.record(Happening::Connecting { actor: id, connection, arrives_at });
    }

    /// Sends what the client has to say; when all that it has ever said has arrived.
    pub(super) fn flush(&mut self, id: ActorId) -> Instant {
        let now = self.now;
        let Some(line) = self.actor(id).and_then(|actor| actor.line.as_mut()) else { return now };
        let (connection, bytes) = (line.connection, line.client.take_output());
        if bytes.is_empty() { now } else { self.send_to_broker(connection, Packet::Bytes(bytes)) }
    }

    fn client_receives(&mut self, id: ActorId, connection: ConnectionId, bytes: &[u8]) {
        if let Some(line) = self.actor(id).and_then(|actor| actor.line.as_mut()) {
            line.client.receive(bytes);
        }
        self.flush(id);
        while let Some(line) = self.actor(id).and_then(|actor| actor.line.as_mut()) {
            let Some(event) = line.client.poll_event() else { return };
            self.client_event(id, connection, event);
        }
    }

    fn client_event(&mut self, id: ActorId, connection: ConnectionId, event: ClientEvent) {
        match event {
            ClientEvent::Ready => self.ready(id, connection),
            ClientEvent::Delivered(delivery) => self.received(id, connection, delivery),
            ClientEvent::Confirmed { number, multiple } => {
                let messages = self.trail.confirmed(connection, number, multiple);
                self.confirmed(id, connection, &messages);
            }
            ClientEvent::Nacked { number, multiple } => {
                let messages = self.trail.confirmed(connection, number, multiple);
                self.heard(id, connection, &messages);
            }
            ClientEvent::Committed => {
                let messages = self.trail.confirmed(connection, u64::MAX, true);
                self.ended(id, connection, &messages);
            }
            ClientEvent::RolledBack => {
                self.trail.confirmed(connection, u64::MAX, true);
                self.ended(id, connection, &[]);
            }
            ClientEvent::Returned => {
                if let Some(message) = self.trail.returned(connection) {
                    self.record(Happening::Returned { actor: id, message });
                }
            }
            ClientEvent::Closed { reason } => self.refuse(id, reason),
        }
    }

    fn ready(&mut self, id: ActorId, connection: ConnectionId) {
        self.record(Happening::Ready { actor: id });
        let Some(actor) = self.actor(id) else { return };
        actor.status = Status::Up;
        if matches!(actor.role, Role::Producer(_)) {
            self.publish(connection);
        }
    }

    /// The broker wants no more of this actor: it hangs up, and what it held is gone as in a crash.
    fn refuse(&mut self, id: ActorId, reason: String) {
        let Some(connection) =
            self.actor(id).and_then(|actor| actor.line.as_ref()).map(|line| line.connection)
        else {
            return;
        };
        let losses = self.losses(id, Some(connection));
        self.flush(id);
        self.send_to_broker(connection, Packet::Cut);
        self.record(Happening::Refused { actor: id, reason });
        for (held, reason) in losses {
            self.lose(held.message, Some(held.queue), reason);
        }
        if let Some(actor) = self.actor(id) {
            actor.stop(Status::Refused);
        }
    }

    /// What dies with an actor: with acks nothing, for the broker still has it; without, all that was in its
    /// hands or on the way there. What is on the way is forgotten in both cases.
    fn losses(&mut self, id: ActorId, connection: Option<ConnectionId>) -> Vec<(Held, LossReason)> {
        let Some(connection) = connection else { return Vec::new() };
        let range = (connection, DeliveryTag(0))..=(connection, DeliveryTag(u64::MAX));
        let on_the_way: Vec<_> =
            self.dispatched.range(range).map(|(key, held)| (*key, held.clone())).collect();
        for (key, _) in &on_the_way {
            self.dispatched.remove(key);
        }
        let on_the_way = on_the_way.into_iter().map(|(_, held)| (held, LossReason::InSocket { actor: id }));
        let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) else {
            return on_the_way.collect();
        };
        if consumer.plan.ack != AckMode::Auto {
            return Vec::new();
        }
        let held =
            |working| move |held: &Held| (held.clone(), LossReason::HeldByCrashed { actor: id, working });
        let mut losses: Vec<_> = consumer.work.iter().map(|work| &work.held).map(held(true)).collect();
        losses.extend(consumer.buffer.iter().map(held(false)));
        losses.extend(on_the_way);
        losses
    }
}

/// Where an actor is in the list of all.
fn index(id: ActorId) -> usize {
    usize::try_from(id.0).unwrap_or(usize::MAX)
}
