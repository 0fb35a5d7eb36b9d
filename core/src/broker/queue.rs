//! Class queue (AMQP 0-9-1 reference, section 1.7).

use super::{
    Broker,
    channel::{Caller, senseless},
    exchange::strip,
    release::Cancelled,
    reply_to::REPLY_TO,
    rights::Resource,
    stream::check_not_stream,
    timers::Timer,
    work::cost,
};
use crate::{
    Fact, Name, QueueId, ReplyCode,
    event::{Destination, DropReason, QueueEnd},
    exchange::Binding,
    generated::generated_name,
    journal::Change,
    ordered::OrdSet,
    queue::{Kind, Properties, Queue, check_arguments, check_equivalent, check_kind, kind_of},
    refusal::{Outcome, Refusal, queue_in},
    wire::{FieldTable, Method},
};

impl Broker {
    pub(super) fn queue_class(&mut self, caller: &Caller, method: Method<'_>) -> Outcome {
        match method {
            Method::QueueDeclare { queue, nowait, .. } if strip(queue).starts_with(REPLY_TO) => {
                self.declare_reply_address(caller, &strip(queue), nowait)?;
            }
            Method::QueueDeclare { queue, passive: true, nowait, .. } => {
                // An empty name is none here: RabbitMQ does not take it for the channel's latest queue.
                let queue = &*strip(queue);
                self.check_any(caller, Resource::Queue(queue))?;
                let id = self.vhost(caller)?.queue_id(queue)?;
                self.accessible(caller, id)?;
                self.declared(caller, id, nowait);
            }
            Method::QueueDeclare { queue, durable, exclusive, auto_delete, nowait, arguments, .. } => {
                let owner = exclusive.then_some(caller.connection);
                // An exclusive queue does not outlive its connection, so it cannot be durable (RabbitMQ 4).
                let durable = durable && !exclusive;
                let properties = Properties { durable, auto_delete, owner, arguments };
                let id = self.declare_queue(caller, &strip(queue), properties)?;
                self.declared(caller, id, nowait);
            }
            Method::QueueBind { queue, exchange, routing_key, nowait, arguments, .. } => {
                let routing_key = self.key_or_last(caller, queue, routing_key)?;
                let queue = self.named_or_last(caller, &strip(queue))?;
                let binding = Binding::new(Destination::Queue(queue), routing_key, arguments);
                self.bind(caller, &strip(exchange), binding)?;
                self.reply(caller, nowait, &Method::QueueBindOk {});
            }
            Method::QueueUnbind { queue, exchange, routing_key, arguments, .. } => {
                let routing_key = self.key_or_last(caller, queue, routing_key)?;
                let queue = self.named_or_last(caller, &strip(queue))?;
                let binding = Binding::new(Destination::Queue(queue), routing_key, arguments);
                self.unbind(caller, &strip(exchange), &binding)?;
                self.reply(caller, false, &Method::QueueUnbindOk {});
            }
            Method::QueuePurge { queue, nowait, .. } => {
                let message_count = self.purge(caller, queue)?;
                self.reply(caller, nowait, &Method::QueuePurgeOk { message_count });
            }
            Method::QueueDelete { queue, if_unused, if_empty, nowait, .. } => {
                let id = self.deletable(caller, &strip(queue), if_unused, if_empty)?;
                // RabbitMQ does not count what is in a stream.
                let counted = id.and_then(|id| self.queues.get(&id)).filter(|queue| queue.stream.is_none());
                let message_count = counted.map_or(0, |queue| clamp(queue.ready_count()));
                // First the answer, then basic.cancel to the channel's own consumers, as RabbitMQ does it.
                self.reply(caller, nowait, &Method::QueueDeleteOk { message_count });
                if let Some(id) = id {
                    let name = self.queues.get(&id).map(|queue| Destination::Queue(queue.name.clone()));
                    self.delete_queue(id, QueueEnd::Deleted);
                    if let Some(name) = name {
                        self.await_unbinding(caller, &name);
                    }
                }
            }
            _ => return Err(senseless()),
        }
        Ok(())
    }

