//! Consumers on the stage: what they receive, work on, and say of it.

use warren_core::{DeliveryTag, MessageId};

use super::{Task, World, scripting::Given};
use crate::{
    actor::{Actor, Held, Role, Verdict},
    client::Delivery,
    happening::{ActorId, ChannelRef, Happening, LossReason},
    scenario::{AckMode, OnFailure, SettleBy},
};

impl World {
    /// What was sent first with this tag, and has not come yet.
    fn take_dispatched(&mut self, key: (ChannelRef, DeliveryTag)) -> Option<Held> {
        let mut same = self.dispatched.remove(&key)?;
        let first = same.pop_front();
        if !same.is_empty() {
            self.dispatched.insert(key, same);
        }
        first
    }

    /// A delivery has reached its consumer.
    pub(super) fn received(&mut self, id: ActorId, channel: ChannelRef, delivery: Delivery) {
        let Delivery { delivery_tag, redelivered, parcel, incoming } = delivery;
        let Some(mut held) = self.take_dispatched((channel, delivery_tag)) else {
            return self.record(Happening::Invented { actor: id });
        };
        let (message, queue) = (held.message, held.queue.clone());
        self.count_headers(id, &parcel);
        if self.is_running(id) {
            return self.program_receives(id, channel, Given { held, redelivered, parcel, incoming });
        }
        if matches!(self.actor(id), Some(Actor { role: Role::Producer(_), .. })) {
            self.answered(id, channel, message, &parcel);
            return;
        }
        let (seal, deaths) = (parcel.seal, parcel.deaths());
        held.is_doomed = parcel.fails() > self.failures.get(&message).copied().unwrap_or_default();
        held.parcel = parcel;
        self.record(Happening::Received { actor: id, message, queue, redelivered, seal, deaths });
        let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) else { return };
        let acked = (consumer.plan.ack == AckMode::OnReceipt).then(|| held.clone());
        consumer.buffer.push_back(held);
        self.send_ack(id, acked.as_slice());
        self.take_up_work(id);
    }

    /// A consumer has come to the end of its work.
    pub(super) fn work_done(&mut self, channel: ChannelRef) {
        let Some(id) = self.actor_on(channel) else { return };
        let now = self.now;
        let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) else { return };
        let Some((held, verdict)) = consumer.finish(now) else { return };
        let ack = consumer.plan.ack;
        let (message, queue) = (held.message, held.queue.clone());
        if verdict == Verdict::Done {
            self.record(Happening::WorkDone { actor: id, message, queue });
        } else {
            *self.failures.entry(message).or_default() += 1;
            let rejections = held.parcel.rejections(&queue);
            self.record(Happening::WorkFailed { actor: id, message, queue, rejections });
        }
        match (verdict, ack) {
            (Verdict::Done, _) => self.succeed(id, held),
            (Verdict::Failed, AckMode::AfterWork) => self.reject(id, held),
            (Verdict::Failed, AckMode::Auto | AckMode::OnReceipt) => {
                self.lose(held.message, Some(held.queue), LossReason::WorkFailed { actor: id });
            }
            (Verdict::GivenUp, _) => self.give_up(id, held),
            (Verdict::Failed, AckMode::Never) => {}
        }
        // The last message may have been none to ack, with others waiting for an ack.
        self.ack_collected(id);
        self.take_up_work(id);
    }

    fn take_up_work(&mut self, id: ActorId) {
        let now = self.now;
        let Some(Actor { role: Role::Consumer(consumer), channel: Some(channel), .. }) = self.actor(id)
        else {
            return;
        };
        let channel = channel.at;
        let Some(work) = consumer.take_up(now) else { return };
        let (message, queue, done_at) = (work.held.message, work.held.queue.clone(), work.done_at);
        self.record(Happening::WorkStarted { actor: id, message, queue, done_at: Some(done_at) });
        self.agenda.add(done_at, Task::WorkDone(channel));
    }

    /// Answers who wants an answer, and acks.
    fn succeed(&mut self, id: ActorId, held: Held) {
        let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) else { return };
        let ack = consumer.plan.ack;
        if let Some(draft) = consumer.answer(&held.parcel) {
            self.send(id, draft);
        }
        match ack {
            AckMode::AfterWork => self.ack(id, held),
            AckMode::Never => {
                if let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) {
                    consumer.forget_ack(held);
                }
            }
            AckMode::Auto | AckMode::OnReceipt => {}
        }
    }

    /// Someone has a consumer settle a message that it has in hand, whatever it would do by itself.
    pub(super) fn settle_by_hand(&mut self, id: ActorId, message: MessageId, how: SettleBy) {
        let held = match self.actor(id) {
            Some(Actor { running: Some(running), .. }) => running.let_go(message),
            Some(Actor { role: Role::Consumer(consumer), .. }) => consumer.let_go(message),
            _ => None,
        };
        let Some(held) = held else { return };
        match how {
            SettleBy::Ack => self.send_ack(id, &[held]),
            SettleBy::Reject => self.say_no(id, held, OnFailure::Reject),
            SettleBy::Requeue => self.say_no(id, held, OnFailure::NackRequeue),
        }
        self.take_up_work(id);
    }

    /// Acks a message, when its consumer does that.
    fn ack(&mut self, id: ActorId, held: Held) {
        let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) else { return };
        consumer.collect_ack(held);
        self.ack_collected(id);
    }

    /// Acks what has been collected, if it is time for that, now or later.
    fn ack_collected(&mut self, id: ActorId) {
        let now = self.now;
        let Some(Actor { role: Role::Consumer(consumer), channel: Some(channel), .. }) = self.actor(id)
        else {
            return;
        };
        let (channel, delay) = (channel.at, consumer.plan.ack_delay);
        let acked = consumer.take_acks();
        if delay.is_zero() {
            self.send_ack(id, &acked);
        } else if !acked.is_empty() {
            self.agenda.add(now + delay, Task::Ack { channel, acked });
        }
    }

    /// The moment of a late ack has come.
    pub(super) fn ack_late(&mut self, channel: ChannelRef, acked: &[Held]) {
        if let Some(id) = self.actor_on(channel) {
            self.send_ack(id, acked);
        }
    }

    /// Several messages are acked by the last one's tag: a consumer works in the order of the tags.
    fn send_ack(&mut self, id: ActorId, acked: &[Held]) {
        let Some((channel, client)) = self.voice(id) else { return };
        let Some(last) = acked.last() else { return };
        client.ack(channel.number(), last.delivery_tag, acked.len() > 1);
        let arrives_at = self.flush_of(id);
        for Held { message, queue, .. } in acked {
            let (message, queue) = (*message, queue.clone());
            self.record(Happening::AckSent { actor: id, message, queue, arrives_at });
        }
    }

    fn reject(&mut self, id: ActorId, held: Held) {
        let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) else { return };
        let how = consumer.plan.on_failure;
        self.say_no(id, held, how);
    }

    fn say_no(&mut self, id: ActorId, held: Held, how: OnFailure) {
        let Some((channel, client)) = self.voice(id) else { return };
        let (number, tag) = (channel.number(), held.delivery_tag);
        let requeue = matches!(how, OnFailure::Requeue | OnFailure::NackRequeue);
        match how {
            OnFailure::Reject | OnFailure::Requeue => client.reject(number, tag, requeue),
            OnFailure::Nack | OnFailure::NackRequeue => client.nack(number, tag, false, requeue),
        }
        let arrives_at = self.flush_of(id);
        let Held { message, queue, .. } = held;
        self.record(Happening::RejectSent { actor: id, message, queue, requeue, arrives_at });
    }

    /// Puts a message aside. It is acked only once it is published again: better twice than never.
    fn give_up(&mut self, id: ActorId, held: Held) {
        let Some(Actor { role: Role::Consumer(consumer), .. }) = self.actor(id) else { return };
        if let Some(draft) = consumer.put_aside(&held.parcel) {
            self.send(id, draft);
        }
        self.ack(id, held);
    }
}
