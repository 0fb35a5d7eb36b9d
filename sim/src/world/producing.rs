//! Producers on the stage: what they send.

use std::sync::Arc;

use warren_core::MessageId;

use super::{Task, World};
use crate::{
    actor::{Actor, Draft, Ending, Producer, Role},
    client::Parcel,
    happening::{ActorId, ChannelRef, Happening, Sending},
};

impl World {
    /// A producer's next messages are due.
    pub(super) fn publish(&mut self, channel: ChannelRef) {
        let Some(id) = self.actor_on(channel) else { return };
        let Some(burst) = self.producer(id).map(|producer| {
            producer.is_due = false;
            producer.plan.burst
        }) else {
            return;
        };
        for _ in 0..burst {
            if !self.publish_one(id) {
                break;
            }
        }
        self.plan_next(id, channel);
    }

    /// Whether there was one, and it could go out.
    fn publish_one(&mut self, id: ActorId) -> bool {
        let Some(Actor { role: Role::Producer(producer), channel: Some(channel), .. }) = self.actor(id)
        else {
            return false;
        };
        if !producer.may_send() {
            return false;
        }
        let (channel, number) = (channel.at, channel.published + 1);
        let Some(draft) = producer.next(number) else { return false };
        let timeout = producer.plan.timeout;
        self.send(id, draft);
        if !timeout.is_zero() {
            self.agenda.add(self.now + timeout, Task::Timeout { channel, number });
        }
        self.end_transaction(id);
        true
    }

    /// Sets a moment for the next message, unless there is one, or something has to come before.
    fn plan_next(&mut self, id: ActorId, channel: ChannelRef) {
        let now = self.now;
        let Some(producer) = self.producer(id) else { return };
        if producer.is_due || producer.is_held_up() || !producer.has_more() {
            return;
        }
        producer.is_due = true;
        let at = now + producer.interval();
        self.agenda.add(at, Task::Publish(channel));
    }

    /// The broker has told what became of publishes.
    pub(super) fn settle(&mut self, id: ActorId, number: u64, multiple: bool, is_safe: bool) {
        if let Some(producer) = self.producer(id) {
            producer.settle(number, multiple, is_safe);
        }
    }

    pub(super) fn producer(&mut self, id: ActorId) -> Option<&mut Producer> {
        match self.actor(id) {
            Some(Actor { role: Role::Producer(producer), .. }) => Some(producer),
            _ => None,
        }
    }

    /// The broker has taken responsibility for messages of a producer.
    pub(super) fn confirmed(&mut self, id: ActorId, channel: ChannelRef, messages: &[MessageId]) {
        for message in messages {
            self.record(Happening::Confirmed { actor: id, message: *message });
        }
        self.heard(id, channel, messages);
    }

    /// The broker has said what became of messages of a producer; if they are lost, that is told already.
    pub(super) fn heard(&mut self, id: ActorId, channel: ChannelRef, messages: &[MessageId]) {
        if let Some(Actor { role: Role::Producer(producer), .. }) = self.actor(id) {
            producer.heard(messages.len() as u64);
        }
        self.go_on(id, channel);
    }

    /// A transaction has ended, with these messages in it if it was committed.
    pub(super) fn ended(&mut self, id: ActorId, channel: ChannelRef, messages: &[MessageId]) {
        if let Some(Actor { role: Role::Producer(producer), .. }) = self.actor(id) {
            producer.ended();
        }
        self.confirmed(id, channel, messages);
    }

    /// An answer has come to who asked, if it is one.
    pub(super) fn answered(
        &mut self,
        id: ActorId,
        channel: ChannelRef,
        reply: MessageId,
        parcel: &Parcel,
    ) -> bool {
        let Some(producer) = self.producer(id) else { return false };
        let Some(number) = producer.answered(parcel.correlation_id.as_deref()) else { return false };
        for message in self.trail.confirmed(channel, number, false) {
            self.record(Happening::Answered { actor: id, message, reply, body: parcel.text() });
        }
        self.go_on(id, channel);
        true
    }

    /// An answer should have come by now.
    pub(super) fn give_up_waiting(&mut self, channel: ChannelRef, number: u64) {
        let Some(id) = self.actor_on(channel) else { return };
        if let Some(producer) = self.producer(id) {
            producer.give_up(number);
        }
        self.go_on(id, channel);
    }

    /// A producer that had to wait may have to wait no longer.
    fn go_on(&mut self, id: ActorId, channel: ChannelRef) {
        let Some(Actor { role: Role::Producer(producer), running: None, .. }) = self.actor(id) else {
            return;
        };
        if producer.is_held_up() && !producer.is_due {
            self.publish(channel);
        } else {
            self.plan_next(id, channel);
        }
    }

    fn end_transaction(&mut self, id: ActorId) {
        let Some(ending) = self.producer(id).and_then(Producer::end_transaction) else { return };
        let Some((channel, client)) = self.voice(id) else { return };
        match ending {
            Ending::Commit { .. } => client.commit(channel.number()),
            Ending::RollBack { .. } => client.roll_back(channel.number()),
        }
        let arrives_at = self.flush_of(id);
        self.record(match ending {
            Ending::Commit { messages } => Happening::CommitSent { actor: id, messages, arrives_at },
            Ending::RollBack { messages } => Happening::RollbackSent { actor: id, messages, arrives_at },
        });
    }

    /// An actor sends a message.
    pub(super) fn send(&mut self, id: ActorId, draft: Draft) {
        let Some((channel, client)) = self.voice(id) else { return };
        channel.published += 1;
        let (at, number) = (channel.at, channel.published);
        let seal = draft.publish(client, channel.number());
        let arrives_at = self.flush_of(id);
        self.record(Happening::Sent(Arc::new(Sending {
            actor: id,
            connection: at.connection,
            channel: at.channel,
            number,
            exchange: draft.exchange.into(),
            routing_key: draft.routing_key.into(),
            body: draft.body,
            message_id: draft.message_id,
            expiration_ms: draft.expiration.and_then(|ms| ms.parse().ok()),
            priority: draft.priority,
            headers: draft.headers,
            persistent: draft.persistent,
            mandatory: draft.mandatory,
            seal,
            arrives_at,
        })));
    }
}