    fn declare_queue(&mut self, caller: &Caller, name: &str, asked: Properties) -> Outcome<QueueId> {
        let name = if name.is_empty() {
            check_server_named(&asked)?;
            generated_name("amq.gen", "-", &mut self.random)
        } else if name.starts_with("amq.") {
            // Also of a queue that is there already (RabbitMQ).
            let text = format!("queue name '{name}' contains reserved prefix 'amq.*'");
            return Err(Refusal::new(ReplyCode::AccessRefused, text));
        } else {
            Name::from(name)
        };
        self.check_configure(caller, Resource::Queue(&name))?;
        if let Some(id) = self.vhost(caller)?.queues.get(&name).copied() {
            if let Some(existing) = self.queues.get(&id) {
                check_equivalent(existing, &asked)?;
            }
            return Ok(id);
        }
        self.check_dead_letter_exchange(caller, &name, &asked.arguments)?;
        check_arguments(&name, &caller.vhost, &asked, self.config.behaviours())?;
        self.check_deprecated(caller, &asked)?;
        check_kind(&name, &caller.vhost, &asked)?;
        self.check_queue_limit(&caller.vhost, &name)?;
        self.latest.queue += 1;
        let id = QueueId(self.latest.queue);
        let (durable, exclusive, auto_delete) = (asked.durable, asked.owner.is_some(), asked.auto_delete);
        let names = (caller.vhost.clone(), name.clone());
        self.queues.insert(id, Queue::new(id, names, asked, (self.now.instant, self.config.behaviours())));
        self.vhost_mut(caller)?.queues.insert(name.clone(), id);
        if exclusive && let Some(session) = self.sessions.get_mut(&caller.connection) {
            session.exclusive.insert(id);
        }
        let forgotten = planted!(self.config, QueueNotRecorded);
        if durable
            && !forgotten
            && let Some(change) = self.queues.get(&id).map(Queue::as_change)
        {
            self.record(|| change);
        }
        self.events.emit(&caller.vhost, || Fact::QueueDeclared {
            queue: name,
            durable,
            exclusive,
            auto_delete,
        });
        self.apply_policies(id);
        Ok(id)
    }

    /// Who declares a queue with a dead-letter exchange may read the one and write to the other (RabbitMQ).
    fn check_dead_letter_exchange(&self, caller: &Caller, queue: &str, arguments: &FieldTable) -> Outcome {
        const KEY: &str = "x-dead-letter-exchange";
        let Some(exchange) = arguments.get(KEY) else { return Ok(()) };
        let Some(exchange) = exchange.as_text() else {
            let (kind, queue) = (exchange.type_name(), queue_in(queue, &caller.vhost));
            let text = format!("invalid type '{kind}' for arg '{KEY}' in {queue}");
            return Err(Refusal::new(ReplyCode::PreconditionFailed, text));
        };
        self.check_forwarding(caller, Resource::Queue(queue), exchange)
    }

