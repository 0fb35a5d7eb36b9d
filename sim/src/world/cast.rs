//! The world as the actors' stage: how they come and go, and what they hear.

use std::time::Duration;

use warren_core::{ChannelNumber, ConnectionId, DeliveryTag, Instant, ordered::OrdMap};

use super::{Task, World, index};
use crate::{
    actor::{Actor, Connection, Held, Line, OpenChannel, Role, Status, number_of},
    client::{Client, ClientEvent, Request},
    happening::{ActorId, ChannelRef, Happening, LossReason},
    network::Packet,
    script::Heard,
};

impl World {
    pub(super) fn start_actor(&mut self, id: ActorId) {
        if self.actor(id).is_some_and(|actor| actor.status == Status::Waiting) {
            self.begin(id);
        }
    }

    /// Whoever of an actor's client stands still goes on, and whoever is down starts again.
    pub(super) fn revive_actor(&mut self, id: ActorId) {
        let Some(client) = self.client_of(id) else { return };
        let has_paused = self.wake(client);
        let actors = (0..).map(ActorId).zip(&self.actors).filter(|(_, actor)| actor.client == client);
        let statuses: Vec<(ActorId, Status)> = actors.map(|(id, actor)| (id, actor.status)).collect();
        for (id, status) in statuses {
            match status {
                // Who was going to connect again has just been given that task back.
                Status::Disconnected if has_paused => self.record(Happening::WentOn { actor: id }),
                Status::Crashed | Status::Refused | Status::Disconnected | Status::Finished => {
                    self.record(Happening::Revived { actor: id });
                    self.begin(id);
                }
                Status::Waiting | Status::Connecting | Status::Up | Status::Paused if has_paused => {
                    self.record(Happening::WentOn { actor: id });
                }
                Status::Waiting | Status::Connecting | Status::Up | Status::Paused => {}
            }
        }
    }

    /// The moment of another attempt has come, unless something else came before.
    pub(super) fn reconnect(&mut self, id: ActorId) {
        if self.actor(id).is_some_and(|actor| actor.status == Status::Disconnected) {
            self.begin(id);
        }
    }

    /// The whole client dies. What was sent before the crash still arrives; what is on its way to it does not.
    pub(super) fn crash_actor(&mut self, id: ActorId) {
        let Some(actor) = self.actor(id).filter(|actor| actor.status != Status::Crashed) else { return };
        let client = actor.client;
        let noticed_at = self.abandon(client);
        for (id, noticed_at) in noticed_at {
            let losses = self.losses(id);
            self.record(Happening::Crashed { actor: id, noticed_at });
            self.lose_all(losses);
            if let Some(actor) = self.actor(id) {
                actor.stop(Status::Crashed);
            }
        }
        self.forget_parked(client);
    }

    /// All streams of a client are cut: its actors that are not dead yet, and when the broker notices each.
    fn abandon(&mut self, client: ActorId) -> Vec<(ActorId, Option<Instant>)> {
        let mut noticed_at = OrdMap::new();
        for place in 0..number_of(&self.connections) {
            let of_client = self.connections.get_mut(index(place)).filter(|found| found.client == client);
            if let Some(line) = of_client.and_then(|connection| connection.line.take()) {
                noticed_at.insert(place, self.send_to_broker(line.id, Packet::Cut));
            }
        }
        let actors = (0..).map(ActorId).zip(&self.actors);
        let living = actors.filter(|(_, actor)| actor.client == client && actor.status != Status::Crashed);
        let noticed = |actor: &Actor| actor.channel.and_then(|_| noticed_at.get(&actor.connection).copied());
        living.map(|(id, actor)| (id, noticed(actor))).collect()
    }

    /// Bytes have reached a client, or its stream has ended.
    pub(super) fn arrive_at_client(&mut self, connection: ConnectionId, packet: Packet) {
        let Some(place) = self.place_of(connection) else { return };
        match packet {
            Packet::Open => {}
            Packet::Cut => {
                let broke = self.network.is_dead(connection);
                let reason = if broke { "the connection broke" } else { "the broker closed the connection" };
                self.connection_is_over(place, reason);
            }
            Packet::Bytes(bytes) => {
                let sent = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.feed(warren_core::Input::Sent { connection, bytes: sent });
                self.client_receives(place, &bytes);
            }
        }
    }

