//! basic.consume and basic.cancel: consumers begin and end (AMQP 0-9-1 reference, section 1.8).

use super::{Broker, channel::Caller, rights::Resource, stream::check_reader};
use crate::{
    Behaviour, Fact, Name, QueueId, ReplyCode,
    generated::generated_name,
    id::ConsumerId,
    queue::{Consumer, ConsumerArguments, Kind, Queue},
    refusal::{Outcome, Refusal, queue_in},
    wire::{FieldTable, Method},
};

/// What basic.consume asks for.
pub(super) struct Wish {
    pub(super) tag: Name,
    pub(super) no_ack: bool,
    pub(super) exclusive: bool,
    pub(super) nowait: bool,
}

impl Broker {
    /// The tag that the client wants, or one made up.
    pub(super) fn free_tag(&mut self, caller: &Caller, tag: &str) -> Outcome<Name> {
        if tag.is_empty() {
            return Ok(generated_name("amq.ctag", "-", &mut self.random));
        }
        match self.channel_mut(caller.connection, caller.channel) {
            Some(channel) if channel.consumers.contains_key(tag) => {
                let text = format!("attempt to reuse consumer tag '{tag}'");
                Err(Refusal::new(ReplyCode::NotAllowed, text))
            }
            _ => Ok(tag.into()),
        }
    }

    pub(super) fn consume(
        &mut self,
        caller: &Caller,
        name: &Name,
        wish: Wish,
        arguments: &FieldTable,
    ) -> Outcome {
        self.check_read(caller, Resource::Queue(name))?;
        let queue_id = self.vhost(caller)?.queue_id(name)?;
        let queue = self.accessible(caller, queue_id)?;
        let place = (name.as_str(), caller.vhost.as_str());
        let arguments =
            ConsumerArguments::read(queue.kind, place, arguments, (self.now.wall, self.config.behaviours()))?;
        self.check_prefetch(caller, queue, &wish)?;
        check_exclusive(queue, wish.exclusive)?;
        self.reply(caller, wish.nowait, &Method::BasicConsumeOk { consumer_tag: &wish.tag });
        self.add_consumer(caller, queue_id, wish, arguments);
        self.dispatch(queue_id);
        Ok(())
    }

    /// Streams need a prefetch, and neither they nor quorum queues know one that consumers share (RabbitMQ).
    fn check_prefetch(&self, caller: &Caller, queue: &Queue, wish: &Wish) -> Outcome {
        let channel = self.sessions.get(&caller.connection).and_then(|s| s.channels.get(&caller.channel));
        let Some(channel) = channel else { return Ok(()) };
        check_reader(queue, channel.prefetch, wish)?;
        if queue.kind != Kind::Classic && channel.channel_prefetch != 0 {
            let text = format!("{} does not support global qos", queue_in(&queue.name, &queue.vhost));
            return Err(Refusal::new(ReplyCode::NotImplemented, text));
        }
        Ok(())
    }

    fn add_consumer(&mut self, caller: &Caller, queue_id: QueueId, wish: Wish, arguments: ConsumerArguments) {
        let &Caller { connection, channel, .. } = caller;
        self.latest.consumer += 1;
        let id = ConsumerId(self.latest.consumer);
        let Some(open) = self.channel_mut(connection, channel) else { return };
        open.consumers.insert(wish.tag.clone(), id);
        let prefetch = open.prefetch;
        let Some(queue) = self.queues.get_mut(&queue_id) else { return };
        let Wish { tag, no_ack, .. } = wish;
        let exclusive = wish.exclusive && queue.kind == Kind::Classic;
        let consumer = Consumer {
            queue: queue_id,
            connection,
            channel,
            tag,
            no_ack,
            prefetch,
            priority: if planted!(self.config, ConsumerPriorityIgnored) { 0 } else { arguments.priority },
            timeout_ms: queue.delivery_timeout_ms(arguments.timeout_ms, &self.config),
            unacked: 0,
            overdue: 0,
            parked: None,
            #[cfg(feature = "planted-bugs")]
            bug: self.config.bug,
        };
        queue.add_consumer(id, consumer.priority);
        if exclusive && !planted!(self.config, ExclusiveNotHeld) {
            queue.exclusive_consumer = Some(id);
        }
        self.events.emit(&queue.vhost, || Fact::ConsumerStarted {
            consumer: consumer.address(),
            queue: queue.name.clone(),
            no_ack,
            exclusive,
            prefetch,
        });
        if let Some(stream) = &mut queue.stream {
            stream.attach(id, arguments.start, arguments.filter);
        }
        if queue.serves(id) {
            queue.turns.push(id, consumer.priority);
        }
        self.consumers.insert(id, consumer);
        self.choose_active(queue_id);
        self.set_queue_alarm(queue_id);
    }

    /// Ends a consumer; what it has unacked stays unacked. An unknown tag is no error (RabbitMQ).
    pub(super) fn cancel(&mut self, caller: &Caller, tag: &str) {
        let Some(channel) = self.channel_mut(caller.connection, caller.channel) else { return };
        if let Some(consumer) = channel.reply_consumer.take_if(|consumer| consumer.tag == tag) {
            return self.end_reply_consumer(&consumer);
        }
        let Some(id) = channel.consumers.remove(tag) else { return };
        if planted!(self.config, CancelForgotten) {
            return;
        }
        if let Some(queue) = self.end_consumer(id) {
            self.consumer_ended(queue);
        }
    }

    /// Sees to it that a queue with a single active consumer has one: who was first stays, of those that wait the one
    /// with the highest priority is next. In a quorum queue a higher priority takes over.
    pub(super) fn choose_active(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        if !queue.single_active {
            return;
        }
        let priority = |id: &ConsumerId| self.consumers.get(id).map_or(0, |consumer| consumer.priority);
        let Some(next) = queue.first_candidate() else { return };
        if let Some(active) = queue.active_consumer {
            let by_priority =
                queue.kind == Kind::Quorum && queue.compat.has(Behaviour::QuorumActiveByPriority);
            let taken_over = by_priority && priority(&next) > priority(&active);
            if !taken_over {
                return;
            }
            queue.turns.remove(active);
        }
        queue.active_consumer = Some(next);
        self.unpark(next);
        let Some(consumer) = self.consumers.get(&next) else { return };
        let Some(queue) = self.queues.get_mut(&id) else { return };
        queue.turns.push(next, consumer.priority);
        self.events.emit(&queue.vhost, || Fact::ConsumerActivated {
            consumer: consumer.address(),
            queue: queue.name.clone(),
        });
    }
}

/// Consumers of quorum queues and streams do not exclude each other, whatever they ask for (RabbitMQ).
fn check_exclusive(queue: &Queue, exclusive: bool) -> Outcome {
    if queue.kind != Kind::Classic {
        return Ok(());
    }
    let taken = queue.exclusive_consumer.is_some()
        || (exclusive && (!queue.consumers.is_empty() || queue.single_active));
    if taken {
        let text = format!("{} in exclusive use", queue_in(&queue.name, &queue.vhost));
        return Err(Refusal::new(ReplyCode::AccessRefused, text));
    }
    Ok(())
}