    /// Answers queue.declare, and remembers the queue as the channel's latest.
    fn declared(&mut self, caller: &Caller, id: QueueId, nowait: bool) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        queue.last_used = self.now.instant;
        let name = queue.name.clone();
        let message_count = clamp(queue.ready_count());
        // RabbitMQ does not count a stream's readers.
        let consumers = if queue.stream.is_some() { 0 } else { queue.consumers.len() };
        let consumer_count = clamp(consumers as u64);
        if let Some(channel) = self.channel_mut(caller.connection, caller.channel) {
            channel.last_queue = Some(name.clone());
        }
        self.reply(caller, nowait, &Method::QueueDeclareOk { queue: &name, message_count, consumer_count });
        self.set_queue_alarm(id);
    }

    fn purge(&mut self, caller: &Caller, queue: &str) -> Outcome<u32> {
        let name = self.named_or_last(caller, queue)?;
        self.check_read(caller, Resource::Queue(&name))?;
        let id = self.vhost(caller)?.queue_id(&name)?;
        check_not_stream(self.accessible(caller, id)?, "queue.purge")?;
        Ok(clamp(self.drop_ready(id, DropReason::Purged)))
    }

    /// The queue that queue.delete names, if it is there and nothing speaks against it.
    fn deletable(
        &self,
        caller: &Caller,
        queue: &str,
        if_unused: bool,
        if_empty: bool,
    ) -> Outcome<Option<QueueId>> {
        let name = self.named_or_last(caller, queue)?;
        self.check_configure(caller, Resource::Queue(&name))?;
        let Ok(id) = self.vhost(caller)?.queue_id(&name) else { return Ok(None) };
        let queue = self.accessible(caller, id)?;
        let refuse = |why| {
            let text = format!("{} {why}", queue_in(&name, &caller.vhost));
            Err(Refusal::new(ReplyCode::PreconditionFailed, text))
        };
        if let (Kind::Quorum, Some(flag)) = (queue.kind, flag_of(if_unused, if_empty)) {
            let text = format!(
                "cannot delete {}. queue.delete operations with {flag} flag set are not supported by quorum queues",
                queue_in(&name, &caller.vhost)
            );
            return Err(Refusal::new(ReplyCode::NotImplemented, text));
        }
        let is_stream = queue.stream.is_some();
        // RabbitMQ deletes a stream whatever is in it and whoever reads it.
        if if_unused && !is_stream && !queue.consumers.is_empty() {
            return refuse("in use");
        }
        if if_empty && !is_stream && queue.has_ready() {
            return refuse("not empty");
        }
        Ok(Some(id))
    }

    /// Takes the ready messages out of a queue and forgets them; returns how many.
    pub(super) fn drop_ready(&mut self, id: QueueId, reason: DropReason) -> u64 {
        let Some(queue) = self.queues.get_mut(&id) else { return 0 };
        let dropped = queue.ready_count();
        let ready = queue.ready.take_all();
        let records = queue.stream.as_mut().map(|stream| stream.take_all()).unwrap_or_default();
        self.discard(id, ready, records, reason);
        self.set_queue_alarm(id);
        dropped
    }

    /// Removes a queue with its messages, bindings and consumers.
    pub(super) fn delete_queue(&mut self, id: QueueId, reason: QueueEnd) {
        self.work.charge(2 * cost::CHANGE);
        if self.ends_later(id, reason) {
            return;
        }
        let messages = self.drop_ready(id, DropReason::QueueDeleted);
        self.tell_unacked_are_gone(id);
        self.timers.set(Timer::Queue(id), None);
        let Some(queue) = self.queues.remove(&id) else { return };
        self.counted.0 -= queue.counted.0;
        self.counted.1 -= queue.counted.1;
        self.lined_up_bytes -= queue.lined_up_bytes;
        if queue.durable {
            self.record(|| Change::QueueGone(id));
        }
        if let Some(journal) = &mut self.journal {
            journal.forget_queue(id);
        }
        if self.has_name(&queue) {
            if let Some(vhost) = self.vhosts.get_mut(&queue.vhost) {
                vhost.queues.remove(&queue.name);
            }
            self.unbind_everywhere(&queue.vhost, Destination::Queue(queue.name.clone()));
        }
        if let Some(owner) = queue.owner.and_then(|owner| self.sessions.get_mut(&owner)) {
            owner.exclusive.remove(&id);
        }
        let (consumers, by_tag) = (queue.consumers.into_iter().collect(), OrdSet::new());
        self.cancel_consumers(Cancelled { queue: queue.name.clone(), consumers, by_tag });
        self.serve_pending_gets(id);
        self.forget_dead_letters(id);
        self.release_awaiting(id);
        let name = queue.name;
        self.events.emit(&queue.vhost, || Fact::QueueDeleted { queue: name, messages, reason });
    }

    /// Whether the queue can be found by its name: not when its virtual host is gone, even if there is another of that name.
    pub(super) fn has_name(&self, queue: &Queue) -> bool {
        let vhost = self.vhosts.get(&queue.vhost);
        vhost.is_some_and(|vhost| vhost.queues.get(&queue.name) == Some(&queue.id))
    }

    /// Deliveries of a queue that is about to go stay with their channels until they are settled, which changes
    /// nothing any more.
    fn tell_unacked_are_gone(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get(&id) else { return };
        if queue.unacked == 0 || !self.config.watched {
            return;
        }
        let channels = self.sessions.values().flat_map(|session| session.channels.values());
        let unacked = channels.flat_map(|channel| channel.unacked.values());
        for unacked in unacked.filter(|unacked| unacked.queue == id) {
            let (message, kept) = (unacked.entry.message.id, unacked.entry.kept);
            self.events.emit(&queue.vhost, || {
                let (queue, reason) = (queue.name.clone(), DropReason::QueueDeleted);
                if kept {
                    // The stream's own copy is dropped in another fact.
                    return Fact::ReadSettled { message, queue, acked: false };
                }
                Fact::Dropped { message, queue, reason, unacked: true }
            });
        }
    }

    /// The queue with this id, unless it is another connection's exclusive one.
    pub(super) fn accessible(&self, caller: &Caller, id: QueueId) -> Outcome<&Queue> {
        let queue = self.queues.get(&id).ok_or_else(|| {
            Refusal::new(ReplyCode::InternalError, format!("queue {id} has a name and no state"))
        })?;
        if !planted!(self.config, LockedQueueOpen) {
            queue.check_access(caller.connection)?;
        }
        Ok(queue)
    }

    /// The queue's name; an empty one stands for the latest that the channel declared (AMQP 0-9-1 reference,
    /// queue.bind.queue).
    pub(super) fn named_or_last(&self, caller: &Caller, queue: &str) -> Outcome<Name> {
        if !queue.is_empty() {
            return Ok(queue.into());
        }
        let channel = self.sessions.get(&caller.connection).and_then(|s| s.channels.get(&caller.channel));
        channel
            .and_then(|channel| channel.last_queue.clone())
            .ok_or_else(|| Refusal::new(ReplyCode::NotFound, "no previously declared queue"))
    }

    /// The binding key; with both names empty it is the latest queue's name.
    fn key_or_last(&self, caller: &Caller, queue: &str, routing_key: &str) -> Outcome<Name> {
        if queue.is_empty() && routing_key.is_empty() {
            return self.named_or_last(caller, queue);
        }
        Ok(routing_key.into())
    }
}

/// Only classic queues may leave their name to the broker (RabbitMQ).
fn check_server_named(asked: &Properties) -> Outcome {
    match kind_of(&asked.arguments) {
        Kind::Classic => Ok(()),
        other => {
            let text = format!("Cannot declare a server-named queue for type {}", other.module());
            Err(Refusal::new(ReplyCode::PreconditionFailed, text))
        }
    }
}

/// A count as the wire carries it.
pub(super) fn clamp(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The first flag of queue.delete, as RabbitMQ's texts name it.
fn flag_of(if_unused: bool, if_empty: bool) -> Option<&'static str> {
    if_unused.then_some("if-unused").or_else(|| if_empty.then_some("if-empty"))
}
