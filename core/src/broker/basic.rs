//! Class basic besides publishing, consuming and settling: basic.get and basic.qos (AMQP 0-9-1 reference, section
//! 1.8).

use super::{
    Broker,
    channel::{Caller, senseless},
    consume::Wish,
    dispatch::delivered_properties,
    publish::encode_content_with,
    queue::clamp,
    reply_to::REPLY_TO,
    rights::Resource,
    stream::check_not_stream,
};
use crate::{
    Behaviour, ConnectionId, DeprecatedFeature, Fact, QueueId, ReplyCode,
    queue::{Kind, Queue},
    refusal::{Outcome, Refusal, queue_in},
    session::Unacked,
    wire::Method,
};

impl Broker {
    pub(super) fn basic_class(&mut self, caller: &Caller, method: Method<'_>) -> Outcome {
        match method {
            Method::BasicConsume { queue, consumer_tag, no_ack, exclusive, nowait, arguments, .. } => {
                let queue = self.named_or_last(caller, queue)?;
                let tag = self.free_tag(caller, consumer_tag)?;
                if queue == *REPLY_TO {
                    return self.consume_replies(caller, &tag, no_ack, nowait);
                }
                self.consume(caller, &queue, Wish { tag, no_ack, exclusive, nowait }, &arguments)
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
                check_recover(requeue)?;
                // The answer comes before what it brings back (RabbitMQ).
                self.reply(caller, false, &Method::BasicRecoverOk {});
                self.recover(caller.connection, caller.channel);
                Ok(())
            }
            Method::BasicRecoverAsync { requeue } => {
                check_recover(requeue)?;
                self.recover(caller.connection, caller.channel);
                Ok(())
            }
            _ => Err(senseless()),
        }
    }

    fn get(&mut self, caller: &Caller, queue: &str, no_ack: bool) -> Outcome {
        let name = self.named_or_last(caller, queue)?;
        self.check_read(caller, Resource::Queue(&name))?;
        let id = self.vhost(caller)?.queue_id(&name)?;
        let asked = self.accessible(caller, id)?;
        check_not_stream(asked, "basic.get")?;
        check_not_single_active(asked)?;
        let Some(queue) = self.queues.get_mut(&id) else { return Ok(()) };
        queue.last_used = self.now.instant;
        let is_unready = queue.is_unready(self.now.instant);
        if is_unready {
            self.drop_expired(id);
        }
        if !self.may_answer_get(caller.connection, id) {
            self.postpone_get(caller, id, no_ack);
        } else {
            self.get_from(caller, id, no_ack);
        }
        Ok(())
    }

    /// Whether basic.get can be answered now: the queue's first message is known, and the client has read what was sent.
    pub(super) fn may_answer_get(&self, connection: ConnectionId, queue: QueueId) -> bool {
        let window = self.config.send_window_bytes;
        let is_full = self.sessions.get(&connection).is_some_and(|session| session.window_full(window));
        let queue = self.queues.get(&queue);
        !is_full && queue.is_none_or(|queue| !queue.is_unready(self.now.instant))
    }

    /// Answers basic.get with the first message, if there is one.
    pub(super) fn get_from(&mut self, caller: &Caller, id: QueueId, no_ack: bool) {
        let &Caller { connection, channel, .. } = caller;
        let missed = |queue: &&mut Queue| planted!(self.config, GetMissesLast) && queue.ready.count() == 1;
        let entry = self.queues.get_mut(&id).filter(|queue| !missed(queue)).and_then(Queue::pop);
        let Some(entry) = entry else {
            self.set_queue_alarm(id);
            return self.reply(caller, false, &Method::BasicGetEmpty { cluster_id: "" });
        };
        let left = self.queues.get(&id).map_or(0, Queue::ready_count);
        // What it uncovers may have expired, and does not count any more; a quorum queue looks for that when the message is acked (RabbitMQ).
        self.drop_expired(id);
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let message_count =
            clamp(if queue.kind == Kind::Quorum && !no_ack { left } else { queue.ready_count() });
        let Some(session) = self.sessions.get_mut(&connection) else { return };
        let Some(open) = session.channels.get_mut(&channel) else { return };
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
        let (properties, body) = (delivered_properties(&entry, queue, true), entry.message.body());
        encode_content_with(&properties, body, channel, session.frame_max, &mut session.out);
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
            self.let_go(id, &entry);
        } else {
            queue.record_delivery(&entry, &mut self.journal);
            queue.unacked += 1;
            let timeout_ms = queue.delivery_timeout_ms(None, &self.config);
            let delivered_at = self.now.instant;
            let unacked = Unacked { queue: id, consumer: None, entry, delivered_at, timeout_ms };
            let due = unacked.due();
            open.unacked.insert(delivery_tag, unacked);
            self.watch_delivery((connection, channel), due);
        }
        self.keep_limits(id);
    }

    /// `global` false: the prefetch of each consumer that starts from now on. `global` true: one prefetch shared by
    /// the channel's consumers. This is RabbitMQ's reading; the specification's is another.
    fn qos(&mut self, caller: &Caller, prefetch_size: u32, prefetch_count: u16, global: bool) -> Outcome {
        if prefetch_size != 0 {
            let text = format!("prefetch_size!=0 ({prefetch_size})");
            return Err(Refusal::new(ReplyCode::NotImplemented, text));
        }
        let global = global && self.may_use(caller, DeprecatedFeature::GlobalQos);
        let shared = if planted!(self.config, SharedPrefetchIgnored) { 0 } else { prefetch_count };
        let Some(channel) = self.channel_mut(caller.connection, caller.channel) else { return Ok(()) };
        if global {
            channel.share_prefetch(shared);
        } else {
            channel.prefetch = prefetch_count;
            channel.share_prefetch(0);
        }
        self.reply(caller, false, &Method::BasicQosOk {});
        self.wake_channel(caller.connection, caller.channel);
        Ok(())
    }
}

/// A quorum queue would take basic.get for one more consumer (RabbitMQ, whose text this is).
fn check_not_single_active(queue: &Queue) -> Outcome {
    if queue.kind != Kind::Quorum || !queue.single_active {
        return Ok(());
    }
    let kind = if queue.compat.has(Behaviour::TypeAsTerm) { "<<\"quorum\">>" } else { "quorum" };
    let text = format!(
        "cannot obtain access to locked {}. basic.get operations are not supported by {kind} queues with single active \
         consumer",
        queue_in(&queue.name, &queue.vhost)
    );
    Err(Refusal::new(ReplyCode::ResourceLocked, text))
}

fn check_recover(requeue: bool) -> Outcome {
    if requeue { Ok(()) } else { Err(Refusal::new(ReplyCode::NotImplemented, "requeue=false")) }
}