    /// The place of a connection that somebody has at the moment.
    fn place_of(&self, connection: ConnectionId) -> Option<u32> {
        let place = *self.opened.get(&connection)?;
        let line = self.connections.get(index(place))?.line.as_ref()?;
        (line.id == connection).then_some(place)
    }

    /// What a connection is, or was, in its client.
    pub(super) fn opened_by(&self, connection: ConnectionId) -> Option<&Connection> {
        self.connections.get(index(*self.opened.get(&connection)?))
    }

    /// The actor that lives at the far end of a channel.
    pub(super) fn actor_on(&self, channel: ChannelRef) -> Option<ActorId> {
        let id = *self.owners.get(&channel)?;
        let open = self.actors.get(index(id.0))?.channel.as_ref()?;
        (open.at == channel).then_some(id)
    }

    pub(super) fn actor(&mut self, id: ActorId) -> Option<&mut Actor> {
        self.actors.get_mut(index(id.0))
    }

    /// An actor's client, by its first actor.
    pub(super) fn client_of(&self, id: ActorId) -> Option<ActorId> {
        self.actors.get(index(id.0)).map(|actor| actor.client)
    }

    /// All actors of a client.
    pub(super) fn mates(&mut self, client: ActorId) -> impl Iterator<Item = &mut Actor> {
        self.actors.iter_mut().filter(move |actor| actor.client == client)
    }

    /// The connection that an actor has a channel on.
    pub(super) fn connection_id(&self, id: ActorId) -> Option<ConnectionId> {
        self.actors.get(index(id.0))?.channel.map(|channel| channel.at.connection)
    }

    /// What an actor speaks with, while it has a channel.
    pub(super) fn voice(&mut self, id: ActorId) -> Option<(&mut OpenChannel, &mut Client)> {
        let actor = self.actors.get_mut(index(id.0))?;
        let line = self.connections.get_mut(index(actor.connection))?.line.as_mut()?;
        Some((actor.channel.as_mut()?, &mut line.client))
    }

    /// An actor opens its channel, and the connection if its client has none.
    pub(super) fn connect(&mut self, id: ActorId) {
        let Some(actor) = self.actors.get(index(id.0)) else { return };
        let (place, requests) = (actor.connection, actor.requests());
        if self.line(place).is_some_and(|line| line.client.has_channel_left()) {
            self.open_channel(id, place, requests);
            let arrives_at = self.flush(place);
            return self.tell_connecting(id, arrives_at);
        }
        self.connection_is_over(place, "it has no channel left");
        let Some(arrives_at) = self.dial(place) else { return };
        self.open_channel(id, place, requests);
        self.tell_connecting(id, arrives_at);
        self.first_beat(place);
    }

    fn open_channel(&mut self, id: ActorId, place: u32, requests: Vec<Request>) {
        let is_of_program = self.is_running(id);
        let opened = self.line(place).and_then(|line| line.open_channel(requests, is_of_program));
        let Some(channel) = opened else { return };
        self.owners.insert(channel, id);
        if let Some(actor) = self.actor(id) {
            actor.takes(channel);
        }
    }

    fn tell_connecting(&mut self, id: ActorId, arrives_at: Instant) {
        let Some(OpenChannel { at, .. }) = self.actor(id).and_then(|actor| actor.channel) else { return };
        let ChannelRef { connection, channel } = at;
        self.record(Happening::Connecting { actor: id, connection, channel, arrives_at });
    }

    /// Opens a connection; when the broker hears of it.
    fn dial(&mut self, place: u32) -> Option<Instant> {
        let number = self.opened.last_key_value().map_or(1, |(last, _)| last.0 + 1);
        let id = ConnectionId(number);
        let connection = self.connections.get_mut(index(place))?;
        let hello = connection.open(id);
        self.network.open(id, connection.client, connection.delay);
        self.opened.insert(id, place);
        let arrives_at = self.send_to_broker(id, Packet::Open);
        self.send_to_broker(id, Packet::Bytes(hello));
        Some(arrives_at)
    }

    fn first_beat(&mut self, place: u32) {
        let Some(connection) = self.connections.get(index(place)) else { return };
        let (Some(line), heartbeat_s) = (&connection.line, connection.heartbeat_s) else { return };
        if heartbeat_s > 0 {
            let beat = Task::Heartbeat { connection: line.id, silent: 0 };
            self.agenda.add(self.now + quarter(heartbeat_s), beat);
        }
    }

