//! Class basic besides publishing and settling: consumers, basic.get and basic.qos (AMQP 0-9-1 reference,
//! section 1.8).

use super::{
    Broker,
    channel::{Caller, senseless},
    publish::encode_content,
    queue::clamp,
};
use crate::{
    Fact, Name, QueueId, ReplyCode,
    generated::generated_name,
    id::ConsumerId,
    queue::Consumer,
    refusal::{Outcome, Refusal, queue_in},
    session::Unacked,
    wire::{FieldTable, Method},
};

/// What basic.consume asks for.
struct Wish {
    tag: Name,
    no_ack: bool,
    exclusive: bool,
}

impl Broker {
    pub(super) fn basic_class(&mut self, caller: &Caller, method: Method<'_>) -> Outcome {
        match method {
            Method::BasicConsume { queue, consumer_tag, no_ack, exclusive, nowait, arguments, .. } => {
                check_arguments(&arguments)?;
                let tag = self.free_tag(caller, consumer_tag)?;
                self.consume(caller, queue, Wish { tag, no_ack, exclusive }, nowait)
            }
            Method::BasicCancel { consumer_tag, nowait } => {
                self.cancel(caller, consumer_tag);
                self.reply(caller, nowait, &Method::BasicCancelOk { consumer_tag });
                Ok(())
            }
            // The answer to the broker's own basic.cancel.
            Method::BasicCancelOk { .. } => Ok(()),
            Method::BasicGet { queue, no_ack, .. } => self.get(caller, queue, no_ack),
            Method::BasicQos { prefetch_size, prefetch_count, global } => {
                self.qos(caller, prefetch_size, prefetch_count, global)
            }
            Method::BasicRecover { requeue } => {
                self.check_recover(caller, requeue)?;
                self.reply(caller, false, &Method::BasicRecoverOk {});
                Ok(())
            }
            Method::BasicRecoverAsync { requeue } => self.check_recover(caller, requeue),
            _ => Err(senseless()),
        }
    }

    fn check_recover(&mut self, caller: &Caller, requeue: bool) -> Outcome {
        if !requeue {
            return Err(Refusal::new(ReplyCode::NotImplemented, "requeue=false"));
        }
        self.recover(caller.connection, caller.channel);
        Ok(())
    }

    fn free_tag(&mut self, caller: &Caller, tag: &str) -> Outcome<Name> {
        if tag.is_empty() {
            return Ok(generated_name("amq.ctag", &mut self.random));
        }
        match self.channel_mut(caller.connection, caller.channel) {
            Some(channel) if channel.consumers.contains_key(tag) => {
                let text = format!("attempt to reuse consumer tag '{tag}'");
                Err(Refusal::new(ReplyCode::NotAllowed, text))
            }
            _ => Ok(tag.into()),
        }
    }

    fn consume(&mut self, caller: &Caller, queue: &str, wish: Wish, nowait: bool) -> Outcome {
        let name = self.named_or_last(caller, queue)?;
        let queue_id = self.vhost(caller)?.queue_id(&name)?;
        let queue = self.accessible(caller, queue_id)?;
        if queue.exclusive_consumer.is_some() || (wish.exclusive && !queue.consumers.is_empty()) {
            let text = format!("{} in exclusive use", queue_in(&name, &caller.vhost));
            return Err(Refusal::new(ReplyCode::AccessRefused, text));
        }
        self.reply(caller, nowait, &Method::BasicConsumeOk { consumer_tag: &wish.tag });
        self.add_consumer(caller, queue_id, wish);
        self.dispatch(queue_id);
        Ok(())
    }

