//! The world as the actors' stage: how they come and go, and what they hear.

use std::time::Duration;

use warren_core::{ConnectionId, DeliveryTag, Instant};

use super::{Task, World};
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
        if self.wake(id) {
            return self.record(Happening::Revived { actor: id });
        }
        let down = [Status::Crashed, Status::Refused, Status::Disconnected];
        if self.actor(id).is_some_and(|actor| down.contains(&actor.status)) {
            self.record(Happening::Revived { actor: id });
            self.connect(id);
        }
    }

    /// The moment of another attempt has come, unless something else came before.
    pub(super) fn reconnect(&mut self, id: ActorId) {
        if self.actor(id).is_some_and(|actor| actor.status == Status::Disconnected) {
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
        self.forget_parked(id);
        if let Some(actor) = self.actor(id) {
            actor.stop(Status::Crashed);
        }
    }

    /// Bytes have reached a client, or its stream has ended.
    pub(super) fn arrive_at_client(&mut self, connection: ConnectionId, packet: Packet) {
        let Some(id) = self.actor_on(connection) else { return };
        match packet {
            Packet::Open => {}
            Packet::Cut => {
                let broke = self.network.is_dead(connection);
                let reason = if broke { "the connection broke" } else { "the broker closed the connection" };
                self.refuse(id, reason.into());
            }
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

    pub(super) fn connect(&mut self, id: ActorId) {
        let number = self.owners.last_key_value().map_or(1, |(last, _)| last.0 + 1);
        let connection = ConnectionId(number);
        let Some(actor) = self.actors.get_mut(index(id)) else { return };
        let hello = actor.connect(connection);
        let heartbeat_s = actor.heartbeat_s;
        self.network.open(connection, id, actor.delay);
        self.owners.insert(connection, id);
        let arrives_at = self.send_to_broker(connection, Packet::Open);
        self.send_to_broker(connection, Packet::Bytes(hello));
        self.record(Happening::Connecting { actor: id, connection, arrives_at });
        if heartbeat_s > 0 {
            self.agenda.add(self.now + quarter(heartbeat_s), Task::Heartbeat { connection, silent: 0 });
        }
    }

    /// A quarter of the heartbeat has passed. Two heartbeats of silence, and the connection counts as broken (AMQP
    /// 0-9-1, section 4.2.7).
    pub(super) fn beat(&mut self, connection: ConnectionId, silent: u32) {
        let Some(id) = self.actor_on(connection) else { return };
        let Some(actor) = self.actor(id) else { return };
        let heartbeat_s = actor.heartbeat_s;
        let has_heard = actor.line.as_mut().is_some_and(|line| line.client.beat());
        self.flush(id);
        let silent = if has_heard { 0 } else { silent + 1 };
        if silent == 8 {
            self.refuse(id, "no heartbeat came".into());
        } else {
            self.agenda.add(self.now + quarter(heartbeat_s), Task::Heartbeat { connection, silent });
        }
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
                self.settle(id, number, multiple, true);
                let messages = self.trail.confirmed(connection, number, multiple);
                self.confirmed(id, connection, &messages);
            }
            ClientEvent::Nacked { number, multiple } => {
                self.settle(id, number, multiple, false);
                let messages = self.trail.confirmed(connection, number, multiple);
                for message in &messages {
                    self.record(Happening::Nacked { actor: id, message: *message });
                }
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
        actor.is_ready();
        match actor.role {
            Role::Producer(_) => self.publish(connection),
            Role::Consumer(_) => {}
            Role::Operator => self.hang_up(id, connection),
        }
    }

    fn hang_up(&mut self, id: ActorId, connection: ConnectionId) {
        self.send_to_broker(connection, Packet::Cut);
        if let Some(actor) = self.actor(id) {
            actor.stop(Status::Waiting);
        }
    }

    /// The connection of this actor is over: it hangs up, and what it held is gone as in a crash.
    pub(super) fn refuse(&mut self, id: ActorId, reason: String) {
        let Some(connection) =
            self.actor(id).and_then(|actor| actor.line.as_ref()).map(|line| line.connection)
        else {
            return;
        };
        let losses = self.losses(id, Some(connection));
        self.flush(id);
        self.send_to_broker(connection, Packet::Cut);
        let again_at = self.actor(id).and_then(Actor::wait).map(|wait| self.now + wait);
        self.record(Happening::Refused { actor: id, reason, again_at });
        for (held, reason) in losses {
            self.lose(held.message, Some(held.queue), reason);
        }
        if let Some(actor) = self.actor(id) {
            actor.stop(if again_at.is_some() { Status::Disconnected } else { Status::Refused });
        }
        if let Some(again_at) = again_at {
            self.agenda.add(again_at, Task::Reconnect(id));
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

/// Twice in half a heartbeat, so that a frame is never late.
fn quarter(heartbeat_s: u16) -> Duration {
    Duration::from_millis(u64::from(heartbeat_s) * 250)
}

/// Where an actor is in the list of all.
fn index(id: ActorId) -> usize {
    usize::try_from(id.0).unwrap_or(usize::MAX)
}