    /// A quarter of the heartbeat has passed. Two heartbeats of silence, and the connection counts as broken (AMQP
    /// 0-9-1, section 4.2.7).
    pub(super) fn beat(&mut self, connection: ConnectionId, silent: u32) {
        let Some(place) = self.place_of(connection) else { return };
        let Some(found) = self.connections.get_mut(index(place)) else { return };
        let heartbeat_s = found.heartbeat_s;
        let has_heard = found.line.as_mut().is_some_and(|line| line.client.beat());
        self.flush(place);
        let silent = if has_heard { 0 } else { silent + 1 };
        if silent == 8 {
            self.connection_is_over(place, "no heartbeat came");
        } else {
            self.agenda.add(self.now + quarter(heartbeat_s), Task::Heartbeat { connection, silent });
        }
    }

    /// Sends what an actor's client has to say; when all that it has ever said has arrived.
    pub(super) fn flush_of(&mut self, id: ActorId) -> Instant {
        match self.actors.get(index(id.0)).map(|actor| actor.connection) {
            Some(place) => self.flush(place),
            None => self.now,
        }
    }

    fn flush(&mut self, place: u32) -> Instant {
        let now = self.now;
        let found = self.connections.get_mut(index(place));
        let Some(line) = found.and_then(|found| found.line.as_mut()) else { return now };
        let (connection, bytes) = (line.id, line.client.take_output());
        if bytes.is_empty() { now } else { self.send_to_broker(connection, Packet::Bytes(bytes)) }
    }

    fn client_receives(&mut self, place: u32, bytes: &[u8]) {
        let Some(line) = self.line(place) else { return };
        let connection = line.id;
        line.client.receive(bytes);
        self.flush(place);
        while let Some(line) = self.line(place) {
            let Some((number, event)) = line.client.poll_event() else { return };
            match (number, event) {
                (0, ClientEvent::Closed { reason }) => self.connection_is_over(place, &reason),
                (number, event) => {
                    let channel = ChannelRef::new(connection, ChannelNumber(number));
                    if let Some(id) = self.actor_on(channel) {
                        self.client_event(id, channel, event);
                    }
                }
            }
        }
    }

    fn line(&mut self, place: u32) -> Option<&mut Line> {
        self.connections.get_mut(index(place))?.line.as_mut()
    }

    fn client_event(&mut self, id: ActorId, channel: ChannelRef, event: ClientEvent) {
        match event {
            ClientEvent::Ready => self.ready(id, channel),
            ClientEvent::Delivered(delivery) => self.received(id, channel, delivery),
            ClientEvent::Confirmed { number, multiple } => {
                self.settle(id, number, multiple, true);
                let messages = self.trail.confirmed(channel, number, multiple);
                self.confirmed(id, channel, &messages);
                self.tell(id, Heard::Confirmed { number, multiple, is_safe: true });
            }
            ClientEvent::Nacked { number, multiple } => {
                self.settle(id, number, multiple, false);
                let messages = self.trail.confirmed(channel, number, multiple);
                for message in &messages {
                    self.record(Happening::Nacked { actor: id, message: *message });
                }
                self.heard(id, channel, &messages);
                self.tell(id, Heard::Confirmed { number, multiple, is_safe: false });
            }
            ClientEvent::Committed => {
                let messages = self.trail.confirmed(channel, u64::MAX, true);
                self.ended(id, channel, &messages);
            }
            ClientEvent::RolledBack => {
                self.trail.confirmed(channel, u64::MAX, true);
                self.ended(id, channel, &[]);
            }
            ClientEvent::Returned(incoming) => {
                if let Some(message) = self.trail.returned(channel) {
                    self.record(Happening::Returned { actor: id, message });
                }
                if let Some(incoming) = incoming {
                    self.tell(id, Heard::Returned(incoming));
                }
            }
            ClientEvent::Answered(answer) => self.tell(id, Heard::Answered(answer)),
            ClientEvent::Closed { reason } => self.channel_is_over(id, &reason),
        }
    }

    fn ready(&mut self, id: ActorId, channel: ChannelRef) {
        self.record(Happening::Ready { actor: id });
        let Some(actor) = self.actor(id) else { return };
        actor.is_ready();
        if actor.running.is_some() {
            return self.tell(id, Heard::Opened);
        }
        match actor.role {
            Role::Producer(_) => self.publish(channel),
            Role::Consumer(_) => {}
            Role::Operator => self.hang_up(id),
        }
    }

