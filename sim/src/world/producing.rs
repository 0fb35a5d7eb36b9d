//! Producers on the stage: what they send.

use warren_core::{ConnectionId, MessageId, Name};

use super::{Task, World};
use crate::{
    actor::{Actor, Draft, Ending, Role},
    client::Parcel,
    happening::{ActorId, Happening},
};

impl World {
    /// A producer's next message is due.
    pub(super) fn publish(&mut self, connection: ConnectionId) {
        let Some(id) = self.actor_on(connection) else { return };
        let Some(Actor { role: Role::Producer(producer), line: Some(line), .. }) = self.actor(id) else {
            return;
        };
        if !producer.may_send() {
            return;
        }
        let Some(draft) = producer.next(line.published + 1) else { return };
        let next = producer.has_more().then_some(producer.plan.interval);
        self.send(id, draft);
        self.end_transaction(id);
        if let Some(interval) = next {
            self.agenda.add(self.now + interval, Task::Publish(connection));
        }
    }

    /// The broker has taken responsibility for messages of a producer.
    pub(super) fn confirmed(&mut self, id: ActorId, connection: ConnectionId, messages: &[MessageId]) {
        for message in messages {
            self.record(Happening::Confirmed { actor: id, message: *message });
        }
        self.heard(id, connection, messages);
    }

    /// The broker has said what became of messages of a producer; if they are lost, that is told already.
    pub(super) fn heard(&mut self, id: ActorId, connection: ConnectionId, messages: &[MessageId]) {
        if let Some(Actor { role: Role::Producer(producer), .. }) = self.actor(id) {
            producer.heard(messages.len() as u64);
        }
        self.go_on(id, connection);
    }

    /// A transaction has ended, with these messages in it if it was committed.
    pub(super) fn ended(&mut self, id: ActorId, connection: ConnectionId, messages: &[MessageId]) {
        if let Some(Actor { role: Role::Producer(producer), .. }) = self.actor(id) {
            producer.ended();
        }
        self.confirmed(id, connection, messages);
    }

    /// An answer has come to who asked.
    pub(super) fn answered(
        &mut self,
        id: ActorId,
        connection: ConnectionId,
        reply: MessageId,
        parcel: &Parcel,
    ) {
        let Some(Actor { role: Role::Producer(producer), .. }) = self.actor(id) else { return };
        let Some(number) = producer.answered(parcel.correlation_id.as_deref()) else { return };
        for message in self.trail.confirmed(connection, number, false) {
            self.record(Happening::Answered { actor: id, message, reply, body: parcel.text() });
        }
        self.go_on(id, connection);
    }

    /// A producer that had to wait may have to wait no longer.
    fn go_on(&mut self, id: ActorId, connection: ConnectionId) {
        let Some(Actor { role: Role::Producer(producer), .. }) = self.actor(id) else { return };
        if producer.is_held_up() {
            self.publish(connection);
        }
    }

    fn end_transaction(&mut self, id: ActorId) {
        let Some(Actor { role: Role::Producer(producer), line: Some(line), .. }) = self.actor(id) else {
            return;
        };
        let Some(ending) = producer.end_transaction() else { return };
        match ending {
            Ending::Commit { .. } => line.client.commit(),
            Ending::RollBack { .. } => line.client.roll_back(),
        }
        let arrives_at = self.flush(id);
        self.record(match ending {
            Ending::Commit { messages } => Happening::CommitSent { actor: id, messages, arrives_at },
            Ending::RollBack { messages } => Happening::RollbackSent { actor: id, messages, arrives_at },
        });
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