    fn add_consumer(&mut self, caller: &Caller, queue_id: QueueId, wish: Wish) {
        let &Caller { connection, channel, .. } = caller;
        self.latest.consumer += 1;
        let id = ConsumerId(self.latest.consumer);
        let Some(open) = self.channel_mut(connection, channel) else { return };
        open.consumers.insert(wish.tag.clone(), id);
        let prefetch = open.prefetch;
        let Wish { tag, no_ack, exclusive } = wish;
        let consumer = Consumer {
            queue: queue_id,
            connection,
            channel,
            tag,
            no_ack,
            prefetch,
            unacked: 0,
            parked: false,
        };
        let Some(queue) = self.queues.get_mut(&queue_id) else { return };
        queue.consumers.push(id);
        queue.turns.push_back(id);
        if exclusive {
            queue.exclusive_consumer = Some(id);
        }
        self.events.emit(&queue.vhost, || Fact::ConsumerStarted {
            consumer: consumer.address(),
            queue: queue.name.clone(),
            no_ack,
            exclusive,
            prefetch,
        });
        self.consumers.insert(id, consumer);
    }

    /// Ends a consumer; what it has unacked stays unacked. An unknown tag is no error (RabbitMQ).
    fn cancel(&mut self, caller: &Caller, tag: &str) {
        let Some(channel) = self.channel_mut(caller.connection, caller.channel) else { return };
        let Some(id) = channel.consumers.remove(tag) else { return };
        if let Some(queue) = self.end_consumer(id) {
            self.delete_if_unused(queue);
        }
    }

    fn get(&mut self, caller: &Caller, queue: &str, no_ack: bool) -> Outcome {
        let &Caller { connection, channel, .. } = caller;
        let name = self.named_or_last(caller, queue)?;
        let id = self.vhost(caller)?.queue_id(&name)?;
        self.accessible(caller, id)?;
        let Some(queue) = self.queues.get_mut(&id) else { return Ok(()) };
        let Some(entry) = queue.pop() else {
            self.reply(caller, false, &Method::BasicGetEmpty { cluster_id: "" });
            return Ok(());
        };
        let message_count = clamp(queue.ready_count());
        let Some(session) = self.sessions.get_mut(&connection) else { return Ok(()) };
        let Some(open) = session.channels.get_mut(&channel) else { return Ok(()) };
        let delivery_tag = open.next_tag();
        if session.out.is_empty() {
            self.unsent.push_back(connection);
        }
        let method = Method::BasicGetOk {
            delivery_tag: delivery_tag.0,
            redelivered: entry.redelivered,
            exchange: &entry.message.exchange,
            routing_key: entry.message.routing_key(),
            message_count,
        };
        method.encode(channel.0, &mut session.out);
        encode_content(&entry.message, channel, session.frame_max, &mut session.out);
        self.events.emit(&queue.vhost, || Fact::Got {
            message: entry.message.id,
            queue: queue.name.clone(),
            connection,
            channel,
            delivery_tag,
            redelivered: entry.redelivered,
            no_ack,
        });
        if no_ack {
            self.message_bytes -= entry.message.size();
        } else {
            queue.unacked += 1;
            open.unacked.insert(delivery_tag, Unacked { queue: id, consumer: None, entry });
        }
        Ok(())
    }

    /// `global` false: the prefetch of each consumer that starts from now on. `global` true: one prefetch shared by
    /// the channel's consumers. This is RabbitMQ's reading; the specification's is another.
    fn qos(&mut self, caller: &Caller, prefetch_size: u32, prefetch_count: u16, global: bool) -> Outcome {
        if prefetch_size != 0 {
            let text = format!("prefetch_size!=0 ({prefetch_size})");
            return Err(Refusal::new(ReplyCode::NotImplemented, text));
        }
        let Some(channel) = self.channel_mut(caller.connection, caller.channel) else { return Ok(()) };
        if global {
            channel.channel_prefetch = prefetch_count;
        } else {
            channel.prefetch = prefetch_count;
            channel.channel_prefetch = 0;
        }
        let consumers: Vec<ConsumerId> = channel.consumers.values().copied().collect();
        self.reply(caller, false, &Method::BasicQosOk {});
        self.wake(consumers);
        Ok(())
    }
}

/// Refuses what would change who is served and is not served yet.
fn check_arguments(arguments: &FieldTable) -> Outcome {
    if arguments.get("x-priority").is_none() {
        return Ok(());
    }
    let text = "invalid arg 'x-priority' of basic.consume: not supported by this version of Warren";
    Err(Refusal::new(ReplyCode::PreconditionFailed, text))
}