    fn hang_up(&mut self, id: ActorId) {
        let Some(actor) = self.actor(id) else { return };
        actor.stop(Status::Waiting);
        let place = actor.connection;
        let found = self.connections.get_mut(index(place));
        if let Some(line) = found.and_then(|found| found.line.take()) {
            self.send_to_broker(line.id, Packet::Cut);
        }
    }

    /// An actor's channel is over. Its connection stays if others of its client are on it.
    fn channel_is_over(&mut self, id: ActorId, reason: &str) {
        let Some(actor) = self.actors.get(index(id.0)) else { return };
        let (place, Some(channel)) = (actor.connection, actor.channel) else { return };
        if self.on_connection(place).any(|other| other != id) {
            if let Some(line) = self.line(place) {
                line.client.leave_channel(channel.number());
            }
            self.flush(place);
            self.dismiss(id, reason, true);
        } else {
            self.connection_is_over(place, reason);
        }
    }

    /// A connection is over: its client hangs up, and what its actors held is gone as in a crash.
    fn connection_is_over(&mut self, place: u32, reason: &str) {
        self.flush(place);
        let found = self.connections.get_mut(index(place));
        let Some(line) = found.and_then(|found| found.line.take()) else { return };
        self.send_to_broker(line.id, Packet::Cut);
        for id in self.on_connection(place).collect::<Vec<_>>() {
            self.dismiss(id, reason, false);
        }
    }

    /// Who has a channel on a connection.
    fn on_connection(&self, place: u32) -> impl Iterator<Item = ActorId> {
        let actors = (0..).map(ActorId).zip(&self.actors);
        let there = actors.filter(move |(_, actor)| actor.connection == place && actor.channel.is_some());
        there.map(|(id, _)| id)
    }

    /// An actor has lost its channel.
    fn dismiss(&mut self, id: ActorId, reason: &str, others_go_on: bool) {
        self.tell_closed(id, reason);
        let losses = self.losses(id);
        let again_at = self.actor(id).and_then(Actor::wait).map(|wait| self.now + wait);
        self.record(Happening::Refused { actor: id, others_go_on, reason: reason.into(), again_at });
        self.lose_all(losses);
        if let Some(actor) = self.actor(id) {
            actor.stop(if again_at.is_some() { Status::Disconnected } else { Status::Refused });
        }
        if let Some(again_at) = again_at {
            self.agenda.add(again_at, Task::Reconnect(id));
        }
    }

    pub(super) fn lose_all(&mut self, losses: Vec<(Held, LossReason)>) {
        for (held, reason) in losses {
            self.lose(held.message, Some(held.queue), reason);
        }
    }

    /// What dies with an actor: with acks nothing, for the broker still has it; without, all that was in its
    /// hands or on the way there. What is on the way is forgotten in both cases.
    pub(super) fn losses(&mut self, id: ActorId) -> Vec<(Held, LossReason)> {
        let channel = self.actors.get(index(id.0)).and_then(|actor| actor.channel);
        let Some(OpenChannel { at: channel, .. }) = channel else { return Vec::new() };
        let range = (channel, DeliveryTag(0))..=(channel, DeliveryTag(u64::MAX));
        let on_the_way: Vec<_> =
            self.dispatched.range(range).map(|(key, held)| (*key, held.clone())).collect();
        for (key, _) in &on_the_way {
            self.dispatched.remove(key);
        }
        let on_the_way = on_the_way.into_iter().flat_map(|(_, same)| same);
        let on_the_way = on_the_way.map(|held| (held, LossReason::InSocket { actor: id }));
        let held =
            |working| move |held: &Held| (held.clone(), LossReason::HeldByCrashed { actor: id, working });
        let mut losses: Vec<_> = match self.actor(id) {
            Some(Actor { running: Some(running), .. }) => running.unfinished().map(held(true)).collect(),
            Some(Actor { role: Role::Consumer(consumer), .. }) => {
                let working = consumer.work.iter().map(|work| &work.held).map(held(true));
                working.chain(consumer.buffer.iter().map(held(false))).collect()
            }
            _ => Vec::new(),
        };
        losses.extend(on_the_way);
        losses.retain(|(held, _)| held.no_ack);
        losses
    }
}

/// Twice in half a heartbeat, so that a frame is never late.
fn quarter(heartbeat_s: u16) -> Duration {
    Duration::from_millis(u64::from(heartbeat_s) * 250)
}
